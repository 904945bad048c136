// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/daemon.h"
#include "runner/base/error.h"

enum { END_MS = 1000, TRIES = 4 };

/* The dynamic linker looks up all functions when it loads the nursery, and not again those that a sandbox calls in every sandbox. */
#define BIND_NOW "LD_BIND_NOW"

/* With a request come three descriptors. */
enum { PASS_CHANNEL, PASS_OUTPUT, PASS_TIE, PASS_COUNT };

typedef struct Reply {
    pid_t pid;
    int why; /* errno, when pid is negative */
} Reply;

typedef union Passed { /* aligned */
    struct cmsghdr header;
    char space[CMSG_SPACE(PASS_COUNT * sizeof(int))];
} Passed;

/* A sandbox that was asked for. Descriptors are -1 once somebody else has them. */
typedef struct Spare {
    NurseryWish wish;
    int tie;
    Nursling nursling; /* `pid` 0: not told yet */
} Spare;

struct Nursery {
    char *program;
    Daemon *daemon; /* NULL: not started */
    int channel;
    Spare *spare;   /* NULL: none */
};

static void close_valid(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void spare_free(Spare *spare)
{
    if (spare == NULL)
        return;
    close_valid(spare->tie);
    close_valid(spare->nursling.channel);
    close_valid(spare->nursling.output);
    if (spare->nursling.pid > 0) {
        kill(spare->nursling.pid, SIGKILL);
        while (waitpid(spare->nursling.pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    g_free(spare);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Spare, spare_free)

Nursery *nursery_new(const char *program)
{
    Nursery *nursery = g_new0(Nursery, 1);

    nursery->program = g_strdup(program);
    nursery->channel = -1;
    return nursery;
}

static bool start(Nursery *nursery, GError **error)
{
    DaemonSpec spec = { .argv = (const char *const[]) { nursery->program, "worker", NULL }, .network = -1,
                        .environment = g_getenv(BIND_NOW) == NULL ? (const char *const[]) { BIND_NOW "=nursery", NULL } : NULL };
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set_errno(error, ERROR_HOST, "could not make a socket pair");
    spec.channel = ends[1];
    nursery->daemon = daemon_start(&spec, error);
    close(ends[1]);
    if (nursery->daemon != NULL)
        nursery->channel = ends[0];
    else
        close(ends[0]);
    return nursery->daemon != NULL;
}

/* It ends with its channel, and has nothing to put in order. */
static void stop(Nursery *nursery)
{
    close_valid(nursery->channel);
    nursery->channel = -1;
    daemon_stop(nursery->daemon, END_MS);
    nursery->daemon = NULL;
}

/* False when nobody listens. */
static bool send_request(const Nursery *nursery, const Spare *spare, int channel, int tie)
{
    const int pass[PASS_COUNT] = { [PASS_CHANNEL] = channel, [PASS_OUTPUT] = spare->nursling.output, [PASS_TIE] = tie };
    struct iovec text = { (void *) &spare->wish, sizeof spare->wish };
    Passed passed = { .header = { CMSG_LEN(sizeof pass), SOL_SOCKET, SCM_RIGHTS } };
    struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = &passed, .msg_controllen = sizeof passed };

    memcpy(CMSG_DATA(&passed.header), pass, sizeof pass);
    return sendmsg(nursery->channel, &message, MSG_NOSIGNAL) >= 0;
}

/* Without waiting for the answer. */
static bool ask(Nursery *nursery, const NurseryWish *wish, GError **error)
{
    g_autoptr(Spare) spare = g_new0(Spare, 1);
    int channel[2], tie[2];

    *spare = (Spare) { *wish, -1, { 0, -1, -1 } };
    if (nursery->daemon == NULL && !start(nursery, error))
        return false;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
        return error_set_errno(error, ERROR_HOST, "could not make a socket pair");
    spare->nursling.channel = channel[0];
    spare->nursling.output = memfd_create("output", MFD_CLOEXEC);
    if (spare->nursling.output < 0 || fcntl(spare->nursling.output, F_SETFL, O_APPEND) != 0
        || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, tie) != 0) {
        close(channel[1]);
        return error_set_errno(error, ERROR_HOST, "could not make a place for what a worker says");
    }
    spare->tie = tie[0];
    if (send_request(nursery, spare, channel[1], tie[1]))
        nursery->spare = g_steal_pointer(&spare);
    close(channel[1]);
    close(tie[1]);
    return true;
}

/* False when the nursery is gone, and with it the spare. */
static bool await_answer(Nursery *nursery, Reply *ret_reply)
{
    ssize_t got;

    while ((got = recv(nursery->channel, ret_reply, sizeof *ret_reply, 0)) < 0 && errno == EINTR)
        continue;
    return got == (ssize_t) sizeof *ret_reply;
}

/* It may have been killed while it waited. */
static bool is_alive(Spare *spare)
{
    if (waitpid(spare->nursling.pid, NULL, WNOHANG) == 0)
        return true;
    spare->nursling.pid = 0;
    return false;
}

static bool serves(const NurseryWish *spare, const NurseryWish *wish)
{
    return spare->share_network == wish->share_network && (!wish->equipped || (spare->equipped && strcmp(spare->furniture, wish->furniture) == 0));
}

/* Whether the spare can be used; if not, there is none any more. *ret_why: errno of one that could not be made, else 0. */
static bool spare_is_ready(Nursery *nursery, const NurseryWish *wish, int *ret_why)
{
    Reply reply = { 0 };

    *ret_why = 0;
    if (nursery->spare == NULL)
        return false;
    if (!await_answer(nursery, &reply))
        stop(nursery);
    nursery->spare->nursling.pid = MAX(reply.pid, 0);
    *ret_why = reply.why;
    if (reply.pid > 0 && serves(&nursery->spare->wish, wish) && is_alive(nursery->spare))
        return true;
    g_clear_pointer(&nursery->spare, spare_free);
    return false;
}

bool nursery_take(Nursery *nursery, const NurseryWish *wish, Nursling *ret_nursling, GError **error)
{
    bool ready = false;
    int why = 0;

    for (unsigned tries = 0; !ready && tries < TRIES; tries++) { /* nursery and spare may have been killed since they were last used */
        if (nursery->spare == NULL && !ask(nursery, wish, error))
            return false;
        ready = spare_is_ready(nursery, wish, &why);
        errno = why;
        if (why != 0)
            return sandbox_clone_failed(error);
        if (!ready && nursery->spare == NULL && nursery->daemon != NULL && !daemon_is_running(nursery->daemon, NULL))
            stop(nursery);
    }
    if (!ready)
        return error_set(error, ERROR_HOST, "'%s worker', which makes workers, ends at once", nursery->program);
    sandbox_release(nursery->spare->tie);
    *ret_nursling = nursery->spare->nursling;
    nursery->spare->nursling = (Nursling) { 0, -1, -1 };
    g_clear_pointer(&nursery->spare, spare_free);
    return ask(nursery, wish, NULL) || true; /* what is wrong will be told when it is needed */
}

void nursery_expect(Nursery *nursery, const NurseryWish *wish)
{
    if (nursery->spare == NULL)
        (void) !ask(nursery, wish, NULL); /* nursery_take() will tell */
}

void nursery_free(Nursery *nursery)
{
    NurseryWish any = { 0 };
    int why;

    if (nursery == NULL)
        return;
    if (nursery->spare != NULL)
        any = nursery->spare->wish;
    if (spare_is_ready(nursery, &any, &why))
        g_clear_pointer(&nursery->spare, spare_free);
    stop(nursery);
    g_free(nursery->program);
    g_free(nursery);
}

/* False at the end. */
static bool receive(int channel, NurseryWish *ret_wish, int *ret_passed)
{
    struct iovec text = { ret_wish, sizeof *ret_wish };
    Passed passed;
    struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = &passed, .msg_controllen = sizeof passed };
    ssize_t got;

    while ((got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        continue;
    if (got != (ssize_t) sizeof *ret_wish || message.msg_controllen != sizeof passed)
        return false;
    memcpy(ret_passed, CMSG_DATA(&passed.header), PASS_COUNT * sizeof *ret_passed);
    return true;
}

typedef struct Part {
    const NurseryDuty *duty;
    const NurseryWish *wish;
} Part;

static void rehearse(const void *data)
{
    const Part *part = data;

    part->duty->rehearse();
    if (part->wish->equipped && part->wish->furniture[0] != '\0')
        part->duty->furnish(part->wish->furniture);
}

static pid_t make_sandbox(const NurseryDuty *duty, const NurseryWish *wish, const int *passed)
{
    const Part part = { duty, wish };
    SandboxSpec spec = { .work = duty->work, .rehearse = rehearse, .part = &part, .channel = passed[PASS_CHANNEL], .output = passed[PASS_OUTPUT],
                         .share_network = wish->share_network };

    return sandbox_clone_sibling(&spec, passed[PASS_TIE]);
}

bool nursery_serve(const NurseryDuty *duty, GError **error)
{
    const int channel = DAEMON_CHANNEL_FD;
    int passed[PASS_COUNT], type = 0;
    socklen_t size = sizeof type;
    bool equipped = false;
    NurseryWish wish;

    if (getsockopt(channel, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET)
        return error_set(error, ERROR_USAGE, "a worker is started by 'trialbed run', and by nobody else");
    if (g_strcmp0(g_getenv(BIND_NOW), "nursery") == 0)
        g_unsetenv(BIND_NOW); /* it would slow down every program that is started in a sandbox */
    prctl(PR_SET_NAME, "tb-nursery");
    duty->rehearse();
    while (receive(channel, &wish, passed)) {
        Reply reply;

        if (wish.equipped && !equipped)
            duty->equip();
        equipped = equipped || wish.equipped;
        reply.pid = make_sandbox(duty, &wish, passed);
        reply.why = reply.pid < 0 ? errno : 0;
        for (unsigned i = 0; i < PASS_COUNT; i++)
            close(passed[i]);
        if (send(channel, &reply, sizeof reply, MSG_NOSIGNAL) != (ssize_t) sizeof reply)
            break;
    }
    return true;
}
