// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/memory-image.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/files.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/trialbed-memory.XXXXXX";
static MachineHostFacts facts = { .backend = (char *) "fake", .accelerator = (char *) "fake", .emulator = (char *) "none",
                                  .emulator_version = (char *) "7.2.0", .libvirt_version = (char *) "9.0.0" };

static MemoryImage *image_of(const char *identity)
{
    g_autoptr(GError) error = NULL;
    MemoryImage *image = memory_image_new(folder, identity, "digest", &facts, &error);

    ck_assert_msg(image != NULL, "%s", error != NULL ? error->message : "");
    return image;
}

static void save(MemoryImage *image, const char *text)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ok(file_write_atomic(image->path, text, strlen(text), &error), error);
    ck_assert_ok(memory_image_keep(image, &error), error);
}

static void expect(MemoryImage *image, MemoryImageState state, const char *why_part)
{
    g_autofree char *why = NULL;

    ck_assert_int_eq(memory_image_look(image, &why), state);
    if (why_part == NULL)
        ck_assert_ptr_null(why);
    else
        ck_assert_msg(why != NULL && strstr(why, why_part) != NULL, "'%s' is not in '%s'", why_part, why != NULL ? why : "");
}

START_TEST(one_definition_has_one_image_and_another_has_none)
{
    MemoryImage *image = image_of("128 MiB"), *same = image_of("128 MiB"), *other = image_of("256 MiB");

    expect(image, MEMORY_IMAGE_MISSING, NULL);
    save(image, "memory");
    expect(same, MEMORY_IMAGE_GOOD, NULL);
    expect(other, MEMORY_IMAGE_MISSING, NULL);
    ck_assert_str_eq(image->uuid, same->uuid);
    ck_assert_str_ne(image->uuid, other->uuid);
    ck_assert_uint_eq(strlen(image->uuid), 36);
    memory_image_free(image);
    memory_image_free(same);
    memory_image_free(other);
}
END_TEST

START_TEST(a_memory_of_another_emulator_is_unfit)
{
    MemoryImage *image = image_of("a"), *later;

    save(image, "memory");
    facts.emulator_version = (char *) "8.0.0";
    later = image_of("a");
    ck_assert_str_eq(later->path, image->path); /* so the old one does not stay for ever */
    expect(later, MEMORY_IMAGE_UNFIT, "it was saved by emulator 7.2.0");
    facts.emulator_version = (char *) "7.2.0";
    memory_image_free(image);
    memory_image_free(later);
}
END_TEST

static const struct {
    const char *content, *why; /* NULL: it is fine */
} changes[] = {
    { "memor", "it has 5 bytes and not 6" },  /* cut */
    { "mEmory", "its SHA-256 differs" },      /* same size */
    { "memory", NULL },                       /* copied: another time, same content */
};

START_TEST(a_damaged_memory_is_seen)
{
    MemoryImage *image = image_of("a");
    g_autoptr(GError) error = NULL;

    save(image, "memory");
    usleep(10000);
    ck_assert_ok(file_write_atomic(image->path, changes[_i].content, strlen(changes[_i].content), &error), error);
    expect(image, changes[_i].why != NULL ? MEMORY_IMAGE_UNFIT : MEMORY_IMAGE_GOOD, changes[_i].why);
    memory_image_free(image);
}
END_TEST

START_TEST(one_that_was_never_finished_is_none)
{
    MemoryImage *image = image_of("a");
    g_autoptr(GError) error = NULL;

    ck_assert_ok(file_write_atomic(image->path, "half", 4, &error), error);
    expect(image, MEMORY_IMAGE_MISSING, NULL);
    memory_image_free(image);
}
END_TEST

START_TEST(a_second_worker_waits_and_says_so)
{
    MemoryImage *first = image_of("a"), *second = image_of("a");
    g_autoptr(GError) error = NULL;

    ck_assert_ok(memory_image_lock(first, 100, &error), error);
    ck_assert(!memory_image_lock(second, 60, &error));
    ck_assert_msg(strstr(error->message, "another worker still makes") != NULL, "%s", error->message);
    g_clear_error(&error);
    memory_image_unlock(second);
    memory_image_unlock(first);
    ck_assert_ok(memory_image_lock(second, 100, &error), error);
    memory_image_free(first);
    memory_image_free(second);
}
END_TEST

static void folder_begin(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void folder_end(void)
{
    ck_assert(folder_remove(folder, NULL));
}

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, folder_begin, folder_end);
    tcase_add_test(tcase, one_definition_has_one_image_and_another_has_none);
    tcase_add_test(tcase, a_memory_of_another_emulator_is_unfit);
    tcase_add_loop_test(tcase, a_damaged_memory_is_seen, 0, G_N_ELEMENTS(changes));
    tcase_add_test(tcase, one_that_was_never_finished_is_none);
    tcase_add_test(tcase, a_second_worker_waits_and_says_so);
}

int main(void)
{
    return unit_run("vm/memory-image", add_tests);
}
