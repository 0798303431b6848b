# 7. What the server and locked devices hold. Sourced by Demo/run.

# Everything that was to be kept from the server: words that stand in the files, in names, titles
# and texts, and pieces out of the middle of each file.
plant_needles() {
  local file
  for file in pdf png csv markdown recording; do
    [[ -n $own_files ]] || needle_text bytes "kestrel-7319-$file"
  done
  while IFS= read -r -d '' file; do
    needle_from "$file"
    plant_name "$(basename "$file")"
  done < <(find "$health" -type f -size +23c -print0)
  plant_name "$(basename "$health")"
  needle_text notes "$note_text"
  needle_text notes "$again_note"
  needle_text notes "$offline_note"
  needle_text titles "$ticket_title"
  needle_text titles "$laptop_title"
  needle_text titles "$phone_title"
  needle_text comments "$comment_text"
  plant_passwords
}

# Shorter names stand in random bytes by chance.
plant_name() { ((${#1} < 8)) || needle_text names "$1"; }

plant_passwords() {
  local file
  for file in "$stage"/passwords/*; do
    [[ -L $file ]] || needle_text passwords "$(cat "$file")"
  done
}

story_blindness() {
  local device
  chapter '7. What the server holds, and what a locked device holds'
  plant_needles
  check 'the search finds each word in each encoding, and nothing in noise' search_is_able
  check_not 'the search finds the files themselves' holds_none bytes "$health"
  search_server
  tell 'All homes are locked, and searched too.'
  lock "${homes[@]}"
  fails 'a locked home opens nothing' 3 'locked' ann-laptop vault cat "Health records/$letter"
  fails 'a wrong password opens nothing' 3 'wrong password' \
    ann-laptop vault cat "Health records/$letter" --password-file "$stage/passwords/berg"
  for device in "${homes[@]}"; do
    check "the locked home of $device holds none of it" holds_none any "$stage/$device"
  done
  works 'a locked device still syncs, to take in and to purge' ann-phone sync
  check 'a locked device says that it sends nothing' warned 'locked'
  unlock "${homes[@]}"
}

# The server runs: what it has not moved from its write-ahead log yet is searched too.
search_server() {
  tell "The server’s data directory: $(du -sh "$stage/server" | cut -f 1)," \
    "$(find "$stage/server" -type f | wc -l) files, among them:" \
    "$(cd "$stage/server" && find . -name '*.db*' -size +0 -printf '%f ')"
  check 'the server’s write-ahead log is searched too' server_has_wal
  check 'the server holds none of the files’ bytes' holds_none bytes "$stage/server"
  check 'the server holds none of the names of files and folders' holds_none names "$stage/server"
  check 'the server holds none of the notes' holds_none notes "$stage/server"
  check 'the server holds none of the titles of tickets' holds_none titles "$stage/server"
  check 'the server holds none of the comments' holds_none comments "$stage/server"
  check 'the server holds none of the passwords' holds_none passwords "$stage/server"
}

server_has_wal() { [[ -n $(find "$stage/server" -name '*-wal' -size +0) ]]; }
