// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_MACHINE_H
#define RUNNER_VM_MACHINE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* TOUR 5/8: machines behind one interface. A host (one a worker) makes machines; back ends are libvirt and a fake. What
 * a worker asks of a machine, it asks here. Next: collectors/capture.h. */

typedef struct NicConfig {
    const char *bridge, *mac;
    const char *tap;      /* name of an existing tap; NULL: the back end makes one on the bridge, unless the next says something */
    const char *address;  /* CIDR or NULL */
    uint16_t udp_host, udp_machine; /* frames in UDP datagrams between these ports of 127.0.0.1 (wire.h); 0: not */
    const char *veth;     /* for a machine of processes: a link that is to be moved into its namespace (network_link_move()) */
} NicConfig;

/* Of the card that "ssh" goes over: it is 10.0.2.15/24 by DHCP or by a seed. */
#define MACHINE_SSH_MAC "52:54:02:00:00:01"
#define MACHINE_SSH_ADDRESS "10.0.2.15/24"

typedef struct MachineConfig {
    const char *name;
    const char *domain;          /* its name for libvirt; NULL: `name` */
    const char *kernel, *initrd; /* paths; kernel NULL: the firmware boots the disk */
    const char *cmdline;         /* complete kernel command line */
    const char *disk;            /* path of a qcow2 file that is this machine's alone, or NULL; first disk (vda) */
    const char *seed;            /* path of a cloud-init seed, a CD's image, or NULL; read-only (vdb) */
    const char *channel;         /* "agent", "qemu-ga", "ssh", or "auto": whichever agent answers first; NULL: "agent" */
    unsigned ssh_port;           /* of "ssh": on 127.0.0.1, forwarded to port 22 of a card of its own */
    const char *ssh_user, *ssh_key; /* key: path of the private one */
    const char *settings;        /* NULL: the command line has the machine's name and addresses; else they are told to the channel
                                  * (machine_settings()) as soon as it answers, with the time and random bytes */
    const char *foreign_settings; /* the same, told only where the channel is not our agent; or NULL */
    const char *memory_image;    /* NULL: begin at the kernel's start; else from this saved memory (save()) */
    const char *root;            /* of a bare machine: the folder that shows through, "/" for the host's own */
    const char *uuid;            /* of the domain; NULL: libvirt draws one. A saved machine keeps its own */
    unsigned memory_mb, cpus;
    const char *arch;            /* "x86_64" or "aarch64"; NULL: MACHINE_ARCH */
    const char *machine_type;    /* NULL: "pc", or "virt" for aarch64 */
    const char *cpu_model;       /* libvirt's name, "host-passthrough" or "maximum"; NULL: what suits the accelerator */
    const char *emulator;        /* path; NULL: the host's */
    const char *firmware;        /* path of a file for -bios; NULL: the emulator's own */
    const char *const *qemu_args; /* NULL-terminated, or NULL */
    const char *icount;          /* value of the emulator's -icount; NULL: time is the host's */
    bool hugepages;
    const unsigned *pins;        /* the host's CPU of each virtual processor; NULL: any */
    const char *emulator_cpus;   /* CPUs of the emulator's other threads, "0-1"; NULL: any */
    const NicConfig *nics;
    size_t nic_count;
    const char *console_path;    /* file for the serial console's output */
    const char *run_uuid;        /* goes into the domain's metadata; may be NULL */
    const char *owner;           /* so do these, when not NULL (outside.h) */
    int64_t run_id;
} MachineConfig;

typedef struct Machine Machine;         /* one machine; private to its back end */
typedef struct MachineHost MachineHost; /* one connection of one back end */

/* What a host really uses. Stored with every run, so never NULL after opening. Owned by the host. */
typedef struct MachineHostFacts {
    char *backend;     /* "libvirt" or "fake" */
    char *accelerator; /* "kvm", "tcg" or "fake" */
    char *emulator;    /* path, e.g. /usr/bin/qemu-system-x86_64 */
    char *emulator_version, *libvirt_version;
} MachineHostFacts;

typedef struct MachineHostConfig {
    const char *uri;     /* NULL: libvirt's embedded QEMU driver below `scratch` */
    const char *scratch; /* folder on a short path (sockets live there); must exist */
    const char *cache;   /* folder that outlives the worker (QEMU capabilities), or NULL */
    const char *accel;   /* "kvm" or "tcg": decided before (accel.h) */
    bool ssh;            /* machines are reached by ssh, too: open it from the main thread then */
} MachineHostConfig;

enum { EXEC_SIGNAL_STATUS = 128 };

typedef struct ExecResult {
    int exit_status; /* EXEC_SIGNAL_STATUS + signal number when a signal ended it */
    bool timed_out;
    int64_t guest_duration_ns; /* by the guest's monotonic clock */
    int signal;      /* which one ended it; 0: none, or none that the channel knows of */
} ExecResult;

