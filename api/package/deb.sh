#!/bin/sh
# The Debian package of ila, of a program that is built: OUT/ila_VERSION_ARCH.deb.  Run at the top of the checkout.
# usage: sh api/package/deb.sh build/ila OUT
# The same program makes the same package, byte for byte: all of it bears the day of the last release in api/package/CHANGELOG.md.
set -eu
ila=${1:?usage: sh api/package/deb.sh build/ila OUT}
out=${2:?usage: sh api/package/deb.sh build/ila OUT}
here=api/package
changes=api/package/CHANGELOG.md
version=$("$ila" --version | sed 's/^ila \([^ ]*\).*/\1/')
arch=$(dpkg --print-architecture)
day=$(sed -n 's/^## \[[0-9].*\] - \([0-9-]*\)$/\1/p' $changes | head -n 1)
SOURCE_DATE_EPOCH=$(date -u -d "$day" +%s)
export SOURCE_DATE_EPOCH
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
put() { # MODE FROM TO
	install -D -m "$1" "$2" "$root/$3"
}
page() { # FROM NAME
	put 644 "$1" "usr/share/doc/ila/$2.${1##*.}"
}

install -D -m 755 "$ila" "$root/usr/bin/ila"
strip --strip-unneeded "$root/usr/bin/ila"
mkdir -p "$root/usr/share/man/man1" "$root/usr/share/bash-completion/completions" \
	"$root/usr/share/zsh/vendor-completions" "$root/etc/ila" "$root/DEBIAN"
"$ila" help --man | gzip -9n > "$root/usr/share/man/man1/ila.1.gz"
"$ila" help --completion bash > "$root/usr/share/bash-completion/completions/ila"
"$ila" help --completion zsh > "$root/usr/share/zsh/vendor-completions/_ila"
"$ila" --config '' config --sample |
	sed 's|^;db = .*|db = /var/lib/ila/ila.db|; s|^;state-dir =.*|state-dir = /var/lib/ila|' > "$root/etc/ila/ila.ini"
put 644 $here/ila.service lib/systemd/system/ila.service
put 644 $here/ila.sysusers usr/lib/sysusers.d/ila.conf
put 644 $here/ila.tmpfiles usr/lib/tmpfiles.d/ila.conf
for file in ledger/rules/samples/*.json; do put 644 "$file" "usr/share/ila/programmes/${file##*/}"; done
put 644 $here/grafana.json usr/share/ila/grafana.json
for file in nginx.conf haproxy.cfg Containerfile; do put 644 $here/$file usr/share/doc/ila/examples/$file; done
for file in tests/data/*.csv; do put 644 "$file" "usr/share/doc/ila/examples/${file##*/}"; done
for file in api/guide/*.md; do put 644 "$file" "usr/share/doc/ila/guide/${file##*/}"; done
page ledger/intake/README.md files-to-import
page reports/dictionary.md reports
put 644 $here/copyright usr/share/doc/ila/copyright
gzip -9nc $changes > "$root/usr/share/doc/ila/changelog.gz"
for script in postinst prerm postrm; do put 755 $here/$script DEBIAN/$script; done
echo /etc/ila/ila.ini > "$root/DEBIAN/conffiles"

# Which packages hold the libraries that the program was linked with; the tool wants a source package around it.
mkdir "$work/debian"
printf 'Source: ila\n\nPackage: ila\nArchitecture: any\n' > "$work/debian/control"
libraries=$(cd "$work" && dpkg-shlibdeps -O -e root/usr/bin/ila 2> /dev/null | sed -n 's/^shlibs:Depends=//p')
cat > "$root/DEBIAN/control" <<CONTROL
Package: ila
Version: $version
Architecture: $arch
Maintainer: The authors of ila <ila@example.org>
Installed-Size: $(find "$root" -type f -printf '%s\n' | awk '{ n += $1 } END { print int(n / 1024) + 1 }')
Depends: $libraries, tzdata
Recommends: systemd
Suggests: nginx | haproxy, prometheus, postgresql
Section: admin
Priority: optional
Description: funding ledger of an individual learning account scheme
 Public authorities, employers and trade unions put money or rights into learners' accounts; learners turn them
 into vouchers, accredited providers redeem them, and funding bodies, courts of auditors and unions check every
 euro. A double-entry append-only journal, an HTTP API, reports that tie to the journal.
CONTROL
(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) \
	> "$work/md5sums"
mv "$work/md5sums" "$root/DEBIAN/md5sums"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$out"
dpkg-deb --root-owner-group -Zxz --build "$root" "$out/ila_${version}_$arch.deb" > /dev/null
echo "$out/ila_${version}_$arch.deb"
