// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <string.h>

#include "runner/plan/keys.h"
#include "runner/plan/run-spec.h"

#define FIELD(base, offset) ((const void *) ((const char *) (base) + (offset)))

static void describe(const Key *parent, const void *base, const char *place, GString *text);

static void add_line(GString *text, const char *place, const char *key, const char *value)
{
    g_autofree char *escaped = g_strescape(value, NULL);
    const char *const parts[] = { place, place[0] != '\0' ? "." : "", key, "\t", escaped, "\n" };

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) /* a plan of thousands of cells has a million such lines: no printf */
        g_string_append(text, parts[i]);
}

static void add_number(GString *text, const char *place, const char *key, double number)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    if (number >= 0 && number < 10 && number == floor(number)) /* most are, and a double's digits take long */
        add_line(text, place, key, (char[]) { (char) ('0' + (int) number), '\0' });
    else if (!isnan(number))
        add_line(text, place, key, g_ascii_dtostr(digits, sizeof digits, number));
}

static void add_words(GString *text, const char *place, const char *key, char *const *words, const char *between, const char *none)
{
    g_autofree char *joined = words != NULL && words[0] != NULL ? g_strjoinv(between, (char **) words) : g_strdup(none);

    if (joined != NULL)
        add_line(text, place, key, joined);
}

/* An item is called by its name, when it has one, and by its number otherwise. */
static char *item_place(const Key *list, const void *item, size_t index, const char *place)
{
    const Key *name = key_find(list, "name");
    const char *called = name != NULL ? *(char *const *) FIELD(item, name->offset) : NULL;
    const char *dot = place[0] != '\0' ? "." : "";

    if (called != NULL)
        return g_strdup_printf("%s%s%s.%s", place, dot, key_name(list), called);
    return g_strdup_printf("%s%s%s.%zu", place, dot, key_name(list), index + 1);
}

static void describe_list(const Key *key, const void *base, const char *place, GString *text)
{
    const char *items = *(const char *const *) FIELD(base, key->offset);
    size_t count = *(const size_t *) FIELD(base, key->count_offset);

    for (size_t i = 0; i < count; i++) {
        g_autofree char *here = item_place(key, items + i * key->item_size, i, place);

        describe(key, items + i * key->item_size, here, text);
    }
}

static void describe_key(const Key *key, const void *base, const char *place, GString *text)
{
    const void *field = FIELD(base, key->offset);
    const char *name = key_name(key);

    switch (key->type) {
    case KEY_TEXT:
    case KEY_CHOICE:
        if (*(char *const *) field != NULL)
            add_line(text, place, name, *(char *const *) field);
        break;
    case KEY_BOOLEAN: add_line(text, place, name, *(const bool *) field ? "true" : "false"); break;
    case KEY_INTEGER: add_number(text, place, name, *(const unsigned *) field); break;
    case KEY_DURATION: add_number(text, place, name, (double) *(const int64_t *) field / 1000); break;
    case KEY_NUMBER:
    case KEY_QUANTITY: add_number(text, place, name, *(const double *) field); break;
    case KEY_TARGETS: add_words(text, place, name, *(char **const *) FIELD(base, key->count_offset), " ", "host"); break;
    /* names have no spaces, other texts may */
    case KEY_NAMES: add_words(text, place, name, *(char **const *) field, key->may_be_empty ? "\n" : " ", NULL); break;
    case KEY_MAP: describe(key, base, place, text); break;
    case KEY_LIST: describe_list(key, base, place, text); break;
    default: break; /* of the scenario, not of a run */
    }
}

static void describe(const Key *parent, const void *base, const char *place, GString *text)
{
    for (const Key *key = key_next(parent, NULL); key != NULL; key = key_next(parent, key))
        if (parent != NULL || key->home == IN_RUN)
            describe_key(key, base, place, text);
}

void run_spec_describe(const RunSpec *spec, GString *text)
{
    describe(NULL, spec, "", text);
    for (char **variable = spec->environment; variable != NULL && *variable != NULL; variable++) {
        g_autofree char *name = g_strndup(*variable, strcspn(*variable, "="));

        add_line(text, "variable", name, strchr(*variable, '=') + 1);
    }
}
