// SPDX-License-Identifier: GPL-3.0-or-later
#include <arpa/inet.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collectors/capture.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/proc.h"
#include "tests/unit/namespace.h"

enum { PACKETS = 5000, PAYLOAD = 100, FRAME = 14 + 20 + 8 + PAYLOAD };

/* Every test runs in a process of its own (libcheck forks), which gets namespaces of its own: lo, and a veth pair
 * tx0 and rx0. */

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    ck_assert_msg(fd >= 0 && write(fd, text, strlen(text)) > 0, "could not write '%s'", path);
    close(fd);
}

static void command(const char *line)
{
    g_auto(GStrv) argv = g_strsplit(line, " ", 0);
    ProcSpec spec = { .argv = (const char *const *) argv, .timeout_ms = 10000 };
    g_auto(ProcResult) result = { 0 };
    g_autoptr(GError) error = NULL;

    ck_assert_ok(proc_run_checked(&spec, &result, &error), error);
}

static char folder[] = "/tmp/trialbed-capture.XXXXXX";

static char *file(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void world_make(void)
{
    g_autofree char *users = g_strdup_printf("0 %u 1\n", geteuid());

    ck_assert_ptr_nonnull(g_mkdtemp(folder));
    ck_assert_int_eq(unshare(CLONE_NEWNET | CLONE_NEWNS | (geteuid() != 0 ? CLONE_NEWUSER : 0)), 0);
    if (geteuid() != 0)
        write_text("/proc/self/uid_map", users);
    unit_mounts_private();
    command("ip link set lo up");
    command("ip link add tx0 type veth peer name rx0");
    command("ip link set tx0 up");
    command("ip link set rx0 up");
    command("ip address add 10.9.0.1/24 dev tx0");
    command("ip neighbour add 10.9.0.2 lladdr 02:00:00:00:00:02 dev tx0");
}

static void world_remove(void)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ok(folder_remove(folder, &error), error);
}

static void send_udp(const char *address, uint16_t port, unsigned count)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char payload[PAYLOAD] = "x";

    ck_assert_int_eq(inet_pton(AF_INET, address, &to.sin_addr), 1);
    for (unsigned i = 0; i < count; i++)
        /* lo refuses the second: nobody listens */
        sendto(fd, payload, sizeof payload, 0, (struct sockaddr *) &to, sizeof to);
    close(fd);
}

typedef struct Seen {
    unsigned packets;
    int64_t first_ns, last_ns, bytes, captured_bytes;
    int snaplen;
} Seen;

static void file_look(const char *path, Seen *seen)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, reason);
    struct pcap_pkthdr *header;
    const unsigned char *data;
    uint32_t magic = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    ck_assert_msg(pcap != NULL, "%s", reason);
    ck_assert_int_eq(read(fd, &magic, sizeof magic), sizeof magic);
    ck_assert_uint_eq(magic, 0xa1b23c4d);
    close(fd);
    *seen = (Seen) { .snaplen = pcap_snapshot(pcap) };
    while (pcap_next_ex(pcap, &header, &data) == 1) {
        seen->last_ns = (int64_t) header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
        if (seen->packets++ == 0)
            seen->first_ns = seen->last_ns;
        seen->bytes += header->len;
        seen->captured_bytes += header->caplen;
    }
    pcap_close(pcap);
}

/* What is sent, through which interface it is seen, and what must be in the file. */
static const struct {
    const char *interface, *filter;
    unsigned snaplen, port, expected;
} captures[] = {
    { "tx0", "udp", 2048, 5000, PACKETS },              /* where they leave */
    { "rx0", "udp dst port 5000", 2048, 5000, PACKETS }, /* where they arrive */
    { "rx0", "udp port 5000", 60, 5000, PACKETS },      /* cut to 60 bytes */
    { "rx0", "udp port 5001", 2048, 5000, 0 },          /* all filtered out */
    { "rx0", "udp port 5000", 65535, 5000, 200 },       /* few and large buffers */
};

