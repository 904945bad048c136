// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/base/proc.h"
#include "runner/vm/accel-guest.h"

#define EMULATOR "qemu-system-x86_64"
#define KVM_DEVICE "/dev/kvm"
enum { PROBE_LIMIT_MS = 10000, VERSION_LIMIT_MS = 30000, CACHE_LIMIT = 65536 };

/* What one host with one emulator can do. */
typedef struct Answer {
    bool runs;
    char *reason;
} Answer;

static bool emulator_version(char **ret_version, GError **error)
{
    g_auto(ProcResult) result = { 0 };
    ProcSpec spec = { .argv = (const char *const[]) { EMULATOR, "--version", NULL }, .timeout_ms = VERSION_LIMIT_MS };

    if (!proc_run_checked(&spec, &result, error)) {
        error_hint(error, "'sudo apt-get install qemu-system-x86' installs the emulator.");
        return false;
    }
    *ret_version = g_strndup(result.output, strcspn(result.output, "\n"));
    return true;
}

static char *host_kernel(void)
{
    struct utsname name;

    return uname(&name) == 0 ? g_strdup(name.release) : g_strdup("unknown");
}

/* The last line that the emulator calls an error, or else its last line: warnings come before, assertions after. */
static char *complaint(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    const char *found = NULL;

    for (char **line = lines; *line != NULL; line++)
        if (*g_strstrip(*line) != '\0' && (found == NULL || strstr(found, "error:") == NULL || strstr(*line, "error:") != NULL))
            found = *line;
    return g_strdup(found != NULL ? found : "it said nothing");
}

bool accel_probe(const char *accel, unsigned limit_ms, bool *ret_runs, char **ret_reason, GError **error)
{
    g_autofree char *path = NULL;
    g_autofree char *drive = NULL;
    g_autofree char *why = NULL;
    g_auto(ProcResult) result = { 0 };
    const char *cpu = g_str_equal(accel, "kvm") ? "host" : "qemu64"; /* as the machines will have it */
    int fd = g_file_open_tmp("trialbed-guest-XXXXXX", &path, error);
    bool ok;

    if (fd < 0)
        return false;
    ok = write(fd, accel_guest, ACCEL_GUEST_SIZE) == ACCEL_GUEST_SIZE
        || error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
    close(fd);
    drive = g_strdup_printf("file=%s,format=raw,if=floppy,readonly=on", path);
    ok = ok && proc_run(&(ProcSpec) {
        .argv = (const char *const[]) { EMULATOR, "-accel", accel, "-cpu", cpu, "-machine", "pc", "-nodefaults", "-display", "none",
                                        "-m", "32", "-no-reboot", "-boot", "a", "-drive", drive,
                                        "-device", "isa-debug-exit,iobase=0xf4,iosize=1", NULL },
        .timeout_ms = limit_ms }, &result, error);
    unlink(path);
    if (!ok)
        return false;
    *ret_runs = !result.timed_out && result.exit_status == ACCEL_GUEST_STATUS;
    why = complaint(result.errors);
    *ret_reason = *ret_runs ? g_strdup("a test guest runs with it")
        : result.timed_out  ? g_strdup_printf("a test guest hung for %u s and was ended", limit_ms / 1000)
                            : g_strdup_printf("a test guest did not start: %s", why);
    return true;
}

static char *cache_path(const char *cache)
{
    return g_build_filename(cache, "accel.json", NULL);
}

/* A member of that type, or NULL. */
static JsonNode *member(JsonObject *object, const char *name, GType type)
{
    JsonNode *node = json_object_get_member(object, name);

    return node != NULL && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type ? node : NULL;
}

static bool member_is(JsonObject *object, const char *name, const char *text)
{
    JsonNode *node = member(object, name, G_TYPE_STRING);

    return node != NULL && g_str_equal(json_node_get_string(node), text);
}

