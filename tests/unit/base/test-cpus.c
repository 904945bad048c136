// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/cpus.h"

#include <string.h>

#include "tests/unit/unit.h"

static const struct {
    const char *text, *again; /* again NULL: refused */
} texts[] = {
    { "0", "0" },
    { "3,1,0", "0-1,3" }, /* sorted, neighbours together */
    { "0-3,6", "0-3,6" },
    { "1023", "1023" },
    { "", NULL },
    { "1024", NULL },     /* more than a set holds */
    { "3-1", NULL },
    { "1-2-3", NULL },
    { "1,", NULL },
    { "-1", NULL },
    { "all", NULL },
};

START_TEST(a_list_of_cpus_is_read_as_the_kernel_reads_it)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *again = NULL;
    cpu_set_t cpus;

    if (texts[_i].again == NULL) {
        ck_assert(!cpus_parse(texts[_i].text, &cpus, &error));
        ck_assert_ptr_nonnull(strstr(error->message, "must be CPU numbers such as 0-3,6, not"));
        return;
    }
    ck_assert_ok(cpus_parse(texts[_i].text, &cpus, &error), error);
    again = cpus_text(&cpus);
    ck_assert_str_eq(again, texts[_i].again);
}
END_TEST

/* Waits for a word, then says where it may run. */
static gpointer wait_and_look(gpointer data)
{
    GAsyncQueue *queue = data;
    cpu_set_t *cpus = g_async_queue_pop(queue);

    cpus_allowed(cpus);
    return NULL;
}

START_TEST(a_process_stays_where_it_is_bound)
{
    g_autoptr(GAsyncQueue) queue = g_async_queue_new();
    GThread *thread = g_thread_new("other", wait_and_look, queue);
    g_autoptr(GError) error = NULL;
    cpu_set_t before, one, now, others;
    int cpu = 0;

    cpus_allowed(&before);
    while (!CPU_ISSET(cpu, &before))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ck_assert_ok(cpus_bind(&one, &error), error);
    cpus_allowed(&now);
    ck_assert(CPU_EQUAL(&now, &one));
    g_async_queue_push(queue, &others);
    g_thread_join(thread);
    ck_assert(CPU_EQUAL(&others, &one)); /* and so do the threads that it had before */
    ck_assert_ok(cpus_bind(&before, &error), error);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_list_of_cpus_is_read_as_the_kernel_reads_it, 0, G_N_ELEMENTS(texts));
    tcase_add_test(tcase, a_process_stays_where_it_is_bound);
}

int main(void)
{
    return unit_run("base/cpus", add_tests);
}