START_TEST(the_file_holds_exactly_what_was_sent)
{
    g_autofree char *path = file("out.pcap");
    unsigned sent = captures[_i].expected != 0 ? captures[_i].expected : PACKETS;
    int64_t before_ns = clock_realtime_ns();
    CaptureStats stats;
    Seen seen;
    g_autoptr(GError) error = NULL;
    Capture *capture = capture_start(captures[_i].interface, captures[_i].filter, captures[_i].snaplen, path, &error);

    ck_assert_ok(capture != NULL, error);
    send_udp("10.9.0.2", (uint16_t) captures[_i].port, sent);
    ck_assert_ok(capture_stop(capture, &stats, &error), error);
    send_udp("10.9.0.2", (uint16_t) captures[_i].port, 10); /* too late */

    ck_assert_int_eq(stats.packets, captures[_i].expected);
    ck_assert_int_eq(stats.received, captures[_i].expected);
    ck_assert_int_eq(stats.dropped, 0);
    ck_assert_int_eq(stats.bytes, (int64_t) captures[_i].expected * FRAME);
    file_look(path, &seen);
    ck_assert_uint_eq(seen.packets, captures[_i].expected);
    ck_assert_int_eq(seen.bytes, stats.bytes);
    ck_assert_int_eq(seen.captured_bytes, (int64_t) captures[_i].expected * MIN(captures[_i].snaplen, FRAME));
    ck_assert_int_eq(seen.snaplen, (int) captures[_i].snaplen);
    ck_assert_int_eq(seen.first_ns, stats.first_ns);
    ck_assert_int_eq(seen.last_ns, stats.last_ns);
    if (captures[_i].expected > 0) {
        ck_assert_int_ge(stats.first_ns, before_ns);
        ck_assert_int_lt(stats.first_ns, stats.last_ns);
        ck_assert_int_le(stats.last_ns, clock_realtime_ns());
    }
}
END_TEST

START_TEST(without_a_filter_everything_counts)
{
    g_autofree char *path = file("out.pcap");
    CaptureStats stats;
    Seen seen;
    g_autoptr(GError) error = NULL;
    Capture *capture = capture_start("lo", NULL, 2048, path, &error);

    ck_assert_ok(capture != NULL, error);
    send_udp("127.0.0.1", 5000, 1); /* and an ICMP "port unreachable" */
    ck_assert_ok(capture_stop(capture, &stats, &error), error);
    file_look(path, &seen);
    ck_assert_int_eq(stats.packets, 2);
    ck_assert_int_eq(stats.packets, stats.received - stats.dropped);
    ck_assert_uint_eq(seen.packets, 2);
}
END_TEST

static gpointer send_until_told(gpointer told)
{
    while (!g_atomic_int_get((int *) told))
        send_udp("10.9.0.2", 5000, 100);
    return NULL;
}

START_TEST(a_capture_starts_and_stops_exactly_in_the_middle_of_traffic)
{
    g_autofree char *path = file("out.pcap");
    int told = 0;
    CaptureStats stats;
    Seen seen;
    g_autoptr(GError) error = NULL;
    GThread *sender = g_thread_new("sender", send_until_told, &told);
    Capture *capture = capture_start("rx0", "udp", 2048, path, &error);

    ck_assert_ok(capture != NULL, error);
    g_usleep(300000);
    ck_assert_ok(capture_stop(capture, &stats, &error), error);
    g_atomic_int_set(&told, 1);
    g_thread_join(sender);
    file_look(path, &seen);
    ck_assert_int_gt(stats.packets, 100);
    ck_assert_int_eq(seen.packets, stats.packets);
    /* a packet or two may be between the counter and the buffer at either end */
    ck_assert_int_le(ABS(stats.received - stats.dropped - stats.packets), 100);
}
END_TEST

static const struct {
    const char *interface, *filter, *path, *message;
    ErrorKind kind;
} failures[] = {
    { "nowhere", NULL, NULL, "could not capture on interface 'nowhere': ", ERROR_HOST },
    { "lo", "udp and", NULL, "capture filter 'udp and' cannot be used: ", ERROR_SCENARIO },
    { "lo", NULL, "/nowhere/out.pcap", "could not write '/nowhere/out.pcap': No such file or directory", ERROR_HOST },
};

