// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "reports/drawing.h"
#include "reports/figure.h"
#include "reports/format.h"
#include "reports/numbers.h"
#include "reports/page.h"
#include "reports/print.h"
#include "reports/rounding.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"

/* A report in the making. All is written into a folder of its own and moved at the end, so that a crash leaves the old
 * files or the new ones, each of them whole. */
typedef struct Report {
    Store *store;
    Design *design;
    Table *measured;    /* measured-metrics.sql */
    Table *summary;
    Table *rounded;     /* the summary as people read it */
    unsigned formats;
    const char *folder;
    char *work;         /* below `folder`: a rename must not leave its file system */
    GPtrArray *files;   /* names written */
    GPtrArray *figures; /* PageFigure */
    GPtrArray *drawings; /* Drawing, one a figure */
    GError *problem;    /* the first figure that could not be made; the rest goes on */
} Report;

static void page_figure_free(gpointer data)
{
    PageFigure *figure = data;

    g_free(figure->name);
    g_free(figure->description);
    g_free(figure->query);
    g_free(figure);
}

static void report_clear(Report *report)
{
    g_clear_pointer(&report->measured, table_free);
    g_clear_pointer(&report->summary, table_free);
    g_clear_pointer(&report->rounded, table_free);
    g_clear_pointer(&report->files, g_ptr_array_unref);
    g_clear_pointer(&report->drawings, g_ptr_array_unref);
    g_clear_pointer(&report->design, design_free);
    g_clear_pointer(&report->figures, g_ptr_array_unref);
    g_clear_error(&report->problem);
    if (report->work != NULL && !folder_remove(report->work, NULL))
        log_warning("could not remove '%s'; the next report will try again", report->work);
    g_free(report->work);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Report, report_clear)

/* What a figure lacks does not stop the others; what ails the database or the disk does. */
static bool note_problem(Report *report, GError *problem, GError **error)
{
    if (error_kind(problem) != ERROR_USAGE && error_kind(problem) != ERROR_HOST) {
        g_propagate_error(error, problem);
        return false;
    }
    if (report->problem == NULL)
        report->problem = problem;
    else
        g_error_free(problem);
    return true;
}

static bool add_file(Report *report, const char *name, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(report->work, name, NULL);

    if (!file_write_atomic(path, text, strlen(text), error))
        return false;
    g_ptr_array_add(report->files, g_strdup(name));
    return true;
}

static bool is_automatic(const Report *report, size_t row)
{
    return table_integer(report->measured, row, "automatic") != 0;
}

/* Of the set that is drawn without a wish: docs/reports.md. */
enum {
    ENOUGH_RUNS = 5,
    MANY_CELLS = 12,
    MANY_ROWS = 40,
    MANY_MARKS = 2500 /* rows of a figure beyond which its PNG is far smaller than its SVG */
};

/* Whether the scenario measured anything of its own: then phases and the like are not asked for. */
static bool measures_something(const Report *report)
{
    return report->measured->row_count > 0 && !is_automatic(report, 0);
}

static bool read_data(Report *report, int64_t experiment_id, GError **error)
{
    report->design = design_read(report->store, experiment_id, error);
    if (report->design == NULL ||
        !store_read(report->store, "measured-metrics", &report->measured, error, PARAM_INTEGER(experiment_id),
                    PARAM_END) ||
        !store_read(report->store, "summary", &report->summary, error, PARAM_INTEGER(experiment_id), PARAM_TEXT(NULL),
                    PARAM_INTEGER(!measures_something(report)), PARAM_END))
        return false;
    report->rounded = rounding_summary(report->summary);
    return true;
}

static bool add_table(Report *report, const char *name, const Table *table, PrintFormat format, GError **error)
{
    g_autofree char *text = print_table_text(table, format);

    return add_file(report, name, text, error);
}

static bool write_markdown(Report *report, GError **error)
{
    g_autoptr(Table) runs = NULL;
    g_autofree char *results = print_table_text(report->rounded, PRINT_MARKDOWN);
    g_autofree char *name = print_markdown(report->design->name);
    g_autofree char *description = print_markdown(report->design->description);
    g_autofree char *counts = NULL;
    g_autofree char *markdown = NULL;

    if (!store_read(report->store, "counted-runs", &runs, error, PARAM_INTEGER(report->design->experiment_id),
                    PARAM_END))
        return false;
    counts = print_table_text(runs, PRINT_MARKDOWN);
    markdown = g_strdup_printf("# %s\n\n%s%s## Results\n\n%s\n## Runs\n\n%s", name, description,
                               description[0] != '\0' ? "\n\n" : "", results, counts);
    return add_file(report, "summary.md", markdown, error);
}

