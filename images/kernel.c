// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/kernel.h"

#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "images/archives.h"
#include "images/elf-file.h"
#include "runner/base/error.h"

/* Offsets of the Linux/x86 boot protocol's setup header. */
enum {
    SETUP_SECTORS = 0x1f1,
    MAGIC = 0x202,
    VERSION = 0x206,
    PAYLOAD_OFFSET = 0x248,
    PAYLOAD_LENGTH = 0x24c,
    HEADER_END = 0x250,
    VERSION_WITH_PAYLOAD = 0x208,
    SECTOR = 512,
    SIZE_FIELD = 4, /* behind the payload: its size when uncompressed */
};

enum { ARM64_MAGIC = 56, ELF_MACHINE = offsetof(Elf64_Ehdr, e_machine) };

static uint32_t get_u32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof value);
    return GUINT32_FROM_LE(value);
}

static bool find_payload(GBytes *bzimage, size_t *ret_start, size_t *ret_length, GError **error)
{
    size_t size;
    const uint8_t *bytes = g_bytes_get_data(bzimage, &size);
    uint64_t start, length;

    if (size < HEADER_END || memcmp(bytes + MAGIC, "HdrS", 4) != 0
        || (bytes[VERSION] | bytes[VERSION + 1] << 8) < VERSION_WITH_PAYLOAD)
        return error_set(error, ERROR_HOST, "it is no bzImage with a payload field");
    start = (bytes[SETUP_SECTORS] != 0 ? bytes[SETUP_SECTORS] : 4) + 1;
    start = start * SECTOR + get_u32(bytes + PAYLOAD_OFFSET);
    length = get_u32(bytes + PAYLOAD_LENGTH);
    if (length <= SIZE_FIELD || start + length > size)
        return error_set(error, ERROR_HOST, "its payload does not lie inside it");
    *ret_start = (size_t) start;
    *ret_length = (size_t) length;
    return true;
}

/* gzip ends with the size by itself; behind other formats the kernel's build puts it, and it is not part of them. */
static size_t compressed_length(const uint8_t *payload, size_t length)
{
    return payload[0] == 0x1f && payload[1] == 0x8b ? length : length - SIZE_FIELD;
}

static bool extract(GBytes *bzimage, GBytes **ret_vmlinux, GError **error)
{
    const uint8_t *bytes = g_bytes_get_data(bzimage, NULL);
    size_t start = 0, length = 0;
    g_autoptr(GBytes) payload = NULL;
    g_autoptr(GBytes) vmlinux = NULL;
    uint32_t expected;

    if (!find_payload(bzimage, &start, &length, error))
        return false;
    expected = get_u32(bytes + start + length - SIZE_FIELD);
    payload = g_bytes_new_from_bytes(bzimage, start, compressed_length(bytes + start, length));
    if (!bytes_uncompress(payload, &vmlinux, error))
        return false;
    if (g_bytes_get_size(vmlinux) != expected)
        return error_set(error, ERROR_HOST, "its payload unpacks to %zu bytes, but should to %u",
                         g_bytes_get_size(vmlinux), expected);
    if (!elf_has_pvh_entry(vmlinux))
        return error_set(error, ERROR_HOST, "it has no PVH entry, so QEMU cannot start it uncompressed");
    *ret_vmlinux = g_steal_pointer(&vmlinux);
    return true;
}

/* The magic number in the header of an "Image" (the kernel's Documentation/arm64/booting). */
static bool is_arm64_image(GBytes *kernel)
{
    static const char magic[] = { 'A', 'R', 'M', 0x64 };
    size_t size;
    const uint8_t *bytes = g_bytes_get_data(kernel, &size);

    return size > ARM64_MAGIC + sizeof magic && memcmp(bytes + ARM64_MAGIC, magic, sizeof magic) == 0;
}

const char *kernel_arch(const char *path)
{
    uint8_t bytes[HEADER_END] = { 0 };
    g_autoptr(GBytes) header = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? pread(fd, bytes, sizeof bytes, 0) : -1;

    if (fd >= 0)
        close(fd);
    if (got < 0)
        return NULL;
    header = g_bytes_new_static(bytes, (size_t) got);
    if (is_arm64_image(header) || (elf_is_elf(header) && bytes[ELF_MACHINE] == EM_AARCH64))
        return "aarch64";
    return memcmp(bytes + MAGIC, "HdrS", 4) == 0 || (elf_is_elf(header) && bytes[ELF_MACHINE] == EM_X86_64) ? "x86_64" : NULL;
}

bool kernel_extract(GBytes *packed, GBytes **ret_kernel, GError **error)
{
    if (is_arm64_image(packed)) {
        *ret_kernel = g_bytes_ref(packed);
        return true;
    }
    if (extract(packed, ret_kernel, error))
        return true;
    g_prefix_error(error, "kernel: ");
    return false;
}
