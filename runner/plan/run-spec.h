// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_RUN_SPEC_H
#define RUNNER_PLAN_RUN_SPEC_H

#include "runner/plan/scenario.h"

/* What one cell's runs shall do: the scenario with the cell's levels put in for every `${factor}` and every
 * `${machine.address}`. Strings are NULL when not given. All owned by the RunSpec. */

typedef struct InterfaceSpec {
    char *bridge;
    char *address; /* "10.0.0.1/24", or NULL: comes up without one */
    char *mac;     /* given or made by rule: 52:54:00:00:MM:II from machine and interface index */
} InterfaceSpec;

typedef struct MachineSpec {
    char *name;
    char *image;         /* name in the image store */
    char *boot_preset;   /* "fast" (default), "stock" or "fastest" */
    unsigned memory_mb;  /* MiB, default 128 */
    unsigned cpus;       /* default 1 */
    InterfaceSpec *interfaces;
    size_t interface_count;
    unsigned count;      /* `count`; the copies are machines of their own here */
    char *group;         /* the name that `count` counts up: "peer" of machine "peer0"; NULL without `count` */
    unsigned copy;       /* from 0 */
    size_t item;         /* place in the file's list; private to runner/plan */
} MachineSpec;

/* A bridge and what every frame suffers on its way from a machine into it (so a round trip has twice the delay). */
typedef struct BridgeSpec {
    char *name;
    double delay_s, jitter_s; /* 0: none */
    double loss_percent;      /* 0: none */
    double rate_bit_s;        /* 0: no limit */
} BridgeSpec;

/* How numbers are read out of a step's output. Exactly one of the four rules is given. */
typedef struct MeasureSpec {
    char *metric, *unit;  /* unit "" when not given */
    char *regex;          /* first group, every match a sample */
    char *jsonpath;       /* every matched number a sample */
    char *csv;            /* every row of this column a sample */
    char *parser;         /* "ping.time" */
    char *direction;      /* "lower", "higher" or NULL */
    char *aggregate;      /* "mean" (default), "median", "min", "max", "pNN", "sum" or "last" */
    double scale;         /* multiplies every value; default 1 */
} MeasureSpec;

typedef struct StepSpec {
    char *name, *run;      /* `run` goes to /bin/sh -c inside the guest */
    char *on;              /* the machine, or "host"; NULL: several */
    char **machines;       /* all of them; none for the host */
    bool background;
    unsigned ready_port;   /* TCP port that must listen before the next step begins; 0: none */
    char *ready_file;      /* file that must exist, or NULL */
    char *ready_output;    /* regular expression that the output must match, or NULL */
    int64_t ready_delay_ms;
    char **after;          /* names of earlier steps of the same list; NULL: the one before */
    char *parallel;        /* neighbours with the same label run side by side; or NULL */
    unsigned repeat;       /* iterations; default 1 */
    unsigned expect_status; /* default 0 */
    char *expect_output;   /* regular expression, or NULL */
    bool allow_failure;
    int64_t timeout_ms;    /* default 60000 */
    MeasureSpec *measures;
    size_t measure_count;
} StepSpec;

typedef struct CaptureSpec {
    char *bridge, *filter; /* filter in libpcap's language, or NULL */
    unsigned snaplen;      /* bytes; default 2048 */
} CaptureSpec;

typedef struct CollectSpec {
    char *from, *path; /* machine, absolute path inside it */
} CollectSpec;

/* A file from beside the scenario that machines get before the first step. */
typedef struct FileSpec {
    char *source;    /* relative to the scenario's folder, unless `outside` */
    char *on;        /* as in StepSpec */
    char **machines;
    char *path;      /* absolute inside the machine */
    char *mode;      /* "0644" */
    bool outside;
} FileSpec;

typedef struct RunSpec {
    char *platform, *start, *accel; /* "vm"; "cold"; "auto", "kvm" or "tcg" */
    char *isolation;                /* "shared" or "exclusive" */
    char **exclusive;               /* names of what only one run at a time may have; or NULL */
    char *pin_machines, *pin_worker; /* CPUs such as "0-3,6", or NULL */
    int64_t timeout_ms;             /* of one attempt; default 120000 */
    int64_t boot_timeout_ms;        /* until a machine answers; default 60000 */
    MachineSpec *machines;
    size_t machine_count;
    BridgeSpec *bridges;
    size_t bridge_count;
    StepSpec *steps;
    size_t step_count;
    StepSpec *setups; /* before `steps`; like `teardowns` always done */
    size_t setup_count;
    StepSpec *teardowns;
    size_t teardown_count;
    FileSpec *files;
    size_t file_count;
    CaptureSpec *captures;
    size_t capture_count;
    CollectSpec *collects;
    size_t collect_count;
    char **environment; /* NULL-terminated "TRIALBED_FACTOR_DELAY=10ms", one a factor and then one
                         * a derived value, in the scenario's order */
} RunSpec;

/* `levels[i]` is the text of factor i's level. NULL and *error (ERROR_SCENARIO) for texts that no check has seen. */
RunSpec *scenario_resolve(const Scenario *scenario, const char *const *levels, GError **error);
void run_spec_free(RunSpec *spec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunSpec, run_spec_free)

#endif
