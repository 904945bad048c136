// SPDX-License-Identifier: GPL-3.0-or-later
#include "guest/agent/machine.h"

#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

#include "guest/agent/report.h"

enum { ENTROPY_LIMIT = 512 };

void machine_set_clock(int64_t realtime_ns)
{
    struct timespec now = { .tv_sec = realtime_ns / 1000000000, .tv_nsec = realtime_ns % 1000000000 };

    if (clock_settime(CLOCK_REALTIME, &now) != 0)
        report("could not set the clock: %m");
}

void machine_add_entropy(const uint8_t *bytes, size_t size)
{
    struct {
        struct rand_pool_info info;
        uint8_t bytes[ENTROPY_LIMIT];
    } pool;
    int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);

    size = size < ENTROPY_LIMIT ? size : ENTROPY_LIMIT;
    pool.info.entropy_count = (int) size * 8;
    pool.info.buf_size = (int) size;
    memcpy(pool.bytes, bytes, size);
    if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) != 0 || ioctl(fd, RNDRESEEDCRNG) != 0)
        report("could not feed the random pool: %m");
    if (fd >= 0)
        close(fd);
}

void machine_power_off(void)
{
    report("power off");
    sync();
    reboot(RB_POWER_OFF);
    for (;;)
        pause(); /* process 1 must not end */
}
