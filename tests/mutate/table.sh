#!/bin/sh
# Drops each gate, each state of a set and each posting of the transition table, one at a time
# (tests/lib/drop.c), and runs the tests that should notice.  Prints what nobody noticed.
# usage: tests/mutate/table.sh BUILD_DIR; the last line reads: N dropped, N noticed, N not noticed
set -u
build=$(cd "${1:?usage: tests/mutate/table.sh BUILD_DIR}" && pwd) || exit 1
cd "$(dirname "$0")/../.." || exit 1
export BUILD_DIR="$build"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ILA_TEST_DROP=list "$build/tests/unit/rules/rows" > "$work/all" || exit 1

# One element: the cheapest tests first, and no further once one fails.
cat > "$work/one" <<'ONE'
number=${1%% *}
export ILA_TEST_DROP=$number ILA_BIN="$BUILD_DIR/ila"
for program in unit/rules/printed unit/rules/rows unit/voucher/gates unit/seasons/close_down unit/seasons/standing unit/voucher/tables; do
	timeout 120 "$BUILD_DIR/tests/$program" > /dev/null 2>&1 < /dev/null || { echo "noticed $1"; exit 0; }
done
echo "NOT NOTICED $1"
ONE

xargs -P 2 -d '\n' -I{} sh "$work/one" {} < "$work/all" | tee "$work/said" | grep '^NOT'
awk '/^noticed/ { n++ } END { printf "%d dropped, %d noticed, %d not noticed\n", NR, n, NR - n; exit NR != n }' "$work/said"
