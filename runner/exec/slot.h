// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_SLOT_H
#define RUNNER_EXEC_SLOT_H

#include "db/store.h"
#include "runner/base/nursery.h"
#include "runner/exec/message.h"

/* The coordinator's side of one worker: starts it, gathers its messages, knows when it is over. */
typedef struct Slot Slot;

/* A nursery that begins at once with a worker for the virtual machines of the embedded libvirt (`cache` as in Job), or for others (NULL). */
Nursery *slot_nursery(const char *program, const char *cache);

/* Start a worker of `nursery` for a job. `run_id` and `attempt` are only remembered. `timeout_ms`: after that (plus a grace for
 * its own cleaning up) the worker is killed. */
Slot *slot_start(Nursery *nursery, const Job *job, int64_t run_id, unsigned attempt, int64_t timeout_ms, GError **error);

/* Descriptor to poll for reading; ask again each time. */
int slot_fd(const Slot *slot);

/* When slot_fd() is readable: take some of what there is. True while the worker lives; false when it is dead, or has told all and is on its
 * way out: then call slot_finish(). */
bool slot_read(Slot *slot);

/* Kill a worker that is over its time. True when it was. */
bool slot_check_deadline(Slot *slot, int64_t now_ns);

/* Kill it now. Class (static) and reason are the attempt's, unless the worker has already told how it ended. */
void slot_kill(Slot *slot, const char *failure_class, const char *reason);

/* Whether the worker has done all that its job asked ahead of the run, and waits. */
bool slot_is_parked(const Slot *slot);

/* Let a parked worker go on: its attempt begins now, what it has told so far lies before. `timeout_ms` as in slot_start(). */
bool slot_go(Slot *slot, int64_t timeout_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the worker has ended its attempt well and waits for another job of the same cell, with its machines (`start: keep`). */
bool slot_is_kept(const Slot *slot);

/* Give a kept worker, whose attempt has been described and stored, its next job. As slot_start(); what was described before is gone. False
 * when it does not live any more. */
bool slot_renew(Slot *slot, const Job *job, int64_t run_id, unsigned attempt, int64_t timeout_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Describe the attempt; the record points into the slot. Waits for the end of a worker that has not told all. */
void slot_finish(Slot *slot, AttemptRecord *ret_attempt);

/* Kill what still lives of it, and wait until nothing does. */
void slot_end(Slot *slot);

/* With slot_end(). */
void slot_free(Slot *slot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Slot, slot_free)

#endif
