#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What caches may not change (testbench/metamorphic.sh): all text traces and a window of each recording on the C
# model, a small window in lock-step. And the comparison itself is shown a difference.
set -eu
cd "$(dirname "$0")/.."
WORK=build/test.metamorphic
export WORK
code=0
testbench/metamorphic.sh model 0 traces/*.trace || code=1
testbench/metamorphic.sh model 100000 traces/*.pwt || code=1
testbench/metamorphic.sh lockstep 5000 traces/*.pwt || code=1
# shellcheck disable=SC2016
printf '%s\n' '#!/bin/sh' 'case $* in *"--config tiny"*) set -- "$@" --set os.fault_around=1 ;; esac' \
    'exec build/pagewalk "$@"' >$WORK/other
chmod +x $WORK/other
if PAGEWALK=$WORK/other testbench/metamorphic.sh model 0 traces/file_fault_around.trace >$WORK/caught; then
    echo "not ok - a configuration that behaves otherwise is caught"
    code=1
else
    echo "ok - a configuration that behaves otherwise is caught"
fi
[ $code = 1 ] || rm -r $WORK
exit $code
