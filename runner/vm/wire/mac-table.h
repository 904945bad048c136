// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_WIRE_MAC_TABLE_H
#define RUNNER_VM_WIRE_MAC_TABLE_H

#include <stdint.h>

/* Which port a station is behind, as a learning switch (IEEE 802.1D) knows it: per VLAN, forgotten after 300 s of
 * silence. Of fixed size: when a neighbourhood of the table is full, the station silent for longest is forgotten. */
enum { MAC_SIZE = 6, MAC_TABLE_SLOTS = 4096, MAC_TABLE_UNKNOWN = -1 };

typedef struct MacEntry {
    uint64_t key; /* 0: free */
    int64_t seen_ns;
    int port;
} MacEntry;

typedef struct MacTable {
    MacEntry entries[MAC_TABLE_SLOTS];
} MacTable;

void mac_table_learn(MacTable *table, uint16_t vlan, const uint8_t *mac, int port, int64_t now_ns);

/* MAC_TABLE_UNKNOWN: not known, or silent for too long. */
int mac_table_find(const MacTable *table, uint16_t vlan, const uint8_t *mac, int64_t now_ns);

#endif
