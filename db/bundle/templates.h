// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_TEMPLATES_H
#define DB_BUNDLE_TEMPLATES_H

/* db/bundle/templates/readme.md, compiled in. {{field}} is replaced. */
extern const char template_bundle_readme[];

#endif
