# What every seed example starts with: strict bash, the programs in PLS and PLASMITE (each may be several words), a
# home of its own that is gone afterwards, and words to say what must hold. To be sourced; needs jq.
set -euo pipefail
PLS=${PLS:-pls}; PLASMITE=${PLASMITE:-plasmite}
work=$(mktemp -d); export HOME="$work/home"; mkdir -p "$HOME"; cd "$work"
trap 'jobs -p | xargs -r kill 2>/dev/null || true; rm -rf "$work"' EXIT
die()      { printf 'FAIL: %s\n' "$*" >&2; exit 1; }
same()     { [ "$1" = "$2" ] || die "$3 — expected <$2> but saw <$1>"; }
until_ok() { local i; for i in $(seq 1 200); do if eval "$1"; then return 0; fi; sleep 0.05; done; die "never true: $1"; }
settle()   { sleep 1; }                       # a fresh watcher has fixed its position by now
status()   { local rc=0; "$@" >out.txt 2>err.txt || rc=$?; echo "$rc"; }
