// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/suggest.h"

#include <stdint.h>
#include <string.h>

#include "runner/plan/limits.h"

enum { LISTED_MAX = 12 };

size_t edit_distance(const char *a, const char *b)
{
    size_t width = strlen(b) + 1;
    g_autofree size_t *rows = g_new(size_t, 3 * width);
    size_t *before = rows, *last = rows + width, *now = rows + 2 * width;

    for (size_t j = 0; j < width; j++)
        now[j] = j;
    for (size_t i = 1; i <= strlen(a); i++) {
        size_t *spare = before;

        before = last, last = now, now = spare;
        now[0] = i;
        for (size_t j = 1; j < width; j++) {
            bool same = g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[j - 1]);

            now[j] = MIN(MIN(last[j], now[j - 1]) + 1, last[j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = MIN(now[j], before[j - 2] + 1);
        }
    }
    return now[width - 1];
}

/* How far a candidate is from what was written; something that only goes on is near. */
static size_t distance_to(const char *name, const char *candidate)
{
    if (strlen(candidate) > SUGGEST_LENGTH_MAX)
        return SIZE_MAX;
    if (strlen(name) >= 3 && g_ascii_strncasecmp(name, candidate, strlen(name)) == 0)
        return 1;
    return edit_distance(name, candidate);
}

/* At most a third of the letters may be wrong, one in a short name, and none in a name of one letter. */
const char *suggest_nearest(const char *name, const GPtrArray *candidates)
{
    size_t least = (strlen(name) > 1 ? MAX(1, strlen(name) / 3) : 0) + 1;
    const char *found = NULL;

    if (strlen(name) > SUGGEST_LENGTH_MAX)
        return NULL;
    for (unsigned i = 0; i < MIN(candidates->len, SUGGEST_CANDIDATES_MAX); i++) {
        const char *candidate = g_ptr_array_index(candidates, i);
        size_t distance = distance_to(name, candidate);

        if (distance < least)
            least = distance, found = candidate;
    }
    return found;
}

char *suggest(const char *name, const GPtrArray *candidates, const char *kinds)
{
    const char *near = suggest_nearest(name, candidates);
    GString *hint;

    if (near != NULL)
        return g_strdup_printf("did you mean '%s'?", near);
    if (kinds == NULL || candidates->len == 0 || candidates->len > LISTED_MAX)
        return NULL;
    hint = g_string_new(NULL);
    g_string_printf(hint, "known %s: ", kinds);
    for (unsigned i = 0; i < candidates->len; i++)
        g_string_append_printf(hint, "%s%s",
                               i == 0                     ? ""
                               : i + 1 == candidates->len ? " and "
                                                          : ", ",
                               (const char *) g_ptr_array_index(candidates, i));
    g_string_append_c(hint, '.');
    return g_string_free(hint, FALSE);
}
