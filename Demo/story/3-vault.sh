# 3 and 4. Files in the vault, and a second device. Sourced by Demo/run.

story_vault() {
  chapter '3. Ann adds her files on the laptop, with the server stopped'
  server_stop
  check 'on SIGTERM the server ends with exit code 0' test "$status" -eq 0
  works 'a folder is added without the server' ann-laptop vault add "$health"
  works 'the vault lists it' ann-laptop vault ls 'Health records' --long
  check 'the vault lists all files of the folder' vault_holds_health
  quietly ann-laptop vault cat "Health records/$letter"
  check 'cat gives back the same bytes' cmp -s "$out" "$health/$letter"
  works 'get writes the whole folder to the disk' \
    ann-laptop vault get 'Health records' --to "$scratch/got"
  check 'get writes the same bytes in every file' diff -r "$health" "$scratch/got/Health records"
  vault_housekeeping
  vault_odd_files
  fails 'sync says that the server is not reachable, and that nothing is lost' 4 \
    'cannot be reached' ann-laptop sync
  check 'the hint says that the work is kept' grep -q '^hint: .*kept' "$err"
  server_start "$server_port"
  works 'the next sync sends it' ann-laptop sync
  quietly ann-laptop status --json
  check 'after the sync nothing is left to send' \
    test "$(json '$.pending') $(json '$.blobs_to_upload')" = '0 0'
}

vault_holds_health() {
  quietly ann-laptop vault ls 'Health records' --recursive --json
  [[ $(json_rows 'count(*)' "json_extract(j, '\$.kind') = 'file'") == \
    "$(find "$health" -type f | wc -l)" ]]
}

vault_housekeeping() {
  local draft=$scratch/draft.txt
  printf 'Ask about the travel vaccination. Reference kestrel-7319-draft.\n' >"$draft"
  must ann-laptop vault add "$draft" --to Drafts
  works 'a file is renamed and moved' \
    ann-laptop vault mv Drafts/draft.txt 'Health records/to ask.txt'
  quietly ann-laptop vault cat 'Health records/to ask.txt'
  check 'a renamed file keeps its content' cmp -s "$out" "$draft"
  works 'a file is deleted' ann-laptop vault rm 'Health records/to ask.txt'
  fails 'a deleted file is not there any more' 1 'there is no' \
    ann-laptop vault cat 'Health records/to ask.txt'
  works 'a folder is deleted' ann-laptop vault rm Drafts --recursive
  works 'adding the same file again changes nothing' \
    ann-laptop vault add "$health/$letter" --to 'Health records'
  check 'adding the same file again says “unchanged”' said unchanged
}

# An empty file, a name with a line break, a name as long as a file system allows.
vault_odd_files() {
  local odd=$scratch/Odd
  mkdir "$odd"
  : >"$odd/empty"
  printf 'one\n' >"$odd"/$'two\nlines.txt'
  printf 'two\n' >"$odd/$(printf '🗂%.0s' {1..63})"
  works 'odd names and an empty file are no problem' ann-laptop vault add "$odd"
  check 'line breaks in names do not break the listing' test "$(wc -l <"$out")" -eq 3
  quietly ann-laptop vault get Odd --to "$scratch/got"
  check 'odd names and an empty file come back as they were' diff -r "$odd" "$scratch/got/Odd"
  fails 'adding a file that is not there fails, and names it' 1 nothing-here \
    ann-laptop vault add nothing-here
}

story_second_device() {
  local token code seen phone
  chapter '4. Ann’s phone joins her account'
  tell 'A member of the family could be invited too, for fourteen days.'
  quietly ann-laptop invite --role family --name Bea --json
  quietly ann-laptop invite ls --json
  check 'an invitation for the family holds fourteen days' invitation_days 14
  must ann-laptop device add
  token=$(cat "$out")
  home_for ann-phone ann
  must ann-phone init --server "$server_url" --join "$token" --no-wait \
    --password-file "$stage/passwords/ann-phone"
  works 'the laptop sees that a device asks' ann-laptop device approve
  seen=$(sed -n 's/.*short code: //p' "$out")
  fails 'before the approval the phone gets nothing' 3 'nobody has approved' \
    ann-phone sync --password-file "$stage/passwords/ann-phone"
  code=$(sed -n 's/^short code: //p' "$out")
  check 'the phone shows a short code' grep -qxE '[0-9]{6,}' <<<"$code"
  check 'the laptop shows the same' test "$seen" = "$code"
  fails 'with another code the laptop lets nobody in' 5 'codes differ' \
    ann-laptop device approve --code "$(another_code "$code")"
  works 'with the code that both show, the laptop lets it in' \
    ann-laptop device approve --code "$code"
  works 'the phone belongs to the account' \
    ann-phone sync --password-file "$stage/passwords/ann-phone"
  unlock ann-phone
  works 'both devices are listed' ann-phone device ls
  quietly ann-phone device ls --json
  check 'and no third one' test "$(json_rows 'count(*)')" -eq 2
  quietly ann-phone device ls
  phone=$(sed -n '/this one/s/^ *\([0-9a-f]\{12\}\).*/\1/p' "$out")
  must ann-phone device rename "$phone" 'Ann’s phone'
  sync_each ann-phone ann-laptop
  quietly ann-laptop device ls
  check 'the laptop knows the phone by its name' grep -q "^ *$phone.*Ann’s phone" "$out"
  works 'the phone lists the files' ann-phone vault ls 'Health records' --long
  works 'the phone opens every file' ann-phone vault get 'Health records' Odd --to "$scratch/phone"
  check 'the phone reads the same bytes in every file' \
    diff -r "$health" "$scratch/phone/Health records"
  check 'the odd files too' diff -r "$scratch/Odd" "$scratch/phone/Odd"
}

another_code() { printf "%0${#1}d" $(((10#$1 + 1) % 10 ** ${#1})); }
