# Reads what `--json` printed, with SQLite's own JSON functions. Sourced by Demo/run.

# sql_text TEXT – TEXT as an SQL literal.
sql_text() { printf "'%s'" "${1//\'/\'\'}"; }

# json PATH [FILE] – one value of a JSON document; the last command's where no file is named.
json() {
  sqlite3 :memory: "SELECT json_extract(readfile($(sql_text "${2:-$out}")), $(sql_text "$1"))"
}

# json_rows EXPRESSION [CONDITION] – of each element `j` of the last command's JSON array.
json_rows() {
  sqlite3 :memory: "SELECT $1 FROM (SELECT value AS j FROM
    json_each(CAST(readfile($(sql_text "$out")) AS TEXT))) WHERE ${2:-1}"
}

# is_json FILE – whether it is one valid JSON document.
is_json() {
  [[ $(sqlite3 :memory: "SELECT json_valid(CAST(readfile($(sql_text "$1")) AS TEXT))") == 1 ]]
}

# lists_json NAME DEVICE COMMAND… – the command with `--json` prints one valid document.
lists_json() {
  quietly "${@:2}" --json
  if ((status == 0)) && is_json "$out"; then record "$1" yes; else record "$1" NO; fi
}
