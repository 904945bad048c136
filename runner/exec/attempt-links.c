// SPDX-License-Identifier: GPL-3.0-or-later
/* What the links of an attempt do to frames, and when that changes. */
#include <string.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/exec/attempt-network.h"
#include "runner/vm/net/netem.h"
#include "runner/vm/net/veth.h"

enum { GUEST_COMMAND_MS = 10000 };

static char *link_label(const NetLink *link)
{
    return g_strdup_printf("%s/%s", link->bridge->spec->name, link->owner);
}

/* A command inside the machine that must end well. */
static bool run_in_guest(Attempt *attempt, Machine *machine, const char *owner, char **argv, GError **error)
{
    ExecRequest request = { .argv = (const char *const *) argv, .timeout_ms = attempt_time_left_ms(attempt, GUEST_COMMAND_MS) };
    g_autofree char *text = g_strjoinv(" ", argv);
    ExecResult result;

    if (!attempt->backend->exec(machine, &request, &result, error))
        return false;
    return result.exit_status == 0
           || error_set(error, ERROR_HOST, "machine '%s': '%s' ended with status %d", owner, text, result.exit_status);
}

static bool impair_guest(Attempt *attempt, const NetLink *link, const Impairment *what, GError **error)
{
    g_autofree char *device = g_strdup_printf("eth%u", link->card);
    g_auto(GStrv) command = netem_command(device, what);

    return run_in_guest(attempt, *link->machine, link->owner, command, error);
}

bool net_link_impair(Attempt *attempt, NetLink *link, Way way, const Impairment *what, GError **error)
{
    g_autofree char *ifb = g_strdup_printf("f%s", link->outer);

    link->now[way] = *what;
    switch (link->bridge->means) {
    case MEANS_WIRE: return link->has_port ? wire_impair(attempt->net->wire, link->port, way, what, error) : true;
    case MEANS_NETEM: return netem_set(link->outer, ifb, way, what, error);
    case MEANS_GUEST: return way == WAY_TO_MACHINE || impair_guest(attempt, link, what, error);
    case MEANS_NONE: break;
    }
    return true;
}

bool net_impair_all(Attempt *attempt, bool guests, GError **error)
{
    for (size_t i = 0; i < attempt->net->link_count; i++) {
        NetLink *link = &attempt->net->links[i];
        g_autofree char *label = link_label(link);

        for (Way way = 0; way < WAY_COUNT; way++) {
            g_autofree char *text = NULL;
            Impairment what;

            run_spec_impairment(attempt->spec, link->bridge->spec->name, link->owner, link->group, way, &what);
            link->now[way] = what;
            if ((link->bridge->means == MEANS_GUEST) != guests || impairment_is_none(&what))
                continue;
            if (!net_link_impair(attempt, link, way, &what, error)) {
                g_prefix_error(error, "link '%s': ", label);
                return false;
            }
            text = impairment_text(&what);
            attempt_event(attempt, "impair", "link '%s', %s the machine, by %s: %s", label, way_name(way), means_name(link->bridge->means), text);
        }
    }
    return true;
}

static bool set_state(Attempt *attempt, const NetLink *link, bool is_up, GError **error)
{
    if (link->bridge->means == MEANS_WIRE)
        return !link->has_port || wire_set_up(attempt->net->wire, link->port, is_up, error);
    return is_up ? network_link_up(attempt->network, link->outer, error) : network_link_down(attempt->network, link->outer, error);
}

static bool event_apply(Attempt *attempt, const LinkEventSpec *event, NetLink *link, GError **error)
{
    if (event->state != NULL)
        return set_state(attempt, link, strcmp(event->state, "up") == 0, error);
    for (Way way = 0; way < WAY_COUNT; way++) {
        Impairment what = link->now[way];

        if (strcmp(event->direction, "both") != 0 && strcmp(event->direction, way_name(way)) != 0)
            continue;
        impairment_overlay(&what, &event->set);
        if (!net_link_impair(attempt, link, way, &what, error))
            return false;
    }
    return true;
}

