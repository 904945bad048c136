// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/gnuplot.h"

#include "reports/print.h"
#include "runner/base/error.h"
#include "runner/base/proc.h"

enum { GNUPLOT_TIMEOUT_MS = 120000 };

/* In single quotes gnuplot expands nothing; in double quotes it would run `commands`. Only a line end needs these. */
static void append_quoted(GString *script, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    g_string_append_c(script, '\'');
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);

        if (character == '\n')
            g_string_append(script, "'.\"\\n\".'");
        else if (character == '\'')
            g_string_append(script, "''");
        else
            g_string_append_unichar(script, g_unichar_iscntrl(character) ? ' ' : character); /* not allowed in SVG */
    }
    g_string_append_c(script, '\'');
}

void gnuplot_set_text(GString *script, const char *name, const char *text)
{
    g_string_append_printf(script, "%s = ", name);
    append_quoted(script, text);
    g_string_append_c(script, '\n');
}

void gnuplot_set_number(GString *script, const char *name, double number)
{
    g_autofree char *digits = print_number_exact(number);

    g_string_append_printf(script, "%s = %s\n", name, digits);
}

void gnuplot_set_texts(GString *script, const char *name, const GPtrArray *texts)
{
    g_string_append_printf(script, "array %s[%u]\n", name, texts->len);
    for (guint i = 0; i < texts->len; i++) {
        g_string_append_printf(script, "%s[%u] = ", name, i + 1);
        append_quoted(script, texts->pdata[i]);
        g_string_append_c(script, '\n');
    }
}

/* One process for all formats: starting it takes longer than drawing. */
static GPtrArray *command(const char *file, const char *const *formats)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup("gnuplot"));
    g_ptr_array_add(argv, g_strdup("--default-settings"));
    for (size_t i = 0; formats[i] != NULL; i++) {
        g_ptr_array_add(argv, g_strdup("-e"));
        g_ptr_array_add(argv, g_strdup_printf("format = '%s'", formats[i]));
        g_ptr_array_add(argv, g_strdup(file));
    }
    g_ptr_array_add(argv, NULL);
    return argv;
}

bool gnuplot_run(const char *folder, const char *file, const char *const *formats, GError **error)
{
    g_autoptr(GPtrArray) argv = command(file, formats);
    const char *environment[] = { "LC_ALL=C.UTF-8", "TZ=UTC", NULL };
    ProcSpec spec = { .argv = (const char *const *) argv->pdata,
                      .environment = environment,
                      .folder = folder,
                      .timeout_ms = GNUPLOT_TIMEOUT_MS };
    g_autofree char *program = g_find_program_in_path(argv->pdata[0]);
    g_auto(ProcResult) result = { 0 };

    if (program == NULL) {
        error_set(error, ERROR_HOST, "cannot draw '%s': there is no program 'gnuplot'", file);
        error_hint(error, "'sudo apt-get install gnuplot-nox' installs it; then make the report again.");
        return false;
    }
    if (!proc_run_checked(&spec, &result, error)) {
        g_prefix_error(error, "could not draw '%s': ", file);
        return false;
    }
    return true;
}
