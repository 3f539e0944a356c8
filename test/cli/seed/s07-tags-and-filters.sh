#!/usr/bin/env bash
# Tags on write, tag filter and content filter on read.
source "$(dirname "$0")/prelude.sh"

$PLS poke inc --create --tag sev1 --tag billing '{"msg": "card gateway timeout"}' >/dev/null
$PLS poke inc --tag sev3 '{"msg": "slow page"}' >/dev/null
same "$($PLS get inc 1 | jq -c .meta.tags)" '["sev1","billing"]' "tags in order"
same "$($PLS peek inc --tail 9 --replay 0 --jsonl --tag sev1 | jq -r .seq)" 1 "tag filter"
same "$($PLS peek inc --tail 9 --replay 0 --jsonl --where '.data.msg | test("timeout")' | jq -r .seq)" 1 "regular expression filter"
same "$($PLS peek inc --tail 9 --replay 0 --jsonl --tag sev1 --tag sev3 | wc -l | tr -d ' ')" 0 "tags are ANDed"
same "$($PLS peek inc --tail 1 --one --jsonl --where '.data.msg | test("TIMEOUT"; "i")' | jq -r .seq)" 1 "flags"
