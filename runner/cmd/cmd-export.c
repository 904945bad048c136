// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "db/bundle/bundle-export.h"
#include "images/blobs.h"
#include "reports/report.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/cmd/support.h"

extern const Command cmd_export = {
    .name = "export", .usage = "[EXPERIMENT] [-o FILE] [--without pcaps] [--only CELL] [--sign KEY] [--license ID]",
    .summary = "one experiment as a bundle: rows, scenario, artifacts, report",
    .details = "The bundle is a BagIt bag with RO-Crate metadata in a .tar.zst; 'trialbed verify' checks it, and so\n"
               "does sha256sum -c after unpacking. The same experiment gives the same bytes. docs/bundles.md says\n"
               "what is in it.",
    .json = "{\"path\": PATH, \"files\": N, \"bytes\": N}, both of what is inside",
    .needs = CMD_NEEDS_STORE_READONLY, .options = options, .max_args = 1, .run = run,
};
