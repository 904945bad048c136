// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_SLOT_H
#define RUNNER_EXEC_SLOT_H

#include "db/store.h"
#include "runner/exec/message.h"

/* The coordinator's side of one worker: starts it, gathers its messages, knows when it is over. */
typedef struct Slot Slot;

/* Start `program` as a worker for a job. `run_id` and `attempt` are only remembered. `timeout_ms`: after that (plus a grace for
 * its own cleaning up) the worker is killed. */
Slot *slot_start(const char *program, const Job *job, int64_t run_id, unsigned attempt, int64_t timeout_ms, GError **error);

/* Descriptor to poll for reading; ask again each time. */
int slot_fd(const Slot *slot);

/* When slot_fd() is readable: take some of what there is. True while the worker lives; false when it is dead: then call
 * slot_finish(). */
bool slot_read(Slot *slot);

/* Kill a worker that is over its time. True when it was. */
bool slot_check_deadline(Slot *slot, int64_t now_ns);

/* Kill it now. Class (static) and reason are the attempt's, unless the worker has already told how it ended. */
void slot_kill(Slot *slot, const char *failure_class, const char *reason);

/* Whether the worker has done all that its job asked ahead of the run, and waits. */
bool slot_is_parked(const Slot *slot);

/* Let a parked worker go on: its attempt begins now, what it has told so far lies before. `timeout_ms` as in slot_start(). */
bool slot_go(Slot *slot, int64_t timeout_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Wait for its end (at once after slot_read() said false) and describe the attempt. The record points into the slot. */
void slot_finish(Slot *slot, AttemptRecord *ret_attempt);

void slot_free(Slot *slot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Slot, slot_free)

#endif
