// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_WORKER_H
#define RUNNER_EXEC_WORKER_H

#include <glib.h>
#include <stdbool.h>

/* Do on nothing what every worker does. A new process is slow where it goes for the first time: each page of code and memory
 * must be mapped. One that waits for its job may as well have been there. */
void worker_rehearse(void);

/* Open the embedded libvirt while the worker waits for its job: that takes a tenth of a second. `cache` as in Job. */
void worker_furnish(const char *cache);

/* The program of a worker, already inside its sandbox: read one Job from `channel`, do the attempt, send messages, return. True when
 * the attempt was told to the end, whether or not it succeeded. */
bool worker_main(int channel, GError **error);

#endif
