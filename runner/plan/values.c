// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/values.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/plan/suggest.h"

bool value_is_bare(const Key *key)
{
    return key->type == KEY_INTEGER || key->type == KEY_SEED || key->type == KEY_NUMBER || key->type == KEY_BOOLEAN;
}

static char *join_choices(const char *const *choices)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; choices[i] != NULL; i++)
        g_string_append_printf(text, "%s%s", i == 0 ? "" : choices[i + 1] == NULL ? " or " : ", ", choices[i]);
    return g_string_free(text, FALSE);
}

static char *with_range(const Key *key, const char *what)
{
    static const char *const base_units[] = {
        [UNIT_NONE] = "", [UNIT_TIME] = " s", [UNIT_SIZE] = " B", [UNIT_RATE] = " bit/s", [UNIT_PERCENT] = " %",
    };
    const char *unit = base_units[key->unit];

    if (key->min == 0 && key->max == 0)
        return g_strdup(what);
    if (key->max >= 1e300)
        return g_strdup_printf("%s of at least %.15g%s", what, key->min, unit);
    return g_strdup_printf("%s from %.15g%s to %.15g%s", what, key->min, unit, key->max, unit);
}

char *value_wanted(const Key *key)
{
    static const char *const quantities[] = {
        [UNIT_NONE] = "a number", [UNIT_TIME] = "a time",     [UNIT_SIZE] = "a size",
        [UNIT_RATE] = "a rate",   [UNIT_PERCENT] = "a share",
    };

    switch (key->type) {
    case KEY_TEXT: return g_strdup("a text");
    case KEY_CHOICE:
    case KEY_ORDER: return join_choices(key->choices);
    case KEY_BOOLEAN: return g_strdup("true or false");
    case KEY_INTEGER: return with_range(key, "a whole number");
    case KEY_SEED: return g_strdup("a whole number from 0 to 9223372036854775807");
    case KEY_NUMBER: return with_range(key, "a number");
    case KEY_DURATION:
    case KEY_QUANTITY: return with_range(key, quantities[key->unit]);
    case KEY_MAP:
    case KEY_FACTORS:
    case KEY_DERIVED:
    case KEY_DEFAULTS:
    case KEY_MARGINS:
    case KEY_WHERE: return g_strdup("a map of keys");
    case KEY_EXTENDS: return g_strdup("a file's path, or a map {file: PATH, outside: true}");
    case KEY_RANGE: return g_strdup("a list of levels or a map of keys");
    case KEY_TARGETS: return g_strdup("a machine, a list of machines, all or host");
    case KEY_NAMES: return g_strdup("a list of names");
    case KEY_WHEN: return g_strdup("an expression or a list of expressions");
    case KEY_LIST:
    case KEY_ZIP:
    case KEY_EXCLUDE:
    case KEY_INCLUDE: return g_strdup("a list");
    }
    return NULL;
}

static bool refuse(const Key *key, const char *text, GError **error)
{
    g_autofree char *wanted = value_wanted(key);

    return error_set(error, ERROR_SCENARIO, "must be %s, not '%s'", wanted, text);
}

static bool read_text(const Key *key, const char *text, char **field, GError **error)
{
    if (text[0] == '\0' && !key->may_be_empty)
        return error_set(error, ERROR_SCENARIO, "is empty");
    if (key->check != NULL && !key->check(text, error))
        return false;
    *field = g_strdup(text);
    return true;
}

/* The place of a text among a row's choices; -1 with an error. */
static int find_choice(const Key *key, const char *text, GError **error)
{
    g_autoptr(GPtrArray) choices = NULL;
    g_autofree char *hint = NULL;

    for (int i = 0; key->choices[i] != NULL; i++)
        if (strcmp(key->choices[i], text) == 0)
            return i;
    choices = g_ptr_array_new();
    for (int i = 0; key->choices[i] != NULL; i++)
        g_ptr_array_add(choices, (void *) key->choices[i]);
    refuse(key, text, error);
    hint = suggest(text, choices, NULL);
    if (hint != NULL)
        error_hint(error, "%s", hint);
    return -1;
}

static bool read_boolean(const Key *key, const char *text, bool *field, GError **error)
{
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        *field = text[0] == 't';
        return true;
    }
    return refuse(key, text, error);
}

static bool read_whole(const Key *key, const char *text, guint64 max, guint64 *ret_number, GError **error)
{
    if (text[0] == '0' && strlen(text) > 1 && strspn(text, "0123456789") == strlen(text)) {
        refuse(key, text, error);
        error_hint(error, "write it without the leading 0, which some programs take for octal.");
        return false;
    }
    if (!g_ascii_isdigit(text[0]) || !g_ascii_string_to_unsigned(text, 10, 0, max, ret_number, NULL) ||
        (key->type == KEY_INTEGER && (double) *ret_number < key->min))
        return refuse(key, text, error);
    return true;
}

static bool read_quantity(const Key *key, const char *text, double *ret_base, GError **error)
{
    Quantity quantity;

    if (!units_parse_kind(text, key->unit, &quantity, NULL)) {
        refuse(key, text, error);
        if (key->unit != UNIT_NONE)
            error_hint(error, "write a number with the unit %s behind it.", units_names(key->unit));
        return false;
    }
    if ((key->min != 0 || key->max != 0) && (quantity.base < key->min || quantity.base > key->max))
        return refuse(key, text, error);
    *ret_base = quantity.base;
    return true;
}

bool value_read(const Key *key, const char *text, void *field, GError **error)
{
    guint64 whole = 0;
    double number = 0;
    int choice;

    switch (key->type) {
    case KEY_TEXT: return read_text(key, text, field, error);
    case KEY_BOOLEAN: return read_boolean(key, text, field, error);
    case KEY_CHOICE:
    case KEY_ORDER:
        choice = find_choice(key, text, error);
        if (choice >= 0 && key->type == KEY_CHOICE)
            *(char **) field = g_strdup(text);
        else if (choice >= 0)
            *(int *) field = choice;
        return choice >= 0;
    case KEY_INTEGER:
        if (!read_whole(key, text, (guint64) key->max, &whole, error))
            return false;
        *(unsigned *) field = (unsigned) whole;
        return true;
    case KEY_SEED: return read_whole(key, text, INT64_MAX, field, error);
    case KEY_NUMBER:
    case KEY_QUANTITY: return read_quantity(key, text, field, error);
    case KEY_DURATION:
        if (!read_quantity(key, text, &number, error))
            return false;
        *(int64_t *) field = (int64_t) llround(number * 1000);
        return true;
    default: return false;
    }
}
