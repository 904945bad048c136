// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/accel-guest.h"

/* A boot sector that walks the road every kernel walks first: real mode, page tables, long mode. Some hosts run real-mode code
 * under KVM and never come back from the switch, so less would prove too little. It then ends the emulator through the
 * isa-debug-exit device with ACCEL_GUEST_STATUS. The BIOS loads it at 0x7c00; page tables go to 0x1000, 0x2000 and 0x3000. */
asm(".pushsection .rodata\n"
    ".globl accel_guest\n"
    "accel_guest:\n"
    ".code16\n"
    "    cli\n"
    "    xorw %ax, %ax\n"
    "    movw %ax, %ds\n"
    "    movw %ax, %es\n"
    "    movl $0x1000, %edi\n"
    "    xorl %eax, %eax\n"
    "    movl $0xc00, %ecx\n"
    "    cld\n"
    "    rep stosl\n"
    "    movl $0x2003, 0x1000\n" /* one table a level, */
    "    movl $0x3003, 0x2000\n"
    "    movl $0x83, 0x3000\n" /* then a page of 2 MiB that maps the code onto itself */
    "    movl %cr4, %eax\n"
    "    orl $0x20, %eax\n" /* physical address extension */
    "    movl %eax, %cr4\n"
    "    movl $0x1000, %eax\n"
    "    movl %eax, %cr3\n"
    "    movl $0xc0000080, %ecx\n"
    "    rdmsr\n"
    "    orl $0x100, %eax\n" /* long mode enable */
    "    wrmsr\n"
    "    lgdt 0x7c00 + accel_guest_gdtr - accel_guest\n"
    "    movl %cr0, %eax\n"
    "    orl $0x80000001, %eax\n" /* paging and protection */
    "    movl %eax, %cr0\n"
    "    ljmpl $8, $0x7c00 + accel_guest_long - accel_guest\n"
    ".code64\n"
    "accel_guest_long:\n"
    "    movb $42, %al\n"
    "    outb %al, $0xf4\n"
    "1:  hlt\n"
    "    jmp 1b\n"
    ".balign 8\n"
    "accel_guest_gdt: .quad 0, 0x00209a0000000000\n" /* none; 64-bit code */
    "accel_guest_gdtr: .word 15\n"
    "    .long 0x7c00 + accel_guest_gdt - accel_guest\n"
    ".org accel_guest + 510\n"
    ".byte 0x55, 0xaa\n"
    ".popsection\n");
