// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_MEDIA_TYPE_H
#define DB_MEDIA_TYPE_H

/* The media type of an artifact, by the end of its name, else by its kind; application/octet-stream when neither
 * says. */
const char *media_type(const char *kind, const char *path);

#endif
