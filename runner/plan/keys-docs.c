// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/plan/expression.h"
#include "runner/plan/functions.h"
#include "runner/plan/keys.h"
#include "runner/plan/values.h"

/* A bar would end the table's cell. */
static char *escape_bars(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "|", -1);

    return g_strjoinv("\\|", parts);
}

static char *key_kind_text(const Key *key)
{
    g_autofree char *wanted = value_wanted(key);

    if (key->type == KEY_LIST)
        return g_strdup("list of maps");
    if (key->refers != NAME_NONE && key->type != KEY_MARGINS)
        return g_strdup_printf("name of a %s", name_kind_text(key->refers));
    if ((key->type == KEY_QUANTITY || key->type == KEY_DURATION) && key->unit != UNIT_NONE)
        return g_strdup_printf("%s; units %s", wanted, units_names(key->unit));
    return g_steal_pointer(&wanted);
}

static void write_row(FILE *out, const Key *key)
{
    static const char *const varies[] = { "no", "yes", "yes, and addresses" };
    g_autofree char *kind = key_kind_text(key);
    g_autofree char *cell = escape_bars(kind);
    g_autofree char *about = escape_bars(key->about);
    bool is_scalar = key->type < KEY_MAP;

    fprintf(out, "| `%s` | %s | ", key_name(key), cell);
    if (key->required)
        fprintf(out, "required");
    else if (key->preset != NULL && key->preset[0] != '\0')
        fprintf(out, "`%s`", key->preset);
    fprintf(out, " | %s | %s%s%s |\n", is_scalar || key->type == KEY_TARGETS ? varies[key->vary] : "", about,
            key->like != NULL ? "; its keys are those of " : "", key->like != NULL ? key->like : "");
}

static void write_section(FILE *out, const Key *parent)
{
    if (parent == NULL)
        fprintf(out, "## At the top\n\n");
    else
        fprintf(out, "\n## `%s`\n\n%c%s.\n\n", parent->path, g_ascii_toupper(parent->about[0]), parent->about + 1);
    fprintf(out, "| key | value | default | may vary | meaning |\n| --- | --- | --- | --- | --- |\n");
    for (const Key *key = key_next(parent, NULL); key != NULL; key = key_next(parent, key))
        write_row(out, key);
}

static const char introduction[] =
    "<!-- Written from the key table in runner/plan/keys.c; change it there. -->\n"
    "# The scenario file\n"
    "\n"
    "A scenario is a YAML file in UTF-8. Every key below is known; any other one is an error. A value that *may vary*\n"
    "can contain `${factor}`, which every cell replaces by its level, or by what is derived from it, and where the "
    "table\n"
    "says so also `${machine.address}`, the address of that machine's first interface. `$${` is a literal `${`. Inside "
    "`[...]` and\n"
    "`{...}` a text with `${...}` needs quotes. A command finds the levels in its environment as well\n"
    "(`TRIALBED_FACTOR_DELAY` for factor `delay`).\n"
    "\n"
    "A scenario that `extends` another one is laid over it: maps are merged key by key, lists whose items have names\n"
    "item by item (new ones come behind), and anything else replaces what was there; `~` removes it. Overrides of the\n"
    "form `machines.server.memory_mb=256` are laid over both. The whole is stored with the experiment as one file.\n"
    "\n";

static const char expressions[] =
    "\n## Expressions\n"
    "\n"
    "`matrix.derived` and `matrix.when` contain expressions such as `${size} * 8 + 40`, `${delay} >= 10ms and ${tls}`\n"
    "or `'run-' + ${size}`:\n"
    "\n";

void keys_write_markdown(FILE *out)
{
    fputs(introduction, out);
    write_section(out, NULL);
    for (size_t i = 0; i < key_count; i++)
        if (key_next(&keys[i], NULL) != NULL && keys[i].like == NULL)
            write_section(out, &keys[i]);
    fputs(expressions, out);
    fputs(expression_reference, out);
    fputs("\n", out);
    functions_write_markdown(out);
}
