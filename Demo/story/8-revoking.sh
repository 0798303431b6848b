# 8. Taking back. Sourced by Demo/run.

late_note='One more remark on the letter. kestrel-7319-late'
last_note='And one on the measurements. kestrel-7319-last'
changed_line='Added after Dr. Berg was shut out: kestrel-7319-after'

story_revoking() {
  chapter '8. Ann takes back what she shared'
  keep_copy berg before
  revoke_file
  change_file
  withdraw_consent
  keep_copy berg after
  try_with_old_copies
}

# The id of a file of Ann’s, by its name there.
file_id() {
  quietly ann-laptop vault ls "Health records/$1" --json
  json '$[0].id'
}

# blobs_of FILE – the names of the blobs of a file's latest version, one a line.
blobs_of() {
  local id
  id=$(file_id "$1")
  quietly ann-laptop sql --json \
    "SELECT blobs FROM version WHERE file = x'$id' ORDER BY record DESC LIMIT 1"
  sqlite3 :memory: "SELECT value FROM json_each(json_extract(
    json_extract(CAST(readfile($(sql_text "$out")) AS TEXT), '\$.rows[0][0]'), '\$'))"
}

# holds_blobs PLACE NAME… – whether one of these lies below the place; the server appends the owner.
holds_blobs() {
  local name
  for name in "${@:2}"; do
    [[ -z $(find "$1" -type f -name "$name*" -size +0) ]] || return 0
  done
  return 1
}

revoke_file() {
  mapfile -t letter_blobs < <(blobs_of "$letter")
  check 'before the revocation the practitioner holds the file’s ciphertext' \
    holds_blobs "$stage/berg/blobs" "${letter_blobs[@]}"
  works 'Ann revokes one file' ann-laptop revoke "Health records/$letter" --from 'Dr. Berg'
  sync_each ann-laptop
  tell 'Dr. Berg does not know yet, and writes a note on it.'
  must berg note add "$(basename "$letter")" "$late_note"
  fails 'what the practitioner wrote meanwhile is refused' 5 'refused' berg sync
  works 'the refused note is listed, with the reason' berg rejected ls
  quietly berg rejected ls --json
  check 'nothing else was refused' test "$(json_rows 'count(*)')" -eq 1
  rejected_number=$(json '$[0].number')
  works 'the refused note is shown' berg rejected show "$rejected_number"
  check 'the refused note is shown word for word' said "$late_note"
  works 'the refused note is exported' \
    berg rejected export "$rejected_number" --to "$scratch/rejected.json"
  check 'the export is JSON with the text and the reason' \
    export_is_whole "$scratch/rejected.json" "$late_note"
  letter_is_gone
  quietly berg shared cat "$(basename "$series")"
  check 'the other shared file still opens' cmp -s "$out" "$health/$series"
}

export_is_whole() {
  is_json "$1" && grep -qF -- "$2" "$1" && [[ -n $(json '$.refusal.explanation' "$1") ]]
}

letter_is_gone() {
  fails 'the practitioner cannot open the file any more' 3 'revoked' \
    berg shared cat "$(basename "$letter")"
  check_not 'the file’s ciphertext is gone from the practitioner’s home' \
    holds_blobs "$stage/berg" "${letter_blobs[@]}"
  sync_each ann-laptop ann-phone
  quietly ann-laptop note ls --json
  check_not 'the refused note has not reached Ann' grep -qF "$late_note" "$out"
  works 'Ann sees what is revoked' ann-laptop shares --all
}

change_file() {
  cp -- "$health/$letter" "$scratch/old letter"
  tell 'Ann changes the file. The new version has a key of its own.'
  printf '%s\n' "$changed_line" >>"$health/$letter"
  needle_text bytes "$changed_line"
  works 'a new version is added after the revocation' \
    ann-laptop vault add "$health/$letter" --to 'Health records'
  sync_each ann-laptop berg ann-phone
  quietly ann-phone vault cat "Health records/$letter"
  check 'Ann’s phone opens the new version' cmp -s "$out" "$health/$letter"
  mapfile -t changed_blobs < <(blobs_of "$letter")
  letter_id=$(file_id "$letter")
  check 'the new version is another ciphertext' test "${changed_blobs[0]}" != "${letter_blobs[0]}"
  check 'the server has the new ciphertext' holds_blobs "$stage/server" "${changed_blobs[@]}"
  check_not 'the practitioner does not have it' holds_blobs "$stage/berg" "${changed_blobs[@]}"
}

withdraw_consent() {
  tell 'Now Ann withdraws her whole consent. Dr. Berg writes one more note before he hears of it.'
  works 'Ann withdraws her whole consent' ann-laptop consent revoke --reason 'I am moving away'
  sync_each ann-laptop
  must berg note add "$(basename "$series")" "$last_note"
  purged_while_locked
  fails 'unlocked, his sync says that his last note was refused' 5 'refused' berg sync
  quietly berg rejected ls --json
  check 'both refused notes are kept' test "$(json_rows 'count(*)')" -eq 2
  quietly berg rejected export "$(json_rows "json_extract(j, '\$.number')" | sort -n | tail -n 1)"
  check 'the last one can be exported, although the keys are gone' \
    export_is_whole "$out" "$last_note"
  quietly berg shared ls --json
  check 'nothing is shared with the practitioner any more' test "$(json_rows 'count(*)')" -eq 0
  fails 'Ann cannot share with him any more' 3 'the consent was withdrawn' \
    ann-laptop share "Health records/$series" --with 'Dr. Berg' --can view
  works 'the tickets with the team go on' berg ticket show 1
  sync_each ann-phone
  quietly ann-phone consent ls --json
  check 'Ann’s phone knows of the withdrawal' test "$(json '$[0].status')" = revoked
}

purged_while_locked() {
  tell 'His device is locked when it hears of it.'
  lock berg
  works 'a locked device purges what it may no longer hold' berg sync
  check 'a locked device says what it removed' said 'removed from this device'
  quietly berg sql --json \
    'SELECT (SELECT count(*) FROM share) + (SELECT count(*) FROM note)'
  check 'no row of the engagement is left in the practitioner’s home' \
    test "$(json '$.rows[0][0]')" = 0
  check 'no ciphertext is left there' test -z "$(find "$stage/berg/blobs" -type f)"
  quietly berg status --json
  check 'what the practitioner has not sent yet stays' test "$(json '$.pending')" = 1
  unlock berg
}