/* The event's own time is when it is done; the text says when it was planned. */
static void event_happen(Attempt *attempt, const LinkEventSpec *event, int64_t due_ns)
{
    for (size_t i = 0; i < attempt->net->link_count; i++) {
        NetLink *link = &attempt->net->links[i];
        g_autofree char *label = link_label(link), *text = NULL;
        g_autoptr(GError) problem = NULL;
        double late_ms;

        if (!link_name_fits(event->link, link->bridge->spec->name, link->owner, link->group))
            continue;
        if (!attempt_is_fake(attempt) && !event_apply(attempt, event, link, &problem)) {
            attempt_event(attempt, "problem", "link '%s': %s", label, problem->message);
            continue;
        }
        late_ms = (double) (clock_monotonic_ns() - due_ns) / 1e6;
        text = event->state != NULL ? g_strdup(event->state) : impairment_text(&link->now[strcmp(event->direction, "to") == 0]);
        attempt_event(attempt, "link", "link '%s', planned at %g s, %.1f ms late: %s%s%s", label, (double) event->at_ms / 1e3, late_ms,
                      text, event->state == NULL ? ", " : "", event->state == NULL ? event->direction : "");
    }
}

static int compare_times(const void *a, const void *b)
{
    const LinkEventSpec *const *first = a, *const *second = b;

    return (*first)->at_ms < (*second)->at_ms ? -1 : (*first)->at_ms > (*second)->at_ms;
}

/* Wait until a time, or until it is over; false in that case. */
static bool wait_until(AttemptNet *net, int64_t due_ns)
{
    bool goes_on = true;

    g_mutex_lock(&net->lock);
    while (!net->stop && goes_on)
        goes_on = g_cond_wait_until(&net->changed, &net->lock, due_ns / 1000); /* GLib's clock is ours, in microseconds */
    goes_on = !net->stop;
    g_mutex_unlock(&net->lock);
    return goes_on;
}

static gpointer events_main(gpointer data)
{
    Attempt *attempt = data;
    int64_t start_ns = clock_monotonic_ns();
    g_autoptr(GPtrArray) events = g_ptr_array_new();

    for (size_t i = 0; i < attempt->spec->event_count; i++)
        g_ptr_array_add(events, &attempt->spec->events[i]);
    g_ptr_array_sort(events, compare_times); /* of the same time: in the file's order, for the sort is stable */
    for (guint i = 0; i < events->len; i++) {
        const LinkEventSpec *event = g_ptr_array_index(events, i);
        int64_t due_ns = start_ns + event->at_ms * 1000000;

        if (!wait_until(attempt->net, due_ns)) {
            attempt_event(attempt, "warning", "%u link events did not happen: the steps had ended", events->len - i);
            break;
        }
        event_happen(attempt, event, due_ns);
    }
    return NULL;
}

bool net_events_start(Attempt *attempt, GError **error)
{
    g_autoptr(GError) reason = NULL;

    if (attempt->spec->event_count == 0)
        return true;
    attempt->net->events = g_thread_try_new("link-events", events_main, attempt, &reason);
    return attempt->net->events != NULL || error_set(error, ERROR_HOST, "could not start a thread: %s", reason->message);
}

void net_events_stop(Attempt *attempt)
{
    AttemptNet *net = attempt->net;

    if (net == NULL || net->events == NULL)
        return;
    g_mutex_lock(&net->lock);
    net->stop = true;
    g_cond_signal(&net->changed);
    g_mutex_unlock(&net->lock);
    g_thread_join(g_steal_pointer(&net->events));
}

/* What the machine's emulator had no room for: the last column of /proc/net/udp, of the socket with that port. */
static int64_t udp_drops(uint16_t port)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents("/proc/net/udp", &text, NULL, NULL))
        return 0;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines + 1; *line != NULL && **line != '\0'; line++) {
        const char *colon = strchr(*line, ':'), *last;

        g_strchomp(*line);
        colon = colon != NULL ? strchr(colon + 1, ':') : NULL;
        last = strrchr(*line, ' ');
        if (colon != NULL && last != NULL && strtoul(colon + 1, NULL, 16) == port)
            return strtoll(last, NULL, 10);
    }
    return 0;
}

void net_report(Attempt *attempt)
{
    for (size_t i = 0; attempt->net != NULL && i < attempt->net->link_count; i++) {
        const NetLink *link = &attempt->net->links[i];
        g_autofree char *label = link_label(link);
        int64_t missed = link->has_port && link->inner[0] == '\0' ? udp_drops(link->udp_theirs) : 0;
        FabricCount count;

        if (!link->has_port || !wire_count(attempt->net->wire, link->port, &count, NULL))
            continue;
        attempt_event(attempt, "traffic",
                      "link '%s': from the machine %lld frames %lld bytes, lost %lld, dropped %lld; to it %lld frames %lld bytes, "
                      "lost %lld, dropped %lld; refused %lld, missed by the machine %lld",
                      label, (long long) count.rx, (long long) count.rx_bytes, (long long) count.lost[WAY_FROM_MACHINE],
                      (long long) count.dropped[WAY_FROM_MACHINE], (long long) count.tx, (long long) count.tx_bytes,
                      (long long) count.lost[WAY_TO_MACHINE], (long long) count.dropped[WAY_TO_MACHINE], (long long) count.refused,
                      (long long) missed);
        if (missed > 0)
            attempt_event(attempt, "warning", "link '%s': the machine was too slow for %lld frames", label, (long long) missed);
    }
}

