/* nofade: JSON objects read by a table of their keys, strictly: what the table does not name is refused, with its place.
 *
 * Texts point into the JSON tree, arrays belong to an nf_field_reader's blocks: both must outlive what was read.
 */
#ifndef NF_JSON_FIELDS_H
#define NF_JSON_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { NF_FIELD_TEXT_BYTES_MAX = 4096, NF_FIELD_PATH_SIZE = 256 };

/* Memory that is freed together. All zero: none. */
typedef struct nf_blocks {
    void **items;
    size_t n, capacity;
} nf_blocks;
void nf_blocks_free(nf_blocks *blocks);

typedef struct nf_field_reader {
    const char *file;  /* for messages */
    nf_status refusal; /* the code of what is refused: NF_ERR_USAGE ... */
    nf_blocks *blocks;
    char path[NF_FIELD_PATH_SIZE]; /* where it stands: "archives[2].md5" */
    nf_error *error;
} nf_field_reader;

typedef enum nf_field_kind {
    NF_FIELD_END,
    NF_FIELD_TEXT,    /* const char *; "" when absent, not empty when needed */
    NF_FIELD_COUNT,   /* int64_t, 0 or more; -1 when absent */
    NF_FIELD_TEXTS,   /* const char *const *, and its size_t */
    NF_FIELD_COUNTS,  /* const int64_t *, and its size_t */
    NF_FIELD_OBJECT,  /* fields of the same struct, under a key of their own */
    NF_FIELD_OBJECTS, /* an array of item_bytes structs, and its size_t */
    NF_FIELD_OWN      /* read by a function */
} nf_field_kind;

typedef struct nf_field nf_field;
struct nf_field {
    const char *key;
    nf_field_kind kind;
    bool needed;
    size_t offset;       /* in the struct */
    size_t count_offset; /* arrays: of their size_t */
    size_t max;          /* arrays: items at most */
    size_t item_bytes;   /* NF_FIELD_OBJECTS */
    const nf_field *fields; /* NF_FIELD_OBJECT, NF_FIELD_OBJECTS */
    nf_status (*own)(nf_field_reader *reader, const json_t *value, void *target); /* NF_FIELD_OWN */
};

/* Fills *target, of which the fields name members, from an object; presets what is absent. */
nf_status nf_fields_read(nf_field_reader *reader, const json_t *object, const nf_field *fields, void *target);
/* An array of texts; items (*n,). */
nf_status nf_fields_texts(nf_field_reader *reader, const json_t *array, size_t max, const char *const **items, size_t *n);
nf_status nf_fields_text(nf_field_reader *reader, const json_t *value, const char **text);
nf_status nf_fields_count(nf_field_reader *reader, const json_t *value, int64_t *count);
/* Zeroed memory for n items that the blocks own; NULL when n is 0. NF_ERR_NOMEM. */
nf_status nf_fields_take(nf_field_reader *reader, size_t n, size_t item_bytes, void **memory);
/* Steps into a key or an item (key NULL), and back to where the path was `length` long. */
size_t nf_fields_enter(nf_field_reader *reader, const char *key, size_t i);
void nf_fields_leave(nf_field_reader *reader, size_t length);
/* "FILE: PATH: <sentence>" */
nf_status nf_fields_refuse(nf_field_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
