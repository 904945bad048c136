// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_SCENARIO_H
#define RUNNER_PLAN_SCENARIO_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/base/units.h"
#include "runner/plan/checks.h"
#include "runner/plan/problems.h"

/* One value of a factor. */
typedef struct Level {
    char *text;    /* as typed: "10ms" */
    bool numeric;  /* whether `quantity` holds it */
    Quantity quantity;
    bool included; /* came in only by `include`, and is not crossed with the other factors */
} Level;

typedef struct Factor {
    char *name;
    Level *levels;
    size_t level_count;
    size_t leader; /* the first of the factors that `zip` pairs with it, or itself */
    bool zipped;
} Factor;

/* A value that is computed from a cell's levels. */
typedef struct Derived {
    char *name;
    struct Expression *expression;
    bool for_conditions; /* a condition needs it */
} Derived;

/* A crossed cell stays where it is true. */
typedef struct Condition {
    char *text;
    struct Expression *expression;
} Condition;

typedef enum { ORDER_SEQUENTIAL, ORDER_INTERLEAVED, ORDER_BLOCKS, ORDER_SHUFFLED } Order;

/* A figure that the scenario wishes for under `report`. Strings are NULL when not given. */
typedef struct FigureWish {
    char *figure, *metric, *x, *by, *facet, *errors, *expected;
    char **metrics;         /* several side by side; NULL: one */
    uint32_t *normalize_to; /* a level index a factor; LEVEL_ANY where it names none */
} FigureWish;

/* A value that was published elsewhere, to compare with. */
typedef struct Published {
    char *metric, *source; /* source may be NULL */
    uint32_t *where;       /* a level index a factor; LEVEL_ANY where it names none; NULL without `where` */
    double mean, stddev;   /* stddev is NAN when not given */
    unsigned n;            /* 0: not given */
} Published;

/* How far a metric's mean may be off when the experiment is reproduced. */
typedef struct Margin {
    char *metric;
    double value;  /* per cent of the mean, or in the metric's unit */
    bool is_share; /* per cent */
} Margin;

/* Repetitions until the interval of a metric's mean is narrow enough in every cell. */
typedef struct Precision {
    char *metric; /* NULL: a fixed number of repetitions */
    double relative_percent, confidence_percent;
    unsigned min, max;
} Precision;

/* The iterations of every run shall come to a steady state of a metric (stats/steady.h). */
typedef struct Steady {
    char *metric;
    unsigned window;
    double variation_percent;
} Steady;

/* How long an experiment may take. */
typedef struct Budget {
    int64_t time_ms; /* 0: not given */
    char *until;     /* "07:00", or NULL */
} Budget;

/* How quiet the host must be. NAN: no limit. Not given at all: `on_violation` is NULL, and nothing else counts. */
typedef struct NoisePolicy {
    double steal_percent, pressure_percent; /* 100: no limit */
    double load, throttles, drops;
    char *on_violation; /* "wait", "taint" or "fail" */
    int64_t wait_ms;
} NoisePolicy;

#define LEVEL_ANY UINT32_MAX

/* A scenario file, read and checked. What may contain `${factor}` stays inside until scenario_resolve(). */
typedef struct Scenario {
    char *path;   /* as given */
    char *folder; /* where the files are that it names */
    char *text;   /* the file's bytes; with `extends` or overrides, one YAML text of all of it */
    char *name;   /* `name`, or the file's or folder's name */
    char *description;
    Factor *factors;
    size_t factor_count;
    Derived *derived;
    size_t derived_count;
    Condition *conditions;
    size_t condition_count;
    uint32_t *excludes; /* exclude_count * factor_count level indices, LEVEL_ANY for a factor that is not named */
    size_t exclude_count;
    uint32_t *includes; /* include_count * factor_count level indices, all given */
    size_t include_count;
    unsigned repetitions, warmup, retries;
    int64_t retry_backoff_ms;
    unsigned breaker_cell, breaker_host; /* 0: never */
    Order order;
    bool has_seed;
    uint64_t seed;
    Precision precision;
    Steady *steadies;
    size_t steady_count;
    Budget budget;
    NoisePolicy noise;
    FigureWish *figures;
    size_t figure_count;
    Published *published;
    size_t published_count;
    Margin *margins;
    size_t margin_count;
    struct ScenarioNames *names; /* what the file declares, and how often it is used; private to runner/plan */
    struct ScenarioTree *tree; /* the document with line and column of every node; private to runner/plan */
} Scenario;

/* Read, check and return a scenario; NULL when it has problems, which are then in `problems`, all of them, sorted by
 * line (an unreadable file is a problem too). `checks` may be NULL. Checks every cell's values, so that
 * scenario_resolve() of a cell cannot fail later. */
Scenario *scenario_load(const char *path, const ScenarioChecks *checks, Problems *problems);

/* The same with overrides, a NULL-terminated array of "path=value" such as "machines.server.memory_mb=256" or
 * "matrix.factors.delay=[1ms, 2ms]": items of lists by name or number, the value as YAML, nothing to remove the key. */
Scenario *scenario_load_set(const char *path, const char *const *overrides, const ScenarioChecks *checks,
                            Problems *problems);

/* The same of text in memory; `path` is only for messages and the folder. */
Scenario *scenario_parse(const char *path, const char *text, size_t size, const ScenarioChecks *checks,
                         Problems *problems);

void scenario_free(Scenario *scenario);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scenario, scenario_free)

const char *order_name(Order order);

/* "10%" (a share of the mean, below 100%) or a number in the metric's unit, above 0; not the metric. */
bool margin_parse(const char *text, Margin *ret_margin);

#endif
