// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_SCENARIO_FILES_H
#define RUNNER_PLAN_SCENARIO_FILES_H

#include "runner/plan/scenario.h"

/* The files that a scenario names in `files`: inputs of its experiment as the scenario itself is. An experiment keeps a copy of
 * each in its folder, beside its copy of the scenario, under a name that follows from the source: so that copy, too, is a
 * scenario with its files beside it. */
typedef struct ScenarioFile {
    char *source;  /* as the scenario names it, levels put in */
    char *name;    /* of the copy: a path below the experiment's folder */
    char *path;    /* absolute, links followed: where it is now */
    char *sha256;  /* 64 hexadecimal digits */
    int64_t size_bytes;
} ScenarioFile;

/* All of them, each once, sorted by name: an array of ScenarioFile. Of a scenario without `files` none. Sources with `${...}` are
 * put in for every cell, which takes time in proportion to the cells. ERROR_SCENARIO when one is missing or lies where it may
 * not, ERROR_HOST when it cannot be read. */
bool scenario_files(const Scenario *scenario, GPtrArray **ret_files, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The copy's name: the source itself where it can be, else "files/HASH-NAME". Caller frees. */
char *scenario_file_name(const char *source);

/* Where a source is for a scenario in `folder`: its copy's place when there is one, else what the scenario says. Neither need
 * exist. Caller frees. */
char *scenario_file_place(const char *folder, const char *source);

/* Whether a place lies in the folder or below, links followed; true for one that does not exist. */
bool scenario_file_is_inside(const char *folder, const char *place);

#endif
