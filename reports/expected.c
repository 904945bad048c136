// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/expected.h"

#include <math.h>
#include <string.h>

#include "runner/base/error.h"

static void term_clear(gpointer data)
{
    ExpectedTerm *term = data;

    g_free(term->metric);
    g_free(term->level);
}

static void expected_free(gpointer data)
{
    Expected *expected = data;

    g_free(expected->level);
    g_array_unref(expected->terms);
    g_free(expected);
}

static bool parse_number(const char *text, double *ret_number)
{
    char *end;
    double number = g_ascii_strtod(text, &end);

    if (end == text || *end != '\0' || !isfinite(number))
        return false;
    *ret_number = number;
    return true;
}

static bool bad_term(const char *text, GError **error)
{
    error_set(error, ERROR_USAGE, "expected: '%s' is no term", text);
    error_hint(error, "a term is a number, METRIC[LEVEL] or NUMBER * METRIC[LEVEL]; '+' and '-' between terms have spaces "
                      "around them.");
    return false;
}

/* "2 * tap[initial]", without its sign. */
static bool parse_term(const char *text, double sign, GArray *terms, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, " * ", 2);
    const char *mean = g_strstrip(parts[parts[1] != NULL ? 1 : 0]);
    const char *open = strchr(mean, '[');
    size_t length = strlen(mean);
    ExpectedTerm term = { 1, NULL, NULL };

    if (parts[1] != NULL && !parse_number(g_strstrip(parts[0]), &term.factor))
        return bad_term(text, error);
    if (parts[1] == NULL && parse_number(mean, &term.factor)) {
        term.factor *= sign;
        g_array_append_val(terms, term);
        return true;
    }
    if (open == NULL || open == mean || mean[length - 1] != ']')
        return bad_term(text, error);
    term.factor *= sign;
    term.metric = g_strndup(mean, (size_t) (open - mean));
    term.level = g_strndup(open + 1, length - (size_t) (open - mean) - 2);
    g_array_append_val(terms, term);
    return true;
}

/* The next " + " or " - " that is not in brackets; NULL when there is none. */
static const char *find_operator(const char *text)
{
    int depth = 0;

    for (; *text != '\0'; text++) {
        depth += (*text == '[') - (*text == ']');
        if (depth == 0 && (g_str_has_prefix(text, " + ") || g_str_has_prefix(text, " - ")))
            return text;
    }
    return NULL;
}

static bool parse_sum(const char *text, GArray *terms, GError **error)
{
    double sign = 1;

    for (;;) {
        const char *operator = find_operator(text);
        g_autofree char *term = operator != NULL ? g_strndup(text, (size_t) (operator - text)) : g_strdup(text);

        if (!parse_term(g_strstrip(term), sign, terms, error))
            return false;
        if (operator == NULL)
            return true;
        sign = operator[1] == '-' ? -1 : 1;
        text = operator + 3;
    }
}

static bool parse_item(const char *text, GPtrArray *items, GError **error)
{
    const char *equals = strstr(text, " = ");
    Expected *expected;

    if (equals == NULL || equals == text)
        return error_set(error, ERROR_USAGE, "expected: '%s' is not LEVEL = TERM", text);
    expected = g_new0(Expected, 1);
    expected->level = g_strstrip(g_strndup(text, (size_t) (equals - text)));
    expected->terms = g_array_new(FALSE, FALSE, sizeof(ExpectedTerm));
    g_array_set_clear_func(expected->terms, term_clear);
    g_ptr_array_add(items, expected);
    return parse_sum(equals + 3, expected->terms, error);
}

GPtrArray *expected_parse(const char *text, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ";", -1);
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(expected_free);

    for (size_t i = 0; parts[i] != NULL; i++) {
        if (*g_strstrip(parts[i]) != '\0' && !parse_item(parts[i], items, error))
            return NULL;
    }
    if (items->len > 0)
        return g_steal_pointer(&items);
    error_set(error, ERROR_USAGE, "expected: nothing is expected");
    return NULL;
}
