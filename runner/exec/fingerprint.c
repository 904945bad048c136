// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/fingerprint.h"

#include <string.h>

#include "runner/base/files.h"
#include "runner/plan/scenario-files.h"

enum { SHOWN_BYTES = 40, SHOWN_DIGEST = 8 };

struct Inputs {
    GHashTable *facts;   /* "image.tiny", "version.qemu" -> value */
    char *folder;
    GHashTable *digests; /* of files, by their place */
};

static Inputs *inputs_new(const char *folder)
{
    Inputs *inputs = g_new0(Inputs, 1);

    inputs->folder = g_strdup(folder);
    inputs->facts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    inputs->digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return inputs;
}

static void add_fact(Inputs *inputs, const char *key, const char *value)
{
    if (g_str_has_prefix(key, "image.") || g_str_has_prefix(key, "version."))
        g_hash_table_insert(inputs->facts, g_strdup(key), g_strdup(value));
}

Inputs *inputs_of_record(const Table *environment, const char *files)
{
    Inputs *inputs = inputs_new(files);

    for (size_t row = 0; row < environment->row_count; row++)
        add_fact(inputs, table_text(environment, row, "key"), table_text(environment, row, "value"));
    return inputs;
}

Inputs *inputs_of_host(const Environment *environment, const char *files)
{
    Inputs *inputs = inputs_new(files);

    for (guint i = 0; i < environment->pairs->len; i++) {
        const KeyValue *pair = &g_array_index(environment->pairs, KeyValue, i);

        add_fact(inputs, pair->key, pair->value);
    }
    return inputs;
}

void inputs_free(Inputs *inputs)
{
    if (inputs == NULL)
        return;
    g_hash_table_unref(inputs->facts);
    g_hash_table_unref(inputs->digests);
    g_free(inputs->folder);
    g_free(inputs);
}

/* A file that is not there is an input too: it says so. */
static const char *file_digest(Inputs *inputs, const char *source)
{
    char *digest = g_hash_table_lookup(inputs->digests, source);
    g_autofree char *path = NULL;
    int64_t size;

    if (digest != NULL)
        return digest;
    path = scenario_file_place(inputs->folder, source);
    if (!file_sha256(path, &digest, &size, NULL))
        digest = g_strdup("missing");
    g_hash_table_insert(inputs->digests, g_strdup(source), digest);
    return digest;
}

static void add_fact_line(const Inputs *inputs, const char *key, GString *text)
{
    const char *value = g_hash_table_lookup(inputs->facts, key);

    if (value != NULL)
        g_string_append_printf(text, "%s\t%s\n", key, value);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void add_images(const Inputs *inputs, const RunSpec *spec, GString *text)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; i < spec->machine_count; i++) {
        const MachineSpec *machine = &spec->machines[i];
        const char *const sources[] = { machine->image, machine->kernel, machine->initrd, machine->disk };

        for (size_t k = 0; k < G_N_ELEMENTS(sources); k++)
            if (sources[k] != NULL)
                g_ptr_array_add(names, g_strconcat("image.", sources[k], NULL));
    }
    g_ptr_array_sort(names, compare_texts);
    for (guint i = 0; i < names->len; i++)
        if (i == 0 || strcmp(names->pdata[i], names->pdata[i - 1]) != 0)
            add_fact_line(inputs, names->pdata[i], text);
}

static void add_file(Inputs *inputs, const char *source, GString *text)
{
    if (source != NULL)
        g_string_append_printf(text, "file.%s\t%s\n", source, file_digest(inputs, source));
}

/* An image is known by its digest; what a machine boots in its place may change under its name. */
static void add_own_files(Inputs *inputs, const RunSpec *spec, GString *text)
{
    for (size_t i = 0; i < spec->machine_count; i++) {
        add_file(inputs, spec->machines[i].kernel, text);
        add_file(inputs, spec->machines[i].initrd, text);
        add_file(inputs, spec->machines[i].firmware, text);
    }
}

char *inputs_text(Inputs *inputs, const RunSpec *spec)
{
    static const char *const versions[] = { "version.libvirt", "version.qemu", "version.trialbed" };
    GString *text = g_string_new(NULL);

    run_spec_describe(spec, text);
    for (size_t i = 0; i < spec->file_count; i++)
        add_file(inputs, spec->files[i].source, text);
    add_own_files(inputs, spec, text);
    add_images(inputs, spec, text);
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++)
        add_fact_line(inputs, versions[i], text);
    return g_string_free(text, FALSE);
}

