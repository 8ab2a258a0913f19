#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make.sh [NAME...]   Makes these recordings again, all without a name, in build/recordings, and REPLACES by each
# traces/NAME.pwt, or traces/study/NAME.pwt; `git checkout traces` brings the shipped ones back.
# Needs qemu-user, gcc-riscv64-linux-gnu and `make build`. All but sqlite are programs of ours in this
# directory; sqlite3 is Debian's own riscv64 binary, fetched into a private root, apt's riscv64 lists kept apart from
# the system's. A recording follows the versions of qemu, libc and sqlite3: NAME.md says which the shipped ones had.
set -eu
cd "$(dirname "$0")/../.."
TOP=$PWD
WORK=$TOP/build/recordings
SUITE=${SUITE:-trixie}
mkdir -p "$WORK"

record() { # NAME ARGUMENTS-OF-RECORD...: in WORK, so that file names are short, and with an empty environment
    name=$1
    shift
    (cd "$WORK" && env -i PATH=/usr/bin:/bin nice "$TOP/build/pagewalk" record -o "$name.pwt" "$@")
    [ ! -e "traces/study/$name.md" ] || name=study/$name
    echo "replacing traces/$name.pwt by $WORK/${name#study/}.pwt"
    cp "$WORK/${name#study/}.pwt" "traces/$name.pwt"
}

compiled() { # NAME OPTION-OF-GCC [OPTION-OF-RECORD...]
    name=$1
    riscv64-linux-gnu-gcc -O2 -Wall -Wextra -Werror ${2:+"$2"} -o "$WORK/$name" "traces/gen/$name.c"
    shift 2
    record "$name" "$@" -- "./$name"
}

fetch_root() {
    root=$WORK/root
    apt=$WORK/apt
    [ ! -x "$root/usr/bin/sqlite3" ] || return 0
    mkdir -p "$root/usr/lib" "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs"
    ln -sfn usr/lib "$root/lib"
    : >"$apt/status"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [arch=riscv64 signed-by=$keys] http://deb.debian.org/debian $SUITE main" >"$apt/sources.list"
    cat >"$apt/apt.conf" <<CONF
APT::Architecture "riscv64";
APT::Architectures "riscv64";
APT::Sandbox::User "";
Acquire::Languages "none";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
CONF
    export APT_CONFIG="$apt/apt.conf"
    apt-get -q update
    (cd "$apt/debs" && apt-get -q download sqlite3 libsqlite3-0 libc6 libgcc-s1 libreadline8t64 libtinfo6 zlib1g)
    for deb in "$apt"/debs/*.deb; do dpkg -x "$deb" "$root"; done
}

[ $# -gt 0 ] || set -- alloc malloc snapshot threads_racing write_barrier sqlite join bfs btree
for name; do
    case $name in
    alloc | snapshot) compiled "$name" "" ;;
    malloc | threads_racing | write_barrier) compiled "$name" -static ;; # few mappings, so that each can be looked at
    join) compiled join -static --skip 64000000 --max 2400000 ;; # what each skips builds what it then uses
    bfs) compiled bfs -static --skip 130000000 --max 2400000 ;;
    btree) compiled btree -static --skip 36700000 --max 4000000 ;;
    sqlite)
        fetch_root
        rm -f "$WORK"/orders.db*
        cp traces/gen/sqlite.sql "$WORK"
        record sqlite -L "$WORK/root" -- sqlite3 -batch -init /dev/null orders.db ".read sqlite.sql"
        ;;
    *)
        echo "$name: one of alloc, malloc, snapshot, threads_racing, write_barrier, sqlite, join, bfs, btree" >&2
        exit 2
        ;;
    esac
done
