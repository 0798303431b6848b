# 11. The last search, and a server that was tampered with. Sourced by Demo/run.

story_end() {
  local device
  chapter '11. The end'
  check 'at the end the running server holds nothing of it' holds_none any "$stage/server"
  server_stop
  check 'on SIGTERM the server ends with exit code 0 once more' test "$status" -eq 0
  check 'the stopped server holds nothing of it' holds_none any "$stage/server"
  run_server check --data "$stage/server"
  check 'satchel-server check finds nothing wrong' test "$status" -eq 0
  lock "${homes[@]}"
  for device in "${homes[@]}"; do
    check "at the end the locked home of $device holds nothing of it" \
      holds_none any "$stage/$device"
  done
  check_not 'no crash and no warning in what the server said' grep -qiE \
    'crash|fatal|backtrac|warning' "$scratch/server.err"
  altered_history
}

# Somebody at the server rewrites why the ticket was closed, in the log and in the table, and serves
# that to a device that has not seen it yet.
altered_history() {
  tell 'A copy of the server’s data is altered by hand: why the ticket was closed reads otherwise' \
    'now. A device that has not seen it yet syncs with that.'
  cp -a "$stage/server" "$scratch/altered-server"
  sqlite3 "$scratch/altered-server/server.db" >/dev/null <<'SQL'
UPDATE log SET entry = CAST(replace(CAST(entry AS TEXT), 'works again', 'is my fault') AS BLOB)
  WHERE instr(entry, CAST('works again' AS BLOB)) > 0;
UPDATE ticket SET status_reason = 'is my fault' WHERE status_reason = 'works again';
SQL
  run_server check --data "$scratch/altered-server"
  check 'satchel-server check finds what was altered' test "$status" -eq 1
  server_start 0 "$scratch/altered-server"
  unlock_copy behind ann-phone
  in_copy behind sync --server "$server_url"
  printf '\n  phone, behind$ satchel sync --server %s\n' "$server_url"
  indent "$out" 4
  indent "$err" 6
  check 'a device notices an altered log, and says so' test "$status" -ne 0 -a "$status" -ne 4
  in_copy behind ticket show 1
  check_not 'what was altered is not shown' said 'is my fault'
  in_copy behind status --json
  check 'the evidence of it is kept' test "$(json '$.evidence')" -ge 1
  lock_copy behind
  server_stop
}
