// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/console.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#define PANIC "Kernel panic - not syncing"
enum { TAIL_SIZE = 16384, LINE_LIMIT = 200 };

/* The file's last bytes as text; NULL when there are none. */
static char *read_tail(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autofree char *tail = g_malloc0(TAIL_SIZE + 1);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    ssize_t got = size > 0 ? pread(fd, tail, TAIL_SIZE, MAX(size - TAIL_SIZE, 0)) : 0;

    if (fd >= 0)
        close(fd);
    for (ssize_t i = 0; i < got; i++) /* colours and carriage returns mean nothing in a message */
        if (tail[i] != '\n' && !g_ascii_isprint(tail[i]))
            tail[i] = ' ';
    return got > 0 ? g_steal_pointer(&tail) : NULL;
}

bool console_has_panic(const char *path)
{
    g_autofree char *tail = read_tail(path);

    return tail != NULL && strstr(tail, PANIC) != NULL;
}

char *console_diagnose(const char *path)
{
    g_autofree char *tail = read_tail(path);
    g_auto(GStrv) lines = g_strsplit(tail != NULL ? tail : "", "\n", -1);
    const char *told = NULL;

    for (char **line = lines; *line != NULL; line++)
        if (*g_strstrip(*line) != '\0' && (told == NULL || strstr(told, PANIC) == NULL))
            told = *line;
    if (told == NULL)
        return NULL;
    return g_strdup_printf("the console (%s) %s: %.*s", path, strstr(told, PANIC) != NULL ? "shows" : "ends with", LINE_LIMIT, told);
}
