#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Yosys reads all of rtl/files.f, and the gates it makes are the MMU: testbench/yosys.sh.
exec "$(dirname "$0")/yosys.sh" check
