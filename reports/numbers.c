// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/numbers.h"

#include <inttypes.h>
#include <string.h>

#include "reports/print.h"

static const char head[] =
    "% Numbers by trialbed. \\trialbed{METRIC}{CELL}{COLUMN} is one of them; an unknown name is an error.\n"
    "\\makeatletter\n"
    "\\providecommand{\\trialbed}[3]{\\ifcsname trialbed@#1@#2@#3\\endcsname\\csname trialbed@#1@#2@#3\\endcsname%\n"
    "  \\else\\PackageError{trialbed}{there is no number '#1', '#2', '#3'}{}\\fi}\n"
    "\\providecommand{\\trialbed@number}[4]{\\expandafter\\gdef\\csname trialbed@#1@#2@#3\\endcsname{#4}}\n";

/* Only what stands for itself in \csname. */
static char *macro_name(const char *text)
{
    g_autofree char *name = g_strdup(text);

    return g_strcanon(g_steal_pointer(&name), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS " =.,:;/+-()", '-');
}

static char *macro_value(const Value *value)
{
    if (value->type == VALUE_INTEGER)
        return g_strdup_printf("%" PRId64, value->integer);
    return print_latex(value->type == VALUE_TEXT ? value->text : "--");
}

char *numbers_latex(const Table *rounded)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%s", head);
    for (size_t row = 0; row < rounded->row_count; row++) {
        g_autofree char *metric = macro_name(table_text(rounded, row, "metric"));
        g_autofree char *cell = macro_name(table_text(rounded, row, "cell"));

        for (size_t column = 0; column < rounded->column_count; column++) {
            const char *name = rounded->columns[column];
            g_autofree char *value = macro_value(table_value(rounded, row, column));

            if (strcmp(name, "metric") != 0 && strcmp(name, "cell") != 0)
                g_string_append_printf(text, "\\trialbed@number{%s}{%s}{%s}{%s}\n", metric, cell, name, value);
        }
    }
    g_string_append(text, "\\makeatother\n");
    return g_string_free(text, FALSE);
}
