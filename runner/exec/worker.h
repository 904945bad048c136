// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_WORKER_H
#define RUNNER_EXEC_WORKER_H

#include <glib.h>
#include <stdbool.h>

/* The program of a worker, already inside its sandbox: read one Job from `channel`, do the attempt, send messages, return. True when
 * the attempt was told to the end, whether or not it succeeded. */
bool worker_main(int channel, GError **error);

#endif
