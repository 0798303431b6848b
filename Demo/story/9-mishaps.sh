# 9. Damage, and what becomes of it. Sourced by Demo/run.

story_mishaps() {
  chapter '9. Things that go wrong'
  damaged_copies
  second_process
  fast_clock
  server_dies
  lost_device
  lost_devices
}

# damage DEVICE FILE COMMAND… – does something to the first blob of a file in a home.
damage() {
  local name path
  name=$(blobs_of "$2" | head -n 1)
  path=$(find "$stage/$1/blobs" -type f -name "$name")
  "${@:3}" "$path"
}

alter() { printf 'X' | dd of="$1" bs=1 seek=$(($(stat -c %s "$1") / 2)) conv=notrunc status=none; }

damaged_copies() {
  tell 'On the phone one file’s ciphertext is altered by a byte, another one is cut off.'
  damage ann-phone "$letter" alter
  damage ann-phone "$series" truncate -s -7
  fails 'an altered file is not shown' 1 'altered' ann-phone vault cat "Health records/$letter"
  check 'not one byte of an altered file is shown' test ! -s "$out"
  fails 'a cut-off file is not shown' 1 '' ann-phone vault cat "Health records/$series"
  check 'not one byte of a cut-off file is shown' test ! -s "$out"
  fails 'an altered file is not written to the disk' 1 '' \
    ann-phone vault get "Health records/$letter" --to "$scratch/damaged"
  check 'not even a part of it' test -z "$(find "$scratch/damaged" -type f 2>/dev/null)"
  works 'the next sync fetches damaged files again' ann-phone sync
  quietly ann-phone vault get 'Health records' --to "$scratch/repaired"
  check 'after it all files are as they were' diff -r "$health" "$scratch/repaired/Health records"
}

second_process() {
  local lock_file
  exec {lock_file}<>"$stage/ann-laptop/lock"
  flock "$lock_file"
  fails 'a second process on the same home is turned away' 1 'another Satchel process' \
    ann-laptop vault ls
  exec {lock_file}>&-
  works 'and let in when the first has ended' ann-laptop vault ls
}

fast_clock() {
  tell 'The phone’s clock goes two hours ahead.'
  local SATCHEL_CLOCK_SHIFT_MS=$((2 * 3600 * 1000))
  export SATCHEL_CLOCK_SHIFT_MS
  works 'a device with a fast clock writes' ann-phone ticket comment 1 'Written on a fast clock.'
  works 'a device with a fast clock syncs' ann-phone sync
  unset SATCHEL_CLOCK_SHIFT_MS
  sync_each ann-phone berg
  quietly berg ticket show 1
  check 'what it wrote on the fast clock arrives' said 'Written on a fast clock.'
  works 'the device goes on with the right time' ann-phone ticket comment 1 'And on time.'
  sync_each ann-phone berg
  quietly berg ticket show 1
  check 'what it writes then arrives too' said 'And on time.'
}

server_blob_count() { find "$stage/server" -type f -path '*/blobs/*' 2>/dev/null | wc -l; }

server_dies() {
  local laptop before waited=0
  tell 'The server is killed while the laptop sends it 24 MiB.'
  head -c 25165824 /dev/urandom >"$health/video.bin"
  must ann-laptop vault add "$health/video.bin" --to 'Health records'
  before=$(server_blob_count)
  SATCHEL_HOME=$stage/ann-laptop "$satchel_bin_dir/satchel" sync >"$out" 2>"$err" </dev/null &
  laptop=$!
  # As soon as the first piece is on its way; there are four.
  until (($(server_blob_count) > before || ++waited > 1000)); do sleep 0.01; done
  kill -KILL "$server_pid"
  wait "$server_pid" 2>/dev/null || true
  server_pid=''
  status=0
  wait "$laptop" || status=$?
  indent "$err" 3
  check 'when the server dies in a transfer, sync says that it is not reachable' \
    test "$status" -eq 4
  server_start "$server_port"
  works 'the next sync sends the rest of the file' ann-laptop sync
  works 'the phone gets the file' ann-phone sync
  quietly ann-phone vault get 'Health records' --to "$scratch/after-kill"
  check 'nothing is lost in any file' diff -r "$health" "$scratch/after-kill/Health records"
}

lost_device() {
  local token code tablet device
  tell 'Ann gets a tablet, and loses it.'
  must ann-laptop device add
  token=$(cat "$out")
  home_for ann-tablet ann
  must ann-tablet init --server "$server_url" --join "$token" --no-wait \
    --password-file "$stage/passwords/ann-tablet"
  must ann-laptop device approve
  code=$(sed -n 's/.*short code: //p' "$out")
  must ann-laptop device approve --code "$code"
  must ann-tablet sync --password-file "$stage/passwords/ann-tablet"
  unlock ann-tablet
  quietly ann-tablet vault cat "Health records/$letter"
  check 'the tablet reads the vault' cmp -s "$out" "$health/$letter"
  quietly ann-tablet device ls
  tablet=$(sed -n '/this one/s/^ *\([0-9a-f]\{12\}\).*/\1/p' "$out")
  works 'device revoke takes the lost tablet out of the account' \
    ann-laptop device revoke "$tablet" --yes
  fails 'the tablet is told so' 3 'taken out of its account' ann-tablet sync
  check 'what it held is removed from it' \
    test -z "$(find "$stage/ann-tablet/blobs" -type f 2>/dev/null)"
  quietly ann-tablet vault cat "Health records/$letter"
  check 'it opens nothing any more' test "$status" -ne 0 -a ! -s "$out"
  sync_each ann-phone berg ann-laptop
  quietly ann-laptop status
  check 'every key that it had is replaced' grep -qE '^key debt +none' "$out"
  must ann-laptop ticket comment 1 'Written after the tablet was lost.'
  sync_each ann-laptop ann-phone berg
  for device in ann-phone berg; do
    quietly "$device" ticket show 1
    check "under the new keys $device reads on" said 'Written after the tablet was lost.'
  done
}
