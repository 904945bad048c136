// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/problems.h"

#include <stdint.h>
#include <string.h>

#include "runner/plan/limits.h"

static void problem_clear(void *item)
{
    Problem *problem = item;

    g_free(problem->message);
    g_free(problem->hint);
}

Problems *problems_new(const char *path)
{
    Problems *problems = g_new0(Problems, 1);

    problems->path = g_strdup(path);
    problems->files = g_ptr_array_new_with_free_func(g_free);
    problems->items = g_array_new(FALSE, FALSE, sizeof(Problem));
    g_array_set_clear_func(problems->items, problem_clear);
    problems->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    problems->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return problems;
}

void problems_free(Problems *problems)
{
    if (problems == NULL)
        return;
    g_free(problems->path);
    g_ptr_array_unref(problems->files);
    g_array_unref(problems->items);
    g_hash_table_unref(problems->seen);
    g_hash_table_unref(problems->places);
    g_free(problems);
}

bool problems_enter_file(Problems *problems, const char *path, unsigned *ret_before)
{
    if (problems->files->len + 1 >= UINT32_MAX / FILE_LINES)
        return false;
    *ret_before = problems->first_line;
    g_ptr_array_add(problems->files, g_strdup(path));
    problems->first_line = problems->files->len * FILE_LINES;
    return true;
}

static const char *file_of(const Problems *problems, unsigned line)
{
    unsigned index = line / FILE_LINES;

    return index > 0 && index <= problems->files->len ? g_ptr_array_index(problems->files, index - 1) : problems->path;
}

char *problems_place(const Problems *problems, unsigned line, unsigned column)
{
    if (line % FILE_LINES == 0)
        return g_strdup(file_of(problems, line));
    return g_strdup_printf("%s:%u:%u", file_of(problems, line), line % FILE_LINES, column);
}

char *problems_line(const Problems *problems, unsigned line)
{
    if (line < FILE_LINES)
        return g_strdup_printf("line %u", line);
    if (line % FILE_LINES == 0)
        return g_strdup_printf("'%s'", file_of(problems, line));
    return g_strdup_printf("line %u of %s", line % FILE_LINES, file_of(problems, line));
}

/* A mistake in a template may come once for every cell; after a few the reader has seen enough. */
static bool place_has_room(Problems *problems, unsigned line, unsigned column)
{
    char *place = g_strdup_printf("%u:%u", line, column);
    unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(problems->places, place)) + 1;

    g_hash_table_replace(problems->places, place, GUINT_TO_POINTER(count));
    return count <= PROBLEMS_PLACE_MAX && problems->items->len < PROBLEMS_MAX;
}

/* Messages quote the file: what is long is cut, and what a terminal would act upon is shown as '?'. */
static char *make_printable(char *text)
{
    if (text == NULL)
        return NULL;
    if (strlen(text) > PROBLEM_BYTES_MAX) {
        char *end = g_utf8_find_prev_char(text, text + PROBLEM_BYTES_MAX);
        char *cut = g_strdup_printf("%.*s...", (int) (end - text), text);

        g_free(text);
        text = cut;
    }
    for (char *at = text; *at != '\0'; at++)
        if (g_ascii_iscntrl(*at))
            *at = *at == '\n' || *at == '\t' ? ' ' : '?';
    return text;
}

void problems_add(Problems *problems, unsigned line, unsigned column, char *message, char *hint)
{
    Problem problem = { line, column, make_printable(message), make_printable(hint) };
    g_autofree char *identity = g_strdup_printf("%u:%u:%s", line, column, problem.message);

    if (g_hash_table_contains(problems->seen, identity)) {
        problem_clear(&problem);
        return;
    }
    if (!place_has_room(problems, line, column)) {
        problems->dropped++;
        problem_clear(&problem);
        return;
    }
    g_hash_table_add(problems->seen, g_steal_pointer(&identity));
    g_array_append_val(problems->items, problem);
}

static int compare_places(const void *a, const void *b)
{
    const Problem *first = a;
    const Problem *second = b;

    if (first->line != second->line)
        return first->line < second->line ? -1 : 1;
    return (first->column > second->column) - (first->column < second->column);
}

void problems_sort(Problems *problems)
{
    g_array_sort(problems->items, compare_places); /* GLib's sort is stable */
}

static void print_one(const Problems *problems, const Problem *problem, FILE *out)
{
    g_autofree char *place = problems_place(problems, problem->line, problem->column);

    fprintf(out, "%s: error: %s\n", place, problem->message);
    if (problem->hint != NULL)
        fprintf(out, "%s: hint: %s\n", place, problem->hint);
}

void problems_print(Problems *problems, FILE *out)
{
    problems_sort(problems);
    for (unsigned i = 0; i < problems->items->len; i++)
        print_one(problems, &g_array_index(problems->items, Problem, i), out);
    if (problems->dropped > 0)
        fprintf(out, "%s: error: %zu more problems like these are not shown\n", problems->path, problems->dropped);
}
