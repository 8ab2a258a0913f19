# SPDX-License-Identifier: Apache-2.0
#
# SystemC: docs/systemc.md. Nothing here is part of `make build`; the engines build what they need when first asked for.
.PHONY: systemc campaign-systemc
systemc: build/pagewalk | install-systemc ## the engines under SystemC, the example virtual platform; builds them and runs the platform
	$(Q)build/pagewalk run --engine systemc --summary traces/cow_after_fork.trace
	$(Q)build/pagewalk run --engine systemc-at --summary traces/cow_after_fork.trace
	$(Q)platform=$$(testbench/systemc/build.sh platform) && $$platform

campaign-systemc: build/pagewalk | install-systemc ## test_systemc.sh with windows of 200,000 accesses of the recordings
	$(Q)WINDOW=200000 testbench/test_systemc.sh

.PHONY: install-systemc
install-systemc:
	@testbench/install.sh systemc
