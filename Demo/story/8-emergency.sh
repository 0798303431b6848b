# 8b. A deposit for an emergency, opened once. Sourced by Demo/run.

story_emergency() {
  chapter '8b. An emergency'
  tell 'Ann wants her files to be read if she cannot say so herself. Her key is sealed to the' \
    'emergency team, and once more under a share that only the server holds.'
  local client
  quietly ann-laptop status --json
  client=$(sed -n 's/.*"account": *"\([0-9a-f]\{16\}\).*/\1/p' "$out")
  must admin emergency team Cardiology
  must ann-laptop sync
  must ann-laptop emergency deposit on
  works 'the drill says that it could be opened' berg emergency drill
  fails 'nothing is opened without a reason that says something' 1 'at least' \
    berg emergency open "$client" --type medical --reason 'because'
  works 'the team and the server open it together' \
    berg emergency open "$client" --type medical --hours 2 \
    --reason 'Found unconscious; her allergies are not known here.'
  works 'a file is read' \
    berg emergency get "$client" "Health records/$letter" --to "$scratch/emergency"
  check 'it is the file' cmp -s "$health/$letter" "$scratch/emergency/$(basename "$letter")"
  works 'Ann’s laptop syncs' ann-laptop sync
  check 'she is told who opened it, and why' said 'has opened your vault'
  must berg emergency close "$client"
  fails 'after the end nothing is released' 1 'no emergency' berg emergency files "$client"
  works 'Ann’s laptop replaces the key' ann-laptop sync
  check 'she is told of the end' said 'has ended'
  must ann-laptop emergency deposit off
  must ann-laptop sync
  must ann-phone sync
}
