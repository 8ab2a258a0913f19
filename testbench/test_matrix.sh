#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The matrix of text traces: testbench/matrix.sh.
exec "$(dirname "$0")/matrix.sh"
