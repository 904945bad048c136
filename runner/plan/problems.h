// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_PROBLEMS_H
#define RUNNER_PLAN_PROBLEMS_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* Everything that is wrong with one scenario file. Lines and columns count from 1; line 0 is the file as a whole.
 * A scenario may consist of several files: the lines of each begin FILE_LINES after the one before, so that a line
 * number says which file it belongs to. */
enum { FILE_LINES = 1 << 25 };

typedef struct Problem {
    unsigned line, column;
    char *message; /* one line, lower case, no full stop */
    char *hint;    /* a sentence, or NULL */
} Problem;

typedef struct Problems {
    char *path;
    GPtrArray *files;    /* private: paths of the other files */
    unsigned first_line; /* what the lines of the file that is being read begin after */
    GArray *items; /* of Problem */
    GHashTable *seen, *places; /* private: what was added already, how many at a place */
    size_t dropped; /* more than the limits keep */
} Problems;

Problems *problems_new(const char *path);
void problems_free(Problems *problems);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Problems, problems_free)

/* Add one. `hint` may be NULL. The same message at the same place is kept once. Takes ownership of both strings. */
void problems_add(Problems *problems, unsigned line, unsigned column, char *message, char *hint);

/* Go on with another file (or source of text); false when there are too many. Returns what to put back into
 * `first_line` when it has been read. */
bool problems_enter_file(Problems *problems, const char *path, unsigned *ret_before);

/* "FILE:LINE:COLUMN", or "FILE" for line 0. Caller frees. */
char *problems_place(const Problems *problems, unsigned line, unsigned column);

/* "line 7", or "line 7 of base.yaml", for hints. Caller frees. */
char *problems_line(const Problems *problems, unsigned line);

/* By line and column; what is at one place stays in its order. */
void problems_sort(Problems *problems);

/* Print all, sorted by place: "FILE:LINE:COLUMN: error: MESSAGE" and "FILE:LINE:COLUMN: hint: HINT". */
void problems_print(Problems *problems, FILE *out);

#endif
