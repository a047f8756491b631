#!/bin/sh
# make bench, make bench-long: everything in one run, figures as ratios.  README.md names the variables.
set -eu
build=${1:?usage: tests/bench/run.sh BUILD_DIR [long]}
ILA_BIN="$(cd "$build" && pwd)/ila"
export ILA_BIN
# What the server logs matters only when something went wrong.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "machine: $(nproc) cores, $(awk -F: '/model name/ { print $2; exit }' /proc/cpuinfo | sed 's/^ *//'), load $(cut -d' ' -f1 /proc/loadavg), $(uname -sr)"
if ! "$build/tests/bench/bench" "$build/tests/bench" ${2:+"$2"} 2>"$log"; then
	cat "$log" >&2
	exit 1
fi
