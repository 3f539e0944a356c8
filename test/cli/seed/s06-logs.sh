#!/usr/bin/env bash
# Funnel logs: record-separator framing, and one object per line.
source "$(dirname "$0")/prelude.sh"

printf '\036{"MESSAGE":"boot"}\n\036{"MESSAGE":"ready"}\n' | $PLS poke syslog --create >/dev/null
printf '{"eventMessage":"a"}\n{"eventMessage":"b"}\n'       | $PLS poke syslog --create >/dev/null
same "$($PLS peek syslog --tail 4 --replay 0 --jsonl | jq -r '.data | .MESSAGE // .eventMessage' | paste -sd ' ' -)" 'boot ready a b' "both framings"
