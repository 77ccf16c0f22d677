#include "scan/workers.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct nf_workers {
    pthread_t *helpers; /* (n_helpers,) */
    size_t n_helpers;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t begun, done;
    nf_work *work;
    void *context;
    size_t n, piece, next; /* items before next have been taken */
    size_t n_busy;         /* helpers with a piece */
    bool closing;
};

unsigned nf_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* more than a set has room for */
    return online > 0 ? (unsigned)online : 1;
}

/* Does pieces until none is left. Lock held, but not while working. */
static void do_pieces(nf_workers *workers)
{
    while (workers->next < workers->n) {
        size_t first = workers->next, left = workers->n - first;
        size_t end = first + (workers->piece < left ? workers->piece : left);
        nf_work *work = workers->work;
        void *context = workers->context;
        workers->next = end;
        pthread_mutex_unlock(&workers->lock);
        work(context, first, end);
        pthread_mutex_lock(&workers->lock);
    }
}

static void *help(void *argument)
{
    nf_workers *workers = argument;
    pthread_mutex_lock(&workers->lock);
    while (!workers->closing) {
        if (workers->next >= workers->n) {
            pthread_cond_wait(&workers->begun, &workers->lock);
            continue;
        }
        workers->n_busy++;
        do_pieces(workers);
        if (--workers->n_busy == 0)
            pthread_cond_signal(&workers->done);
    }
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

static void start_helpers(nf_workers *workers, size_t wanted)
{
    sigset_t all, before; /* signals are for the thread that looks at their flag */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (workers->n_helpers < wanted && pthread_create(&workers->helpers[workers->n_helpers], NULL, help, workers) == 0)
        workers->n_helpers++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

nf_status nf_workers_new(nf_workers **created, unsigned threads, nf_error *error)
{
    nf_workers *workers = calloc(1, sizeof *workers);
    *created = NULL;
    if (workers == NULL || (workers->helpers = calloc(threads, sizeof *workers->helpers)) == NULL) {
        free(workers);
        return nf_fail_nomem(error, "the threads");
    }
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->begun, NULL);
    pthread_cond_init(&workers->done, NULL);
    start_helpers(workers, threads - 1);
    *created = workers;
    return NF_OK;
}

void nf_workers_free(nf_workers *workers)
{
    if (workers == NULL)
        return;
    pthread_mutex_lock(&workers->lock);
    workers->closing = true;
    pthread_cond_broadcast(&workers->begun);
    pthread_mutex_unlock(&workers->lock);
    for (size_t i = 0; i < workers->n_helpers; i++)
        pthread_join(workers->helpers[i], NULL);
    pthread_cond_destroy(&workers->done);
    pthread_cond_destroy(&workers->begun);
    pthread_mutex_destroy(&workers->lock);
    free(workers->helpers);
    free(workers);
}

void nf_workers_run(nf_workers *workers, size_t n, size_t piece, nf_work *work, void *context)
{
    pthread_mutex_lock(&workers->lock);
    workers->work = work;
    workers->context = context;
    workers->n = n;
    workers->piece = piece;
    workers->next = 0;
    for (size_t i = 0, at = piece; i < workers->n_helpers && at < n; i++, at += piece) /* the first piece is the caller's */
        pthread_cond_signal(&workers->begun);
    do_pieces(workers);
    while (workers->n_busy > 0)
        pthread_cond_wait(&workers->done, &workers->lock);
    pthread_mutex_unlock(&workers->lock);
}
