// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/template.h"

#include <string.h>

#include "runner/base/error.h"

bool template_is_needed(const char *text)
{
    return strstr(text, "${") != NULL;
}

/* `at` stands behind "${". Returns where the text goes on; NULL without a '}'. */
static const char *expand_name(GString *out, const char *at, TemplateLookup lookup, void *data)
{
    const char *end = strchr(at, '}');
    g_autofree char *name = end != NULL ? g_strndup(at, (size_t) (end - at)) : NULL;
    g_autofree char *value = name != NULL ? lookup(name, data) : NULL;

    if (value != NULL)
        g_string_append(out, value);
    return end != NULL ? end + 1 : NULL;
}

char *template_expand(const char *text, TemplateLookup lookup, void *data, GError **error)
{
    GString *out = g_string_new(NULL);

    while (*text != '\0') {
        if (strncmp(text, "$${", 3) == 0) {
            g_string_append(out, "${");
            text += 3;
        } else if (strncmp(text, "${", 2) == 0) {
            text = expand_name(out, text + 2, lookup, data);
            if (text == NULL)
                break;
        } else
            g_string_append_c(out, *text++);
    }
    if (text != NULL)
        return g_string_free(out, FALSE);
    g_string_free(out, TRUE);
    error_set(error, ERROR_SCENARIO, "has a '${' without a '}'");
    error_hint(error, "write '$${' where the text itself shall have '${'.");
    return NULL;
}
