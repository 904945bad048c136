// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_TEMPLATE_H
#define RUNNER_PLAN_TEMPLATE_H

#include <glib.h>
#include <stdbool.h>

/* What stands for a name; caller frees. NULL: nothing stands for it, which the lookup has to remember. */
typedef char *(*TemplateLookup)(const char *name, void *data);

/* Whether the text has to go through template_expand() at all. */
bool template_is_needed(const char *text);

/* Put in what stands for every `${name}`; `$${` becomes `${`, and nothing else is special. What was put in is not
 * looked at again. NULL and an error that completes "key 'x' ..." when a '${' has no '}'. Caller frees. */
char *template_expand(const char *text, TemplateLookup lookup, void *data, GError **error);

#endif
