// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/libvirt-version.h"

#include <glib.h>
#include <libvirt/libvirt.h>

char *libvirt_library_version(void)
{
    unsigned long version;

    if (virGetVersion(&version, NULL, NULL) != 0)
        return NULL;
    return g_strdup_printf("%lu.%lu.%lu", version / 1000000, version / 1000 % 1000, version % 1000);
}
