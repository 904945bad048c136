// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/media-type.h"

#include <glib.h>

/* Names first: a collected file's kind says only that it is a file. */
static const struct {
    const char *suffix, *type;
} by_name[] = {
    { ".pcap", "application/vnd.tcpdump.pcap" },
    { ".pcapng", "application/x-pcapng" },
    { ".xml", "application/xml" },
    { ".json", "application/json" },
    { ".yaml", "application/yaml" },
    { ".csv", "text/csv" },
    { ".tsv", "text/tab-separated-values" },
    { ".txt", "text/plain" },
    { ".log", "text/plain" },
    { ".html", "text/html" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".gz", "application/gzip" },
    { ".zst", "application/zstd" },
    { ".tar", "application/x-tar" },
};

static const struct {
    const char *kind, *type;
} by_kind[] = {
    { "pcap", "application/vnd.tcpdump.pcap" },
    { "log", "text/plain" },
    { "stdout", "text/plain" },
    { "stderr", "text/plain" },
    { "command", "text/plain" },
    { "exit", "text/plain" },
};

const char *media_type(const char *kind, const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(by_name); i++)
        if (g_str_has_suffix(path, by_name[i].suffix))
            return by_name[i].type;
    for (size_t i = 0; i < G_N_ELEMENTS(by_kind); i++)
        if (g_strcmp0(kind, by_kind[i].kind) == 0)
            return by_kind[i].type;
    return "application/octet-stream";
}
