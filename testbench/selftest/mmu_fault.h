/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of the planted faults is awake in the copy of the C model; 0: none. Included before each of
 * its files by `make selftest`; the twin of mmu_fault.sv.
 */
extern unsigned mmu_fault_number;
