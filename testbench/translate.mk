# SPDX-License-Identifier: Apache-2.0
#
# Cases for `pagewalk translate`: the generator, and the table of which row of the decision table decided how often.
TRANSLATE_LINES ?= 1000000
TRANSLATE_SEED ?= 1

build/translate-gen: testbench/translate/gen.c Makefile
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) $< -o $@

.PHONY: translate-rows
translate-rows: build/pagewalk build/translate-gen ## random translation cases, a million a mode: how often each row of the decision table decides
	$(Q)for mode in sv32 sv39 sv48 sv57; do echo "$$mode"; \
		build/translate-gen $$mode $(TRANSLATE_LINES) $(TRANSLATE_SEED) >build/translate.in && \
		build/pagewalk translate --rows build/translate.in >/dev/null || exit; done; rm -f build/translate.in
