#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# dut.sh NAME=VALUE...   Verilates rtl/mmu.sv with these parameters and prints the path of the shared object.
#
# Verilator's top is build/gen/mmu_pins.sv, a register before each input pin: Verilator evaluates logic that hangs on
# a pin of the top at every call and once more behind the clock, but what hangs on registers once a cycle.
# The object lies in build/dut/HASH/dut.so, HASH being the content of all it is made from: sources, shim,
# generated files, this script (and so its flags), parameters. Nothing is ever stale, nothing is built twice.
# Two callers of the same one wait for each other on a lock; a finished directory appears by one rename.
# DUT_CHECK=1 only says whether it is there (exit 1 if not). DUT_RTL=DIR takes another copy of rtl/.
# DUT_OPTIMIZE=-O0 builds in a third of the time what runs for a few thousand cycles only.
# DUT_PROFILE=COMMAND is for what runs for millions of cycles, and halves their time: it builds twice, the second time
# by the branches that COMMAND counted on the first, which it finds in DUT_SO. DUT_SO=FILE is taken as it is.
# With PAGEWALK_COVERAGE=DIR it is a build of its own that counts cover properties and leaves a file an instance in DIR.
# Exit 3: build/ cannot be written. Exit 5: a tool failed; its words are on stderr.
set -eu
[ -z "${DUT_SO:-}" ] || { echo "$DUT_SO" && exit 0; }
cd "$(dirname "$0")/.."
RTL=${DUT_RTL:-rtl}
FAULTS= # a copy with planted faults (testbench/selftest) must be caught by the opinions, not by the SVA
[ ! -e "$RTL/mmu_fault.sv" ] || FAULTS=-DDUT_FAULTS
CXX=${CXX:-g++}
COVERAGE=${PAGEWALK_COVERAGE:+-DDUT_COVERAGE}
OPTIMIZE=${DUT_OPTIMIZE:--O2}
[ -z "$COVERAGE" ] || OPTIMIZE=-O0 # short runs of several builds

# Why -fno-const-bit-op-tree: Verilator 5.006's tree of constant bit operations miscompiles some logic (its
# issue 6016: 256 of 512 outputs wrong at -O1 to -O3). Without it the same circuit is right and no slower.
# x-assign, x-initial unique: every X is a seeded random value, so a register that reset forgets shows in
# lock-step.
VERILATE="-O3 -fno-const-bit-op-tree --x-assign unique --x-initial unique --assert
 --trace-fst --trace-structs --trace-params --no-timing -Wall -Wno-UNUSED -Wno-WIDTH
 --unroll-count 5000 --unroll-stmts 1000000 ${COVERAGE:+--coverage-user}"
# Several models live in one process: no unique symbols, and each object bound to its own.
# VL_USER_STOP: the shim says what $stop does, since the runtime's own would print on stdout.
CXX_FLAGS="-O2 -fPIC -fno-gnu-unique -fvisibility=hidden -DVL_USER_STOP"

