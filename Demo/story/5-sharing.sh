# 5. Consent of both sides, sharing, notes. Sourced by Demo/run.

note_text='Looks good to me. Please bring the recording. kestrel-7319-note'
again_note='The third measurement stands out. kestrel-7319-again'

story_sharing() {
  chapter '5. Both sides consent; Ann shares files with Dr. Berg'
  consent_of_both
  compare_keys
  consent_declined
  share_files
  read_shared_files
  exchange_notes
  note_written_again
}

consent_of_both() {
  sync_each berg ann-laptop
  works 'the practitioner sees the proposal' berg consent ls
  fails 'before both have agreed nothing can be shared' 1 'no open engagement' \
    ann-laptop share "Health records/$letter" --with 'Dr. Berg' --can view
  works 'the practitioner accepts' berg consent accept
  sync_each berg ann-laptop
  works 'the client approves, with less and for a shorter time than proposed' \
    ann-laptop consent approve --can view,download,note --until 14d
  sync_each ann-laptop berg ann-phone
  works 'the consent holds, as the client wants it' berg consent ls
  check 'permissions and end are the client’s' consent_is_narrow
}

compare_keys() {
  local words
  tell 'For who Dr. Berg is Ann has the administrator’s word. They telephone.'
  quietly ann-laptop consent ls
  check 'who was not compared is marked' said 'Dr. Berg (unverified)'
  quietly berg key show --json
  words=$(json '$.words')
  works 'Dr. Berg reads out the words of his key' berg key show
  fails 'other words verify nobody' 5 'nothing was noted' \
    ann-laptop key verify 'Dr. Berg' --words "${words#* } abandon"
  works 'the same words verify him' ann-laptop key verify 'Dr. Berg' --words "$words"
  sync_each ann-laptop ann-phone
  quietly ann-phone consent ls
  check_not 'Ann’s other device knows it too' said '(unverified)'
}

consent_is_narrow() {
  quietly berg consent ls --json
  local latest=$(($(date +%s) + 15 * 24 * 3600))
  [[ $(json '$[0].status') == active && $(json '$[0].permissions') != *set_reminders* &&
    $(json '$[0].permissions') == *view_files* && $(json '$[0].until') -lt ${latest}000 ]]
}

# The consent of Cleo or Dora, as seen on a device.
consent_state() {
  quietly "$1" consent ls --json
  json_rows "json_extract(j, '\$.status')" 1 | tail -n 1
}

# The short id of the client of the latest assignment, whose name a practitioner does not know yet.
latest_client() {
  quietly berg consent ls --json
  json_rows "substr(json_extract(j, '\$.client'), 1, 12)" 1 | tail -n 1
}

consent_declined() {
  tell 'A “no” of either side is enough. Cleo declines what Dr. Berg accepted; Dr. Berg declines' \
    'what Dora approved.'
  must admin assign --practitioner 'Dr. Berg' --client Cleo --can view,download,note --until 60d
  sync_each berg cleo
  must berg consent accept "$(latest_client)"
  works 'the client can decline' cleo consent decline --reason 'I have another doctor'
  sync_each berg cleo berg
  check 'declined by the client, the consent is declined for both' \
    test "$(consent_state berg) $(consent_state cleo)" = 'declined declined'

  must admin assign --practitioner 'Dr. Berg' --client Dora --can view,download,note --until 60d
  sync_each dora berg
  must dora consent approve
  works 'the practitioner can decline' berg consent decline "$(latest_client)"
  sync_each dora berg dora
  check 'declined by the practitioner, it is declined for both' \
    test "$(consent_state berg) $(consent_state dora)" = 'declined declined'
  must dora vault add "$demo_dir/files/recording.png"
  fails 'nothing can be shared where one side declined' 3 'the consent was declined' \
    dora share recording.png --with 'Dr. Berg' --can view
}

