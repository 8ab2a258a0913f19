# SPDX-License-Identifier: Apache-2.0
.PHONY: matrix
matrix: build/pagewalk ## every text trace under every mode, Svade and Svadu, with and without ASIDs: passes, or why not
	$(Q)testbench/matrix.sh
