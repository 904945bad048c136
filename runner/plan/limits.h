// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_LIMITS_H
#define RUNNER_PLAN_LIMITS_H

/* Where a scenario stops being one. What is beyond is refused with a message that names the limit. */
enum {
    SCENARIO_BYTES_MAX = 16 << 20,      /* of a file */
    SCENARIO_DEPTH_MAX = 64,            /* lists and maps inside each other, through aliases too */
    SCENARIO_NODES_MAX = 1000000,       /* keys' values and list items, every alias counted in full */
    SCENARIO_MACHINES_MAX = 1000,
    SCENARIO_INTERFACES_MAX = 32,       /* of one machine */
    SCENARIO_PORTS_MAX = 1023,          /* of one bridge: the kernel's limit */
    SCENARIO_FACTORS_MAX = 64,
    MATRIX_RUN_LIMIT = 10000000,        /* cells x (repetitions + warm-ups), and crossed cells before `exclude` */
    MATRIX_EXCLUDE_WORK_MAX = 1000000000, /* crossed cells x entries of `exclude` */
    PRECISION_MIN = 5,                  /* repetitions that the rule of `precision` needs (stats/stopping.h) */
    STEADY_WINDOW_MIN = 3,              /* iterations of which `steady` takes the variation */
    STEADY_WINDOW_MAX = 100,
    EXTENDS_MAX = 8,                    /* scenarios behind each other */
    OVERRIDES_MAX = 100,
    FACTOR_LEVELS_MAX = 100000,         /* that a range makes */
    SCENARIO_DERIVED_MAX = 64,
    EXPRESSION_BYTES_MAX = 1000,        /* of an expression, and of a text that it makes */
    EXPRESSION_DEPTH_MAX = 64,
    MATRIX_WHEN_WORK_MAX = 400000000,   /* crossed cells x parts of the conditions and what they refer to */
    CHECK_CELLS_MAX = 10000,            /* up to here every cell is tried; above it, every level at least once */
    CHECK_WORK_MAX = 50000000,          /* tried cells x values of the file */
    PROBLEMS_MAX = 1000,                /* problems that are kept */
    PROBLEMS_PLACE_MAX = 8,             /* and of these at one place */
    PROBLEM_BYTES_MAX = 400,            /* of a message or hint */
    SUGGEST_CANDIDATES_MAX = 1000,      /* "did you mean" looks through no more */
    SUGGEST_LENGTH_MAX = 64,            /* and at no longer names */
};

#endif
