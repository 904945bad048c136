// SPDX-License-Identifier: GPL-3.0-or-later
#include "collectors/capture.h"

#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/base/error.h"

/* 16 MiB: 2 MiB overflow in one scheduling gap, 64 MiB leave the CPU's cache. */
enum { BUFFER_BYTES = 16 << 20, FILE_BUFFER_BYTES = 1 << 20, SETTLE_ROUNDS = 100 };

/* libpcap's buffers are two bytes too short for some lengths (60 gives 58): it is asked for more, and packet_take()
 * cuts. */
enum { SNAPLEN_SLACK = 16 };

struct Capture {
    char *interface;
    char *path;
    pcap_t *pcap;
    pcap_dumper_t *dumper; /* owns the file */
    FILE *file;
    GThread *thread;
    unsigned snaplen;
    int stop_fd;
    int write_errno;       /* why the file is not complete; 0: it is */
    char *failure;         /* what libpcap said when it gave up before its time */
    int64_t received_before, dropped_before;
    CaptureStats stats;
};

static void capture_free(Capture *capture)
{
    if (capture->dumper != NULL)
        pcap_dump_close(capture->dumper);
    else if (capture->file != NULL)
        fclose(capture->file);
    if (capture->pcap != NULL)
        pcap_close(capture->pcap);
    if (capture->stop_fd >= 0)
        close(capture->stop_fd);
    g_free(capture->failure);
    g_free(capture->interface);
    g_free(capture->path);
    g_free(capture);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Capture, capture_free)

static bool filter_compile(pcap_t *pcap, const char *filter, struct bpf_program *ret_program, GError **error)
{
    if (pcap_compile(pcap, ret_program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0)
        return true;
    error_set(error, ERROR_SCENARIO, "capture filter '%s' cannot be used: %s", filter, pcap_geterr(pcap));
    error_hint(error, "the language is that of tcpdump; see 'man pcap-filter'.");
    return false;
}

bool capture_filter_check(const char *filter, GError **error)
{
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);
    struct bpf_program program;
    bool ok = filter_compile(pcap, filter, &program, error);

    if (ok)
        pcap_freecode(&program);
    pcap_close(pcap);
    return ok;
}

static bool pcap_failed(Capture *capture, int code, GError **error)
{
    const char *detail = pcap_geterr(capture->pcap);

    error_set(error, ERROR_HOST, "could not capture on interface '%s': %s", capture->interface,
              code != PCAP_ERROR || detail[0] == '\0' ? pcap_statustostr(code) : detail);
    if (code == PCAP_ERROR_PERM_DENIED)
        error_hint(error, "capturing needs root or CAP_NET_RAW; runs in their own namespaces have it.");
    return false;
}

/* Immediate mode: without it libpcap hands over whole blocks of packets, and those of the last block are lost at the
 * end, uncounted. */
static bool pcap_begin(Capture *capture, GError **error)
{
    char reason[PCAP_ERRBUF_SIZE];
    int code;

    capture->pcap = pcap_create(capture->interface, reason);
    if (capture->pcap == NULL)
        return error_set(error, ERROR_HOST, "could not capture on interface '%s': %s", capture->interface, reason);
    pcap_set_snaplen(capture->pcap, (int) capture->snaplen + SNAPLEN_SLACK);
    pcap_set_promisc(capture->pcap, 1);
    pcap_set_buffer_size(capture->pcap, BUFFER_BYTES);
    pcap_set_immediate_mode(capture->pcap, 1);
    if ((code = pcap_set_tstamp_precision(capture->pcap, PCAP_TSTAMP_PRECISION_NANO)) != 0
        || (code = pcap_activate(capture->pcap)) < 0)
        return pcap_failed(capture, code, error);
    if (pcap_setnonblock(capture->pcap, 1, reason) != 0)
        return error_set(error, ERROR_HOST, "could not capture on interface '%s': %s", capture->interface, reason);
    return true;
}

static void packet_skip(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
    (void) user, (void) header, (void) data;
}

static bool filter_set(Capture *capture, const char *filter, GError **error)
{
    struct bpf_program program;
    int code;

    if (!filter_compile(capture->pcap, filter, &program, error))
        return false;
    code = pcap_setfilter(capture->pcap, &program);
    pcap_freecode(&program);
    return code == 0 || pcap_failed(capture, code, error);
}

/* On loopback every packet passes twice, and libpcap takes only the one that comes in. The kernel must not count the
 * other. */
static void loopback_once(const Capture *capture)
{
    struct ifreq request = { 0 };
    int fd = pcap_fileno(capture->pcap), yes = 1;

    g_strlcpy(request.ifr_name, capture->interface, sizeof request.ifr_name);
    if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_LOOPBACK) != 0)
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes);
}

/* A filter can only be set on a live capture. What came before it is thrown away until the kernel's counters and
 * ours start at the same packet; on an interface that never rests this ends after some rounds, and the counts may
 * differ by those few packets. */
static bool counters_settle(Capture *capture, GError **error)
{
    struct pcap_stat before = { 0 };
    int code = 1;

    for (unsigned round = 0; code > 0 && round < SETTLE_ROUNDS; round++) {
        code = pcap_dispatch(capture->pcap, -1, packet_skip, NULL);
        if (code == 0 && round == 0)
            code = 1; /* nothing to throw away, but the counters are not read yet */
        if (code > 0 && pcap_stats(capture->pcap, &before) != 0)
            code = PCAP_ERROR;
    }
    capture->received_before = before.ps_recv;
    capture->dropped_before = before.ps_drop;
    return code >= 0 || pcap_failed(capture, code, error);
}

