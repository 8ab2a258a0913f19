# SPDX-License-Identifier: Apache-2.0
#
# The self-test of the opinions: copies of rtl/ and of the model's hardware half with every fault of
# testbench/selftest/faults in them, one Verilated build, and the program that wakes one fault at a time.
SELFTEST := build/selftest
SELFTEST_FAULTS := $(sort $(wildcard testbench/selftest/faults/*.fault))
SELFTEST_MODEL := mmu ptw compare judge lines offer slot l1 tlb l2 pwc ctx perm pmp repl
SELFTEST_WRAP := spec_judge_typed spec_judge_ad counters_agree

SELFTEST_KERNEL_FAULTS := $(sort $(wildcard testbench/selftest/kernel/*.fault))
SELFTEST_KERNEL := fault filecache fork mremap truncate vma

.PHONY: selftest
test: $(SELFTEST)/pagewalk $(SELFTEST)/kernel/pagewalk # before the tests: three of them use it
selftest: $(SELFTEST)/selftest ## plant faults in copies of RTL and model, and show which opinion catches each
	$(Q)$(SELFTEST)/selftest $(SELFTEST_ARGS)

$(SELFTEST)/plant: testbench/selftest/plant.c Makefile | install-build
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) $< -o $@

$(SELFTEST)/faults.h: $(SELFTEST)/plant $(SELFTEST_FAULTS) testbench/selftest/mmu_fault.sv testbench/selftest.mk \
		$(wildcard rtl/* model/*.[ch])
	$(call say,PLANT,'$(words $(SELFTEST_FAULTS)) faults')
	$(Q)rm -rf $(SELFTEST)/rtl $(SELFTEST)/model
	$(Q)mkdir -p $(SELFTEST)/rtl $(SELFTEST)/model
	$(Q)cp rtl/* testbench/selftest/mmu_fault.sv $(SELFTEST)/rtl/ && cp model/*.[ch] $(SELFTEST)/model/
	$(Q){ echo mmu_fault.sv; cat rtl/files.f; } >$(SELFTEST)/rtl/files.f
	$(Q)$(SELFTEST)/plant $(SELFTEST) $(SELFTEST_FAULTS)

# Warnings are off for the patched copies alone.
$(SELFTEST)/selftest: testbench/selftest/selftest.c testbench/selftest/stimulus.c testbench/selftest/directed.c \
		testbench/selftest/selftest.h \
		$(SELFTEST)/faults.h build/libpagewalk.a
	$(call say,LD,$@)
	$(Q)for unit in $(SELFTEST_MODEL); do $(CC) -I$(SELFTEST)/model -Imodel -Ibuild/gen $(CFLAGS) -w -include testbench/selftest/mmu_fault.h \
		-c $(SELFTEST)/model/$$unit.c -o $(SELFTEST)/$$unit.o || exit; done
	$(Q)$(CC) $(CPPFLAGS) -I$(SELFTEST) $(CFLAGS) $(WARN) $(filter %.c,$^) $(SELFTEST_MODEL:%=$(SELFTEST)/%.o) \
		build/libpagewalk.a $(SELFTEST_WRAP:%=-Wl,--wrap=%) $(LDLIBS) -o $@

# The program itself with the planted faults in it; DUT_RTL=build/selftest/rtl gives it the RTL.
$(SELFTEST)/pagewalk: testbench/selftest/planted.c $(SELFTEST)/selftest build/obj/sim/main.o build/libpagewalk.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS) -I$(SELFTEST) $(CFLAGS) $(WARN) $< build/obj/sim/main.o $(SELFTEST_MODEL:%=$(SELFTEST)/%.o) \
		build/libpagewalk.a -Wl,--wrap=engine_open $(LDLIBS) -o $@

# The program with bugs of the kernel half in it, for random traces to find (testbench/test_worlds.sh).
$(SELFTEST)/kernel/pagewalk: testbench/selftest/planted.c $(SELFTEST)/plant $(SELFTEST_KERNEL_FAULTS) \
		$(SELFTEST_KERNEL:%=model/os/%.c) build/obj/sim/main.o build/libpagewalk.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)/model/os && $(SELFTEST)/plant $(@D) $(SELFTEST_KERNEL_FAULTS)
	$(Q)for unit in $(SELFTEST_KERNEL); do $(CC) $(CPPFLAGS) -Imodel/os $(CFLAGS) -w -include testbench/selftest/mmu_fault.h \
		-c $(@D)/model/os/$$unit.c -o $(@D)/$$unit.o || exit; done
	$(Q)$(CC) $(CPPFLAGS) -I$(@D) $(CFLAGS) $(WARN) $< build/obj/sim/main.o $(SELFTEST_KERNEL:%=$(@D)/%.o) \
		build/libpagewalk.a -Wl,--wrap=engine_open $(LDLIBS) -o $@
