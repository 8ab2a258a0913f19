#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# RTL and C model are twins: every rtl/*.sv says `Mirror: model/X.c` (and may name a function of it, in brackets),
# every C unit of the hardware half says `Mirror: rtl/mmu_X.sv`, both exist, and a register x_q of the RTL has a
# state of the name x in its twin, unless a `Differs:` line of the header names it and says why. Enumerations come
# from model/enums.def alone.
set -eu
cd "$(dirname "$0")/.."
NO_TWIN='^model/(mem|memport|hierarchy|mmu_(dump|rest)|spec[a-z_]*)\.c$' # memory, text, time and the literal walker
code=0
no() {
    echo "not ok - $1"
    code=1
}

for sv in rtl/*.sv; do
    mirror=$(sed -n '/^`default_nettype/q; s,.*Mirror: *\(model/[a-z0-9_]*\.c\),\1,p' "$sv" | head -n 1)
    twin=${mirror%%[ ,]*}
    [ -n "$twin" ] || { no "$sv names no twin: Mirror: model/X.c" && continue; }
    [ -e "$twin" ] || { no "$sv: its twin $twin does not exist" && continue; }
    function=$(echo "$mirror" | sed -n 's,^[^ ]* (\([a-z0-9_]*\)).*,\1,p')
    [ -z "$function" ] || grep -qw "$function" "$twin" || no "$sv: $twin has no function $function"
    missing=
    for state in $(grep -oE '\b[a-z][a-z0-9_]*_q\b' "$sv" | sed 's/_q$//' | sort -u); do
        grep -qwE "$state(_q)?" "$twin" "${twin%.c}.h" model/mmu_state.h 2>/dev/null && continue
        differs=$(sed -n '/^`default_nettype/q; /Differs:/,$p' "$sv")
        echo "$differs" | grep -qwE "$state(_q)?" || missing="$missing $state"
    done
    [ -z "$missing" ] || no "$sv: states that $twin does not have:$missing"
    grep -q 'typedef enum' "$sv" && no "$sv: an enumeration of its own; it belongs in model/enums.def" || true
done
for c in model/*.c; do
    echo "$c" | grep -qE "$NO_TWIN" && continue
    twins=$(grep -oE 'Mirror:[^*]*' "$c" | grep -oE 'rtl/[a-z0-9_]*\.sv' || true)
    [ -n "$twins" ] || no "$c names no twin: Mirror: rtl/mmu_X.sv"
    for twin in $twins; do [ -e "$twin" ] || no "$c: its twin $twin does not exist"; done
done
[ $code = 0 ] && echo "ok - $(ls rtl/*.sv | wc -l) RTL modules and their C twins"
exit $code
