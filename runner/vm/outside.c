// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/outside.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/vm/domain-xml.h"
#include "runner/vm/libvirt-load.h"
#include "runner/vm/network.h"

#define SCRATCH_PARENT "/tmp" /* and not TMPDIR: the path must be short */

char *outside_owner(const char *experiment_uuid, const char *lab)
{
    g_autofree char *text = g_strdup_printf("%s %s", experiment_uuid, lab);
    g_autofree char *hash = data_sha256(text, strlen(text));

    return g_strndup(hash, 16);
}

static char *link_prefix(const char *owner, int64_t run_id)
{
    return run_id == 0 ? g_strdup_printf("tb%.4s", owner) : g_strdup_printf("tb%.4s%" G_GINT64_MODIFIER "xb", owner, run_id);
}

char *outside_link_name(const char *owner, int64_t run_id, size_t bridge)
{
    g_autofree char *prefix = link_prefix(owner, run_id);

    return g_strdup_printf("%s%zu", prefix, bridge);
}

static char *scratch_prefix(const char *owner)
{
    return g_strdup_printf("trialbed-%s-", owner);
}

char *outside_scratch_name(const char *owner)
{
    g_autofree char *prefix = scratch_prefix(owner);

    return g_strdup_printf("%s/%s%08x", SCRATCH_PARENT, prefix, g_random_int());
}

bool outside_scratch_make(const char *path, GError **error)
{
    return mkdir(path, 0700) == 0 || error_set_errno(error, ERROR_HOST, "could not make folder '%s'", path);
}

static void say_nothing(void *data, virErrorPtr what)
{
    (void) data;
    (void) what; /* the caller gets it from virGetLastErrorMessage() */
}

static virConnectPtr connection_open(const char *uri, GError **error)
{
    virConnectPtr connection;

    if (!libvirt_load(error))
        return NULL;
    virSetErrorFunc(NULL, say_nothing);
    connection = virConnectOpen(uri);
    if (connection != NULL)
        return connection;
    error_set(error, ERROR_HOST, "could not connect to '%s': libvirt: %s", uri, virGetLastErrorMessage());
    error_hint(error, "'virsh -c %s version' tries the same; without --connect no daemon is needed.", uri);
    return NULL;
}

static bool is_elsewhere(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
    const char *host = parsed != NULL ? g_uri_get_host(parsed) : NULL;

    return host != NULL && *host != '\0' && strcmp(host, "localhost") != 0;
}

bool outside_check(const char *uri, bool wants_links, GError **error)
{
    virConnectPtr connection;

    if (is_elsewhere(uri)) {
        error_set(error, ERROR_HOST, "cannot use '%s': it is on another host", uri);
        error_hint(error, "images, bridges and sockets of the machines are on this host: install trialbed there and run it there.");
        return false;
    }
    if (wants_links && geteuid() != 0) {
        error_set(error, ERROR_HOST, "cannot make bridges on this host without root, which '%s' would need", uri);
        error_hint(error, "without --connect every run has bridges of its own, also without root.");
        return false;
    }
    connection = connection_open(uri, error);
    if (connection != NULL)
        virConnectClose(connection);
    return connection != NULL;
}

/* Whose a domain is. */
typedef struct Mark {
    const char *owner;
    int64_t run_id; /* 0: any */
    bool found;
} Mark;

static void read_mark(GMarkupParseContext *context, const char *element, const char **names, const char **values, gpointer data,
                      GError **error)
{
    Mark *mark = data;
    bool owner = false, run = mark->run_id == 0;

    (void) context, (void) element, (void) error;
    for (; *names != NULL; names++, values++) {
        owner = owner || (strcmp(*names, "owner") == 0 && strcmp(*values, mark->owner) == 0);
        run = run || (strcmp(*names, "run") == 0 && g_ascii_strtoll(*values, NULL, 10) == mark->run_id);
    }
    mark->found = mark->found || (owner && run);
}

