# 6. Work on three devices without a server. Sourced by Demo/run.

ticket_title='The recorder does not start (kestrel-7319-title)'
laptop_title='The recorder starts now, after charging (kestrel-7319-laptop)'
phone_title='The recorder does not start with a cold battery (kestrel-7319-phone)'
comment_text='Please send the device back to us. kestrel-7319-comment'
offline_note='Compared it with last year: unchanged. kestrel-7319-offline-note'

story_offline() {
  chapter '6. Three devices work while there is no server'
  open_ticket
  tell 'The server stops. Each of the three goes on working.'
  server_stop
  check 'on SIGTERM the server ends with exit code 0 again' test "$status" -eq 0
  work_offline
  server_start "$server_port"
  sync_in_any_order
  same_everywhere
  conflict_shown
  conflict_settled
}

open_ticket() {
  works 'the client opens a ticket with the team' \
    ann-laptop ticket new --title "$ticket_title" --severity minor
  sync_each ann-laptop berg ann-phone
  works 'the practitioner lists the ticket' berg ticket ls
  check 'the practitioner reads its title' said "$ticket_title"
  # Words that were just written may change hands once more: keys, then what they seal.
  sync_each ann-laptop
}

work_offline() {
  # For the end of the story: a device that has seen nothing of what comes now.
  keep_copy ann-phone behind
  quietly berg shared cat "$(basename "$letter")"
  check 'offline the practitioner opens the shared file' cmp -s "$out" "$health/$letter"
  works 'offline the practitioner adds a note' berg note add "$(basename "$letter")" "$offline_note"
  works 'offline the practitioner raises the severity' berg ticket set 1 --severity critical
  works 'offline the practitioner comments' berg ticket comment 1 "$comment_text"
  works 'offline the client closes the same ticket' \
    ann-laptop ticket close 1 --reason 'works again'
  works 'offline the client edits its title' ann-laptop ticket set 1 --title "$laptop_title"
  works 'offline the client’s phone edits the title too' \
    ann-phone ticket set 1 --title "$phone_title"
  fails 'offline the phone cannot sync' 4 'cannot be reached' ann-phone sync
  works 'offline status says what waits' ann-laptop status
  quietly ann-laptop status --json
  check 'offline status counts what waits' test "$(json '$.pending')" -ge 2
}

sync_in_any_order() {
  local round order
  for round in 1 2 3; do
    mapfile -t order < <(shuf -e ann-laptop ann-phone berg)
    tell "Round $round, in the order that fell out: ${order[*]}."
    sync_each "${order[@]}"
  done
}

# rows DEVICE QUERY – what a device answers, as JSON.
rows() {
  quietly "$1" sql --json "$2"
  ((status == 0)) && cat "$out"
}

# same_rows NAME QUERY DEVICE… – all of them answer the same, and not nothing.
same_rows() {
  local name=$1 query=$2 first other device
  first=$(rows "$3" "$query") || first=''
  shift 2
  for device in "${@:2}"; do
    other=$(rows "$device" "$query") || other='?'
    [[ -n $first && $first == "$other" ]] || first=''
  done
  check "$name" grep -q '^ *\[$' <<<"$first"
}

same_everywhere() {
  local three=(ann-laptop ann-phone berg)
  same_rows 'every replica shows the same ticket, sealed title included' \
    'SELECT uuid(record), number, kind, unseal(title), severity, priority, status_state,
      status_reason, person(assignee) FROM ticket ORDER BY record' "${three[@]}"
  same_rows 'every replica shows the same comments' \
    'SELECT uuid(record), uuid(ticket), unseal(text) FROM comment ORDER BY record' "${three[@]}"
  same_rows 'every replica shows the same notes' \
    'SELECT uuid(record), uuid(share), unseal(text) FROM note ORDER BY record' "${three[@]}"
  same_rows 'every replica shows the same shares' \
    'SELECT uuid(record), unseal(name), access_state, access_until, content_blobs FROM share
      ORDER BY record' "${three[@]}"
  same_rows 'both of Ann’s devices show the same vault' \
    'SELECT uuid(record), uuid(folder), unseal(name) FROM file ORDER BY record' \
    ann-laptop ann-phone
  lines_max=20 works 'the practitioner reads all of the ticket' berg ticket show 1
  quietly ann-phone ticket show 1 --json
  check 'the severity has escalated' test "$(json '$.severity')" = critical
  check 'the ticket is closed' test "$(json '$.status.state')" = closed
  shown_title=$(json '$.title')
  check 'the title is one of the two that were written' \
    test "$shown_title" = "$laptop_title" -o "$shown_title" = "$phone_title"
  check 'the comment has arrived' test "$(json '$.comments[0].text')" = "$comment_text"
}

conflict_shown() {
  local other=$laptop_title device
  [[ $shown_title == "$phone_title" ]] || other=$phone_title
  works 'conflicts are shown' ann-laptop conflicts
  for device in ann-laptop ann-phone berg; do
    quietly "$device" conflicts --json
    check "$device shows the other title, its author and the rule" conflict_names "$other"
  done
}

# conflict_names TITLE – the one conflict about a title keeps it as not shown, by Ann, by `latest`.
conflict_names() {
  [[ $(json_rows "count(*)" "json_extract(j, '\$.field') = 'title'
    AND json_extract(j, '\$.rule') = 'latest' AND EXISTS (
      SELECT 1 FROM json_each(json_extract(j, '\$.values')) AS kept
      WHERE json_extract(kept.value, '\$.value') = $(sql_text "$1")
        AND NOT json_extract(kept.value, '\$.shown')
        AND json_extract(kept.value, '\$.author.name') = 'Ann Lee')") == 1 ]]
}

conflict_settled() {
  works 'Ann settles it with the phone’s title' \
    ann-laptop resolve 1 --field title --value "$phone_title"
  sync_each ann-laptop ann-phone berg
  quietly berg ticket show 1 --json
  check 'everybody has the title that Ann chose' test "$(json '$.title')" = "$phone_title"
  quietly berg conflicts --json
  check 'nobody has a conflict about it any more' \
    test "$(json_rows 'count(*)' "json_extract(j, '\$.field') = 'title'")" -eq 0
}
