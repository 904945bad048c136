// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/wire/fabric.h"

#include <fcntl.h>
#include <pcap/pcap.h>
#include <string.h>
#include <unistd.h>

#include "runner/vm/wire/frame-queue.h"
#include "runner/vm/wire/mac-table.h"
#include "tests/unit/unit.h"

#define MS INT64_C(1000000)

/* What came out, in order: "PORT:SIZE@MS ". */
typedef struct Seen {
    GString *text;
    int64_t now_ns;
    uint8_t last[FABRIC_FRAME_MAX + 4];
    size_t last_size;
} Seen;

static void see(void *data, unsigned port, const uint8_t *bytes, size_t size)
{
    Seen *seen = data;

    g_string_append_printf(seen->text, "%u:%zu ", port, size);
    memcpy(seen->last, bytes, size);
    seen->last_size = size;
}

static void assert_seen(Seen *seen, const char *expected)
{
    ck_assert_str_eq(seen->text->str, expected);
    g_string_truncate(seen->text, 0);
}

static size_t make_frame(uint8_t *bytes, uint8_t to, uint8_t from, uint16_t tag, size_t size)
{
    memset(bytes, 0, size + 4);
    memcpy(bytes, (const uint8_t[]) { to == 0xff ? 0xff : 0x52, to == 0xff ? 0xff : 0x54, to == 0xff ? 0xff : 0, 0, 0, to }, 6);
    memcpy(bytes + 6, (const uint8_t[]) { 0x52, 0x54, 0, 0, 0, from }, 6);
    if (tag == 0) {
        bytes[12] = 0x08;
        return size;
    }
    memcpy(bytes + 12, (const uint8_t[]) { 0x81, 0, (uint8_t) (tag >> 8), (uint8_t) tag, 0x08, 0 }, 6);
    return size + 4;
}

static void give(Fabric *fabric, unsigned port, uint8_t to, uint8_t from, uint16_t tag, int64_t now_ns)
{
    uint8_t bytes[256];
    size_t size = make_frame(bytes, to, from, tag, 100);

    fabric_take(fabric, port, bytes, size, now_ns, now_ns);
}

START_TEST(a_switch_learns_and_a_wire_does_not)
{
    Seen seen = { .text = g_string_new(NULL) };
    g_autoptr(Fabric) fabric = fabric_new(1, see, &seen);

    for (unsigned i = 0; i < 3; i++)
        fabric_port_add(fabric, &(FabricPort) { .segment = 0, .stream = i });
    for (unsigned i = 0; i < 2; i++)
        fabric_port_add(fabric, &(FabricPort) { .segment = 1, .is_wire = true, .stream = 3 + i });
    give(fabric, 0, 2, 1, 0, 0); /* unknown: to all but where it came from, and not to the other segment */
    assert_seen(&seen, "1:100 2:100 ");
    give(fabric, 2, 1, 2, 0, 0);
    assert_seen(&seen, "0:100 ");
    give(fabric, 0, 2, 1, 0, 0);
    assert_seen(&seen, "2:100 ");
    give(fabric, 0, 0xff, 1, 0, 0); /* broadcast */
    assert_seen(&seen, "1:100 2:100 ");
    give(fabric, 2, 2, 9, 0, 0); /* back to where it came from: nowhere */
    assert_seen(&seen, "");
    give(fabric, 1, 1, 3, 0, 301 * 1000 * MS); /* silent for too long: unknown again */
    assert_seen(&seen, "0:100 2:100 ");
    give(fabric, 3, 1, 2, 0, 0);
    give(fabric, 3, 2, 1, 0, 0); /* a station that seems to move: a cable does not care */
    assert_seen(&seen, "4:100 4:100 ");
    g_string_free(seen.text, TRUE);
}
END_TEST

