// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/blobs.h"

__asm__(".section .rodata\n"
        "agent_start: .incbin \"guest/trialbed-agent\"\n"
        "agent_end: .byte 0\n"
        ".previous\n");

extern const char agent_start[], agent_end[];

GBytes *agent_blob(void)
{
    return g_bytes_new_static(agent_start, (size_t) (agent_end - agent_start));
}
