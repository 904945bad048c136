// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_NAMES_H
#define RUNNER_PLAN_NAMES_H

#include "runner/plan/keys.h"
#include "runner/plan/problems.h"
#include "runner/plan/yaml-tree.h"

/* A name that the file declares. */
typedef struct Declared {
    const Node *map; /* the machine, bridge, ... itself; NULL for factors */
    size_t index;    /* among its kind, from 0 */
    unsigned line, column;
    bool used;       /* set by whoever finds it in use */
} Declared;

typedef struct ScenarioNames {
    GHashTable *sets[NAME_KINDS];  /* name -> Declared */
    GPtrArray *lists[NAME_KINDS];  /* the names in the file's order; not owned */
    GPtrArray *levels;             /* for every factor: GHashTable of a level's text -> its index + 1 */
} ScenarioNames;

ScenarioNames *names_new(void);
void names_free(ScenarioNames *names);

/* Note a name; when it is there already, that is a problem. `name` must outlive `names`. */
bool names_declare(ScenarioNames *names, NameKind kind, const char *name, const Node *map, unsigned line,
                   unsigned column, Problems *problems);

/* NULL when there is none. */
Declared *names_find(const ScenarioNames *names, NameKind kind, const char *name);

/* Declare all names of the rows with `declares`. */
void names_collect(ScenarioNames *names, const Node *root, Problems *problems);

/* A hint for a name that is not there; may be NULL. Caller frees. */
char *names_suggest(const ScenarioNames *names, NameKind kind, const char *name);

/* "TRIALBED_FACTOR_DELAY": the environment variable of a factor. Caller frees. */
char *factor_variable(const char *name);

#endif
