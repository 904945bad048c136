// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/status-precision.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/print.h"
#include "reports/rows.h"
#include "runner/base/error.h"
#include "runner/cmd/support.h"
#include "runner/exec/agenda.h"
#include "runner/exec/progress.h"

/* An experiment's agenda, with what it is read from. */
typedef struct StoredAgenda {
    Scenario *scenario; /* NULL: this trialbed cannot read it */
    Settings settings;
    Agenda *agenda;     /* NULL: neither */
    GArray *cells;      /* of CellPrecision; NULL: no `precision` */
} StoredAgenda;

static void stored_agenda_clear(StoredAgenda *stored)
{
    if (stored->cells != NULL)
        g_array_unref(stored->cells);
    agenda_free(stored->agenda);
    scenario_free(stored->scenario);
    settings_clear(&stored->settings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoredAgenda, stored_agenda_clear)

static bool read_agenda(Store *store, int64_t experiment_id, StoredAgenda *ret_stored, GError **error)
{
    ScenarioChecks checks = { .frozen = true };
    g_autoptr(Problems) problems = problems_new("scenario.yaml");
    g_autoptr(Table) experiment = NULL;
    const char *text;

    if (!store_read(store, "experiment", &experiment, error, PARAM_INTEGER(experiment_id), PARAM_END)
        || !settings_read(table_text(experiment, 0, "settings"), &ret_stored->settings, error))
        return false;
    text = table_text(experiment, 0, "scenario_text");
    ret_stored->scenario = scenario_parse("scenario.yaml", text, strlen(text), &checks, problems);
    if (ret_stored->scenario == NULL)
        return true;
    ret_stored->agenda = agenda_new(store, experiment_id, ret_stored->scenario, &ret_stored->settings, 0, 1, error);
    return ret_stored->agenda != NULL && agenda_precision(ret_stored->agenda, &ret_stored->cells, error);
}

static const char *state_of(const CellPrecision *cell)
{
    return cell->reached ? "known" : cell->open ? "open" : "not known";
}

static void print_cells(const StoredAgenda *stored, int64_t experiment_id)
{
    const Precision *precision = &stored->scenario->precision;
    guint known = 0, open = 0;

    for (guint i = 0; i < stored->cells->len; i++) {
        const CellPrecision *cell = &g_array_index(stored->cells, CellPrecision, i);

        known += cell->reached;
        open += !cell->reached && cell->open;
    }
    printf("'%s' is known to %g %% in %u of %u cell%s", precision->metric, precision->relative_percent, known,
           stored->cells->len, support_plural(stored->cells->len));
    if (open > 0)
        printf("; %u %s open", open, open == 1 ? "is" : "are");
    printf("; 'trialbed status %lld --precision' lists them\n", (long long) experiment_id);
}

/* When it is over nobody waits for it. */
static bool print_budget(const Context *context, const StoredAgenda *stored, int64_t experiment_id, GError **error)
{
    const Budget *budget = &stored->scenario->budget;
    g_autoptr(Table) counts = NULL;
    g_autofree char *left = NULL;
    bool is_open = false;

    if (isinf(agenda_left_s(stored->agenda)))
        return true;
    if (!store_read(context->store, "experiment-counts", &counts, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    for (guint i = 0; stored->cells != NULL && i < stored->cells->len; i++)
        is_open = is_open || g_array_index(stored->cells, CellPrecision, i).open;
    if (!is_open && table_integer(counts, 0, "left") == 0 && budget->until != NULL)
        return true;
    left = progress_duration(agenda_left_s(stored->agenda));
    if (budget->until != NULL) {
        printf("the budget has %s left, until %s\n", left, budget->until);
    } else {
        g_autofree char *all = progress_duration((double) budget->time_ms / 1000);

        printf("the budget has %s of %s left\n", left, all);
    }
    return true;
}

bool status_print_agenda(const Context *context, int64_t experiment_id, GError **error)
{
    g_auto(StoredAgenda) stored = { 0 };

    if (!read_agenda(context->store, experiment_id, &stored, error))
        return false;
    if (stored.cells != NULL)
        print_cells(&stored, experiment_id);
    return stored.agenda == NULL || print_budget(context, &stored, experiment_id, error);
}

bool status_print_precision(const Context *context, int64_t experiment_id, GError **error)
{
    static const char *const columns[] = { "cell", "metric", "values", "known_to_percent", "wanted_percent", "state" };
    g_auto(StoredAgenda) stored = { 0 };
    g_autoptr(Table) table = NULL;

    if (!read_agenda(context->store, experiment_id, &stored, error))
        return false;
    if (stored.cells == NULL) {
        error_set(error, ERROR_USAGE, "experiment %lld has no 'precision'", (long long) experiment_id);
        error_hint(error, "'trialbed summary %lld' has the interval of every mean.", (long long) experiment_id);
        return false;
    }
    table = rows_table(columns, G_N_ELEMENTS(columns), stored.cells->len);
    for (guint i = 0; i < stored.cells->len; i++) {
        const CellPrecision *cell = &g_array_index(stored.cells, CellPrecision, i);
        const Value values[] = {
            rows_text(cell->cell), rows_text(stored.scenario->precision.metric),
            rows_integer((int64_t) cell->values), rows_real(100 * cell->half_width),
            rows_real(stored.scenario->precision.relative_percent), rows_text(state_of(cell)),
        };

        rows_set(table, i, values);
    }
    print_table(table, context->json ? PRINT_JSON : PRINT_TEXT, stdout);
    return true;
}
