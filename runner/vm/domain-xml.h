// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_DOMAIN_XML_H
#define RUNNER_VM_DOMAIN_XML_H

#include "runner/vm/machine.h"

/* Our metadata element is <run xmlns="https://trialbed.org/xmlns/run/1" uuid="UUID OF THE EXPERIMENT"/>; on a libvirt that is not
 * embedded it also has owner="..." (outside.h) and run="NUMBER". */
#define DOMAIN_XML_NAMESPACE "https://trialbed.org/xmlns/run/1"

/* What the host adds to a machine's configuration. */
typedef struct DomainXmlHost {
    const char *accel;        /* "kvm" or "tcg" */
    const char *emulator;     /* path */
    const char *channel_path; /* the agent's unix socket, made by the emulator; at most 107 bytes */
    bool embedded;            /* no daemon of others: what libvirt has no words for may be said even if nothing else needs it */
    bool keep_owners;         /* tell libvirt to leave the owners of files alone: only where it would change them (model 'dac') */
} DomainXmlHost;

/* libvirt's definition of a machine, as text: depends on nothing but its arguments. Caller frees. */
char *domain_xml(const MachineConfig *config, const DomainXmlHost *host);

#endif
