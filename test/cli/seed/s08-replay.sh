#!/usr/bin/env bash
# Replay the past, faster.
source "$(dirname "$0")/prelude.sh"

$PLS poke tape --create '{"i": 1}' >/dev/null; sleep 2; $PLS poke tape '{"i": 2}' >/dev/null
t0=$(date +%s%N); $PLS peek tape --since 1h --replay 10 --jsonl >fast.jsonl; fast=$(( ($(date +%s%N) - t0) / 1000000 ))
t0=$(date +%s%N); $PLS peek tape --since 1h --replay 1  --jsonl >real.jsonl; real=$(( ($(date +%s%N) - t0) / 1000000 ))
same "$(jq -c .data.i fast.jsonl | paste -sd ' ' -)" '1 2' "all, in order, then exit"
cmp fast.jsonl real.jsonl
[ "$real" -ge 2000 ] || die "real time too fast: $real ms"
[ $((real - fast)) -ge 1500 ] || die "ten times faster should save about 1.8 s, saved $((real - fast)) ms"