static bool write_summary(Report *report, GError **error)
{
    g_autofree char *numbers = numbers_latex(report->rounded);

    return write_markdown(report, error) && add_table(report, "summary.csv", report->summary, PRINT_CSV, error) &&
           add_table(report, "summary.txt", report->rounded, PRINT_TEXT, error) &&
           add_table(report, "summary.tex", report->rounded, PRINT_LATEX, error) &&
           add_file(report, "numbers.tex", numbers, error);
}

static void hint_metrics(const Report *report, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (size_t row = 0; row < report->measured->row_count; row++)
        g_string_append_printf(names, "%s%s", row == 0 ? "" : ", ", table_text(report->measured, row, "metric"));
    if (names->len > 0)
        error_hint(error, "measured metrics are: %s.", names->str);
    else
        error_hint(error, "'trialbed status %s' says what became of its runs.", report->design->name);
}

static bool metric_is_measured(const Report *report, const char *metric)
{
    for (size_t row = 0; row < report->measured->row_count; row++) {
        if (strcmp(table_text(report->measured, row, "metric"), metric) == 0)
            return true;
    }
    return false;
}

static bool has_figure(const Report *report, const char *name)
{
    for (guint i = 0; i < report->figures->len; i++) {
        if (strcmp(((PageFigure *) report->figures->pdata[i])->name, name) == 0)
            return true;
    }
    return false;
}

/* "rtt/ms" and "rtt_ms" would share their files: the later one gets a number. */
static void make_name_unique(const Report *report, FigurePlan *plan)
{
    g_autofree char *name = g_strdup(plan->name);

    for (unsigned i = 2; has_figure(report, plan->name); i++) {
        g_free(plan->name);
        plan->name = g_strdup_printf("%s-%u", name, i);
    }
}

static bool check_metrics(const Report *report, const FigureRequest *request, GError **error)
{
    g_auto(GStrv) metrics = figure_metrics(request);

    for (size_t i = 0; metrics[i] != NULL; i++) {
        if (metric_is_measured(report, metrics[i]))
            continue;
        error_set(error, ERROR_USAGE, "figure '%s': experiment '%s' has no completed run with metric '%s'",
                  request->figure, report->design->name, metrics[i]);
        hint_metrics(report, error);
        return false;
    }
    return true;
}

static FigurePlan *plan_figure(const Report *report, const FigureRequest *request, GError **error)
{
    const Figure *figure = figure_find(request->figure, error);

    if (figure == NULL)
        return NULL;
    if (!(figure->flags & FIGURE_WITHOUT_METRIC) && !check_metrics(report, request, error))
        return NULL;
    return figure_plan(report->design, request, error);
}

static void add_name(Report *report, const char *name, const char *ending)
{
    g_ptr_array_add(report->files, g_strconcat(name, ending, NULL));
}

static void add_pictures(Report *report, const Drawing *drawing)
{
    for (size_t i = 0; format_get(i) != NULL; i++) {
        for (const char *const *ending = format_get(i)->endings; *ending != NULL; ending++) {
            if (drawing->formats & format_get(i)->flag && drawing_has(drawing, report->work, *ending))
                add_name(report, drawing->plan->name, *ending);
        }
    }
}

/* What could not be drawn is missing from the files, and its reason is the first problem's. */
static bool draw_all(Report *report, GError **error)
{
    drawing_run(report->drawings, report->work, report->folder, report->formats & REPORT_AGAIN);
    for (guint i = 0; i < report->drawings->len; i++) {
        Drawing *drawing = report->drawings->pdata[i];

        log_debug("%s: %s", drawing->plan->name, drawing->kept ? "has not changed" : "drawn");
        if (drawing->error != NULL && !note_problem(report, g_steal_pointer(&drawing->error), error))
            return false;
        add_pictures(report, drawing);
    }
    return true;
}

