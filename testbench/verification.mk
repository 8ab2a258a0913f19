# SPDX-License-Identifier: Apache-2.0
#
# The verification plan: its directed tests, the coverage they and other runs count, and the table of
# docs/verification-plan.md. `make test` has the directed part, as testbench/test_plan.sh.
PLAN := build/plan
PLAN_OBJECTS := $(patsubst testbench/plan/%.c,$(PLAN)/obj/%.o,$(wildcard testbench/plan/*.c))

.PHONY: coverage
coverage: build $(PLAN)/plan build/san/test_traffic build/translate-gen ## directed tests, traffic, translate and traces with coverage; writes the table of the plan
	$(Q)testbench/plan/coverage.sh all
	$(Q)testbench/plan/table.sh build/coverage >build/coverage/table.md
	$(Q)testbench/plan/docs.sh build/coverage/table.md

test: $(PLAN)/plan

$(PLAN)/obj/%.o: testbench/plan/%.c testbench/plan/plan.def $(GEN) Makefile | install-build
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itestbench/plan $(CFLAGS) $(WARN) -MMD -MP -c $< -o $@

$(PLAN)/plan: $(PLAN_OBJECTS) build/libpagewalk.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $^ $(LDLIBS) -o $@

# Mutants: copies of rtl/ and of the model's hardware half with every fault of testbench/plan/mutants, and the
# directed tests over them.
MUTANTS := build/mutants
MUTANT_FAULTS := $(sort $(wildcard testbench/plan/mutants/*.fault))

.PHONY: campaign-mutants
campaign-mutants: $(MUTANTS)/mutants ## 20 items of the plan by SEED (COUNT=0: all): a mutant of each turns its test red
	$(Q)$(MUTANTS)/mutants --seed $(or $(SEED),1) --count $(or $(COUNT),20)

$(MUTANTS)/faults.h: $(SELFTEST)/plant $(MUTANT_FAULTS) testbench/selftest/mmu_fault.sv testbench/verification.mk \
		$(wildcard rtl/* model/*.[ch])
	$(call say,PLANT,'$(words $(MUTANT_FAULTS)) mutants')
	$(Q)rm -rf $(MUTANTS)/rtl $(MUTANTS)/model
	$(Q)mkdir -p $(MUTANTS)/rtl $(MUTANTS)/model
	$(Q)cp rtl/* testbench/selftest/mmu_fault.sv $(MUTANTS)/rtl/ && cp model/*.[ch] $(MUTANTS)/model/
	$(Q){ echo mmu_fault.sv; cat rtl/files.f; } >$(MUTANTS)/rtl/files.f
	$(Q)$(SELFTEST)/plant $(MUTANTS) $(MUTANT_FAULTS)

# Warnings are off for the patched copies alone.
$(MUTANTS)/mutants: testbench/plan/mutants/mutants.c $(filter-out $(PLAN)/obj/main.o,$(PLAN_OBJECTS)) \
		$(MUTANTS)/faults.h build/libpagewalk.a
	$(call say,LD,$@)
	$(Q)for unit in $(SELFTEST_MODEL); do $(CC) -I$(MUTANTS)/model -Imodel -Ibuild/gen $(CFLAGS) -w \
		-include testbench/selftest/mmu_fault.h -c $(MUTANTS)/model/$$unit.c -o $(MUTANTS)/$$unit.o || exit; done
	$(Q)$(CC) $(CPPFLAGS) -I$(MUTANTS) -Itestbench/plan $(CFLAGS) $(WARN) $(filter %.c %.o,$^) \
		$(SELFTEST_MODEL:%=$(MUTANTS)/%.o) build/libpagewalk.a $(LDLIBS) -o $@

-include $(wildcard $(PLAN)/obj/*.d)
