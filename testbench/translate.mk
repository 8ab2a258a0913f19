# SPDX-License-Identifier: Apache-2.0
#
# Cases for `pagewalk translate`: the generator, and the table of which row of the decision table decided how often.
TRANSLATE_LINES ?= 1000000
TRANSLATE_SEED ?= 1

build/translate-gen: testbench/translate/gen.c build/libpagewalk.a Makefile
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $< build/libpagewalk.a $(LDLIBS) -o $@

.PHONY: translate-rows
translate-rows: build/pagewalk build/translate-gen ## a million translation cases a mode: how often each row decides
	$(Q)for mode in sv32 sv39 sv48 sv57; do echo "$$mode"; \
		build/translate-gen $$mode $(TRANSLATE_LINES) $(TRANSLATE_SEED) >build/translate.in && \
		build/pagewalk translate --rows build/translate.in >/dev/null || exit; done; rm -f build/translate.in

# The tests of the verb need the generator.
test: build/translate-gen

.PHONY: translate-rate
translate-rate: build/pagewalk ## lines a second of `translate --engine spec`, the text short
	$(Q)awk 'BEGIN { for (n = 0; n < 1000000; n++) printf "%x p=U satp=8000000000080000 mem=80000000:20000401,%s va=%x\n", \
		n, "80001000:20000801,80002008:21000CDF op=load sz=8", 4096 + n % 512 * 8 }' >build/translate.in
	$(Q)began=$$(date +%s%N); build/pagewalk translate build/translate.in >/dev/null; ended=$$(date +%s%N); \
		echo "$$((1000000000000 / ((ended - began) / 1000))) lines a second"; rm -f build/translate.in
