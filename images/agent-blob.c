// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/blobs.h"

#include "runner/base/error.h"

/* A file is empty where there was no compiler for it. */
__asm__(".section .rodata\n"
        "agent_start: .incbin \"guest/trialbed-agent\"\n"
        "agent_end: .byte 0\n"
        "agent_aarch64_start: .incbin \"guest/trialbed-agent-aarch64\"\n"
        "agent_aarch64_end: .byte 0\n"
        ".previous\n");

extern const char agent_start[], agent_end[], agent_aarch64_start[], agent_aarch64_end[];

GBytes *agent_blob(void)
{
    return g_bytes_new_static(agent_start, (size_t) (agent_end - agent_start));
}

GBytes *agent_blob_for(const ImageArch *arch, GError **error)
{
    if (g_str_equal(arch->name, IMAGE_ARCH_HOST))
        return agent_blob();
    if (g_str_equal(arch->name, "aarch64") && agent_aarch64_end - agent_aarch64_start > 0)
        return g_bytes_new_static(agent_aarch64_start, (size_t) (agent_aarch64_end - agent_aarch64_start));
    error_set(error, ERROR_HOST, "this trialbed has no guest agent for %s: its compiler was not there when it was built", arch->name);
    error_hint(error, "'sudo apt-get install -y gcc-%s libc6-dev-%s-cross' and 'make' build it in.", arch->multiarch, arch->debian);
    return NULL;
}
