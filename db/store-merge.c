// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/store-merge.h"

#include <string.h>

#include "db/store-private.h"
#include "runner/base/error.h"

/* Both sides of an experiment are seen through temporary views of one shape (db/queries/script/merge-views.sql):
 * `source_TABLE` has the other lab's rows as they shall be here, `main_TABLE` those that are here. So bringing is an
 * INSERT, and comparing is reading both side by side. */

/* In the order in which rows refer to each other. */
static const char *const tables[] = {
    "experiment", "environment", "factor",    "level",     "cell",     "cell_level", "run", "run_input",
    "attempt",    "phase",       "machine",   "step",      "metric",   "sample",     "sample_source", "run_value",
    "cell_stat",  "artifact",    "capture",   "event",     "figure",   "published",  "published_level",
};
static const char *const other_views[] = { "files", "strange_paths" };

enum { SHOWN_CHARACTERS = 40 };

typedef struct Merge {
    StoreMergeFiles *files;
    void *data;
    GPtrArray *conflicts;
    MergeReport report;
} Merge;

/* Answer one statement that is made here, of numbers and of names in this file. */
static bool ask(Store *store, Table **ret_table, GError **error, const char *format, ...) G_GNUC_PRINTF(4, 5);
static bool ask(Store *store, Table **ret_table, GError **error, const char *format, ...)
{
    sqlite3_stmt *statement = NULL;
    g_autofree char *sql = NULL;
    va_list arguments;
    bool ok;

    va_start(arguments, format);
    sql = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    ok = sqlite3_prepare_v2(store->sqlite, sql, -1, &statement, NULL) == SQLITE_OK
         && store_fill_table(statement, 0, ret_table);
    if (!ok)
        store_error(store, "merge", error);
    sqlite3_finalize(statement);
    return ok;
}

/* Where an experiment's numbers begin in a database; 0 where it has none. */
static bool first_numbers(Store *store, const char *side, int64_t id, Table **ret_table, GError **error)
{
    return ask(store, ret_table, error,
               "SELECT (SELECT min(run_id) FROM %1$s.run WHERE experiment_id = %2$" G_GINT64_FORMAT ") AS run, "
               "(SELECT max(run_id) FROM %1$s.run WHERE experiment_id = %2$" G_GINT64_FORMAT ") AS last, "
               "(SELECT count(*) FROM %1$s.run WHERE experiment_id = %2$" G_GINT64_FORMAT ") AS runs, "
               "(SELECT min(cell_id) FROM %1$s.cell WHERE experiment_id = %2$" G_GINT64_FORMAT ") AS cell, "
               "(SELECT min(factor_id) FROM %1$s.factor WHERE experiment_id = %2$" G_GINT64_FORMAT ") AS factor, "
               "(SELECT min(level_id) FROM %1$s.factor f JOIN %1$s.level l ON l.factor_id = f.factor_id "
               "WHERE experiment_id = %2$" G_GINT64_FORMAT ") AS level, "
               "(SELECT min(metric_id) FROM %1$s.metric WHERE experiment_id = %2$" G_GINT64_FORMAT ") AS metric",
               side, id);
}

/* Where the numbers of a new experiment may begin. */
static bool free_numbers(Store *store, Table **ret_table, GError **error)
{
    return ask(store, ret_table, error,
               "SELECT 1 + coalesce((SELECT max(experiment_id) FROM main.experiment), 0) AS experiment, "
               "1 + coalesce((SELECT max(run_id) FROM main.run), 0) AS run, "
               "1 + coalesce((SELECT max(cell_id) FROM main.cell), 0) AS cell, "
               "1 + coalesce((SELECT max(factor_id) FROM main.factor), 0) AS factor, "
               "1 + coalesce((SELECT max(level_id) FROM main.level), 0) AS level, "
               "1 + coalesce((SELECT max(metric_id) FROM main.metric), 0) AS metric");
}

static void fill_in(GString *script, const char *token, int64_t number)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);

    g_string_replace(script, token, text, 0);
}

