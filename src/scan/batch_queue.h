/* nofade: batches of records between the reader thread and the counting threads.
 *
 * A fixed number of batches circulates: free -> (reader fills) -> full (being counted) -> (main thread folds) -> free. The bytes
 * in flight are bounded as well: after an outsized image the reader waits until it has been counted, so that memory is
 * bounded by construction: at most NF_BATCHES batches, or all but one of them and one image where that is larger.
 */
#ifndef NF_BATCH_QUEUE_H
#define NF_BATCH_QUEUE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "decode/decode.h"
#include "scan/image_marks.h"
#include "loaders/loader.h"
#include "scan/workers.h"

enum { NF_BATCHES = 4, NF_SPLIT_KEYS = 8 };

/* One image on its way. */
typedef struct nf_slot {
    uint32_t source;        /* number of the one that it is from */
    size_t offset, n_stored; /* of its bytes in batch->bytes */
    nf_packed packed;       /* how they are stored there */
    size_t n_bytes;         /* of the image; of a packed one set by a worker */
    size_t n_map_bytes;     /* of its label map, behind them; 0: none */
    const uint32_t *pixel_classes; /* nf_record's; valid as long as the groups */
    size_t member;          /* offset of its NUL-terminated path in batch->texts */
    int64_t row, late_row;
    uint64_t index;         /* running number in reading order */
    uint64_t unit;          /* nf_record.unit */
    uint32_t group, late_set;
    uint32_t late_group;    /* the group of an image whose label never comes */
    uint8_t split_key;      /* which list its failure goes in: one per split name in its path, as far as can be told early */
    nf_pixel_format format;
    bool by_columns;        /* nf_record's */
    bool is_left_out;       /* set by a worker: nothing else was, for it is time to stop */
    uint64_t q;             /* quantised entropy, set by a worker */
    nf_decoded decoded;     /* failure and reason preset where the loader knew; else set by a worker */
    nf_class_list classes;  /* the pixels of each class of the label map, set by a worker; freed with the batch */
    nf_image_marks marks;   /* set by a worker, unless the image has failed */
} nf_slot;

/* Late labels: apply when the slots before `at` have been folded. */
typedef struct nf_label_event {
    size_t at;
    uint32_t source, late_set;
    bool discard;
    uint32_t discard_group; /* under which its images count as failed */
    size_t groups; /* offset in batch->groups */
    size_t n_groups;
} nf_label_event;

/* A group of several classes that the fold has not met yet. */
typedef struct nf_new_parts {
    uint32_t group;
    const nf_group_parts *parts;
} nf_new_parts;

/* Who counts the raw pixels of a batch: the CPU, or a device, which has then done so. */
typedef enum nf_batch_device { NF_BATCH_FOR_CPU, NF_BATCH_FOR_DEVICE, NF_BATCH_COUNTED } nf_batch_device;

/* Records in reading order, of one source after the other. */
typedef struct nf_batch {
    struct nf_batch *next;
    nf_buf bytes, texts;
    size_t unpacked_more_bytes; /* that its packed images come to beyond those stored */
    nf_slot *slots;
    size_t n_slots, slots_capacity;
    size_t n_maps; /* slots with a label map */
    nf_label_event *events;
    size_t n_events, events_capacity;
    uint32_t *groups;
    size_t n_groups, groups_capacity;
    nf_new_parts *new_parts;
    size_t n_new_parts, new_parts_capacity;
    nf_job job; /* its being counted, which is nf_counting's, like the pointer to it */
    struct nf_counting *counting;
    nf_batch_device device; /* nf_counting's too */
    uint64_t done_bytes, total_bytes; /* of the sources up to the last one in it, when the batch was closed */
} nf_batch;

/* What a batch weighs: image bytes, packed ones as what they unpack to, so that it never takes long to count; slots; and all that
 * the classes of their pixels may come to. */
size_t nf_batch_weight(const nf_batch *batch);

typedef struct nf_batch_queue nf_batch_queue;
nf_status nf_batch_queue_new(nf_batch_queue **queue, size_t batch_bytes, nf_error *error);
void nf_batch_queue_free(nf_batch_queue *queue);

/* Reader: an empty batch; waits for one. NULL: the counting side has cancelled. */
nf_batch *nf_batch_queue_take_free(nf_batch_queue *queue);
/* Reader: hands a filled batch over. */
void nf_batch_queue_put_full(nf_batch_queue *queue, nf_batch *batch);
/* Reader: there will be no more. */
void nf_batch_queue_finish(nf_batch_queue *queue);
/* Counting side: the next full batch in order; NULL when finished, or when *interrupted (may be NULL) becomes non-zero. */
nf_batch *nf_batch_queue_take_full(nf_batch_queue *queue, const volatile sig_atomic_t *interrupted);
/* Counting side: empties the batch and lets it circulate. */
void nf_batch_queue_give_back(nf_batch_queue *queue, nf_batch *batch);
/* Counting side: wakes the reader; take_free gives NULL from now on. */
void nf_batch_queue_cancel(nf_batch_queue *queue);
bool nf_batch_queue_is_cancelled(nf_batch_queue *queue);

#endif
