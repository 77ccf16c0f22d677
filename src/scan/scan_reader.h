/* nofade: the reading half of a scan: sources -> loader -> batches, on its own thread. */
#ifndef NF_SCAN_READER_H
#define NF_SCAN_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "scan/batch_queue.h"
#include "scan/counting.h"
#include "scan/label_file.h"
#include "loaders/groups.h"
#include "loaders/loader.h"
#include "scan/scan.h"
#include "scan/scan_detect.h"

/* What is known of a source when it has been read. Strings are owned. */
typedef struct nf_read_source {
    char *path, *format, *dataset_id, *title;
    uint64_t bytes;
    char digest[NF_DIGEST_SIZE];
    uint64_t images;      /* handed over, good or bad */
    uint64_t loose_images; /* of a directory: those that lie in no archive */
    uint64_t lost_parts;  /* pieces that could not be read and may have held images */
    bool damaged;         /* lost_parts > 0, or the rest of the source could not be read */
    char *damage;         /* the first sentence about it */
    uint64_t tars_without_end; /* nf_source_info's */
} nf_read_source;

typedef struct nf_reader {
    /* set by the scan before the thread starts; the reader's until it has ended */
    const nf_scan_options *options;
    size_t batch_bytes;
    size_t raw_batch_bytes; /* the same where images are raw pixels */
    const char **paths;
    size_t n_paths;
    nf_batch_queue *queue;
    nf_counting *counting; /* to which full batches go before they go into the queue */
    nf_groups *groups;
    nf_label_file *labels; /* or NULL */
    uint32_t no_group;     /* (no split, no label): interned by nf_reader_init */
    nf_manifests *manifests; /* these and below are made by nf_reader_init */
    nf_apart apart;
    nf_notes notes;
    nf_member_set labels_read;
    nf_detected *detected;  /* (n_paths,) what each source is */
    nf_entries **kept;      /* (n_paths,) sources that detection has left open; NULL: to be opened */
    bool *gathered;         /* (n_paths,) its labels are known before it is read */
    nf_stop stop;
    nf_drawn drawn;         /* of a sample: set before the first batch is handed over */
    bool drawn_out;         /* of a sample: to be read when the thread has ended: all of it has been read */
    nf_batch *batch;        /* being filled: small sources share one; NULL: the next record begins one */
    /* results, to be read when the thread has ended */
    nf_read_source *sources; /* (n_paths,), filled for those begun; path is NULL in the others */
    size_t n_read;
    nf_tally passed_over;
    uint64_t n_images;
    uint64_t done_bytes;    /* of the sources that have been read */
    uint32_t n_announced; /* groups whose parts the fold has been told of */
    bool limit_reached;
    nf_error error; /* code other than NF_OK: the run has failed */
} nf_reader;

nf_status nf_reader_init(nf_reader *reader, nf_error *error);
/* Thread main: reads every source, finishes the queue. */
void *nf_reader_run(void *reader);
void nf_reader_clear(nf_reader *reader);

#endif
