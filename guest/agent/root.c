// SPDX-License-Identifier: GPL-3.0-or-later
#include "guest/agent/root.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "guest/agent/report.h"

#define ROOT "/sysroot"

enum { LOOKS = 2000 }; /* of 5 ms */

/* Disks appear when their driver has found them. */
static bool wait_for(const char *device)
{
    static const struct timespec pause = { .tv_nsec = 5000000 };

    for (unsigned i = 0; i < LOOKS && access(device, F_OK) != 0; i++)
        nanosleep(&pause, NULL);
    return access(device, F_OK) == 0;
}

static bool mount_root(const char *device)
{
    static const char *const types[] = { "ext4", "xfs", "btrfs", "squashfs", "iso9660" };
    bool ok = false;

    mkdir(ROOT, 0755);
    for (size_t i = 0; i < sizeof types / sizeof types[0] && !ok; i++)
        ok = mount(device, ROOT, types[i], 0, NULL) == 0 || (errno == EROFS && mount(device, ROOT, types[i], MS_RDONLY, NULL) == 0);
    return ok;
}

static void move_mounts(void)
{
    static const char *const places[] = { "/dev", "/proc", "/sys", "/run" };

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char target[64];

        snprintf(target, sizeof target, ROOT "%s", places[i]);
        if (mount(places[i], target, NULL, MS_MOVE, NULL) != 0)
            report("could not move %s: %m", places[i]);
    }
}

static void begin(void)
{
    char init[] = "/sbin/init";
    char *const argv[] = { init, NULL };
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    execv(argv[0], argv);
    report("could not start %s: %m", argv[0]);
}

void root_switch(const char *device)
{
    if (!wait_for(device)) {
        report("there is no '%s' to boot from", device);
    } else if (!mount_root(device)) {
        report("could not mount '%s' as root: %m", device);
    } else {
        report("root '%s'", device);
        move_mounts();
        if (chdir(ROOT) == 0 && mount(".", "/", NULL, MS_MOVE, NULL) == 0 && chroot(".") == 0 && chdir("/") == 0)
            begin();
        else
            report("could not change to '%s': %m", device);
    }
    _exit(1);
}
