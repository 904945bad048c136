// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/drawing.h"

#include <string.h>
#include <unistd.h>

#include "reports/format.h"
#include "runner/base/error.h"
#include "runner/base/proc.h"

enum { VERSION_TIMEOUT_MS = 10000 };

/* What all threads read and none changes. */
typedef struct Work {
    const char *folder, *old;
} Work;

void drawing_free(gpointer data)
{
    Drawing *drawing = data;

    figure_plan_free(drawing->plan);
    g_clear_error(&drawing->error);
    g_free(drawing);
}

/* "GNUPLOT 5.4 patchlevel 4", as its SVG files say it; NULL when it cannot be asked. */
static char *gnuplot_version(void)
{
    const char *argv[] = { "gnuplot", "--version", NULL };
    ProcSpec spec = { .argv = argv, .timeout_ms = VERSION_TIMEOUT_MS };
    g_auto(ProcResult) result = { 0 };

    if (!proc_run_checked(&spec, &result, NULL) || !g_str_has_prefix(result.output, "gnuplot "))
        return NULL;
    return g_strconcat("GNUPLOT ", g_strchomp(result.output) + strlen("gnuplot "), NULL);
}

static char *file_path(const char *folder, const Drawing *drawing, const char *ending)
{
    return g_strdup_printf("%s/%s%s", folder, drawing->plan->name, ending);
}

bool drawing_has(const Drawing *drawing, const char *folder, const char *ending)
{
    g_autofree char *path = file_path(folder, drawing, ending);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static bool is_same_file(const Work *work, const Drawing *drawing, const char *ending)
{
    g_autofree char *path = file_path(work->folder, drawing, ending);
    g_autofree char *old_path = file_path(work->old, drawing, ending);
    g_autofree char *text = NULL;
    g_autofree char *old_text = NULL;
    gsize size = 0, old_size = 0;

    return g_file_get_contents(path, &text, &size, NULL) && g_file_get_contents(old_path, &old_text, &old_size, NULL) &&
           size == old_size && memcmp(text, old_text, size) == 0;
}

/* A picture that was cut short, by a full disk or by hand, does not end so. */
static bool is_whole(const char *picture, gsize size)
{
    static const struct {
        const char *start, *end;
    } shapes[] = { { "<?xml", "</svg>" }, { "%PDF", "%%EOF" }, { "\x89PNG", "IEND" }, { "%", "\\endgroup" } };
    enum { TAIL = 16 };

    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
        gsize tail = MIN(size, TAIL);

        if (size > strlen(shapes[i].start) && memcmp(picture, shapes[i].start, strlen(shapes[i].start)) == 0 &&
            memmem(picture + size - tail, tail, shapes[i].end, strlen(shapes[i].end)) != NULL)
            return true;
    }
    return false;
}

static bool is_picture_right(const Work *work, const Drawing *drawing, const char *ending, const char *version)
{
    g_autofree char *path = file_path(work->old, drawing, ending);
    g_autofree char *picture = NULL;
    gsize size = 0;

    if (!g_file_get_contents(path, &picture, &size, NULL) || !is_whole(picture, size))
        return false;
    return strcmp(ending, ".svg") != 0 || memmem(picture, size, version, strlen(version)) != NULL;
}

/* Of the files of a format by its index; none when it is not wanted. */
static const char *const *endings(const Drawing *drawing, size_t format)
{
    static const char *const none[] = { NULL };

    return drawing->formats & format_get(format)->flag ? format_get(format)->endings : none;
}

static bool is_current(const Work *work, const Drawing *drawing, const char *version)
{
    if (version == NULL || !is_same_file(work, drawing, ".gp") || !is_same_file(work, drawing, ".tsv"))
        return false;
    for (size_t i = 0; format_get(i) != NULL; i++) {
        for (const char *const *ending = endings(drawing, i); *ending != NULL; ending++) {
            if (!is_picture_right(work, drawing, *ending, version))
                return false;
        }
    }
    return true;
}

/* A second name for the same file: nothing is lost when we are stopped half way. */
static bool keep_picture(const Work *work, const Drawing *drawing, const char *ending)
{
    g_autofree char *from = file_path(work->old, drawing, ending);
    g_autofree char *to = file_path(work->folder, drawing, ending);

    return link(from, to) == 0;
}

static bool keep(const Work *work, const Drawing *drawing)
{
    for (size_t i = 0; format_get(i) != NULL; i++) {
        for (const char *const *ending = endings(drawing, i); *ending != NULL; ending++) {
            if (!keep_picture(work, drawing, *ending))
                return false;
        }
    }
    return true;
}

/* What gnuplot says with its exit status is not enough: a picture may be empty all the same. */
static bool check_pictures(const Work *work, const Drawing *drawing, GError **error)
{
    for (size_t i = 0; format_get(i) != NULL; i++) {
        for (const char *const *ending = endings(drawing, i); *ending != NULL; ending++) {
            g_autofree char *path = file_path(work->folder, drawing, *ending);
            g_autofree char *picture = NULL;
            gsize size = 0;

            if (!g_file_get_contents(path, &picture, &size, NULL) || !is_whole(picture, size))
                return error_set(error, ERROR_HOST, "could not draw '%s%s': gnuplot left no whole picture",
                                 drawing->plan->name, *ending);
        }
    }
    return true;
}

static void draw(gpointer data, gpointer user_data)
{
    Drawing *drawing = data;
    const Work *work = user_data;
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (size_t i = 0; format_get(i) != NULL; i++) {
        if (drawing->formats & format_get(i)->flag)
            g_ptr_array_add(names, (gpointer) format_get(i)->name);
    }
    g_ptr_array_add(names, NULL);
    if (!figure_draw(drawing->plan, work->folder, (const char *const *) names->pdata, &drawing->error) ||
        !check_pictures(work, drawing, &drawing->error))
        g_warn_if_fail(drawing->error != NULL);
}

void drawing_run(GPtrArray *drawings, const char *folder, const char *old, bool again)
{
    Work work = { folder, old };
    g_autofree char *version = again || drawings->len == 0 ? NULL : gnuplot_version();
    GThreadPool *pool = g_thread_pool_new(draw, &work, (gint) g_get_num_processors(), FALSE, NULL);

    for (guint i = 0; i < drawings->len; i++) {
        Drawing *drawing = drawings->pdata[i];

        drawing->kept = is_current(&work, drawing, version) && keep(&work, drawing);
        if (!drawing->kept)
            g_thread_pool_push(pool, drawing, NULL);
    }
    g_thread_pool_free(pool, FALSE, TRUE); /* waits for all */
}