sources() { # the RTL of files.f, then what is bound to it; the generated package stands before all
    sed 's/#.*//; s,//.*,,' "$RTL/files.f" | while read -r f; do
        case $f in
        '' | *mmu_pkg.sv) ;;
        *) echo "$RTL/${f##*/}" ;;
        esac
    done
    [ -e "$RTL/mmu_ptw.sv" ] || return 0 # a netlist has no modules to bind to
    [ -z "$FAULTS" ] || return 0
    for f in testbench/sva/*.sv; do
        case $f in *plan_*) ;; *) echo "$f" ;; esac
    done
    [ -z "$COVERAGE" ] || printf 'testbench/sva/plan_%s.sv\n' pkg match_sva observer_sva walk_sva leaf_sva \
        cache_sva check_sva sva
}

# What is linked into every DUT and depends on none: compiled once. Prints its path.
runtime() {
    units="verilated verilated_cov verilated_fst_c verilated_threads"
    include=$(verilator --getenv VERILATOR_ROOT)/include
    out=build/dut/runtime-$({ verilator --version; echo "$CXX_FLAGS $units"; } | sha256sum | cut -c1-16).a
    (
        flock 8
        [ ! -e "$out" ] || exit 0
        rm -rf build/dut/runtime.tmp
        mkdir -p build/dut/runtime.tmp
        for unit in $units; do
            # shellcheck disable=SC2086
            "$CXX" -std=gnu++17 $CXX_FLAGS -w -DVM_COVERAGE=1 -DVM_SC=0 -DVM_TRACE=1 -DVM_TRACE_FST=1 \
                -I"$include" -I"$include/vltstd" -c "$include/$unit.cpp" -o build/dut/runtime.tmp/$unit.o
        done
        ar rcs build/dut/runtime.tmp/all.a build/dut/runtime.tmp/*.o
        mv build/dut/runtime.tmp/all.a "$out"
        rm -r build/dut/runtime.tmp
    ) 8>build/dut/runtime.lock
    echo "$out"
}

# Yosys leaves wires behind that nothing drives and nothing reads; one that is read is a random value
# here, and lock-step sees it.
NETLIST=
[ -e "$RTL/mmu_ptw.sv" ] || NETLIST=-Wno-UNDRIVEN

verilate() { # into $TMP
    # shellcheck disable=SC2046,SC2086
    verilator --cc $VERILATE $NETLIST --top-module mmu_pins --l2-name mmu --prefix Vmmu --Mdir "$TMP" \
        $(for p in $PARAMETERS; do echo "-G$p"; done) $SOURCES
    if [ -n "${DUT_PROFILE:-}" ]; then
        compile "$OPTIMIZE -fprofile-generate" -fprofile-generate
        DUT_SO=$PWD/$TMP/dut.so sh -c "$DUT_PROFILE"
        rm "$TMP"/*.o "$TMP"/*.a
        OPTIMIZE="$OPTIMIZE -fprofile-use -fprofile-partial-training -Wno-missing-profile"
    fi
    compile "$OPTIMIZE"
    echo "$PARAMETERS" >"$TMP/parameters"
    find "$TMP" -mindepth 1 ! -name dut.so ! -name parameters -delete
}

compile() { # OPTIMIZE [FLAG]: $TMP/dut.so
    make -s -C "$TMP" -f Vmmu.mk -j"${DUT_JOBS:-2}" CXX="$CXX" OPT_FAST="$1" OPT_SLOW=-O0 \
        USER_CPPFLAGS="$CXX_FLAGS" Vmmu__ALL.a
    archive=$(runtime)
    include=$(verilator --getenv VERILATOR_ROOT)/include
    # shellcheck disable=SC2086
    "$CXX" -std=gnu++17 $CXX_FLAGS ${2:-} -shared -Wl,-Bsymbolic -Wl,--no-undefined -o "$TMP/dut.so" \
        -I"$TMP" -isystem "$include" -isystem "$include/vltstd" -Ibuild/gen -Imodel -Itestbench \
        $FAULTS $COVERAGE testbench/shim.cpp "$TMP/Vmmu__ALL.a" "$archive" -lz -lpthread
}

found() {
    [ -e "$SO" ] || return 1
    touch -a "$SO" 2>/dev/null || : # when it was last of use, for whoever clears old ones away, if they may
    echo "$SO"
}

writable() { # may this user build here, and take the lock of whoever built here before?
    mkdir -p build/dut 2>/dev/null && [ -w build/dut ] && (: >>"build/dut/$HASH.lock") 2>/dev/null
}

refuse() {
    place=build/dut
    [ -e "$place" ] || place=build
    user=$(id -un 2>/dev/null) || :
    echo "dut.sh: $PWD/$place cannot be written by $user, and this configuration of the RTL is not in it" >&2
    echo "  try: let its owner, $(stat -c %U "$place"), make it writable or do this once; or work in a copy" >&2
    exit 3
}

SOURCES="build/gen/mmu_pkg.sv $(sources | tr '\n' ' ') build/gen/mmu_pins.sv"
PARAMETERS=$(for p in "$@"; do echo "$p"; done | LC_ALL=C sort)
# shellcheck disable=SC2086
HASH=$({
    cat $SOURCES testbench/shim.cpp testbench/verilated_dut.h testbench/dut_api.h testbench/wave.h \
        build/gen/ports.h "$0"
    echo "$COVERAGE $OPTIMIZE ${DUT_PROFILE:+by branches} $PARAMETERS"
} | sha256sum | cut -c1-16)
SO=$PWD/build/dut/$HASH/dut.so
TMP=build/dut/$HASH.tmp

found && exit 0
[ -z "${DUT_CHECK:-}" ] || exit 1
writable || refuse
exec 9>"build/dut/$HASH.lock"
flock 9
found && exit 0 # somebody else built it meanwhile

CHANGED=$(echo "$PARAMETERS" | while IFS='=' read -r name value; do
    grep -q "int unsigned $name = $value;" build/gen/mmu_pkg.sv || printf ' %s=%s' "$name" "$value"
done)
echo "  VERILATE${CHANGED:- default} (10 to 40 s)" >&2
rm -rf "$TMP"
mkdir -p "$TMP"
trap 'cat "build/dut/$HASH.log" >&2; echo "dut.sh: failed; this is build/dut/$HASH.log" >&2; exit 5' EXIT
verilate >"build/dut/$HASH.log" 2>&1 # not in an `if`: that would switch set -e off inside
trap - EXIT
[ -z "${V:-}" ] || cat "build/dut/$HASH.log" >&2
mv -T "$TMP" "build/dut/$HASH"
echo "$SO"
