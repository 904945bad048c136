// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_DOMAIN_XML_H
#define RUNNER_VM_DOMAIN_XML_H

#include "runner/vm/machine.h"

/* What the host adds to a machine's configuration. */
typedef struct DomainXmlHost {
    const char *accel;        /* "kvm" or "tcg" */
    const char *emulator;     /* path */
    const char *channel_path; /* the agent's unix socket, made by the emulator; at most 107 bytes */
} DomainXmlHost;

/* libvirt's definition of a machine, as text: depends on nothing but its arguments. Caller frees. */
char *domain_xml(const MachineConfig *config, const DomainXmlHost *host);

#endif
