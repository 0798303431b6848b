# What is expected, whether it held, and the table at the end. Sourced by Demo/run.

check_names=()
check_results=()
check_chapters=()
checks_failed=0
checks_are_shown=no
check_chapter=''

# chapter TITLE – a heading; checks belong to the chapter that they stand in.
chapter() {
  check_chapter=${1%%.*}
  printf '\n\n%s\n%s\n' "$1" "${1//?/=}"
}

# tell TEXT… – what happens now, as one would tell it.
tell() { printf '\n%s\n' "$*" | fold -s -w 100; }

# record NAME yes|NO – a line of the table at the end.
record() {
  check_names+=("$1")
  check_chapters+=("$check_chapter")
  check_results+=("$2")
  if [[ $2 == yes ]]; then
    printf '  [yes] %s\n' "$1"
  else
    checks_failed=$((checks_failed + 1))
    printf '  [NO ] %s\n' "$1"
  fi
}

# check NAME COMMAND… – holds if the command succeeds.
check() {
  local name=$1
  shift
  if "$@"; then record "$name" yes; else record "$name" NO; fi
}

# check_not NAME COMMAND… – holds if the command fails.
check_not() {
  local name=$1
  shift
  if "$@"; then record "$name" NO; else record "$name" yes; fi
}

# The table of everything that was checked; succeeds if all of it held.
checks_table() {
  local i
  checks_are_shown=yes
  printf '\n\nWhat was checked\n================\n'
  for ((i = 0; i < ${#check_names[@]}; i++)); do
    printf '%-3s | %2s | %s\n' "${check_results[i]}" "${check_chapters[i]}" "${check_names[i]}"
  done
  printf '\n%d checks, %d held, %d did not.\n' \
    "${#check_names[@]}" "$((${#check_names[@]} - checks_failed))" "$checks_failed"
  ((checks_failed == 0 && ${#check_names[@]} > 0))
}
