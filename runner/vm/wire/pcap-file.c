// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/wire/pcap-file.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <unistd.h>

#include "runner/base/error.h"

#define NS_PER_S 1000000000

enum { BUFFER_BYTES = 1 << 20, MAGIC_NS = (int) 0xa1b23c4d };

struct PcapFile {
    FILE *file;
    unsigned snaplen;
    bool has_filter;
    struct bpf_program filter;
    int failed_errno; /* 0: all was written */
    PcapCount count;
};

static void pcap_file_free(PcapFile *file)
{
    if (file->file != NULL)
        fclose(file->file);
    if (file->has_filter)
        pcap_freecode(&file->filter);
    g_free(file);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PcapFile, pcap_file_free)

static bool filter_set(PcapFile *file, const char *filter, GError **error)
{
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, (int) file->snaplen);

    file->has_filter = pcap_compile(pcap, &file->filter, filter, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!file->has_filter)
        error_set(error, ERROR_SCENARIO, "capture filter '%s' cannot be used: %s", filter, pcap_geterr(pcap));
    pcap_close(pcap);
    return file->has_filter;
}

static void put(PcapFile *file, const void *bytes, size_t size)
{
    if (file->failed_errno == 0 && fwrite(bytes, 1, size, file->file) != size)
        file->failed_errno = errno != 0 ? errno : EIO;
}

PcapFile *pcap_file_new(int fd, const char *filter, unsigned snaplen, GError **error)
{
    g_autoptr(PcapFile) file = g_new0(PcapFile, 1);
    const struct pcap_file_header header = { .magic = (bpf_u_int32) MAGIC_NS, .version_major = 2, .version_minor = 4,
                                             .snaplen = snaplen, .linktype = DLT_EN10MB };

    file->snaplen = snaplen;
    file->file = fdopen(fd, "wb");
    if (file->file == NULL) {
        error_set_errno(error, ERROR_HOST, "could not write a capture");
        close(fd);
        return NULL;
    }
    setvbuf(file->file, NULL, _IOFBF, BUFFER_BYTES);
    if (filter != NULL && !filter_set(file, filter, error))
        return NULL;
    put(file, &header, sizeof header);
    return g_steal_pointer(&file);
}

void pcap_file_take(PcapFile *file, const uint8_t *bytes, size_t size, int64_t realtime_ns)
{
    const struct pcap_pkthdr whole = { .caplen = (bpf_u_int32) size, .len = (bpf_u_int32) size };
    uint32_t record[4] = { (uint32_t) (realtime_ns / NS_PER_S), (uint32_t) (realtime_ns % NS_PER_S),
                           (uint32_t) MIN(size, file->snaplen), (uint32_t) size };

    if (file->has_filter && pcap_offline_filter(&file->filter, &whole, bytes) == 0)
        return;
    put(file, record, sizeof record);
    put(file, bytes, record[2]);
    if (file->failed_errno != 0)
        return;
    if (file->count.packets++ == 0)
        file->count.first_ns = realtime_ns;
    file->count.last_ns = realtime_ns;
    file->count.bytes += (int64_t) size;
}

bool pcap_file_end(PcapFile *file_taken, PcapCount *ret_count, GError **error)
{
    g_autoptr(PcapFile) file = file_taken;

    if (file->failed_errno == 0 && (fflush(file->file) != 0 || (fsync(fileno(file->file)) != 0 && errno != EINVAL)))
        file->failed_errno = errno;
    errno = file->failed_errno;
    if (errno != 0)
        return error_set_errno(error, ERROR_HOST, "could not write a capture (after %lld packets)", (long long) file->count.packets);
    *ret_count = file->count;
    return true;
}
