// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/advice.h"

#include "reports/rows.h"

static void advice_free(gpointer data)
{
    Advice *advice = data;

    g_free(advice->where);
    g_free(advice->text);
    g_free(advice);
}

void advice_add(Evidence *evidence, const AdviceRule *rule, const char *where, const char *format, ...)
{
    Advice *advice = g_new0(Advice, 1);
    va_list arguments;

    va_start(arguments, format);
    *advice = (Advice) { rule, g_strdup(where), g_strdup_vprintf(format, arguments) };
    va_end(arguments);
    g_ptr_array_add(evidence->advice, advice);
}

static void evidence_clear(Evidence *evidence)
{
    g_clear_pointer(&evidence->side, side_free);
    g_clear_pointer(&evidence->experiment, table_free);
    g_clear_pointer(&evidence->runs, table_free);
    g_clear_pointer(&evidence->places, table_free);
    g_clear_pointer(&evidence->advice, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Evidence, evidence_clear)

static bool evidence_read(Evidence *evidence, int64_t experiment_id, GError **error)
{
    const Param id = PARAM_INTEGER(experiment_id);

    evidence->side = side_read(evidence->store, experiment_id, NULL, false, error);
    if (evidence->side != NULL && evidence->side->metrics->len == 0) {
        side_free(evidence->side);
        evidence->side = side_read(evidence->store, experiment_id, NULL, true, error);
    }
    return evidence->side != NULL &&
           store_read(evidence->store, "experiment", &evidence->experiment, error, id, PARAM_END) &&
           store_read(evidence->store, "counted-runs", &evidence->runs, error, id, PARAM_END) &&
           store_read(evidence->store, "advice-places", &evidence->places, error, id, PARAM_END);
}

static Table *advice_table(const GPtrArray *all)
{
    static const char *const columns[] = { "rule", "item", "where", "advice" };
    Table *table = rows_table(columns, G_N_ELEMENTS(columns), all->len);

    for (guint i = 0; i < all->len; i++) {
        const Advice *advice = all->pdata[i];
        const Value values[] = { rows_text(advice->rule->name), rows_text(advice->rule->item),
                                 rows_text(advice->where), rows_text(advice->text) };

        rows_set(table, i, values);
    }
    return table;
}

bool advice_read(Store *store, int64_t experiment_id, Table **ret_table, GError **error)
{
    g_auto(Evidence) evidence = { .store = store, .advice = g_ptr_array_new_with_free_func(advice_free) };

    if (!evidence_read(&evidence, experiment_id, error))
        return false;
    for (const AdviceRule *rule = advice_rules; rule->name != NULL; rule++) {
        if (!rule->look(&evidence, rule, error))
            return false;
    }
    *ret_table = advice_table(evidence.advice);
    return true;
}
