#!/usr/bin/env bash
# Pools are plain files.
source "$(dirname "$0")/prelude.sh"

$PLS --dir plainfiles poke a --create '{}' >/dev/null
ls plainfiles/a.plasmite >/dev/null
cp plainfiles/a.plasmite plainfiles/b.plasmite
same "$($PLS --dir plainfiles get b 1 | jq -c .data)" '{}' "a copy is a pool"
rm plainfiles/a.plasmite
same "$($PLS --dir plainfiles pool list | jq -r '.pools[].name')" b "rm removes a pool"
