// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_YAML_TEXT_H
#define RUNNER_PLAN_YAML_TEXT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "runner/plan/problems.h"

/* Line and column (from 1, in characters) of a byte of a UTF-8 text. */
void text_place(const char *text, size_t offset, unsigned *ret_line, unsigned *ret_column);

/* How much of a text YAML can be read from: all, or up to the line with the first byte that cannot stand in it, which
 * is then a problem. */
size_t text_readable_size(const char *text, size_t size, Problems *problems);

/* A text in which tabs used as indentation are replaced line by line with the spaces that were probably meant, so that
 * the rest of the file can be looked at as well. Columns of such lines are kept as the reader sees them. */
typedef struct TabRepair {
    GString *text;
    GHashTable *shifts;  /* line -> how much further right the reader sees a column */
    GHashTable *indents; /* white space with tabs -> spaces that stood for it before */
    size_t count;
} TabRepair;

TabRepair *tab_repair_new(const char *text, size_t size);
void tab_repair_free(TabRepair *repair);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TabRepair, tab_repair_free)

/* Mend the line of the character number `index`, when its indentation has a tab. Says where the tab is. */
bool tab_repair_line(TabRepair *repair, size_t index, unsigned *ret_line, unsigned *ret_column);

/* The column as the reader sees it. */
unsigned tab_repair_column(const TabRepair *repair, unsigned line, unsigned column);

#endif
