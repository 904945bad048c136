// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_SEED_H
#define IMAGES_SEED_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* A seed for cloud-init's data source NoCloud: a CD's file system (ISO 9660 with Joliet) called "cidata", with the files that
 * https://cloudinit.readthedocs.io/en/22.4.2/topics/datasources/nocloud.html names. */
typedef struct SeedCard {
    const char *name, *mac; /* "eth0" */
    const char *address;    /* CIDR, or NULL: it only comes up */
} SeedCard;

typedef struct SeedHost {
    const char *name, *address; /* what follows a slash is left out */
} SeedHost;

typedef struct Seed {
    const char *instance;  /* a machine that has seen another one starts anew */
    const char *host_name; /* or NULL: as it is */
    const SeedCard *cards;
    size_t card_count;
    const SeedHost *hosts; /* lines of /etc/hosts */
    size_t host_count;
    const char *user, *public_key; /* who is let in with it, or NULL */
} Seed;

/* The three files. Callers free. */
char *seed_meta_data(const Seed *seed);
char *seed_user_data(const Seed *seed);
char *seed_network_config(const Seed *seed);

/* The same seed gives the same bytes. */
bool seed_write(const Seed *seed, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
