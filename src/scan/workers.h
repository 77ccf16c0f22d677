/* nofade: threads that share out independent work, such as the images of a batch.
 *
 * Jobs stand in line: while the last pieces of one are being done, the next one is begun, so that no thread waits at the end of
 * each. They sleep while there is nothing to do. OpenMP's spin at the end of each loop, which takes the processor from the
 * reader thread that they wait for: a stream of raw pixels then needs twice the time.
 */
#ifndef NF_WORKERS_H
#define NF_WORKERS_H

#include <stddef.h>

#include "base/error.h"

typedef struct nf_workers nf_workers;

/* Does items first .. end - 1, of which no other call knows. Any thread, several at a time; of two calls at a time no two have
 * the same worker, a number below that of the threads. */
typedef void nf_work(void *context, unsigned worker, size_t first, size_t end);

typedef struct nf_job {
    nf_work *work;
    void *context;
    size_t n, piece; /* items, and how many (1 or more) are done at a time */
    /* the workers' */
    size_t next, n_done;
    struct nf_job *following;
} nf_job;

/* How many processors this process may use: 1 or more. */
unsigned nf_processors(void);

/* `threads` >= 1 with the caller's own; fewer where the system refuses more. They take no signals. */
nf_status nf_workers_new(nf_workers **workers, unsigned threads, nf_error *error);
/* After the pieces that are being done: the rest of unfinished jobs is left undone. NULL is allowed. */
void nf_workers_free(nf_workers *workers);
/* Puts a job in line and returns at once. It lasts until nf_workers_finish or nf_workers_free has returned. Any thread. */
void nf_workers_begin(nf_workers *workers, nf_job *job);
/* Helps until a job that was begun is done; meanwhile pieces of those behind it are done too. One thread alone: it is worker 0. */
void nf_workers_finish(nf_workers *workers, nf_job *job);

#endif
