// SPDX-License-Identifier: GPL-3.0-or-later
#include "guest/agent/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct Transfer {
    Transfer *next;
    uint32_t channel;
    int fd;
    mode_t mode;
    char *path;
    char *temporary; /* NULL: this file is read */
};

static Transfer *transfer_find(const Transfers *transfers, uint32_t channel)
{
    for (Transfer *transfer = transfers->first; transfer != NULL; transfer = transfer->next)
        if (transfer->channel == channel)
            return transfer;
    return NULL;
}

bool transfers_has_channel(const Transfers *transfers, uint32_t channel)
{
    return transfer_find(transfers, channel) != NULL;
}

/* Takes over `temporary`; closes and unlinks itself when there is no memory. */
static bool transfer_add(Transfers *transfers, uint32_t channel, int fd, const char *path, char *temporary, mode_t mode)
{
    Transfer *transfer = transfers->count < TRANSFER_LIMIT ? calloc(1, sizeof *transfer) : NULL;
    char *copy = transfer != NULL ? strdup(path) : NULL;

    if (copy == NULL) {
        free(transfer);
        close(fd);
        if (temporary != NULL)
            unlink(temporary);
        free(temporary);
        errno = EAGAIN;
        return false;
    }
    *transfer = (Transfer) { .channel = channel, .fd = fd, .mode = mode, .path = copy, .temporary = temporary };
    transfer->next = transfers->first;
    transfers->first = transfer;
    transfers->count++;
    return true;
}

static void transfer_remove(Transfers *transfers, Transfer *transfer)
{
    Transfer **at = &transfers->first;

    while (*at != transfer)
        at = &(*at)->next;
    *at = transfer->next;
    transfers->count--;
    if (transfer->fd >= 0)
        close(transfer->fd);
    if (transfer->temporary != NULL)
        unlink(transfer->temporary); /* gone already when it was renamed */
    free(transfer->temporary);
    free(transfer->path);
    free(transfer);
}

/* Only ordinary files: anything else could make us wait. */
static int open_ordinary(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    int number;

    if (fd < 0)
        return -1;
    number = fstat(fd, &info) != 0 ? errno : S_ISDIR(info.st_mode) ? EISDIR : S_ISREG(info.st_mode) ? 0 : EINVAL;
    if (number == 0)
        return fd;
    close(fd);
    errno = number;
    return -1;
}

void transfers_read(Transfers *transfers, Stream *stream, const WireFrame *frame)
{
    WireReader reader = { .data = frame->payload, .left = frame->length };
    const char *path = wire_read_string(&reader);
    int fd;

    if (reader.failed || path[0] == '\0')
        stream_fail(stream, frame->channel, EINVAL, "cannot read the request to read a file");
    else if ((fd = open_ordinary(path)) < 0 || !transfer_add(transfers, frame->channel, fd, path, NULL, 0))
        stream_fail(stream, frame->channel, errno, "could not read '%s'", path);
}

static void make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755); /* opening the file tells when this did not work */
        *slash = '/';
    }
}

static bool write_start(Transfers *transfers, uint32_t channel, const char *path, mode_t mode)
{
    char *temporary;
    int fd;

    if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
        errno = ENOMEM;
        return false;
    }
    make_parents(temporary);
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        int number = errno;

        free(temporary);
        errno = number;
        return false;
    }
    return transfer_add(transfers, channel, fd, path, temporary, mode);
}

void transfers_write(Transfers *transfers, Stream *stream, const WireFrame *frame)
{
    WireReader reader = { .data = frame->payload, .left = frame->length };
    mode_t mode = wire_read_u32(&reader) & 07777;
    const char *path = wire_read_string(&reader);

    if (reader.failed || path[0] == '\0')
        stream_fail(stream, frame->channel, EINVAL, "cannot read the request to write a file");
    else if (!write_start(transfers, frame->channel, path, mode))
        stream_fail(stream, frame->channel, errno, "could not write '%s'", path);
}

static bool write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t done = write(fd, data, size);

        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            data += done;
            size -= (size_t) done;
        }
    }
    return true;
}

static bool write_finish(Transfer *transfer)
{
    int fd = transfer->fd;

    transfer->fd = -1;
    if (fchmod(fd, transfer->mode) != 0) {
        close(fd);
        return false;
    }
    return close(fd) == 0 && rename(transfer->temporary, transfer->path) == 0;
}

void transfers_data(Transfers *transfers, Stream *stream, const WireFrame *frame)
{
    Transfer *transfer = transfer_find(transfers, frame->channel);
    bool last = frame->length == 0;

    if (transfer == NULL || transfer->temporary == NULL)
        return; /* the rest of a file that failed */
    if (!(last ? write_finish(transfer) : write_all(transfer->fd, frame->payload, frame->length)))
        stream_fail(stream, frame->channel, errno, "could not write '%s'", transfer->path);
    else if (last)
        stream_send(stream, WIRE_DONE, frame->channel, NULL, 0);
    else
        return;
    transfer_remove(transfers, transfer);
}

/* Send one piece; false after the last. */
static bool read_piece(Transfer *transfer, Stream *stream)
{
    static uint8_t buffer[STREAM_CHUNK];
    ssize_t got = read(transfer->fd, buffer, sizeof buffer);

    if (got < 0 && errno == EINTR)
        return true;
    if (got < 0)
        stream_fail(stream, transfer->channel, errno, "could not read '%s'", transfer->path);
    else
        stream_send(stream, WIRE_DATA, transfer->channel, buffer, (size_t) got);
    return got > 0;
}

bool transfers_advance(Transfers *transfers, Stream *stream)
{
    bool more = false;

    for (Transfer *transfer = transfers->first, *next; transfer != NULL; transfer = next) {
        next = transfer->next;
        if (transfer->temporary != NULL || !stream_has_room(stream))
            continue;
        if (read_piece(transfer, stream))
            more = true;
        else
            transfer_remove(transfers, transfer);
    }
    return more && stream_has_room(stream);
}

void transfers_drop(Transfers *transfers)
{
    while (transfers->first != NULL)
        transfer_remove(transfers, transfers->first);
}
