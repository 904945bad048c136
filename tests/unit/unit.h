// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <check.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Run a suite with one test case and print TAP. Use as `int main(void) { return unit_run("plan/matrix", add_tests); }` */
static inline int unit_run(const char *name, void (*add_tests)(TCase *))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 60);
    add_tests(tcase);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Fail with the error's text unless `condition` holds. */
#define ck_assert_ok(condition, error) ck_assert_msg((condition), "%s", (error) != NULL ? (error)->message : "no error set")

/* An open file with this content, to be read from its beginning. */
static inline int unit_file_of(const void *data, size_t size)
{
    int fd = memfd_create("data", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t) size || lseek(fd, 0, SEEK_SET) != 0)
        abort(); /* check's own words are for its own processes only */
    return fd;
}

#endif
