# SPDX-License-Identifier: Apache-2.0
#
# What Yosys makes of the RTL: its gates, and what they cost. `make test` has the first, as testbench/test_yosys.sh.
.PHONY: area gates yosys-check

area: build | install-area ## cells, flip-flops, SRAM bits and longest path of CONFIGS="tiny default": docs/area.md, docs/area.json
	$(Q)testbench/area/area.sh $(CONFIGS)

gates: build | install-area ## cells and flip-flops of the default and of CONFIGS, those of testbench/area/points, module by module
	$(Q)testbench/area/area.sh --modules default $(or $(CONFIGS),$(wildcard testbench/area/points/*.conf))

yosys-check: build | install-test ## Yosys reads all of rtl/; the gates it makes replay a window in lock-step
	$(Q)testbench/yosys.sh check
