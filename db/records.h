// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_RECORDS_H
#define DB_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Plain records that the runner hands to the store. Nothing here is owned: every pointer only has to live through the
 * call. Times called *_ns are nanoseconds; start_ns of phases count from the attempt's beginning (monotonic clock). */

typedef struct LevelRecord {
    const char *text;
    bool numeric;
    double number, base; /* as typed, and in the base unit of its kind */
    const char *unit;
} LevelRecord;

typedef struct FactorRecord {
    const char *name;
    const LevelRecord *levels;
    size_t level_count;
} FactorRecord;

typedef struct CellRecord {
    const char *label;
    const uint32_t *level_indices; /* one a factor */
} CellRecord;

typedef struct RunRecord {
    uint32_t cell;       /* index into the cells */
    uint32_t repetition, block;
    bool warmup;
} RunRecord;

/* A counted run that an experiment gets after it was planned. */
typedef struct RunAddition {
    int64_t cell_id;
    uint32_t repetition, block;
} RunAddition;

typedef struct KeyValue {
    const char *key, *value;
} KeyValue;

typedef struct FigureRecord {
    const char *figure, *metric, *x, *by, *facet, *errors, *normalize_to, *expected; /* NULL when not given */
} FigureRecord;

/* A value that was published elsewhere, with the level of each factor; LEVEL_RECORD_ANY where it names none. */
typedef struct PublishedRecord {
    const char *metric, *source;   /* source may be NULL */
    const uint32_t *level_indices; /* one a factor; NULL: it names none */
    double mean, stddev;           /* stddev is NAN when not given */
    unsigned n;                    /* 0: not given */
} PublishedRecord;

#define LEVEL_RECORD_ANY UINT32_MAX

/* An experiment as planned. Runs are in planned order. */
typedef struct ExperimentRecord {
    const char *uuid, *name, *description;
    const char *scenario_path, *scenario_text;
    const char *settings; /* JSON: what the command line changed, for `resume` */
    uint64_t seed;
    const char *order;
    unsigned repetitions, warmup, retries;
    const FactorRecord *factors;
    size_t factor_count;
    const CellRecord *cells;
    size_t cell_count;
    const RunRecord *runs;
    size_t run_count;
    const KeyValue *environment; /* host, kernel, cpu, versions, image digests ... */
    size_t environment_count;
    const FigureRecord *figures;
    size_t figure_count;
    const PublishedRecord *published;
    size_t published_count;
} ExperimentRecord;

typedef struct PhaseRecord {
    const char *name;    /* "boot", or "step:NAME" */
    const char *machine; /* NULL: all */
    int64_t start_ns, duration_ns;
} PhaseRecord;

typedef struct MachineRecord {
    const char *name, *image, *image_digest, *platform, *arch, *accelerator, *emulator;
    const char *channel; /* "agent", "qemu-ga" or "ssh"; NULL: it has not answered so far. The last record of a name counts */
    unsigned memory_mb, cpus;
} MachineRecord;

typedef struct StepRecord {
    const char *name, *machine, *command;
    int exit_status; /* -1: it did not end; 128 + `signal` when one ended it */
    int signal;      /* which one ended it; 0: none, or none that is known of */
    int stop_signal; /* the last one that it was told to end by; 0: none */
    bool timed_out, background;
    int64_t start_ns, duration_ns;
} StepRecord;

typedef struct SampleRecord {
    const char *metric, *unit;
    const char *direction; /* NULL, "lower", "higher" */
    const char *aggregate; /* NULL: "mean" */
    int64_t sequence;      /* from 0 within run and metric */
    double value;
    int64_t iteration;     /* which repetition within the run; 0: it has only one */
    bool has_offset;       /* whether offset_ns is known */
    int64_t offset_ns;     /* when, from the attempt's beginning */
    const char *machine;   /* where it was measured; NULL: of no single machine */
    bool automatic;        /* measured without asking */
} SampleRecord;

typedef struct ArtifactRecord {
    const char *machine, *step; /* NULL when of neither */
    const char *kind;           /* "pcap", "log", "stdout", "stderr", "command", "exit", "file", "definition" */
    const char *path;           /* relative to the lab */
    int64_t size_bytes;
    const char *sha256;
} ArtifactRecord;

typedef struct CaptureRecord {
    const char *bridge, *filter, *path; /* path as the artifact's */
    int64_t packets, bytes, received, dropped, first_ns, last_ns;
} CaptureRecord;

typedef struct EventRecord {
    int64_t at_ns; /* from the attempt's beginning */
    const char *kind, *text;
} EventRecord;

typedef enum { ATTEMPT_COMPLETED, ATTEMPT_FAILED } AttemptStatus;

/* Everything one attempt of a run produced, failures included. */
typedef struct AttemptRecord {
    int64_t run_id;
    unsigned attempt; /* from 1 */
    AttemptStatus status;
    const char *failure_class;  /* NULL, or "scenario", "provision", "boot", "step", "timeout", "collect",
                                 * "host", "tainted". A completed attempt may have the last one: then its run is tainted */
    const char *failure_phase;  /* NULL, or the phase it happened in */
    const char *failure_reason; /* NULL, or the first line of the error */
    bool final;                 /* the run's status follows this attempt; otherwise it will be tried again */
    int64_t started_realtime_ns, duration_ns;
    const char *platform, *accelerator, *emulator, *backend;
    unsigned concurrent; /* the most runs side by side at any time of it, itself included */
    const char *fingerprint; /* of the run's inputs; NULL: not known */
    const PhaseRecord *phases;
    size_t phase_count;
    const MachineRecord *machines;
    size_t machine_count;
    const StepRecord *steps;
    size_t step_count;
    const SampleRecord *samples;
    size_t sample_count;
    const ArtifactRecord *artifacts;
    size_t artifact_count;
    const CaptureRecord *captures;
    size_t capture_count;
    const EventRecord *events;
    size_t event_count;
} AttemptRecord;

#endif
