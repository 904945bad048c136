// SPDX-License-Identifier: GPL-3.0-or-later
/* The order of steps with performers that note when they begin and end. */
#include <string.h>

#include "runner/exec/step-order.h"
#include "tests/unit/unit.h"

enum { STEPS_MAX = 8, PATIENCE_US = 10000000 };

/* Lists are short texts: steps divided by blanks, "NAME", "NAME=GROUP" (parallel), "NAME<A,B" (after), "NAME<" (after
 * nothing), and "!" behind the name of one that fails. */
typedef struct List {
    StepSpec steps[STEPS_MAX];
    bool fails[STEPS_MAX];
    size_t count;
    GMutex lock;
    GCond changed;
    GString *log; /* "+a -a +b": what began and ended, in order */
    size_t meeting; /* each performer waits until so many run at the same time; 0: none does */
    size_t running, most;
} List;

static void list_init(List *list, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    *list = (List) { .log = g_string_new(NULL) };
    g_mutex_init(&list->lock);
    g_cond_init(&list->changed);
    for (; words[list->count] != NULL; list->count++) {
        StepSpec *step = &list->steps[list->count];
        size_t length = strcspn(words[list->count], "=<");
        const char *rest = words[list->count] + length;

        list->fails[list->count] = length > 0 && rest[-1] == '!';
        step->name = g_strndup(words[list->count], length - list->fails[list->count]);
        if (rest[0] == '=')
            step->parallel = g_strdup(rest + 1);
        if (rest[0] == '<')
            step->after = rest[1] != '\0' ? g_strsplit(rest + 1, ",", -1) : g_new0(char *, 1);
    }
}

static void list_clear(List *list)
{
    for (size_t i = 0; i < list->count; i++) {
        g_free(list->steps[i].name);
        g_free(list->steps[i].parallel);
        g_strfreev(list->steps[i].after);
    }
    g_string_free(list->log, TRUE);
    g_cond_clear(&list->changed);
    g_mutex_clear(&list->lock);
}

static void note(List *list, char sign, size_t index)
{
    g_string_append_printf(list->log, "%s%c%s", list->log->len > 0 ? " " : "", sign, list->steps[index].name);
}

static bool perform(void *data, size_t index)
{
    List *list = data;
    gint64 until = g_get_monotonic_time() + PATIENCE_US;

    g_mutex_lock(&list->lock);
    note(list, '+', index);
    list->running++;
    list->most = MAX(list->most, list->running);
    g_cond_broadcast(&list->changed);
    while (list->most < list->meeting && g_cond_wait_until(&list->changed, &list->lock, until))
        continue;
    list->running--;
    note(list, '-', index);
    g_mutex_unlock(&list->lock);
    return !list->fails[index];
}

static const struct {
    const char *list, *log;
    bool ok;
} in_turn[] = {
    { "a", "+a -a", true },
    { "a b c", "+a -a +b -b +c -c", true },
    { "a b c<b", "+a -a +b -b +c -c", true },   /* `after` with the same meaning */
    { "a!", "+a -a", false },
    { "a b! c d<c", "+a -a +b -b", false },     /* nothing begins after a failure, whatever it waits for */
    { "a=x b", "+a -a +b -b", true },           /* a group of one */
    { "a=x b=y", "+a -a +b -b", true },         /* another group waits */
};

START_TEST(steps_run_one_after_the_other)
{
    List list;

    list_init(&list, in_turn[_i].list);
    ck_assert_int_eq(steps_in_order(list.steps, list.count, perform, &list), in_turn[_i].ok);
    ck_assert_str_eq(list.log->str, in_turn[_i].log);
    list_clear(&list);
}
END_TEST

static const struct {
    const char *list;
    const char *before; /* "ab ac": a ended before b began, a before c */
} waits[] = {
    { "s a=x b=x z", "sa sb az bz" },        /* what follows a group waits for all of it */
    { "a b<a c<a d<b,c", "ab ac bd cd" },    /* a diamond */
    { "a b<a c<a z", "ab ac az bz cz" },     /* without `after`, for all above */
    { "a b< c=x d=x", "ac bc ad bd" },       /* a group waits for all above it, too */
};

static size_t place(const List *list, char sign, char name)
{
    char word[] = { sign, name, '\0' };
    const char *found = strstr(list->log->str, word);

    ck_assert_msg(found != NULL, "%s is not in '%s'", word, list->log->str);
    return (size_t) (found - list->log->str);
}

START_TEST(each_waits_for_those_that_it_must)
{
    g_auto(GStrv) pairs = g_strsplit(waits[_i].before, " ", -1);
    List list;

    list_init(&list, waits[_i].list);
    ck_assert(steps_in_order(list.steps, list.count, perform, &list));
    for (char **pair = pairs; *pair != NULL; pair++)
        ck_assert_uint_lt(place(&list, '-', (*pair)[0]), place(&list, '+', (*pair)[1]));
    list_clear(&list);
}
END_TEST

/* Only lists whose first steps are the ones that meet: a performer that waits for a meeting never ends before it. */
static const char *const meetings[] = { "a=x b=x c=x", "a b<", "a b< c<", "a=x b=x z" };

START_TEST(they_are_under_way_at_the_same_time)
{
    List list;

    list_init(&list, meetings[_i]);
    list.meeting = strchr(meetings[_i], 'c') != NULL ? 3 : 2;
    ck_assert(steps_in_order(list.steps, list.count, perform, &list));
    ck_assert_uint_eq(list.most, list.meeting);
    list_clear(&list);
}
END_TEST

START_TEST(what_runs_beside_a_failure_is_waited_for)
{
    List list;

    list_init(&list, "a!=x b=x c");
    list.meeting = 2;
    ck_assert(!steps_in_order(list.steps, list.count, perform, &list));
    place(&list, '-', 'a');
    place(&list, '-', 'b');
    ck_assert_ptr_null(strchr(list.log->str, 'c'));
    list_clear(&list);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, steps_run_one_after_the_other, 0, G_N_ELEMENTS(in_turn));
    tcase_add_loop_test(tcase, each_waits_for_those_that_it_must, 0, G_N_ELEMENTS(waits));
    tcase_add_loop_test(tcase, they_are_under_way_at_the_same_time, 0, G_N_ELEMENTS(meetings));
    tcase_add_test(tcase, what_runs_beside_a_failure_is_waited_for);
}

int main(void)
{
    return unit_run("exec/step-order", add_tests);
}
