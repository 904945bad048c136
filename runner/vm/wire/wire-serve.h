// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_WIRE_WIRE_SERVE_H
#define RUNNER_VM_WIRE_WIRE_SERVE_H

#include <glib.h>
#include <stdbool.h>

/* `trialbed wire`: carry frames between the sockets that wire.h hands over, until the other end of `channel` is closed. */
bool wire_serve(int channel, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
