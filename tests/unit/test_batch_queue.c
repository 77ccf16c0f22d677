/* The queue between the reader thread and the counting side. Built with ThreadSanitizer, the first test is the one that counts. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "scan/batch_queue.h"

enum { BATCHES = 20000, BATCH_BYTES = 4096 };

typedef struct reader {
    nf_batch_queue *queue;
    uint64_t n_batches; /* to hand over; less when cancelled */
    size_t bytes;       /* of each */
    uint64_t handed_over;
    _Atomic size_t in_flight;
    size_t most_in_flight;
} reader;

static void fill(nf_batch *batch, uint64_t number, size_t n_bytes)
{
    static const uint8_t zeros[BATCH_BYTES];
    batch->done_bytes = number;
    for (size_t n = 0; n < n_bytes; n += BATCH_BYTES)
        (void)nf_buf_append(&batch->bytes, zeros, n_bytes - n < BATCH_BYTES ? n_bytes - n : BATCH_BYTES, NULL);
    if (nf_array_reserve((void **)&batch->slots, &batch->slots_capacity, 1, sizeof *batch->slots, "slots", NULL) == NF_OK) {
        batch->slots[0] = (nf_slot){.index = number};
        batch->n_slots = 1;
    }
}

static void *read_all(void *argument)
{
    reader *r = argument;
    for (; r->handed_over < r->n_batches; r->handed_over++) {
        nf_batch *batch = nf_batch_queue_take_free(r->queue);
        if (batch == NULL)
            break;
        size_t in_flight = atomic_load(&r->in_flight);
        r->most_in_flight = in_flight > r->most_in_flight ? in_flight : r->most_in_flight;
        fill(batch, r->handed_over, r->bytes);
        atomic_fetch_add(&r->in_flight, nf_batch_weight(batch));
        nf_batch_queue_put_full(r->queue, batch);
    }
    nf_batch_queue_finish(r->queue);
    return NULL;
}

static void start(reader *r, pthread_t *thread, uint64_t n_batches, size_t bytes)
{
    *r = (reader){.n_batches = n_batches, .bytes = bytes};
    assert_int_equal(nf_batch_queue_new(&r->queue, BATCH_BYTES, NULL), NF_OK);
    assert_int_equal(pthread_create(thread, NULL, read_all, r), 0);
}

static void give_back(reader *r, nf_batch *batch)
{
    atomic_fetch_sub(&r->in_flight, nf_batch_weight(batch));
    nf_batch_queue_give_back(r->queue, batch);
}

static void every_batch_comes_once_and_in_order(void **state)
{
    (void)state;
    reader r;
    pthread_t thread;
    nf_batch *batch;
    uint64_t expected = 0;
    start(&r, &thread, BATCHES, 16);
    while ((batch = nf_batch_queue_take_full(r.queue, NULL)) != NULL) {
        assert_true(batch->done_bytes == expected && batch->n_slots == 1 && batch->slots[0].index == expected);
        assert_int_equal(batch->bytes.len, 16);
        expected++;
        give_back(&r, batch);
    }
    pthread_join(thread, NULL);
    assert_true(expected == BATCHES && r.handed_over == BATCHES);
    assert_null(nf_batch_queue_take_full(r.queue, NULL));
    nf_batch_queue_free(r.queue);
}

static void the_bytes_in_flight_are_bounded(void **state)
{
    (void)state;
    reader r;
    pthread_t thread;
    nf_batch *batch;
    start(&r, &thread, 200, 40 * BATCH_BYTES); /* each far over the size of a batch */
    while ((batch = nf_batch_queue_take_full(r.queue, NULL)) != NULL)
        give_back(&r, batch);
    pthread_join(thread, NULL);
    assert_true(r.handed_over == 200);
    assert_true(r.most_in_flight <= (NF_BATCHES - 1) * BATCH_BYTES + 4096);
    nf_batch_queue_free(r.queue);
}

static void cancelling_wakes_a_reader_that_waits(void **state)
{
    (void)state;
    for (int taken = 0; taken < 50; taken++) {
        reader r;
        pthread_t thread;
        start(&r, &thread, BATCHES, 16);
        for (int i = 0; i < taken; i++) {
            nf_batch *batch = nf_batch_queue_take_full(r.queue, NULL);
            assert_non_null(batch);
            give_back(&r, batch);
        }
        assert_false(nf_batch_queue_is_cancelled(r.queue));
        nf_batch_queue_cancel(r.queue);
        pthread_join(thread, NULL);
        assert_true(r.handed_over < BATCHES);
        assert_true(nf_batch_queue_is_cancelled(r.queue));
        assert_null(nf_batch_queue_take_free(r.queue));
        nf_batch_queue_free(r.queue); /* with batches that nobody took */
    }
}

