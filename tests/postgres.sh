#!/bin/sh
# A private PostgreSQL for the tests: no network, no password, nothing that must last.
# usage: tests/postgres.sh start DIR [SETTING...]   makes DIR, which is then the socket folder of a running server;
#                              settings, as fsync=on, are those of postgresql.conf and win over the ones here
#        tests/postgres.sh again DIR   starts one that was killed, as it was started
#        tests/postgres.sh stop DIR    ends it and removes DIR
# Exit 77 with the reason when PostgreSQL is not there and cannot be installed.
set -eu
command=$1 dir=$2
shift 2

bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

# PostgreSQL does not run as root: then as the user that its package makes.
as_server() {
	if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

install() {
	command -v apt-get > /dev/null || return 1
	sudo=
	if [ "$(id -u)" != 0 ]; then
		command -v sudo > /dev/null || return 1
		sudo=sudo
	fi
	$sudo apt-get update -qq &&
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql > /dev/null
}

case $command in
start)
	[ -n "$(bin)" ] || install > /dev/null 2>&1 || true
	[ -n "$(bin)" ] || { echo "PostgreSQL is not installed and cannot be"; exit 77; }
	mkdir -p "$dir"
	[ "$(id -u)" != 0 ] || { chown postgres "$dir" && chmod a+rx "$(dirname "$dir")"; }
	as_server "$(bin)/initdb" -D "$dir/data" -U postgres -A trust -N --encoding=UTF8 --locale=C > "$dir.log" 2>&1
	settings=
	for setting; do settings="$settings -c $setting"; done
	as_server "$(bin)/pg_ctl" -D "$dir/data" -w -s -l "$dir/log" -o "-c listen_addresses='' \
		-c unix_socket_directories='$dir' -c fsync=off -c full_page_writes=off \
		-c max_connections=400 -c shared_buffers=64MB \
		-c autovacuum=off$settings" start >> "$dir.log" 2>&1
	# A role as which ila is meant to run, and two functions of SQLite that tests fill columns of bytes with;
	# every database is made after this one.
	as_server "$(bin)/psql" -q -h "$dir" -p "$(sed -n 4p "$dir/data/postmaster.pid")" \
		-U postgres template1 >> "$dir.log" 2>&1 << 'SQL'
CREATE ROLE plain LOGIN;
CREATE FUNCTION pg_catalog.zeroblob(n int) RETURNS bytea LANGUAGE sql IMMUTABLE
AS $$ SELECT decode(repeat('00', n), 'hex') $$;
CREATE FUNCTION pg_catalog.randomblob(n int) RETURNS bytea LANGUAGE sql VOLATILE
AS $$ SELECT substr(sha256(random()::text::bytea), 1, n) $$;
SQL
	;;
again)
	as_server "$(bin)/pg_ctl" -D "$dir/data" -w -s -l "$dir/log" -o "$(cut -d ' ' -f 2- "$dir/data/postmaster.opts")" \
		start >> "$dir.log" 2>&1
	;;
stop)
	# A test may have stopped it in the middle of its life.
	kill -CONT "$(head -n 1 "$dir/data/postmaster.pid" 2> /dev/null)" 2> /dev/null || true
	as_server "$(bin)/pg_ctl" -D "$dir/data" -m immediate -s stop > /dev/null 2>&1 || true
	rm -rf "$dir" "$dir.log"
	;;
*)
	echo "usage: tests/postgres.sh start|again|stop DIR" >&2
	exit 2
	;;
esac
