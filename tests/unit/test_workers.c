/* The threads that share out work: everything is done once, whatever the numbers. */
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "scan/workers.h"

enum { ITEMS_MAX = 5000 };

typedef struct job {
    uint8_t times[ITEMS_MAX]; /* an item is touched by one thread only */
    size_t piece, n;
    pthread_t caller;
    int others; /* calls by other threads: guarded by lock */
    int calls;
    pthread_mutex_t lock;
} job;

static void mark(void *context, size_t first, size_t end)
{
    job *marked = context;
    for (size_t i = first; i < end; i++)
        marked->times[i]++;
    pthread_mutex_lock(&marked->lock);
    marked->calls++;
    marked->others += !pthread_equal(pthread_self(), marked->caller);
    if (end - first != marked->piece && end != marked->n)
        marked->calls = -ITEMS_MAX;
    pthread_mutex_unlock(&marked->lock);
}

static job run(nf_workers *workers, size_t n, size_t piece)
{
    job made = {.piece = piece, .n = n, .caller = pthread_self(), .lock = PTHREAD_MUTEX_INITIALIZER};
    nf_workers_run(workers, n, piece, mark, &made);
    for (size_t i = 0; i < ITEMS_MAX; i++)
        assert_int_equal(made.times[i], i < n);
    assert_int_equal(made.calls, (n + piece - 1) / piece);
    return made;
}

static void every_item_is_done_once(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 31, 32, 33, 1000, ITEMS_MAX}, pieces[] = {1, 2, 32, ITEMS_MAX};
    for (unsigned threads = 1; threads <= 8; threads += threads) {
        nf_workers *workers;
        assert_int_equal(nf_workers_new(&workers, threads, NULL), NF_OK);
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
            for (size_t k = 0; k < sizeof pieces / sizeof pieces[0]; k++)
                run(workers, counts[i], pieces[k]);
        nf_workers_free(workers);
    }
}

static void a_thousand_small_jobs_come_through(void **state)
{
    (void)state;
    nf_workers *workers;
    assert_int_equal(nf_workers_new(&workers, 4, NULL), NF_OK);
    for (size_t i = 0; i < 1000; i++)
        run(workers, i % 7, 1);
    nf_workers_free(workers);
}

static void one_thread_is_the_callers_own(void **state)
{
    (void)state;
    nf_workers *workers;
    assert_int_equal(nf_workers_new(&workers, 1, NULL), NF_OK);
    assert_int_equal(run(workers, 100, 1).others, 0);
    nf_workers_free(workers);
}

typedef struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t there;
} meeting;

/* Returns when all three are in it at once. */
static void meet(void *context, size_t first, size_t end)
{
    meeting *all = context;
    (void)first;
    (void)end;
    pthread_mutex_lock(&all->lock);
    all->there++;
    pthread_cond_broadcast(&all->changed);
    while (all->there < 3)
        pthread_cond_wait(&all->changed, &all->lock);
    pthread_mutex_unlock(&all->lock);
}

static void pieces_are_done_side_by_side(void **state)
{
    (void)state;
    nf_workers *workers;
    meeting all = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    assert_int_equal(nf_workers_new(&workers, 3, NULL), NF_OK);
    nf_workers_run(workers, 3, 1, meet, &all);
    assert_int_equal(all.there, 3);
    nf_workers_free(workers);
}

static void workers_without_work_can_be_freed(void **state)
{
    (void)state;
    nf_workers *workers;
    assert_int_equal(nf_workers_new(&workers, 5, NULL), NF_OK);
    nf_workers_free(workers);
    nf_workers_free(NULL);
    assert_true(nf_processors() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_done_once),
        cmocka_unit_test(a_thousand_small_jobs_come_through),
        cmocka_unit_test(one_thread_is_the_callers_own),
        cmocka_unit_test(pieces_are_done_side_by_side),
        cmocka_unit_test(workers_without_work_can_be_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
