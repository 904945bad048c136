// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/wire/fabric.h"

#include <string.h>

#include "runner/vm/wire/frame-queue.h"
#include "runner/vm/wire/impair.h"
#include "runner/vm/wire/mac-table.h"

enum { SEGMENTS_MAX = 64, HEADER_SIZE = 14, TAG_SIZE = 4, TAG_AT = 12, CAPTURES_MAX = 16 };

typedef struct Port {
    FabricPort what;
    bool is_up;
    Impair links[WAY_COUNT];
    size_t held[WAY_COUNT];
    FabricCount count;
} Port;

typedef struct Segment {
    MacTable *stations; /* NULL: there is no such segment, or it is a wire */
    bool has_vlans;
    PcapFile *captures[CAPTURES_MAX];
    unsigned capture_count;
} Segment;

struct Fabric {
    uint64_t seed;
    FabricSend send;
    void *data;
    GArray *ports; /* of Port */
    Segment segments[SEGMENTS_MAX];
    FrameQueue queue;
};

static Port *port_at(const Fabric *fabric, unsigned port)
{
    return &g_array_index(fabric->ports, Port, port);
}

Fabric *fabric_new(uint64_t seed, FabricSend send, void *data)
{
    Fabric *fabric = g_new0(Fabric, 1);

    fabric->seed = seed;
    fabric->send = send;
    fabric->data = data;
    fabric->ports = g_array_new(FALSE, TRUE, sizeof(Port));
    return fabric;
}

void fabric_free(Fabric *fabric)
{
    for (unsigned i = 0; i < SEGMENTS_MAX; i++)
        g_free(fabric->segments[i].stations);
    frame_queue_clear(&fabric->queue);
    g_array_unref(fabric->ports);
    g_free(fabric);
}

unsigned fabric_port_add(Fabric *fabric, const FabricPort *what)
{
    Port port = { .what = *what, .is_up = true };
    Segment *segment = &fabric->segments[what->segment % SEGMENTS_MAX];

    for (Way way = 0; way < WAY_COUNT; way++)
        impair_init(&port.links[way], fabric->seed, what->stream * WAY_COUNT + way);
    if (!what->is_wire && segment->stations == NULL)
        segment->stations = g_new0(MacTable, 1);
    segment->has_vlans |= what->vlan != 0 || what->trunk[0] != 0;
    g_array_append_val(fabric->ports, port);
    return fabric->ports->len - 1;
}

unsigned fabric_port_count(const Fabric *fabric)
{
    return fabric->ports->len;
}

void fabric_impair(Fabric *fabric, unsigned port, Way way, const Impairment *what)
{
    impair_set(&port_at(fabric, port)->links[way], what);
}

void fabric_set_up(Fabric *fabric, unsigned port, bool is_up)
{
    port_at(fabric, port)->is_up = is_up;
}

void fabric_capture(Fabric *fabric, unsigned segment, PcapFile *file)
{
    Segment *where = &fabric->segments[segment % SEGMENTS_MAX];

    if (where->capture_count < CAPTURES_MAX)
        where->captures[where->capture_count++] = file;
}

void fabric_capture_end(Fabric *fabric, const PcapFile *file)
{
    for (unsigned i = 0; i < SEGMENTS_MAX; i++) {
        Segment *segment = &fabric->segments[i];

        for (unsigned k = 0; k < segment->capture_count; k++)
            if (segment->captures[k] == file)
                segment->captures[k--] = segment->captures[--segment->capture_count];
    }
}

static bool trunk_has(const Port *port, uint16_t vlan)
{
    for (unsigned i = 0; i < FABRIC_VLANS_MAX && port->what.trunk[i] != 0; i++)
        if (port->what.trunk[i] == vlan)
            return true;
    return false;
}

/* The VLAN of a tagged frame; 0: it has no tag. */
static uint16_t tag_of(const uint8_t *bytes, size_t size)
{
    if (size < HEADER_SIZE + TAG_SIZE || bytes[TAG_AT] != 0x81 || bytes[TAG_AT + 1] != 0x00)
        return 0;
    return (uint16_t) ((bytes[TAG_AT + 2] & 0x0f) << 8 | bytes[TAG_AT + 3]);
}

/* What a frame is inside the segment: its VLAN, without the tag. False: it may not come in here. */
static bool enter_vlan(const Fabric *fabric, const Port *port, uint8_t *bytes, size_t *size, uint16_t *ret_vlan)
{
    uint16_t tag = tag_of(bytes, *size);

    *ret_vlan = port->what.vlan;
    if (tag == 0 || !fabric->segments[port->what.segment % SEGMENTS_MAX].has_vlans)
        return true;
    if (!trunk_has(port, tag))
        return false;
    *ret_vlan = tag;
    *size -= TAG_SIZE;
    memmove(bytes + TAG_AT, bytes + TAG_AT + TAG_SIZE, *size - TAG_AT);
    return true;
}

static bool belongs(const Port *port, uint16_t vlan)
{
    return vlan == port->what.vlan || trunk_has(port, vlan);
}

