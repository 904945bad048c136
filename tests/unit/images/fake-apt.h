// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_IMAGES_FAKE_APT_H
#define TESTS_UNIT_IMAGES_FAKE_APT_H

#include "runner/base/files.h"
#include "tests/unit/images/made.h"

/* apt-cache and apt-get on PATH that know only the packages of FOLDER/show and FOLDER/debs, and note their calls in
 * FOLDER/calls. */

static inline void fake_program(const char *folder, const char *name, const char *script)
{
    g_autofree char *path = g_build_filename(folder, "bin", name, NULL);
    g_autofree char *text = g_strdup_printf("#!/bin/sh\nD='%s'\necho \"%s $*\" >>\"$D/calls\"\n%s", folder, name,
                                            script);

    ck_assert(file_write_atomic(path, text, strlen(text), NULL));
    ck_assert_int_eq(g_chmod(path, 0755), 0);
}

/* What apt does here: prints every stanza it has, and copies "NAME_..." for NAME=VERSION. */
static inline void fake_apt(const char *folder)
{
    g_autofree char *bin = g_build_filename(folder, "bin", NULL);
    g_autofree char *debs = g_build_filename(folder, "debs", NULL);
    g_autofree char *path = g_strdup_printf("%s:%s", bin, g_getenv("PATH"));

    ck_assert(folder_make(bin, NULL) && folder_make(debs, NULL));
    fake_program(folder, "apt-cache", "cat \"$D/show\"\n");
    fake_program(folder, "apt-get", "for a; do case $a in -*) ;; *=*) cp \"$D/debs/${a%%=*}\"_* .;; esac; done\n");
    g_setenv("PATH", path, TRUE);
}

/* Add a package made of `files` to what the fake knows. */
static inline void fake_package(const char *folder, const char *name, const char *version, const char *depends,
                                const FileTree *files)
{
    g_auto(GStrv) parts = g_strsplit(version, ":", -1);
    g_autofree char *escaped = g_strjoinv("%3a", parts);
    g_autofree char *path = g_strdup_printf("%s/debs/%s_%s_amd64.deb", folder, name, escaped);
    g_autofree char *show = g_build_filename(folder, "show", NULL);
    g_autofree char *sha256 = NULL;
    int64_t size = 0;
    FILE *stanzas = fopen(show, "a");

    made_deb(path, files, ARCHIVE_FILTER_GZIP, "data.tar.gz");
    ck_assert(file_sha256(path, &sha256, &size, NULL));
    fprintf(stanzas, "Package: %s\nVersion: %s\nArchitecture: amd64\nDepends: %s\nDescription: one\n two: lines\n"
                     "Filename: pool/x.deb\nSize: %d\nSHA256: %s\n\n", name, version, depends, (int) size, sha256);
    fclose(stanzas);
}

static inline char *fake_calls(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "calls", NULL);
    char *text = NULL;

    return file_read(path, 1 << 20, &text, NULL, NULL) ? text : g_strdup("");
}

#endif
