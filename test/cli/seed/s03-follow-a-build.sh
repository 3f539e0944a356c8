#!/usr/bin/env bash
# Follow a build while it runs.
source "$(dirname "$0")/prelude.sh"

$PLS pool create build >/dev/null
$PLS peek build >build.jsonl & watcher=$!
settle
for s in '{"step":"compile","status":"running"}' '{"step":"compile","status":"done"}' '{"step":"test","status":"running"}'; do
  $PLS poke build --create "$s" >/dev/null
done
until_ok '[ "$(wc -l <build.jsonl)" -eq 3 ]'
kill "$watcher"
same "$(jq -r '.data | .step + ":" + .status' build.jsonl | paste -sd ' ' -)" 'compile:running compile:done test:running' "order kept"