START_TEST(each_way_of_each_link_has_its_own_delay)
{
    Seen seen = { .text = g_string_new(NULL) };
    g_autoptr(Fabric) fabric = fabric_new(1, see, &seen);
    const Impairment ten = { .delay_s = 0.010 }, five = { .delay_s = 0.005 }, none = { 0 };

    for (unsigned i = 0; i < 3; i++)
        fabric_port_add(fabric, &(FabricPort) { .stream = i });
    fabric_impair(fabric, 0, WAY_FROM_MACHINE, &ten);
    fabric_impair(fabric, 2, WAY_TO_MACHINE, &five);
    give(fabric, 0, 0xff, 1, 0, 0);
    assert_seen(&seen, "");
    ck_assert_int_eq(fabric_due_ns(fabric), 10 * MS);
    fabric_deliver(fabric, 10 * MS - 1);
    assert_seen(&seen, "");
    fabric_deliver(fabric, 12 * MS); /* late: what is behind counts from when it was due */
    assert_seen(&seen, "1:100 ");
    ck_assert_int_eq(fabric_due_ns(fabric), 15 * MS);
    fabric_deliver(fabric, 15 * MS);
    assert_seen(&seen, "2:100 ");
    ck_assert_int_eq(fabric_due_ns(fabric), INT64_MAX);
    give(fabric, 1, 1, 2, 0, 20 * MS); /* the other way nothing waits */
    assert_seen(&seen, "0:100 ");
    fabric_impair(fabric, 0, WAY_FROM_MACHINE, &none);
    give(fabric, 0, 2, 1, 0, 30 * MS);
    assert_seen(&seen, "1:100 ");
    g_string_free(seen.text, TRUE);
}
END_TEST

START_TEST(vlans_are_apart_and_a_trunk_carries_tags)
{
    Seen seen = { .text = g_string_new(NULL) };
    g_autoptr(Fabric) fabric = fabric_new(1, see, &seen);

    fabric_port_add(fabric, &(FabricPort) { .vlan = 10 });
    fabric_port_add(fabric, &(FabricPort) { .vlan = 20 });
    fabric_port_add(fabric, &(FabricPort) { .trunk = { 10, 20 } });
    fabric_port_add(fabric, &(FabricPort) { .vlan = 10 });
    give(fabric, 0, 0xff, 1, 0, 0);
    assert_seen(&seen, "2:104 3:100 ");
    give(fabric, 1, 0xff, 2, 0, 0);
    assert_seen(&seen, "2:104 ");
    ck_assert_mem_eq(seen.last + 12, ((uint8_t[]) { 0x81, 0, 0, 20, 0x08, 0 }), 6);
    give(fabric, 2, 0xff, 3, 20, 0);
    assert_seen(&seen, "1:100 ");
    ck_assert_mem_eq(seen.last + 12, ((uint8_t[]) { 0x08, 0 }), 2);
    give(fabric, 2, 0xff, 3, 30, 0); /* not on this trunk */
    give(fabric, 0, 0xff, 1, 10, 0); /* a tag where none may be */
    assert_seen(&seen, "");
    ck_assert_int_eq(fabric_count(fabric, 2)->refused + fabric_count(fabric, 0)->refused, 2);
    give(fabric, 2, 1, 3, 10, 0); /* learnt per VLAN */
    assert_seen(&seen, "0:100 ");
    g_string_free(seen.text, TRUE);
}
END_TEST

