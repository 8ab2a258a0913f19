#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# targets.sh [--list]   The targets of make, each with the sentence that stands behind it in a makefile: as
# docs/interface.md has them, or as `make help` lists them.
set -eu
cd "$(dirname "$0")/.."
list() {
    sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile testbench/*.mk
}
if [ "${1:-}" = --list ]; then
    list | while IFS='|' read -r name text; do printf '  %-23s %s\n' "$name" "$text"; done
else
    printf '| target | what it does |\n|---|---|\n'
    list | sed 's/^\([^|]*\)|\(.*\)/| `\1` | \2 |/'
fi
