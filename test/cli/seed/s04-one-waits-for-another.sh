#!/usr/bin/env bash
# One script waits for another.
source "$(dirname "$0")/prelude.sh"

$PLS pool create gate >/dev/null
( $PLS peek gate --where '.data.status == "green"' --one >/dev/null; echo released >gate.flag ) & waiter=$!
settle
$PLS poke gate '{"status": "red"}' >/dev/null
settle
test ! -e gate.flag || die "released by a non-matching message"
$PLS poke gate --create '{"status": "green", "commit": "0f1e2d"}' >/dev/null
wait "$waiter"
test -e gate.flag
