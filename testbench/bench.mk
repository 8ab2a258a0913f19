# SPDX-License-Identifier: Apache-2.0
.PHONY: bench
bench: build | install-test ## speed of each engine on one recording, measured in turns, as ratios
	$(Q)testbench/bench.sh
