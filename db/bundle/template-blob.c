// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/templates.h"

__asm__(".pushsection .rodata\n"
        ".global template_bundle_readme\n"
        "template_bundle_readme:\n"
        ".incbin \"db/bundle/templates/readme.md\"\n"
        ".byte 0\n"
        ".popsection\n");
