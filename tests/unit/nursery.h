// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_NURSERY_H
#define TESTS_UNIT_NURSERY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/nursery.h"

/* A test whose own program is the nursery: NURSERY_PROGRAM started as a worker serves `work` before main() runs. */
#define NURSERY_PROGRAM "/proc/self/exe"

static int work(int channel);

static bool is_equipped;
static char furniture[64];

static void rehearse(void)
{
}

static void equip(void)
{
    is_equipped = true;
}

static void furnish(const char *with)
{
    g_strlcpy(furniture, with, sizeof furniture);
}

__attribute__((constructor)) static void be_nursery(int argc, char **argv)
{
    GError *error = NULL;

    if (argc == 2 && strcmp(argv[1], "worker") == 0)
        _exit(nursery_serve(&(NurseryDuty) { work, rehearse, equip, furnish }, &error) ? EXIT_SUCCESS : error_report(error, stderr));
}

#endif