/* Anything unexpected in the file means that there is no answer yet: it is only a memory. */
static bool cache_read(const char *cache, const char *kernel, const char *version, Answer *ret_answer)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autofree char *path = cache_path(cache);
    g_autofree char *text = NULL;
    size_t size;
    JsonNode *root, *runs, *reason;
    JsonObject *object;

    if (!file_read(path, CACHE_LIMIT, &text, &size, NULL) || !json_parser_load_from_data(parser, text, (gssize) size, NULL))
        return false;
    root = json_parser_get_root(parser);
    object = root != NULL && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
    if (object == NULL || !member_is(object, "host_kernel", kernel) || !member_is(object, "emulator_version", version)
        || (runs = member(object, "kvm", G_TYPE_BOOLEAN)) == NULL || (reason = member(object, "reason", G_TYPE_STRING)) == NULL)
        return false;
    ret_answer->runs = json_node_get_boolean(runs);
    ret_answer->reason = g_strdup(json_node_get_string(reason));
    return true;
}

static void cache_write(const char *cache, const char *kernel, const char *version, const Answer *answer)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autoptr(GError) problem = NULL;
    g_autofree char *path = cache_path(cache);
    g_autofree char *text = NULL;

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "host_kernel");
    json_builder_add_string_value(builder, kernel);
    json_builder_set_member_name(builder, "emulator_version");
    json_builder_add_string_value(builder, version);
    json_builder_set_member_name(builder, "kvm");
    json_builder_add_boolean_value(builder, answer->runs);
    json_builder_set_member_name(builder, "reason");
    json_builder_add_string_value(builder, answer->reason);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, TRUE);
    if (!folder_make(cache, &problem) || !file_write_atomic(path, text, strlen(text), &problem))
        log_debug("the answer about KVM is not kept: %s", problem->message);
}

/* False with a reason when not even the device opens: nothing to remember, the next login may be in another group. */
static bool device_opens(char **ret_reason)
{
    int fd = open(KVM_DEVICE, O_RDWR | O_CLOEXEC);

    if (fd < 0)
        *ret_reason = g_strdup_printf("%s: %s", KVM_DEVICE, g_strerror(errno));
    else
        close(fd);
    return fd >= 0;
}

static bool kvm_answer(const char *cache, Answer *ret_answer, GError **error)
{
    g_autofree char *kernel = host_kernel();
    g_autofree char *version = NULL;

    if (!emulator_version(&version, error))
        return false;
    ret_answer->runs = false;
    if (!device_opens(&ret_answer->reason) || (cache != NULL && cache_read(cache, kernel, version, ret_answer)))
        return true;
    log_debug("trying whether a guest runs with KVM (once for this kernel and emulator)");
    if (!accel_probe("kvm", PROBE_LIMIT_MS, &ret_answer->runs, &ret_answer->reason, error))
        return false;
    if (cache != NULL)
        cache_write(cache, kernel, version, ret_answer);
    return true;
}

static bool kvm_refused(const char *reason, GError **error)
{
    error_set(error, ERROR_HOST, "KVM was asked for, but cannot be used here: %s", reason);
    if (strstr(reason, g_strerror(EACCES)) != NULL)
        error_hint(error, "'sudo usermod -aG kvm $USER' and a new login allow it.");
    error_hint(error, "'accel: tcg' in the scenario emulates the processor: slower, but it works everywhere.");
    return false;
}

bool accel_choose(const char *wish, const char *cache, const char **ret_accel, char **ret_reason, GError **error)
{
    Answer answer = { 0 };

    if (g_str_equal(wish, "tcg")) {
        *ret_accel = "tcg";
        *ret_reason = g_strdup("it was asked for");
        return true;
    }
    if (!g_str_equal(wish, "kvm") && !g_str_equal(wish, "auto"))
        return error_set(error, ERROR_USAGE, "there is no accelerator '%s'; it is 'auto', 'kvm' or 'tcg'", wish);
    if (!kvm_answer(cache, &answer, error))
        return false;
    if (g_str_equal(wish, "kvm") && !answer.runs) {
        g_autofree char *reason = answer.reason;

        return kvm_refused(reason, error);
    }
    *ret_accel = answer.runs ? "kvm" : "tcg";
    *ret_reason = answer.runs ? answer.reason : g_strdup_printf("no KVM: %s", answer.reason);
    if (!answer.runs)
        g_free(answer.reason);
    return true;
}
