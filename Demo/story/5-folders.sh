# 5, continued. A folder is shared with what comes into it; access is asked for; receipts. Sourced by
# Demo/run. Leaves the shares of chapter 5 as they were.

request_reason='Before our talk on Monday. kestrel-7319-reason'
denial_text='Please ask me in person. kestrel-7319-denial'

story_folders() {
  share_folder
  ask_for_access
  take_folder_back
}

# How many files the practitioner can open now.
opened_count() {
  quietly berg shared ls --json
  json_rows 'count(*)' "json_extract(j, '\$.state') = 'active'"
}

share_folder() {
  tell 'Ann shares a folder: what lies in it, and what comes into it later, from either device.'
  mkdir -p "$scratch/diary"
  printf 'slept well\n' >"$scratch/diary/monday.txt"
  printf 'headache in the evening\n' >"$scratch/diary/tuesday.txt"
  must ann-laptop vault add "$scratch/diary/monday.txt" --to Diary
  works 'a folder is shared' ann-laptop share Diary --with 'Dr. Berg' --can view --active
  sync_each ann-laptop ann-phone
  must ann-phone vault add "$scratch/diary/tuesday.txt" --to Diary
  sync_each ann-phone berg ann-laptop
  check 'a file that another device adds later follows' test "$(opened_count)" -eq 5
  quietly berg shared cat tuesday.txt
  check 'the practitioner opens it: same bytes' cmp -s "$out" "$scratch/diary/tuesday.txt"
  works 'the client sees what stands' ann-laptop shares --standing
  works 'the client sees when which device fetched what' ann-laptop shares
  check_not 'each shared file was fetched' said 'never'
  must ann-laptop vault mv Diary/monday.txt /
  sync_each ann-laptop berg
  check 'a file that is moved out is not shared any more' test "$(opened_count)" -eq 4
}

ask_for_access() {
  tell 'Dr. Berg asks for a file, with the reason.'
  fails 'nothing is asked without a reason' 1 'needs a reason' \
    berg request Ann --file monday.txt --reason ' '
  works 'the practitioner asks' berg request Ann --file monday.txt --reason "$request_reason"
  sync_each berg
  works 'the client’s sync says so' ann-laptop sync
  check 'it names who asks' said 'asks for access'
  works 'the client reads the request' ann-laptop requests
  check 'she reads the reason word for word' said "$request_reason"
  works 'she approves it, for three days' ann-laptop approve --until 3d
  sync_each ann-laptop berg
  quietly berg shared cat monday.txt
  check 'the practitioner opens the file' cmp -s "$out" "$scratch/diary/monday.txt"
  must berg request Ann --reason 'May I see all of it?'
  sync_each berg ann-phone
  works 'she denies another one, on her phone' ann-phone deny --message "$denial_text"
  sync_each ann-phone berg ann-laptop
  works 'the practitioner sees both answers' berg requests
  check 'he reads why, word for word' said "$denial_text"
}

take_folder_back() {
  works 'the folder is taken back' ann-laptop revoke Diary --from 'Dr. Berg'
  must ann-laptop revoke monday.txt --from 'Dr. Berg'
  sync_each ann-laptop
  works 'the receipt says what is known so far' ann-laptop shares --receipts
  check 'nobody has seen his device since' said 'not seen since'
  sync_each berg ann-laptop
  check 'the shares of before are left' test "$(opened_count)" -eq 3
  works 'the receipt says what his device has reported' ann-laptop shares --receipts
  check 'it has reported that it let go' said 'reported purged'
  check_not 'nothing is left open' said 'not seen since'
}
