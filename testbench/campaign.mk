# SPDX-License-Identifier: Apache-2.0
.PHONY: campaign-bugs campaign-configs campaign-kills campaign-lockstep campaign-traffic campaign-translate campaign-metamorphic
campaign-translate: build build/translate-gen | install-test ## LINES translation cases a mode through four engines; resumable
	$(Q)testbench/campaign.sh translate

campaign-metamorphic: build | install-test ## what caches may not change: every trace, whole and in lock-step; resumable
	$(Q)testbench/campaign.sh metamorphic

campaign-lockstep: build | install-test ## every recording whole under every configuration, in lock-step; resumable
	$(Q)testbench/campaign.sh lockstep

campaign-traffic: build build/san/test_traffic | install-test ## random traffic for SEEDS seeds of CYCLES cycles a configuration
	$(Q)testbench/campaign.sh traffic

campaign-bugs: build build/selftest/pagewalk | install-test ## bugs of authors who know no checker: red, grouped, small, and waves to look at; SEED of Yosys' mutations; resumable
	$(Q)testbench/bugs/bugs.sh

campaign-configs: build | install-test ## 40 configurations drawn by SEED, both ends of every knob of the RTL, in lock-step; COUNT, CYCLES: a slice, JOBS; resumable
	$(Q)testbench/configs.sh run $(or $(SEED),1)

campaign-kills: build | install-test ## kill COUNT runs that write waves, at moments that SEED chooses, and read the files
	$(Q)testbench/wave_kill.sh $(or $(COUNT),60) $(or $(SEED),1)