START_TEST(a_link_that_is_down_refuses_and_counts)
{
    Seen seen = { .text = g_string_new(NULL) };
    g_autoptr(Fabric) fabric = fabric_new(1, see, &seen);
    const Impairment all = { .loss_percent = 100 }, full = { .delay_s = 1, .queue = 1 };
    uint8_t runt[8] = { 0 };

    for (unsigned i = 0; i < 2; i++)
        fabric_port_add(fabric, &(FabricPort) { .stream = i });
    fabric_set_up(fabric, 1, false);
    give(fabric, 0, 2, 1, 0, 0);
    give(fabric, 1, 1, 2, 0, 0);
    assert_seen(&seen, "");
    ck_assert_int_eq(fabric_count(fabric, 1)->refused, 2);
    fabric_set_up(fabric, 1, true);
    give(fabric, 1, 1, 2, 0, 0);
    assert_seen(&seen, "0:100 ");
    fabric_impair(fabric, 0, WAY_FROM_MACHINE, &all);
    give(fabric, 0, 2, 1, 0, 0);
    ck_assert_int_eq(fabric_count(fabric, 0)->lost[WAY_FROM_MACHINE], 1);
    fabric_impair(fabric, 0, WAY_FROM_MACHINE, &full);
    give(fabric, 0, 2, 1, 0, 0);
    give(fabric, 0, 2, 1, 0, 0);
    ck_assert_int_eq(fabric_count(fabric, 0)->dropped[WAY_FROM_MACHINE], 1);
    fabric_take(fabric, 0, runt, sizeof runt, 0, 0);
    ck_assert_int_eq(fabric_count(fabric, 0)->refused, 1);
    ck_assert_int_eq(fabric_count(fabric, 0)->rx, 5);
    g_string_free(seen.text, TRUE);
}
END_TEST

START_TEST(a_corrupt_frame_has_one_bit_turned)
{
    Seen seen = { .text = g_string_new(NULL) };
    g_autoptr(Fabric) fabric = fabric_new(1, see, &seen);
    const Impairment what = { .corrupt_percent = 100 };
    uint8_t bytes[256], same[256];
    unsigned turned = 0;

    for (unsigned i = 0; i < 2; i++)
        fabric_port_add(fabric, &(FabricPort) { .is_wire = true, .stream = i });
    fabric_impair(fabric, 0, WAY_FROM_MACHINE, &what);
    make_frame(bytes, 1, 2, 0, 100);
    memcpy(same, bytes, 100);
    fabric_take(fabric, 0, bytes, 100, 0, 0);
    fabric_deliver(fabric, 0);
    assert_seen(&seen, "1:100 ");
    for (unsigned i = 0; i < 100; i++)
        turned += (unsigned) __builtin_popcount(seen.last[i] ^ same[i]);
    ck_assert_uint_eq(turned, 1);
    g_string_free(seen.text, TRUE);
}
END_TEST

START_TEST(a_capture_is_a_pcap_of_what_enters)
{
    Seen seen = { .text = g_string_new(NULL) };
    g_autoptr(Fabric) fabric = fabric_new(1, see, &seen);
    g_autofree char *path = g_strdup("/tmp/trialbed-fabric-XXXXXX");
    g_autoptr(GError) error = NULL;
    const Impairment all = { .loss_percent = 100 };
    PcapFile *file = pcap_file_new(g_mkstemp(path), "ether src 52:54:00:00:00:01", 60, &error);
    PcapCount count;
    struct pcap_pkthdr *header;
    const u_char *data;
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *pcap;

    ck_assert_ok(file != NULL, error);
    for (unsigned i = 0; i < 2; i++)
        fabric_port_add(fabric, &(FabricPort) { .stream = i });
    fabric_impair(fabric, 0, WAY_FROM_MACHINE, &all); /* comes into the capture all the same */
    fabric_capture(fabric, 0, file);
    give(fabric, 0, 2, 1, 0, 1234567890123456789);
    give(fabric, 1, 1, 2, 0, 1234567890123456790); /* the filter does not want it */
    fabric_capture_end(fabric, file);
    give(fabric, 0, 2, 1, 0, 1234567890123456791);
    ck_assert_ok(pcap_file_end(file, &count, &error), error);
    ck_assert_int_eq(count.packets, 1);
    ck_assert_int_eq(count.bytes, 100);
    ck_assert_int_eq(count.last_ns, 1234567890123456789);
    pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, reason);
    ck_assert_msg(pcap != NULL, "%s", reason);
    ck_assert_int_eq(pcap_datalink(pcap), DLT_EN10MB);
    ck_assert_int_eq(pcap_next_ex(pcap, &header, &data), 1);
    ck_assert_uint_eq(header->len, 100);
    ck_assert_uint_eq(header->caplen, 60);
    ck_assert_int_eq(header->ts.tv_sec, 1234567890);
    ck_assert_int_eq(header->ts.tv_usec, 123456789);
    ck_assert_uint_eq(data[11], 1);
    ck_assert_int_eq(pcap_next_ex(pcap, &header, &data), PCAP_ERROR_BREAK);
    pcap_close(pcap);
    unlink(path);
    g_string_free(seen.text, TRUE);
}
END_TEST