/* One way to run programs and move files inside a machine. Output arrives as it is made. */
typedef struct ExecRequest {
    const char *const *argv;        /* NULL-terminated */
    const char *const *environment; /* NULL-terminated "NAME=VALUE", or NULL */
    unsigned timeout_ms;            /* 0: none. When it is over, the process group gets `signal`, and what is left of it after
                                     * `grace_ms` SIGKILL. A guest that says nothing of it for some seconds more is an error */
    int signal;                     /* 0: SIGTERM */
    unsigned grace_ms;              /* 0: SIGKILL at once */
    bool background;                /* return as soon as it runs; its output goes on until machine_stop() */
    /* Called with each piece of output (stream 1 or 2). The caller is a thread of the machine: never two calls at a time for one
     * machine; for a foreground program none after exec() has returned, for a background one none after stop() has. It must not
     * call back into the machine, and while it runs the machine's other output waits. May be NULL. */
    void (*output)(void *data, int stream, const char *bytes, size_t size);
    /* The same for the end of a background program; not called for one that stop() ended. May be NULL. */
    void (*ended)(void *data, const ExecResult *result);
    void *data;
} ExecRequest;

/* What a machine has cost the host since it was made. */
typedef struct MachineUsage {
    int64_t cpu_ns;         /* processor time of its emulator, all threads */
    int64_t resident_bytes; /* memory that it holds now */
} MachineUsage;

typedef struct MachineBackend {
    const char *name;
    MachineHost *(*host_open)(const MachineHostConfig *config, GError **error);
    /* Do now what host_open() will have to for the same configuration, which is then ready for it. What goes wrong will be told by it. NULL:
     * there is nothing to do. */
    void (*host_ahead)(const MachineHostConfig *config);
    void (*host_close)(MachineHost *host);
    const MachineHostFacts *(*host_facts)(MachineHost *host);
    /* Everything of a configuration that a saved memory depends on, as text: two configurations with the same one can begin from
     * the same. Caller frees. */
    char *(*identity)(MachineHost *host, const MachineConfig *config);
    /* Boot a machine and leave its memory in config->memory_image, to begin others from: same configuration, other paths for
     * console and channel. The machine is gone afterwards. Both NULL where the back end cannot do that. */
    bool (*save)(MachineHost *host, const MachineConfig *config, unsigned timeout_ms, GError **error);
    /* define: make everything but a running processor; boot: let it run. */
    Machine *(*define)(MachineHost *host, const MachineConfig *config, GError **error);
    bool (*boot)(Machine *machine, GError **error);
    bool (*wait_ready)(Machine *machine, unsigned timeout_ms, GError **error);
    bool (*exec)(Machine *machine, const ExecRequest *request, ExecResult *ret_result, GError **error);
    /* Send a signal to the process group of the background program whose request had this `data`; its `ended` tells what comes of it,
     * once nothing of the group is left. Nothing is done for a program that has ended. */
    bool (*signal)(Machine *machine, const void *data, int number, GError **error);
    bool (*read_file)(Machine *machine, const char *path, int to_fd, GError **error);
    /* What is left to read of `from_fd`, an ordinary file. */
    bool (*write_file)(Machine *machine, const char *path, unsigned mode, int from_fd, GError **error);
    /* Which channel answered wait_ready() ("agent", ...); static. NULL: there is only one. */
    const char *(*channel)(Machine *machine);
    /* The definition (domain XML) for the record; owned by the machine. */
    const char *(*definition)(Machine *machine);
    /* Ask what is known of a machine that stopped answering: a hint such as the console's last line, a whole sentence for
     * error_hint(); the back end's own errors do not have it yet. Caller frees; may be NULL. */
    char *(*diagnose)(Machine *machine);
    /* NULL: the back end cannot tell. */
    bool (*usage)(Machine *machine, MachineUsage *ret_usage, GError **error);
    /* Ends it at once; frees nothing. Machines may be stopped from several threads at once. */
    bool (*stop)(Machine *machine, GError **error);
    void (*free)(Machine *machine);
} MachineBackend;

extern const MachineBackend machine_backend_libvirt;
extern const MachineBackend machine_backend_bare; /* namespaces of the host's kernel in place of virtual machines */
extern const MachineBackend machine_backend_fake; /* its small language of programs is told at the top of fake.c */

/* The architecture of hosts, and of machines that do not say otherwise. */
#define MACHINE_ARCH "x86_64"

/* Whether a machine of that architecture (NULL: MACHINE_ARCH) can only be emulated. */
bool machine_is_foreign(const char *arch);

/* What it runs on where machines of the host's architecture run on `accel`: "tcg" if it is foreign. */
const char *machine_accel(const char *arch, const char *accel);

/* The name of QEMU's program: "qemu-system-aarch64". Caller frees. */
char *machine_emulator(const char *arch);

/* The kernel command line of a preset ("fast", "stock", "fastest") for an architecture and accelerator; NULL for an unknown preset. */
const char *machine_cmdline_preset(const char *preset, const char *arch, const char *accel);

/* One line of every guest's /etc/hosts. */
typedef struct MachinePeer {
    const char *name, *address; /* "10.0.0.1" or "10.0.0.1/24" */
} MachinePeer;

/* The machine's name, addresses and peers as words of a guest's command line (docs/guest-agent.md). Caller frees. */
char *machine_settings(const MachineConfig *config, const MachinePeer *peers, size_t peer_count);

/* The complete command line of a guest of ours: the preset, then machine_settings(). Caller frees; NULL for an unknown preset. */
char *machine_cmdline(const char *preset, const char *accel, const MachineConfig *config, const MachinePeer *peers,
                      size_t peer_count);

#endif
