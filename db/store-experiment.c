// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/store-private.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"

/* The row numbers that rows further down refer to. */
typedef struct Insertion {
    const ExperimentRecord *record;
    int64_t experiment_id;
    GArray *factor_ids;   /* int64_t, one a factor */
    GPtrArray *level_ids; /* GArray of int64_t, one a factor */
    GArray *cell_ids;
} Insertion;

static int64_t id_at(const GArray *ids, size_t index)
{
    g_assert(index < ids->len);
    return g_array_index(ids, int64_t, index);
}

static void id_add(GArray *ids, Store *store)
{
    int64_t id = sqlite3_last_insert_rowid(store->sqlite);

    g_array_append_val(ids, id);
}

static GArray *ids_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(int64_t));
}

static void ids_free(void *ids)
{
    g_array_unref(ids);
}

static bool insert_head(Store *store, Insertion *insertion, GError **error)
{
    const ExperimentRecord *record = insertion->record;

    if (!store_write(store, "experiment-insert", error, PARAM_TEXT(record->uuid), PARAM_TEXT(record->name),
                     PARAM_TEXT(record->description), PARAM_TEXT(record->scenario_path),
                     PARAM_TEXT(record->scenario_text), PARAM_TEXT(record->settings != NULL ? record->settings : "{}"),
                     PARAM_INTEGER((int64_t) record->seed), PARAM_TEXT(record->order),
                     PARAM_INTEGER(record->repetitions), PARAM_INTEGER(record->warmup), PARAM_INTEGER(record->retries),
                     PARAM_INTEGER(clock_realtime_ns()), PARAM_END))
        return false;
    insertion->experiment_id = sqlite3_last_insert_rowid(store->sqlite);
    return true;
}

static bool insert_environment(Store *store, Insertion *insertion, GError **error)
{
    for (size_t i = 0; i < insertion->record->environment_count; i++) {
        const KeyValue *entry = &insertion->record->environment[i];

        if (!store_write(store, "environment-insert", error, PARAM_INTEGER(insertion->experiment_id),
                         PARAM_TEXT(entry->key), PARAM_TEXT(entry->value), PARAM_END))
            return false;
    }
    return true;
}

static bool insert_level(Store *store, int64_t factor_id, size_t position, const LevelRecord *level, GError **error)
{
    if (!level->numeric)
        return store_write(store, "level-insert", error, PARAM_INTEGER(factor_id), PARAM_INTEGER((int64_t) position),
                           PARAM_TEXT(level->text), PARAM_END);
    return store_write(store, "level-insert-quantity", error, PARAM_INTEGER(factor_id),
                       PARAM_INTEGER((int64_t) position), PARAM_TEXT(level->text), PARAM_REAL(level->number),
                       PARAM_TEXT(level->unit != NULL ? level->unit : ""), PARAM_REAL(level->base), PARAM_END);
}

static bool insert_factor(Store *store, Insertion *insertion, size_t position, GError **error)
{
    const FactorRecord *factor = &insertion->record->factors[position];
    GArray *level_ids = ids_new();

    g_ptr_array_add(insertion->level_ids, level_ids);
    if (!store_write(store, "factor-insert", error, PARAM_INTEGER(insertion->experiment_id),
                     PARAM_INTEGER((int64_t) position), PARAM_TEXT(factor->name), PARAM_END))
        return false;
    id_add(insertion->factor_ids, store);
    for (size_t i = 0; i < factor->level_count; i++) {
        if (!insert_level(store, id_at(insertion->factor_ids, position), i, &factor->levels[i], error))
            return false;
        id_add(level_ids, store);
    }
    return true;
}

static bool insert_factors(Store *store, Insertion *insertion, GError **error)
{
    for (size_t i = 0; i < insertion->record->factor_count; i++)
        if (!insert_factor(store, insertion, i, error))
            return false;
    return true;
}

