# 8, continued: what somebody gets who kept everything. Sourced by Demo/run.

try_with_old_copies() {
  tell 'Dr. Berg’s home was copied before the revocation, and after it. Next to each copy goes' \
    'the ciphertext of the changed file, as a thief at the server could hand it out.'
  try_server_with_copy
  add_ciphertext before
  add_ciphertext after
  local copy
  unlock_copy before berg
  in_copy before shared cat "$(basename "$letter")"
  check 'the copy opens the old version: what was delivered cannot be taken back' \
    cmp -s "$out" "$scratch/old letter"
  for copy in before after; do
    unlock_copy "$copy" berg
    check_not "with the copy from $copy the changed file does not open" opens_changed "$copy"
  done
  point_share_at_change content
  in_copy before shared ls --json
  check 'bent by hand, the old share names the new ciphertext' test \
    "$(json_rows "json_extract(j, '\$.bytes')" "json_extract(j, '\$.file') = '$letter_id'")" \
    = "$(stat -c %s "$health/$letter")"
  check_not 'the bent share does not open the changed file' opens_changed before
  point_share_at_change whole
  check_not 'nor with the new key wrap put next to it' opens_changed before
  for copy in before after; do lock_copy "$copy"; done
}

# The copy from before, without its cached files: what the server still hands out to it.
try_server_with_copy() {
  cp -a "$scratch/copies/before" "$scratch/copies/server"
  find "$scratch/copies/server/blobs" -type f -delete
  unlock_copy server berg
  in_copy server sync
  printf '  copy-before$ satchel sync\n'
  indent "$out" 6
  indent "$err" 4
  check 'to a copy of his old home the server hands neither wrap nor ciphertext' \
    test -z "$(find "$scratch/copies/server/blobs" -type f)"
  in_copy server shared cat "$(basename "$series")"
  check 'without them the copy opens nothing' test "$status" -ne 0 -a ! -s "$out"
  lock_copy server
}

# Where a home looks for them: in the same place as Ann’s.
add_ciphertext() {
  local name path
  for name in "${changed_blobs[@]}"; do
    path=$(cd "$stage/ann-laptop" && find blobs -type f -name "$name")
    mkdir -p "$scratch/copies/$1/${path%/*}"
    cp -- "$stage/ann-laptop/$path" "$scratch/copies/$1/$path"
  done
}

# opens_changed COPY – whether any command gives anything of the changed line.
opens_changed() {
  local code=1 name
  name=$(basename "$letter")
  rm -rf "$scratch/loot"
  in_copy "$1" shared cat "$name"
  indent "$err" 2
  ! grep -qaF "$changed_line" "$out" || code=0
  in_copy "$1" shared get "$name" --to "$scratch/loot"
  [[ ! -d $scratch/loot ]] || ! grep -rqaF "$changed_line" "$scratch/loot" || code=0
  return "$code"
}

# point_share_at_change WHAT – the old share in the copy from before is bent to name what is public
# of the new version: its ciphertext and commitment, and with `whole` its key wrap too.
point_share_at_change() {
  local wrap=''
  [[ $1 != whole ]] || wrap=', content_wrap = (SELECT wrap FROM new)'
  lock_copy before
  sqlite3 "$scratch/copies/before/replica.db" >/dev/null <<SQL
ATTACH $(sql_text "$stage/ann-laptop/replica.db") AS ann;
CREATE TEMP TABLE new AS SELECT * FROM ann.version
  WHERE file = (SELECT file FROM ann.version GROUP BY file HAVING count(*) > 1)
  ORDER BY record DESC LIMIT 1;
INSERT OR IGNORE INTO wrap SELECT share.space, ann.wrap.hash, ann.wrap.bytes, 1
  FROM ann.wrap, share, new WHERE ann.wrap.hash = new.wrap AND share.file = new.file;
UPDATE share SET content_version = (SELECT record FROM new),
  content_blobs = (SELECT blobs FROM new), content_length = (SELECT length FROM new),
  content_commitment = (SELECT commitment FROM new)$wrap
  WHERE file = (SELECT file FROM new);
SQL
  unlock_copy before berg
}
