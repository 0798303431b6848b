# Planted words and pieces of files, and the search for them in every usual encoding. Sourced by
# Demo/run.
#
# A needle is a string of bytes, kept as a file: $scratch/needles/<kind>/<number>. Its patterns, one
# a line, are all that could be found of it: raw, UTF-16 either way, hexadecimal in both cases,
# Base64 and Base64url in all three alignments.

needle_count=0

# needle KIND – plants what comes on standard input.
needle() {
  local file
  needle_count=$((needle_count + 1))
  file=$(printf '%s/needles/%s/%03d' "$scratch" "$1" "$needle_count")
  mkdir -p "${file%/*}" "$scratch/patterns"
  cat >"$file"
  patterns_of "$file" >>"$scratch/patterns/$1"
}

# needle_text KIND TEXT
needle_text() { needle "$1" < <(printf "%s" "$2"); }

# needle_from FILE – a piece of 16 bytes out of a file, one that does not occur by chance.
needle_from() {
  local size offset step piece=$scratch/piece
  size=$(stat -c %s "$1")
  step=$((size / 60 + 1))
  for ((offset = size / 3; offset + 16 <= size; offset += step)); do
    tail -c "+$((offset + 1))" "$1" | head -c 16 >"$piece" || true
    if is_distinctive "$piece"; then
      needle bytes <"$piece"
      return 0
    fi
  done
  tell "$(basename "$1") is too short or too uniform to take a piece of."
}

# Enough different bytes, and no end of a line, because a pattern is a line.
is_distinctive() {
  local bytes
  bytes=$(od -An -v -tx1 -w1 "$1" | sort -u)
  [[ $bytes != *0a* ]] && (($(wc -l <<<"$bytes")  >= 7))
}

hex_of() { od -An -v -tx1 "$1" | tr -d ' \n'; }

# wide_of FILE BE|LE – as UTF-16; bytes that are no UTF-8 count as Latin-1.
wide_of() {
  local from=UTF-8
  iconv -f UTF-8 -t UTF-16LE "$1" >/dev/null 2>&1 || from=LATIN1
  iconv -f "$from" -t "UTF-16$2" "$1"
}

# base64_core FILE SHIFT – what the Base64 of every text holds that has the needle at an offset that
# leaves SHIFT when divided by three.
base64_core() {
  local text length
  text=$({ head -c "$2" /dev/zero && cat "$1"; } | base64 -w 0)
  text=${text%%=*}
  length=$(($2 + $(stat -c %s "$1")))
  # The first characters hold bits of what stands before; the last one of what stands behind.
  case $2 in 1) text=${text:2} ;; 2) text=${text:3} ;; esac
  ((length % 3 == 0)) || text=${text%?}
  printf '%s' "$text"
}

patterns_of() {
  local shift core
  cat "$1" && printf '\n'
  wide_of "$1" LE && printf '\n'
  wide_of "$1" BE && printf '\n'
  hex_of "$1" && printf '\n'
  hex_of "$1" | tr a-f A-F && printf '\n'
  for shift in 0 1 2; do
    core=$(base64_core "$1" "$shift")
    # Less would be found by chance.
    ((${#core} >= 8)) || continue
    printf '%s\n%s\n' "$core" "$(tr '+/' '-_' <<<"$core")"
  done
}

# found PATTERNS PLACE… – the files in which any of the patterns stands, one a line; fails where not
# all could be searched.
found() {
  local code=0
  LC_ALL=C grep -rlaF -f "$1" -- "${@:2}" || code=$?
  ((code <= 1))
}

# holds_none KIND PLACE… – whether nothing of this kind, or of `any` kind, stands in the places.
holds_none() {
  local hits patterns=$scratch/patterns/$1
  if [[ $1 == any ]]; then
    patterns=$scratch/patterns.all
    cat "$scratch"/patterns/* >"$patterns"
  fi
  hits=$(found "$patterns" "${@:2}") || return 1
  [[ -z $hits ]] && return 0
  printf '      found in: %s\n' "$hits"
  return 1
}

# amid FILE COUNT – so many bytes before it, and some behind.
amid() { head -c "$2" <<<abc && cat "$1" && printf xyz; }

# disguises FILE DIRECTORY – the needle as a part of something longer, in each encoding.
disguises() {
  local shift name=$2/${1##*/}
  amid "$1" 3 >"$name.raw"
  wide_of "$1" LE >"$name.utf16le"
  wide_of "$1" BE >"$name.utf16be"
  amid "$1" 3 | od -An -v -tx1 | tr -d ' \n' >"$name.hex"
  tr a-f A-F <"$name.hex" >"$name.HEX"
  for shift in 0 1 2; do
    amid "$1" "$shift" | base64 -w 0 >"$name.base64-$shift"
    tr '+/' '-_' <"$name.base64-$shift" >"$name.base64url-$shift"
  done
}

# search_is_able – whether the search finds each needle in each disguise, and nothing in noise.
search_is_able() {
  local file missed code=0 hidden=$scratch/hidden
  mkdir -p "$hidden"
  for file in "$scratch"/needles/*/*; do disguises "$file" "$hidden"; done
  cat "$scratch"/patterns/* >"$scratch/patterns.all"
  missed=$(LC_ALL=C grep -rLaF -f "$scratch/patterns.all" -- "$hidden") || code=$?
  printf '      %d planted words and pieces of files, in %d disguises\n' \
    "$needle_count" "$(find "$hidden" -type f | wc -l)"
  head -c 4000000 /dev/urandom >"$scratch/noise"
  [[ -z $missed ]] || printf '      not found: %s\n' "$missed"
  ((code <= 1)) && [[ -z $missed ]] && holds_none any "$scratch/noise"
}
