/* nofade: a growable byte buffer and checked sizes. Not thread-safe: one owner at a time. */
#ifndef NF_BASE_BUF_H
#define NF_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct nf_buf {
    uint8_t *data; /* heap, owned; NULL while capacity is 0 */
    size_t len;    /* bytes in use */
    size_t capacity;
} nf_buf;

/* Makes room for at least `more` bytes after len. NF_ERR_NOMEM leaves the buffer as it was. */
nf_status nf_buf_reserve(nf_buf *buf, size_t more, nf_error *error);
nf_status nf_buf_append(nf_buf *buf, const void *bytes, size_t n, nf_error *error);
nf_status nf_buf_printf(nf_buf *buf, nf_error *error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Frees the memory and zeroes the struct; harmless on a zeroed one. */
void nf_buf_free(nf_buf *buf);

/* True, and *product untouched, when a * b does not fit. */
static inline bool nf_mul_overflows(size_t a, size_t b, size_t *product)
{
    size_t result;
    if (__builtin_mul_overflow(a, b, &result))
        return true;
    *product = result;
    return false;
}

/* The second half of what follows: only where wanted > *capacity. */
nf_status nf_array_grow(void **items, size_t *capacity, size_t wanted, size_t item_size, const char *what, nf_error *error);
/* Grows a heap array of items of item_size bytes to hold at least `wanted` items; doubles. *items may move. */
static inline nf_status nf_array_reserve(void **items, size_t *capacity, size_t wanted, size_t item_size, const char *what,
                                         nf_error *error)
{
    return wanted <= *capacity ? NF_OK : nf_array_grow(items, capacity, wanted, item_size, what, error);
}

/* strdup with the error value. *copy is owned by the caller (free). */
nf_status nf_strdup(char **copy, const char *text, nf_error *error);

#endif
