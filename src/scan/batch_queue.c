#include "scan/batch_queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "metrics/class_pixels.h"

enum { INTERRUPT_POLL_NS = 100 * 1000 * 1000 };

struct nf_batch_queue {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    nf_batch batches[NF_BATCHES];
    nf_batch *free_list;
    nf_batch *full_first, *full_last;
    size_t batch_bytes;
    size_t in_flight_bytes; /* of batches that are full or being counted */
    bool finished;
    atomic_bool cancelled; /* set under the lock, like the others; looked at without it for every record */
};

size_t nf_batch_weight(const nf_batch *batch)
{
    return batch->bytes.len + batch->unpacked_more_bytes + batch->texts.len + batch->n_slots * sizeof(nf_slot) +
           batch->n_groups * sizeof(uint32_t) + batch->n_maps * NF_CLASS_VALUES * sizeof(nf_class_pixels);
}

nf_status nf_batch_queue_new(nf_batch_queue **created, size_t batch_bytes, nf_error *error)
{
    nf_batch_queue *queue = calloc(1, sizeof *queue);
    *created = queue;
    if (queue == NULL)
        return nf_fail_nomem(error, "the batch queue");
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, NULL);
    queue->batch_bytes = batch_bytes;
    for (size_t i = 0; i < NF_BATCHES; i++) {
        queue->batches[i].next = queue->free_list;
        queue->free_list = &queue->batches[i];
    }
    return NF_OK;
}

static void free_classes(nf_batch *batch)
{
    for (size_t i = 0; i < batch->n_slots && batch->n_maps > 0; i++)
        nf_class_list_free(&batch->slots[i].classes);
    batch->n_maps = 0;
}

static void batch_clear(nf_batch *batch, size_t keep_bytes)
{
    free_classes(batch);
    if (batch->bytes.capacity > keep_bytes)
        nf_buf_free(&batch->bytes);
    if (batch->groups_capacity * sizeof *batch->groups > keep_bytes) {
        free(batch->groups);
        batch->groups = NULL;
        batch->groups_capacity = 0;
    }
    batch->bytes.len = 0;
    batch->texts.len = 0;
    batch->unpacked_more_bytes = 0;
    batch->n_slots = batch->n_events = batch->n_groups = batch->n_new_parts = 0;
}

void nf_batch_queue_free(nf_batch_queue *queue)
{
    if (queue == NULL)
        return;
    for (size_t i = 0; i < NF_BATCHES; i++) {
        free_classes(&queue->batches[i]);
        nf_buf_free(&queue->batches[i].bytes);
        nf_buf_free(&queue->batches[i].texts);
        free(queue->batches[i].slots);
        free(queue->batches[i].events);
        free(queue->batches[i].groups);
        free(queue->batches[i].new_parts);
    }
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

nf_batch *nf_batch_queue_take_free(nf_batch_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    while (!queue->cancelled && (queue->free_list == NULL || queue->in_flight_bytes > (NF_BATCHES - 1) * queue->batch_bytes + 4096))
        pthread_cond_wait(&queue->changed, &queue->lock);
    nf_batch *batch = queue->cancelled ? NULL : queue->free_list;
    if (batch != NULL)
        queue->free_list = batch->next;
    pthread_mutex_unlock(&queue->lock);
    return batch;
}

void nf_batch_queue_put_full(nf_batch_queue *queue, nf_batch *batch)
{
    pthread_mutex_lock(&queue->lock);
    batch->next = NULL;
    if (queue->full_last != NULL)
        queue->full_last->next = batch;
    else
        queue->full_first = batch;
    queue->full_last = batch;
    queue->in_flight_bytes += nf_batch_weight(batch);
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

void nf_batch_queue_finish(nf_batch_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->finished = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

/* Waits for a change, or a little: a signal handler cannot wake a condition variable. Lock held. */
static void wait_a_little(nf_batch_queue *queue)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += INTERRUPT_POLL_NS;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&queue->changed, &queue->lock, &until);
}

nf_batch *nf_batch_queue_take_full(nf_batch_queue *queue, const volatile sig_atomic_t *interrupted)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->full_first == NULL && !queue->finished && (interrupted == NULL || !*interrupted))
        wait_a_little(queue);
    nf_batch *batch = interrupted != NULL && *interrupted ? NULL : queue->full_first;
    if (batch != NULL) {
        queue->full_first = batch->next;
        if (queue->full_first == NULL)
            queue->full_last = NULL;
    }
    pthread_mutex_unlock(&queue->lock);
    return batch;
}

void nf_batch_queue_give_back(nf_batch_queue *queue, nf_batch *batch)
{
    pthread_mutex_lock(&queue->lock);
    queue->in_flight_bytes -= nf_batch_weight(batch);
    batch_clear(batch, 2 * queue->batch_bytes);
    batch->next = queue->free_list;
    queue->free_list = batch;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

void nf_batch_queue_cancel(nf_batch_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->cancelled = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

bool nf_batch_queue_is_cancelled(nf_batch_queue *queue)
{
    return atomic_load_explicit(&queue->cancelled, memory_order_relaxed);
}
