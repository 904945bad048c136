// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <sys/stat.h>

#include "db/bundle/bundle-describe.h"
#include "db/bundle/json.h"
#include "runner/base/error.h"

#define PROFILE "https://w3id.org/ro/wfrun/process/0.5"
#define SCHEMA_ORG "http://schema.org/"

static const struct {
    const char *suffix, *media_type;
} media_types[] = {
    { ".csv", "text/csv" },          { ".db", "application/vnd.sqlite3" }, { ".gp", "text/plain" },
    { ".html", "text/html" },        { ".json", "application/json" },      { ".log", "text/plain" },
    { ".md", "text/markdown" },      { ".pcap", "application/vnd.tcpdump.pcap" },
    { ".pdf", "application/pdf" },   { ".png", "image/png" },              { ".svg", "image/svg+xml" },
    { ".tex", "application/x-tex" }, { ".tsv", "text/tab-separated-values" },
    { ".txt", "text/plain" },        { ".xml", "application/xml" },        { ".yaml", "application/yaml" },
};

static const struct {
    const char *path, *name;
} named_files[] = {
    { "README.md", "What this is, and how each result comes out again" },
    { "datapackage.json", "Frictionless data package: the columns of tables/" },
    { "environment.json", "What the experiment ran on" },
    { "images/images.json", "Digests of the guest images" },
    { "report/index.html", "Report: figures and tables" },
    { "scenario/scenario.yaml", "The scenario: machines, networks, factors, steps, measurements" },
    { "trialbed.db", "All rows of the experiment (SQLite)" },
};

static const char *media_type(const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(media_types); i++)
        if (g_str_has_suffix(path, media_types[i].suffix))
            return media_types[i].media_type;
    return NULL;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    for (size_t i = 0; i < G_N_ELEMENTS(named_files); i++)
        if (strcmp(path, named_files[i].path) == 0)
            return named_files[i].name;
    return slash != NULL ? slash + 1 : path;
}

/* A path as the identifier of a file in the crate. */
static char *path_id(const char *path)
{
    return g_uri_escape_string(path, "/", FALSE);
}

static char *run_id(const Table *runs, size_t row)
{
    return g_strdup_printf("#run-%" G_GINT64_FORMAT, table_integer(runs, row, "run_id"));
}

static void begin_entity(JsonBuilder *builder, const char *id, const char *type, const char *name)
{
    json_builder_begin_object(builder);
    json_put_text(builder, "@id", id);
    json_put_text(builder, "@type", type);
    json_put_text(builder, "name", name);
}

static void put_descriptor(JsonBuilder *builder)
{
    begin_entity(builder, "ro-crate-metadata.json", "CreativeWork", NULL);
    json_put_reference(builder, "conformsTo", "https://w3id.org/ro/crate/1.1");
    json_put_reference(builder, "about", "./");
    json_builder_end_object(builder);
    begin_entity(builder, PROFILE, "CreativeWork", "Process Run Crate");
    json_put_text(builder, "version", "0.5");
    json_builder_end_object(builder);
}

static char *licence_id(const Description *what)
{
    return what->licence != NULL ? g_strconcat("https://spdx.org/licenses/", what->licence, NULL)
                                 : g_strdup("#licence");
}

static void put_licence(JsonBuilder *builder, const Description *what)
{
    g_autofree char *id = licence_id(what);

    begin_entity(builder, id, "CreativeWork", what->licence != NULL ? what->licence : "No licence stated");
    if (what->licence == NULL)
        json_put_text(builder, "description", "Nobody stated a licence: ask the authors before you publish this.");
    json_builder_end_object(builder);
}

