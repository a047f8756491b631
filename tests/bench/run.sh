#!/bin/sh
# make bench, make bench-long: everything in one run, figures as ratios.  README.md names the variables.
# make peak: its program alone.  make bench ENGINE=postgres: on a server of its own, which keeps what it is told to.
# pages: lists and queues beside that many vouchers; with ENGINE=postgres on a server of its own.
set -eu
build=${1:?usage: tests/bench/run.sh BUILD_DIR [long | peak | postgres | hooks | pages VOUCHERS]}
ILA_BIN="$(cd "$build" && pwd)/ila"
export ILA_BIN
# On the disk, whose speed is measured, and gone afterwards, however it ends.
place=$(mktemp -d "${TMPDIR:-/tmp}/ila-bench-XXXXXX")
trap 'if [ -d "$place/pg" ]; then sh tests/postgres.sh stop "$place/pg"; fi; rm -rf "$place"' EXIT
trap 'exit 1' INT TERM
TMPDIR=$place ILA_TEST_DIR=$place
export TMPDIR ILA_TEST_DIR
# What the server logs matters only when something went wrong.
log=$place/log
if [ "${2:-}" = peak ]; then
	"$build/tests/bench/peak" 2>"$log" || { tail -n 5 "$log" >&2; exit 1; }
	exit 0
fi
kept="fsync=on full_page_writes=on autovacuum=on shared_buffers=512MB"
# As api/guide/postgres.md tells operators: a quarter of the memory.
quarter=$(awk '/MemTotal/ { print int($2 / 4096) "MB" }' /proc/meminfo)
if [ "${2:-}" = pages ]; then kept="shared_buffers=$quarter maintenance_work_mem=512MB checkpoint_timeout=30min"; fi
if [ "${2:-}" = postgres ] || [ "${2:-} ${ENGINE:-}" = "pages postgres" ]; then
	# shellcheck disable=SC2086 # settings, a word each
	sh tests/postgres.sh start "$place/pg" $kept max_wal_size=8GB
	(umask 077 && head -c 32 /dev/urandom > "$place/secret")
	ILA_TEST_SERVER=$place/pg ILA_SECRET_FILE=$place/secret ILA_STATE_DIR=$place/state
	export ILA_TEST_SERVER ILA_SECRET_FILE ILA_STATE_DIR
fi
if [ "${2:-}" = pages ]; then
	"$build/tests/bench/pages" "${3:-1000000}"
	exit
fi
echo "machine: $(nproc) cores, $(awk -F: '/model name/ { print $2; exit }' /proc/cpuinfo | sed 's/^ *//'), load $(cut -d' ' -f1 /proc/loadavg), $(uname -sr)"
if ! "$build/tests/bench/bench" "$build/tests/bench" ${2:+"$2"} 2>"$log"; then
	cat "$log" >&2
	exit 1
fi
