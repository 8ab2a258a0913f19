# SPDX-License-Identifier: Apache-2.0
#
# The literal walker beside a hart that QEMU emulates: testbench/qemu/.
build/qemu/guest.elf: testbench/qemu/guest.c testbench/qemu/start.S testbench/qemu/guest.ld testbench/qemu/cases.h \
		| install-qemu
	$(call say,LD.riscv,$@)
	@mkdir -p $(@D)
	$(Q)riscv64-linux-gnu-gcc -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -O2 $(WARN) -fno-pic -ffreestanding \
		-nostdlib -static -Wl,--build-id=none,--no-warn-rwx-segments -T $(filter %.ld,$^) $(filter %.S %.c,$^) -o $@

build/qemu/host: testbench/qemu/host.c testbench/qemu/cases.h build/libpagewalk.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $< build/libpagewalk.a $(LDLIBS) -o $@

.PHONY: campaign-qemu
campaign-qemu: build/qemu/host build/qemu/guest.elf build/translate-gen ## LINES translation cases a mode on the walker and on QEMU's hart; resumable
	$(Q)testbench/qemu/compare.sh
