// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_WIRE_WIRE_H
#define RUNNER_VM_WIRE_WIRE_H

#include "runner/vm/wire/fabric.h"

/* A running `trialbed wire`, as the worker sees it: a network in user space that needs no kernel module, no tun device and no root.
 * It gets sockets, each one port, and impairs what passes. Any thread may call. */
typedef struct Wire Wire;

/* `program` is trialbed itself. `log_path` takes what it has to complain about (mostly nothing); may be NULL. */
Wire *wire_start(const char *program, uint64_t seed, const char *log_path, GError **error);

/* NULL is fine. */
void wire_stop(Wire *wire);

/* A port on a socket that keeps messages apart; each message is an Ethernet frame. The wire gets a duplicate of `fd`. */
bool wire_port_add(Wire *wire, const FabricPort *what, int fd, unsigned *ret_port, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For a machine with <interface type='udp'>: we are at 127.0.0.1:`ours`, its emulator at 127.0.0.1:`theirs`. */
bool wire_port_add_udp(Wire *wire, const FabricPort *what, uint16_t ours, uint16_t theirs, unsigned *ret_port, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* For a network interface of the calling thread's network namespace, such as one end of a veth pair, whose own traffic we replace. */
bool wire_port_add_interface(Wire *wire, const FabricPort *what, const char *interface, unsigned *ret_port, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

bool wire_impair(Wire *wire, unsigned port, Way way, const Impairment *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool wire_set_up(Wire *wire, unsigned port, bool is_up, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool wire_count(Wire *wire, unsigned port, FabricCount *ret_count, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Capture what enters a segment, before it is impaired. `filter` may be NULL. */
bool wire_capture(Wire *wire, unsigned segment, const char *filter, unsigned snaplen, const char *path, unsigned *ret_capture,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool wire_capture_end(Wire *wire, unsigned capture, PcapCount *ret_count, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The luck of a link: depends on its name alone. */
uint64_t wire_stream(const char *link);

#endif