START_TEST(what_cannot_begin_says_why_and_leaves_no_file)
{
    g_autofree char *path = failures[_i].path != NULL ? g_strdup(failures[_i].path) : file("out.pcap");
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(capture_start(failures[_i].interface, failures[_i].filter, 2048, path, &error));
    ck_assert_msg(g_str_has_prefix(error->message, failures[_i].message), "%s", error->message);
    ck_assert_int_eq(error_kind(error), failures[_i].kind);
    ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(a_full_disk_is_an_error_at_the_end)
{
    g_autofree char *path = file("out.pcap");
    CaptureStats stats = { .packets = -1 };
    g_autoptr(GError) error = NULL;
    Capture *capture;

    ck_assert_int_eq(mount("tmpfs", folder, "tmpfs", 0, "size=64k"), 0);
    capture = capture_start("rx0", "udp", 2048, path, &error);
    ck_assert_ok(capture != NULL, error);
    for (unsigned i = 0; i < 3; i++)
        send_udp("10.9.0.2", 5000, PACKETS);
    ck_assert(!capture_stop(capture, &stats, &error));
    ck_assert_msg(strstr(error->message, "out.pcap' (after ") != NULL
                  && strstr(error->message, "No space left on device") != NULL,
                  "%s", error->message);
    ck_assert_int_eq(stats.packets, -1);
    ck_assert_int_eq(umount(folder), 0);
}
END_TEST

START_TEST(an_interface_that_is_set_down_and_up_goes_on)
{
    g_autofree char *path = file("out.pcap");
    CaptureStats stats;
    g_autoptr(GError) error = NULL;
    Capture *capture = capture_start("rx0", "udp", 2048, path, &error);

    ck_assert_ok(capture != NULL, error);
    send_udp("10.9.0.2", 5000, 10);
    command("ip link set rx0 down");
    command("ip link set rx0 up");
    g_usleep(100000); /* the carrier of tx0 comes back */
    command("ip neighbour replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev tx0");
    send_udp("10.9.0.2", 5000, 10);
    ck_assert_ok(capture_stop(capture, &stats, &error), error);
    ck_assert_int_eq(stats.packets, 20);
}
END_TEST

START_TEST(an_interface_that_goes_away_is_an_error_at_the_end)
{
    g_autofree char *path = file("out.pcap");
    CaptureStats stats;
    Seen seen;
    g_autoptr(GError) error = NULL;
    Capture *capture = capture_start("rx0", "udp", 2048, path, &error);

    ck_assert_ok(capture != NULL, error);
    send_udp("10.9.0.2", 5000, 10);
    command("ip link delete rx0");
    ck_assert(!capture_stop(capture, &stats, &error));
    ck_assert_msg(g_str_has_prefix(error->message, "capture on interface 'rx0' ended before its time: "), "%s",
                  error->message);
    file_look(path, &seen); /* what came is there */
    ck_assert_uint_eq(seen.packets, 10);
}
END_TEST

START_TEST(filters_are_checked_without_an_interface)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ok(capture_filter_check("tcp port 80 and host 10.0.0.1", &error), error);
    ck_assert(!capture_filter_check("portt 80", &error));
    ck_assert_msg(g_str_has_prefix(error->message, "capture filter 'portt 80' cannot be used: "), "%s", error->message);
    ck_assert_int_eq(error_kind(error), ERROR_SCENARIO);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, world_make, world_remove);
    tcase_add_loop_test(tcase, the_file_holds_exactly_what_was_sent, 0, G_N_ELEMENTS(captures));
    tcase_add_test(tcase, without_a_filter_everything_counts);
    tcase_add_test(tcase, a_capture_starts_and_stops_exactly_in_the_middle_of_traffic);
    tcase_add_loop_test(tcase, what_cannot_begin_says_why_and_leaves_no_file, 0, G_N_ELEMENTS(failures));
    tcase_add_test(tcase, a_full_disk_is_an_error_at_the_end);
    tcase_add_test(tcase, an_interface_that_is_set_down_and_up_goes_on);
    tcase_add_test(tcase, an_interface_that_goes_away_is_an_error_at_the_end);
    tcase_add_test(tcase, filters_are_checked_without_an_interface);
}

int main(void)
{
    return unit_run("collectors/capture", add_tests);
}