/* What a guest's card still lacks, as a shell script; "" for most. */
static char *card_script(const NetLink *link, bool lacks_mtu)
{
    GString *script = g_string_new(NULL);
    const InterfaceSpec *spec = link->spec;
    unsigned card = link->card;

    if (lacks_mtu)
        g_string_append_printf(script, "ip link set eth%u mtu %u || exit 3\n", card, link->bridge->spec->mtu);
    if (spec->address6 != NULL)
        g_string_append_printf(script, "echo 0 2>/dev/null >/proc/sys/net/ipv6/conf/eth%u/accept_dad\n"
                                       "ip -6 addr add %s dev eth%u || exit 4\n", card, spec->address6, card);
    if (g_strcmp0(spec->address, "dhcp") == 0)
        g_string_append_printf(script, "udhcpc -f -q -n -t 30 -T 1 -i eth%u -s /run/trialbed-dhcp >/run/udhcpc%u.log 2>&1 || exit 5\n", card, card);
    if (spec->gateway != NULL)
        g_string_append_printf(script, "ip %s route replace default via %s dev eth%u || exit 6\n",
                               strchr(spec->gateway, ':') != NULL ? "-6" : "-4", spec->gateway, card);
    return g_string_free(script, FALSE);
}

/* What busybox's udhcpc calls with a lease. */
static const char dhcp_script[] =
    "#!/bin/sh\n"
    "[ \"$1\" = bound ] || [ \"$1\" = renew ] || exit 0\n"
    "ip addr replace \"$ip/${mask:-24}\" dev \"$interface\"\n"
    "for gateway in $router; do ip route replace default via \"$gateway\" dev \"$interface\"; break; done\n"
    "for server in $dns; do echo \"nameserver $server\"; done >/etc/resolv.conf\n";

static bool set_up_card(Attempt *attempt, const NetLink *link, GError **error)
{
    static const char *const failures[] = { "its MTU could not be set", "it took no IPv6 address", "it got no address by DHCP", "it took no gateway" };
    g_autofree char *script = card_script(link, link->bridge->spec->mtu != 1500);
    const char *argv[] = { "/bin/sh", "-c", script, NULL };
    ExecRequest request = { .argv = argv, .timeout_ms = attempt_time_left_ms(attempt, attempt->spec->boot_timeout_ms) };
    ExecResult result = { 0 };

    if (script[0] == '\0')
        return true;
    if (g_strcmp0(link->spec->address, "dhcp") == 0
        && !attempt_put(attempt, *link->machine, "/run/trialbed-dhcp", 0755, dhcp_script, sizeof dhcp_script - 1, error))
        return false;
    if (!attempt->backend->exec(*link->machine, &request, &result, error))
        return false;
    if (result.exit_status == 0)
        return true;
    if (result.timed_out)
        return error_set(error, ERROR_HOST, "machine '%s': interface eth%u was not set up within 'boot_timeout'", link->owner, link->card);
    error_set(error, ERROR_HOST, "machine '%s': interface eth%u: %s", link->owner, link->card,
              result.exit_status >= 3 && result.exit_status <= 6 ? failures[result.exit_status - 3] : "it could not be set up");
    error_hint(error, "the image needs the programs 'ip' and, for DHCP, 'udhcpc'.");
    return false;
}

bool attempt_network_ready(Attempt *attempt, GError **error)
{
    for (size_t i = 0; i < attempt->net->link_count; i++) {
        const NetLink *link = &attempt->net->links[i];

        if (link->machine != NULL && !attempt_is_fake(attempt) && !set_up_card(attempt, link, error))
            return false;
    }
    return (attempt_is_fake(attempt) || net_impair_all(attempt, true, error)) && net_events_start(attempt, error);
}

void attempt_network_rest(Attempt *attempt)
{
    net_events_stop(attempt);
    net_report(attempt);
}
