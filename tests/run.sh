#!/bin/sh
# Runs every test program below BUILD_DIR/tests, two at a time, and adds up.
# usage: tests/run.sh BUILD_DIR [NAME...]
# The last line reads: N passed, N failed, N skipped.  Exit 1 when one failed or none ran.
set -u
build=${1:?usage: tests/run.sh BUILD_DIR [NAME...]}
shift
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT INT TERM
export ILA_BIN="${ILA_BIN:-$(cd "$build" && pwd)/ila}"
export ILA_SHARED="${ILA_SHARED:-../shared}"
export CMOCKA_MESSAGE_OUTPUT=TAP

# One program: its output to RESULTS/NAME.out, then a line of counts to RESULTS/NAME.sum.
cat > "$results/one" <<'ONE'
program=$1
name=${program#"$2"/tests/}
file=$3/$(echo "$name" | tr / _)
start=$(date +%s)
timeout -k 5 300 "$program" > "$file.out" 2>&1 < /dev/null
status=$?
seconds=$(( $(date +%s) - start ))
passed=$(grep -cE '^ok .* - |^ok [0-9]+' "$file.out")
skipped=$(grep -cE '^ok .*# SKIP|^not ok .*# SKIP' "$file.out")
failed=$(grep -E '^not ok ' "$file.out" | grep -vc '# SKIP')
passed=$(( passed - $(grep -cE '^ok .*# SKIP' "$file.out") ))
note=
if [ $(( passed + failed + skipped )) -eq 0 ]; then failed=1; note=" (no result, exit $status)"; fi
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; note=" (exit $status)"; fi
printf '%-34s %4d passed %3d failed %3d skipped %4d s%s\n' "$name" "$passed" "$failed" "$skipped" "$seconds" "$note" > "$file.line"
echo "$passed $failed $skipped" > "$file.sum"
cat "$file.line"
if [ "$failed" -ne 0 ]; then sed 's/^/    /' "$file.out"; fi
ONE

list() {
	if [ $# -gt 0 ]; then
		for n in "$@"; do echo "$build/tests/$n"; done
	else
		find "$build/tests" -type f -perm -u+x ! -path '*/bench/*' ! -name replay ! -name '*.o' | sort
	fi
}

list "$@" | xargs -P 2 -I{} sh "$results/one" {} "$build" "$results"
cat "$results"/*.sum 2>/dev/null | awk '
	{ p += $1; f += $2; s += $3 }
	END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || p + s == 0 }'