/* An experiment that got runs after another one was made has that one's between its own. */
static bool has_gaps(const Table *numbers)
{
    return table_integer(numbers, 0, "last") - table_integer(numbers, 0, "run") + 1 != table_integer(numbers, 0, "runs");
}

/* What a column of table t shall be here. */
static void append_column(GString *columns, const char *column)
{
    static const struct {
        const char *column, *here; /* tokens of the script */
    } numbers[] = {
        { "experiment_id", "$to" },
        { "run_id", "t.run_id + $run" },
        { "cell_id", "t.cell_id + $cell" },
        { "factor_id", "t.factor_id + $factor" },
        { "level_id", "t.level_id + $level" },
        { "metric_id", "t.metric_id + $metric" },
        { "path", "printf('runs/$to/%05d/', t.run_id + $run) "
                  "|| substr(t.path, length(printf('runs/$from/%05d/', t.run_id)) + 1)" },
    };

    g_string_append(columns, columns->len > 0 ? ", " : "");
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (strcmp(numbers[i].column, column) == 0) {
            g_string_append_printf(columns, "%s AS %s", numbers[i].here, column);
            return;
        }
    }
    g_string_append_printf(columns, "t.\"%1$s\" AS \"%1$s\"", column);
}

static bool fill_in_columns(Store *store, GString *script, const char *table, GError **error)
{
    g_autofree char *token = g_strdup_printf("{%s}", table);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(Table) columns = NULL;

    if (!ask(store, &columns, error, "SELECT name FROM pragma_table_info('%s')", table))
        return false;
    for (size_t i = 0; i < columns->row_count; i++)
        append_column(text, table_text(columns, i, "name"));
    g_string_replace(script, token, text->str, 0);
    return true;
}

/* The views of one side. `here` are the numbers that its own, `there`, shall become. */
static bool make_views(Store *store, const char *side, int64_t from, int64_t to, const Table *there, const Table *here,
                       GError **error)
{
    static const char *const kinds[] = { "run", "cell", "factor", "level", "metric" };
    g_autoptr(GString) script = g_string_new(sql_find(&sql_scripts, "merge-views"));
    g_autoptr(GString) own = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        if (!fill_in_columns(store, script, tables[i], error))
            return false;
    g_string_printf(own, " AND t.run_id IN (SELECT run_id FROM %s.run WHERE experiment_id = %" G_GINT64_FORMAT ")", side, from);
    g_string_replace(script, "SIDE", side, 0);
    fill_in(script, "$from", from);
    fill_in(script, "$to", to);
    g_string_replace(script, "$own", has_gaps(there) ? own->str : "", 0);
    fill_in(script, "$first", table_integer(there, 0, "run"));
    fill_in(script, "$last", table_integer(there, 0, "last"));
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *token = g_strconcat("$", kinds[i], NULL);

        fill_in(script, token, table_integer(here, 0, kinds[i]) - table_integer(there, 0, kinds[i]));
    }
    return store_run_sql(store, "merge-views", script->str, error);
}

static bool drop_views(Store *store, const char *side, GError **error)
{
    g_autoptr(GString) script = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        g_string_append_printf(script, "DROP VIEW temp.%s_%s;", side, tables[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(other_views); i++)
        g_string_append_printf(script, "DROP VIEW temp.%s_%s;", side, other_views[i]);
    return store_run_sql(store, "merge-views", script->str, error);
}

/* Comparing. */

static bool same_value(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
    int type = sqlite3_column_type(a, column), size;

    if (type != sqlite3_column_type(b, column))
        return false;
    switch (type) {
    case SQLITE_NULL:
        return true;
    case SQLITE_INTEGER:
        return sqlite3_column_int64(a, column) == sqlite3_column_int64(b, column);
    case SQLITE_FLOAT: {
        double x = sqlite3_column_double(a, column), y = sqlite3_column_double(b, column);

        return !(x < y) && !(x > y);
    }
    default:
        size = sqlite3_column_bytes(a, column);
        return size == sqlite3_column_bytes(b, column)
               && memcmp(sqlite3_column_blob(a, column), sqlite3_column_blob(b, column), (size_t) size) == 0;
    }
}

static bool same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
    for (int i = 0; i < sqlite3_column_count(a); i++)
        if (!same_value(a, b, i))
            return false;
    return true;
}

