// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/keys.h"

#include <string.h>

#include "runner/plan/formats.h"
#include "runner/plan/limits.h"
#include "runner/plan/ranges.h"
#include "runner/plan/run-spec.h"

static const char *const platforms[] = { "vm", "bare", NULL };
static const char *const starts[] = { "cold", "network", "restore", "pool", "keep", NULL };
static const char *const clocks[] = { "host", "instructions", "instructions-skip", NULL };
static const char *const accels[] = { "auto", "kvm", "tcg", NULL };
static const char *const isolations[] = { "shared", "exclusive", NULL };
static const char *const archs[] = { RUN_SPEC_ARCH, "aarch64", NULL };
static const char *const presets[] = { "fast", "stock", "fastest", NULL };
static const char *const channels[] = { "auto", "agent", "qemu-ga", "ssh", NULL };
static const char *const network_types[] = { "bridge", "ovs", "link", NULL };
static const char *const impair_means[] = { "auto", "netem", "wire", "guest", NULL };
static const char *const ways[] = { "from", "to", "both", NULL };
static const char *const link_states[] = { "up", "down", NULL };
static const char *const orders[] = { "sequential", "interleaved", "blocks", "shuffled", NULL }; /* as Order */
static const char *const violations[] = { "taint", "wait", "fail", NULL };
static const char *const directions[] = { "lower", "higher", NULL };
static const char *const signals[] = { "TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "KILL", NULL }; /* as in step-program.c */
static const char *const scales[] = { "linear", "log2", "log10", NULL };
static const char *const figures[] = { "errorbars",  "lines",   "bars",    "box",   "violin",      "cdf",
                                       "ccdf",       "histogram", "scatter", "heatmap", "order",   "convergence",
                                       "timeseries", "phases",  "gantt",   "expected-vs-measured", NULL };
static const char *const error_bars[] = { "stddev", "sem", "ci95", NULL };

#define SCENARIO(field) .home = IN_SCENARIO, .offset = offsetof(Scenario, field)
#define RUN(field) .home = IN_RUN, .offset = offsetof(RunSpec, field)
#define IN(type, field) .offset = offsetof(type, field)
#define ITEMS(type, count) .count_offset = offsetof(type, count)
#define RANGE(low, high) .min = (low), .max = (high)
#define DAYS(n) ((n) *86400.)

/* The keys of an impairment, which a bridge, a link and an event have. `none` is the default of all but the queue. */
#define IMPAIRMENT_KEYS(parent, type, field, none, queue_preset)                                                       \
    { parent ".delay", KEY_QUANTITY, IN(type, field.delay_s), .preset = none, .unit = UNIT_TIME, RANGE(0, 100),        \
      .vary = VARY_FACTORS, .about = "one way; a round trip has twice of it" },                                        \
    { parent ".jitter", KEY_QUANTITY, IN(type, field.jitter_s), .preset = none, .unit = UNIT_TIME, RANGE(0, 100),      \
      .vary = VARY_FACTORS, .about = "by how much the delay varies, evenly, up and down" },                            \
    { parent ".loss", KEY_QUANTITY, IN(type, field.loss_percent), .preset = none, .unit = UNIT_PERCENT, RANGE(0, 100), \
      .vary = VARY_FACTORS, .about = "share of frames that are lost" },                                                \
    { parent ".duplicate", KEY_QUANTITY, IN(type, field.duplicate_percent), .preset = none, .unit = UNIT_PERCENT,      \
      RANGE(0, 100), .vary = VARY_FACTORS, .about = "share of frames that come twice" },                               \
    { parent ".reorder", KEY_QUANTITY, IN(type, field.reorder_percent), .preset = none, .unit = UNIT_PERCENT,          \
      RANGE(0, 100), .vary = VARY_FACTORS,                                                                             \
      .about = "share of frames that are not delayed, and so overtake the others" },                                   \
    { parent ".corrupt", KEY_QUANTITY, IN(type, field.corrupt_percent), .preset = none, .unit = UNIT_PERCENT,          \
      RANGE(0, 100), .vary = VARY_FACTORS, .about = "share of frames of which one bit is turned" },                    \
    { parent ".rate", KEY_QUANTITY, IN(type, field.rate_bit_s), .preset = none, .unit = UNIT_RATE, RANGE(0, 1e12),     \
      .vary = VARY_FACTORS, .about = "most bits a second, of whole frames; 0: no limit" },                             \
    { parent ".burst", KEY_QUANTITY, IN(type, field.burst_bytes), .preset = none, .unit = UNIT_SIZE, RANGE(0, 1e9),    \
      .vary = VARY_FACTORS, .about = "so much may pass at once after a pause, before the rate holds; not with netem" }, \
    { parent ".queue", KEY_INTEGER, IN(type, field.queue), .preset = queue_preset, RANGE(1, 200000),                   \
      .vary = VARY_FACTORS, .about = "frames on their way at most, delayed ones included; what comes then is dropped" }

/* In the order of the reference page, children right behind their parent. To add a key: a row here, a field in its
 * struct, a good and a bad example in tests/data/scenario, and `REGENERATE=1 make check-unit T=test-keys` for
 * docs/scenario.md. */
const Key keys[] = {
    { "name", KEY_TEXT, SCENARIO(name), .check = format_scenario_name,
      .about = "what the experiment is called; without it, the file's name, or the folder's for `scenario.yaml`" },
    { "description", KEY_TEXT, SCENARIO(description), .may_be_empty = true, .about = "one line for people" },
    { "platform", KEY_CHOICE, RUN(platform), .preset = "vm", .choices = platforms,
      .vary = VARY_FACTORS, .about = "what a machine is: `vm`, a virtual machine, or `bare`, processes in namespaces of the host's kernel" },

    { "extends", KEY_EXTENDS, .home = IN_SCENARIO,
      .about = "another scenario that this one begins with, in this folder or below; `{file: PATH, outside: true}` for "
               "one elsewhere" },
    { "defaults", KEY_MAP, .home = IN_RUN, .about = "what all items of a list have that do not say otherwise" },
    { "defaults.machines", KEY_DEFAULTS, .about = "keys of `machines`" },
    { "defaults.steps", KEY_DEFAULTS, .about = "keys of `steps`" },

    { "machines", KEY_LIST, RUN(machines), ITEMS(RunSpec, machine_count), .item_size = sizeof(MachineSpec),
      .required = true, .counted = true, RANGE(1, SCENARIO_MACHINES_MAX),
      .about = "the machines that are started for every run" },
    { "machines.name", KEY_TEXT, IN(MachineSpec, name), .required = true, .check = format_machine_name,
      .declares = NAME_MACHINE, .about = "its host name; other keys name it so" },
    { "machines.count", KEY_INTEGER, IN(MachineSpec, count), RANGE(0, SCENARIO_MACHINES_MAX), .vary = VARY_FACTORS,
      .about = "so many machines, `NAME0`, `NAME1` and so on; every address counts up by 1 from machine to machine" },
    { "machines.image", KEY_TEXT, IN(MachineSpec, image), .preset = "none", .check = format_image_name,
      .vary = VARY_FACTORS,
      .about = "an image of the image store; `host` for the host's own files on `platform: bare`; `none` where `disk`, `kernel` or "
               "`root` say all" },
    { "machines.disk", KEY_TEXT, IN(MachineSpec, disk), .check = format_guest_path, .vary = VARY_FACTORS,
      .about = "path of a disk file on this host (qcow2 or raw), in place of the image's; it is only read: each run writes to an "
               "overlay of its own" },
    { "machines.root", KEY_TEXT, IN(MachineSpec, root), .check = format_guest_path, .vary = VARY_FACTORS,
      .about = "path of a folder on this host whose files the machine has, in place of the image's; it is only read" },
    { "machines.channel", KEY_CHOICE, IN(MachineSpec, channel), .preset = "auto", .choices = channels, .vary = VARY_FACTORS,
      .about = "how programs are run and files moved inside it: by our `agent`, the QEMU guest agent (`qemu-ga`) or `ssh`; `auto`: as "
               "the image says, else whichever of the two agents answers" },
    { "machines.ssh_key", KEY_TEXT, IN(MachineSpec, ssh_key), .check = format_guest_path, .vary = VARY_FACTORS,
      .about = "path of the private key for `channel: ssh`; without it each run makes one, which cloud-init lets in" },
    { "machines.ssh_user", KEY_TEXT, IN(MachineSpec, ssh_user), .preset = "root", .check = format_word, .vary = VARY_FACTORS,
      .about = "who `channel: ssh` logs in as" },
    { "machines.memory_mb", KEY_INTEGER, IN(MachineSpec, memory_mb), .preset = "128", RANGE(16, 1048576),
      .vary = VARY_FACTORS, .about = "memory in MiB" },
    { "machines.cpus", KEY_INTEGER, IN(MachineSpec, cpus), .preset = "1", RANGE(1, 256), .vary = VARY_FACTORS,
      .about = "virtual processors" },
    { "machines.arch", KEY_CHOICE, IN(MachineSpec, arch), .preset = RUN_SPEC_ARCH, .choices = archs, .vary = VARY_FACTORS,
      .about = "its processor's architecture; another one than the host's is emulated, and `image: tiny` is the image `tiny-aarch64` then" },
    { "machines.machine_type", KEY_TEXT, IN(MachineSpec, machine_type), .check = format_word, .vary = VARY_FACTORS,
      .about = "which computer is emulated, as `q35` or a versioned one such as `pc-i440fx-7.2`; without it `pc`, or `virt` for aarch64" },
    { "machines.cpu_model", KEY_TEXT, IN(MachineSpec, cpu_model), .check = format_word, .vary = VARY_FACTORS,
      .about = "a model of libvirt's such as `Nehalem`, `host-passthrough` or `maximum`; without it the host's with KVM, and "
               "`qemu64` (aarch64: `cortex-a57`) with TCG" },
    { "machines.emulator", KEY_TEXT, IN(MachineSpec, emulator), .check = format_guest_path, .vary = VARY_FACTORS,
      .about = "path of the QEMU program on this host" },
    { "machines.firmware", KEY_TEXT, IN(MachineSpec, firmware), .check = format_guest_path, .vary = VARY_FACTORS,
      .about = "path of a firmware file on this host, in place of QEMU's own" },
    { "machines.kernel", KEY_TEXT, IN(MachineSpec, kernel), .check = format_guest_path, .vary = VARY_FACTORS,
      .about = "path of a kernel on this host, in place of the image's" },
    { "machines.initrd", KEY_TEXT, IN(MachineSpec, initrd), .check = format_guest_path, .vary = VARY_FACTORS,
      .about = "path of an initramfs on this host, in place of the image's" },
    { "machines.cmdline", KEY_TEXT, IN(MachineSpec, cmdline), .vary = VARY_FACTORS,
      .about = "words that are added to the kernel's command line" },
    { "machines.hugepages", KEY_BOOLEAN, IN(MachineSpec, hugepages), .preset = "false", .vary = VARY_FACTORS,
      .about = "memory from the host's huge pages" },
    { "machines.qemu_args", KEY_TEXT, IN(MachineSpec, qemu_args), .check = format_words, .vary = VARY_FACTORS,
      .about = "further arguments of QEMU, quoted as for a shell" },
    { "machines.boot", KEY_CHOICE, IN(MachineSpec, boot_preset), .preset = "fast", .choices = presets,
      .vary = VARY_FACTORS,
      .about = "how much the kernel's start is trimmed; `fastest` also drops mitigations and the like" },
    { "machines.interfaces", KEY_LIST, IN(MachineSpec, interfaces), ITEMS(MachineSpec, interface_count),
      .item_size = sizeof(InterfaceSpec), RANGE(0, SCENARIO_INTERFACES_MAX),
      .about = "its network cards, `eth0` first" },
    { "machines.interfaces.bridge", KEY_TEXT, IN(InterfaceSpec, bridge), .required = true, .vary = VARY_FACTORS,
      .refers = NAME_BRIDGE, .about = "the bridge that it is plugged into" },
    { "machines.interfaces.address", KEY_TEXT, IN(InterfaceSpec, address), .check = format_interface_address,
      .vary = VARY_FACTORS,
      .about = "IPv4 or IPv6 address with prefix length, such as `10.0.0.1/24`, or `dhcp`; without it the card has none" },
    { "machines.interfaces.address6", KEY_TEXT, IN(InterfaceSpec, address6), .check = format_address6,
      .vary = VARY_FACTORS, .about = "an IPv6 address besides" },
    { "machines.interfaces.gateway", KEY_TEXT, IN(InterfaceSpec, gateway), .check = format_bare_address,
      .vary = VARY_FACTORS, .about = "address of the router that passes on what is for other networks" },
    { "machines.interfaces.mac", KEY_TEXT, IN(InterfaceSpec, mac), .check = format_mac, .vary = VARY_FACTORS,
      .about = "hardware address; without it `52:54:00:MM:MM:II` from the machine's and the card's number" },
    { "machines.interfaces.vlan", KEY_INTEGER, IN(InterfaceSpec, vlan), RANGE(1, 4094), .vary = VARY_FACTORS,
      .about = "the bridge's port belongs to this VLAN; the machine sees no tags" },
    { "machines.interfaces.trunk", KEY_NAMES, IN(InterfaceSpec, trunk), .check = format_vlan, .vary = VARY_FACTORS,
      .about = "VLANs that the machine sends and gets with tags: a list of numbers" },

    { "bridges", KEY_LIST, RUN(bridges), ITEMS(RunSpec, bridge_count), .item_size = sizeof(BridgeSpec),
      .about = "the networks, and what every frame suffers on its way from a machine into one" },
    { "bridges.name", KEY_TEXT, IN(BridgeSpec, name), .required = true, .check = format_link_name,
      .declares = NAME_BRIDGE, .about = "other keys name it so" },
    { "bridges.type", KEY_CHOICE, IN(BridgeSpec, type), .preset = "bridge", .choices = network_types, .vary = VARY_FACTORS,
      .about = "a learning switch; `ovs`: an Open vSwitch, with its userspace datapath; `link`: a cable between two" },
    { "bridges.impair", KEY_CHOICE, IN(BridgeSpec, impair), .preset = "auto", .choices = impair_means,
      .vary = VARY_FACTORS,
      .about = "who delays and loses frames: the host's kernel (`netem`), `trialbed wire`, or the `guest` itself" },
    IMPAIRMENT_KEYS("bridges", BridgeSpec, impairment, "0", "20000"),
    { "bridges.mtu", KEY_INTEGER, IN(BridgeSpec, mtu), .preset = "1500", RANGE(576, 9000), .vary = VARY_FACTORS,
      .about = "bytes of an IP packet at most, for all its cards" },
    { "bridges.dhcp", KEY_TEXT, IN(BridgeSpec, dhcp), .check = format_address, .vary = VARY_FACTORS,
      .about = "IPv4 address, with prefix length, of a DHCP and DNS server on it" },
    { "bridges.controller", KEY_TEXT, IN(BridgeSpec, controller), .vary = VARY_FACTORS,
      .about = "OpenFlow controller of an Open vSwitch, such as `tcp:127.0.0.1:6653`" },
    { "bridges.protocol", KEY_TEXT, IN(BridgeSpec, protocol), .check = format_label, .vary = VARY_FACTORS,
      .about = "OpenFlow version of an Open vSwitch, such as `OpenFlow13`" },

    { "links", KEY_LIST, RUN(links), ITEMS(RunSpec, link_count), .item_size = sizeof(LinkSpec),
      .about = "what some links do otherwise than their bridge says, or the other way; later ones count more" },
    { "links.link", KEY_TEXT, IN(LinkSpec, link), .required = true, .check = format_link, .vary = VARY_FACTORS,
      .about = "`BRIDGE/MACHINE`, or `BRIDGE` for all its links" },
    { "links.direction", KEY_CHOICE, IN(LinkSpec, direction), .preset = "from", .choices = ways, .vary = VARY_FACTORS,
      .about = "`from` the machine, `to` it, or `both`" },
    IMPAIRMENT_KEYS("links", LinkSpec, change, NULL, NULL),

    { "routers", KEY_LIST, RUN(routers), ITEMS(RunSpec, router_count), .item_size = sizeof(RouterSpec),
      .about = "hosts that pass on packets between networks: no machines, but namespaces of this host" },
    { "routers.name", KEY_TEXT, IN(RouterSpec, name), .required = true, .check = format_machine_name,
      .declares = NAME_ROUTER, .about = "`links` and `events` name it so" },
    { "routers.nat", KEY_TEXT, IN(RouterSpec, nat), .refers = NAME_BRIDGE, .vary = VARY_FACTORS,
      .about = "the bridge towards which all others hide behind the router's address (IPv4 and IPv6)" },
    { "routers.interfaces", KEY_LIST, IN(RouterSpec, interfaces), ITEMS(RouterSpec, interface_count),
      .item_size = sizeof(InterfaceSpec), .required = true, RANGE(1, SCENARIO_INTERFACES_MAX),
      .about = "its network cards; keys as in `machines.interfaces`" },
    { "routers.interfaces.bridge", KEY_TEXT, IN(InterfaceSpec, bridge), .required = true, .vary = VARY_FACTORS,
      .refers = NAME_BRIDGE, .about = "the bridge that it is plugged into" },
    { "routers.interfaces.address", KEY_TEXT, IN(InterfaceSpec, address), .required = true, .check = format_address,
      .vary = VARY_FACTORS, .about = "address with prefix length" },
    { "routers.interfaces.address6", KEY_TEXT, IN(InterfaceSpec, address6), .check = format_address6,
      .vary = VARY_FACTORS, .about = "an IPv6 address besides" },
    { "routers.interfaces.gateway", KEY_TEXT, IN(InterfaceSpec, gateway), .check = format_bare_address,
      .vary = VARY_FACTORS, .about = "address of the next router" },
    { "routers.interfaces.mac", KEY_TEXT, IN(InterfaceSpec, mac), .check = format_mac, .vary = VARY_FACTORS,
      .about = "hardware address; without it `52:54:01:00:RR:II`" },
    { "routers.interfaces.vlan", KEY_INTEGER, IN(InterfaceSpec, vlan), RANGE(1, 4094), .vary = VARY_FACTORS,
      .about = "the bridge's port belongs to this VLAN" },

    { "events", KEY_LIST, RUN(events), ITEMS(RunSpec, event_count), .item_size = sizeof(LinkEventSpec),
      .about = "links that change while the steps run" },
    { "events.at", KEY_DURATION, IN(LinkEventSpec, at_ms), .required = true, .unit = UNIT_TIME, RANGE(0, DAYS(30)),
      .vary = VARY_FACTORS, .about = "so long after the first step begins" },
    { "events.link", KEY_TEXT, IN(LinkEventSpec, link), .required = true, .check = format_link, .vary = VARY_FACTORS,
      .about = "as in `links`" },
    { "events.direction", KEY_CHOICE, IN(LinkEventSpec, direction), .preset = "from", .choices = ways,
      .vary = VARY_FACTORS, .about = "as in `links`, for `set`" },
    { "events.state", KEY_CHOICE, IN(LinkEventSpec, state), .choices = link_states, .vary = VARY_FACTORS,
      .about = "`down`: nothing passes, neither way, until it is `up` again" },
    { "events.set", KEY_MAP, .about = "what it does from then on; what is not said stays as it is" },
    IMPAIRMENT_KEYS("events.set", LinkEventSpec, set, NULL, NULL),

    { "matrix", KEY_MAP, .home = IN_SCENARIO, .about = "what varies" },
    { "matrix.factors", KEY_FACTORS,
      .about = "a name each, with a list of levels or a range; all are crossed with each other" },
    { "matrix.factors.range", KEY_RANGE, .about = "what a factor can have in place of a list of levels" },
    { "matrix.factors.range.from", KEY_TEXT, IN(Range, from), .required = true, .check = format_range_end,
      .about = "the first level; the others are written in its unit" },
    { "matrix.factors.range.to", KEY_TEXT, IN(Range, to), .required = true, .check = format_range_end,
      .about = "no level is above it" },
    { "matrix.factors.range.step", KEY_TEXT, IN(Range, step), .check = format_range_end,
      .about = "from level to level of a linear range; 1 when there is no `count` either" },
    { "matrix.factors.range.count", KEY_INTEGER, IN(Range, count), RANGE(2, FACTOR_LEVELS_MAX),
      .about = "how many levels, evenly spaced on the scale, the last one being `to`" },
    { "matrix.factors.range.scale", KEY_CHOICE, IN(Range, scale), .preset = "linear", .choices = scales,
      .about = "`log2` and `log10`: without `count` every level is 2 or 10 times the one before" },
    { "matrix.factors.range.whole", KEY_BOOLEAN, IN(Range, whole), .preset = "false",
      .about = "round every level to a whole number" },
    { "matrix.zip", KEY_ZIP,
      .about = "factors that are not crossed but go together, level by level: a list of names, or of such lists" },
    { "matrix.derived", KEY_DERIVED,
      .about = "values computed from the factors: a name and an expression each; `${name}` and the variables in the "
               "machines work as for factors" },
    { "matrix.when", KEY_WHEN,
      .about = "crossed cells are kept where this expression is true; of a list, all of them" },
    { "matrix.exclude", KEY_EXCLUDE, IN(Scenario, excludes), ITEMS(Scenario, exclude_count),
      .about = "crossed cells that are left out: a list of maps from some factors to a level" },
    { "matrix.include", KEY_INCLUDE, IN(Scenario, includes), ITEMS(Scenario, include_count),
      .about = "cells besides: a list of maps from every factor to a level, which may be a new one" },

    { "repetitions", KEY_INTEGER, SCENARIO(repetitions), .preset = "1", RANGE(1, MATRIX_RUN_LIMIT),
      .about = "runs of every cell" },
    { "warmup", KEY_INTEGER, SCENARIO(warmup), .preset = "0", RANGE(0, 1000),
      .about = "runs of every cell before these, which are kept but not counted" },
    { "order", KEY_ORDER, SCENARIO(order), .preset = "blocks", .choices = orders,
      .about =
          "`sequential`: cell by cell; `interleaved`: one run of every cell, again and again; `blocks`: the same with "
          "every round shuffled; `shuffled`: all runs shuffled" },
    { "seed", KEY_SEED, SCENARIO(seed), .about = "fixes what is shuffled; without it one is drawn, and stored" },
    { "timeout", KEY_DURATION, RUN(timeout_ms), .preset = "120s", .unit = UNIT_TIME, RANGE(0.001, DAYS(30)),
      .vary = VARY_FACTORS, .about = "of one attempt at a run" },
    { "boot_timeout", KEY_DURATION, RUN(boot_timeout_ms), .preset = "60s", .unit = UNIT_TIME, RANGE(0.001, DAYS(1)),
      .vary = VARY_FACTORS, .about = "until a started machine answers" },
    { "retries", KEY_INTEGER, SCENARIO(retries), .preset = "0", RANGE(0, 100),
      .about = "further attempts at a run that failed for what may be the host's fault (class `provision`, `boot`, "
               "`timeout`, `host` or `tainted`)" },
    { "retry_backoff", KEY_DURATION, SCENARIO(retry_backoff_ms), .preset = "1s", .unit = UNIT_TIME, RANGE(0, 3600),
      .about = "pause before the second attempt; doubled before each further one, up to 5 minutes" },
    { "breaker", KEY_MAP, .home = IN_SCENARIO, .about = "when it is no use to go on; `--keep-going` ignores it" },
    { "breaker.cell", KEY_INTEGER, SCENARIO(breaker_cell), .preset = "5", RANGE(0, MATRIX_RUN_LIMIT),
      .about = "a cell is left after so many failed runs of it in a row; 0: never" },
    { "breaker.host", KEY_INTEGER, SCENARIO(breaker_host), .preset = "10", RANGE(0, MATRIX_RUN_LIMIT),
      .about = "the experiment is left after so many runs in a row, of whichever cells, that failed for what may be the "
               "host's fault; 0: never" },
    { "start", KEY_CHOICE, RUN(start), .preset = "cold", .choices = starts, .vary = VARY_FACTORS,
      .about = "how machines are made ready: `cold` boots them for every run; `network` has namespaces, bridges and taps ready; `restore` "
               "begins from a memory that was saved once; `pool` has the whole run ready; `keep` lets one machine serve all runs of a "
               "cell" },
    { "pool", KEY_INTEGER, RUN(pool), .preset = "4", RANGE(1, 64), .vary = VARY_FACTORS,
      .about = "how many of the next runs are made ready ahead, with `start: network` and `pool`" },
    { "clock", KEY_CHOICE, RUN(clock), .preset = "host", .choices = clocks, .vary = VARY_FACTORS,
      .about = "what moves a machine's time: the host's clock, or the number of executed `instructions` (TCG and one processor only); "
               "`instructions-skip` also passes over idle time (a single machine without interfaces only)" },
    { "accel", KEY_CHOICE, RUN(accel), .preset = "auto", .choices = accels, .vary = VARY_FACTORS,
      .about = "how a machine's processor works: by KVM, by TCG (emulation), or by KVM where that runs" },

    { "isolation", KEY_CHOICE, RUN(isolation), .preset = "shared", .choices = isolations, .vary = VARY_FACTORS,
      .about = "`exclusive`: no other run of the experiment is under way beside it" },
    { "exclusive", KEY_NAMES, RUN(exclusive), .check = format_label, .vary = VARY_FACTORS,
      .about = "names of things that only one run at a time may use, such as a network card" },
    { "pin", KEY_MAP, .home = IN_RUN, .about = "which of the host's CPUs a run may use" },
    { "pin.machines", KEY_TEXT, RUN(pin_machines), .check = format_cpus, .vary = VARY_FACTORS,
      .about = "CPUs such as `2-7`: each virtual processor has one of them for itself; runs wait for each other" },
    { "pin.worker", KEY_TEXT, RUN(pin_worker), .check = format_cpus, .vary = VARY_FACTORS,
      .about = "CPUs of everything else: the emulators' own threads, captures and the worker" },

    { "noise", KEY_MAP, .home = IN_SCENARIO,
      .about = "how quiet the host must be before a run and while it lasts; what is not limited does not count" },
    { "noise.load", KEY_NUMBER, SCENARIO(noise.load), RANGE(0, 100000),
      .about = "processors that other programs keep busy, at most" },
    { "noise.steal", KEY_QUANTITY, SCENARIO(noise.steal_percent), .preset = "100%", .unit = UNIT_PERCENT, RANGE(0, 100),
      .about = "share of the processors' time that a hypervisor below this host gives to others, at most" },
    { "noise.memory", KEY_QUANTITY, SCENARIO(noise.pressure_percent), .preset = "100%", .unit = UNIT_PERCENT,
      RANGE(0, 100), .about = "share of the time in which a program waits for memory (pressure), at most" },
    { "noise.throttles", KEY_NUMBER, SCENARIO(noise.throttles), RANGE(0, 1e9),
      .about = "times that a processor slows down for heat during a run, at most" },
    { "noise.drops", KEY_NUMBER, SCENARIO(noise.drops), RANGE(0, 1e9),
      .about = "packets that a run's captures lose, at most" },
    { "noise.on_violation", KEY_CHOICE, SCENARIO(noise.on_violation), .preset = "taint", .choices = violations,
      .about = "`taint`: the run is kept and flagged, but not counted; `wait`: it does not begin before the host is quiet, "
               "else as `taint`; `fail`: the attempt fails, with the class `tainted`" },
    { "noise.wait", KEY_DURATION, SCENARIO(noise.wait_ms), .preset = "10min", .unit = UNIT_TIME, RANGE(0, DAYS(7)),
      .about = "how long `wait` waits; then the run begins, and is tainted" },

    { "precision", KEY_MAP, .home = IN_SCENARIO,
      .about = "in place of `repetitions`: every cell is repeated until the interval of its mean is narrow enough; see "
               "[statistics.md](statistics.md#how-many-runs)" },
    { "precision.metric", KEY_TEXT, SCENARIO(precision.metric), .required = true, .refers = NAME_METRIC,
      .about = "as in `report`" },
    { "precision.relative", KEY_QUANTITY, SCENARIO(precision.relative_percent), .required = true, .unit = UNIT_PERCENT,
      RANGE(0.01, 100), .about = "half of the interval as a share of the mean" },
    { "precision.confidence", KEY_QUANTITY, SCENARIO(precision.confidence_percent), .preset = "95%",
      .unit = UNIT_PERCENT, RANGE(50, 99.99), .about = "how sure the interval is" },
    { "precision.min", KEY_INTEGER, SCENARIO(precision.min), .preset = "5",
      RANGE(PRECISION_MIN, MATRIX_RUN_LIMIT), .about = "repetitions of every cell at least" },
    { "precision.max", KEY_INTEGER, SCENARIO(precision.max), .preset = "50",
      RANGE(PRECISION_MIN, MATRIX_RUN_LIMIT), .about = "and at most" },
    { "steady", KEY_LIST, SCENARIO(steadies), ITEMS(Scenario, steady_count), .item_size = sizeof(Steady),
      .about = "metrics whose iterations shall come to a steady state within a run; a run that has none is flagged, and "
               "counts all the same; see [statistics.md](statistics.md#steady-state)" },
    { "steady.metric", KEY_TEXT, IN(Steady, metric), .required = true, .refers = NAME_METRIC,
      .about = "a metric of a step, best of one with `repeat`" },
    { "steady.window", KEY_INTEGER, IN(Steady, window), .preset = "10", RANGE(STEADY_WINDOW_MIN, STEADY_WINDOW_MAX),
      .about = "so many iterations in a row must be alike" },
    { "steady.variation", KEY_QUANTITY, IN(Steady, variation_percent), .preset = "2%", .unit = UNIT_PERCENT,
      RANGE(0.01, 100), .about = "their coefficient of variation (standard deviation over mean) at most" },
    { "budget", KEY_MAP, .home = IN_SCENARIO,
      .about = "how long the experiment may take, by exactly one of these; it ends with a complete block, and no run "
               "begins that cannot end in time" },
    { "budget.time", KEY_DURATION, SCENARIO(budget.time_ms), .unit = UNIT_TIME, RANGE(1, DAYS(365)),
      .about = "of work; pauses between `run` and `resume` do not count" },
    { "budget.until", KEY_TEXT, SCENARIO(budget.until), .check = format_clock, .about = "the next time it is so late" },

    { "files", KEY_LIST, RUN(files), ITEMS(RunSpec, file_count), .item_size = sizeof(FileSpec),
      .about = "files from beside the scenario that machines get before the first step" },
    { "files.source", KEY_TEXT, IN(FileSpec, source), .required = true, .vary = VARY_FACTORS,
      .about = "path below the scenario's folder" },
    { "files.on", KEY_TARGETS, IN(FileSpec, on), ITEMS(FileSpec, machines), .required = true, .vary = VARY_FACTORS,
      .about = "the machine, or several as in `steps`" },
    { "files.path", KEY_TEXT, IN(FileSpec, path), .required = true, .check = format_guest_path, .vary = VARY_FACTORS,
      .about = "absolute path inside it" },
    { "files.mode", KEY_TEXT, IN(FileSpec, mode), .preset = "0644", .check = format_mode, .about = "its permissions" },
    { "files.outside", KEY_BOOLEAN, IN(FileSpec, outside), .preset = "false", .about = "the source may lie anywhere" },

    { "setup", KEY_LIST, RUN(setups), ITEMS(RunSpec, setup_count), .item_size = sizeof(StepSpec), .like = "steps",
      .about = "steps before the others" },
    { "teardown", KEY_LIST, RUN(teardowns), ITEMS(RunSpec, teardown_count), .item_size = sizeof(StepSpec),
      .like = "steps", .about = "steps after the others, done whatever became of those" },
    { "steps", KEY_LIST, RUN(steps), ITEMS(RunSpec, step_count), .item_size = sizeof(StepSpec),
      .about = "what is done in a run, one step after the other unless `after` or `parallel` says otherwise" },
    { "steps.name", KEY_TEXT, IN(StepSpec, name), .required = true, .check = format_label, .declares = NAME_STEP,
      .about = "its phase is `step:NAME`" },
    { "steps.on", KEY_TARGETS, IN(StepSpec, on), ITEMS(StepSpec, machines), .required = true, .host = true,
      .vary = VARY_FACTORS,
      .about = "the machine; a list of machines, a counted machine's name or `all` for several; `host` for this host" },
    { "steps.run", KEY_TEXT, IN(StepSpec, run), .required = true, .vary = VARY_ALL,
      .about = "the command, for `/bin/sh -c` inside the machine" },
    { "steps.arguments", KEY_NAMES, IN(StepSpec, arguments), .vary = VARY_ALL, .may_be_empty = true,
      .about = "what the command finds as `\"$@\"`: texts that no shell takes apart" },
    { "steps.environment", KEY_NAMES, IN(StepSpec, environment), .vary = VARY_ALL, .may_be_empty = true,
      .check = format_variable, .about = "more variables, each as `NAME=VALUE`" },
    { "steps.stdin", KEY_TEXT, IN(StepSpec, input), .vary = VARY_ALL, .may_be_empty = true,
      .about = "its standard input; without it, there is nothing to read" },
    { "steps.background", KEY_BOOLEAN, IN(StepSpec, background), .preset = "false", .vary = VARY_FACTORS,
      .about = "go on with the next step while this one runs; it is ended with the run" },
    { "steps.ready", KEY_MAP, .about = "when a step in the background lets the next one begin" },
    { "steps.ready.port", KEY_INTEGER, IN(StepSpec, ready_port), RANGE(1, 65535), .vary = VARY_FACTORS,
      .about = "as soon as something listens on this TCP port" },
    { "steps.ready.file", KEY_TEXT, IN(StepSpec, ready_file), .check = format_guest_path,
      .vary = VARY_FACTORS, .about = "as soon as this file exists" },
    { "steps.ready.output", KEY_TEXT, IN(StepSpec, ready_output), .check = format_pattern,
      .vary = VARY_FACTORS, .about = "as soon as a line of its output matches this regular expression" },
    { "steps.ready.delay", KEY_DURATION, IN(StepSpec, ready_delay_ms), .unit = UNIT_TIME, RANGE(0, DAYS(1)),
      .vary = VARY_FACTORS, .about = "not before so much time has passed" },
    { "steps.after", KEY_NAMES, IN(StepSpec, after), .refers = NAME_STEP,
      .about = "begin as soon as these steps have ended, or are ready, instead of waiting for all above" },
    { "steps.parallel", KEY_TEXT, IN(StepSpec, parallel), .check = format_label,
      .about = "neighbours with the same label run side by side" },
    { "steps.repeat", KEY_INTEGER, IN(StepSpec, repeat), .preset = "1", RANGE(1, 1000000),
      .vary = VARY_FACTORS, .about = "how often it is done within the run; every sample knows its iteration" },
    { "steps.expect", KEY_MAP, .about = "what must come of it" },
    { "steps.expect.status", KEY_INTEGER, IN(StepSpec, expect_status), .preset = "0", RANGE(0, 255),
      .vary = VARY_FACTORS, .about = "exit status; another one fails the run" },
    { "steps.expect.output", KEY_TEXT, IN(StepSpec, expect_output), .check = format_pattern, .vary = VARY_FACTORS,
      .about = "a regular expression that its output matches" },
    { "steps.allow_failure", KEY_BOOLEAN, IN(StepSpec, allow_failure), .preset = "false",
      .vary = VARY_FACTORS, .about = "the run goes on when it fails, which is told as an event" },
    { "steps.timeout", KEY_DURATION, IN(StepSpec, timeout_ms), .preset = "60s", .unit = UNIT_TIME,
      RANGE(0.001, DAYS(30)), .vary = VARY_FACTORS,
      .about = "a step that takes longer to end, or in the background to be ready, fails the run" },
    { "steps.signal", KEY_CHOICE, IN(StepSpec, signal), .preset = "TERM", .choices = signals,
      .about = "what it is told to end by, when its time is over or, in the background, the run" },
    { "steps.grace", KEY_DURATION, IN(StepSpec, grace_ms), .preset = "5s", .unit = UNIT_TIME, RANGE(0, 60),
      .vary = VARY_FACTORS, .about = "how much longer it may then take, before it is killed" },
    { "steps.measure", KEY_LIST, IN(StepSpec, measures), ITEMS(StepSpec, measure_count),
      .item_size = sizeof(MeasureSpec),
      .about = "how numbers are read from its standard output, by exactly one of `regex`, `jsonpath`, `csv` and `parser`" },
    { "steps.measure.metric", KEY_TEXT, IN(MeasureSpec, metric), .required = true, .check = format_metric,
      .declares = NAME_METRIC, .about = "the measured quantity's name" },
    { "steps.measure.unit", KEY_TEXT, IN(MeasureSpec, unit), .preset = "", .may_be_empty = true,
      .about = "of the values after scaling" },
    { "steps.measure.regex", KEY_TEXT, IN(MeasureSpec, regex), .vary = VARY_FACTORS, .caller = CALLER_REGEX,
      .about = "regular expression (PCRE); the first group of every match is a sample" },
    { "steps.measure.jsonpath", KEY_TEXT, IN(MeasureSpec, jsonpath), .vary = VARY_FACTORS, .caller = CALLER_JSONPATH,
      .about = "JSONPath; every number that it selects is a sample" },
    { "steps.measure.csv", KEY_TEXT, IN(MeasureSpec, csv), .vary = VARY_FACTORS, .caller = CALLER_CSV,
      .about = "name of a column of a table with a line of names; every row is a sample" },
    { "steps.measure.parser", KEY_TEXT, IN(MeasureSpec, parser), .vary = VARY_FACTORS, .caller = CALLER_PARSER,
      .about = "a value of a known tool, such as `ping.time`, with its unit and direction; docs/steps.md lists them" },
    { "steps.measure.direction", KEY_CHOICE, IN(MeasureSpec, direction), .choices = directions,
      .about = "which values are better" },
    { "steps.measure.aggregate", KEY_TEXT, IN(MeasureSpec, aggregate), .preset = "mean", .check = format_aggregate,
      .about =
          "what makes one number of a run's samples: `mean`, `median`, `min`, `max`, `sum`, `last` or `p1` to `p99`" },
    { "steps.measure.scale", KEY_NUMBER, IN(MeasureSpec, scale), .preset = "1", .about = "multiplies every sample" },

    { "captures", KEY_LIST, RUN(captures), ITEMS(RunSpec, capture_count), .item_size = sizeof(CaptureSpec),
      .about = "packets that are recorded" },
    { "captures.bridge", KEY_TEXT, IN(CaptureSpec, bridge), .required = true, .vary = VARY_FACTORS,
      .refers = NAME_BRIDGE, .about = "the bridge" },
    { "captures.filter", KEY_TEXT, IN(CaptureSpec, filter), .vary = VARY_ALL, .caller = CALLER_FILTER,
      .about = "which packets, in libpcap's language; without it, all" },
    { "captures.snaplen", KEY_INTEGER, IN(CaptureSpec, snaplen), .preset = "2048", RANGE(64, 262144),
      .vary = VARY_FACTORS, .about = "bytes kept of every packet" },

    { "collect", KEY_LIST, RUN(collects), ITEMS(RunSpec, collect_count), .item_size = sizeof(CollectSpec),
      .about = "files that are fetched after the last step" },
    { "collect.from", KEY_TEXT, IN(CollectSpec, from), .required = true, .vary = VARY_FACTORS, .refers = NAME_MACHINE,
      .about = "the machine" },
    { "collect.path", KEY_TEXT, IN(CollectSpec, path), .required = true, .check = format_guest_path,
      .vary = VARY_FACTORS, .about = "absolute path inside it" },

    { "report", KEY_LIST, SCENARIO(figures), ITEMS(Scenario, figure_count), .item_size = sizeof(FigureWish),
      .about = "figures that the report shall have" },
    { "report.figure", KEY_CHOICE, IN(FigureWish, figure), .preset = "errorbars", .choices = figures,
      .about = "its kind" },
    { "report.metric", KEY_TEXT, IN(FigureWish, metric), .refers = NAME_METRIC,
      .about = "a metric of a step, or one that is there without asking, such as `phase.boot`; without it, every "
               "metric of the steps" },
    { "report.metrics", KEY_NAMES, IN(FigureWish, metrics), .refers = NAME_METRIC,
      .about = "for `bars`: several metrics side by side on the x axis, and every factor makes bars" },
    { "report.x", KEY_TEXT, IN(FigureWish, x), .refers = NAME_FACTOR, .about = "the factor along the x axis" },
    { "report.by", KEY_TEXT, IN(FigureWish, by), .refers = NAME_FACTOR,
      .about = "the factor that gets a line a level" },
    { "report.facet", KEY_TEXT, IN(FigureWish, facet), .refers = NAME_FACTOR,
      .about = "the factor that gets a panel a level" },
    { "report.errors", KEY_CHOICE, IN(FigureWish, errors), .choices = error_bars,
      .about = "what error bars are: sample standard deviation, standard error or 95 % confidence interval" },
    { "report.normalize_to", KEY_WHERE, IN(FigureWish, normalize_to),
      .about = "show ratios to the cells with this level, `{platform: bare}`, that are the same otherwise" },
    { "report.expected", KEY_TEXT, IN(FigureWish, expected),
      .about = "for `expected-vs-measured`: `LEVEL = TERM - TERM + ...` of the x axis, with semicolons between; a term "
               "is a number or `METRIC[LEVEL]`, a measured mean" },

    { "published", KEY_LIST, SCENARIO(published), ITEMS(Scenario, published_count), .item_size = sizeof(Published),
      .about = "values that were published elsewhere, to compare with" },
    { "published.metric", KEY_TEXT, IN(Published, metric), .required = true, .refers = NAME_METRIC,
      .about = "as in `report`" },
    { "published.where", KEY_WHERE, IN(Published, where), .about = "the cell: a map from factors to a level" },
    { "published.mean", KEY_NUMBER, IN(Published, mean), .required = true, .about = "the published mean" },
    { "published.stddev", KEY_NUMBER, IN(Published, stddev), RANGE(0, 1e300),
      .about = "the published standard deviation" },
    { "published.n", KEY_INTEGER, IN(Published, n), RANGE(1, 1e9), .about = "over how many runs" },
    { "published.source", KEY_TEXT, IN(Published, source), .about = "where it was published" },

    { "reproduce", KEY_MARGINS, .home = IN_SCENARIO, .refers = NAME_METRIC,
      .about = "how far means may be off when `trialbed reproduce` runs it again: a map from metrics to a share of the mean "
               "such as `5%`, or to a number in the metric's unit; 10% for those that are not named" },
};
const size_t key_count = G_N_ELEMENTS(keys);

const char *key_name(const Key *key)
{
    const char *dot = strrchr(key->path, '.');

    return dot != NULL ? dot + 1 : key->path;
}

/* Where a row's relatives stand: a scenario of thousands of items asks for each of its keys. */
typedef struct Relatives {
    const Key *child, *sibling; /* the first row below it, the next one beside it; NULL: none */
    const Key *like;            /* the row whose children it has: itself, or the one that `like` names */
} Relatives;

/* Whether the row is directly below the parent (NULL: at the top). */
static bool is_child(const Key *parent, const char *path)
{
    size_t length = parent != NULL ? strlen(parent->path) : 0;

    if (parent != NULL && (strncmp(path, parent->path, length) != 0 || path[length] != '.'))
        return false;
    return strchr(parent != NULL ? path + length + 1 : path, '.') == NULL;
}

/* Link the rows below `parent`, from row `at` on; returns the row behind the last of them. */
static size_t relate(Relatives *relatives, const Key *parent, size_t at)
{
    const Key **link = parent != NULL ? &relatives[parent - keys].child : NULL;

    while (at < key_count && is_child(parent, keys[at].path)) {
        if (link != NULL)
            *link = &keys[at];
        link = &relatives[at].sibling;
        at = relate(relatives, &keys[at], at + 1);
    }
    return at;
}

static const Key *row_of(const char *path)
{
    for (size_t i = 0; i < key_count; i++)
        if (strcmp(keys[i].path, path) == 0)
            return &keys[i];
    return NULL;
}

static const Relatives *relatives_of(const Key *key)
{
    static Relatives all[G_N_ELEMENTS(keys)];
    static gsize is_filled;

    if (g_once_init_enter(&is_filled)) {
        relate(all, NULL, 0);
        for (size_t i = 0; i < key_count; i++)
            all[i].like = keys[i].like != NULL ? row_of(keys[i].like) : &keys[i];
        g_once_init_leave(&is_filled, 1);
    }
    return &all[key - keys];
}

const Key *key_next(const Key *parent, const Key *previous)
{
    if (previous != NULL)
        return relatives_of(previous)->sibling;
    if (parent == NULL)
        return keys;
    return relatives_of(relatives_of(parent)->like)->child;
}

const Key *key_find(const Key *parent, const char *name)
{
    for (const Key *key = key_next(parent, NULL); key != NULL; key = key_next(parent, key))
        if (strcmp(key_name(key), name) == 0)
            return key;
    return NULL;
}

const char *name_kind_text(NameKind kind)
{
    static const char *const texts[NAME_KINDS] = { "name",   "machine", "bridge",        "step",
                                                   "metric", "factor",  "derived value", "router" };

    return texts[kind];
}
