// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/leftovers.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/vm/domain-xml.h"
#include "runner/vm/network.h"

static bool is_ours(virDomainPtr domain, const char *const *uuids)
{
    char *metadata = virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, DOMAIN_XML_NAMESPACE, 0);
    bool ours = false;

    for (; metadata != NULL && !ours && *uuids != NULL; uuids++)
        ours = strstr(metadata, *uuids) != NULL;
    free(metadata);
    return ours;
}

static bool end_domain(virDomainPtr domain, bool dry_run, GPtrArray *found, GError **error)
{
    const char *name = virDomainGetName(domain);

    g_ptr_array_add(found, g_strdup_printf("domain %s", name));
    if (dry_run || virDomainDestroy(domain) == 0)
        return true;
    return error_set(error, ERROR_HOST, "could not end domain '%s': %s", name, virGetLastErrorMessage());
}

bool leftovers_domains(const char *uri, const char *const *uuids, bool dry_run, GPtrArray *found, GError **error)
{
    virConnectPtr connection = virConnectOpen(uri);
    virDomainPtr *domains = NULL;
    bool ok = true;
    int count;

    if (connection == NULL)
        return error_set(error, ERROR_HOST, "could not connect to libvirt at '%s': %s", uri, virGetLastErrorMessage());
    count = virConnectListAllDomains(connection, &domains, 0);
    if (count < 0)
        ok = error_set(error, ERROR_HOST, "could not list the domains at '%s': %s", uri, virGetLastErrorMessage());
    for (int i = 0; i < count; i++) {
        if (ok && is_ours(domains[i], uuids))
            ok = end_domain(domains[i], dry_run, found, error);
        virDomainFree(domains[i]);
    }
    free(domains);
    virConnectClose(connection);
    return ok;
}

/* PREFIX, the run's number in hexadecimal, "b", the bridge's number: as runner/exec names them. */
static bool is_our_link(const char *name, const char *const *prefixes)
{
    for (; *prefixes != NULL; prefixes++) {
        g_autofree char *escaped = g_regex_escape_string(*prefixes, -1);
        g_autofree char *pattern = g_strdup_printf("^%s[1-9a-f][0-9a-f]*b(0|[1-9][0-9]*)$", escaped);

        if (g_regex_match_simple(pattern, name, G_REGEX_DOLLAR_ENDONLY, 0))
            return true;
    }
    return false;
}

bool leftovers_links(const char *const *prefixes, bool dry_run, GPtrArray *found, GError **error)
{
    g_autoptr(Network) network = network_open(error);
    struct if_nameindex *links;
    bool ok = true;

    if (network == NULL)
        return false;
    links = if_nameindex();
    if (links == NULL)
        return error_set_errno(error, ERROR_HOST, "could not list the network links");
    for (struct if_nameindex *link = links; ok && link->if_index != 0; link++) {
        if (!is_our_link(link->if_name, prefixes))
            continue;
        g_ptr_array_add(found, g_strdup_printf("link %s", link->if_name));
        ok = dry_run || network_link_remove(network, link->if_name, error);
    }
    if_freenameindex(links);
    return ok;
}
