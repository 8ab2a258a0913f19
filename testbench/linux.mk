# SPDX-License-Identifier: Apache-2.0
#
# The kernel half against a real kernel: the runner performs every text trace natively, the other program performs
# it on the kernel half, and their rows are compared. The stub is the runner's whole image inside a traced process,
# parked where no trace goes.
LINUX := build/linux
LINUX_STORED := $(addprefix $(LINUX)/,half compare)
LINUX_REAL := $(if $(filter x86_64,$(shell uname -m)),$(addprefix $(LINUX)/,runner stub))

.PHONY: campaign-os linux-check linux-costs linux-random
linux-check: $(LINUX_STORED) $(LINUX_REAL) ## perform the text traces on this machine's kernel and compare with the kernel half; UPDATE=1 stores the tables
	$(Q)UPDATE=$(UPDATE) testbench/linux/check.sh $(TRACES)

linux-random: $(LINUX_STORED) $(LINUX_REAL) $(LINUX)/random $(LINUX)/random_huge ## random traces on this machine's kernel and on the kernel half; FIRST=, LAST= seeds; HUGE=1: about huge pages, HUGE=64: of 64 KiB
	$(Q)HUGE=$(HUGE) testbench/linux/random.sh $(or $(FIRST),1) $(or $(LAST),20)

linux-costs: $(LINUX)/costs ## what faults cost on this machine's kernel and disk (x86-64)
	$(Q)cd $(LINUX) && ./costs

campaign-os: build $(LINUX_STORED) $(LINUX_REAL) $(LINUX)/random $(LINUX)/random_huge | install-test ## RECORDS random calls on the kernel half, REAL rows on a real kernel; resumable
	$(Q)testbench/campaign.sh os

test: $(LINUX_STORED) $(LINUX)/random $(LINUX)/random_huge

$(LINUX)/obj/%.o: testbench/linux/%.c $(GEN) Makefile | install-build
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) -MMD -MP -c $< -o $@

$(LINUX)/half: $(addprefix $(LINUX)/obj/,half.o row.o) build/libpagewalk.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $^ $(LDLIBS) -o $@

$(LINUX)/runner: $(addprefix $(LINUX)/obj/,runner.o row.o probe.o child.o group.o derive.o files.o gup.o) build/libpagewalk.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $^ $(LDLIBS) -o $@

$(LINUX)/compare: $(addprefix $(LINUX)/obj/,compare.o row.o) build/libpagewalk.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $^ $(LDLIBS) -o $@

$(LINUX)/random $(LINUX)/random_huge: $(LINUX)/%: $(LINUX)/obj/%.o build/libpagewalk.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $^ $(LDLIBS) -o $@

$(LINUX)/costs: $(LINUX)/obj/costs.o
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $^ -o $@

$(LINUX)/stub: testbench/linux/stub.S testbench/linux/stub.h
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -nostdlib -static -s -Itestbench/linux -Wl,-Ttext-segment=0x600000000000,-z,noseparate-code \
		-Wl,--build-id=none $< -o $@

-include $(wildcard $(LINUX)/obj/*.d)
