// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUEST_AGENT_NETWORK_H
#define GUEST_AGENT_NETWORK_H

void network_loopback_up(void);

/* "MAC,CIDR;MAC,CIDR": name these interfaces eth0, eth1, ... in this order, give them their address, set them up. */
void network_configure(char *list);

#endif
