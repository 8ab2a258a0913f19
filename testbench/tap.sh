# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034
#
# Sourced by the test_*.sh that run commands: OUT is the caller's directory, `code` what it exits with in the end.
code=0

check() { # WHAT, then a command that must succeed
    what=$1
    shift
    if "$@" >"$OUT/said" 2>&1; then
        echo "ok - $what"
    else
        echo "not ok - $what"
        tail -n 8 "$OUT/said" | sed 's/^/    /'
        code=1
    fi
}

planted() { # the program with planted faults, and the copy of the RTL that it drives
    make -s build/selftest/pagewalk >"$OUT/build" 2>&1 || {
        echo "not ok - the program with planted faults builds"
        tail -n 5 "$OUT/build"
        exit 1
    }
    export DUT_RTL=build/selftest/rtl
}

# SECONDS COMMAND...: SIGTERM, once. Without --foreground `timeout` sends it to the process and then to its group, and
# the second signal ends at once what the first one asked to end cleanly.
stopped_after() {
    timeout --foreground --preserve-status -s TERM "$@"
}