share_files() {
  local until
  until=$(date -d '+10 days' +%F)
  fails 'more than the consent allows cannot be shared' 3 'does not allow this' \
    ann-laptop share "Health records/$letter" --with 'Dr. Berg' --can set_reminders
  works 'a file is shared until a day' ann-laptop share "Health records/$letter" \
    --with 'Dr. Berg' --until "$until" --can view,download,note
  works 'a second file is shared' ann-laptop share "Health records/$series" \
    --with 'Dr. Berg' --until "$until" --can view,download,note
  works 'a third file is shared only to look at' ann-laptop share "Health records/$image" \
    --with 'Dr. Berg' --until 7d --can view
  works 'the client lists what is shared' ann-laptop shares
  quietly ann-laptop shares --json
  check 'the client lists all three shares' \
    test "$(json_rows 'count(*)' "json_extract(j, '\$.state') = 'active'")" -eq 3
  sync_each ann-laptop berg
}

read_shared_files() {
  works 'the practitioner lists what is shared' berg shared ls
  quietly berg shared ls --json
  check 'the practitioner sees three files, and nothing else' test "$(json_rows 'count(*)')" -eq 3
  quietly berg sql --json 'SELECT (SELECT count(*) FROM file) + (SELECT count(*) FROM version)'
  check 'of the rest of the vault the practitioner has not one row' \
    test "$(json '$.rows[0][0]')" = 0
  quietly berg shared cat "$(basename "$letter")"
  check 'the practitioner opens the shared file: same bytes' cmp -s "$out" "$health/$letter"
  quietly berg shared cat "$(basename "$image")"
  check 'the practitioner opens the file to look at: same bytes' cmp -s "$out" "$health/$image"
  works 'the practitioner downloads' berg shared get "$(basename "$series")" --to "$scratch/berg"
  check 'the download has the same bytes' \
    cmp -s "$scratch/berg/$(basename "$series")" "$health/$series"
  fails 'a file to look at cannot be downloaded' 3 'does not allow this' \
    berg shared get "$(basename "$image")" --to "$scratch/berg"
  fails 'a file to look at takes no note' 3 'does not allow this' \
    berg note add "$(basename "$image")" 'Nice.'
  SATCHEL_CLOCK_SHIFT_MS=$((8 * 24 * 3600 * 1000)) fails 'after its end a share does not open' 3 \
    'expired' berg shared cat "$(basename "$image")"
  fails 'nor does it when his clock is set back' 3 'expired' \
    berg shared cat "$(basename "$image")"
  tell 'The next sync tells him what time it is.'
  sync_each berg
}

exchange_notes() {
  works 'the practitioner adds a note' berg note add "$(basename "$letter")" "$note_text"
  sync_each berg ann-laptop
  works 'the client lists the notes' ann-laptop note ls "Health records/$letter"
  check 'the client reads the practitioner’s note word for word' said "$note_text"
  sync_each ann-phone
  quietly ann-phone note ls
  check 'she reads it on her second device too' said "$note_text"
}

note_written_again() {
  local number
  tell 'Ann allows no notes any more, while Dr. Berg writes one; then she changes her mind.'
  must berg note add "$(basename "$series")" "$again_note"
  must ann-laptop consent approve --can view,download --until 14d
  sync_each ann-laptop
  fails 'a note that the consent no longer allows is refused' 5 'refused' berg sync
  quietly berg rejected ls --json
  number=$(json '$[0].number')
  fails 'while it is not allowed it is not written again' 5 'does not allow this' \
    berg rejected reissue "$number"
  must ann-laptop consent approve --can view,download,note --until 14d
  sync_each ann-laptop berg
  works 'rejected reissue writes a refused note again, as it was' \
    berg rejected reissue "$number"
  sync_each berg ann-laptop
  quietly ann-laptop note ls
  check 'now the note reaches Ann, word for word' said "$again_note"
  quietly berg rejected ls --json
  check 'it is not among the refused ones any more' test "$(json_rows 'count(*)')" -eq 0
}
