// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/seed.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "runner/base/error.h"

char *seed_meta_data(const Seed *seed)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "instance-id: %s\n", seed->instance);
    if (seed->host_name != NULL)
        g_string_append_printf(text, "local-hostname: %s\n", seed->host_name);
    return g_string_free(text, FALSE);
}

static void append_user(GString *text, const Seed *seed)
{
    bool root = strcmp(seed->user, "root") == 0;

    g_string_append(text, "disable_root: false\nusers:\n");
    g_string_append_printf(text, "  - name: %s\n", seed->user);
    if (!root)
        g_string_append(text, "    shell: /bin/sh\n    lock_passwd: true\n    sudo: ALL=(ALL) NOPASSWD:ALL\n");
    g_string_append_printf(text, "    ssh_authorized_keys: ['%s']\n", seed->public_key);
}

char *seed_user_data(const Seed *seed)
{
    GString *text = g_string_new("#cloud-config\npreserve_hostname: false\n");

    if (seed->public_key != NULL)
        append_user(text, seed);
    if (seed->host_count > 0)
        g_string_append(text, "write_files:\n  - path: /etc/hosts\n    append: true\n    content: |\n");
    for (size_t i = 0; i < seed->host_count; i++)
        g_string_append_printf(text, "      %.*s\t%s\n", (int) strcspn(seed->hosts[i].address, "/"), seed->hosts[i].address,
                               seed->hosts[i].name);
    return g_string_free(text, FALSE);
}

char *seed_network_config(const Seed *seed)
{
    GString *text = g_string_new("version: 2\nethernets:");

    for (size_t i = 0; i < seed->card_count; i++) {
        const SeedCard *card = &seed->cards[i];

        g_string_append_printf(text, "\n  %s:\n    match: {macaddress: '%s'}\n    set-name: %s\n    optional: true\n", card->name, card->mac,
                               card->name);
        if (card->address != NULL)
            g_string_append_printf(text, "    addresses: ['%s']", card->address);
        else
            g_string_append(text, "    dhcp4: false");
    }
    g_string_append(text, seed->card_count == 0 ? " {}\n" : "\n");
    return g_string_free(text, FALSE);
}

static bool add_file(struct archive *archive, const char *name, const char *text)
{
    struct archive_entry *entry = archive_entry_new();
    size_t size = strlen(text);
    bool ok;

    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0444);
    archive_entry_set_size(entry, (la_int64_t) size);
    archive_entry_set_mtime(entry, 0, 0);
    archive_entry_set_atime(entry, 0, 0);
    archive_entry_set_ctime(entry, 0, 0);
    archive_entry_set_birthtime(entry, 0, 0);
    ok = archive_write_header(archive, entry) == ARCHIVE_OK && archive_write_data(archive, text, size) == (la_ssize_t) size;
    archive_entry_free(entry);
    return ok;
}

bool seed_write(const Seed *seed, const char *path, GError **error)
{
    static const char options[] = "iso9660:volume-id=cidata,iso9660:joliet,iso9660:rockridge=useful,iso9660:!pad";
    g_autofree char *meta = seed_meta_data(seed), *user = seed_user_data(seed), *network = seed_network_config(seed);
    struct archive *archive = archive_write_new();
    bool ok = archive_write_set_format_iso9660(archive) == ARCHIVE_OK && archive_write_set_options(archive, options) == ARCHIVE_OK
              && archive_write_open_filename(archive, path) == ARCHIVE_OK && add_file(archive, "meta-data", meta)
              && add_file(archive, "user-data", user) && add_file(archive, "network-config", network)
              && archive_write_close(archive) == ARCHIVE_OK;

    if (!ok)
        error_set(error, ERROR_HOST, "could not write the seed '%s': %s", path, archive_error_string(archive));
    archive_write_free(archive);
    return ok;
}
