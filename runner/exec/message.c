// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/message.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "runner/base/error.h"

typedef enum { FIELD_TEXT, FIELD_TEXTS, FIELD_BOOL, FIELD_INT, FIELD_INT64, FIELD_REAL } FieldType;

typedef struct Field {
    const char *name;
    FieldType type;
    size_t offset;
} Field;

/* A member of the struct that is being described. */
#define TEXT(member) { #member, FIELD_TEXT, offsetof(RECORD, member) }
#define TEXTS(member) { #member, FIELD_TEXTS, offsetof(RECORD, member) }
#define BOOL(member) { #member, FIELD_BOOL, offsetof(RECORD, member) }
#define INT(member) { #member, FIELD_INT, offsetof(RECORD, member) }
#define INT64(member) { #member, FIELD_INT64, offsetof(RECORD, member) }
#define REAL(member) { #member, FIELD_REAL, offsetof(RECORD, member) }

#define RECORD Job
static const Field job_fields[] = { TEXT(scenario), TEXTS(levels), TEXT(lab), TEXT(folder), TEXT(images), TEXT(cache),
                                    TEXT(backend), TEXT(uri), TEXT(owner), TEXT(scratch), TEXT(accel),
                                    TEXT(pins), TEXT(worker_cpus), TEXT(park), TEXT(uuid), INT64(run_id), INT64(seed),
                                    INT64(asked_ns) };
#undef RECORD
#define RECORD Facts
static const Field facts_fields[] = { TEXT(platform), TEXT(accelerator), TEXT(emulator), TEXT(backend) };
#undef RECORD
#define RECORD Begin
static const Field begin_fields[] = { TEXT(phase) };
#undef RECORD
#define RECORD PhaseRecord
static const Field phase_fields[] = { TEXT(name), TEXT(machine), INT64(start_ns), INT64(duration_ns) };
#undef RECORD
#define RECORD MachineRecord
static const Field machine_fields[] = { TEXT(name), TEXT(image), TEXT(image_digest), TEXT(platform), TEXT(arch),
                                        TEXT(accelerator), TEXT(emulator), TEXT(channel), INT(memory_mb), INT(cpus) };
#undef RECORD
#define RECORD StepRecord
static const Field step_fields[] = { TEXT(name), TEXT(machine), TEXT(command), INT(exit_status), INT(signal),
                                     INT(stop_signal), BOOL(timed_out),
                                     BOOL(background), INT64(start_ns), INT64(duration_ns) };
#undef RECORD
#define RECORD SampleRecord
static const Field sample_fields[] = { TEXT(metric), TEXT(unit), TEXT(direction), TEXT(aggregate), INT64(sequence),
                                       REAL(value), INT64(iteration), BOOL(has_offset), INT64(offset_ns), TEXT(machine),
                                       BOOL(automatic) };
#undef RECORD
#define RECORD ArtifactRecord
static const Field artifact_fields[] = { TEXT(machine), TEXT(step), TEXT(kind), TEXT(path), INT64(size_bytes),
                                         TEXT(sha256) };
#undef RECORD
#define RECORD CaptureRecord
static const Field capture_fields[] = { TEXT(bridge), TEXT(filter), TEXT(path), INT64(packets), INT64(bytes),
                                        INT64(received), INT64(dropped), INT64(first_ns), INT64(last_ns) };
#undef RECORD
#define RECORD EventRecord
static const Field event_fields[] = { INT64(at_ns), TEXT(kind), TEXT(text) };
#undef RECORD
#define RECORD Parked
static const Field parked_fields[] = { INT64(started_ns) };
#undef RECORD
#define RECORD Go
static const Field go_fields[] = { INT64(at_ns) };
#undef RECORD
#define RECORD End
static const Field end_fields[] = { BOOL(ok), BOOL(kept), TEXT(failure_class), TEXT(failure_phase), TEXT(failure_reason) };
#undef RECORD

static const struct {
    const char *name;
    const Field *fields;
    size_t field_count, size;
} kinds[] = {
#define KIND(value, text, type, table) [value] = { text, table, G_N_ELEMENTS(table), sizeof(type) }
    KIND(MESSAGE_JOB, "job", Job, job_fields),
    KIND(MESSAGE_FACTS, "facts", Facts, facts_fields),
    KIND(MESSAGE_BEGIN, "begin", Begin, begin_fields),
    KIND(MESSAGE_PHASE, "phase", PhaseRecord, phase_fields),
    KIND(MESSAGE_MACHINE, "machine", MachineRecord, machine_fields),
    KIND(MESSAGE_STEP, "step", StepRecord, step_fields),
    KIND(MESSAGE_SAMPLE, "sample", SampleRecord, sample_fields),
    KIND(MESSAGE_ARTIFACT, "artifact", ArtifactRecord, artifact_fields),
    KIND(MESSAGE_CAPTURE, "capture", CaptureRecord, capture_fields),
    KIND(MESSAGE_EVENT, "event", EventRecord, event_fields),
    KIND(MESSAGE_PARKED, "parked", Parked, parked_fields),
    KIND(MESSAGE_GO, "go", Go, go_fields),
    KIND(MESSAGE_END, "end", End, end_fields),
#undef KIND
};

size_t message_size(MessageKind kind)
{
    return kinds[kind].size;
}

/* By hand: a worker writes dozens of these, and json-glib's builder needs a hundred objects for one. What programs print may be no UTF-8,
 * which JSON must be. */
