// SPDX-License-Identifier: GPL-3.0-or-later
/* The journal of what stands where no namespace takes it away. */
#include "db/store-private.h"

typedef struct Note {
    int64_t run_id;
    unsigned attempt;
    const char *uri, *folder;
} Note;

static bool note(Store *store, void *data, GError **error)
{
    const Note *it = data;
    const struct {
        const char *kind, *place;
    } rows[] = { { "libvirt", it->uri }, { "folder", it->folder } };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (!store_write(store, "outside-insert", error, PARAM_INTEGER(it->run_id), PARAM_INTEGER(it->attempt),
                         PARAM_TEXT(rows[i].kind), PARAM_TEXT(rows[i].place), PARAM_END))
            return false;
    return true;
}

bool store_outside_note(Store *store, int64_t run_id, unsigned attempt, const char *uri, const char *folder, GError **error)
{
    Note it = { run_id, attempt, uri, folder };

    return store_transaction(store, note, &it, error);
}

bool store_outside_forget(Store *store, int64_t run_id, unsigned attempt, GError **error)
{
    return store_write(store, "outside-delete", error, PARAM_INTEGER(run_id), PARAM_INTEGER(attempt), PARAM_END);
}
