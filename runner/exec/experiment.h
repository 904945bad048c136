// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_EXPERIMENT_H
#define RUNNER_EXEC_EXPERIMENT_H

#include "db/store.h"
#include "runner/exec/environment.h"
#include "runner/exec/lab.h"
#include "runner/plan/matrix.h"

/* What the command line decides about an experiment; stored with it, so that `resume` goes on in the same way. */
typedef struct Settings {
    char *backend;         /* "libvirt" or "fake" */
    char *uri;             /* NULL: embedded libvirt */
    char **only;           /* NULL-terminated "FACTOR=LEVEL"; NULL: all cells */
    unsigned repetitions;  /* 0: the scenario's */
    char **set;            /* NULL-terminated "KEY=VALUE" of --set, which the stored scenario has in it; may be NULL */
    char *reproduces;      /* UUID of the experiment that this one runs again; NULL: none */
} Settings;

char *settings_write(const Settings *settings);                                    /* as JSON */
bool settings_read(const char *json, Settings *ret_settings, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void settings_clear(Settings *settings);

/* "--set 'delay=10ms' --repetitions 3": what of the command line makes the experiment another one; NULL: nothing. Caller
 * frees. */
char *settings_options(const Settings *settings);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Settings, settings_clear)

/* How many counted runs every cell has. With `precision` or a `budget` an experiment goes in rounds: its first plan has
 * `first` repetitions of every cell, and runner/exec/agenda.h plans further ones, up to `most`, as they are needed. */
typedef struct Rounds {
    unsigned first, most;
    const Precision *precision; /* the scenario's; NULL: the number is fixed */
} Rounds;

Rounds experiment_rounds(const Scenario *scenario, const Settings *settings);

/* The cells of a scenario that settings->only leaves; an unknown factor or level is ERROR_USAGE, and so is an empty rest, or more
 * runs than MATRIX_RUN_LIMIT. */
Matrix *experiment_matrix(const Scenario *scenario, const Settings *settings, GError **error);

/* The same of a matrix that is there already. */
bool experiment_filter(Matrix *matrix, const Settings *settings, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ERROR_USAGE when settings->repetitions make more runs than MATRIX_RUN_LIMIT; matrix_expand() looks at the scenario's own. */
bool experiment_check_repetitions(const Matrix *matrix, const Settings *settings, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Leave the cells with these labels (char *) in the matrix. ERROR_DATA when one of them is not there. */
bool experiment_keep_cells(Matrix *matrix, const GPtrArray *labels, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The runs of the first plan in their order; *ret_seed is the scenario's seed, or drawn. Caller frees. */
PlannedRun *experiment_runs(const Matrix *matrix, const Settings *settings, uint64_t *ret_seed, size_t *ret_count);

/* Whether the copies of the scenario's files are what they were when the experiment began; ERROR_DATA when not. */
bool experiment_check_files(Store *store, const Lab *lab, int64_t experiment_id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Freeze the scenario with its files below the lab and store the whole plan. The files' hashes are facts of its environment,
 * "file.NAME", with the place of the copy below the experiment's folder. */
bool experiment_create(Store *store, const Lab *lab, const Matrix *matrix, const Settings *settings,
                       const Environment *environment, int64_t *ret_experiment_id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
