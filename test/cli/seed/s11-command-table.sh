#!/usr/bin/env bash
# The command table, end to end.
source "$(dirname "$0")/prelude.sh"

$PLS pool create roomy --size 8M | jq -e '.created[0].file_size == 8388608' >/dev/null
$PLS pool create plain spare >/dev/null
same "$($PLS pool list | jq -r '.pools[].name' | grep -cE '^(plain|roomy|spare)$')" 3 "list"
$PLS poke plain '{"k": "v"}' >/dev/null
same "$($PLS get plain 1 | jq -r .data.k)" v "get by sequence"
same "$(status $PLS get plain 2)" 3 "unknown sequence"
$PLS pool info plain | grep -q '^Bounds: oldest=1 newest=1 count=1'
$PLS pool info plain --json | jq -e '.metrics.message_count == 1 and .bounds == {"oldest":1,"newest":1}' >/dev/null
same "$($PLS doctor plain | jq -r '.reports[0].status')" ok "doctor one"
same "$($PLS doctor --all | jq -r '[.reports[].status] | unique | join(",")')" ok "doctor all"
printf junk >"$HOME/.plasmite/pools/broken.plasmite"
same "$(status $PLS doctor --all)" 7 "doctor finds damage"
same "$(status $PLS pool delete plain spare ghost)" 3 "delete, best effort"
jq -e '(.deleted | length) == 2 and .failed[0].pool == "ghost"' out.txt >/dev/null
test ! -e "$HOME/.plasmite/pools/plain.plasmite"
for sh in bash zsh fish; do $PLS completion $sh | grep -q poke || die "completion $sh"; done
$PLS completion bash | bash -n
