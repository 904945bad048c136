// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_RUN_SPEC_H
#define RUNNER_PLAN_RUN_SPEC_H

#include "runner/base/impairment.h"
#include "runner/plan/scenario.h"

/* What one cell's runs shall do: the scenario with the cell's levels put in for every `${factor}` and every
 * `${machine.address}`. Strings are NULL when not given. All owned by the RunSpec. */

typedef struct InterfaceSpec {
    char *bridge;
    char *address;  /* "10.0.0.1/24", "dhcp", or NULL: comes up without one */
    char *address6; /* one more, of IPv6; or NULL */
    char *gateway;  /* where everything else is sent, or NULL */
    char *mac;      /* given or made by rule: 52:54:00:00:MM:II from machine and interface index, 52:54:01 for routers */
    unsigned vlan;  /* its frames belong to this VLAN, without a tag; 0: to none */
    char **trunk;   /* these come and go with tags: "10", "20"; NULL: none */
} InterfaceSpec;

/* The architecture of hosts, and of machines that do not say otherwise. */
#define RUN_SPEC_ARCH "x86_64"

typedef struct MachineSpec {
    char *name;
    char *image;         /* name in the image store, with "-aarch64" for such a machine, "host", or "none" */
    char *disk, *root;   /* paths of a disk file and of a folder that replace the image's, or NULL */
    char *channel;       /* "auto", "agent", "qemu-ga" or "ssh" */
    char *ssh_key, *ssh_user; /* path of a private key or NULL; "root" */
    char *arch;          /* "x86_64" (default) or "aarch64" */
    char *machine_type;  /* of the emulator: "q35", ...; NULL: "pc", or "virt" for aarch64 */
    char *cpu_model;     /* as libvirt names it, or "host-passthrough" or "maximum"; NULL: qemu64 for TCG, the host's for KVM */
    char *emulator;      /* path, or NULL */
    char *firmware;      /* path of a file for the emulator's -bios, or NULL */
    char *kernel, *initrd; /* paths that replace the image's, or NULL */
    char *cmdline;       /* added to the kernel's command line, or NULL */
    char *qemu_args;     /* more arguments of the emulator, quoted as for a shell, or NULL */
    bool hugepages;
    char *boot_preset;   /* "fast" (default), "stock" or "fastest" */
    unsigned memory_mb;  /* MiB, default 128 */
    unsigned cpus;       /* default 1 */
    InterfaceSpec *interfaces;
    size_t interface_count;
    unsigned count;      /* `count`; the copies are machines of their own here */
    char *group;         /* the name that `count` counts up: "peer" of machine "peer0"; NULL without `count` */
    unsigned copy;       /* from 0 */
    size_t item;         /* place in the file's list; private to runner/plan */
} MachineSpec;

/* A network, and what every frame suffers on its way from a machine into it (so a round trip has twice the delay). */
typedef struct BridgeSpec {
    char *name;
    char *type;            /* "bridge", "ovs" or "link" */
    char *impair;          /* "auto", "netem", "wire" or "guest" */
    Impairment impairment; /* of every link, from the machine */
    unsigned mtu;          /* bytes of an IP packet */
    char *dhcp;            /* address of a DHCP and DNS server on it, or NULL */
    char *controller, *protocol; /* of Open vSwitch, or NULL */
} BridgeSpec;

/* What some links do otherwise. */
typedef struct LinkSpec {
    char *link;      /* "br0/client", or "br0": all of them */
    char *direction; /* "from", "to" or "both" */
    Impairment change; /* NAN, and a queue of 0: as before */
} LinkSpec;

/* A namespace of the host that passes packets on between its interfaces. */
typedef struct RouterSpec {
    char *name;
    InterfaceSpec *interfaces;
    size_t interface_count;
    char *nat; /* bridge behind which all others hide, or NULL */
} RouterSpec;

/* A link that changes while the steps run. */
typedef struct LinkEventSpec {
    int64_t at_ms; /* after the first step begins */
    char *link, *direction; /* as in LinkSpec */
    char *state;   /* "up", "down", or NULL */
    Impairment set; /* as in LinkSpec, when there is no state */
} LinkEventSpec;

/* How numbers are read out of a step's output. Exactly one of the four rules is given. */
typedef struct MeasureSpec {
    char *metric, *unit;  /* unit "" when not given */
    char *regex;          /* first group, every match a sample */
    char *jsonpath;       /* every matched number a sample */
    char *csv;            /* every row of this column a sample */
    char *parser;         /* "ping.time" */
    char *direction;      /* "lower", "higher" or NULL */
    char *aggregate;      /* "mean" (default), "median", "min", "max", "pNN", "sum" or "last" */
    double scale;         /* multiplies every value; default 1 */
} MeasureSpec;

