#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The doors between the rooms, as the block ```doors of docs/architecture.md states them: a line is
# `FILES: INCLUDES...`, shell patterns all (a star crosses slashes, ! forbids); the first line that fits a file
# holds for it. What a file includes is asked from the compiler, so an include of an include counts. Beside that,
# of model/: no variable outlives a call, and no object calls a function of files or streams.
set -eu
cd "$(dirname "$0")/.."
set -f
RULES=$(sed -n '/^```doors/,/^```$/p' docs/architecture.md | grep -v '^```')
IO='printf|fprintf|puts|fputs|putchar|fopen|fwrite|fread|open|read|write|stdout|stderr'
INCLUDES="-Imodel -Itestbench $(find sim -type d -exec printf '-I%s ' {} +) -Ibuild/gen"
code=0

no() {
    echo "not ok - $1"
    code=1
}

allowed() { # the patterns of the first rule that fits $1
    echo "$RULES" | while IFS=: read -r files includes; do
        for pattern in $files; do
            # shellcheck disable=SC2254
            case $1 in $pattern) echo "$includes" && exit ;; esac
        done
    done
}

check_file() {
    patterns=$(allowed "$1")
    [ -n "$patterns" ] || { no "$1: no rule of docs/architecture.md fits it" && return; }
    # shellcheck disable=SC2086
    for header in $(gcc -MM -DPAGEWALK_VERSION='""' $INCLUDES "$1" |
        tr -d '\\' | tr ' ' '\n' | grep '\.h$'); do
        header=$(echo "$header" | sed 's,[a-z]*/\.\./,,g')
        fits=
        for pattern in $patterns; do
            # shellcheck disable=SC2254
            case $header in ${pattern#!}) case $pattern in !*) fits= && break ;; *) fits=yes ;; esac ;; esac
        done
        [ -n "$fits" ] || no "$1 may not include $header"
    done
}

set +f
for f in model/*.c model/os/*.c sim/*.c sim/*/*.c sim/record/plugin/*.c testbench/*.c; do
    [ ! -e "$f" ] || echo "$f"
done >build/test.doors
set -f
while read -r f; do check_file "$f"; done <build/test.doors
[ $code = 0 ] && echo "ok - $(wc -l <build/test.doors) files keep to the doors of docs/architecture.md"
rm build/test.doors

set +f
before=$code
code=0
for o in build/obj/model/*.o build/obj/model/os/*.o; do
    [ -e "$o" ] || continue
    state=$(objdump -t "$o" | grep -E ' \.(data|bss)[[:space:]]+[0-9a-f]*[1-9a-f][0-9a-f]* ' || true)
    [ -z "$state" ] || no "$o holds a variable: $(echo "$state" | sed 's/.* //' | tr '\n' ' ')"
    calls=$(nm -u "$o" | grep -wE "$IO" || true)
    [ -z "$calls" ] || no "$o does input or output:$(echo "$calls" | tr -d '\n')"
done
[ $code = 1 ] || echo "ok - model/ has no globals and no input or output"
[ $before = 0 ] || code=1

cpp=$(git ls-files -co --exclude-standard '*.cpp' '*.cc' '*.cxx' '*.hpp' |
    grep -vxE 'testbench/(shim|systemc/[a-z_]*)\.cpp' || true)
[ -z "$cpp" ] && echo "ok - C++ only around the Verilated class, and for SystemC" || no "C++ where none may be: $cpp"
rtl=$(grep -lE '^ *(import|`include) ' rtl/*.sv || true)
[ -z "$rtl" ] && echo "ok - rtl/ uses packages by name only" || no "import or include in $rtl"
exit $code
