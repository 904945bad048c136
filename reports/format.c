// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/format.h"

#include <string.h>

#include "reports/print.h"
#include "reports/report.h"

static const PictureFormat formats[] = {
    { "svg", REPORT_SVG, { ".svg" } },
    { "pdf", REPORT_PDF, { ".pdf" } },
    { "png", REPORT_PNG, { ".png" } },
    { "latex", REPORT_LATEX, { "-latex.tex", "-latex.pdf" } },
};

const PictureFormat *format_get(size_t index)
{
    return index < G_N_ELEMENTS(formats) ? &formats[index] : NULL;
}

const PictureFormat *format_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    }
    return NULL;
}

/* "$8$", "$-0.5$", "$10^{-3}$", "$2\times10^{6}$", as gnuplot writes tics. */
static bool is_tic(const char *label)
{
    return g_regex_match_simple("^\\$-?[0-9.]*(\\\\times)?(10\\^\\{[-+]?[0-9]+\\})?\\$\\z", label, 0, 0);
}

static size_t open_braces(const char *start, const char *end)
{
    size_t open = 0;

    for (const char *at = start; at < end; at++)
        open += *at == '{' ? 1 : *at == '}' ? (size_t) -1 : 0;
    return open;
}

/* A line is "\put(X,Y){\makebox(0,0){\strut{}LABEL}}%", with a \rotatebox more when it stands upright: behind the label
 * come as many braces as were left open before it. */
static void append_line(GString *out, const char *line)
{
    static const char mark[] = "\\strut{}";
    const char *label = strstr(line, mark);
    size_t length = strlen(line), tail;
    g_autofree char *text = NULL;
    g_autofree char *escaped = NULL;

    if (label == NULL || !g_str_has_suffix(line, "}%")) {
        g_string_append(out, line);
        return;
    }
    label += strlen(mark);
    tail = open_braces(line, label) + 1;
    g_return_if_fail((size_t) (label - line) + tail <= length);
    text = g_strndup(label, (gsize) (line + length - tail - label));
    escaped = is_tic(text) ? g_strdup(text) : print_latex(text);
    g_string_append_len(out, line, label - line);
    g_string_append(out, escaped);
    g_string_append(out, line + length - tail);
}

char *format_latex_labels(const char *picture)
{
    g_auto(GStrv) lines = g_strsplit(picture, "\n", -1);
    GString *out = g_string_new(NULL);

    for (size_t i = 0; lines[i] != NULL; i++) {
        if (i > 0)
            g_string_append_c(out, '\n');
        append_line(out, lines[i]);
    }
    return g_string_free(out, FALSE);
}
