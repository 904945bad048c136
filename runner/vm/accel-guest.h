// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_ACCEL_GUEST_H
#define RUNNER_VM_ACCEL_GUEST_H

#include <stdint.h>

enum { ACCEL_GUEST_SIZE = 512, ACCEL_GUEST_STATUS = 42 << 1 | 1 };

/* The smallest guest that proves an accelerator: a boot sector. Run with a device isa-debug-exit,iobase=0xf4,iosize=1 it ends
 * the emulator with ACCEL_GUEST_STATUS. */
extern const uint8_t accel_guest[ACCEL_GUEST_SIZE];

#endif
