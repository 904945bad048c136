// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_LAB_H
#define RUNNER_EXEC_LAB_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Where things are in a lab. All paths are absolute. */
typedef struct Lab {
    char *folder;
    char *database; /* trialbed.db */
    char *images;   /* images/, or TRIALBED_IMAGES */
    char *cache;    /* cache/: what this host can do; may be deleted at any time */
    char *runs;     /* runs/EXPERIMENT/scenario.yaml and runs/EXPERIMENT/RUN/ATTEMPT/ */
} Lab;

/* Make the lab's folder when it is missing. */
bool lab_make(const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes the folder when it is missing; false when that cannot be. */
bool lab_open(const char *folder, Lab *ret_lab, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void lab_clear(Lab *lab);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Lab, lab_clear)

/* Folder of an experiment, and of one attempt of a run in it. Caller frees. */
char *lab_experiment_folder(const Lab *lab, int64_t experiment_id);
char *lab_attempt_folder(const Lab *lab, int64_t experiment_id, int64_t run_id, unsigned attempt);

#endif