START_TEST(a_capture_on_a_full_disk_says_so)
{
    g_autoptr(GError) error = NULL;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    PcapFile *file = pcap_file_new(fd, NULL, 100, &error);
    uint8_t bytes[100] = { 0 };
    PcapCount count;

    ck_assert_ok(file != NULL, error);
    pcap_file_take(file, bytes, sizeof bytes, 1);
    ck_assert(!pcap_file_end(file, &count, &error));
    ck_assert_str_eq(error->message, "could not write a capture (after 1 packets): No space left on device");
}
END_TEST

/* Against a sorted list: times out of order, many of them equal. */
START_TEST(the_queue_gives_by_time_and_then_by_order)
{
    FrameQueue queue = { 0 };
    uint32_t luck = 1;
    int64_t last_ns = -1;
    uint64_t last_order = 0;

    ck_assert_ptr_null(frame_queue_first(&queue));
    for (unsigned i = 0; i < 5000; i++) {
        Frame *frame = frame_new((const uint8_t *) "x", 1);

        luck = luck * 1664525 + 1013904223;
        frame->due_ns = luck >> 22;
        frame_queue_push(&queue, frame);
        if (i % 3 == 2)
            g_free(frame_queue_pop(&queue));
    }
    ck_assert_uint_eq(queue.count, 5000 - 1666);
    while (queue.count > 0) {
        g_autofree Frame *frame = frame_queue_pop(&queue);

        ck_assert(frame->due_ns > last_ns || (frame->due_ns == last_ns && frame->order > last_order));
        last_ns = frame->due_ns;
        last_order = frame->order;
    }
    frame_queue_clear(&queue);
}
END_TEST

START_TEST(a_full_table_forgets_the_silent)
{
    g_autofree MacTable *table = g_new0(MacTable, 1);
    unsigned known = 0;

    for (unsigned i = 0; i < 20000; i++) {
        const uint8_t mac[MAC_SIZE] = { 0x52, 0x54, 0, (uint8_t) (i >> 16), (uint8_t) (i >> 8), (uint8_t) i };

        mac_table_learn(table, 0, mac, (int) (i % 7), i);
        ck_assert_int_eq(mac_table_find(table, 0, mac, i), (int) (i % 7));
        ck_assert_int_eq(mac_table_find(table, 1, mac, i), MAC_TABLE_UNKNOWN);
    }
    for (unsigned i = 0; i < MAC_TABLE_SLOTS; i++)
        known += table->entries[i].key != 0;
    ck_assert_uint_gt(known, MAC_TABLE_SLOTS * 9 / 10);
    mac_table_learn(table, 0, (const uint8_t[]) { 1, 0, 0x5e, 0, 0, 1 }, 3, 0); /* a group is no station */
    ck_assert_int_eq(mac_table_find(table, 0, (const uint8_t[]) { 1, 0, 0x5e, 0, 0, 1 }, 0), MAC_TABLE_UNKNOWN);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, a_switch_learns_and_a_wire_does_not);
    tcase_add_test(tcase, each_way_of_each_link_has_its_own_delay);
    tcase_add_test(tcase, vlans_are_apart_and_a_trunk_carries_tags);
    tcase_add_test(tcase, a_link_that_is_down_refuses_and_counts);
    tcase_add_test(tcase, a_corrupt_frame_has_one_bit_turned);
    tcase_add_test(tcase, a_capture_is_a_pcap_of_what_enters);
    tcase_add_test(tcase, a_capture_on_a_full_disk_says_so);
    tcase_add_test(tcase, the_queue_gives_by_time_and_then_by_order);
    tcase_add_test(tcase, a_full_table_forgets_the_silent);
}

int main(void)
{
    return unit_run("vm/wire-fabric", add_tests);
}
