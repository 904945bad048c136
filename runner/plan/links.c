// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/plan/run-spec.h"

const BridgeSpec *run_spec_bridge(const RunSpec *spec, const char *name)
{
    for (size_t i = 0; i < spec->bridge_count; i++)
        if (g_strcmp0(spec->bridges[i].name, name) == 0)
            return &spec->bridges[i];
    return NULL;
}

bool link_name_fits(const char *link, const char *bridge, const char *machine, const char *group)
{
    const char *slash = strchr(link, '/');
    size_t length = slash != NULL ? (size_t) (slash - link) : strlen(link);

    if (strncmp(link, bridge, length) != 0 || bridge[length] != '\0')
        return false;
    return slash == NULL || strcmp(slash + 1, machine) == 0 || g_strcmp0(slash + 1, group) == 0;
}

void run_spec_impairment(const RunSpec *spec, const char *bridge, const char *machine, const char *group, Way way,
                         Impairment *ret_impairment)
{
    const BridgeSpec *found = run_spec_bridge(spec, bridge);

    *ret_impairment = (Impairment) { .queue = found->impairment.queue };
    if (way == WAY_FROM_MACHINE)
        *ret_impairment = found->impairment;
    for (size_t i = 0; i < spec->link_count; i++) {
        const LinkSpec *link = &spec->links[i];

        if ((strcmp(link->direction, "both") == 0 || strcmp(link->direction, way_name(way)) == 0)
            && link_name_fits(link->link, bridge, machine, group))
            impairment_overlay(ret_impairment, &link->change);
    }
}
