#!/usr/bin/env bash
# First conversation: create on first send, send again, watch from another process.
source "$(dirname "$0")/prelude.sh"

$PLS poke lobby --create '{"from": "ana", "msg": "anyone here?"}' | jq -e '.seq == 1 and .meta.tags == [] and .data.from == "ana"' >/dev/null
test -f "$HOME/.plasmite/pools/lobby.plasmite"
same "$(wc -c <"$HOME/.plasmite/pools/lobby.plasmite" | tr -d ' ')" 1048576 "default pool size"
$PLS peek lobby >seen.jsonl & watcher=$!
settle
$PLS poke lobby '{"from": "ben", "msg": "yes"}' >/dev/null
until_ok '[ -s seen.jsonl ]'
kill "$watcher"
same "$(jq -c '[.seq, .meta.tags, .data.msg]' seen.jsonl)" '[2,[],"yes"]' "live watcher sees only what follows"
same "$(jq -r '.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\\.[0-9]{1,9})?Z$")' seen.jsonl)" true "time format"
same "$($PLS peek lobby --tail 2 --timeout 300ms --jsonl | jq -r .data.msg | paste -sd '|' -)" 'anyone here?|yes' "history on request"