static void put_root(JsonBuilder *builder, const Description *what, const Table *about, const Table *runs)
{
    g_autofree char *identifier = g_strconcat("urn:uuid:", table_text(about, 0, "uuid"), NULL);
    g_autofree char *licence = licence_id(what);
    const char *description = table_text(about, 0, "description");

    begin_entity(builder, "./", "Dataset", table_text(about, 0, "name"));
    json_put_text(builder, "description", description != NULL ? description : "An experiment on virtual machines");
    json_put_reference(builder, "conformsTo", PROFILE);
    json_put_text(builder, "identifier", identifier);
    json_put_text(builder, "dateCreated", table_text(about, 0, "created_at"));
    json_put_text(builder, "datePublished", table_text(about, 0, "finished_on"));
    json_put_reference(builder, "license", licence);
    json_open_array(builder, "hasPart");
    for (size_t i = 0; i < what->entry_count; i++) {
        g_autofree char *id = path_id(what->entries[i].target);

        json_add_reference(builder, id);
    }
    json_builder_end_array(builder);
    json_open_array(builder, "mentions");
    for (size_t row = 0; row < runs->row_count; row++) {
        g_autofree char *id = run_id(runs, row);

        json_add_reference(builder, id);
    }
    json_builder_end_array(builder);
    json_builder_end_object(builder);
}

static bool put_file(JsonBuilder *builder, const BundleEntry *entry, GError **error)
{
    g_autofree char *id = path_id(entry->target);
    g_autofree char *size = NULL;
    struct stat info;

    if (stat(entry->source, &info) != 0)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", entry->source);
    size = g_strdup_printf("%lld", (long long) info.st_size);
    begin_entity(builder, id, "File", name_of(entry->target));
    json_put_text(builder, "encodingFormat", media_type(entry->target));
    json_put_text(builder, "contentSize", size);
    json_put_text(builder, "sha256", entry->sha256);
    json_builder_end_object(builder);
    return true;
}

/* The programs whose versions the environment names. */
static void put_software(JsonBuilder *builder, const Table *environment)
{
    for (size_t row = 0; row < environment->row_count; row++) {
        const char *key = table_text(environment, row, "key");
        g_autofree char *id = NULL;

        if (!g_str_has_prefix(key, "version."))
            continue;
        id = g_strconcat("#", key + strlen("version."), NULL);
        begin_entity(builder, id, "SoftwareApplication", key + strlen("version."));
        json_put_text(builder, "softwareVersion", table_text(environment, row, "value"));
        json_builder_end_object(builder);
    }
}

static bool has_trialbed(const Table *environment)
{
    for (size_t row = 0; row < environment->row_count; row++)
        if (strcmp(table_text(environment, row, "key"), "version.trialbed") == 0)
            return true;
    return false;
}

static void put_cells(JsonBuilder *builder, const Table *cells)
{
    for (size_t row = 0; row < cells->row_count; row++) {
        g_autofree char *id = g_strdup_printf("#cell-%" G_GINT64_FORMAT, table_integer(cells, row, "cell_id"));

        begin_entity(builder, id, "PropertyValue", "cell");
        json_put_text(builder, "value", table_text(cells, row, "cell"));
        json_builder_end_object(builder);
    }
}

static void put_results(JsonBuilder *builder, const Description *what, GHashTable *results, int64_t run)
{
    const GArray *entries = g_hash_table_lookup(results, &run);

    if (entries == NULL)
        return;
    json_open_array(builder, "result");
    for (guint i = 0; i < entries->len; i++) {
        g_autofree char *id = path_id(what->entries[g_array_index(entries, size_t, i)].target);

        json_add_reference(builder, id);
    }
    json_builder_end_array(builder);
}

static void put_action(JsonBuilder *builder, const Description *what, const Table *runs, size_t row,
                       GHashTable *results)
{
    int64_t run = table_integer(runs, row, "run_id");
    bool failed = strcmp(table_text(runs, row, "status"), "failed") == 0;
    g_autofree char *id = run_id(runs, row);
    g_autofree char *cell = g_strdup_printf("#cell-%" G_GINT64_FORMAT, table_integer(runs, row, "cell_id"));
    g_autofree char *name = g_strdup_printf("run %" G_GINT64_FORMAT ": %s, %s %" G_GINT64_FORMAT, run,
                                            table_text(runs, row, "cell"),
                                            table_integer(runs, row, "warmup") ? "warm-up" : "repetition",
                                            table_integer(runs, row, "repetition"));

    begin_entity(builder, id, "CreateAction", name);
    json_put_reference(builder, "instrument", "#trialbed");
    json_open_array(builder, "object");
    json_add_reference(builder, "scenario/scenario.yaml");
    json_add_reference(builder, cell);
    json_builder_end_array(builder);
    put_results(builder, what, results, run);
    json_put_text(builder, "startTime", table_text(runs, row, "started_at"));
    json_put_text(builder, "endTime", table_text(runs, row, "ended_at"));
    json_put_reference(builder, "actionStatus",
                       failed ? SCHEMA_ORG "FailedActionStatus" : SCHEMA_ORG "CompletedActionStatus");
    if (failed)
        json_put_text(builder, "error", table_text(runs, row, "reason"));
    json_builder_end_object(builder);
}

