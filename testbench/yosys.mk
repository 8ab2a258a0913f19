# SPDX-License-Identifier: Apache-2.0
#
# What Yosys makes of the RTL: its gates, and what they cost. `make test` has the first, as testbench/test_yosys.sh.
.PHONY: area yosys-check

area: build | install-area ## cells, flip-flops, SRAM bits and longest path of CONFIGS="tiny default": docs/area.md, docs/area.json
	$(Q)testbench/area/area.sh $(CONFIGS)

yosys-check: build | install-test ## Yosys reads all of rtl/; the gates it makes replay a window in lock-step
	$(Q)testbench/yosys.sh check
