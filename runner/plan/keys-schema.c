// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/plan/keys.h"
#include "runner/plan/values.h"

/* JSON Schema 2020-12. What `${...}` may stand in for is also allowed as a text that contains it. */
#define TEMPLATE "{\"type\": \"string\", \"pattern\": \"\\\\$\\\\{\"}"
#define SCALAR "{\"type\": [\"string\", \"number\", \"boolean\"]}"
#define SCALARS "{\"type\": \"array\", \"items\": " SCALAR "}"
#define LEVELS "{\"type\": \"object\", \"additionalProperties\": " SCALAR "}"

static void write_properties(FILE *out, const Key *parent, bool all_required);

static void write_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_number(FILE *out, const char *name, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    fprintf(out, ", \"%s\": %s", name, g_ascii_formatd(text, sizeof text, "%.15g", number));
}

static void write_range(FILE *out, const Key *key)
{
    if (key->type == KEY_SEED)
        fprintf(out, ", \"minimum\": 0, \"maximum\": %" G_GINT64_FORMAT, G_MAXINT64);
    if (key->min == 0 && key->max == 0)
        return;
    write_number(out, "minimum", key->min);
    if (key->max < 1e300)
        write_number(out, "maximum", key->max);
}

/* The value itself, without "${...}". A quantity is a text with a unit; only 0 needs none. */
static void write_plain(FILE *out, const Key *key)
{
    switch (key->type) {
    case KEY_CHOICE:
    case KEY_ORDER:
        fprintf(out, "{\"enum\": [");
        for (size_t i = 0; key->choices[i] != NULL; i++) {
            fputs(i > 0 ? ", " : "", out);
            write_text(out, key->choices[i]);
        }
        fprintf(out, "]}");
        break;
    case KEY_BOOLEAN: fprintf(out, "{\"type\": \"boolean\"}"); break;
    case KEY_INTEGER:
    case KEY_SEED:
    case KEY_NUMBER:
        fprintf(out, "{\"type\": \"%s\"", key->type == KEY_NUMBER ? "number" : "integer");
        write_range(out, key);
        fputc('}', out);
        break;
    case KEY_DURATION:
    case KEY_QUANTITY: fprintf(out, "{\"anyOf\": [{\"type\": \"string\"}, {\"const\": 0}]}"); break;
    default: fputs(SCALAR, out); break;
    }
}

static void write_scalar(FILE *out, const Key *key)
{
    if (key->vary == VARY_NEVER) {
        write_plain(out, key);
        return;
    }
    fprintf(out, "{\"anyOf\": [");
    write_plain(out, key);
    fprintf(out, ", " TEMPLATE "]}");
}

static void write_list(FILE *out, const Key *key)
{
    fprintf(out, "{\"type\": \"array\"");
    if (key->required)
        fprintf(out, ", \"minItems\": 1");
    fprintf(out, ", \"items\": ");
    write_properties(out, key, true);
    fputc('}', out);
}

static void write_type(FILE *out, const Key *key)
{
    switch (key->type) {
    case KEY_MAP:
    case KEY_RANGE: write_properties(out, key, true); break;
    case KEY_LIST: write_list(out, key); break;
    case KEY_FACTORS:
        fprintf(out, "{\"type\": \"object\", \"additionalProperties\": {\"anyOf\": [" SCALARS ", ");
        write_type(out, key_find(key, "range"));
        fprintf(out, "]}}");
        break;
    case KEY_ZIP: fprintf(out, "{\"anyOf\": [" SCALARS ", {\"type\": \"array\", \"items\": " SCALARS "}]}"); break;
    case KEY_DERIVED:
    case KEY_MARGINS:
    case KEY_WHERE: fprintf(out, LEVELS); break;
    case KEY_EXCLUDE:
    case KEY_INCLUDE: fprintf(out, "{\"type\": \"array\", \"items\": " LEVELS "}"); break;
    case KEY_TARGETS:
    case KEY_NAMES:
    case KEY_WHEN: fprintf(out, "{\"anyOf\": [" SCALAR ", " SCALARS "]}"); break;
    case KEY_DEFAULTS: write_properties(out, key_find(NULL, key_name(key)), false); break;
    case KEY_EXTENDS:
        fprintf(out, "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"object\", \"properties\": {\"file\": "
                     "{\"type\": \"string\"}, \"outside\": {\"const\": true}}, \"required\": [\"file\"], "
                     "\"additionalProperties\": false}]}");
        break;
    default: write_scalar(out, key); break;
    }
}

/* A key's schema with what the reference page says of it. `~` is what removes a key from an extended scenario. */
static void write_key(FILE *out, const Key *key)
{
    write_text(out, key_name(key));
    fprintf(out, ": {\"description\": ");
    write_text(out, key->about);
    fprintf(out, ", \"anyOf\": [");
    write_type(out, key);
    fprintf(out, ", {\"type\": \"null\"}]}");
}

/* Nothing is required of a scenario that extends another, nor of the items in it. */
static void write_required(FILE *out, const Key *parent)
{
    bool first = true;

    for (const Key *key = key_next(parent, NULL); key != NULL; key = key_next(parent, key)) {
        if (!key->required ||
            (parent != NULL && strchr(parent->path, '.') == NULL && strcmp(key_name(key), "name") != 0))
            continue;
        fputs(first ? ", \"required\": [" : ", ", out);
        write_text(out, key_name(key));
        first = false;
    }
    fputs(first ? "" : "]", out);
}

static void write_properties(FILE *out, const Key *parent, bool all_required)
{
    bool first = true;

    fprintf(out, "{\"type\": \"object\", \"additionalProperties\": false");
    if (parent != NULL && all_required)
        write_required(out, parent);
    fprintf(out, ", \"properties\": {");
    for (const Key *key = key_next(parent, NULL); key != NULL; key = key_next(parent, key)) {
        fputs(first ? "" : ",\n", out);
        write_key(out, key);
        first = false;
    }
    fprintf(out, "}}");
}

void keys_write_schema(FILE *out)
{
    fprintf(out, "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                 "\"title\": \"trialbed scenario\",\n"
                 "\"anyOf\": [{\"required\": [\"machines\"]}, {\"required\": [\"extends\"]}],\n"
                 "\"allOf\": [");
    write_properties(out, NULL, true);
    fprintf(out, "]}\n");
}