/* A row for people: what differs is in it, long texts are cut. */
static char *show_row(sqlite3_stmt *statement, int step)
{
    GString *text = g_string_new(NULL);

    if (step != SQLITE_ROW)
        return g_string_free(g_string_assign(text, "no such row"), FALSE);
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const char *value = (const char *) sqlite3_column_text(statement, i);
        g_autofree char *valid = g_utf8_make_valid(value != NULL ? value : "NULL", -1);
        g_autofree char *cut = g_utf8_substring(valid, 0, MIN(g_utf8_strlen(valid, -1), SHOWN_CHARACTERS));

        g_string_append_printf(text, "%s%s=%s", i > 0 ? " " : "", sqlite3_column_name(statement, i),
                               g_strdelimit(cut, "\n", ' '));
    }
    return g_string_free(text, FALSE);
}

static sqlite3_stmt *open_side(Store *store, const char *side, const char *table, GError **error)
{
    g_autofree char *sql = g_strdup_printf("SELECT * FROM temp.%s_%s", side, table);
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(store->sqlite, sql, -1, &statement, NULL) != SQLITE_OK)
        store_error(store, "merge-compare", error);
    return statement;
}

static bool is_end(int step)
{
    return step == SQLITE_ROW || step == SQLITE_DONE;
}

static bool compare_table(Store *store, Merge *merge, const char *name, const char *table, GError **error)
{
    sqlite3_stmt *here = open_side(store, "main", table, error);
    sqlite3_stmt *there = here != NULL ? open_side(store, "source", table, error) : NULL;
    int here_step = SQLITE_DONE, there_step = SQLITE_DONE;
    bool ok = here != NULL && there != NULL;

    while (ok) {
        here_step = sqlite3_step(here);
        there_step = sqlite3_step(there);
        if (!is_end(here_step) || !is_end(there_step))
            ok = store_error(store, "merge-compare", error);
        else if (here_step != SQLITE_ROW || there_step != SQLITE_ROW || !same_row(here, there))
            break;
    }
    if (ok && (here_step == SQLITE_ROW || there_step == SQLITE_ROW)) {
        g_autofree char *ours = show_row(here, here_step);
        g_autofree char *theirs = show_row(there, there_step);

        g_ptr_array_add(merge->conflicts, g_strdup_printf("experiment '%s', table '%s': here: %s; there: %s", name,
                                                          table, ours, theirs));
    }
    sqlite3_finalize(here);
    sqlite3_finalize(there);
    return ok;
}