static bool is_ours(virDomainPtr domain, const char *owner, int64_t run_id)
{
    static const GMarkupParser parser = { .start_element = read_mark };
    char *metadata = virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, DOMAIN_XML_NAMESPACE, 0);
    Mark mark = { .owner = owner, .run_id = run_id };
    GMarkupParseContext *context;

    if (metadata == NULL)
        return false;
    context = g_markup_parse_context_new(&parser, 0, &mark, NULL);
    if (!g_markup_parse_context_parse(context, metadata, -1, NULL))
        mark.found = false;
    g_markup_parse_context_free(context);
    free(metadata);
    return mark.found;
}

/* Gone meanwhile is as good. */
static bool end_domain(virDomainPtr domain, GError **error)
{
    return virDomainDestroy(domain) == 0 || virGetLastErrorCode() == VIR_ERR_NO_DOMAIN
           || virGetLastErrorCode() == VIR_ERR_OPERATION_INVALID
           || error_set(error, ERROR_HOST, "could not end domain '%s': libvirt: %s", virDomainGetName(domain), virGetLastErrorMessage());
}

static bool remove_domains(virConnectPtr connection, const char *owner, int64_t run_id, bool dry_run, GPtrArray *found, GError **error)
{
    virDomainPtr *domains = NULL;
    int count = virConnectListAllDomains(connection, &domains, 0);
    bool ok = count >= 0 || error_set(error, ERROR_HOST, "could not list the domains: libvirt: %s", virGetLastErrorMessage());

    for (int i = 0; i < count; i++) {
        if (ok && is_ours(domains[i], owner, run_id)) {
            g_ptr_array_add(found, g_strdup_printf("domain %s", virDomainGetName(domains[i])));
            ok = dry_run || end_domain(domains[i], error);
        }
        virDomainFree(domains[i]);
    }
    free(domains);
    return ok;
}

static bool remove_links(const char *owner, int64_t run_id, bool dry_run, GPtrArray *found, GError **error)
{
    g_autoptr(Network) network = network_open(error);
    g_autofree char *prefix = link_prefix(owner, run_id);
    struct if_nameindex *links;
    bool ok = true;

    if (network == NULL)
        return false;
    links = if_nameindex();
    if (links == NULL)
        return error_set_errno(error, ERROR_HOST, "could not list the network links");
    for (struct if_nameindex *link = links; ok && link->if_index != 0; link++) {
        if (!g_str_has_prefix(link->if_name, prefix) || !network_bridge_is_owned(network, link->if_name, owner))
            continue;
        g_ptr_array_add(found, g_strdup_printf("link %s", link->if_name));
        ok = dry_run || network_link_remove(network, link->if_name, error);
    }
    if_freenameindex(links);
    return ok;
}

bool outside_remove(const char *uri, const char *owner, int64_t run_id, bool dry_run, GPtrArray *found, GError **error)
{
    virConnectPtr connection = connection_open(uri, error);
    bool ok;

    if (connection == NULL)
        return false;
    ok = remove_domains(connection, owner, run_id, dry_run, found, error) && remove_links(owner, run_id, dry_run, found, error);
    virConnectClose(connection);
    return ok;
}

/* Everybody may write to the parent: a folder of that name is ours only when it belongs to us. */
static bool is_our_folder(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid();
}

bool outside_folder_remove(const char *path, bool dry_run, GPtrArray *found, GError **error)
{
    if (!g_str_has_prefix(path, SCRATCH_PARENT "/trialbed-") || !is_our_folder(path))
        return true;
    g_ptr_array_add(found, g_strdup_printf("folder %s", path));
    return dry_run || folder_remove(path, error);
}

bool outside_scratch_remove(const char *owner, bool dry_run, GPtrArray *found, GError **error)
{
    g_autoptr(GDir) parent = g_dir_open(SCRATCH_PARENT, 0, NULL);
    g_autofree char *prefix = scratch_prefix(owner);
    const char *name;

    while (parent != NULL && (name = g_dir_read_name(parent)) != NULL) {
        g_autofree char *path = g_build_filename(SCRATCH_PARENT, name, NULL);

        if (g_str_has_prefix(name, prefix) && !outside_folder_remove(path, dry_run, found, error))
            return false;
    }
    return true;
}
