/* nofade: what the two halves of the pickle reader share: pickle.c reads opcodes, pickle_objects.c gives them meaning. Private
 * to them. */
#ifndef NF_LOADERS_PICKLE_PARTS_H
#define NF_LOADERS_PICKLE_PARTS_H

#include "loaders/cifar/pickle.h"

/* The names of objects that a pickle may use. */
typedef enum nf_pickle_global {
    NF_GLOBAL_NDARRAY,
    NF_GLOBAL_DTYPE,
    NF_GLOBAL_RECONSTRUCT,
    NF_GLOBAL_FROMBUFFER,
    NF_GLOBAL_SCALAR,
    NF_GLOBAL_ENCODE
} nf_pickle_global;

struct nf_pickle {
    nf_stream *stream;
    nf_failure failure;
    uint64_t start; /* where in the stream the pickle begins */
    bool is_at_end;

    nf_pickle_value *stack; /* (n_stack,) */
    size_t n_stack, stack_capacity;
    nf_pickle_value *memo; /* (memo_capacity,) kind MARK: not set */
    size_t memo_capacity, n_memo;
    void **blocks; /* (n_blocks,) heap: everything values point to */
    size_t n_blocks, blocks_capacity;
    size_t block_left; /* free bytes at the end of the block that small things share */
    uint8_t *block_next;
    size_t structure_bytes, payload_bytes; /* in use, against the limits */

    /* the blob that is being read */
    bool in_blob;
    bool blob_is_text;
    uint8_t lead; /* the first byte of a two-byte character whose second is in the next chunk, or 0 */
    uint64_t blob_left; /* bytes as stored */
    uint64_t blob_bytes; /* given so far */
    uint32_t n_blobs;
    uint8_t *decoded; /* (NF_PICKLE_HELD_MAX,) a chunk of text as Latin-1 */
};

/* NF_BAD_RECORD with the sentence, and where. */
nf_status nf_pickle_refuse(nf_pickle *pickle, nf_failure failure, nf_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Zeroed memory that lives as long as the pickle, counted against the structure. */
nf_status nf_pickle_alloc(nf_pickle *pickle, size_t n, void **memory, nf_error *error);
/* Memory for a text or bytes: counted against the payload, or where short against the structure. */
nf_status nf_pickle_alloc_held(nf_pickle *pickle, size_t n, void **memory, nf_error *error);
/* Takes ownership of heap memory; frees it on failure. */
nf_status nf_pickle_own(nf_pickle *pickle, void *memory, nf_error *error);
nf_status nf_pickle_take_payload(nf_pickle *pickle, uint64_t n, nf_error *error);
nf_status nf_pickle_push(nf_pickle *pickle, nf_pickle_value value, nf_error *error);
nf_status nf_pickle_pop(nf_pickle *pickle, nf_pickle_value *value, nf_error *error);
nf_status nf_pickle_items_add(nf_pickle *pickle, nf_pickle_items *items, nf_pickle_value value, nf_error *error);
nf_status nf_pickle_new_bytes(nf_pickle *pickle, nf_pickle_kind kind, const uint8_t *data, size_t n, nf_pickle_value *value,
                              nf_error *error);

/* Exactly n bytes; the end of the stream is a refusal ("it is cut short"). */
nf_status nf_pickle_read(nf_pickle *pickle, void *dst, size_t n, nf_error *error);
/* An object of n > NF_PICKLE_HELD_MAX bytes begins: afterwards it is either held, on the stack, or pickle->in_blob. */
nf_status nf_pickle_begin_blob(nf_pickle *pickle, uint64_t n, bool is_text, nf_error *error);
/* The blob becomes a value; what was not pulled is passed over. */
nf_status nf_pickle_end_blob(nf_pickle *pickle, nf_error *error);

/* GLOBAL: the name, or a refusal. */
nf_status nf_pickle_find_global(nf_pickle *pickle, nf_pickle_bytes module, nf_pickle_bytes name, nf_pickle_value *value,
                                nf_error *error);
/* REDUCE: the value of callable(*arguments). */
nf_status nf_pickle_reduce(nf_pickle *pickle, nf_pickle_value callable, nf_pickle_value arguments, nf_pickle_value *value,
                           nf_error *error);
/* BUILD: gives an object its state. */
nf_status nf_pickle_build(nf_pickle *pickle, nf_pickle_value object, nf_pickle_value state, nf_error *error);

#endif
