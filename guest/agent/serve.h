// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUEST_AGENT_SERVE_H
#define GUEST_AGENT_SERVE_H

#include <stdbool.h>

typedef enum {
    SERVE_ENDED,    /* the descriptor is at its end (only when not waiting for hosts) */
    SERVE_POWEROFF, /* the host asked for it, and knows that we heard */
} ServeEnd;

/* Serve requests on `fd` until something ends it. On a virtio port hosts come and go (`wait_for_host`); on a socket the
 * other side's end is ours. `own_machine`: may set the clock and feed the random pool. SIGCHLD must be blocked. */
ServeEnd serve(int fd, bool wait_for_host, bool own_machine);

#endif