static void array_free(gpointer array)
{
    g_array_free(array, TRUE);
}

/* run -> indices of the entries that it left. NULL on error. */
static GHashTable *results_find(const Description *what, GError **error)
{
    g_autoptr(GHashTable) results = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, array_free);
    g_autoptr(GHashTable) runs = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(Table) artifacts = NULL;

    if (!store_read(what->store, "experiment-artifacts", &artifacts, error, PARAM_INTEGER(what->experiment_id),
                    PARAM_END))
        return NULL;
    for (size_t row = 0; row < artifacts->row_count; row++)
        g_hash_table_insert(runs, (char *) table_text(artifacts, row, "path"),
                            (int64_t *) &table_named(artifacts, row, "run_id")->integer);
    for (size_t i = 0; i < what->entry_count; i++) {
        const int64_t *run = g_hash_table_lookup(runs, what->entries[i].target);
        GArray *entries = run != NULL ? g_hash_table_lookup(results, run) : NULL;

        if (run == NULL)
            continue;
        if (entries == NULL) {
            entries = g_array_new(FALSE, FALSE, sizeof(size_t));
            g_hash_table_insert(results, g_memdup2(run, sizeof *run), entries);
        }
        g_array_append_val(entries, i);
    }
    return g_steal_pointer(&results);
}

typedef struct Sources {
    Table *about, *runs, *cells, *environment;
} Sources;

static void sources_clear(Sources *sources)
{
    table_free(sources->about);
    table_free(sources->runs);
    table_free(sources->cells);
    table_free(sources->environment);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sources, sources_clear)

static bool sources_read(const Description *what, Sources *sources, GError **error)
{
    Param id = PARAM_INTEGER(what->experiment_id);

    return store_read(what->store, "bundle-about", &sources->about, error, id, PARAM_END)
           && store_read(what->store, "bundle-runs", &sources->runs, error, id, PARAM_END)
           && store_read(what->store, "cells", &sources->cells, error, id, PARAM_END)
           && store_read(what->store, "environment", &sources->environment, error, id, PARAM_END);
}

static bool put_graph(JsonBuilder *builder, const Description *what, const Sources *sources, GHashTable *results,
                      GError **error)
{
    put_descriptor(builder);
    put_root(builder, what, sources->about, sources->runs);
    put_licence(builder, what);
    put_software(builder, sources->environment);
    if (!has_trialbed(sources->environment)) {
        begin_entity(builder, "#trialbed", "SoftwareApplication", "trialbed");
        json_builder_end_object(builder);
    }
    put_cells(builder, sources->cells);
    for (size_t row = 0; row < sources->runs->row_count; row++)
        put_action(builder, what, sources->runs, row, results);
    for (size_t i = 0; i < what->entry_count; i++)
        if (!put_file(builder, &what->entries[i], error))
            return false;
    return true;
}

bool describe_crate(const Description *what, GError **error)
{
    g_autoptr(JsonBuilder) builder = json_builder_new_immutable();
    g_autofree char *path = g_build_filename(what->folder, "ro-crate-metadata.json", NULL);
    g_autoptr(GHashTable) results = results_find(what, error);
    g_auto(Sources) sources = { 0 };

    if (results == NULL || !sources_read(what, &sources, error))
        return false;
    json_builder_begin_object(builder);
    json_put_text(builder, "@context", "https://w3id.org/ro/crate/1.1/context");
    json_open_array(builder, "@graph");
    if (!put_graph(builder, what, &sources, results, error))
        return false;
    json_builder_end_array(builder);
    json_builder_end_object(builder);
    return json_save(builder, path, error);
}
