#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# install.sh build|test|run|pictures|area|qemu|systemc|report|timing   Installs what that step needs from Debian's
# packages and is not there yet. For `report` also the chart library, by npm, into build/web, for `timing` what draws
# timing diagrams into build/timing (package-lock.json in sim/web and testbench/timing pins versions and hashes).
#
# As root, or through a sudo that asks nothing; otherwise it stops with the one command to paste. When all is
# there it costs one dpkg-query. A system without dpkg gets the list, and is trusted (INSTALL=no skips this).
set -eu
cd "$(dirname "$0")/.."
BUILD="g++ make pkg-config verilator zlib1g-dev libzstd-dev libxxhash-dev libjansson-dev libconfig-dev uthash-dev"
BUILD="$BUILD libsqlite3-dev"
TEST="$BUILD libsystemc-dev gtkwave libcmocka-dev yosys clang-format jq sqlite3 chromium gnuplot-nox"
RUN="$BUILD gtkwave"
SYSTEMC="$BUILD libsystemc-dev"
PICTURES="gtkwave xvfb xauth"
AREA="$BUILD yosys jq qflow-tech-osu018 opensta"
QEMU="$BUILD qemu-system-misc gcc-riscv64-linux-gnu"
NPM=
command -v npm >/dev/null || NPM="npm" # elsewhere npm may come with another package

case ${1:-build} in
build) need=$BUILD ;;
test) need=$TEST ;;
run) need=$RUN ;;
pictures) need=$PICTURES ;;
area) need=$AREA ;;
qemu) need=$QEMU ;;
systemc) need=$SYSTEMC ;;
report | timing) need=$NPM ;;
*)
    echo "usage: install.sh build|test|run|pictures|area|qemu|systemc|report|timing" >&2
    exit 2
    ;;
esac
[ "${INSTALL:-yes}" != no ] || exit 0

mkdir -p build
exec 9>build/install.lock
flock 9 # make may ask for two steps at a time, apt-get serves one

library() { # what comes by npm
    case $1 in
    report) from=sim/web into=build/web what="the chart library of reports" ;;
    timing) from=testbench/timing into=build/timing what="WaveDrom, which draws timing diagrams" ;;
    *) return 0 ;;
    esac
    done=$into/.$(cksum <$from/package-lock.json | tr ' ' -)
    [ ! -e "$done" ] || return 0
    echo "  NPM       $what" >&2
    rm -rf $into && mkdir -p $into && cp $from/package.json $from/package-lock.json $into
    if ! npm --prefix $into ci --ignore-scripts --no-audit --no-fund >$into/npm.log 2>&1; then
        cat $into/npm.log >&2
        echo "pagewalk: npm could not fetch $what; this needs the network once" >&2
        exit 2
    fi
    : >"$done"
}

if [ -z "$need" ]; then
    library "$1"
    exit 0
fi
if ! command -v dpkg-query >/dev/null; then
    echo "pagewalk: no dpkg here; what Debian 12 calls these must be installed: $need (then INSTALL=no)" >&2
    exit 2
fi

# shellcheck disable=SC2086
have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $need 2>/dev/null | sed -n 's/^installed //p')
missing=
for package in $need; do
    echo "$have" | grep -qx -- "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
    library "$1"
    exit 0
fi

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
library "$1"
