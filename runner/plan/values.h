// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_VALUES_H
#define RUNNER_PLAN_VALUES_H

#include "runner/plan/keys.h"

/* Read a scalar as a row wants it into the field of its type. The error completes "key 'x' ...": "must be ..., not
 * '...'". */
bool value_read(const Key *key, const char *text, void *field, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What the row wants, such as "a whole number from 1 to 256" or "fast, stock or fastest". Caller frees. */
char *value_wanted(const Key *key);

/* Whether the value is a number or truth value in YAML's sense, which quotes would make a text of. */
bool value_is_bare(const Key *key);

#endif
