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

/* Make the folder of an experiment or attempt that begins. One that stands there already with something in it is of a database that is
 * gone: it is kept, under another name. */
bool lab_folder_begin(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The scenario's files (char *, sorted, relative to the experiment's folder): all that lies there beside the folders of the runs,
 * which have numbers, but scenario.yaml and what begins with a dot. No folder: no files. */
bool lab_scenario_files(const char *folder, GPtrArray **ret_files, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Copy them from one folder to another, whose own scenario.yaml and runs stay as they are. */
bool lab_scenario_files_copy(const char *from, const char *to, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* In the folder of an experiment that a merge brings, until its rows are committed. */
#define LAB_MERGE_MARK ".merging"

/* Remove the folder of an experiment that is not in the database, if a merge that was cut off left it. */
bool lab_merge_leftover_remove(const Lab *lab, int64_t experiment_id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A folder whose run has not begun carries a mark until it does: lab_folder_begin() throws one away that a crash has left. */
bool lab_folder_mark_ahead(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool lab_folder_unmark_ahead(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool lab_folder_is_ahead(const char *path);

/* Behind a machine's name, in the folder of its attempt: its disk over an image's. */
#define LAB_OVERLAY_SUFFIX ".disk.qcow2"

#endif
