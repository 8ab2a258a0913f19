#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# compare.sh   LINES generated translation cases of Sv39, Sv48 and Sv57 each, on the literal walker and on a hart that
# QEMU emulates: cause, tval, where every byte went, and every word of the tables after every step. Cases that QEMU 7.2
# cannot have are left out, counted and named. In pieces that are kept; ends with the sum, exit code 1 on a difference.
#
# QEMU has Svadu and Svpbmt always on, so the lines do; the memory of its machine stands in each line as `ram=`.
set -eu
cd "$(dirname "$0")/../.."
LINES=${LINES:-100000}
PIECE=10000
DIR=build/qemu
VERSION=$(cat build/qemu/host build/qemu/guest.elf build/translate-gen | sha256sum | cut -c1-12)
KEPT=$DIR/$VERSION
mkdir -p "$KEPT"

lines() { # MODE SEED
    build/translate-gen "$1" $PIECE "$2" | grep -v ' ram=' | grep -v 'hart=rv64 ' |
        awk '{ gsub(/ (adue|pbmte)=[01]/, ""); sub(/ satp=/, " adue=1 pbmte=1 ram=80000000-43fffffff satp="); print }'
}

emulate() { # in DIR; 18 GiB of which only what is touched is had
    (cd "$DIR" && rm -f answers.bin && timeout 600 qemu-system-riscv64 -M virt -m 18G -bios none -kernel guest.elf \
        -cpu rv64,svnapot=true,svpbmt=true -semihosting-config enable=on,target=native \
        -display none -serial none -monitor none)
}

for mode in sv39 sv48 sv57; do
    for seed in $(seq 1 $(((LINES + PIECE - 1) / PIECE))); do
        piece=$KEPT/$mode.$seed
        [ ! -e "$piece" ] || continue
        echo "  $mode, lines of seed $seed" >&2
        lines $mode "$seed" >"$DIR/lines"
        "$DIR/host" pack "$DIR" <"$DIR/lines"
        emulate
        "$DIR/host" judge "$DIR" <"$DIR/lines" >"$piece.new" || [ $? = 1 ]
        mv "$piece.new" "$piece"
    done
done
rm -f "$DIR/lines" "$DIR/cases.bin" "$DIR/answers.bin"
cat "$KEPT"/* | awk '
    /^left out/ { n = $3; sub(/^left out *[0-9]+: /, ""); out[$0] += n; next }
    /^compared/ { cases += $2; steps += $4; traps += $6; words += $8; bad += $11; next }
    { print }
    END {
        for (why in out) printf "left out %8d: %s\n", out[why], why
        printf "%d cases, %d steps, %d traps, %d words updated: %d cases differ\n", cases, steps, traps, words, bad
        exit bad > 0 || !cases
    }'
