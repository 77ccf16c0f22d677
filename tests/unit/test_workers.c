/* The threads that share out work: everything is done once, whatever the numbers. */
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan/workers.h"

enum { ITEMS_MAX = 5000, THREADS_MAX = 8 };

typedef struct job {
    uint8_t times[ITEMS_MAX]; /* an item is touched by one thread only */
    int by_worker[THREADS_MAX];
    size_t piece, n;
    pthread_t caller;
    int others; /* calls by other threads: guarded by lock */
    int calls;
    pthread_mutex_t lock;
} job;

static void mark(void *context, unsigned worker, size_t first, size_t end)
{
    job *marked = context;
    marked->by_worker[worker]++; /* by one thread at a time, as ThreadSanitizer sees */
    for (size_t i = first; i < end; i++)
        marked->times[i]++;
    pthread_mutex_lock(&marked->lock);
    marked->calls++;
    marked->others += !pthread_equal(pthread_self(), marked->caller);
    if (end - first != marked->piece && end != marked->n)
        marked->calls = -ITEMS_MAX;
    pthread_mutex_unlock(&marked->lock);
}

static job new_job(size_t n, size_t piece)
{
    return (job){.piece = piece, .n = n, .caller = pthread_self(), .lock = PTHREAD_MUTEX_INITIALIZER};
}

static void check_done(const job *made)
{
    int calls = 0;
    for (size_t i = 0; i < ITEMS_MAX; i++)
        assert_int_equal(made->times[i], i < made->n);
    for (size_t i = 0; i < THREADS_MAX; i++)
        calls += made->by_worker[i];
    assert_int_equal(calls, made->calls);
    assert_int_equal(made->calls, (made->n + made->piece - 1) / made->piece);
}

static job run(nf_workers *workers, size_t n, size_t piece)
{
    job made = new_job(n, piece);
    nf_job handed = {.work = mark, .context = &made, .n = n, .piece = piece};
    nf_workers_begin(workers, &handed);
    nf_workers_finish(workers, &handed);
    check_done(&made);
    return made;
}

static void every_item_is_done_once(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 31, 32, 33, 1000, ITEMS_MAX}, pieces[] = {1, 2, 32, ITEMS_MAX};
    for (unsigned threads = 1; threads <= THREADS_MAX; threads += threads) {
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
static void meet(void *context, unsigned worker, size_t first, size_t end)
{
    meeting *all = context;
    (void)worker;
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
    nf_job handed = {.work = meet, .context = &all, .n = 3, .piece = 1};
    nf_workers_begin(workers, &handed);
    nf_workers_finish(workers, &handed);
    assert_int_equal(all.there, 3);
    nf_workers_free(workers);
}

/* The first two of the three cannot go on before somebody has begun the second job. */
static void the_next_job_is_begun_before_the_first_is_done(void **state)
{
    (void)state;
    nf_workers *workers;
    meeting all = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    assert_int_equal(nf_workers_new(&workers, 3, NULL), NF_OK);
    nf_job first = {.work = meet, .context = &all, .n = 2, .piece = 1}, second = {.work = meet, .context = &all, .n = 1, .piece = 1};
    nf_workers_begin(workers, &first);
    nf_workers_begin(workers, &second);
    nf_workers_finish(workers, &first);
    nf_workers_finish(workers, &second);
    assert_int_equal(all.there, 3);
    nf_workers_free(workers);
}

enum { LINE = 5 };

typedef struct reader {
    nf_workers *workers;
    job jobs[LINE];
    nf_job handed[LINE];
    atomic_size_t n_begun;
} reader;

static void *begin_all(void *argument)
{
    reader *from = argument;
    for (size_t i = 0; i < LINE; i++) {
        from->handed[i] = (nf_job){.work = mark, .context = &from->jobs[i], .n = from->jobs[i].n, .piece = from->jobs[i].piece};
        nf_workers_begin(from->workers, &from->handed[i]);
        atomic_fetch_add(&from->n_begun, 1);
    }
    return NULL;
}

static void jobs_in_line_are_all_done(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
        reader *from = calloc(1, sizeof *from);
        pthread_t thread;
        assert_non_null(from);
        assert_int_equal(nf_workers_new(&from->workers, threads, NULL), NF_OK);
        for (size_t i = 0; i < LINE; i++)
            from->jobs[i] = new_job(i == 2 ? 0 : ITEMS_MAX / (i + 1), i + 1);
        assert_int_equal(pthread_create(&thread, NULL, begin_all, from), 0);
        for (size_t i = 0; i < LINE; i++) {
            while (atomic_load(&from->n_begun) <= i)
                sched_yield();
            nf_workers_finish(from->workers, &from->handed[i]);
            check_done(&from->jobs[i]);
        }
        pthread_join(thread, NULL);
        nf_workers_free(from->workers);
        free(from);
    }
}

static void an_unfinished_job_can_be_left(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
        nf_workers *workers;
        job made = new_job(ITEMS_MAX, 1);
        nf_job handed = {.work = mark, .context = &made, .n = made.n, .piece = 1};
        assert_int_equal(nf_workers_new(&workers, threads, NULL), NF_OK);
        nf_workers_begin(workers, &handed);
        nf_workers_free(workers);
        for (size_t i = 0, n_done = 0; i < ITEMS_MAX; n_done += made.times[i], i++)
            assert_true(made.times[i] <= 1 && (made.times[i] == 0 || n_done == i)); /* a first part of them */
    }
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
        cmocka_unit_test(the_next_job_is_begun_before_the_first_is_done),
        cmocka_unit_test(jobs_in_line_are_all_done),
        cmocka_unit_test(an_unfinished_job_can_be_left),
        cmocka_unit_test(workers_without_work_can_be_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
