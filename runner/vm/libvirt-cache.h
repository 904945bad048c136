// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_LIBVIRT_CACHE_H
#define RUNNER_VM_LIBVIRT_CACHE_H

/* libvirt asks each emulator once what it can do, which takes a second or more, and keeps the answers below an embedded driver's
 * root. These two carry them from one root to the next; libvirt itself sees when an answer is out of date. Neither fails: without
 * them a start is only slower. Any number of workers may share `cache`. */
void libvirt_cache_load(const char *cache, const char *root);
void libvirt_cache_store(const char *cache, const char *root);

#endif
