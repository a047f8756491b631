#!/bin/sh
# make bench: everything in one run, figures as ratios.
set -eu
build=${1:?usage: tests/bench/run.sh BUILD_DIR}
export ILA_BIN="$(cd "$build" && pwd)/ila"
echo "machine: $(nproc) cores, $(awk -F: '/model name/ { print $2; exit }' /proc/cpuinfo | sed 's/^ *//'), SQLite $(sqlite3 --version 2>/dev/null | cut -d' ' -f1)"
exec "$build/tests/bench/bench" "$build/tests/bench" 2>/dev/null
