#!/usr/bin/env bash
# A killed writer leaves a sound pool.
source "$(dirname "$0")/prelude.sh"

$PLS pool create hurt >/dev/null
$PLS poke hurt < <(yes '{"k": "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"}') >/dev/null 2>&1 & victim=$!
sleep 2; kill -KILL "$victim"; wait "$victim" 2>/dev/null || true
same "$(status $PLS doctor hurt)" 0 "healthy after a kill"
$PLS poke hurt '{"after": true}' | jq -e '.seq > 1' >/dev/null
