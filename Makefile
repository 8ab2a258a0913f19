# SPDX-License-Identifier: Apache-2.0
#
# pagewalk. `make` alone lists the targets. Everything made lies in build/; V=1 shows the commands.
# Parts that bring targets of their own do so in testbench/*.mk, each with a `## sentence` as here.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j2
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory
VERSION := 0.1.0
STARTED := $(shell date +%s.%N)

CC := gcc
CXX := g++
export CC CXX V
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-9s %s\n' $(1) $(2))

# ---- Flags -------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Werror
ROOMS := sim $(sort $(patsubst %/,%,$(dir $(wildcard sim/*/*.h))))
INCLUDES := -Imodel -Itestbench $(ROOMS:%=-I%) -Ibuild/gen
CPPFLAGS := -DPAGEWALK_VERSION='"$(VERSION)"' $(INCLUDES)
CFLAGS := -std=gnu11 -O2 -g
LDLIBS := -ldl -lz -lzstd -lxxhash -ljansson -lconfig -lsqlite3 -lm
SAN := -std=gnu11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# ---- What there is -----------------------------------------------------------------------------------
SOURCES := $(sort $(wildcard model/*.c model/os/*.c $(ROOMS:%=%/*.c)) \
	$(filter-out testbench/test_%.c testbench/bench_%.c,$(wildcard testbench/*.c)))
PARTS := $(filter-out sim/main.c,$(SOURCES))
GEN := $(addprefix build/gen/,enums.h config.h ports.h mmu_pkg.sv mmu_pins.sv configuration.md ports.md)
WORDS := $(addprefix build/gen/words/,access cause fence memop pbmt priv size slot source)
FST := build/gen/gtkwave/fstapi.h
UNIT := $(patsubst testbench/%.c,%,$(wildcard testbench/test_*.c))

# ---- Targets -----------------------------------------------------------------------------------------
.PHONY: help build run test docs clean format
-include $(wildcard testbench/*.mk)

help:
	@printf 'make TARGET, where TARGET is\n\n'
	@testbench/targets.sh --list
	@printf '\nV=1 shows the commands. build, run and test write into build/ only.\n'

build: build/pagewalk build/pagewalk-record.so build/gen/ports.md $(WORDS) | install-build ## install what is missing, make build/pagewalk and the Verilated MMUs of the traces
	$(Q)testbench/check_ports.sh >build/ports.log || { cat build/ports.log >&2; exit 1; }
	$(Q)testbench/docs.sh # a default changed in model/params.def moves its documents too
	$(Q)build/pagewalk config --dut $(wildcard traces/*.trace traces/*.pwt) >build/duts
	$(Q)testbench/views.sh

run: build | install-run ## replay windows of the shipped traces in lock-step; a table, and a waveform at a page fault
	$(Q)testbench/run.sh

test: build build/san/pagewalk $(UNIT:%=build/san/%) | install-test ## every check and test there is; ends with `N passed, N failed`
	$(Q)STARTED=$(STARTED) testbench/test.sh $(UNIT:%=build/san/%)

docs: build/gen/configuration.md build/gen/ports.md ## refresh the generated tables in docs/ from model/*.def
	$(Q)testbench/docs.sh

format: | install-test ## lay out the C sources with clang-format
	$(Q)clang-format -i $(wildcard model/*.[ch] model/os/*.[ch] sim/*.[ch] sim/*/*.[ch] sim/record/plugin/*.[ch] testbench/*.[ch] testbench/record/*.c testbench/*.cpp testbench/systemc/*.[hc]*)

clean: ## remove build/
	$(Q)rm -rf build

.PHONY: pictures
pictures: build | install-pictures ## draw the pictures of docs/waveforms.md again
	$(Q)testbench/pictures.sh

.PHONY: timing
timing: build/san/test_timing | install-timing ## draw the timing diagrams of docs/microarchitecture.md again
	$(Q)testbench/timing.sh

.PHONY: install-area install-build install-pictures install-qemu install-run install-test install-timing
install-area install-build install-pictures install-qemu install-run install-test install-timing: install-%:
	@testbench/install.sh $*

# ---- Generated from the three lists ------------------------------------------------------------------
build/gen/gen: sim/gen/gen.c model/enums.def model/params.def model/ports.def | install-build
	$(call say,GEN,'model/*.def')
	@mkdir -p build/gen
	$(Q)$(CC) -std=c11 -O1 $(WARN) -Imodel $< -o $@

$(GEN): build/gen/%: build/gen/gen
	$(Q)build/gen/gen $* >$@.new && mv $@.new $@

# libfst, which reads and writes waveforms: Debian has it as source only, in Verilator.
$(FST): | install-build
	@mkdir -p build/gen
	$(Q)ln -sfn "$$(verilator --getenv VERILATOR_ROOT)/include/gtkwave" build/gen/gtkwave

LIBFST := $(addprefix build/obj/fst/,fstapi.o fastlz.o lz4.o)
$(LIBFST): build/obj/fst/%.o: $(FST)
	$(call say,CC,'libfst: $*.c')
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -w -DFST_CONFIG_INCLUDE='"fst_config.h"' -c build/gen/gtkwave/$*.c -o $@

$(WORDS): build/gen/words/%: build/gen/gen
	@mkdir -p $(@D)
	$(Q)build/gen/gen words $* >$@.new && mv $@.new $@

# What a study's results depend on: the hash stands in every job's name (sim/study/study_plan.c).
HASHED := $(SOURCES) $(sort $(wildcard model/*.[hd]* model/os/*.[hd]* $(ROOMS:%=%/*.[hd]*) testbench/*.h))
build/gen/version.h: $(HASHED) | install-build
	@mkdir -p build/gen
	$(Q)cat $(HASHED) | sha256sum | sed 's/\(.\{12\}\).*/#define PAGEWALK_SOURCES "\1"/' >$@

build/obj/sim/study/study_plan.o build/san/obj/sim/study/study_plan.o: build/gen/version.h

# ---- C -----------------------------------------------------------------------------------------------
build/obj/%.o: %.c $(GEN) Makefile | $(FST)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) -MMD -MP -c $< -o $@

build/san/obj/%.o: %.c $(GEN) Makefile | $(FST)
	$(call say,CC.san,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(SAN) $(WARN) -MMD -MP -c $< -o $@

build/libpagewalk.a: $(PARTS:%.c=build/obj/%.o) $(LIBFST)
	$(Q)rm -f $@ && ar rcs $@ $^

build/san/libpagewalk.a: $(PARTS:%.c=build/san/obj/%.o) $(LIBFST)
	$(Q)rm -f $@ && ar rcs $@ $^

build/pagewalk: build/obj/sim/main.o build/libpagewalk.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $^ $(LDLIBS) -o $@

build/san/pagewalk: build/san/obj/sim/main.o build/san/libpagewalk.a
	$(call say,LD.san,$@)
	$(Q)$(CC) $(SAN) $^ $(LDLIBS) -o $@

# The recorder's plugin, which qemu-user loads; its hooks are called by threads of the recorded program.
build/pagewalk-record.so: $(wildcard sim/record/plugin/*.[ch]) $(GEN) Makefile
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) -fPIC -shared -fvisibility=hidden $(filter %.c,$^) -o $@

# The unit tests run under the address and undefined-behaviour sanitizers, and only so.
build/san/test_%: build/san/obj/testbench/test_%.o build/san/libpagewalk.a
	$(call say,LD.san,$@)
	$(Q)$(CC) $(SAN) $^ -lcmocka $(LDLIBS) -o $@

$(UNIT:%=build/san/obj/testbench/%.o): | install-test
.SECONDARY:
-include $(patsubst %.c,build/obj/%.d,$(SOURCES))
-include $(patsubst %.c,build/san/obj/%.d,$(SOURCES) $(wildcard testbench/test_*.c))
