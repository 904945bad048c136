// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/experiment.h"

#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/plan/limits.h"
#include "runner/plan/scenario-files.h"

/* Of a fact that is the hash of a file: behind it the file's place in the experiment's folder. */
#define FILE_KEY "file."

static void move_cell(Matrix *matrix, size_t from, size_t to)
{
    size_t width = matrix->scenario->factor_count;

    memmove(&matrix->level_indices[to * width], &matrix->level_indices[from * width],
            width * sizeof *matrix->level_indices);
}

bool experiment_keep_cells(Matrix *matrix, const GPtrArray *labels, GError **error)
{
    g_autoptr(GHashTable) wanted = g_hash_table_new(g_str_hash, g_str_equal);
    size_t kept = 0;

    for (guint i = 0; i < labels->len; i++)
        g_hash_table_add(wanted, labels->pdata[i]);
    for (size_t cell = 0; cell < matrix->cell_count; cell++) {
        g_autofree char *label = matrix_cell_label(matrix, cell);

        if (g_hash_table_contains(wanted, label))
            move_cell(matrix, cell, kept++);
    }
    matrix->cell_count = kept;
    return kept == g_hash_table_size(wanted)
           || error_set(error, ERROR_DATA, "%zu of the experiment's %u cells are not in its scenario",
                        g_hash_table_size(wanted) - kept, g_hash_table_size(wanted));
}

bool experiment_check_repetitions(const Matrix *matrix, const Settings *settings, GError **error)
{
    size_t each = (size_t) settings->repetitions + matrix->scenario->warmup;

    if (settings->repetitions == 0 || matrix->cell_count * each <= MATRIX_RUN_LIMIT)
        return true;
    error_set(error, ERROR_USAGE, "'--repetitions %u': %zu cell%s with %zu runs each are more than %d runs", settings->repetitions,
              matrix->cell_count, matrix->cell_count == 1 ? "" : "s", each, MATRIX_RUN_LIMIT);
    error_hint(error, "at most %zu are possible here.", MATRIX_RUN_LIMIT / matrix->cell_count - matrix->scenario->warmup);
    return false;
}

Matrix *experiment_matrix(const Scenario *scenario, const Settings *settings, GError **error)
{
    g_autoptr(Matrix) matrix = matrix_expand(scenario, error);

    if (matrix == NULL || !experiment_filter(matrix, settings, error) || !experiment_check_repetitions(matrix, settings, error))
        return NULL;
    return g_steal_pointer(&matrix);
}

Rounds experiment_rounds(const Scenario *scenario, const Settings *settings)
{
    const Precision *precision = scenario->precision.metric != NULL ? &scenario->precision : NULL;
    bool has_budget = scenario->budget.time_ms > 0 || scenario->budget.until != NULL;
    unsigned most = settings->repetitions > 0 ? settings->repetitions : scenario_repetitions(scenario);

    if (settings->repetitions > 0)
        precision = NULL; /* whoever gives a number wants that number */
    if (precision != NULL)
        return (Rounds) { precision->min, precision->max, precision };
    return (Rounds) { has_budget ? 1 : most, most, NULL };
}

PlannedRun *experiment_runs(const Matrix *matrix, const Settings *settings, uint64_t *ret_seed, size_t *ret_count)
{
    const Scenario *scenario = matrix->scenario;

    *ret_seed = scenario->has_seed ? scenario->seed : g_random_int(); /* 32 bits: easy to copy from a report */
    return order_runs(scenario->order, matrix->cell_count, experiment_rounds(scenario, settings).first, scenario->warmup,
                      *ret_seed, ret_count);
}

static FactorRecord *factor_records(const Scenario *scenario)
{
    FactorRecord *factors = g_new0(FactorRecord, scenario->factor_count + 1);

    for (size_t f = 0; f < scenario->factor_count; f++) {
        const Factor *factor = &scenario->factors[f];
        LevelRecord *levels = g_new0(LevelRecord, factor->level_count);

        for (size_t l = 0; l < factor->level_count; l++) {
            const Level *level = &factor->levels[l];

            levels[l] = (LevelRecord) { level->text, level->numeric, level->quantity.number, level->quantity.base,
                                        level->quantity.unit };
        }
        factors[f] = (FactorRecord) { factor->name, levels, factor->level_count };
    }
    return factors;
}

