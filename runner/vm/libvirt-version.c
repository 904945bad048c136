// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/libvirt-version.h"

#include <glib.h>
#include <stdio.h>

/* Where distributions have their libraries. */
static const char *const folders[] = { "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib" };

/* libvirt.so.0 is a link to libvirt.so.0.9000.0 for version 9.0.0: 1000 times the first number and the second, then the third (`age` and
 * `revision` in the meson.build of libvirt). */
char *libvirt_library_version(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(folders[i], "libvirt.so.0", NULL);
        g_autofree char *target = g_file_read_link(path, NULL);
        unsigned age, revision;

        if (target != NULL && sscanf(target, "libvirt.so.0.%u.%u", &age, &revision) == 2)
            return g_strdup_printf("%u.%u.%u", age / 1000, age % 1000, revision);
    }
    return NULL;
}

bool libvirt_has_driver(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(folders[i], "libvirt", "connection-driver", "libvirt_driver_qemu.so", NULL);

        if (g_file_test(path, G_FILE_TEST_EXISTS))
            return true;
    }
    return false;
}
