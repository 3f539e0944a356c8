#!/usr/bin/env bash
# Funnel an event stream, live.
source "$(dirname "$0")/prelude.sh"

( printf 'data: {"n": 1}\n\n'; sleep 3; printf ': ping\ndata: {"n": 2}\n\n' ) | $PLS poke feed-in --create >receipts.jsonl & producer=$!
sleep 1.5
same "$(jq -r .data.n receipts.jsonl)" 1 "first event committed while the stream is still open"
wait "$producer"
same "$(jq -c '[.seq, .data.n]' receipts.jsonl | paste -sd ' ' -)" '[1,1] [2,2]' "both events"
