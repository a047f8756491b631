#!/bin/sh
# Runs every test program below BUILD_DIR/tests and adds up: those that took longest the last time first, one more
# at a time than there are processors, since some of them mostly wait.
# usage: tests/run.sh BUILD_DIR [NAME...]
# ENGINE=sqlite (without it), ENGINE=postgres, or ENGINE=both, as `make check` says.
# The last line reads: N passed, N failed, N skipped.  Exit 1 when one failed or none ran.
set -u
build=$(cd "${1:?usage: tests/run.sh BUILD_DIR [NAME...]}" && pwd) || exit 1
shift
cd "$(dirname "$0")/.." || exit 1
# Each program writes to a folder of its own, which it must leave empty: in memory, where there is enough, since what
# is durable is tested without the disk.
memory=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $4 > 2000000 { print "/dev/shm" }')
results=$(mktemp -d "${memory:-${TMPDIR:-/tmp}}/ila-check-XXXXXX") || exit 1
here=$(pwd)
trap 'if [ -d "$results/pg" ]; then sh "$here/tests/postgres.sh" stop "$results/pg"; fi; rm -rf "$results"' EXIT
trap 'exit 1' INT TERM
export ILA_BIN="${ILA_BIN:-$build/ila}"
export ILA_SHARED="${ILA_SHARED:-../shared}"
export CMOCKA_MESSAGE_OUTPUT=TAP

# One program: its output to RESULTS/NAME.out, then a line of counts to RESULTS/NAME.sum and its time to NAME.ms.
cat > "$results/one" <<'ONE'
build=$1 results=$2 engine=$3 name=$4
program=$build/tests/$name
case $name in fuzz/*) program=$(pwd)/build-asan/tests/$name ;; esac # always under the sanitizers
file=$results/$engine-$(echo "$name" | tr / _)
place=$results/$$
TMPDIR=$place ILA_TEST_DIR=$place
export TMPDIR ILA_TEST_DIR
unset ILA_TEST_SERVER ILA_SECRET_FILE ILA_STATE_DIR
if [ "$engine" = postgres ]; then
	ILA_TEST_SERVER=$results/pg ILA_SECRET_FILE=$results/secret ILA_STATE_DIR=$file.state
	export ILA_TEST_SERVER ILA_SECRET_FILE ILA_STATE_DIR
	name="$name, PostgreSQL"
fi
mkdir "$place"
start=$(date +%s%N)
timeout -k 5 "${ILA_TEST_SECONDS:-600}" "$program" > "$file.out" 2>&1 < /dev/null
status=$?
ms=$(( ($(date +%s%N) - start) / 1000000 ))
passed=$(grep -cE '^ok .* - |^ok [0-9]+' "$file.out")
skipped=$(grep -cE '^ok .*# SKIP|^not ok .*# SKIP' "$file.out")
failed=$(grep -E '^not ok ' "$file.out" | grep -vc '# SKIP')
passed=$(( passed - $(grep -cE '^ok .*# SKIP' "$file.out") ))
planned=$(sed -n 's/^1\.\.\([0-9][0-9]*\)$/\1/p' "$file.out" | awk '{ n += $1 } END { print n + 0 }')
total=$(( passed + failed + skipped ))
left=$(ls -A "$place")
note=
if [ "$total" -eq 0 ]; then
	note=" (no result, exit $status)"
elif [ "$failed" -eq 0 ] && [ "$status" -ne 0 ]; then
	note=" (exit $status)"
elif [ "$failed" -eq 0 ] && [ "$total" -lt "$planned" ]; then
	note=" (stopped after $total of $planned)"
elif [ "$failed" -eq 0 ] && [ -n "$left" ]; then
	note=" (left behind: $(echo "$left" | head -n 3 | tr '\n' ' ')in its temporary folder)"
fi
if [ -n "$note" ]; then failed=1; fi
printf '%-42s %4d passed %3d failed %3d skipped %6d.%d s%s\n' "$name" "$passed" "$failed" "$skipped" \
	$(( ms / 1000 )) $(( ms % 1000 / 100 )) "$note" > "$file.line"
echo "$passed $failed $skipped" > "$file.sum"
echo "$ms ${name%%,*}" > "$file.ms"
rm -rf "$place"
cat "$file.line"
if [ "$failed" -ne 0 ]; then sed 's/^/    /' "$file.out"; fi
ONE

# The programs asked for, or all whose source is still there.
list() {
	if [ $# -gt 0 ]; then
		for n in "$@"; do echo "$n"; done
	else
		find "$build/tests" build-asan/tests/fuzz -type f -perm -u+x 2>/dev/null | sed 's|.*/tests/||' | sort -u |
		while read -r name; do
			case $name in
			bench/* | replay/replay) ;;
			*) if [ -f "tests/$name.c" ]; then echo "$name"; fi ;;
			esac
		done
	fi
}

# What has something to say on PostgreSQL: not what needs no ledger, nor what is about files.
on_server() {
	grep -vE '^(tidy|fuzz|unit/(base|forms|rules|api))/|^unit/(store/(db|lock)|desk/log|audit/tamper)$|^http/package$|^crash/(backup|disk|faults|guard|opening)$'
}

# What is to run on an engine: MILLISECONDS ENGINE NAME; the times of the last run, one that is not there is new.
queue() {
	engine=$1
	shift
	chosen=cat
	if [ "$engine" = postgres ] && [ $# -eq 0 ]; then chosen=on_server; fi
	touch "$build/tests/times.$engine"
	list "$@" | $chosen | awk -v engine="$engine" '
		FILENAME != "-" { ms[$2] = $1; next }
		{ print ($1 in ms ? ms[$1] : 5000), engine, $1 }' "$build/tests/times.$engine" -
}

keep_times() {
	times=$build/tests/times.$1
	[ -e "$times" ] || return 0
	cat "$times" "$results/$1"-*.ms 2>/dev/null |
		awk '{ ms[$2] = $1 } END { for (n in ms) print ms[n], n }' > "$times.new" && mv "$times.new" "$times"
}

: > "$results/queue"
wanted=${ENGINE:-sqlite}
if [ "$wanted" != postgres ]; then queue sqlite "$@" >> "$results/queue"; fi
if [ "$wanted" != sqlite ]; then
	if reason=$(sh tests/postgres.sh start "$results/pg"); then
		(umask 077 && head -c 32 /dev/urandom > "$results/secret")
		queue postgres "$@" >> "$results/queue"
	else
		echo "On PostgreSQL: skipped, $reason"
		echo "0 0 1" > "$results/postgres.sum"
	fi
fi
sort -rn "$results/queue" | cut -d ' ' -f 2- |
	xargs -P $(( $(nproc 2>/dev/null || echo 2) + 1 )) -L 1 sh "$results/one" "$build" "$results"
keep_times sqlite
keep_times postgres
cat "$results"/*.sum 2>/dev/null | awk '
	{ p += $1; f += $2; s += $3 }
	END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || p + s == 0 }'
