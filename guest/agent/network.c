// SPDX-License-Identifier: GPL-3.0-or-later
#include "guest/agent/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest/agent/report.h"

enum { INTERFACE_LIMIT = 32 };

typedef struct Interface {
    const char *mac, *cidr;
    char name[IFNAMSIZ]; /* as the kernel called it; "" when there is none with that MAC */
} Interface;

static int ioctl_named(unsigned long request, const char *name, struct ifreq *ifreq)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int result, number;

    snprintf(ifreq->ifr_name, sizeof ifreq->ifr_name, "%s", name);
    result = ioctl(fd, request, ifreq);
    number = errno;
    close(fd);
    errno = number;
    return result;
}

static bool set_up(const char *name)
{
    struct ifreq ifreq = { 0 };

    if (ioctl_named(SIOCGIFFLAGS, name, &ifreq) != 0)
        return false;
    ifreq.ifr_flags |= IFF_UP;
    return ioctl_named(SIOCSIFFLAGS, name, &ifreq) == 0;
}

void network_loopback_up(void)
{
    if (!set_up("lo"))
        report("could not set up lo: %m");
}

static bool rename_interface(const char *from, const char *to)
{
    struct ifreq ifreq = { 0 };

    snprintf(ifreq.ifr_newname, sizeof ifreq.ifr_newname, "%s", to);
    return strcmp(from, to) == 0 || ioctl_named(SIOCSIFNAME, from, &ifreq) == 0;
}

static void format_mac(const struct sockaddr *address, char *ret_text)
{
    const unsigned char *b = (const unsigned char *) address->sa_data;

    snprintf(ret_text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

/* The entry with the MAC of this interface; `count` when none has it. False: it is no Ethernet interface. */
static bool find_entry(const char *name, const Interface *interfaces, size_t count, size_t *ret_entry)
{
    struct ifreq ifreq = { 0 };
    char mac[18];
    size_t i = 0;

    if (ioctl_named(SIOCGIFHWADDR, name, &ifreq) != 0 || ifreq.ifr_hwaddr.sa_family != ARPHRD_ETHER)
        return false;
    format_mac(&ifreq.ifr_hwaddr, mac);
    while (i < count && strcasecmp(mac, interfaces[i].mac) != 0)
        i++;
    *ret_entry = i;
    return true;
}

static bool has_its_name(const char *name, size_t entry, size_t count)
{
    char wanted[IFNAMSIZ];

    snprintf(wanted, sizeof wanted, "eth%zu", entry);
    return entry < count && strcmp(name, wanted) == 0;
}

/* Tell every entry what its interface is called now. One that stands in the way of the names to come is moved. */
static void find_interfaces(Interface *interfaces, size_t count)
{
    struct if_nameindex *present = if_nameindex();

    for (struct if_nameindex *at = present; at != NULL && at->if_index != 0; at++) {
        char name[IFNAMSIZ], away[IFNAMSIZ];
        size_t entry = 0;

        snprintf(name, sizeof name, "%s", at->if_name);
        if (!find_entry(name, interfaces, count, &entry))
            continue;
        snprintf(away, sizeof away, "other%u", at->if_index);
        if (!has_its_name(name, entry, count) && rename_interface(name, away))
            memcpy(name, away, sizeof name);
        if (entry < count)
            memcpy(interfaces[entry].name, name, sizeof name);
    }
    if (present != NULL)
        if_freenameindex(present);
}

static bool add_address4(const char *name, const struct in_addr *address, unsigned prefix)
{
    struct ifreq ifreq = { 0 };
    struct sockaddr_in *in = (struct sockaddr_in *) &ifreq.ifr_addr;

    in->sin_family = AF_INET;
    in->sin_addr = *address;
    if (ioctl_named(SIOCSIFADDR, name, &ifreq) != 0)
        return false;
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(prefix == 0 ? 0 : UINT32_MAX << (32 - prefix));
    return ioctl_named(SIOCSIFNETMASK, name, &ifreq) == 0;
}

/* Nobody else has the address that a scenario gave: do not wait a second to find out. */
static void trust_address6(const char *name)
{
    char path[PATH_MAX];
    int fd;

    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/accept_dad", name);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1)
        report("could not write %s: %m", path);
    if (fd >= 0)
        close(fd);
}

static bool add_address6(const char *name, const struct in6_addr *address, unsigned prefix)
{
    struct in6_ifreq request = { .ifr6_addr = *address, .ifr6_prefixlen = prefix };
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok;

    request.ifr6_ifindex = (int) if_nametoindex(name);
    trust_address6(name);
    ok = fd >= 0 && ioctl(fd, SIOCSIFADDR, &request) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool add_address(const char *name, const char *cidr)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address6;
    struct in_addr address;
    const char *slash = strchr(cidr, '/');
    size_t length = slash != NULL ? (size_t) (slash - cidr) : strlen(cidr);
    unsigned long prefix = slash != NULL ? strtoul(slash + 1, NULL, 10) : ULONG_MAX;

    snprintf(text, sizeof text, "%.*s", (int) length, cidr);
    if (inet_pton(AF_INET, text, &address) == 1)
        return add_address4(name, &address, prefix > 32 ? 32 : (unsigned) prefix);
    if (inet_pton(AF_INET6, text, &address6) == 1)
        return add_address6(name, &address6, prefix > 128 ? 128 : (unsigned) prefix);
    errno = EINVAL;
    return false;
}

static void configure_one(const Interface *interface, unsigned number)
{
    char name[IFNAMSIZ];

    snprintf(name, sizeof name, "eth%u", number);
    if (interface->name[0] == '\0')
        report("there is no interface with MAC %s for %s", interface->mac, name);
    else if (!rename_interface(interface->name, name))
        report("could not rename %s to %s: %m", interface->name, name);
    else if (interface->cidr[0] != '\0' && !add_address(name, interface->cidr))
        report("could not give %s address '%s': %m", name, interface->cidr);
    else if (!set_up(name))
        report("could not set up %s: %m", name);
    else
        report("%s %s %s", name, interface->mac, interface->cidr);
}

void network_configure(char *list)
{
    Interface interfaces[INTERFACE_LIMIT] = { 0 };
    size_t count = 0;

    for (char *save, *entry = strtok_r(list, ";", &save); entry != NULL && count < INTERFACE_LIMIT;
         entry = strtok_r(NULL, ";", &save)) {
        char *comma = strchr(entry, ',');

        interfaces[count].mac = entry;
        interfaces[count].cidr = comma != NULL ? comma + 1 : "";
        if (comma != NULL)
            *comma = '\0';
        count++;
    }
    find_interfaces(interfaces, count);
    for (size_t i = 0; i < count; i++)
        configure_one(&interfaces[i], (unsigned) i);
}
