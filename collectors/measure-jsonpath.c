// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "collectors/measure-kinds.h"
#include "runner/base/error.h"

/* json-glib reads by recursion, and integers of 64 bits without noticing more: text from a guest must not overflow
 * either. */
enum { DEPTH_LIMIT = 500, SAFE_DIGITS = 18 };
#define TOKEN "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.+-"

static JsonPath *compile(const char *expression, GError **error)
{
    g_autoptr(JsonPath) path = json_path_new();
    g_autoptr(GError) reason = NULL;

    if (expression[0] != '$') {
        error_set(error, ERROR_SCENARIO, "jsonpath '%s' does not begin with '$'", expression);
        return NULL;
    }
    if (strstr(expression, "[-") != NULL) { /* json-glib accepts this and then selects nothing */
        error_set(error, ERROR_SCENARIO, "jsonpath '%s' counts from the end, which is not supported", expression);
        return NULL;
    }
    if (!json_path_compile(path, expression, &reason)) {
        error_set(error, ERROR_SCENARIO, "jsonpath '%s' cannot be used: %s", expression, reason->message);
        error_hint(error,
                   "members are .name or ['name'], elements [0], [0,1], [0:2] or [*], and ..name searches below.");
        return NULL;
    }
    return g_steal_pointer(&path);
}

bool measure_jsonpath_check(const char *expression, GError **error)
{
    g_autoptr(JsonPath) path = compile(expression, error);

    return path != NULL;
}

/* The length of the string that begins at `text` with a quotation mark, both marks counted. */
static size_t string_length(const char *text)
{
    size_t length = 1;

    while (text[length] != '\0' && text[length] != '"')
        length += text[length] == '\\' && text[length + 1] != '\0' ? 2 : 1;
    return length + (text[length] == '"');
}

static bool no_json(const char *expression, const char *why, GError **error)
{
    return error_set(error, ERROR_HOST, "jsonpath '%s': the output is no JSON: %s", expression, why);
}

/* The same JSON with long integers written as fractions, which makes json-glib read them as doubles. Comments would
 * hide brackets from the count of levels, and are no JSON. */
static GString *json_tame(const char *expression, const char *text, size_t size, GError **error)
{
    g_autoptr(GString) tame = g_string_sized_new(size + 16);
    unsigned depth = 0;
    size_t length;

    for (; *text != '\0'; text += length) {
        length = 1;
        if (*text == '"')
            length = string_length(text);
        else if (*text == '[' || *text == '{')
            depth++;
        else if ((*text == ']' || *text == '}') && depth > 0)
            depth--;
        else if (g_ascii_isalnum(*text))
            length = strspn(text, TOKEN);
        if (depth > DEPTH_LIMIT || *text == '/' || *text == '#') {
            no_json(expression, depth > DEPTH_LIMIT ? "it nests too deeply" : "it holds a comment", error);
            return NULL;
        }
        g_string_append_len(tame, text, (gssize) length);
        if (length > SAFE_DIGITS && strspn(text, "0123456789") == length)
            g_string_append(tame, ".0");
    }
    return g_steal_pointer(&tame);
}

static bool parse(JsonParser *parser, const char *expression, const char *text, size_t size, GError **error)
{
    g_autoptr(GString) tame = json_tame(expression, text, size, error);
    g_autoptr(GError) reason = NULL;

    if (tame == NULL)
        return false;
    return json_parser_load_from_data(parser, tame->str, (gssize) tame->len, &reason)
           || no_json(expression, reason->message, error);
}

static bool append_number(const char *expression, JsonNode *node, GArray *values, GError **error)
{
    GType type = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;
    double value = type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double(node) : NAN;
    g_autofree char *shown = NULL;

    if (isfinite(value)) {
        g_array_append_val(values, value);
        return true;
    }
    shown = json_to_string(node, FALSE);
    error_set(error, ERROR_HOST, "jsonpath '%s' selects %.80s, which is no number", expression, shown);
    if (JSON_NODE_HOLDS_ARRAY(node))
        error_hint(error, "'%s[*]' selects the elements of the list.", expression);
    return false;
}

bool measure_jsonpath_find(const char *expression, const char *text, size_t size, GArray *values, GError **error)
{
    g_autoptr(JsonPath) path = compile(expression, error);
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(JsonNode) selected = NULL;
    JsonArray *nodes;

    if (path == NULL)
        return false;
    if (text[strspn(text, " \t\r\n")] == '\0')
        return true; /* nothing selected; json-glib has no root to offer then */
    if (!parse(parser, expression, text, size, error))
        return false;
    if (json_parser_get_root(parser) == NULL)
        return true;
    selected = json_path_match(path, json_parser_get_root(parser));
    nodes = json_node_get_array(selected);
    for (unsigned i = 0; i < json_array_get_length(nodes); i++)
        if (!append_number(expression, json_array_get_element(nodes, i), values, error))
            return false;
    return true;
}