typedef struct StepSpec {
    char *name, *run;      /* `run` goes to /bin/sh -c inside the guest */
    char **arguments;      /* of the command; NULL: none */
    char **environment;    /* "NAME=VALUE"; NULL: none */
    char *input;           /* its standard input; NULL: nothing to read */
    char *on;              /* the machine, or "host"; NULL: several */
    char **machines;       /* all of them; none for the host */
    bool background;
    unsigned ready_port;   /* TCP port that must listen before the next step begins; 0: none */
    char *ready_file;      /* file that must exist, or NULL */
    char *ready_output;    /* regular expression that the output must match, or NULL */
    int64_t ready_delay_ms;
    char **after;          /* names of earlier steps of the same list; NULL: the one before */
    char *parallel;        /* neighbours with the same label run side by side; or NULL */
    unsigned repeat;       /* iterations; default 1 */
    unsigned expect_status; /* default 0 */
    char *expect_output;   /* regular expression, or NULL */
    bool allow_failure;
    int64_t timeout_ms;    /* default 60000 */
    char *signal;          /* "TERM" (default), "INT", ...: what ends it */
    int64_t grace_ms;      /* between that and SIGKILL; default 5000 */
    MeasureSpec *measures;
    size_t measure_count;
} StepSpec;

typedef struct CaptureSpec {
    char *bridge, *filter; /* filter in libpcap's language, or NULL */
    unsigned snaplen;      /* bytes; default 2048 */
} CaptureSpec;

typedef struct CollectSpec {
    char *from, *path; /* machine, absolute path inside it */
} CollectSpec;

/* A file from beside the scenario that machines get before the first step. */
typedef struct FileSpec {
    char *source;    /* relative to the scenario's folder, unless `outside` */
    char *on;        /* as in StepSpec */
    char **machines;
    char *path;      /* absolute inside the machine */
    char *mode;      /* "0644" */
    bool outside;
} FileSpec;

typedef struct RunSpec {
    unsigned pool;                  /* how many runs are made ready ahead, of `start: network` and `pool`; default 4 */
    char *clock;                    /* "host", "instructions" or "instructions-skip" */
    char *platform, *start, *accel; /* "vm"; "cold"; "auto", "kvm" or "tcg" */
    char *isolation;                /* "shared" or "exclusive" */
    char **exclusive;               /* names of what only one run at a time may have; or NULL */
    char *pin_machines, *pin_worker; /* CPUs such as "0-3,6", or NULL */
    int64_t timeout_ms;             /* of one attempt; default 120000 */
    int64_t boot_timeout_ms;        /* until a machine answers; default 60000 */
    MachineSpec *machines;
    size_t machine_count;
    BridgeSpec *bridges;
    size_t bridge_count;
    LinkSpec *links;
    size_t link_count;
    RouterSpec *routers;
    size_t router_count;
    LinkEventSpec *events;
    size_t event_count;
    StepSpec *steps;
    size_t step_count;
    StepSpec *setups; /* before `steps`; like `teardowns` always done */
    size_t setup_count;
    StepSpec *teardowns;
    size_t teardown_count;
    FileSpec *files;
    size_t file_count;
    CaptureSpec *captures;
    size_t capture_count;
    CollectSpec *collects;
    size_t collect_count;
    char **environment; /* NULL-terminated "TRIALBED_FACTOR_DELAY=10ms", one a factor and then one
                         * a derived value, in the scenario's order */
} RunSpec;

/* Which bridge has that name; NULL: none. */
const BridgeSpec *run_spec_bridge(const RunSpec *spec, const char *name);

/* Whether "br0/client" or "br0" means the link between this bridge and this machine or router; a counted machine's name
 * (`group`, may be NULL) means all its copies. */
bool link_name_fits(const char *link, const char *bridge, const char *machine, const char *group);

/* What one way of the link of a machine or router does: its bridge's impairment (from the machine only), then what `links`
 * say, the later ones over the earlier. */
void run_spec_impairment(const RunSpec *spec, const char *bridge, const char *machine, const char *group, Way way,
                         Impairment *ret_impairment);

/* What the scenario says of a bridge's links anywhere, whatever the values are: the same for all cells. */
typedef struct NetworkNeeds {
    bool impaired, to_machine, burst;
} NetworkNeeds;

NetworkNeeds scenario_network_needs(const Scenario *scenario, const char *bridge);

/* `levels[i]` is the text of factor i's level. NULL and *error (ERROR_SCENARIO) for texts that no check has seen. */
RunSpec *scenario_resolve(const Scenario *scenario, const char *const *levels, GError **error);
void run_spec_free(RunSpec *spec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunSpec, run_spec_free)

/* All that a run is told to do, defaults included: a line "machines.server.memory_mb<TAB>128" for every value, in the order
 * of the key table. Two runs with the same lines are told the same. */
void run_spec_describe(const RunSpec *spec, GString *text);

#endif