static bool compare_experiment(Store *store, Merge *merge, int64_t from, int64_t here, const char *name, GError **error)
{
    g_autoptr(Table) theirs = NULL;
    g_autoptr(Table) ours = NULL;

    merge->report.known++;
    if (!first_numbers(store, "source", from, &theirs, error) || !first_numbers(store, "main", here, &ours, error)
        || !make_views(store, "source", from, here, theirs, ours, error)
        || !make_views(store, "main", here, here, ours, ours, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        if (!compare_table(store, merge, name, tables[i], error))
            return false;
    return drop_views(store, "source", error) && drop_views(store, "main", error);
}

/* Bringing. */

static bool check_at_rest(Store *store, int64_t from, const char *name, GError **error)
{
    g_autoptr(Table) running = NULL;

    if (!ask(store, &running, error,
             "SELECT count(*) AS runs FROM source.run WHERE experiment_id = %" G_GINT64_FORMAT
             " AND status = 'running'",
             from))
        return false;
    if (table_integer(running, 0, "runs") == 0)
        return true;
    error_set(error, ERROR_DATA, "experiment '%s' of the other lab has %" G_GINT64_FORMAT " runs under way", name,
              table_integer(running, 0, "runs"));
    error_hint(error, "let it finish, or 'trialbed --lab OTHER-LAB resume' what was cut off, and merge again.");
    return false;
}

static bool check_paths(Store *store, const char *name, GError **error)
{
    g_autoptr(Table) strange = NULL;

    if (!ask(store, &strange, error, "SELECT path FROM temp.source_strange_paths"))
        return false;
    return strange->row_count == 0
           || error_set(error, ERROR_DATA, "experiment '%s' of the other lab has a path outside its run's folder: '%s'",
                        name, table_text(strange, 0, "path"));
}

static bool insert_rows(Store *store, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *sql = g_strdup_printf("INSERT INTO main.%1$s SELECT * FROM temp.source_%1$s", tables[i]);

        if (!store_run_sql(store, "merge-insert", sql, error))
            return false;
    }
    return true;
}

static bool add_experiment(Store *store, Merge *merge, int64_t from, const char *name, GError **error)
{
    MergedExperiment experiment = { .from = from };
    g_autoptr(Table) theirs = NULL;
    g_autoptr(Table) ours = NULL;
    g_autoptr(Table) files = NULL;
    g_autoptr(Table) about = NULL;

    if (!check_at_rest(store, from, name, error) || !first_numbers(store, "source", from, &theirs, error)
        || !free_numbers(store, &ours, error))
        return false;
    experiment.to = table_integer(ours, 0, "experiment");
    if (!make_views(store, "source", from, experiment.to, theirs, ours, error) || !check_paths(store, name, error)
        || !insert_rows(store, error) || !store_view_create(store, experiment.to, error)
        || !ask(store, &files, error, "SELECT source, path, size, sha256 FROM temp.source_files")
        || !store_read(store, "experiment", &about, error, PARAM_INTEGER(experiment.to), PARAM_END))
        return false;
    experiment.uuid = table_text(about, 0, "uuid");
    experiment.scenario_text = table_text(about, 0, "scenario_text");
    merge->report.added++;
    merge->report.runs += table_integer(about, 0, "runs");
    return merge->files(&experiment, files, merge->data, error) && drop_views(store, "source", error);
}

/* First all that is here already, so that a conflict is found before anything is copied. */
static bool merge_all(Store *store, void *data, GError **error)
{
    Merge *merge = data;
    g_autoptr(Table) list = NULL;

    if (!ask(store, &list, error,
             "SELECT s.experiment_id AS \"from\", s.name AS name, m.experiment_id AS here FROM source.experiment s "
             "LEFT JOIN main.experiment m ON m.uuid = s.uuid ORDER BY s.experiment_id"))
        return false;
    for (size_t i = 0; i < list->row_count; i++)
        if (table_integer(list, i, "here") != 0
            && !compare_experiment(store, merge, table_integer(list, i, "from"), table_integer(list, i, "here"),
                                   table_text(list, i, "name"), error))
            return false;
    if (merge->conflicts->len > 0)
        return error_set(error, ERROR_DATA,
                         "the labs disagree about %u tables of experiments that both have; nothing was merged",
                         merge->conflicts->len);
    for (size_t i = 0; i < list->row_count; i++)
        if (table_integer(list, i, "here") == 0
            && !add_experiment(store, merge, table_integer(list, i, "from"), table_text(list, i, "name"), error))
            return false;
    return true;
}

bool store_merge(Store *store, Store *other, StoreMergeFiles *files, void *data, GPtrArray *conflicts,
                 MergeReport *ret_report, GError **error)
{
    Merge merge = { files, data, conflicts, { 0 } };
    bool ok;

    if (!store_attach(store, other, error))
        return false;
    ok = store_transaction(store, merge_all, &merge, error);
    ok = store_run_sql(store, "detach", "DETACH source", ok ? error : NULL) && ok;
    if (ok)
        *ret_report = merge.report;
    return ok;
}
