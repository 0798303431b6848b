# 2. Invitations. Sourced by Demo/run.

story_invitations() {
  local berg ann cleo dora
  must admin invite --role practitioner --name 'Dr. Berg'
  berg=$(cat "$out")
  must admin invite --role client --name Ann
  ann=$(cat "$out")
  must admin invite --role client --name Cleo
  cleo=$(cat "$out")
  must admin invite --role client --name Dora
  dora=$(cat "$out")
  works 'invitations that nobody used yet are listed' admin invite ls
  check 'all four invitations are pending' pending_invitations 4
  check 'an invitation holds for seven days' invitation_days 7
  refused_invitations "$ann"

  tell 'Dr. Berg, Ann, Cleo and Dora join, each on a device of their own.'
  home_for berg
  home_for ann-laptop ann
  home_for cleo
  home_for dora
  join berg "$berg" 'Dr. Berg'
  join ann-laptop "$ann" 'Ann Lee'
  fails 'a password is never taken from the command line' 2 'unknown option' cleo \
    init --server "$server_url" --invite "$cleo" --name Cleo --password swordfish
  works 'it is taken from a descriptor, for scripts' cleo \
    init --server "$server_url" --invite "$cleo" --name Cleo --password-fd 3 \
    3<"$stage/passwords/cleo"
  join dora "$dora" Dora
  unlock berg ann-laptop cleo dora
  used_invitation "$ann"

  tell 'The administrator’s device checks who joined, and proposes whom to link.'
  must admin sync
  quietly admin invite ls
  check 'after all have joined no invitation is pending' pending_invitations 0
  must admin team propose 'Dr. Berg'
  sync_each berg
  must berg team start
  sync_each admin
  must admin casework open --client Ann
  must admin assign --practitioner 'Dr. Berg' --client Ann \
    --can view,download,note,set_reminders --until 60d
}

pending_invitations() {
  quietly admin invite ls --json
  [[ $(json_rows 'count(*)' "json_extract(j, '\$.stage') = 'pending'") == "$1" ]]
}

# invitation_days DAYS – when the first of the listed ones, or the one just made, expires.
invitation_days() {
  local seconds
  seconds=$(($(json '$[0].expires')0 / 10000 - $(date +%s)))
  ((seconds > $1 * 86400 - 600 && seconds <= $1 * 86400))
}

# A home that came to nothing is not left behind.
leaves_no_home() { [[ ! -e $stage/$1/replica.db ]]; }

refused_invitations() {
  home_for nobody
  tell 'What does not work: a piece of an invitation, one that is too old, one for another role.'
  fails 'a cut-off invitation is refused' 2 'not a whole invitation' nobody \
    init --server "$server_url" --invite "${1%????}" --password-file "$stage/passwords/nobody"
  tell 'The clock of this device goes eight days ahead:'
  SATCHEL_CLOCK_SHIFT_MS=$((8 * 24 * 3600 * 1000)) \
    fails 'an expired invitation is refused, with the reason' 5 'has expired' nobody \
    init --server "$server_url" --invite "$1" --password-file "$stage/passwords/nobody"
  fails 'a client cannot use an invitation as a practitioner' 5 'for another role: client' \
    nobody init --server "$server_url" --invite "$1" --role practitioner \
    --password-file "$stage/passwords/nobody"
  check 'a refused invitation leaves no home behind' leaves_no_home nobody
}

used_invitation() {
  fails 'an invitation works once' 5 'used' nobody \
    init --server "$server_url" --invite "$1" --password-file "$stage/passwords/nobody"
  check 'an invitation that was used already leaves no home behind' leaves_no_home nobody
  forget_home nobody
}
