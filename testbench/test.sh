#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# test.sh UNIT...   What `make test` does once everything is built: the unit tests given, each testbench/check_*.sh
# and each testbench/test_*.sh, two at a time. Every one speaks TAP (`ok ...`, `not ok ...`) and its lines are
# counted; one that fails without saying what, or passes without saying anything, counts as one failure.
# TESTS=pattern runs only those whose name matches. Ends with `N passed, N failed`.
set -eu
cd "$(dirname "$0")/.."
OUT=build/test
rm -rf "$OUT"
mkdir -p "$OUT"
export PAGEWALK=build/pagewalk PAGEWALK_SAN=build/san/pagewalk
export CMOCKA_MESSAGE_OUTPUT=TAP UBSAN_OPTIONS=print_stacktrace=1

now() { date +%s.%N; }
minus() { echo "$1 $2" | awk '{ printf "%.1f", $1 - $2 }'; }
BEGAN=$(now)

# One test: its output to NAME.log, `seconds passed failed name` to NAME.result, a line for people.
cat >"$OUT/one.sh" <<'ONE'
name=$(basename "$1" .sh)
log=build/test/$name.log
start=$(date +%s.%N)
if "$1" >"$log" 2>&1; then code=0; else code=$?; fi
passed=$(grep -c '^ok' "$log" || true)
failed=$(grep -c '^not ok' "$log" || true)
if [ "$code" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
if [ "$passed" = 0 ] && [ "$failed" = 0 ]; then failed=1; echo "not ok - $name said nothing" >>"$log"; fi
seconds=$(date +%s.%N | awk -v s="$start" '{ printf "%.1f", $1 - s }')
echo "$seconds $passed $failed $name" >"build/test/$name.result"
if [ "$failed" = 0 ]; then
    printf '  ok    %-28s %4d passed %8s s\n' "$name" "$passed" "$seconds"
else
    printf '  FAIL  %-28s %4d passed, %d failed (exit %d), %s\n' "$name" "$passed" "$failed" "$code" "$log"
    grep -B1 -A12 '^not ok' "$log" | head -n 40 | sed 's/^/        /'
    [ "$code" = 1 ] || tail -n 15 "$log" | sed 's/^/        /'
fi
ONE

for t in testbench/test_*.sh "$@" testbench/check_*.sh; do # the long ones are among the first
    case $t in
    testbench/test_\*.sh | testbench/check_\*.sh) ;;
    *) case $(basename "$t") in *${TESTS:-}*) echo "$t" ;; esac ;;
    esac
done | xargs -P "${JOBS:-2}" -n 1 sh "$OUT/one.sh"

ENDED=$(now)
echo
echo "where the time went:"
[ -z "${STARTED:-}" ] || printf '  %8s s  install and build\n' "$(minus "$BEGAN" "$STARTED")"
printf '  %8s s  tests, two at a time; the longest:\n' "$(minus "$ENDED" "$BEGAN")"
cat "$OUT"/*.result 2>/dev/null | sort -rn | head -n 8 | awk '{ printf "  %8s s    %s\n", $1, $4 }'
cat "$OUT"/*.result 2>/dev/null |
    awk '{ p += $2; f += $3 } END { printf "%d passed, %d failed\n", p, f; exit f > 0 || p == 0 }'