static bool insert_cell(Store *store, Insertion *insertion, size_t position, GError **error)
{
    const CellRecord *cell = &insertion->record->cells[position];

    if (!store_write(store, "cell-insert", error, PARAM_INTEGER(insertion->experiment_id),
                     PARAM_INTEGER((int64_t) position), PARAM_TEXT(cell->label), PARAM_END))
        return false;
    id_add(insertion->cell_ids, store);
    for (size_t i = 0; i < insertion->record->factor_count; i++)
        if (!store_write(store, "cell-level-insert", error, PARAM_INTEGER(id_at(insertion->cell_ids, position)),
                         PARAM_INTEGER(id_at(insertion->factor_ids, i)),
                         PARAM_INTEGER(id_at(insertion->level_ids->pdata[i], cell->level_indices[i])), PARAM_END))
            return false;
    return true;
}

static bool insert_cells(Store *store, Insertion *insertion, GError **error)
{
    for (size_t i = 0; i < insertion->record->cell_count; i++)
        if (!insert_cell(store, insertion, i, error))
            return false;
    return true;
}

/* Rows of runs-insert.sql, and what is bound for each besides the experiment. */
enum { RUNS_AT_ONCE = 10, RUN_PARAMS = 5 };

static void bind_run(sqlite3_stmt *statement, const Insertion *insertion, size_t index, size_t row)
{
    const RunRecord *run = &insertion->record->runs[index];
    int param = 2 + (int) row * RUN_PARAMS;

    sqlite3_bind_int64(statement, param, id_at(insertion->cell_ids, run->cell));
    sqlite3_bind_int64(statement, param + 1, (int64_t) index + 1);
    sqlite3_bind_int64(statement, param + 2, run->repetition);
    sqlite3_bind_int64(statement, param + 3, run->block);
    sqlite3_bind_int64(statement, param + 4, run->warmup);
}

/* Runs by `rows` from `first` on, as long as there are so many. *ret_next is the first that is left. */
static bool insert_runs_by(Store *store, const Insertion *insertion, const char *query, size_t rows, size_t first,
                           size_t *ret_next, GError **error)
{
    sqlite3_stmt *statement = store_statement(store, &sql_queries, query, error);
    bool ok = statement != NULL;

    if (ok)
        sqlite3_bind_int64(statement, 1, insertion->experiment_id);
    for (; ok && first + rows <= insertion->record->run_count; first += rows) {
        for (size_t row = 0; row < rows; row++)
            bind_run(statement, insertion, first + row, row);
        ok = sqlite3_step(statement) == SQLITE_DONE || store_error(store, query, error);
        sqlite3_reset(statement);
    }
    *ret_next = first;
    return ok;
}

/* Ten at once take two thirds of the time: a statement opens the table and its indexes anew. */
static bool insert_runs(Store *store, Insertion *insertion, GError **error)
{
    size_t next = 0;

    return insert_runs_by(store, insertion, "runs-insert", RUNS_AT_ONCE, 0, &next, error)
           && insert_runs_by(store, insertion, "run-insert", 1, next, &next, error);
}

static bool insert_figures(Store *store, Insertion *insertion, GError **error)
{
    for (size_t i = 0; i < insertion->record->figure_count; i++) {
        const FigureRecord *figure = &insertion->record->figures[i];

        if (!store_write(store, "figure-insert", error, PARAM_INTEGER(insertion->experiment_id),
                         PARAM_INTEGER((int64_t) i), PARAM_TEXT(figure->figure), PARAM_TEXT(figure->metric),
                         PARAM_TEXT(figure->x), PARAM_TEXT(figure->by), PARAM_TEXT(figure->facet),
                         PARAM_TEXT(figure->errors), PARAM_TEXT(figure->normalize_to),
                         PARAM_TEXT(figure->expected), PARAM_END))
            return false;
    }
    return true;
}

static bool insert_published_levels(Store *store, Insertion *insertion, size_t position, GError **error)
{
    const uint32_t *indices = insertion->record->published[position].level_indices;

    for (size_t i = 0; indices != NULL && i < insertion->record->factor_count; i++)
        if (indices[i] != LEVEL_RECORD_ANY
            && !store_write(store, "published-level-insert", error, PARAM_INTEGER(insertion->experiment_id),
                            PARAM_INTEGER((int64_t) position), PARAM_INTEGER(id_at(insertion->factor_ids, i)),
                            PARAM_INTEGER(id_at(insertion->level_ids->pdata[i], indices[i])), PARAM_END))
            return false;
    return true;
}

