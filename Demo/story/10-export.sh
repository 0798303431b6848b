# 10, second part. Files for somebody who has no Satchel. Sourced by Demo/run.

story_export() {
  tell 'Ann takes her files along: as plain files, and as files for the age program, which is not ours.'
  age_by_itself
  export_plain
  export_age
}

age_by_itself() {
  local file=$health/$series
  key=$scratch/ann.key
  works 'a key for age is made, without a home' no-home age keygen -o "$key"
  quietly no-home age keygen -y "$key"
  recipient=$(cat "$out")
  check 'age itself says the same of the key' test "$(age-keygen -y "$key")" = "$recipient"
  works 'a file is sealed for it' no-home age encrypt -r "$recipient" -o "$scratch/series.age" "$file"
  check 'age opens what satchel sealed' opens_with_age "$scratch/series.age" "$file"
  age -r "$recipient" -a -o "$scratch/theirs.age" "$file"
  quietly no-home age decrypt -i "$key" "$scratch/theirs.age"
  check 'satchel opens what age sealed, in armor' cmp -s "$out" "$file"
  truncate -s -1 "$scratch/series.age"
  fails 'an age file that is cut short is not passed off as whole' 1 'cut short' \
    no-home age decrypt -i "$key" -o "$scratch/cut" "$scratch/series.age"
  check 'and leaves no file' test ! -e "$scratch/cut"
  fails 'a file that is none is called so' 1 'not an age file' no-home age decrypt -i "$key" "$key"
}

opens_with_age() { age -d -i "$key" "$1" 2>>"$err" | cmp -s - "$2"; }

export_plain() {
  works 'the vault is exported' ann-laptop vault export --to "$scratch/plain"
  check 'the list of the export says that it is complete' \
    test "$(json '$.complete' "$scratch/plain/satchel-export.json")" = 1
  check 'every file has the hash that the list says' plain_files_are_as_listed
  lines_max=3 works 'the same export again finds everything there' \
    ann-laptop vault export --to "$scratch/plain"
  fails 'another one does not mix with it' 1 'another export' \
    ann-laptop vault export "Health records/$series" --to "$scratch/plain"
}

# listed FOLDER EXPRESSION – of each file `j` in an export's list.
listed() {
  sqlite3 :memory: "SELECT $2 FROM (SELECT value AS j FROM json_each(
    CAST(readfile($(sql_text "$1/satchel-export.json")) AS TEXT), '\$.files'))"
}

plain_files_are_as_listed() {
  (cd "$scratch/plain" &&
    listed . "json_extract(j, '\$.blake2b') || '  ' || json_extract(j, '\$.name')" |
    b2sum -l 256 --check --strict --quiet)
}

export_age() {
  local folder=$scratch/for-age
  printf '# who may read it\n%s\n' "$recipient" >"$scratch/for-whom.txt"
  works 'the vault is exported as age files' \
    ann-laptop vault export --to "$folder" --age --recipients-file "$scratch/for-whom.txt"
  check 'age opens every one of them, to the same bytes' age_opens_all "$folder"
  check 'no plain file lies among them' \
    test -z "$(find "$folder" -type f ! -name '*.age' ! -name satchel-export.json)"
}

# Names may differ: one that is as long as a file system allows has to make room for its ending.
age_opens_all() {
  local sealed plain count=0
  while IFS= read -r sealed <&3 && IFS= read -r plain <&4; do
    opens_with_age "$1/$sealed" "$scratch/plain/$plain" || return
    count=$((count + 1))
  done 3< <(names_of "$1") 4< <(names_of "$scratch/plain")
  ((count > 0 && count == $(find "$1" -name '*.age' -type f | wc -l)))
}

names_of() { listed "$1" "json_extract(j, '\$.name')"; }
