// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_FLATTEN_H
#define RUNNER_PLAN_FLATTEN_H

#include "runner/plan/yaml-tree.h"

/* Put what `extends` names below the document, and overrides ("path=value", NULL-terminated, or NULL) on top of it.
 * Merging: a map's keys are merged one by one; lists whose items have names are merged name by name, new ones behind;
 * anything else replaces what was there; and nothing (`~`) removes it. Returns the whole as one YAML text that needs no
 * other file, or NULL when the document was whole already. What is wrong is in `problems`. Caller frees. */
char *tree_flatten(ScenarioTree *tree, const char *path, const char *const *overrides, Problems *problems);

/* Give every item of `machines` and of the lists of steps the keys of `defaults` that it lacks. */
void tree_apply_defaults(ScenarioTree *tree);

/* The document as YAML. NULL when it would be larger than a scenario can be. Caller frees. */
char *tree_write(const ScenarioTree *tree);

#endif