char *inputs_fingerprint(Inputs *inputs, const RunSpec *spec)
{
    g_autofree char *text = inputs_text(inputs, spec);

    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

char *inputs_other_image(const Inputs *inputs, const AttemptRecord *attempt)
{
    for (size_t i = 0; i < attempt->machine_count; i++) {
        const MachineRecord *machine = &attempt->machines[i];
        g_autofree char *key = machine->image != NULL ? g_strconcat("image.", machine->image, NULL) : NULL;
        const char *first = key != NULL ? g_hash_table_lookup(inputs->facts, key) : NULL;

        if (first != NULL && machine->image_digest != NULL && strcmp(first, machine->image_digest) != 0)
            return g_strdup_printf("image '%s' is %.*s, but the experiment began with %.*s", machine->image, SHOWN_DIGEST,
                                   machine->image_digest, SHOWN_DIGEST, first);
    }
    return NULL;
}

static GHashTable *lines_of(const char *text)
{
    GHashTable *lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(GStrv) split = g_strsplit(text, "\n", -1);

    for (char **line = split; *line != NULL && **line != '\0'; line++) {
        const char *tab = strchr(*line, '\t');

        g_hash_table_insert(lines, g_strndup(*line, (size_t) (tab - *line)), g_strdup(tab + 1));
    }
    return lines;
}

/* "step 'ping': run" for "steps.ping.run". */
static char *words_of(const char *place)
{
    static const struct {
        const char *prefix, *word;
    } things[] = {
        { "image.", "image" },         { "file.", "file" },       { "version.", "version of" }, { "machines.", "machine" },
        { "bridges.", "bridge" },      { "setup.", "setup step" }, { "steps.", "step" },        { "teardown.", "teardown step" },
        { "captures.", "capture" },    { "collect.", "collection" }, { "files.", "file" },      { "variable.", "variable" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(things); i++) {
        const char *rest = place + strlen(things[i].prefix), *dot;

        if (!g_str_has_prefix(place, things[i].prefix))
            continue;
        dot = strchr(rest, '.');
        if (i < 3)
            return g_strdup_printf(i == 2 ? "%s %s" : "%s '%s'", things[i].word, rest);
        if (dot == NULL)
            return g_strdup_printf("%s '%s'", things[i].word, rest);
        return g_strdup_printf("%s '%.*s': %s", things[i].word, (int) (dot - rest), rest, dot + 1);
    }
    return g_strdup_printf("'%s'", place);
}

static char *shown(const char *place, const char *value)
{
    bool is_digest = g_str_has_prefix(place, "image.") || g_str_has_prefix(place, "file.");
    size_t most = is_digest ? SHOWN_DIGEST : SHOWN_BYTES;

    if (strlen(value) <= most)
        return g_strdup(value);
    return g_strdup_printf("%.*s%s", (int) most, value, is_digest ? "" : "...");
}

static char *difference_of(const char *place, const char *before, const char *now)
{
    g_autofree char *what = words_of(place);
    g_autofree char *was = before != NULL ? shown(place, before) : NULL;
    g_autofree char *is = now != NULL ? shown(place, now) : NULL;

    if (was == NULL)
        return g_strdup_printf("%s is new: '%s'", what, is);
    if (is == NULL)
        return g_strdup_printf("%s is gone, was '%s'", what, was);
    return g_strdup_printf("%s was '%s', is '%s'", what, was, is);
}

/* The first line in the order of `text` whose value differs from, or is not in, `other`; *ret_count counts all. */
static char *first_difference(const char *text, GHashTable *other, unsigned *ret_count)
{
    g_auto(GStrv) split = g_strsplit(text, "\n", -1);
    char *first = NULL;

    for (char **line = split; *line != NULL && **line != '\0'; line++) {
        const char *tab = strchr(*line, '\t');
        g_autofree char *place = g_strndup(*line, (size_t) (tab - *line));
        const char *value = g_hash_table_lookup(other, place);

        if (g_strcmp0(value, tab + 1) == 0)
            continue;
        if (++*ret_count == 1)
            first = difference_of(place, value, tab + 1);
    }
    return first;
}

static char *lines_difference(const char *before, const char *now)
{
    g_autoptr(GHashTable) old = lines_of(before);
    g_autoptr(GHashTable) new = lines_of(now);
    g_auto(GStrv) split = g_strsplit(before, "\n", -1);
    unsigned count = 0;
    g_autofree char *first = first_difference(now, old, &count);

    for (char **line = split; *line != NULL && **line != '\0'; line++) {
        const char *tab = strchr(*line, '\t');
        g_autofree char *place = g_strndup(*line, (size_t) (tab - *line));

        if (!g_hash_table_contains(new, place) && ++count == 1)
            first = difference_of(place, tab + 1, NULL);
    }
    if (count <= 1)
        return g_steal_pointer(&first);
    return g_strdup_printf("%s, and %u more", first, count - 1);
}

/* Leave away the lines that both begin with, and those that both end with: nearly all, where thousands of cells have changed a little. */
static void trim_same(const char *before, const char *now, char **ret_before, char **ret_now)
{
    size_t before_size = strlen(before), now_size = strlen(now), first = 0, last = 0;

    for (size_t i = 0; before[i] != '\0' && before[i] == now[i]; i++)
        if (before[i] == '\n')
            first = i + 1;
    for (size_t i = 1; i + first <= MIN(before_size, now_size) && before[before_size - i] == now[now_size - i]; i++)
        if (before[before_size - i] == '\n')
            last = i - 1;
    *ret_before = g_strndup(before + first, before_size - first - last);
    *ret_now = g_strndup(now + first, now_size - first - last);
}

char *inputs_difference(const char *all_before, const char *all_now)
{
    g_autofree char *before = NULL, *now = NULL;

    trim_same(all_before, all_now, &before, &now);
    return lines_difference(before, now);
}
