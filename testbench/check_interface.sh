#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# docs/interface.md says what the program does: the keys of `run --json` are those of its table, both ways; so are
# the verbs, and the long options of each.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=${PAGEWALK:-build/pagewalk}
WORK=build/test.interface
code=0
mkdir -p $WORK
same() { # NAME FILE FILE
    if cmp -s "$2" "$3"; then
        echo "ok - $1: $(wc -l <"$2") names"
    else
        echo "not ok - $1: < program, > docs/interface.md"
        diff "$2" "$3" | grep '^[<>]' || true
        code=1
    fi
}

cat >$WORK/one.trace <<'TRACE'
pagewalk-trace 1
process 1
mmap 0x10000 0x1000 rw- private anon
L 10000 8
TRACE
$PAGEWALK run --json --overhead --ps notes,end $WORK/one.trace |
    jq -r '[paths(type != "object") | map(tostring) | join("/")][]' |
    sed '/^ps$/d; /^ps\/[0-9]*\/processes$/d; /^ps\/.*\/vmas$/d
        /^ps\//s,/[0-9][0-9]*/,[]/,g; s,^\(ps.*/faults\)/.*,\1/KIND,' |
    sed -E 's,/[0-9]+(/|$).*,,; s,^roi/.*,roi/COUNT,; s,^metrics/.*,metrics/METRIC,' |
    sed '/^config\/hash$/b; /^config\/name$/b; s,^config/.*,config/KNOB,; ' | tr / . | LC_ALL=C sort -u >$WORK/keys
documented() { # VERB: the keys of its table
    sed -n "/^<!-- keys of $1 -->/,/^<!-- end of keys -->/p" docs/interface.md | grep '^| `' | cut -d'|' -f2 |
        grep -o '`[^`]*`' | tr -d '`' | LC_ALL=C sort -u
}
documented run >$WORK/keys.doc
same "keys of run --json" $WORK/keys $WORK/keys.doc

# Accesses that have every kind of step between them.
while read -r which trace options; do
    # shellcheck disable=SC2086
    $PAGEWALK explain $which $options --json traces/$trace.trace |
        jq -r 'paths | map(if type == "number" then "[]" else tostring end) | join(".") | gsub("\\.\\[\\]"; "[]")'
done <<'LIST' | sed -E 's,^steps\[\]\.(pte|from|to)\.(.),PTE.\2,; s,^steps\[\]\.(before|after)\.pte\..*,PAGE.pte,
    s,^steps\[\]\.(before|after)\.(.),PAGE.\2,; /^config$/d; /^(steps|chain)(\[\])?$/d; /^config\.(hash|name)$/b
    s,^config\..*,config.KNOB,; s,\[\]$,,' | LC_ALL=C sort -u >$WORK/explain.keys
--fault=1 cow_after_fork
--fault=2 cow_after_fork
--fault=cow_copy cow_after_fork
--at=10 cow_after_fork
--fault=sigbus past_eof_sigbus
--fault=file_map file_fault_around
--fault=efault kernel_buffers
--fault=1 same_va_two_frames --config sv32
LIST
documented explain >$WORK/explain.doc
same "keys of explain --json" $WORK/explain.keys $WORK/explain.doc

for verb in $($PAGEWALK --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p'); do
    $PAGEWALK $verb --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE '\-\-[a-z-]+' | grep -v -- --usage |
        LC_ALL=C sort -u >$WORK/$verb
    echo --help >$WORK/$verb.list
    sed -n "/^## \`$verb\`/,/^## [^#]/p" docs/interface.md | grep '^| `--' | cut -d'|' -f2 |
        grep -oE '`--[a-z-]+' | tr -d '`' >>$WORK/$verb.list || true
    LC_ALL=C sort -u $WORK/$verb.list >$WORK/$verb.doc
    same "options of $verb" $WORK/$verb $WORK/$verb.doc
done
$PAGEWALK --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' | LC_ALL=C sort >$WORK/verbs
grep '^## `' docs/interface.md | cut -d: -f1 | grep -oE '`[a-z]+`' | tr -d '`' | LC_ALL=C sort >$WORK/verbs.doc
same "verbs" $WORK/verbs $WORK/verbs.doc
rm -r $WORK
exit $code
