# 10. What a person can look up. Sourced by Demo/run.

story_looking() {
  chapter '10. Looking at what is there'
  lines_max=24 works 'status says where the device stands' ann-laptop status
  status_is_complete ann-laptop
  works 'audit shows every attempt to reach a file' berg audit --last 6
  lines_max=40 works 'history shows every write of a record, with clocks' \
    ann-laptop history 1 --clocks
  everything_verifies
  sql_is_useful
  password_and_logout
  wrong_commands
  every_listing_as_json
}

status_is_complete() {
  local field
  quietly "$1" status --json
  for field in pending last_sync conflicts refused 'spaces[0].version_vector'; do
    check "status knows: $field" test -n "$(json "\$.$field")"
  done
}

everything_verifies() {
  local device
  for device in ann-laptop ann-phone berg; do
    works "check verifies all that $device holds, and that the server agrees" "$device" check
    check "it finds nothing wrong on $device" said 'all is well'
    works "audit evidence ls of $device" "$device" audit evidence ls
    check "the server has told $device nothing that an honest one does not" warned 'there is none'
  done
  run_server schema check "$repository/Schemas"
  check 'schema check finds nothing wrong in the record types' test "$status" -eq 0
}

sql_is_useful() {
  works 'sql reads the real tables, and opens sealed columns' ann-laptop sql \
    'SELECT number, unseal(title) AS title, severity, status_state FROM ticket'
  check 'sql shows the title in the clear' said "$phone_title"
  works 'without unseal the same column is ciphertext' ann-laptop sql \
    'SELECT hex(title) FROM ticket'
  check_not 'the ciphertext says nothing' said "$phone_title"
  fails 'sql cannot write' 3 'reads' ann-laptop sql "UPDATE ticket SET severity = 'minor'"
  fails 'sql cannot read keys' 3 'reads' ann-laptop sql 'SELECT * FROM key_ring'
  lock ann-laptop
  fails 'a locked home unseals nothing' 3 'locked' ann-laptop sql \
    'SELECT unseal(title) FROM ticket'
  works 'a locked home answers what is open' ann-laptop sql 'SELECT number, severity FROM ticket'
  unlock ann-laptop
}

password_and_logout() {
  local old=$stage/passwords/dora next=$scratch/next
  tell 'Dora changes her password, and logs out.'
  (umask 077 && printf 'a quite different sentence\n' >"$next")
  fails 'a wrong old password changes nothing' 3 'wrong password' \
    dora password change --password-file "$next" --new-password-file "$next"
  works 'the password is changed' \
    dora password change --password-file "$old" --new-password-file "$next"
  fails 'the old one opens nothing any more' 3 'wrong password' dora people --password-file "$old"
  works 'the new one does' dora people --password-file "$next"
  works 'Dora logs out' dora logout
  fails 'who is logged out does nothing here' 3 'logged out' dora sync --password-file "$next"
  works 'she logs in again' dora login --password-file "$next"
  must dora password change --password-file "$next" --new-password-file "$old"
  unlock dora
}

wrong_commands() {
  fails 'an unknown command is a usage error' 2 'frobnicate' ann-laptop frobnicate
  check 'an unknown command gets a hint' grep -q '^hint: ' "$err"
  fails 'an unknown option too' 2 'sparkle' ann-laptop vault ls --sparkle
  check 'an unknown option gets a hint' grep -q '^hint: ' "$err"
}

every_listing_as_json() {
  local listing words
  tell 'Every listing as JSON: one valid document each.'
  while read -r device listing; do
    read -ra words <<<"$listing"
    lists_json "JSON: $listing, of $device" "$device" "${words[@]}"
  done <<'LIST'
admin invite ls
admin people
admin team ls
admin consent ls
ann-laptop device ls
ann-laptop people
ann-laptop consent ls
ann-laptop vault ls
ann-laptop vault ls --recursive
ann-laptop shares
ann-laptop note ls
ann-laptop ticket ls
ann-laptop ticket show 1
ann-laptop conflicts
ann-laptop history 1
ann-laptop rejected ls
ann-laptop audit
ann-laptop audit evidence ls
ann-laptop check
ann-laptop status
ann-laptop sync
berg shared ls
berg rejected ls
berg team ls
berg ticket ls --all
berg audit
LIST
  quietly ann-laptop sql --json 'SELECT * FROM ticket, _sibling'
  check 'JSON: sql' is_json "$out"
}