static void an_interruption_ends_the_waiting(void **state)
{
    (void)state;
    volatile sig_atomic_t interrupted = 1;
    nf_batch_queue *queue;
    assert_int_equal(nf_batch_queue_new(&queue, BATCH_BYTES, NULL), NF_OK);
    assert_null(nf_batch_queue_take_full(queue, &interrupted));
    nf_batch *batch = nf_batch_queue_take_free(queue);
    fill(batch, 1, 16);
    nf_batch_queue_put_full(queue, batch);
    assert_null(nf_batch_queue_take_full(queue, &interrupted));
    interrupted = 0;
    assert_ptr_equal(nf_batch_queue_take_full(queue, &interrupted), batch);
    nf_batch_queue_free(queue);
}

static void *finish_later(void *queue)
{
    nanosleep(&(struct timespec){.tv_nsec = 150000000}, NULL);
    nf_batch_queue_finish(queue);
    return NULL;
}

static void the_counting_side_waits_for_the_end(void **state)
{
    (void)state;
    volatile sig_atomic_t interrupted = 0;
    nf_batch_queue *queue;
    pthread_t thread;
    assert_int_equal(nf_batch_queue_new(&queue, BATCH_BYTES, NULL), NF_OK);
    assert_int_equal(pthread_create(&thread, NULL, finish_later, queue), 0);
    assert_null(nf_batch_queue_take_full(queue, &interrupted));
    pthread_join(thread, NULL);
    nf_batch_queue_free(queue);
    nf_batch_queue_free(NULL);
}

static void a_batch_comes_back_empty(void **state)
{
    (void)state;
    nf_batch_queue *queue;
    assert_int_equal(nf_batch_queue_new(&queue, BATCH_BYTES, NULL), NF_OK);
    for (int i = 0; i < 2 * NF_BATCHES; i++) {
        nf_batch *batch = nf_batch_queue_take_free(queue);
        assert_true(batch->bytes.len == 0 && batch->texts.len == 0 && batch->n_slots == 0);
        assert_true(batch->n_events == 0 && batch->n_groups == 0);
        assert_true(batch->bytes.capacity <= 2 * BATCH_BYTES); /* an outsized image is not kept */
        fill(batch, 1, i % 2 == 0 ? 64 * BATCH_BYTES : 16);
        nf_batch_queue_put_full(queue, batch);
        assert_ptr_equal(nf_batch_queue_take_full(queue, NULL), batch);
        nf_batch_queue_give_back(queue, batch);
    }
    nf_batch_queue_free(queue);
}

/* What the classes of pixels come to is known only when they are counted: they weigh the same before and after. */
static void label_maps_weigh_as_much_as_they_may_come_to(void **state)
{
    (void)state;
    nf_batch_queue *queue;
    assert_int_equal(nf_batch_queue_new(&queue, BATCH_BYTES, NULL), NF_OK);
    for (int i = 0; i < 2 * NF_BATCHES; i++) {
        nf_batch *batch = nf_batch_queue_take_free(queue);
        assert_int_equal(batch->n_maps, 0);
        fill(batch, 1, 16);
        batch->n_maps = 1;
        size_t weight = nf_batch_weight(batch);
        assert_true(weight > 256 * 1024);
        nf_batch_queue_put_full(queue, batch);
        assert_ptr_equal(nf_batch_queue_take_full(queue, NULL), batch);
        nf_class_list *classes = &batch->slots[0].classes;
        assert_non_null(classes->items = calloc(256, sizeof *classes->items)); /* given back with the batch */
        classes->n = 256;
        assert_int_equal(nf_batch_weight(batch), weight);
        if (i < 2 * NF_BATCHES - 1)
            nf_batch_queue_give_back(queue, batch);
    }
    nf_batch_queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_batch_comes_once_and_in_order),
        cmocka_unit_test(the_bytes_in_flight_are_bounded),
        cmocka_unit_test(cancelling_wakes_a_reader_that_waits),
        cmocka_unit_test(an_interruption_ends_the_waiting),
        cmocka_unit_test(the_counting_side_waits_for_the_end),
        cmocka_unit_test(a_batch_comes_back_empty),
        cmocka_unit_test(label_maps_weigh_as_much_as_they_may_come_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