static void send_frame(Fabric *fabric, unsigned index, const uint8_t *bytes, size_t size, uint16_t vlan)
{
    Port *port = port_at(fabric, index);
    uint8_t tagged[FABRIC_FRAME_MAX + TAG_SIZE];

    port->count.tx++;
    port->count.tx_bytes += (int64_t) size;
    if (vlan != 0 && vlan != port->what.vlan) {
        memcpy(tagged, bytes, TAG_AT);
        memcpy(tagged + TAG_AT, (const uint8_t[]) { 0x81, 0x00, (uint8_t) (vlan >> 8), (uint8_t) vlan }, TAG_SIZE);
        memcpy(tagged + TAG_AT + TAG_SIZE, bytes + TAG_AT, size - TAG_AT);
        bytes = tagged;
        size += TAG_SIZE;
    }
    fabric->send(fabric->data, index, bytes, size);
}

static void link_pass(Fabric *fabric, unsigned index, Way way, const uint8_t *bytes, size_t size, uint16_t vlan, int64_t now_ns);

/* The frame has come through a link: into the segment, or out of the port. */
static void link_leave(Fabric *fabric, unsigned index, Way way, const uint8_t *bytes, size_t size, uint16_t vlan, int64_t now_ns)
{
    const Port *from = port_at(fabric, index);
    MacTable *stations = fabric->segments[from->what.segment % SEGMENTS_MAX].stations;
    int known = MAC_TABLE_UNKNOWN;

    if (way == WAY_TO_MACHINE) {
        send_frame(fabric, index, bytes, size, vlan);
        return;
    }
    if (stations != NULL) {
        mac_table_learn(stations, vlan, bytes + MAC_SIZE, (int) index, now_ns);
        known = mac_table_find(stations, vlan, bytes, now_ns);
    }
    for (unsigned i = 0; i < fabric->ports->len; i++) {
        const Port *to = port_at(fabric, i);

        if (i != index && to->what.segment == from->what.segment && (known < 0 || known == (int) i) && belongs(to, vlan))
            link_pass(fabric, i, WAY_TO_MACHINE, bytes, size, vlan, now_ns);
    }
}

static void hold(Fabric *fabric, unsigned index, Way way, const uint8_t *bytes, size_t size, uint16_t vlan, int64_t due_ns,
                 int64_t corrupt_bit)
{
    Frame *frame = frame_new(bytes, size);

    if (corrupt_bit >= 0)
        frame->bytes[corrupt_bit / 8] ^= (uint8_t) (1 << corrupt_bit % 8);
    frame->due_ns = due_ns;
    frame->port = index;
    frame->vlan = vlan;
    frame->way = (uint8_t) way;
    port_at(fabric, index)->held[way]++;
    frame_queue_push(&fabric->queue, frame);
}

/* A link without impairment costs nothing: nothing is copied, nothing waits. */
static void link_pass(Fabric *fabric, unsigned index, Way way, const uint8_t *bytes, size_t size, uint16_t vlan, int64_t now_ns)
{
    Port *port = port_at(fabric, index);
    Passage passage;

    if (!port->is_up) {
        port->count.refused++;
        return;
    }
    if (impairment_is_none(&port->links[way].what) && port->held[way] == 0) {
        link_leave(fabric, index, way, bytes, size, vlan, now_ns);
        return;
    }
    impair_pass(&port->links[way], now_ns, size, port->held[way], &passage);
    port->count.lost[way] += passage.lost;
    port->count.dropped[way] += passage.dropped;
    for (unsigned i = 0; i < passage.copies; i++) {
        int64_t corrupt_bit = passage.copy[i].is_corrupt ? (int64_t) passage.copy[i].corrupt_bit : -1;

        if (fabric->queue.count >= FABRIC_HELD_MAX)
            port->count.dropped[way]++; /* memory has an end even where a queue has none */
        else
            hold(fabric, index, way, bytes, size, vlan, passage.copy[i].due_ns, corrupt_bit);
    }
}

void fabric_take(Fabric *fabric, unsigned index, uint8_t *bytes, size_t size, int64_t now_ns, int64_t realtime_ns)
{
    Port *port = port_at(fabric, index);
    Segment *segment = &fabric->segments[port->what.segment % SEGMENTS_MAX];
    uint16_t vlan;

    port->count.rx++;
    port->count.rx_bytes += (int64_t) size;
    if (size < HEADER_SIZE || size > FABRIC_FRAME_MAX) {
        port->count.refused++;
        return;
    }
    for (unsigned i = 0; i < segment->capture_count; i++)
        pcap_file_take(segment->captures[i], bytes, size, realtime_ns);
    if (enter_vlan(fabric, port, bytes, &size, &vlan))
        link_pass(fabric, index, WAY_FROM_MACHINE, bytes, size, vlan, now_ns);
    else
        port->count.refused++;
}

int64_t fabric_due_ns(const Fabric *fabric)
{
    const Frame *first = frame_queue_first(&fabric->queue);

    return first != NULL ? first->due_ns : INT64_MAX;
}

/* Time goes on from where the frame was due, not from when we woke up: what comes behind, another delay or a rate, must not
 * add up how late we were. */
void fabric_deliver(Fabric *fabric, int64_t now_ns)
{
    while (fabric_due_ns(fabric) <= now_ns) {
        g_autofree Frame *frame = frame_queue_pop(&fabric->queue);

        port_at(fabric, frame->port)->held[frame->way]--;
        link_leave(fabric, frame->port, frame->way, frame->bytes, frame->size, frame->vlan, frame->due_ns);
    }
}

void fabric_refused(Fabric *fabric, unsigned index)
{
    Port *port = port_at(fabric, index);

    port->count.refused++;
    port->count.tx--;
}

const FabricCount *fabric_count(const Fabric *fabric, unsigned port)
{
    return &port_at(fabric, port)->count;
}
