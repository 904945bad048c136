// SPDX-License-Identifier: GPL-3.0-or-later
/* What our agent does by itself, as a script for guests that have another one. */
#include <stdio.h>
#include <string.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/vm/channel.h"

enum { CONFIGURE_LIMIT_MS = 60000 };

/* Arguments: the real time in seconds, host name, hosts "NAME=IP;...", interfaces "MAC,CIDR;...". Said twice it changes nothing: a guest
 * whose cloud-init has done the same keeps what it has. Interfaces keep the names that the guest gave them. */
static const char script[] =
    "skew=$(($(date -u +%s) - $1))\n"
    "[ \"${skew#-}\" -le 2 ] || date -u -s \"@$1\" >/dev/null 2>&1\n"
    "[ -z \"$2\" ] || hostname \"$2\" 2>/dev/null || echo \"$2\" >/proc/sys/kernel/hostname || exit 3\n"
    "IFS=';'\n"
    "for entry in $3; do\n"
    "    line=\"${entry#*=}\t${entry%%=*}\"\n"
    "    grep -qxF \"$line\" /etc/hosts 2>/dev/null || echo \"$line\" >>/etc/hosts || exit 4\n"
    "done\n"
    "for entry in $4; do\n"
    "    mac=${entry%%,*} cidr=${entry#*,}\n"
    "    for link in /sys/class/net/*; do\n"
    "        [ \"$(cat \"$link/address\" 2>/dev/null)\" = \"$mac\" ] || continue\n"
    "        name=${link##*/}\n"
    "        ip link set \"$name\" up || exit 5\n"
    "        [ -z \"$cidr\" ] || ip addr show dev \"$name\" | grep -qF \" $cidr \" || ip addr add \"$cidr\" dev \"$name\" || exit 6\n"
    "    done\n"
    "done\n"
    "exit 0\n";

void channel_gather(void *data, int stream, const char *bytes, size_t size)
{
    (void) stream;
    g_string_append_len(data, bytes, (gssize) size);
}

/* The value of KEY=VALUE among the words of the settings. Caller frees. */
static char *setting(const char *settings, const char *key)
{
    g_auto(GStrv) words = g_strsplit(settings, " ", -1);
    size_t length = strlen(key);

    for (char **word = words; *word != NULL; word++)
        if (strncmp(*word, key, length) == 0 && (*word)[length] == '=')
            return g_strdup(*word + length + 1);
    return g_strdup("");
}

bool channel_configure_by_script(Channel *channel, const char *settings, GError **error)
{
    g_autofree char *now = g_strdup_printf("%lld", (long long) (clock_realtime_ns() / 1000000000));
    g_autofree char *host = setting(settings, "trialbed.host");
    g_autofree char *hosts = setting(settings, "trialbed.hosts");
    g_autofree char *net = setting(settings, "trialbed.net");
    const char *argv[] = { "/bin/sh", "-c", script, "configure", now, host, hosts, net, NULL };
    g_autoptr(GString) said = g_string_new(NULL);
    ExecRequest request = { .argv = argv, .timeout_ms = CONFIGURE_LIMIT_MS, .output = channel_gather, .data = said };
    ExecResult result = { 0 };

    if (!channel->kind->exec(channel, &request, &result, error))
        return false;
    if (result.exit_status == 0)
        return true;
    g_strchomp(said->str);
    return error_set(error, ERROR_HOST, "machine '%s': its name and addresses could not be set: %s", channel->machine,
                     said->str[0] != '\0' ? said->str : "a script for it failed");
}
