#!/usr/bin/env bash
# Both program names.
source "$(dirname "$0")/prelude.sh"

$PLS pool create two >/dev/null
$PLASMITE poke two '{"via": "long"}' >/dev/null
same "$($PLS get two 1 | jq -r .data.via)" long "names are interchangeable"
same "$($PLASMITE --version)" "$($PLS --version)" "one version"
