#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# install.sh build|test|run   Installs what that step needs from Debian's packages and is not there yet.
#
# As root, or through a sudo that asks nothing; otherwise it stops with the one command to paste. When all is
# there it costs one dpkg-query. A system without dpkg gets the list, and is trusted (INSTALL=no skips this).
set -eu
cd "$(dirname "$0")/.."
BUILD="g++ make pkg-config verilator zlib1g-dev libzstd-dev libxxhash-dev libjansson-dev libconfig-dev uthash-dev"
BUILD="$BUILD libsqlite3-dev"
TEST="$BUILD libcmocka-dev yosys clang-format jq sqlite3"
RUN="$BUILD gtkwave"

case ${1:-build} in
build) need=$BUILD ;;
test) need=$TEST ;;
run) need=$RUN ;;
*)
    echo "usage: install.sh build|test|run" >&2
    exit 2
    ;;
esac
[ "${INSTALL:-yes}" != no ] || exit 0
if ! command -v dpkg-query >/dev/null; then
    echo "pagewalk: no dpkg here; what Debian 12 calls these must be installed: $need (then INSTALL=no)" >&2
    exit 2
fi

mkdir -p build
exec 9>build/install.lock
flock 9 # make may ask for two steps at a time, apt-get serves one

# shellcheck disable=SC2086
have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $need 2>/dev/null | sed -n 's/^installed //p')
missing=
for package in $need; do
    echo "$have" | grep -qx -- "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    as=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as="sudo -n"
else
    echo "pagewalk: packages are missing; paste this, then run make again:" >&2
    echo "  sudo apt-get update && sudo $install" >&2
    exit 2
fi

echo "  INSTALL$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
if ! $as $install >"$log" 2>&1; then # package lists absent or old
    if ! { $as apt-get update && $as $install; } >"$log" 2>&1; then
        cat "$log" >&2
        echo "pagewalk: the packages could not be installed; the command was: $install" >&2
        exit 2
    fi
fi
[ -z "${V:-}" ] || cat "$log" >&2
