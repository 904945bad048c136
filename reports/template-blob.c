// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/templates.h"

#define TEMPLATE(name, path) \
    __asm__(".pushsection .rodata\n" \
            ".global template_" name "\n" \
            "template_" name ":\n" \
            ".incbin \"" path "\"\n" \
            ".byte 0\n" \
            ".popsection\n")

TEMPLATE("style", "reports/templates/style.gp");
TEMPLATE("errorbars", "reports/templates/errorbars.gp");
TEMPLATE("lines", "reports/templates/lines.gp");
TEMPLATE("bars", "reports/templates/bars.gp");
TEMPLATE("box", "reports/templates/box.gp");
TEMPLATE("violin", "reports/templates/violin.gp");
TEMPLATE("cdf", "reports/templates/cdf.gp");
TEMPLATE("ccdf", "reports/templates/ccdf.gp");
TEMPLATE("histogram", "reports/templates/histogram.gp");
TEMPLATE("scatter", "reports/templates/scatter.gp");
TEMPLATE("heatmap", "reports/templates/heatmap.gp");
TEMPLATE("order", "reports/templates/order.gp");
TEMPLATE("convergence", "reports/templates/convergence.gp");
TEMPLATE("timeseries", "reports/templates/timeseries.gp");
TEMPLATE("phases", "reports/templates/phases.gp");
TEMPLATE("gantt", "reports/templates/gantt.gp");
TEMPLATE("panels_begin", "reports/templates/panels-begin.gp");
TEMPLATE("panels", "reports/templates/panels.gp");
TEMPLATE("panels_end", "reports/templates/panels-end.gp");
TEMPLATE("panels_published", "reports/templates/panels-published.gp");
TEMPLATE("published_at_x", "reports/templates/published-at-x.gp");
TEMPLATE("published_on_x", "reports/templates/published-on-x.gp");
TEMPLATE("published_on_y", "reports/templates/published-on-y.gp");
TEMPLATE("marks_at_x", "reports/templates/marks-at-x.gp");
TEMPLATE("expected", "reports/templates/expected.gp");
TEMPLATE("reproduction", "reports/templates/reproduction.gp");
TEMPLATE("page", "reports/templates/page.css");
TEMPLATE("script", "reports/templates/page.js");
