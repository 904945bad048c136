// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUEST_AGENT_MACHINE_H
#define GUEST_AGENT_MACHINE_H

#include <stddef.h>
#include <stdint.h>

void machine_set_clock(int64_t realtime_ns);

/* Mix host-given bytes into the random pool and make the kernel use them: clones of one saved machine must differ. */
void machine_add_entropy(const uint8_t *bytes, size_t size);

_Noreturn void machine_power_off(void);

#endif
