// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_READING_H
#define RUNNER_PLAN_READING_H

#include "runner/plan/keys.h"
#include "runner/plan/names.h"
#include "runner/plan/scenario.h"
#include "runner/plan/yaml-tree.h"

/* One walk through the tree along the key table, which fills a Scenario or a RunSpec and reports what is wrong. The
 * first walk knows no levels: it looks at structure and at all that does not vary. Later ones put a cell's levels
 * in. */
typedef struct Reading {
    Scenario *scenario;
    const ScenarioTree *tree;
    ScenarioNames *names;
    const ScenarioChecks *checks; /* may be NULL */
    Problems *problems;
    const char *const *levels;    /* of every factor; NULL: the first walk */
    char **derived;               /* of every derived value; NULL in it: it could not be computed */
    bool look_for_files;          /* what `files` names must be there */
    GString *with;                /* the levels that went into the value in hand: "delay=10ms" */
} Reading;

/* Read the keys below `parent` (NULL: those of the top whose home it is) from a map into a zeroed struct. */
void reading_fill(Reading *reading, const Node *map, const Key *parent, KeyHome home, void *base);

/* Free what it put there, not the struct itself. */
void reading_clear(const Key *parent, KeyHome home, void *base);

/* Report something at a node. Takes the hint, which may be NULL. */
void reading_problem(Reading *reading, const Node *node, char *hint, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Say with the next problem that this factor's level is part of it. */
void reading_note_level(Reading *reading, size_t factor);

/* Report what an error says of a key's value, or, with key NULL, in its own words. Takes the error. */
void reading_problem_error(Reading *reading, const Key *key, const Node *node, GError *error);

/* Whether a value of the right kind is there; otherwise it is a problem. */
bool reading_expects(Reading *reading, const Key *key, const Node *node, NodeKind kind);

/* `matrix` and `published.where` (factors.c). */
void factors_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario);
void cells_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario);
void zip_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario);
void where_read(Reading *reading, const Key *key, const Node *node, uint32_t **field);

/* `reproduce` (margins.c). */
void margins_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario);
void margins_clear(Scenario *scenario);

/* What the scalar says with the levels put in; NULL when that cannot be told yet, or never, which was then reported. Caller
 * frees (reading-text.c). */
char *reading_scalar_text(Reading *reading, const Key *key, const Node *node);

/* How many machines an item of `machines` stands for: its `count`, when that can be told, or SIZE_MAX (reading-text.c). */
size_t reading_count_copies(Reading *reading, const Node *item);

/* The machine of a name, and of a counted one which copy, from 0; NULL: there is none (reading-text.c). */
const Declared *reading_find_machine(Reading *reading, const char *name, unsigned *ret_copy);

/* Whether a text names what the key refers to; otherwise it is a problem (reading-text.c). */
void reading_check_reference(Reading *reading, const Key *key, const Node *node, const char *text);

/* `matrix.derived` and `matrix.when` (derive.c). */
void derived_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario);
void conditions_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario);

/* Compute `derived` for `levels`; what goes wrong is a problem. */
void reading_derive(Reading *reading);
void reading_forget_derived(Reading *reading);

/* Whether a name can be a factor's or derived value's; otherwise it is a problem (factors.c). */
bool reading_check_name(Reading *reading, const Scenario *scenario, const char *what, const NodeKey *key);

/* Whether a text is one line of plain text (factors.c). */
bool text_is_plain(const char *text);

/* What no single key shows (cross.c). `spec` may lack what had problems or varies. */
struct RunSpec;
void cross_check(Reading *reading, const struct RunSpec *spec);
void cross_check_network(Reading *reading, const struct RunSpec *spec); /* its part about networks (cross-network.c) */

/* The part of it about machines; for cross.c alone. */
void cross_check_machines(Reading *reading, const struct RunSpec *spec);

/* Put the machines' names in for `all` and counted machines (resolve.c). */
void run_spec_expand_targets(struct RunSpec *spec);

/* The hardware addresses that the scenario leaves to us (resolve.c). */
void run_spec_add_macs(struct RunSpec *spec);

#endif
