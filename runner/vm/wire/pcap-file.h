// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_WIRE_PCAP_FILE_H
#define RUNNER_VM_WIRE_PCAP_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* An ordinary pcap file with times in nanoseconds (magic a1b23c4d, host byte order, Ethernet). */
typedef struct PcapFile PcapFile;

typedef struct PcapCount {
    int64_t packets, bytes;    /* written; bytes as on the wire */
    int64_t first_ns, last_ns; /* real time of the first and last one; 0 without */
} PcapCount;

/* Takes over `fd`. `filter` is in libpcap's language; NULL: all. At most `snaplen` bytes of each packet are written. */
PcapFile *pcap_file_new(int fd, const char *filter, unsigned snaplen, GError **error);

/* A packet that the filter lets pass is written, through a buffer. */
void pcap_file_take(PcapFile *file, const uint8_t *bytes, size_t size, int64_t realtime_ns);

/* Write the rest, close and free, whatever the result: false when some of it could not be written. */
bool pcap_file_end(PcapFile *file, PcapCount *ret_count, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
