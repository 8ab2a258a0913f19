#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# views.sh   What `make build` leaves in build/waves: a waveform of the default configuration, and every view of it as a
# save file of GTKWave (docs/waveforms.md). A view that names a signal which the RTL does not have ends it here.
set -eu
cd "$(dirname "$0")/.."
TRACE=traces/cow_after_fork.trace
FST=build/waves/default.fst
mkdir -p build/waves
newest=$(ls -t "$FST" build/pagewalk "$TRACE" testbench/views.sh 2>/dev/null | head -n 1)
[ "$newest" != "$FST" ] || exit 0
build/pagewalk run --engine lockstep --wave "$FST" "$TRACE" >build/waves/run.log
build/pagewalk wave --print --view all "$FST" >build/waves/views 2>build/waves/missing
if [ -s build/waves/missing ]; then
    cat build/waves/missing >&2
    echo "views.sh: sim/wave/wave_view.def names what is not there" >&2
    rm "$FST"
    exit 1
fi
