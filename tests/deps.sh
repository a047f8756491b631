#!/bin/sh
# Makes sure of the packages the build needs: nothing to do when their headers, the time zones, and the
# commands that $BUILD_COMMANDS names, are there.
set -eu
probe='#include <sqlite3.h>
#include <postgresql/libpq-fe.h>
#include <microhttpd.h>
#include <gnutls/gnutls.h>
#include <openssl/evp.h>
#include <csv.h>
#include <jansson.h>
#include <curl/curl.h>
#include <zlib.h>
#include <ini.h>
#include <cjose/cjose.h>
#include <libxml2/libxml/parser.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>'
missing=
for tool in pkg-config ${BUILD_COMMANDS:-}; do
	command -v "$tool" >/dev/null || missing=$tool
done
[ -f "${TZDIR:-/usr/share/zoneinfo}/Europe/Paris" ] || missing=tzdata
if [ -z "$missing" ] && printf '%s\n' "$probe" | ${CC:-cc} -fsyntax-only -isystem /usr/include/libxml2 -xc - 2>/dev/null; then
	exit 0
fi
if ! command -v apt-get >/dev/null; then
	echo "This system has no apt-get. Install a C compiler and the development files of:" >&2
	echo "  SQLite 3, libpq, libmicrohttpd (0.9.75 or later), GnuTLS, OpenSSL 3, libcsv, jansson, cmocka, libcurl, libxml2, zlib, libinih, cjose, and pkg-config; and tzdata" >&2
	echo "On Debian they are called: $BUILD_PACKAGES" >&2
	exit 1
fi
sudo=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || { echo "Run as root: apt-get install $BUILD_PACKAGES" >&2; exit 1; }
	sudo=sudo
fi
echo "Installing what is missing of: $BUILD_PACKAGES"
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $BUILD_PACKAGES >/dev/null