static bool make_figure(Report *report, const FigureRequest *request, GError **error)
{
    GError *problem = NULL;
    g_autoptr(FigurePlan) plan = plan_figure(report, request, &problem);
    g_autofree char *description = NULL;
    size_t rows = 0;
    PageFigure *figure;
    Drawing *drawing;

    if (plan == NULL)
        return note_problem(report, problem, error);
    make_name_unique(report, plan);
    if (!figure_write(report->store, plan, report->work, &description, &rows, &problem))
        return note_problem(report, problem, error);
    figure = g_new0(PageFigure, 1);
    *figure = (PageFigure) { g_strdup(plan->name), g_steal_pointer(&description), figure_query(plan),
                              rows > MANY_MARKS ? ".png" : ".svg" };
    g_ptr_array_add(report->figures, figure);
    add_name(report, plan->name, ".tsv");
    add_name(report, plan->name, ".gp");
    drawing = g_new0(Drawing, 1);
    drawing->plan = g_steal_pointer(&plan);
    drawing->formats = report->formats | (rows > MANY_MARKS ? REPORT_PNG : 0);
    g_ptr_array_add(report->drawings, drawing);
    return true;
}

/* One that does not exist is told apart later. */
static bool is_without_metric(const char *name)
{
    const Figure *figure = figure_find(name, NULL);

    return figure != NULL && figure->flags & FIGURE_WITHOUT_METRIC;
}

static bool make_figures(Report *report, const FigureRequest *request, GError **error)
{
    FigureRequest each = *request;

    if (each.figure == NULL)
        each.figure = "errorbars";
    if (each.metric != NULL || is_without_metric(each.figure))
        return make_figure(report, &each, error);
    for (size_t row = 0; row < report->measured->row_count; row++) {
        each.metric = table_text(report->measured, row, "metric");
        if (!is_automatic(report, row) && !make_figure(report, &each, error))
            return false;
    }
    return true;
}

/* The most runs that count in any cell of a metric. */
static int64_t most_runs(const Report *report, const char *metric)
{
    int64_t most = 0;

    for (size_t row = 0; row < report->summary->row_count; row++) {
        if (strcmp(table_text(report->summary, row, "metric"), metric) == 0)
            most = MAX(most, table_integer(report->summary, row, "n"));
    }
    return most;
}

static bool make_set_of_metric(Report *report, const char *metric, GError **error)
{
    bool has_spread = most_runs(report, metric) >= ENOUGH_RUNS && report->design->cells->len <= MANY_ROWS;
    const struct {
        const char *figure;
        bool wanted;
    } set[] = {
        { "errorbars", true },
        { "heatmap", report->design->factors->len > 1 && report->design->cells->len > MANY_CELLS },
        { "box", has_spread },
        { "order", has_spread },
        { "convergence", has_spread },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(set); i++) {
        const FigureRequest request = { .figure = set[i].figure, .metric = metric };

        if (set[i].wanted && !make_figure(report, &request, error))
            return false;
    }
    return true;
}

/* What suits the design when nobody has wished for anything: of a trial of few runs the means, otherwise also how they
 * are distributed, whether they drift, whether there are enough, and what the time went into. */
static bool make_default_set(Report *report, GError **error)
{
    bool has_spread = false;

    for (size_t row = 0; row < report->measured->row_count; row++) {
        const char *metric = table_text(report->measured, row, "metric");

        if (is_automatic(report, row))
            continue;
        has_spread |= most_runs(report, metric) >= ENOUGH_RUNS;
        if (!make_set_of_metric(report, metric, error))
            return false;
    }
    return !has_spread || report->design->cells->len > MANY_ROWS ||
           make_figure(report, &(FigureRequest) { .figure = "phases" }, error);
}