static void factor_records_free(FactorRecord *factors, size_t count)
{
    for (size_t f = 0; f < count; f++)
        g_free((void *) factors[f].levels);
    g_free(factors);
}

static CellRecord *cell_records(const Matrix *matrix, GPtrArray *labels)
{
    CellRecord *cells = g_new0(CellRecord, matrix->cell_count);

    for (size_t cell = 0; cell < matrix->cell_count; cell++) {
        char *label = matrix_cell_label(matrix, cell);

        g_ptr_array_add(labels, label);
        cells[cell] = (CellRecord) { label, &matrix->level_indices[cell * matrix->scenario->factor_count] };
    }
    return cells;
}

static RunRecord *run_records(const PlannedRun *runs, size_t count)
{
    RunRecord *records = g_new0(RunRecord, count);

    for (size_t i = 0; i < count; i++)
        records[i] = (RunRecord) { runs[i].cell, runs[i].repetition, runs[i].block, runs[i].warmup };
    return records;
}

/* "platform=bare", one factor a line. NULL for NULL. */
static char *baseline_text(const Scenario *scenario, const uint32_t *levels)
{
    GString *text = levels != NULL ? g_string_new(NULL) : NULL;

    for (size_t i = 0; text != NULL && i < scenario->factor_count; i++)
        if (levels[i] != LEVEL_ANY)
            g_string_append_printf(text, "%s%s=%s", text->len > 0 ? "\n" : "", scenario->factors[i].name,
                                   scenario->factors[i].levels[levels[i]].text);
    return text != NULL ? g_string_free(text, FALSE) : NULL;
}

/* One a line, as the database has them; NULL for all. */
static char *metrics_text(const FigureWish *wish)
{
    g_autofree char *several = wish->metrics != NULL ? g_strjoinv("\n", wish->metrics) : NULL;

    if (several == NULL || wish->metric == NULL)
        return several != NULL ? g_steal_pointer(&several) : g_strdup(wish->metric);
    return g_strconcat(wish->metric, "\n", several, NULL);
}

/* What has to be made for them goes into `texts`. */
static FigureRecord *figure_records(const Scenario *scenario, GPtrArray *texts)
{
    FigureRecord *figures = g_new0(FigureRecord, scenario->figure_count + 1);

    for (size_t i = 0; i < scenario->figure_count; i++) {
        const FigureWish *wish = &scenario->figures[i];
        char *baseline = baseline_text(scenario, wish->normalize_to);
        char *metrics = metrics_text(wish);

        g_ptr_array_add(texts, metrics);
        figures[i] = (FigureRecord) { wish->figure, metrics, wish->x, wish->by, wish->facet, wish->errors,
                                      baseline, wish->expected };
        g_ptr_array_add(texts, baseline);
    }
    return figures;
}

G_STATIC_ASSERT(LEVEL_RECORD_ANY == LEVEL_ANY);

static PublishedRecord *published_records(const Scenario *scenario)
{
    PublishedRecord *records = g_new0(PublishedRecord, scenario->published_count + 1);

    for (size_t i = 0; i < scenario->published_count; i++) {
        const Published *value = &scenario->published[i];

        records[i] = (PublishedRecord) { value->metric, value->source, value->where, value->mean, value->stddev, value->n };
    }
    return records;
}

/* One of the files; it must be what was noted a moment ago. */
static bool freeze_file(const char *folder, const ScenarioFile *file, GError **error)
{
    g_autofree char *path = g_build_filename(folder, file->name, NULL);
    g_autofree char *above = g_path_get_dirname(path);
    g_autofree char *sha256 = NULL;
    int64_t size;

    if (!folder_make(above, error) || !file_copy(file->path, path, &sha256, &size, error))
        return false;
    return strcmp(sha256, file->sha256) == 0
           || error_set(error, ERROR_HOST, "file '%s' changed while it was copied", file->path);
}