static bool insert_published(Store *store, Insertion *insertion, GError **error)
{
    for (size_t i = 0; i < insertion->record->published_count; i++) {
        const PublishedRecord *value = &insertion->record->published[i];

        if (!store_write(store, "published-insert", error, PARAM_INTEGER(insertion->experiment_id),
                         PARAM_INTEGER((int64_t) i), PARAM_TEXT(value->metric), PARAM_REAL(value->mean),
                         PARAM_REAL(value->stddev), /* SQLite takes NAN for NULL */
                         PARAM_INTEGER(value->n), PARAM_TEXT(value->source), PARAM_END)
            || !insert_published_levels(store, insertion, i, error))
            return false;
    }
    return true;
}

static bool insert_all(Store *store, void *data, GError **error)
{
    Insertion *insertion = data;

    return insert_head(store, insertion, error) && insert_environment(store, insertion, error)
           && insert_factors(store, insertion, error) && insert_cells(store, insertion, error)
           && insert_runs(store, insertion, error) && insert_figures(store, insertion, error)
           && insert_published(store, insertion, error)
           && store_view_create(store, insertion->experiment_id, error);
}

/* Every row that is referred to is written in the same transaction, by this file, and its number is SQLite's own answer; to look
 * each of them up again takes a third of the time of a large plan. A transaction cannot change this for itself. */
static bool insert_unchecked(Store *store, Insertion *insertion, GError **error)
{
    bool ok = store_run_sql(store, "foreign-keys", "PRAGMA foreign_keys = OFF", error)
              && store_transaction(store, insert_all, insertion, error);

    sqlite3_db_config(store->sqlite, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    return ok;
}

bool store_experiment_insert(Store *store, const ExperimentRecord *experiment, int64_t *ret_experiment_id,
                             GError **error)
{
    g_autoptr(GArray) factor_ids = ids_new();
    g_autoptr(GPtrArray) level_ids = g_ptr_array_new_with_free_func(ids_free);
    g_autoptr(GArray) cell_ids = ids_new();
    Insertion insertion = { experiment, 0, factor_ids, level_ids, cell_ids };

    if (!insert_unchecked(store, &insertion, error))
        return false;
    *ret_experiment_id = insertion.experiment_id;
    return true;
}

/* At most three experiments of those that could have been meant. */
static void hint_experiments(Store *store, GError **error)
{
    g_autoptr(Table) table = NULL;
    g_autoptr(GString) list = g_string_new(NULL);

    if (!store_read(store, "experiments", &table, NULL, PARAM_END))
        return;
    for (size_t i = 0; i < table->row_count && i < 3; i++)
        g_string_append_printf(list, "%s%" G_GINT64_FORMAT " (%s, %.8s)", i > 0 ? ", " : "",
                               table_integer(table, i, "number"), table_text(table, i, "name"),
                               table_text(table, i, "uuid"));
    if (list->len > 0)
        error_hint(error, "the newest here are %s; 'trialbed status' lists all.", list->str);
    else
        error_hint(error, "'trialbed run SCENARIO' makes one; --lab DIR names another lab.");
}

bool store_experiment_find(Store *store, const char *wanted, int64_t *ret_experiment_id, GError **error)
{
    enum { RANK_UUID = 3 }; /* only beginnings of UUIDs can mean more than one */
    g_autoptr(Table) table = NULL;

    if (!store_read(store, "experiment-find", &table, error, PARAM_TEXT(wanted), PARAM_END))
        return false;
    if (table->row_count == 0) {
        if (wanted == NULL)
            error_set(error, ERROR_USAGE, "there is no experiment in database '%s'", store->path);
        else
            error_set(error, ERROR_USAGE, "there is no experiment '%s'", wanted);
        hint_experiments(store, error);
        return false;
    }
    if (table->row_count > 1 && table_integer(table, 0, "rank") == RANK_UUID) {
        error_set(error, ERROR_USAGE, "'%s' is the beginning of more than one experiment's UUID", wanted);
        hint_experiments(store, error);
        return false;
    }
    *ret_experiment_id = table_integer(table, 0, "experiment_id");
    return true;
}
