#include "scan/workers.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct helper {
    nf_workers *workers;
    unsigned number; /* from 1: 0 is who calls nf_workers_finish */
    pthread_t thread;
} helper;

struct nf_workers {
    helper *helpers; /* (n_helpers,) */
    size_t n_helpers;
    pthread_mutex_t lock; /* guards all below, and what is the workers' of each job */
    pthread_cond_t changed; /* a job was begun, one was done, or it is closing time */
    nf_job *first, *last; /* jobs with items that nobody has taken */
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

/* Does a piece of the first job in line. False: there is none. Lock held, but not while working. */
static bool do_piece(nf_workers *workers, unsigned worker)
{
    nf_job *job = workers->first;
    if (job == NULL)
        return false;
    size_t first = job->next, left = job->n - first, n = job->piece < left ? job->piece : left;
    job->next += n;
    if (n == left && (workers->first = job->following) == NULL)
        workers->last = NULL;
    pthread_mutex_unlock(&workers->lock);
    job->work(job->context, worker, first, first + n);
    pthread_mutex_lock(&workers->lock);
    job->n_done += n;
    if (job->n_done == job->n)
        pthread_cond_broadcast(&workers->changed);
    return true;
}

static void *help(void *argument)
{
    const helper *self = argument;
    nf_workers *workers = self->workers;
    pthread_mutex_lock(&workers->lock);
    while (!workers->closing)
        if (!do_piece(workers, self->number))
            pthread_cond_wait(&workers->changed, &workers->lock);
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

static void start_helpers(nf_workers *workers, size_t wanted)
{
    sigset_t all, before; /* signals are for the thread that looks at their flag */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t i = 0; i < wanted; i++, workers->n_helpers++) {
        workers->helpers[i] = (helper){.workers = workers, .number = (unsigned)i + 1};
        if (pthread_create(&workers->helpers[i].thread, NULL, help, &workers->helpers[i]) != 0)
            break;
    }
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
    pthread_cond_init(&workers->changed, NULL);
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
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
    for (size_t i = 0; i < workers->n_helpers; i++)
        pthread_join(workers->helpers[i].thread, NULL);
    pthread_cond_destroy(&workers->changed);
    pthread_mutex_destroy(&workers->lock);
    free(workers->helpers);
    free(workers);
}

void nf_workers_begin(nf_workers *workers, nf_job *job)
{
    job->next = job->n_done = 0;
    job->following = NULL;
    if (job->n == 0)
        return;
    pthread_mutex_lock(&workers->lock);
    if (workers->last != NULL)
        workers->last->following = job;
    else
        workers->first = job;
    workers->last = job;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
}

void nf_workers_finish(nf_workers *workers, nf_job *job)
{
    pthread_mutex_lock(&workers->lock);
    while (job->n_done < job->n)
        if (!do_piece(workers, 0))
            pthread_cond_wait(&workers->changed, &workers->lock);
    pthread_mutex_unlock(&workers->lock);
}
