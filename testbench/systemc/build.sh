#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# build.sh pins NAME=VALUE...   Verilates rtl/mmu.sv with these parameters as a SystemC module: a shared object with
#                               dut_api_v2.
# build.sh tlm [NAME=VALUE...]  The C model as a TLM-2.0 component, the same way; its configuration comes at run time.
# build.sh platform, check      The example virtual platform; the test of the component: programs.
#
# Prints the path, build/systemc/HASH/NAME, HASH being the content of all it is made from, as testbench/dut.sh does.
# Sources of the RTL, flags, DUT_RTL, DUT_OPTIMIZE and DUT_CHECK are dut.sh's own, read from its text.
# Exit 3: build/ cannot be written. 4: no SystemC here. 5: a tool failed; its words are on stderr.
set -eu
cd "$(dirname "$0")/../.."
unset PAGEWALK_COVERAGE # these engines count none
eval "$(sed -n '/^RTL=/,/^}/p' testbench/dut.sh)"
KIND=$1
shift

# Debian's libsystemc is of C++17, and links with nothing else.
SC="-std=gnu++17 $CXX_FLAGS -Wall -Wextra -Ibuild/gen -Imodel -Itestbench -Itestbench/systemc"
MODEL=$(for f in model/*.c; do case $f in model/spec*) ;; *) echo "$f" ;; esac done)
TLM="testbench/systemc/mmu_tlm.cpp testbench/systemc/mmu_edge.cpp testbench/systemc/mmu_peek.cpp"
HEADERS="$(echo model/*.h testbench/hart.h testbench/systemc/*.h)"
case $KIND in
pins)
    NAME=pins.so CPP=testbench/systemc/pins.cpp MODEL="build/gen/mmu_pkg.sv $(sources)"
    HEADERS="testbench/systemc/context.h testbench/verilated_dut.h"
    ;;
tlm) NAME=tlm.so CPP="$TLM testbench/systemc/engine_tlm.cpp testbench/systemc/engine_back.cpp" ;;
platform | check) NAME=$KIND CPP="$TLM testbench/systemc/$KIND.cpp" ;;
*)
    echo "usage: build.sh pins|tlm|platform|check [NAME=VALUE...]" >&2
    exit 2
    ;;
esac
PARAMETERS=
[ "$KIND" != pins ] || PARAMETERS=$(for p in "$@"; do echo "$p"; done | LC_ALL=C sort)

pkg-config --exists systemc tlm 2>/dev/null || {
    echo "pagewalk: no SystemC here (Debian: libsystemc-dev); testbench/install.sh systemc installs it" >&2
    exit 4
}

# shellcheck disable=SC2086
HASH=$({
    cat $CPP $MODEL $HEADERS testbench/dut_api.h testbench/wave.h build/gen/ports.h testbench/dut.sh "$0"
    echo "$KIND $OPTIMIZE $PARAMETERS"
} | sha256sum | cut -c1-16)
DIR=build/systemc/$HASH
TMP=$DIR.tmp

runtime() { # Verilator's own units, compiled to run under SystemC
    for unit in verilated verilated_threads; do
        # shellcheck disable=SC2086
        "$CXX" -std=gnu++17 $CXX_FLAGS -w -DVM_COVERAGE=0 -DVM_SC=1 -DVM_TRACE=0 \
            -I"$include" -I"$include/vltstd" -c "$include/$unit.cpp" -o "$TMP/$unit.o"
    done
}

make_pins() {
    include=$(verilator --getenv VERILATOR_ROOT)/include
    # Without waveforms, which the engine `rtl` has: half the code is theirs.
    # shellcheck disable=SC2046,SC2086
    verilator --sc $(echo "$VERILATE" | sed 's/--trace[a-z-]*//g') --top-module mmu --prefix Vmmu --Mdir "$TMP" \
        $(for p in $PARAMETERS; do echo "-G$p"; done) $MODEL
    make -s -C "$TMP" -f Vmmu.mk -j"${DUT_JOBS:-2}" CXX="$CXX" OPT_FAST="$OPTIMIZE" OPT_SLOW=-O0 \
        USER_CPPFLAGS="$CXX_FLAGS" Vmmu__ALL.a
    runtime
    # shellcheck disable=SC2046,SC2086
    "$CXX" $SC -shared -Wl,-Bsymbolic -Wl,--no-undefined -o "$TMP/$NAME" -I"$TMP" -isystem "$include" \
        -isystem "$include/vltstd" -DVM_SC=1 $CPP "$TMP/Vmmu__ALL.a" "$TMP"/verilated*.o \
        $(pkg-config --libs systemc) -lpthread
}

make_tlm() {
    link=
    [ "$NAME" != tlm.so ] || link="-shared -Wl,-Bsymbolic -Wl,--no-undefined"
    for f in $MODEL; do
        "${CC:-gcc}" -std=gnu11 -O2 -g -fPIC -fvisibility=hidden -Imodel -Ibuild/gen -c "$f" \
            -o "$TMP/$(basename "$f" .c).o"
    done
    for f in $CPP; do
        seen= # libsystemc calls a program's sc_main
        case $f in */$KIND.cpp) seen=-fvisibility=default ;; esac
        # shellcheck disable=SC2086
        "$CXX" $SC $seen -g -c "$f" -o "$TMP/$(basename "$f" .cpp).o"
    done
    # shellcheck disable=SC2046,SC2086
    "$CXX" $link -o "$TMP/$NAME" "$TMP"/*.o $(pkg-config --libs systemc tlm) -lpthread
}

[ ! -e "$DIR/$NAME" ] || { echo "$PWD/$DIR/$NAME" && exit 0; }
[ -z "${DUT_CHECK:-}" ] || exit 1
if ! mkdir -p build/systemc 2>/dev/null || [ ! -w build/systemc ]; then
    echo "build.sh: $PWD/build/systemc cannot be written" >&2
    exit 3
fi
exec 9>"$DIR.lock"
flock 9
[ ! -e "$DIR/$NAME" ] || { echo "$PWD/$DIR/$NAME" && exit 0; }
echo "  SYSTEMC   $KIND" >&2
rm -rf "$TMP"
mkdir -p "$TMP"
trap 'cat "$DIR.log" >&2; echo "build.sh: failed; this is $DIR.log" >&2; exit 5' EXIT
if [ "$KIND" = pins ]; then make_pins; else make_tlm; fi >"$DIR.log" 2>&1
trap - EXIT
find "$TMP" -mindepth 1 ! -name "$NAME" -delete
mv -T "$TMP" "$DIR"
echo "$PWD/$DIR/$NAME"
