# SPDX-License-Identifier: Apache-2.0
#
# What Yosys makes of the RTL. `make test` has the check too, as testbench/test_yosys.sh.
.PHONY: area yosys-check

area: build | install-test ## gates and flip-flops of named configurations (CONFIGS="tiny default"), by Yosys
	$(Q)testbench/yosys.sh area $(CONFIGS)

yosys-check: build | install-test ## Yosys reads all of rtl/; the gates it makes replay a window in lock-step
	$(Q)testbench/yosys.sh check
