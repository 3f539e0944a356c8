#!/usr/bin/env bash
# Many writers, many readers.
source "$(dirname "$0")/prelude.sh"

$PLS pool create crowd --size 2M >/dev/null
for w in 1 2 3 4; do jq -nc --argjson w $w 'range(250) | {w: $w, i: .}' | $PLS poke crowd >"rc.$w" & writers="${writers:-} $!"; done
for r in 1 2; do $PLS peek crowd --since 1h --timeout 3s --jsonl >"rd.$r" & readers="${readers:-} $!"; done
wait $writers; for p in $readers; do wait "$p" || true; done
same "$(cat rc.* | jq -s 'map(.seq) | sort == [range(1; 1001)]')" true "every sequence number exactly once"
for r in 1 2; do same "$(jq -s 'map(.seq) == [range(1; 1001)]' "rd.$r")" true "reader $r sees all, in order"; done
same "$(jq -s 'map(select(.data.w == 3) | .data.i) == [range(250)]' rd.1)" true "per-writer order"
