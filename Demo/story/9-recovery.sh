# 9. Every device is lost, and a page of words is left. Sourced by Demo/run.

lost_devices() {
  local kit=$scratch/kit.txt next=$scratch/next-kit.txt
  tell 'Ann makes a recovery kit: words on one page, which she prints and puts into a drawer.'
  must ann-laptop recovery kit --text "$kit" --svg "$scratch/kit.svg"
  check 'only its owner can read the page' test "$(stat -c %a "$kit")" = 600
  check 'the kit has 24 words' test "$(grep -oE '[0-9]+\. [a-z]+' "$kit" | wc -l)" -eq 24
  works 'a drill finds that the kit would bring everything back' \
    ann-laptop recovery drill --kit "$kit"
  works 'a second kit is made' ann-laptop recovery kit --text "$scratch/second-kit.txt"
  fails 'it counts after seven days only, so that no thief is rid of the first one at once' 5 \
    'does not count yet' ann-laptop recovery drill --kit "$scratch/second-kit.txt"
  tell 'She writes on, and then has nothing left but the page in the drawer.'
  must ann-laptop ticket comment 1 'Written after the kit.'
  sync_each ann-laptop berg
  home_for ann-new ann
  works 'recovery restore brings the account back on an empty machine' ann-new recovery restore \
    --kit "$kit" --text "$next" --password-file "$stage/passwords/ann-new"
  check 'it says that nobody else has confirmed yet what the server shows' \
    warned 'nobody else has confirmed'
  unlock ann-new
  quietly ann-new vault get 'Health records' --to "$scratch/restored"
  check 'every file is there again' diff -r "$health" "$scratch/restored/Health records"
  quietly ann-new ticket show 1
  check 'and what was written after the kit was made' said 'Written after the kit.'
  fails 'a used kit is good for nothing' 5 'was used' ann-laptop recovery drill --kit "$kit"
  works 'the next kit stands' ann-new recovery drill --kit "$next"
  as ann-phone sync
  check 'her other devices are told' said 'was restored with the recovery kit'
  sync_each ann-laptop berg
  must berg ticket comment 1 'Good to hear from you.'
  sync_each berg ann-new
  quietly ann-new status
  check_not 'once somebody else has written, the state is known to be fresh' \
    said 'nobody else has confirmed'
  quietly ann-laptop status
  check 'every key that the kit opened is replaced' grep -qE '^key debt +none' "$out"
}
