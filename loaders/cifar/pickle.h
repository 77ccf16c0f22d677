/* nofade: a reader of Python pickles that executes nothing.
 *
 * Protocols 2 to 5, as data sets are stored in: dictionaries, lists, texts, bytes, integers and NumPy arrays. The opcodes are a
 * fixed table, the names of objects a fixed list; everything else is refused by name. Nothing is ever imported or called.
 *
 * The pixels are one bytes object of up to hundreds of megabytes. The reader stops at an object over
 * NF_PICKLE_HELD_MAX bytes (NF_PICKLE_BLOB), whoever uses it pulls its bytes, and the reader goes on behind it. Where the
 * stream says beforehand that the array lies in column order, or can say it only afterwards (protocol 5), the object is held
 * in memory instead, up to NF_PICKLE_PAYLOAD_MAX in all.
 *
 * Every status but NF_OK, NF_EOF, NF_ERR_NOMEM ends the pickle; nf_pickle_failure then tells why in a word. NF_BAD_RECORD: this
 * pickle is unusable; NF_ERR_DAMAGED and others are the stream's.
 */
#ifndef NF_LOADERS_PICKLE_H
#define NF_LOADERS_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "decode/decode.h"
#include "loaders/source/stream.h"

enum {
    NF_PICKLE_HELD_MAX = 1 << 16,        /* bytes: a longer object is a blob */
    NF_PICKLE_BLOBS_MAX = 16,            /* per pickle */
    NF_PICKLE_PAYLOAD_MAX = 160 << 20,   /* bytes of objects held */
    NF_PICKLE_STRUCTURE_MAX = 64 << 20,  /* bytes of lists, tuples, short texts */
    NF_PICKLE_STACK_MAX = 1 << 20,       /* values */
    NF_PICKLE_MEMO_MAX = 1 << 20,        /* values */
    NF_PICKLE_DIMS_MAX = 4
};

typedef enum nf_pickle_kind {
    NF_PICKLE_NONE,
    NF_PICKLE_BOOL,    /* integer */
    NF_PICKLE_INTEGER, /* integer */
    NF_PICKLE_BYTES,   /* bytes */
    NF_PICKLE_TEXT,    /* bytes (UTF-8, unchecked) */
    NF_PICKLE_LATIN1,  /* bytes: a text over NF_PICKLE_HELD_MAX, already one byte a character */
    NF_PICKLE_BLOB,    /* blob */
    NF_PICKLE_BLOB_TEXT,
    NF_PICKLE_TUPLE, /* items */
    NF_PICKLE_LIST,  /* items */
    NF_PICKLE_DICT,  /* items: key, value, key, value ...; a later key replaces an earlier */
    NF_PICKLE_GLOBAL,
    NF_PICKLE_DTYPE, /* dtype */
    NF_PICKLE_ARRAY, /* array */
    NF_PICKLE_MARK
} nf_pickle_kind;

typedef struct nf_pickle_bytes {
    size_t n;
    const uint8_t *data;
} nf_pickle_bytes;

typedef struct nf_pickle_blob {
    uint32_t number; /* 0, 1 ... in order of appearance */
    uint64_t n_bytes; /* of a text: as Latin-1 */
} nf_pickle_blob;

typedef struct nf_pickle_dtype {
    char kind; /* 'u' 'i' 'b' or 'O' */
    unsigned size;
    bool big_endian;
} nf_pickle_dtype;

typedef struct nf_pickle_value {
    nf_pickle_kind kind;
    union {
        int64_t integer;
        const nf_pickle_bytes *bytes;
        const nf_pickle_blob *blob;
        struct nf_pickle_items *items;
        nf_pickle_dtype *dtype;
        struct nf_pickle_array *array;
    } as;
} nf_pickle_value;

typedef struct nf_pickle_items {
    size_t n, capacity;
    nf_pickle_value *values; /* (n,) */
} nf_pickle_items;

typedef struct nf_pickle_array {
    bool is_complete; /* false: made and never filled */
    bool by_column;
    size_t n_dims;
    uint64_t dims[NF_PICKLE_DIMS_MAX];
    nf_pickle_dtype dtype;
    nf_pickle_value payload; /* BYTES, BLOB, or a LIST of objects */
} nf_pickle_array;

typedef struct nf_pickle nf_pickle;

typedef enum nf_pickle_event {
    NF_PICKLE_AT_BLOB, /* nf_pickle_blob_next gives its bytes */
    NF_PICKLE_AT_END   /* nf_pickle_find finds in the result */
} nf_pickle_event;

/* The stream stays the caller's and must outlive it. */
nf_status nf_pickle_open(nf_pickle **pickle, nf_stream *stream, nf_error *error);
void nf_pickle_close(nf_pickle *pickle);
/* Reads on to the next event. What was not pulled of a blob is passed over. */
nf_status nf_pickle_next(nf_pickle *pickle, nf_pickle_event *event, nf_error *error);
/* The next bytes, at most `most`, of the blob; valid until the next call. NF_EOF at its end. */
nf_status nf_pickle_blob_next(nf_pickle *pickle, size_t most, const uint8_t **data, size_t *len, nf_error *error);
/* Is the current blob followed by nothing that could still make it a matrix in column order: do we stand in the state of an
 * array of `row_bytes` unsigned bytes a row? (What is known when the pickle is cut inside its pixels.) */
bool nf_pickle_blob_is_matrix(const nf_pickle *pickle, uint64_t row_bytes);
/* The value of a key of the result, which is a dictionary; before the end, of what has been read so far. NULL: none. Valid
 * until close. */
const nf_pickle_value *nf_pickle_find(const nf_pickle *pickle, const char *key);
/* Is the value a text or bytes? Then *bytes. */
bool nf_pickle_is_text(const nf_pickle_value *value, nf_pickle_bytes *bytes);
/* The integer that an array's element is; larger than fits: INT64_MAX. */
int64_t nf_pickle_element(const nf_pickle_dtype *dtype, const uint8_t *bytes);
/* Why the pickle is unusable; NF_FAILURE_NONE while nothing went wrong. */
nf_failure nf_pickle_failure(const nf_pickle *pickle);

#endif
