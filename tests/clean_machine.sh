#!/bin/sh
# The package on a machine that has never seen it: a Debian of its own, booted with systemd in a container without a
# network, where the blocks of api/guide/operator.md from "Install" on, and those of "The first scheme", are pasted.
# usage, as root at the top of the checkout: sh tests/clean_machine.sh build/ila_VERSION_ARCH.deb
# Asks for debootstrap and systemd-container; exit status 77 where it cannot be tried.  Takes some minutes.
set -eu
package=${1:?usage: sh tests/clean_machine.sh build/ila_VERSION_ARCH.deb}
guide=api/guide/operator.md
for needed in debootstrap systemd-nspawn nsenter; do
	command -v $needed > /dev/null || { echo "skipped: $needed is not installed"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: a container is booted by root alone"; exit 77; }
work=$(mktemp -d)
machine=$work/machine
container=
end() {
	[ -z "$container" ] || kill "$container" 2> /dev/null || true
	[ -z "$container" ] || wait "$container" 2> /dev/null || true
	rm -rf "$work"
}
trap end EXIT

# Blocks of a section, FROM a heading TO the next text: what is between the fences.
blocks() { # FROM TO
	awk -v from="$1" -v to="$2" '
		index($0, from) == 1 { on = 1 }
		on && index($0, to) == 1 { exit }
		on && /^```/ { fenced = !fenced; next }
		on && fenced { print }' $guide
}
{
	echo 'set -eux; cd /root'
	blocks '## Install' '**From the checkout.**' | sed "s|\./ila_[^ ]*\.deb|--yes ./${package##*/}|"
	blocks '## The first scheme' '## Back up'
	cat <<'CHECKS'
journalctl --unit ila --no-pager
test "$(systemctl is-active ila)" = active
# Threads of reports and webhooks step back behind those who serve (api/net/pool.c, api/hooks/hooks.c).
nice=$(sed 's/.*) //' /proc/$(pidof ila)/task/*/stat | cut -d' ' -f17)
echo "$nice" | grep -qx 5
echo "$nice" | grep -qx 10
systemctl reload ila && systemctl restart ila
ila --url http://$SERVER fund show region-bzh-$YEAR --key $KARIM
runuser -u ila -- ila verify
runuser -u ila -- ila doctor
apt remove --yes ila && test -e /var/lib/ila/ila.db
CHECKS
} > "$work/paste"

if ! debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus bookworm "$machine" > "$work/log" 2>&1; then
	tail -n 5 "$work/log"
	echo "skipped: no archive of Debian can be reached"
	exit 77
fi
cp "$package" "$work/paste" "$machine/root/"
chroot "$machine" sh -c "apt-get update -qq && apt-get install -y -qq --download-only /root/${package##*/}" > "$work/log" 2>&1 ||
	{ cat "$work/log"; exit 1; }
systemd-nspawn -D "$machine" --register=no --keep-unit --boot --private-network > "$work/boot" 2>&1 < /dev/null &
container=$!
for second in $(seq 60); do
	init=$(pgrep -P "$container" || true)
	[ -n "$init" ] && nsenter -t "$init" -a systemctl is-system-running --wait > "$work/state" 2> /dev/null && break
	grep -q degraded "$work/state" 2> /dev/null && break
	[ "$second" -lt 60 ] || { tail -n 20 "$work/boot"; echo "not ok: it does not boot"; exit 1; }
	sleep 1
done
if nsenter -t "$init" -a -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
	DEBIAN_FRONTEND=noninteractive sh /root/paste > "$work/said" 2>&1; then
	tail -n "${CLEAN_MACHINE_LINES:-12}" "$work/said"
	echo "ok: installed, served by systemd, a first scheme stands"
else
	cat "$work/said"
	echo "not ok: see above"
	exit 1
fi
