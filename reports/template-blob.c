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
TEMPLATE("page", "reports/templates/page.css");
