// SPDX-License-Identifier: GPL-3.0-or-later
#include "collectors/measure.h"

#include <math.h>
#include <string.h>

#include "collectors/measure-kinds.h"
#include "runner/base/error.h"

enum { TEXT_LIMIT = 16 << 20, EXCERPT_CHARACTERS = 80 };

static const struct {
    const char *name;
    bool (*check)(const char *rule, GError **error);
    bool (*find)(const char *rule, const char *text, size_t size, GArray *values, GError **error);
} kinds[] = {
    { "regex", measure_regex_check, measure_regex_find },
    { "jsonpath", measure_jsonpath_check, measure_jsonpath_find },
    { "csv", measure_csv_check, measure_csv_find },
    { "parser", measure_parser_check, measure_parser_read },
};

/* The first line that has anything in it, fit to be quoted in a one-line message. Caller frees. */
static char *excerpt(const char *text)
{
    const char *start = text + strspn(text, " \t\r\n");
    g_autofree char *line = g_strndup(start, MIN(strcspn(start, "\r\n"), EXCERPT_CHARACTERS * 4));
    g_autofree char *valid = g_utf8_make_valid(line, -1);

    for (char *c = valid; *c != '\0'; c++)
        if (g_ascii_iscntrl(*c))
            *c = ' ';
    return g_utf8_substring(valid, 0, MIN(g_utf8_strlen(valid, -1), EXCERPT_CHARACTERS));
}

static bool nothing_found(const char *kind, const char *rule, const char *text, GError **error)
{
    g_autofree char *first = excerpt(text);

    if (first[0] == '\0')
        return error_set(error, ERROR_HOST, "%s '%s' finds nothing: the output is empty", kind, rule);
    return error_set(error, ERROR_HOST, "%s '%s' finds nothing in the output that begins with '%s'", kind, rule, first);
}

static bool scale_values(GArray *values, double scale, GError **error)
{
    for (unsigned i = 0; i < values->len; i++) {
        double *value = &g_array_index(values, double, i);

        if (!isfinite(*value * scale))
            return error_set(error, ERROR_HOST, "value %g times scale %g is no finite number", *value, scale);
        *value *= scale;
    }
    return true;
}

bool measure_extract(const MeasureRule *rule, const char *text, GArray **ret_values, GError **error)
{
    const char *const expressions[] = { rule->regex, rule->jsonpath, rule->csv, rule->parser }; /* as `kinds` */
    const char *expression;
    unsigned kind = 0;
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(double));
    size_t size = strlen(text);

    while (expressions[kind] == NULL)
        kind++;
    expression = expressions[kind];
    if (size > TEXT_LIMIT)
        return error_set(error, ERROR_HOST, "cannot measure in %zu bytes of output: the limit is %d", size, TEXT_LIMIT);
    if (!kinds[kind].find(expression, text, size, values, error))
        return false;
    if (values->len == 0)
        return nothing_found(kinds[kind].name, expression, text, error);
    if (!scale_values(values, rule->scale, error)) {
        g_prefix_error(error, "%s '%s': ", kinds[kind].name, expression);
        return false;
    }
    *ret_values = g_steal_pointer(&values);
    return true;
}

bool measure_check(const char *kind, const char *rule, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].name, kind) == 0)
            return kinds[i].check(rule, error);
    return error_set(error, ERROR_BUG, "there is no kind of measurement '%s'", kind);
}
