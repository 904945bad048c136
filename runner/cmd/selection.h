// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_CMD_SELECTION_H
#define RUNNER_CMD_SELECTION_H

#include "runner/cmd/cmd.h"
#include "runner/exec/experiment.h"
#include "runner/exec/explain.h"

/* `run --only`: besides FACTOR=LEVEL, which choose cells, the words `failed`, `missing` and `tainted`, which choose runs of the
 * scenario's newest experiment by what became of them. */
typedef struct Selection {
    bool failed, missing, tainted;
    char **cells; /* what is left of the words; NULL-terminated */
} Selection;

void selection_parse(char **only, Selection *ret_selection);
void selection_clear(Selection *selection);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Selection, selection_clear)

/* Whether runs are chosen, not only cells. */
bool selection_has_words(const Selection *selection);

/* The chosen runs of the newest experiment of this scenario, if it still is the same scenario: *ret_experiment and
 * *ret_wanted (run IDs, planned again). Otherwise *ret_experiment is 0: what is missing takes a new experiment, of the
 * cells of `matrix` that are left then; the other words are ERROR_USAGE. */
bool selection_apply(const Selection *selection, const Context *context, const Lab *lab, Matrix *matrix,
                     const Settings *settings, const Environment *environment, int64_t *ret_experiment,
                     GHashTable **ret_wanted, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
