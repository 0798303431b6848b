# 1. The operator. Sourced by Demo/run.

story_beginning() {
  chapter '1. The operator sets up a server'
  local admin_token
  operator_init
  admin_token=$(cat "$out")
  check 'init prints one invitation, and nothing else, on standard output' \
    grep -qxE 'satchel-invite-[A-Za-z0-9_-]+' "$out"
  operator_init
  check_not 'a second init on the same data is refused' test "$status" -eq 0
  server_start
  check 'serve on port 0 prints the address that it got' \
    grep -qxE 'listening on http://127\.0\.0\.1:[1-9][0-9]*' "$scratch/server.out"
  server_port=${server_url##*:}

  chapter '2. The administrator founds the organisation and invites people'
  home_for admin
  fails 'an invitation for another role is refused, with the reason' 5 \
    'for another role: admin' admin \
    init --server "$server_url" --invite "$admin_token" --role client \
    --password-file "$stage/passwords/admin"
  join admin "$admin_token" 'Ada Quill'
  unlock admin
  must admin org create 'St. Elmo Clinic'
  must admin team create Cardiology
}

operator_init() {
  printf '\n  server$ satchel-server init --data server\n'
  status=0
  "$satchel_bin_dir/satchel-server" init --data "$stage/server" >"$out" 2>"$err" || status=$?
  indent "$out" 3
  indent "$err" 3
}

# join DEVICE TOKEN NAME – a new account, with a password from a file.
join() {
  must "$1" init --server "$server_url" --invite "$2" --name "$3" \
    --password-file "$stage/passwords/$1"
}
