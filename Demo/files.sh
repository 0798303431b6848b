# The files that the story is about. Sourced by Demo/run.
#
# “Health records” holds copies, because the story changes one of them.
#   letter  shared, revoked, and changed afterwards
#   series  shared until the consent ends
#   image   shared to look at, not to download

big_file='long recording.txt'

prepare_files() {
  health="$scratch/Health records"
  mkdir -p "$health"
  if [[ -n $own_files ]]; then
    (cd -- "$own_files" && find . -type f -exec cp --parents -t "$health" -- {} +)
    choose_own
  else
    cp -- "$demo_dir"/files/* "$health"
    letter='discharge letter.pdf' series='blood pressure.csv' image='recording.png'
    make_big_file >"$health/$big_file"
  fi
}

# The first three that can be told apart by their names alone.
choose_own() {
  local path name chosen=() taken=' '
  while IFS= read -r -d '' path; do
    name=${path##*/}
    [[ $name != -* && $name != *[[:cntrl:]]* && $taken != *"/$name/"* ]] || continue
    taken+="/$name/ "
    chosen+=("$path")
  done < <(find "$health" -type f -size +23c -printf '%P\0' | sort -z)
  ((${#chosen[@]} >= 3)) || usage "$own_files holds fewer than three files of 24 bytes or more"
  letter=${chosen[0]} series=${chosen[1]} image=${chosen[2]}
}

# 24 MiB that are the same in every run, and do not compress to nothing: three blobs of the vault.
make_big_file() {
  awk 'BEGIN {
    for (line = 0; line < 393216; line++) {
      text = sprintf("%03d ", line % 1000)
      # Lehmer’s generator, 1951: within what a double holds exactly.
      for (part = 0; part < 6; part++) {
        state = (line + part == 0 ? 7319 : state * 16807 % 2147483647)
        text = text sprintf("%09d ", state % 1000000000)
      }
      if (line % 4096 == 2048) text = "reference kestrel-7319-recording " text
      print substr(text, 1, 63)
    }
  }'
}