/* The runs use these copies, so that editing the scenario or its files while a sweep goes on changes nothing. */
static bool freeze_scenario(const Lab *lab, const Scenario *scenario, const GPtrArray *files, int64_t experiment_id,
                            GError **error)
{
    g_autofree char *folder = lab_experiment_folder(lab, experiment_id);
    g_autofree char *path = g_build_filename(folder, "scenario.yaml", NULL);

    if (!lab_merge_leftover_remove(lab, experiment_id, error) || !lab_folder_begin(folder, error)
        || !file_write_atomic(path, scenario->text, strlen(scenario->text), error))
        return false;
    for (guint i = 0; i < files->len; i++)
        if (!freeze_file(folder, g_ptr_array_index(files, i), error))
            return false;
    return true;
}

/* `environment` and the files' hashes, "file.NAME". Texts that are new go to `texts`. */
static GArray *environment_records(const Environment *environment, const GPtrArray *files, GPtrArray *texts)
{
    GArray *records = g_array_new(FALSE, FALSE, sizeof(KeyValue));

    g_array_append_vals(records, environment->pairs->data, environment->pairs->len);
    for (guint i = 0; i < files->len; i++) {
        const ScenarioFile *file = g_ptr_array_index(files, i);
        KeyValue record = { g_strconcat(FILE_KEY, file->name, NULL), file->sha256 };

        g_ptr_array_add(texts, (char *) record.key);
        g_array_append_val(records, record);
    }
    return records;
}

bool experiment_check_files(Store *store, const Lab *lab, int64_t experiment_id, GError **error)
{
    g_autofree char *folder = lab_experiment_folder(lab, experiment_id);
    g_autoptr(Table) facts = NULL;

    if (!store_read(store, "environment", &facts, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < facts->row_count; row++) {
        const char *key = table_text(facts, row, "key");
        g_autofree char *path = g_str_has_prefix(key, FILE_KEY) ? g_build_filename(folder, key + strlen(FILE_KEY), NULL) : NULL;
        g_autofree char *sha256 = NULL;
        int64_t size;

        if (path == NULL)
            continue;
        if (!file_sha256(path, &sha256, &size, error))
            return false;
        if (strcmp(sha256, table_text(facts, row, "value")) == 0)
            continue;
        error_set(error, ERROR_DATA, "file '%s' is not what the experiment began with", path);
        error_hint(error, "the machines get this copy; put the file with SHA-256 %s there again, or begin a new experiment.",
                   table_text(facts, row, "value"));
        return false;
    }
    return true;
}

bool experiment_create(Store *store, const Lab *lab, const Matrix *matrix, const Settings *settings,
                       const Environment *environment, int64_t *ret_experiment_id, GError **error)
{
    const Scenario *scenario = matrix->scenario;
    g_autofree char *uuid = g_uuid_string_random();
    g_autofree char *settings_text = settings_write(settings);
    g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GArray) facts = NULL;
    g_autofree CellRecord *cells = cell_records(matrix, labels);
    g_autofree FigureRecord *figures = figure_records(scenario, labels);
    g_autofree PublishedRecord *published = published_records(scenario);
    FactorRecord *factors = factor_records(scenario);
    uint64_t seed;
    size_t run_count;
    g_autofree PlannedRun *planned = experiment_runs(matrix, settings, &seed, &run_count);
    g_autofree RunRecord *runs = run_records(planned, run_count);
    ExperimentRecord record = {
        .uuid = uuid, .name = scenario->name, .description = scenario->description,
        .scenario_path = scenario->path, .scenario_text = scenario->text, .settings = settings_text,
        .seed = seed, .order = order_name(scenario->order), .repetitions = experiment_rounds(scenario, settings).most,
        .warmup = scenario->warmup, .retries = scenario->retries,
        .factors = factors, .factor_count = scenario->factor_count, .cells = cells, .cell_count = matrix->cell_count,
        .runs = runs, .run_count = run_count,
        .figures = figures, .figure_count = scenario->figure_count,
        .published = published, .published_count = scenario->published_count,
    };
    bool ok = scenario_files(scenario, &files, error);

    if (ok) {
        facts = environment_records(environment, files, labels);
        record.environment = (const KeyValue *) (void *) facts->data;
        record.environment_count = facts->len;
        ok = store_experiment_insert(store, &record, ret_experiment_id, error);
    }
    factor_records_free(factors, scenario->factor_count);
    return ok && freeze_scenario(lab, scenario, files, *ret_experiment_id, error);
}
