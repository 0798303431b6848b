# The stage: homes, the server process, and commands run as somebody. Sourced by Demo/run.
#
# satchel_bin_dir  where the programs lie
# stage            holds a home for each device, `server` and `passwords`
# scratch          what only the demo needs; always removed

homes=()
server_pid=''
server_url=''
status=0

# home_for DEVICE [PERSON] – a device, and the password file of the person that it belongs to.
home_for() {
  local device=$1 person=${2:-$1}
  homes+=("$device")
  mkdir -p "$stage/passwords"
  if [[ ! -e $stage/passwords/$person ]]; then
    (umask 077 && printf 'the password of %s, %s\n' "$person" "$RANDOM$RANDOM" \
      >"$stage/passwords/$person")
  fi
  [[ $device == "$person" ]] || ln -sf "$person" "$stage/passwords/$device"
}

# forget_home DEVICE – one that came to nothing.
forget_home() {
  local device kept=()
  for device in "${homes[@]}"; do [[ $device == "$1" ]] || kept+=("$device"); done
  homes=("${kept[@]}")
  rm -rf "${stage:?}/$1" "$stage/passwords/$1"
}

# quoted WORD… – as one would type it; invitations and other long words are cut.
quoted() {
  local word line='' plain='^[A-Za-z0-9_@%+=:,./-]+$'
  for word in "$@"; do
    word=${word//"$scratch/"/}
    word=${word//"$stage/"/}
    ((${#word} <= 60)) || [[ $word == *' '* ]] || word="${word:0:28}…"
    [[ $word =~ $plain ]] || word="'${word//\'/\'\\\'\'}'"
    line+=" $word"
  done
  printf '%s' "${line# }"
}

# indent FILE LINES – the beginning of a text, cut to the width of a page.
indent() {
  local line count=0
  [[ -s $1 ]] || return 0
  while IFS= read -r line || [[ -n $line ]]; do
    if ((++count > $2)); then
      printf '      …\n'
      return 0
    fi
    ((${#line} <= 108)) || line="${line:0:107}…"
    printf '      %s\n' "$line"
  done < <(head -c 20000 "$1" | tr -d '\000')
}

# quietly DEVICE COMMAND… – runs satchel; leaves `status`, and its output in $out and $err.
quietly() {
  local device=$1
  shift
  status=0
  SATCHEL_HOME=$stage/$device "$satchel_bin_dir/satchel" "$@" \
    >"$out" 2>"$err" </dev/null || status=$?
}

# as DEVICE COMMAND… – the same, and shows the command and what it said, up to `lines_max` lines.
as() {
  printf '\n  %s$ satchel %s\n' "$1" "$(quoted "${@:2}")"
  quietly "$@"
  indent "$out" "${lines_max:-12}"
  indent "$err" 5
  ((status == 0)) || printf '      (exit %d)\n' "$status"
}

# works NAME DEVICE COMMAND… – runs it, and expects it to be done.
works() {
  as "${@:2}"
  check "$1" test "$status" -eq 0
}

# fails NAME CODE TEXT DEVICE COMMAND… – runs it, and expects this exit code and this in `error:`.
fails() {
  as "${@:4}"
  check "$1" failed_with "$2" "$3"
}

failed_with() { [[ $status -eq $1 ]] && grep -qiF -- "$2" "$err" && grep -q '^error: ' "$err"; }

# said TEXT – whether the last command printed it.
said() { grep -qF -- "$1" "$out"; }

# warned TEXT – whether the last command said it on standard error.
warned() { grep -qF -- "$1" "$err"; }

# must DEVICE COMMAND… – a step that nothing works without: ends the demo where it fails.
must() {
  as "$@"
  ((status == 0)) || give_up "the step above failed, and all that follows needs it"
}

give_up() {
  record "$1" NO
  exit 1
}

# unlock DEVICE… – an agent for each home, so that no further command asks for the password.
unlock() {
  local device
  for device in "$@"; do
    quietly "$device" unlock --for 1h --password-file "$stage/passwords/$device"
    ((status == 0)) || give_up "$device can be unlocked"
  done
}

# lock DEVICE… – the agents forget the keys and end.
lock() {
  local device
  for device in "$@"; do quietly "$device" lock; done
}

# keep_copy DEVICE COPY – all that a device has at this time.
keep_copy() {
  lock "$1"
  mkdir -p "$scratch/copies"
  rm -rf "$scratch/copies/$2"
  cp -a "$stage/$1" "$scratch/copies/$2"
  unlock "$1"
}

# in_copy COPY COMMAND… – runs satchel on a copy of a home; shows nothing.
in_copy() {
  local copy=$1
  shift
  status=0
  SATCHEL_HOME=$scratch/copies/$copy "$satchel_bin_dir/satchel" "$@" \
    >"$out" 2>"$err" </dev/null || status=$?
}

unlock_copy() {
  in_copy "$1" unlock --for 1h --password-file "$stage/passwords/$2"
  ((status == 0)) || give_up "the copy $1 can be unlocked"
}

lock_copy() { in_copy "$1" lock; }

# sync_each DEVICE… – each in turn, shown shortly; one that fails ends up as a failed check.
sync_each() {
  local device
  for device in "$@"; do
    quietly "$device" sync
    printf '  %s$ satchel sync\n' "$device"
    indent "$out" 6
    indent "$err" 4
    ((status == 0)) || record "$device syncs (exit $status)" NO
  done
}

# server_start [PORT [DATA]] – serves, and waits for the address.
server_start() {
  local listen=127.0.0.1:${1:-0} data=${2:-$stage/server} waited=0
  printf '\n  server$ satchel-server serve --data %s --listen %s\n' "${data##*/}" "$listen"
  # An older address must not be read for the new one.
  : >"$scratch/server.out"
  "$satchel_bin_dir/satchel-server" serve --data "$data" --listen "$listen" \
    >"$scratch/server.out" 2>>"$scratch/server.err" </dev/null &
  server_pid=$!
  until grep -q '^listening on ' "$scratch/server.out" || ((++waited > 200)); do
    kill -0 "$server_pid" 2>/dev/null || break
    sleep 0.05
  done
  indent "$scratch/server.out" 3
  server_url=$(sed -n 's/^listening on //p' "$scratch/server.out")
  [[ -n $server_url ]] || give_up 'the server starts'
}

# run_server COMMAND… – runs satchel-server, shown like the others; leaves `status`.
run_server() {
  printf '\n  server$ satchel-server %s\n' "$(quoted "$@")"
  status=0
  "$satchel_bin_dir/satchel-server" "$@" >"$out" 2>"$err" </dev/null || status=$?
  indent "$out" 12
  indent "$err" 5
}

# server_stop – SIGTERM, then waits; leaves its exit code in `status`.
server_stop() {
  status=0
  printf '\n  server$ kill -TERM %d\n' "$server_pid"
  kill -TERM "$server_pid"
  wait "$server_pid" || status=$?
  server_pid=''
}

# Ends what the demo started, whatever happened.
stage_clear() {
  [[ -z $server_pid ]] || { kill -TERM "$server_pid" 2>/dev/null && wait "$server_pid"; } || true
  lock "${homes[@]}" || true
  local copy
  for copy in "$scratch"/copies/*; do
    [[ ! -d $copy ]] || lock_copy "${copy##*/}" || true
  done
}
