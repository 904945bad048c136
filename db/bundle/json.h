// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_JSON_H
#define DB_BUNDLE_JSON_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

/* Short words for a JSON builder. Only for db/bundle. */

/* A member; nothing when the text is NULL. */
void json_put_text(JsonBuilder *builder, const char *name, const char *text);
void json_put_integer(JsonBuilder *builder, const char *name, int64_t value);

/* "name": {"@id": id} */
void json_put_reference(JsonBuilder *builder, const char *name, const char *id);
/* {"@id": id}, in an array. */
void json_add_reference(JsonBuilder *builder, const char *id);

/* Begin a member that is an object or an array. */
void json_open_object(JsonBuilder *builder, const char *name);
void json_open_array(JsonBuilder *builder, const char *name);

/* Write what was built, indented, with a line end. */
bool json_save(JsonBuilder *builder, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
