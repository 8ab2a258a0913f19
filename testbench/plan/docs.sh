#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# docs.sh TABLE.md   Puts the table between the marks of docs/verification-plan.md.
set -eu
cd "$(dirname "$0")/../.."
DOC=docs/verification-plan.md
awk -v table="$1" '
    /^<!-- plan -->/ { print; print ""; while ((getline line <table) > 0) print line; print ""; skip = 1 }
    /^<!-- end of plan -->/ { skip = 0 }
    !skip { print }
' "$DOC" >"$DOC.new"
if cmp -s "$DOC" "$DOC.new"; then rm "$DOC.new"; else mv "$DOC.new" "$DOC"; echo "  DOCS      $DOC"; fi
tail -n 1 "$1"
