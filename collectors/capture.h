// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTORS_CAPTURE_H
#define COLLECTORS_CAPTURE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* TOUR 6/8: a collector. It is started and stopped by a phase of the attempt, and returns records and files; it knows neither machines
 * nor the database. This one captures with libpcap on one interface into a nanosecond pcap file, in a thread of its own. What it
 * returned travels to the coordinator as a message. Next: db/store.h. */
typedef struct Capture Capture;

typedef struct CaptureStats {
    int64_t packets, bytes; /* written to the file; bytes as on the wire */
    int64_t received;       /* passed the filter, says the kernel */
    int64_t dropped;        /* lost for want of buffer space, says the kernel */
    int64_t first_ns, last_ns; /* real time of the first and last packet; 0 without packets */
} CaptureStats;

/* Begin. When this returns, every later packet is seen. `filter` may be NULL. */
Capture *capture_start(const char *interface, const char *filter, unsigned snaplen, const char *path, GError **error);

/* Take what the kernel still holds, close the file, and free the capture, whatever the result. */
bool capture_stop(Capture *capture, CaptureStats *ret_stats, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether libpcap understands a filter. */
bool capture_filter_check(const char *filter, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
