/* nofade: the images of batches, unpacked, decoded and counted by several threads. What is written is the slots' alone.
 *
 * Raw pixels that a device counts (nf_scan_options.devices) go there first, from the thread that folds, batch by batch; the
 * threads then have their entropies to do. */
#ifndef NF_COUNTING_H
#define NF_COUNTING_H

#include <signal.h>
#include <stdatomic.h>

#include "base/error.h"
#include "decode/decode.h"
#include "device/devices.h"
#include "loaders/source/packed.h"
#include "scan/batch_queue.h"
#include "scan/look.h"
#include "scan/workers.h"

typedef struct nf_counting {
    /* set by the scan */
    nf_decode_options decode;
    const nf_look *look;     /* NULL; else nothing is counted, only looked at */
    nf_devices *devices;    /* NULL: the CPU alone */
    const volatile sig_atomic_t *interrupted; /* NULL; else what is not begun when it becomes non-zero is left out */
    bool is_presence_enough; /* nothing is decoded: the images are there, and whole as far as their archive can tell */
    /* made by nf_counting_start */
    nf_workers *workers;
    nf_unpacker **unpackers; /* (n_unpackers,) by worker; NULL until it meets a packed image */
    unsigned n_unpackers;
    atomic_bool stopping; /* *interrupted, which is for one thread alone to look at, told to the others */
} nf_counting;

/* threads as nf_workers_new's. Freed by nf_counting_end, also after a failure. */
nf_status nf_counting_start(nf_counting *counting, unsigned threads, nf_error *error);
void nf_counting_end(nf_counting *counting);

/* From now on the batch is being counted, after those that were begun before; or it waits for the device. One thread alone. */
void nf_counting_begin(nf_counting *counting, nf_batch *batch);
/* Returns when it has been, having helped. One thread alone, which may be another. Errors: nf_devices_count's, NF_ERR_NOMEM. */
nf_status nf_counting_finish(nf_counting *counting, nf_batch *batch, nf_error *error);

#endif
