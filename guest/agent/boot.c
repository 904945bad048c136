// SPDX-License-Identifier: GPL-3.0-or-later
#include "guest/agent/boot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "guest/agent/network.h"
#include "guest/agent/report.h"
#include "guest/agent/root.h"
#include "guest/wire.h"

enum { COMMAND_LINE_LIMIT = 4096 };

static void mount_all(void)
{
    static const struct {
        const char *type, *place, *options;
        unsigned long flags;
    } mounts[] = {
        { "proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
        { "sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
        { "devtmpfs", "/dev", "mode=0755", MS_NOSUID },
        { "devpts", "/dev/pts", "gid=5,mode=620,ptmxmode=666", MS_NOSUID | MS_NOEXEC },
        { "tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV },
        { "tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV },
        { "tmpfs", "/run", "mode=0755", MS_NOSUID | MS_NODEV },
    };

    for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++) {
        mkdir(mounts[i].place, 0755);
        if (mount(mounts[i].type, mounts[i].place, mounts[i].type, mounts[i].flags, mounts[i].options) != 0)
            report("could not mount %s: %m", mounts[i].place);
    }
}

static bool load_module(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && (syscall(SYS_finit_module, fd, "", 0) == 0 || errno == EEXIST);

    if (!ok)
        report("could not load module '%s': %m", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

static void load_modules(void)
{
    FILE *list = fopen("/etc/trialbed/modules", "re");
    char line[PATH_MAX];
    unsigned loaded = 0;

    while (list != NULL && fgets(line, sizeof line, list) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0' && load_module(line))
            loaded++;
    }
    if (list != NULL)
        fclose(list);
    report("modules: %u", loaded);
}

bool boot_setting(const char *command_line, const char *key, char *ret_value, size_t size)
{
    size_t key_length = strlen(key);

    ret_value[0] = '\0';
    for (const char *at = command_line; *at != '\0'; at += strspn(at, " \n")) {
        size_t length = strcspn(at, " \n");

        if (length > key_length && strncmp(at, key, key_length) == 0 && at[key_length] == '='
            && length - key_length <= size) {
            memcpy(ret_value, at + key_length + 1, length - key_length - 1);
            ret_value[length - key_length - 1] = '\0';
            return true;
        }
        at += length;
    }
    return false;
}

static void read_command_line(char *ret_text, size_t size)
{
    int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, ret_text, size - 1) : -1;

    ret_text[got > 0 ? got : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

/* "NAME=IP;NAME=IP" */
static void add_hosts(char *list)
{
    FILE *hosts = fopen("/etc/hosts", "ae");

    for (char *save, *entry = strtok_r(list, ";", &save); entry != NULL; entry = strtok_r(NULL, ";", &save)) {
        char *equals = strchr(entry, '=');

        if (equals == NULL || hosts == NULL) {
            report("could not add '%s' to /etc/hosts", entry);
            continue;
        }
        *equals = '\0';
        fprintf(hosts, "%s\t%s\n", equals + 1, entry);
    }
    if (hosts != NULL)
        fclose(hosts);
}

void boot_apply_settings(const char *settings)
{
    static char value[WIRE_PAYLOAD_LIMIT];

    if (boot_setting(settings, "trialbed.host", value, sizeof value) && sethostname(value, strlen(value)) != 0)
        report("could not set host name '%s': %m", value);
    if (boot_setting(settings, "trialbed.hosts", value, sizeof value))
        add_hosts(value);
    network_loopback_up();
    if (boot_setting(settings, "trialbed.net", value, sizeof value))
        network_configure(value);
}

/* What has a system on a disk gets its names from there. */
static void apply_command_line(void)
{
    char command_line[COMMAND_LINE_LIMIT], root[256];

    read_command_line(command_line, sizeof command_line);
    if (boot_setting(command_line, "trialbed.root", root, sizeof root))
        root_switch(root);
    boot_apply_settings(command_line);
}

void boot(void)
{
    umask(022);
    mount_all();
    mkdir("/var", 0755);
    mkdir("/var/log", 0755);
    report_open("/var/log/boot.log");
    report("file systems");
    load_modules();
    apply_command_line();
}

/* The device is called /dev/vportNpM; only sysfs knows which name that is. */
static int open_named_port(const char *name)
{
    DIR *ports = opendir("/sys/class/virtio-ports");
    struct dirent *port;
    int found = -1;

    while (ports != NULL && found < 0 && (port = readdir(ports)) != NULL) {
        char path[PATH_MAX], text[256] = "";
        FILE *file;

        snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name", port->d_name);
        file = port->d_name[0] != '.' ? fopen(path, "re") : NULL;
        if (file == NULL)
            continue;
        if (fgets(text, sizeof text, file) != NULL)
            text[strcspn(text, "\n")] = '\0';
        fclose(file);
        snprintf(path, sizeof path, "/dev/%s", port->d_name);
        if (strcmp(text, name) == 0)
            found = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    }
    if (ports != NULL)
        closedir(ports);
    return found;
}

int boot_open_port(const char *name)
{
    static const struct timespec pause = { .tv_nsec = 5000000 };
    int fd;

    for (unsigned tries = 0; (fd = open_named_port(name)) < 0; tries++) {
        if (tries == 400)
            report("there is no virtio port '%s' yet", name);
        nanosleep(&pause, NULL);
    }
    report("port '%s'", name);
    return fd;
}
