// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_MESSAGE_H
#define RUNNER_EXEC_MESSAGE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "db/records.h"

/* What coordinator and worker say to each other over their socket pair: one JSON object a line, {"message": "phase", "name": ...}.
 * The structs are described by tables of fields, so that writing and reading cannot drift apart. */

typedef enum {
    MESSAGE_JOB,      /* coordinator -> worker: Job; another one behind an end that says `kept` */
    MESSAGE_FACTS,    /* worker -> coordinator: Facts */
    MESSAGE_BEGIN,    /* Begin */
    MESSAGE_PHASE,    /* PhaseRecord: at its end */
    MESSAGE_MACHINE,  /* MachineRecord */
    MESSAGE_STEP,     /* StepRecord */
    MESSAGE_SAMPLE,   /* SampleRecord */
    MESSAGE_ARTIFACT, /* ArtifactRecord */
    MESSAGE_CAPTURE,  /* CaptureRecord */
    MESSAGE_EVENT,    /* EventRecord */
    MESSAGE_PARKED,   /* Parked: everything up to the job's `park` is done */
    MESSAGE_GO,       /* coordinator -> worker, once, when it is parked: Go */
    MESSAGE_END,      /* End; nothing of the attempt follows it */
} MessageKind;

/* Everything a worker needs to know of one attempt. */
typedef struct Job {
    const char *scenario;  /* path of the experiment's frozen copy */
    char **levels;         /* one a factor */
    const char *lab;       /* absolute */
    const char *folder;    /* absolute: where this attempt's files go; exists */
    const char *images;    /* absolute: the image store */
    const char *cache;     /* absolute */
    const char *backend;   /* "libvirt" or "fake" */
    const char *uri;       /* NULL: embedded; otherwise also these two: */
    const char *owner;     /* outside.h */
    const char *scratch;   /* folder for sockets; exists. Embedded: on the worker's own tmpfs */
    const char *accel;     /* "kvm" or "tcg" */
    const char *pins;      /* one of the host's CPUs for each virtual processor, machine by machine: "2,3"; or NULL */
    const char *worker_cpus; /* CPUs of the worker and what else it starts: "0-1"; or NULL */
    const char *park;      /* NULL, or the phase behind which it waits for a MESSAGE_GO: it was started ahead of its run */
    const char *uuid;      /* of the experiment */
    int64_t run_id;
    int64_t seed;          /* of the links' luck: of the experiment's seed, the cell and the repetition */
    int64_t asked_ns;      /* monotonic clock of the host: when the attempt began, which may have waited for its worker */
} Job;

/* Monotonic clock of the host, in ns, which all processes share: when the worker began, and when the run does. */
typedef struct Parked {
    int64_t started_ns;
} Parked;

typedef struct Go {
    int64_t at_ns;
} Go;

/* What is really used, as soon as it is known. */
typedef struct Facts {
    const char *platform, *accelerator, *emulator, *backend;
} Facts;

/* A phase begins. Should the worker die now, it is the one that failed. */
typedef struct Begin {
    const char *phase;
} Begin;

typedef struct End {
    bool ok;
    bool kept; /* the worker waits for another job of the same cell, with its machines */
    const char *failure_class, *failure_phase, *failure_reason; /* as in AttemptRecord */
} End;

/* A line (with its newline) for `record`, which is of the struct that belongs to `kind`. Caller frees. */
char *message_write(MessageKind kind, const void *record);

/* Read a line. *ret_record is a newly allocated struct of the kind's type; all its strings live in `strings`. */
bool message_read(const char *line, GStringChunk *strings, MessageKind *ret_kind, void **ret_record, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The size of a kind's struct. */
size_t message_size(MessageKind kind);

#endif
