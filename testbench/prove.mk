# SPDX-License-Identifier: Apache-2.0
#
# What can be proved of the RTL: docs/formal.md.
.PHONY: prove
prove: build/gen/mmu_pkg.sv | install-test ## properties of RTL units (UNITS="tlb pmp") for all inputs, each with a cover and a planted bug
	$(Q)testbench/formal/prove.sh $(UNITS)