static bool make_wishes(Report *report, GError **error)
{
    g_autoptr(Table) wishes = NULL;

    if (!store_read(report->store, "figures", &wishes, error, PARAM_INTEGER(report->design->experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < wishes->row_count; row++) {
        const FigureRequest wish = { .figure = table_text(wishes, row, "figure"),
                                     .metric = table_text(wishes, row, "metric"),
                                     .x = table_text(wishes, row, "x"),
                                     .by = table_text(wishes, row, "by"),
                                     .facet = table_text(wishes, row, "facet"),
                                     .errors = table_text(wishes, row, "errors"),
                                     .normalize_to = table_text(wishes, row, "normalize_to"),
                                     .expected = table_text(wishes, row, "expected") };

        if (!make_figures(report, &wish, error))
            return false;
    }
    return wishes->row_count > 0 || make_default_set(report, error);
}

static bool write_page(Report *report, GError **error)
{
    g_autofree char *page =
        page_build(report->store, report->design, report->rounded, report->figures, report->work, error);

    return page != NULL && add_file(report, "index.html", page, error);
}

/* A picture that was not drawn this time must not stay from the last one. */
static bool remove_stale_picture(const Report *report, const char *name, const char *ending, GError **error)
{
    g_autofree char *drawn = g_strdup_printf("%s/%s%s", report->work, name, ending);
    g_autofree char *old = g_strdup_printf("%s/%s%s", report->folder, name, ending);

    if (!g_file_test(drawn, G_FILE_TEST_EXISTS) && remove(old) != 0 && errno != ENOENT)
        return error_set_errno(error, ERROR_HOST, "could not remove '%s'", old);
    return true;
}

static bool remove_stale(const Report *report, GError **error)
{
    for (guint i = 0; i < report->figures->len; i++) {
        const PageFigure *figure = report->figures->pdata[i];

        for (size_t format = 0; format_get(format) != NULL; format++) {
            for (const char *const *ending = format_get(format)->endings; *ending != NULL; ending++) {
                if (!remove_stale_picture(report, figure->name, *ending, error))
                    return false;
            }
        }
    }
    return true;
}

static bool publish(const Report *report, GError **error)
{
    if (!remove_stale(report, error))
        return false;
    for (guint i = 0; i < report->files->len; i++) {
        g_autofree char *from = g_build_filename(report->work, report->files->pdata[i], NULL);
        g_autofree char *to = g_build_filename(report->folder, report->files->pdata[i], NULL);

        if (rename(from, to) != 0)
            return error_set_errno(error, ERROR_HOST, "could not write '%s'", to);
    }
    return true;
}

static bool check_runs(Report *report, GError **error)
{
    GError *problem = NULL;

    if (report->measured->row_count > 0)
        return true;
    error_set(&problem, ERROR_USAGE, "experiment '%s' has no completed run", report->design->name);
    hint_metrics(report, &problem);
    return note_problem(report, problem, error);
}

bool report_formats_parse(const char *text, unsigned *ret_formats, GError **error)
{
    g_auto(GStrv) names = g_strsplit(text, ",", -1);
    unsigned flags = 0;

    for (size_t i = 0; names[i] != NULL; i++) {
        const PictureFormat *format = format_find(names[i]);

        if (format == NULL) {
            error_set(error, ERROR_USAGE, "there is no format '%s'", names[i]);
            error_hint(error, "formats are 'svg', 'pdf', 'png' and 'latex', with commas between them.");
            return false;
        }
        flags |= format->flag;
    }
    *ret_formats = flags;
    return true;
}

bool report_write_formats(Store *store, int64_t experiment_id, const char *folder, unsigned formats_wanted,
                          const FigureRequest *requests, size_t request_count, GPtrArray **ret_files, GError **error)
{
    g_auto(Report) report = { .store = store,
                              .formats = formats_wanted | REPORT_SVG, /* the page shows it */
                              .folder = folder,
                              .work = g_build_filename(folder, ".new", NULL),
                              .files = g_ptr_array_new_with_free_func(g_free),
                              .figures = g_ptr_array_new_with_free_func(page_figure_free),
                              .drawings = g_ptr_array_new_with_free_func(drawing_free) };

    if (g_file_test(folder, G_FILE_TEST_EXISTS) && !g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        g_clear_pointer(&report.work, g_free); /* there is none to be removed */
        return error_set(error, ERROR_USAGE, "'%s' is a file, and a report needs a folder", folder);
    }
    if (!read_data(&report, experiment_id, error) || !folder_remove(report.work, error) ||
        !folder_make(report.work, error) || !write_summary(&report, error) || !check_runs(&report, error))
        return false;
    for (size_t i = 0; i < request_count; i++) {
        if (!make_figures(&report, &requests[i], error))
            return false;
    }
    if (request_count == 0 && !make_wishes(&report, error))
        return false;
    if (!draw_all(&report, error) || !write_page(&report, error) || !publish(&report, error))
        return false;
    if (report.problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&report.problem));
        return false;
    }
    *ret_files = g_steal_pointer(&report.files);
    return true;
}

bool report_write(Store *store, int64_t experiment_id, const char *folder, const FigureRequest *requests,
                  size_t request_count, GPtrArray **ret_files, GError **error)
{
    return report_write_formats(store, experiment_id, folder, REPORT_SVG, requests, request_count, ret_files, error);
}