static void add_text(GString *json, const char *text)
{
    g_autofree char *valid = text != NULL ? g_utf8_make_valid(text, -1) : NULL;

    if (valid == NULL) {
        g_string_append(json, "null");
        return;
    }
    g_string_append_c(json, '"');
    for (const char *at = valid; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            g_string_append_c(json, '\\');
        if ((unsigned char) *at < ' ')
            g_string_append_printf(json, "\\u%04x", *at);
        else
            g_string_append_c(json, *at);
    }
    g_string_append_c(json, '"');
}

static void add_texts(GString *json, char **texts)
{
    g_string_append_c(json, '[');
    for (char **text = texts; text != NULL && *text != NULL; text++) {
        if (text != texts)
            g_string_append_c(json, ',');
        add_text(json, *text);
    }
    g_string_append_c(json, ']');
}

/* As text: json-glib, which reads it, spoils a number such as 1e+20. 17 digits read back the same. */
static void add_real(GString *json, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    add_text(json, g_ascii_dtostr(text, sizeof text, value));
}

static void add_field(GString *json, const Field *field, const void *record)
{
    const void *at = (const char *) record + field->offset;

    g_string_append_printf(json, ",\"%s\":", field->name);
    switch (field->type) {
    case FIELD_TEXT: add_text(json, *(const char *const *) at); break;
    case FIELD_TEXTS: add_texts(json, *(char **const *) at); break;
    case FIELD_BOOL: g_string_append(json, *(const bool *) at ? "true" : "false"); break;
    case FIELD_INT: g_string_append_printf(json, "%d", *(const int *) at); break;
    case FIELD_INT64: g_string_append_printf(json, "%" G_GINT64_FORMAT, *(const int64_t *) at); break;
    case FIELD_REAL: add_real(json, *(const double *) at); break;
    }
}

char *message_write(MessageKind kind, const void *record)
{
    GString *json = g_string_sized_new(256);

    g_string_append_printf(json, "{\"message\":\"%s\"", kinds[kind].name);
    for (size_t i = 0; i < kinds[kind].field_count; i++)
        add_field(json, &kinds[kind].fields[i], record);
    g_string_append(json, "}\n");
    return g_string_free(json, FALSE);
}

static char **read_texts(JsonArray *array, GStringChunk *strings)
{
    guint length = array != NULL ? json_array_get_length(array) : 0;
    GPtrArray *texts = g_ptr_array_new();

    for (guint i = 0; i < length; i++)
        g_ptr_array_add(texts, g_string_chunk_insert(strings, json_array_get_string_element(array, i)));
    g_ptr_array_add(texts, NULL);
    return (char **) g_ptr_array_free(texts, FALSE);
}

/* A member of another type than the field's is passed over: json-glib would complain aloud. */
static bool fits(JsonNode *node, FieldType type)
{
    GType value = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;

    switch (type) {
    case FIELD_TEXT:
    case FIELD_REAL: return value == G_TYPE_STRING;
    case FIELD_TEXTS: return JSON_NODE_HOLDS_ARRAY(node);
    case FIELD_BOOL: return value == G_TYPE_BOOLEAN;
    case FIELD_INT:
    case FIELD_INT64: return value == G_TYPE_INT64;
    }
    return false;
}

static void read_field(JsonObject *object, const Field *field, GStringChunk *strings, void *record)
{
    void *at = (char *) record + field->offset;
    JsonNode *node = json_object_get_member(object, field->name);

    if (node == NULL || !fits(node, field->type))
        return;
    switch (field->type) {
    /* "const": a thousand samples share the name of their metric. */
    case FIELD_TEXT: *(char **) at = g_string_chunk_insert_const(strings, json_node_get_string(node)); break;
    case FIELD_TEXTS: *(char ***) at = read_texts(json_node_get_array(node), strings); break;
    case FIELD_BOOL: *(bool *) at = json_node_get_boolean(node); break;
    case FIELD_INT: *(int *) at = (int) json_node_get_int(node); break;
    case FIELD_INT64: *(int64_t *) at = json_node_get_int(node); break;
    case FIELD_REAL: *(double *) at = g_ascii_strtod(json_node_get_string(node), NULL); break;
    }
}

static bool find_kind(JsonObject *object, MessageKind *ret_kind)
{
    JsonNode *node = json_object_get_member(object, "message");

    for (size_t i = 0; node != NULL && fits(node, FIELD_TEXT) && i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].name, json_node_get_string(node)) == 0) {
            *ret_kind = (MessageKind) i;
            return true;
        }
    }
    return false;
}

bool message_read(const char *line, GStringChunk *strings, MessageKind *ret_kind, void **ret_record, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *object;
    MessageKind kind;
    void *record;

    if (!json_parser_load_from_data(parser, line, -1, NULL) || json_parser_get_root(parser) == NULL
        || !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
        return error_set(error, ERROR_HOST, "a worker sent what is no message: %.80s", line);
    object = json_node_get_object(json_parser_get_root(parser));
    if (!find_kind(object, &kind))
        return error_set(error, ERROR_HOST, "a worker sent a message of no known kind: %.80s", line);
    record = g_malloc0(kinds[kind].size);
    for (size_t i = 0; i < kinds[kind].field_count; i++)
        read_field(object, &kinds[kind].fields[i], strings, record);
    *ret_kind = kind;
    *ret_record = record;
    return true;
}
