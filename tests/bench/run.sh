#!/bin/sh
# make bench, make bench-long: everything in one run, figures as ratios.  README.md names the variables.
# make peak: its program alone.
set -eu
build=${1:?usage: tests/bench/run.sh BUILD_DIR [long | peak]}
ILA_BIN="$(cd "$build" && pwd)/ila"
export ILA_BIN
# On the disk, whose speed is measured, and gone afterwards, however it ends.
place=$(mktemp -d "${TMPDIR:-/tmp}/ila-bench-XXXXXX")
trap 'rm -rf "$place"' EXIT
trap 'exit 1' INT TERM
TMPDIR=$place ILA_TEST_DIR=$place
export TMPDIR ILA_TEST_DIR
# What the server logs matters only when something went wrong.
log=$place/log
if [ "${2:-}" = peak ]; then
	"$build/tests/bench/peak" 2>"$log" || { tail -n 5 "$log" >&2; exit 1; }
	exit 0
fi
echo "machine: $(nproc) cores, $(awk -F: '/model name/ { print $2; exit }' /proc/cpuinfo | sed 's/^ *//'), load $(cut -d' ' -f1 /proc/loadavg), $(uname -sr)"
if ! "$build/tests/bench/bench" "$build/tests/bench" ${2:+"$2"} 2>"$log"; then
	cat "$log" >&2
	exit 1
fi
