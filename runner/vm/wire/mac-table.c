// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/wire/mac-table.h"

#include <stddef.h>
#include <string.h>

enum { NEIGHBOURHOOD = 16 };
#define AGE_NS INT64_C(300000000000)

/* 48 bits of the station, 12 of the VLAN. 0 stands for none: no station has the address 00:00:00:00:00:00. */
static uint64_t key_of(uint16_t vlan, const uint8_t *mac)
{
    uint64_t key = 0;

    for (int i = 0; i < MAC_SIZE; i++)
        key = key << 8 | mac[i];
    return key | (uint64_t) (vlan & 0xfff) << 48;
}

static size_t slot_of(uint64_t key)
{
    return (size_t) (key * UINT64_C(0x9e3779b97f4a7c15) >> 52); /* the upper 12 bits: MAC_TABLE_SLOTS */
}

void mac_table_learn(MacTable *table, uint16_t vlan, const uint8_t *mac, int port, int64_t now_ns)
{
    uint64_t key = key_of(vlan, mac);
    MacEntry *oldest = NULL;

    if ((mac[0] & 1) != 0 || key == 0) /* a group is no station */
        return;
    for (size_t i = 0; i < NEIGHBOURHOOD; i++) {
        MacEntry *entry = &table->entries[(slot_of(key) + i) % MAC_TABLE_SLOTS];

        if (entry->key == key || entry->key == 0) {
            oldest = entry;
            break;
        }
        if (oldest == NULL || entry->seen_ns < oldest->seen_ns)
            oldest = entry;
    }
    *oldest = (MacEntry) { key, now_ns, port };
}

int mac_table_find(const MacTable *table, uint16_t vlan, const uint8_t *mac, int64_t now_ns)
{
    uint64_t key = key_of(vlan, mac);

    for (size_t i = 0; i < NEIGHBOURHOOD; i++) {
        const MacEntry *entry = &table->entries[(slot_of(key) + i) % MAC_TABLE_SLOTS];

        if (entry->key == key)
            return now_ns - entry->seen_ns <= AGE_NS ? entry->port : MAC_TABLE_UNKNOWN;
        if (entry->key == 0)
            return MAC_TABLE_UNKNOWN;
    }
    return MAC_TABLE_UNKNOWN;
}
