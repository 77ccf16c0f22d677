/* nofade: the folding half of a scan: counted images -> totals by group, exactly and in any order. */
#ifndef NF_SCAN_FOLD_H
#define NF_SCAN_FOLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "scan/batch_queue.h"
#include "scan/late_labels.h"
#include "metrics/distribution.h"
#include "profile/profile.h"
#include "scan/row_spool.h"
#include "scan/sampling.h"
#include "scan/scan.h"

/* How much is learned of the images. */
typedef enum nf_scan_depth {
    NF_SCAN_PROFILES, /* everything */
    NF_SCAN_DECODES,  /* whether they decode; neither pixels nor entropies are kept, so no profile can be made */
    NF_SCAN_COUNTS,   /* that they are there */
    NF_SCAN_LOOKS     /* nothing: nf_scan_options.look sees some of them */
} nf_scan_depth;

/* What is known of the images of one group. */
typedef struct nf_group_totals {
    uint64_t read, warned, failed, pixels, encoded_bytes; /* of images of the set: 0 for groups of holders and pixels */
    uint64_t undecodable; /* of the failed: those whose bytes are there */
    uint64_t labelled; /* of the read: a class, several, or known to be none */
    nf_class_counts *counts; /* NULL until the first image is read */
    const nf_group_parts *parts; /* of an image of several classes, which is counted under them; else NULL */
} nf_group_totals;

typedef struct nf_fold {
    const nf_scan_options *options;
    nf_scan_depth depth;
    const char *const *paths; /* of the sources, by number */
    uint32_t source;          /* of the record being folded */
    nf_group_totals *totals;  /* by group number */
    size_t n_totals, totals_capacity;
    nf_failure_list failures[NF_SPLIT_KEYS], warned[NF_SPLIT_KEYS];
    nf_sampling *sampling; /* NULL: everything is read */
    nf_late_labels *late;
    nf_row_spool *spool; /* NULL: nobody asked for rows, and there is no place for those that quality.h is about */
    nf_error spool_fault; /* with no spool: why */
    uint64_t n_spooled, n_not_spooled;
    uint64_t n_images, n_read, n_failed;
    bool is_cut; /* an image was left out (nf_slot.is_left_out): those before it are what was done */
} nf_fold;

nf_status nf_fold_init(nf_fold *fold, nf_error *error);
void nf_fold_clear(nf_fold *fold);
/* Adds the slots of the batch, which the workers have counted, up to the first that they left out, and applies its labels. */
nf_status nf_fold_batch(nf_fold *fold, const nf_batch *batch, nf_error *error);
/* Is nothing more to be folded: an interruption, a failed image that ends the run, or a sample that tells enough? */
bool nf_fold_is_enough(const nf_fold *fold);
/* No batch will follow: images that still wait for a label have none. */
nf_status nf_fold_finish(nf_fold *fold, nf_error *error);

#endif
