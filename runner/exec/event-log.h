// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_EVENT_LOG_H
#define RUNNER_EXEC_EVENT_LOG_H

#include <glib.h>
#include <stdint.h>

/* What the coordinator did, for programs: LAB/runs/EXPERIMENT/log.jsonl, one JSON object a line, each with "time" (UTC), "event" and
 * what belongs to it. Lines are only added, by every call of `run` and `resume`. The database is what counts: a log that cannot be
 * written is a warning, once. */
typedef struct EventLog EventLog;

/* A member of a line; the list ends with a NULL name. */
typedef struct EventField {
    const char *name;
    enum { EVENT_TEXT, EVENT_INTEGER, EVENT_REAL } type;
    const char *text; /* NULL: null */
    int64_t integer;
    double real;
} EventField;
#define EVENT_TEXT(name, value) ((EventField) { (name), EVENT_TEXT, .text = (value) })
#define EVENT_INTEGER(name, value) ((EventField) { (name), EVENT_INTEGER, .integer = (value) })
#define EVENT_REAL(name, value) ((EventField) { (name), EVENT_REAL, .real = (value) })
#define EVENT_END ((EventField) { 0 })

/* `folder` is the experiment's. Never NULL. */
EventLog *event_log_open(const char *folder);

void event_log_write(EventLog *log, const char *event, const EventField *fields);

void event_log_close(EventLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventLog, event_log_close)

#endif
