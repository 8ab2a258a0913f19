#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A slice of `make campaign-kills`: three signals, two engines.
exec "$(dirname "$0")/wave_kill.sh" 6 1
