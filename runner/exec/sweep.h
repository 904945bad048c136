// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_SWEEP_H
#define RUNNER_EXEC_SWEEP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Remove what workers that were killed left on the libvirt at `uri` (outside.h; `run_id` 0: of all the owner's runs), and say what it
 * was. Another process of `program` does it, so that a daemon that does not answer holds nobody up for ever. */
bool sweep_outside(const char *program, const char *uri, const char *owner, int64_t run_id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
