#!/bin/sh
# Three machines on this one, for the failover test: each is a network namespace with an etcd, and a PostgreSQL that
# Patroni minds.  They see each other over a bridge, which lies in a fourth namespace, where the clients are.
# usage: tests/cluster.sh check                why it cannot be had here, and exit 77
#        tests/cluster.sh start DIR PID        starts it, with its files in DIR; it ends with the process PID
#        tests/cluster.sh stop DIR             ends it and removes DIR
#        tests/cluster.sh place DIR N          the namespace of machine N; N 0: where the clients are
#        tests/cluster.sh leader DIR           the number of the machine that Patroni says leads
#        tests/cluster.sh kill DIR N           PostgreSQL there, at once
#        tests/cluster.sh freeze|thaw DIR N    PostgreSQL and Patroni there
#        tests/cluster.sh cut|join DIR N       its network
#        tests/cluster.sh whole|mend DIR       waits until all is well; copies anew what does not follow the leader
# Debian's packages: patroni, etcd-server, etcd-client, postgresql, iproute2.
set -eu
command=$1 dir=${2:-} n=${3:-}
machines="1 2 3"
net=10.77.0
name=ila$(printf %s "$dir" | cksum | cut -d ' ' -f 1)

bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }
on() { ns=$name-$1; shift; ip netns exec "$ns" "$@"; }

check() {
	[ "$(id -u)" = 0 ] || { echo "only root may make network namespaces"; exit 77; }
	for tool in ip etcd etcdctl patroni runuser; do
		command -v "$tool" > /dev/null || { echo "$tool is not installed"; exit 77; }
	done
	[ -n "$(bin)" ] || { echo "PostgreSQL is not installed"; exit 77; }
	{ ip netns add "$name-try" && ip -n "$name-try" link add x type bridge && ip netns del "$name-try"; } 2> /dev/null ||
		{ ip netns del "$name-try" 2> /dev/null || true; echo "network namespaces cannot be made here"; exit 77; }
}

# The user postgres comes to its folder.
let_in() {
	[ "$1" = / ] || let_in "$(dirname "$1")"
	runuser -u postgres -- test -x "$1" || chmod a+x "$1"
}

network() {
	ip netns add "$name-0"
	ip -n "$name-0" link add bridge type bridge
	ip -n "$name-0" addr add "$net.100/24" dev bridge
	ip -n "$name-0" link set bridge up
	ip -n "$name-0" link set lo up
	for i in $machines; do
		ip netns add "$name-$i"
		ip -n "$name-0" link add "m$i" type veth peer name eth0 netns "$name-$i"
		ip -n "$name-0" link set "m$i" master bridge up
		ip -n "$name-$i" addr add "$net.$i/24" dev eth0
		ip -n "$name-$i" link set eth0 up
		ip -n "$name-$i" link set lo up
	done
}

# What api/guide/postgres.md tells to set up, with other folders, and less memory and log.
settings() {
	cat << YAML
scope: ila
name: n$1
restapi: {listen: $net.$1:8008, connect_address: $net.$1:8008}
etcd3: {hosts: [$net.1:2379, $net.2:2379, $net.3:2379]}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 5
    retry_timeout: 5
    maximum_lag_on_failover: 0
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      parameters: {wal_log_hints: "on", wal_sender_timeout: 5s, max_connections: 100, shared_buffers: 32MB,
        max_wal_size: 256MB}
  initdb: [encoding: UTF8, locale: C, data-checksums]
postgresql:
  listen: $net.$1:5432
  connect_address: $net.$1:5432
  data_dir: $dir/$1/data
  bin_dir: $(bin)
  pgpass: $dir/$1/pgpass
  pg_hba: [host all all $net.0/24 trust, host replication all $net.0/24 trust, local all all trust]
  parameters: {unix_socket_directories: $dir/$1}
  basebackup: [checkpoint: fast]
  authentication:
    superuser: {username: postgres}
    replication: {username: replicator}
    rewind: {username: postgres}
watchdog: {mode: automatic}
YAML
}

