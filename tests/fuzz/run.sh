#!/bin/sh
# Lets libFuzzer make up inputs for the harnesses, as many at a time as there are processors.
# usage: tests/fuzz/run.sh tools                        is there what it takes?
#        tests/fuzz/run.sh BUILD_DIR SECONDS [NAME...]  so long each
# What it learns is kept in BUILD_DIR/corpus, what fails in BUILD_DIR/found.  Exit 1 when something failed.
set -u
cd "$(dirname "$0")/../.." || exit 1

if [ "$1" = tools ]; then
	try=$(mktemp -d) || exit 1
	echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n); int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n ? 0 : 0; }' > "$try/t.c"
	clang -fsanitize=fuzzer,address,undefined -o "$try/t" "$try/t.c" > "$try/log" 2>&1
	there=$?
	rm -rf "$try"
	[ "$there" = 0 ] && exit 0
	echo "make fuzz needs clang and its libFuzzer: apt-get install clang libclang-rt-dev. Nothing was built."
	exit 1
fi

build=$1 seconds=$2
shift 2
mkdir -p "$build/found"
place=$(mktemp -d "$(test -w /dev/shm && echo /dev/shm || echo /tmp)/ila-fuzz-XXXXXX") || exit 1
trap 'rm -rf "$place"' EXIT
trap 'exit 1' INT TERM
if [ $# = 0 ]; then
	for source in tests/fuzz/*.c; do
		name=$(basename "$source" .c)
		case $name in fuzz* | corpus) ;; *) set -- "$@" "$name" ;; esac
	done
fi

cat > "$place/one" <<'ONE'
place=$1 build=$2 seconds=$3 name=$4
mkdir -p "$build/corpus/$name" "$place/$$"
dict=tests/fuzz/$name.dict
ILA_TEST_DIR=$place/$$ "$build/tests/fuzz/$name" "$build/corpus/$name" -max_total_time="$seconds" \
	-print_final_stats=1 -timeout=30 -rss_limit_mb=3000 -use_value_profile=1 \
	$(test -f "$dict" && echo "-dict=$dict") -artifact_prefix="$build/found/$name-" > "$place/$name.log" 2>&1
status=$?
inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$place/$name.log")
rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$place/$name.log")
coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$place/$name.log" | tail -n 1)
found=$(sed -n 's/.*Test unit written to //p' "$place/$name.log")
printf '%-22s %9s inputs %6s/s  coverage %6s  %s\n' "$name" "${inputs:--}" "${rate:--}" "${coverage:--}" \
	"$(if [ "$status" = 0 ]; then echo "no find"; else echo "FOUND ${found:-(no file)}"; fi)"
if [ "$status" != 0 ]; then
	touch "$place/failed"
	grep -vE '^(#|stat::|NEW_FUNC|INFO:)' "$place/$name.log" | tail -n 40 | cut -c 1-400 | sed 's/^/    /'
	echo "    Again: $build/tests/fuzz/$name ${found:-}   Mend it, and keep the input in tests/fuzz/corpus/$name."
fi
ONE
printf '%s\n' "$@" | xargs -P "$(nproc 2> /dev/null || echo 2)" -I NAME sh "$place/one" "$place" "$build" "$seconds" NAME
[ ! -e "$place/failed" ]
