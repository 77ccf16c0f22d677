/* nofade: threads that share out independent work, such as the images of a batch.
 *
 * They sleep while there is nothing to do. OpenMP's spin at the end of each loop, which takes the processor from the reader
 * thread that they wait for: a stream of raw pixels then needs twice the time.
 */
#ifndef NF_WORKERS_H
#define NF_WORKERS_H

#include <stddef.h>

#include "base/error.h"

typedef struct nf_workers nf_workers;

/* Does items first .. end - 1, of which no other call knows. Any thread, several at a time. */
typedef void nf_work(void *context, size_t first, size_t end);

/* How many processors this process may use: 1 or more. */
unsigned nf_processors(void);

/* `threads` >= 1 with the caller's own; fewer where the system refuses more. They take no signals. */
nf_status nf_workers_new(nf_workers **workers, unsigned threads, nf_error *error);
void nf_workers_free(nf_workers *workers);
/* Has items 0 .. n - 1 done, `piece` >= 1 at a time, and returns when all are. One caller at a time. */
void nf_workers_run(nf_workers *workers, size_t n, size_t piece, nf_work *work, void *context);

#endif
