#!/bin/sh
# Runs every test program below BUILD_DIR/tests, two at a time, and adds up.
# usage: tests/run.sh BUILD_DIR [NAME...]
# The last line reads: N passed, N failed, N skipped.  Exit 1 when one failed or none ran.
set -u
build=$(cd "${1:?usage: tests/run.sh BUILD_DIR [NAME...]}" && pwd) || exit 1
shift
cd "$(dirname "$0")/.." || exit 1
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
trap 'exit 1' INT TERM
export ILA_BIN="${ILA_BIN:-$build/ila}"
export ILA_SHARED="${ILA_SHARED:-../shared}"
export CMOCKA_MESSAGE_OUTPUT=TAP

# One program: its output to RESULTS/NAME.out, then a line of counts to RESULTS/NAME.sum.
cat > "$results/one" <<'ONE'
program=$1
name=${program#"$2"/tests/}
file=$3/$(echo "$name" | tr / _)
start=$(date +%s)
timeout -k 5 "${ILA_TEST_SECONDS:-300}" "$program" > "$file.out" 2>&1 < /dev/null
status=$?
seconds=$(( $(date +%s) - start ))
passed=$(grep -cE '^ok .* - |^ok [0-9]+' "$file.out")
skipped=$(grep -cE '^ok .*# SKIP|^not ok .*# SKIP' "$file.out")
failed=$(grep -E '^not ok ' "$file.out" | grep -vc '# SKIP')
passed=$(( passed - $(grep -cE '^ok .*# SKIP' "$file.out") ))
planned=$(sed -n 's/^1\.\.\([0-9][0-9]*\)$/\1/p' "$file.out" | awk '{ n += $1 } END { print n + 0 }')
total=$(( passed + failed + skipped ))
note=
if [ "$total" -eq 0 ]; then
	note=" (no result, exit $status)"
elif [ "$failed" -eq 0 ] && [ "$status" -ne 0 ]; then
	note=" (exit $status)"
elif [ "$failed" -eq 0 ] && [ "$total" -lt "$planned" ]; then
	note=" (stopped after $total of $planned)"
fi
if [ -n "$note" ]; then failed=1; fi
printf '%-34s %4d passed %3d failed %3d skipped %4d s%s\n' "$name" "$passed" "$failed" "$skipped" "$seconds" "$note" > "$file.line"
echo "$passed $failed $skipped" > "$file.sum"
cat "$file.line"
if [ "$failed" -ne 0 ]; then sed 's/^/    /' "$file.out"; fi
ONE

# The programs asked for, or all whose source is still there.
list() {
	if [ $# -gt 0 ]; then
		for n in "$@"; do echo "$build/tests/$n"; done
	else
		find "$build/tests" -type f -perm -u+x | sort | while read -r program; do
			name=${program#"$build"/tests/}
			case $name in
			bench/* | replay/replay) ;;
			*) if [ -f "tests/$name.c" ]; then echo "$program"; fi ;;
			esac
		done
	fi
}

list "$@" | xargs -P 2 -I{} sh "$results/one" {} "$build" "$results"
cat "$results"/*.sum 2>/dev/null | awk '
	{ p += $1; f += $2; s += $3 }
	END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || p + s == 0 }'
