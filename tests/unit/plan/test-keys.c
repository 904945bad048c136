// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#include "runner/base/files.h"
#include "runner/plan/keys.h"
#include "runner/plan/suggest.h"
#include "runner/plan/values.h"
#include "tests/unit/unit.h"

#define PAGE "docs/scenario.md"

START_TEST(the_reference_page_is_the_tables)
{
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    g_autofree char *page = NULL;

    keys_write_markdown(out);
    fclose(out);
    if (g_getenv("REGENERATE") != NULL)
        ck_assert(file_write_atomic(PAGE, written, size, NULL));
    ck_assert(file_read(PAGE, 1 << 20, &page, NULL, NULL));
    ck_assert_msg(strcmp(page, written) == 0, "%s is not up to date: REGENERATE=1 make check-unit T=test-keys", PAGE);
    free(written);
}
END_TEST

START_TEST(every_row_is_sound)
{
    g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);

    for (size_t i = 0; i < key_count; i++) {
        const Key *key = &keys[i];
        const char *dot = strrchr(key->path, '.');
        g_autofree char *above = dot != NULL ? g_strndup(key->path, (size_t) (dot - key->path)) : NULL;
        union {
            char *text;
            double number;
            int64_t whole;
        } field = { NULL };

        ck_assert_msg(g_hash_table_add(paths, (void *) key->path), "%s is there twice", key->path);
        ck_assert_msg(above == NULL || g_hash_table_contains(paths, above), "%s has no row above it", key->path);
        ck_assert_msg(key->about != NULL && key->about[0] != '\0', "%s says nothing about itself", key->path);
        ck_assert_msg(!(key->required && key->preset != NULL), "%s needs no default", key->path);
        ck_assert_msg((key->type != KEY_CHOICE && key->type != KEY_ORDER) || key->choices != NULL, "%s has no choices",
                      key->path);
        ck_assert_msg(key->type != KEY_LIST || key->item_size > 0, "%s has items without size", key->path);
        if (key->preset == NULL)
            continue;
        ck_assert_msg(value_read(key, key->preset, &field, NULL), "%s has a default that it would refuse", key->path);
        if (key->type == KEY_TEXT || key->type == KEY_CHOICE)
            g_free(field.text);
    }
}
END_TEST

START_TEST(the_schema_is_json_and_knows_every_key)
{
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    g_autoptr(JsonNode) root = NULL;

    keys_write_schema(out);
    fclose(out);
    root = json_from_string(written, NULL);
    ck_assert_ptr_nonnull(root);
    for (size_t i = 0; i < key_count; i++) {
        g_autofree char *quoted = g_strdup_printf("\"%s\": {\"description\"", key_name(&keys[i]));

        ck_assert_msg(keys[i].type == KEY_RANGE || strstr(written, quoted) != NULL, "%s is not there", keys[i].path);
    }
    free(written);
}
END_TEST

START_TEST(rows_are_found_by_name_below_their_parent)
{
    const Key *machines = key_find(NULL, "machines");
    const Key *interfaces = key_find(machines, "interfaces");

    ck_assert_str_eq(machines->path, "machines");
    ck_assert_str_eq(interfaces->path, "machines.interfaces");
    ck_assert_str_eq(key_find(interfaces, "address")->path, "machines.interfaces.address");
    ck_assert_ptr_null(key_find(machines, "address"));
    ck_assert_ptr_null(key_find(NULL, "machines.name"));
    ck_assert_ptr_null(key_find(key_find(NULL, "name"), "x"));
}
END_TEST

static const struct {
    const char *a, *b;
    size_t distance;
} distances[] = {
    { "", "", 0 },       { "", "abc", 3 },     { "abc", "abc", 0 },        { "abc", "ABC", 0 },
    { "abc", "abd", 1 }, { "abc", "acb", 1 },  { "kitten", "sitting", 3 }, { "repetitons", "repetitions", 1 },
    { "ab", "ba", 1 },   { "x", "memory", 6 }, { "prot", "port", 1 },
};

START_TEST(distances_between_names_are_counted_in_single_mistakes)
{
    ck_assert_uint_eq(edit_distance(distances[_i].a, distances[_i].b), distances[_i].distance);
    ck_assert_uint_eq(edit_distance(distances[_i].b, distances[_i].a), distances[_i].distance);
}
END_TEST

static const struct {
    const char *name, *hint;
} suggestions[] = {
    { "cpsu", "did you mean 'cpus'?" },
    { "Name", "did you mean 'name'?" },
    { "memory", "did you mean 'memory_mb'?" },           /* what only goes on is near */
    { "disk", "known keys: name, memory_mb and cpus." }, /* nothing is near: all, when they are few */
    { "x", "known keys: name, memory_mb and cpus." },    /* one letter is near nothing */
};

START_TEST(a_wrong_name_gets_the_nearest_or_all)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    g_autofree char *hint = NULL;

    g_ptr_array_add(known, (void *) "name");
    g_ptr_array_add(known, (void *) "memory_mb");
    g_ptr_array_add(known, (void *) "cpus");
    hint = suggest(suggestions[_i].name, known, "keys");
    ck_assert_str_eq(hint, suggestions[_i].hint);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, the_reference_page_is_the_tables);
    tcase_add_test(tcase, every_row_is_sound);
    tcase_add_test(tcase, the_schema_is_json_and_knows_every_key);
    tcase_add_test(tcase, rows_are_found_by_name_below_their_parent);
    tcase_add_loop_test(tcase, distances_between_names_are_counted_in_single_mistakes, 0, G_N_ELEMENTS(distances));
    tcase_add_loop_test(tcase, a_wrong_name_gets_the_nearest_or_all, 0, G_N_ELEMENTS(suggestions));
}

int main(void)
{
    return unit_run("plan/keys", add_tests);
}