machine() {
	mkdir -p "$dir/$1"
	settings "$1" > "$dir/$1/patroni.yml"
	chown -R postgres "$dir/$1"
	# Not by on(): a function in the background would keep this script's output open.
	ip netns exec "$name-$1" runuser -u postgres -- etcd --name "n$1" --data-dir "$dir/$1/etcd" \
		--listen-peer-urls "http://$net.$1:2380" --initial-advertise-peer-urls "http://$net.$1:2380" \
		--listen-client-urls "http://$net.$1:2379" --advertise-client-urls "http://$net.$1:2379" \
		--initial-cluster "n1=http://$net.1:2380,n2=http://$net.2:2380,n3=http://$net.3:2380" \
		--heartbeat-interval 200 --election-timeout 2000 > "$dir/$1/etcd.log" 2>&1 < /dev/null &
	ip netns exec "$name-$1" runuser -u postgres -- patroni "$dir/$1/patroni.yml" > "$dir/$1/patroni.log" 2>&1 < /dev/null &
}

# What Patroni keeps in etcd under that name.
kept() {
	ETCDCTL_API=3 on 0 etcdctl --endpoints "$net.1:2379,$net.2:2379,$net.3:2379" --command-timeout 2s \
		get --print-value-only "/service/ila/$1" 2> /dev/null
}

leader() { kept leader | sed -n 's/^n//p'; }

# Two that stream, one of them waited for, and Patroni knows it: then the loss of any machine loses nothing, and
# another one may take over.
is_whole() {
	first=$(leader)
	[ -n "$first" ] || return 1
	second=$(on 0 "$(bin)/psql" -qAt -h "$net.$first" -U postgres postgres -c "SELECT string_agg(application_name, ' ')
		FILTER (WHERE sync_state = 'sync') FROM pg_stat_replication WHERE state = 'streaming' HAVING count(*) = 2" \
		2> /dev/null)
	[ -n "$second" ] && [ "$(kept sync)" = "{\"leader\":\"n$first\",\"sync_standby\":\"$second\"}" ]
}

wait_for() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 120 ] || { echo "$* did not come to hold"; return 1; }
		sleep 0.5
	done
}

# A server that went on where the one that leads now had not been, cannot follow it: Patroni leaves that to a person.
mend() {
	wait_for has_leader
	for i in $machines; do
		[ "$i" = "$(leader)" ] || wait_for copies_anew "$i"
	done
	wait_for is_whole
}

has_leader() { [ -n "$(leader)" ]; }

# One that is being started, or copied already, refuses for a while.
copies_anew() { on 0 patronictl -c "$dir/$1/patroni.yml" reinit --force ila "n$1" > "$dir/reinit" 2>&1; }

# The processes of a machine whose command line begins so; without: all.
processes() {
	for pid in $(ip netns pids "$name-$1" 2> /dev/null); do
		case $(tr '\0' ' ' 2> /dev/null < "/proc/$pid/cmdline") in "$2"*) echo "$pid" ;; esac
	done
}

signal() {
	signal=$1
	shift
	[ $# = 0 ] || kill "-$signal" "$@" 2> /dev/null || true
}

stop() {
	for i in $machines; do signal KILL $(processes "$i" ""); done
	for i in 0 $machines; do ip netns del "$name-$i" 2> /dev/null || true; done
	rm -rf "$dir"
}

case $command in
check) check ;;
start)
	mkdir -p "$dir"
	let_in "$dir"
	# However the process ends that it was started for.
	setsid sh -c 'while kill -0 "$1"; do sleep 1; done; exec sh "$2" stop "$3"' - "$n" "$0" "$dir" \
		> /dev/null 2>&1 < /dev/null &
	network
	for i in $machines; do machine "$i"; done
	wait_for is_whole
	;;
stop) stop ;;
place) echo "/run/netns/$name-$n" ;;
leader) leader ;;
whole) wait_for is_whole ;;
mend) mend ;;
kill) signal KILL $(processes "$n" "$(bin)/postgres") ;;
freeze) signal STOP $(processes "$n" "/usr/bin/python3 /usr/bin/patroni") $(processes "$n" "$(bin)/postgres") $(processes "$n" "postgres:") ;;
thaw) signal CONT $(processes "$n" "") ;;
cut) ip -n "$name-0" link set "m$n" down ;;
join) ip -n "$name-0" link set "m$n" up ;;
*)
	echo "usage: tests/cluster.sh check | start|stop|place|leader|whole|mend|kill|freeze|thaw|cut|join DIR ..." >&2
	exit 2
	;;
esac
