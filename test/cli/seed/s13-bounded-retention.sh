#!/usr/bin/env bash
# Bounded retention.
source "$(dirname "$0")/prelude.sh"

$PLS pool create ring --size 64K >/dev/null
jq -nc --arg pad "$(printf 'x%.0s' $(seq 1 1000))" 'range(500) | {i: ., pad: $pad}' | $PLS poke ring >/dev/null
same "$($PLS pool info ring --json | jq '.bounds.newest')" 500 "writes never stop"
[ "$($PLS pool info ring --json | jq '.bounds.oldest')" -gt 1 ] || die "nothing was overwritten"
same "$(wc -c <"$HOME/.plasmite/pools/ring.plasmite" | tr -d ' ')" 65536 "file does not grow"
same "$(status $PLS get ring 1)" 3 "overwritten"
same "$(status $PLS doctor ring)" 0 "still healthy"
