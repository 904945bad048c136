// SPDX-License-Identifier: GPL-3.0-or-later
/* Fuzz target for what reads a stranger's bundle: the archive's entries and the manifests; `make fuzz` builds and runs
 * it (needs clang). The fuzzer's bytes are a tar, whose headers get their right checksums here, and which is wrapped in
 * zstd blocks that are not compressed: otherwise nearly everything would be refused at the first header. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "db/bundle/bag.h"
#include "db/bundle/bundle-read.h"

enum { BLOCK_BYTES = 1 << 16 };
enum { TAR_BLOCK = 512, TAR_SIZE = 124, TAR_CHECKSUM = 148, TAR_NUMBER = 12 }; /* ustar: POSIX.1-2017, pax */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a sink may rely on. */
typedef struct Seen {
    int64_t left;
    GHashTable *paths;
} Seen;

static bool begin(void *data, const BundleFile *file, GError **error)
{
    Seen *seen = data;

    (void) error;
    if (bag_path_fault(file->path) != NULL || file->size_bytes < 0
        || !g_hash_table_add(seen->paths, g_strdup(file->path)))
        abort();
    seen->left = file->size_bytes;
    return true;
}

static bool bytes(void *data, const void *bytes_read, size_t size, GError **error)
{
    Seen *seen = data;

    (void) bytes_read, (void) error;
    seen->left -= (int64_t) size;
    if (seen->left < 0)
        abort();
    return true;
}

static bool end(void *data, const BundleFile *file, GError **error)
{
    (void) file, (void) error;
    if (((Seen *) data)->left != 0)
        abort();
    return true;
}

static uint64_t octal(const uint8_t *field, size_t width)
{
    uint64_t number = 0;

    for (size_t i = 0; i < width && field[i] >= '0' && field[i] <= '7'; i++)
        number = number << 3 | (field[i] - '0');
    return number;
}

/* Where headers are expected: each behind the content of the one before. Zeros end the archive. */
static void set_checksums(uint8_t *tar, size_t size)
{
    for (size_t at = 0; size - at >= TAR_BLOCK;) {
        uint8_t *header = tar + at;
        uint64_t content = octal(header + TAR_SIZE, TAR_NUMBER);
        unsigned sum = 0;

        if (header[0] != 0) {
            memset(header + TAR_CHECKSUM, ' ', 8);
            for (size_t i = 0; i < TAR_BLOCK; i++)
                sum += header[i];
            g_snprintf((char *) header + TAR_CHECKSUM, 8, "%06o", sum);
        }
        if (content > size)
            return;
        at += MIN(TAR_BLOCK + (content + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK, size - at);
    }
}

static GByteArray *wrap(const uint8_t *data, size_t size)
{
    static const uint8_t header[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38 }; /* magic, no options, window of 128 KiB */
    GByteArray *frame = g_byte_array_new();
    size_t at = 0, block;

    g_byte_array_append(frame, header, sizeof header);
    do {
        uint32_t mark;

        block = MIN(size - at, (size_t) BLOCK_BYTES);
        mark = (uint32_t) block << 3 | (at + block == size);
        g_byte_array_append(frame, (uint8_t[]) { (uint8_t) mark, (uint8_t) (mark >> 8), (uint8_t) (mark >> 16) }, 3);
        g_byte_array_append(frame, data + at, (guint) block);
        at += block;
    } while (at < size);
    return frame;
}

static void read_manifests(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *) data, size);

    for (unsigned i = 0; i < BAG_DIGESTS; i++) {
        g_autoptr(GHashTable) digests = bag_manifest_parse("m", &bag_manifests[i], text, NULL);
        GHashTableIter iter;
        gpointer path, digest;

        if (digests == NULL)
            continue;
        g_hash_table_iter_init(&iter, digests);
        while (g_hash_table_iter_next(&iter, &path, &digest))
            if (bag_path_fault(path) != NULL || strlen(digest) != bag_manifests[i].digits)
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const BundleSink sink = { .begin = begin, .bytes = bytes, .end = end };
    Seen seen = { .paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) };
    g_autofree uint8_t *tar = g_malloc0(size + 1); /* never NULL */
    g_autoptr(GByteArray) frame = NULL;
    g_autoptr(GError) error = NULL;

    if (size > 0)
        memcpy(tar, data, size);
    set_checksums(tar, size);
    frame = wrap(tar, size);
    if (!bundle_read_memory(frame->data, frame->len, &sink, &seen, &error) && error == NULL)
        abort();
    g_hash_table_unref(seen.paths);
    read_manifests(data, size);
    return 0;
}