/* The file's header says how much of a packet was asked for, not what the kernel gave us with some slack. */
static bool file_begin(Capture *capture, GError **error)
{
    pcap_t *shape;

    capture->file = fopen(capture->path, "wbe");
    if (capture->file == NULL)
        return error_set_errno(error, ERROR_HOST, "could not write '%s'", capture->path);
    setvbuf(capture->file, NULL, _IOFBF, FILE_BUFFER_BYTES);
    shape = pcap_open_dead_with_tstamp_precision(pcap_datalink(capture->pcap), (int) capture->snaplen,
                                                 PCAP_TSTAMP_PRECISION_NANO);
    capture->dumper = pcap_dump_fopen(shape, capture->file);
    if (capture->dumper == NULL)
        error_set(error, ERROR_HOST, "could not write '%s': %s", capture->path, pcap_geterr(shape));
    pcap_close(shape);
    return capture->dumper != NULL;
}

static void packet_take(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
    Capture *capture = (Capture *) user;
    struct pcap_pkthdr cut = *header;
    int64_t time_ns = (int64_t) header->ts.tv_sec * 1000000000 + header->ts.tv_usec; /* nanoseconds, as asked for */

    if (capture->write_errno != 0)
        return;
    cut.caplen = MIN(header->caplen, capture->snaplen);
    errno = 0;
    pcap_dump((u_char *) capture->dumper, &cut, data);
    if (ferror(capture->file)) {
        capture->write_errno = errno != 0 ? errno : EIO;
        return;
    }
    if (capture->stats.packets++ == 0)
        capture->stats.first_ns = time_ns;
    capture->stats.last_ns = time_ns;
    capture->stats.bytes += header->len;
}

/* Take all there is. capture_stop() has shut the inflow before it wakes us, so the last round ends, and leaves
 * nothing. */
static gpointer thread_main(gpointer data)
{
    Capture *capture = data;
    struct pollfd events[] = { { .fd = pcap_get_selectable_fd(capture->pcap), .events = POLLIN },
                               { .fd = capture->stop_fd, .events = POLLIN } };
    bool stop = false;
    int got = 0;

    while (got >= 0 && !stop) {
        if (poll(events, G_N_ELEMENTS(events), -1) < 0)
            continue;
        stop = events[1].revents != 0;
        got = pcap_dispatch(capture->pcap, -1, packet_take, (u_char *) capture);
    }
    if (got < 0)
        capture->failure = g_strdup(pcap_geterr(capture->pcap));
    return NULL;
}

Capture *capture_start(const char *interface, const char *filter, unsigned snaplen, const char *path, GError **error)
{
    g_autoptr(Capture) capture = g_new0(Capture, 1);
    g_autoptr(GError) reason = NULL;

    capture->interface = g_strdup(interface);
    capture->path = g_strdup(path);
    capture->snaplen = snaplen;
    capture->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (capture->stop_fd < 0) {
        error_set_errno(error, ERROR_HOST, "could not capture on interface '%s'", interface);
        return NULL;
    }
    if (!pcap_begin(capture, error) || (filter != NULL && !filter_set(capture, filter, error)))
        return NULL;
    loopback_once(capture);
    if (!counters_settle(capture, error) || !file_begin(capture, error))
        return NULL;
    capture->thread = g_thread_try_new("capture", thread_main, capture, &reason);
    if (capture->thread == NULL) {
        error_set(error, ERROR_HOST, "could not capture on interface '%s': %s", interface, reason->message);
        unlink(path);
        return NULL;
    }
    return g_steal_pointer(&capture);
}

/* From here on the kernel lets nothing more in, so that its counters and ours can be compared. Should it refuse,
 * they differ, and the reader of the counters sees it. */
static void inflow_shut(Capture *capture)
{
    struct sock_filter nothing[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
    struct sock_fprog program = { .len = G_N_ELEMENTS(nothing), .filter = nothing };

    setsockopt(pcap_fileno(capture->pcap), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static bool file_end(Capture *capture, GError **error)
{
    errno = capture->write_errno;
    if (errno == 0 && pcap_dump_flush(capture->dumper) == 0 && fsync(fileno(capture->file)) == 0)
        return true;
    return error_set_errno(error, ERROR_HOST, "could not write '%s' (after %lld packets)", capture->path,
                           (long long) capture->stats.packets);
}

static bool stats_end(Capture *capture, GError **error)
{
    struct pcap_stat now;

    if (capture->failure != NULL)
        return error_set(error, ERROR_HOST, "capture on interface '%s' ended before its time: %s", capture->interface,
                         capture->failure);
    if (pcap_stats(capture->pcap, &now) != 0)
        return pcap_failed(capture, PCAP_ERROR, error);
    capture->stats.received = now.ps_recv - capture->received_before;
    capture->stats.dropped = now.ps_drop - capture->dropped_before;
    return true;
}

bool capture_stop(Capture *capture_taken, CaptureStats *ret_stats, GError **error)
{
    g_autoptr(Capture) capture = capture_taken;
    bool written;

    inflow_shut(capture);
    eventfd_write(capture->stop_fd, 1);
    g_thread_join(g_steal_pointer(&capture->thread));
    written = file_end(capture, error);
    if (!written || !stats_end(capture, error))
        return false;
    if (ret_stats != NULL)
        *ret_stats = capture->stats;
    return true;
}
