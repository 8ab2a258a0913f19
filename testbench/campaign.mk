# SPDX-License-Identifier: Apache-2.0
.PHONY: campaign-lockstep campaign-traffic
campaign-lockstep: build | install-test ## every recording whole under every configuration, in lock-step; resumable
	$(Q)testbench/campaign.sh lockstep

campaign-traffic: build build/san/test_traffic | install-test ## random traffic for SEEDS seeds of CYCLES cycles a configuration
	$(Q)testbench/campaign.sh traffic
