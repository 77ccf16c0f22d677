/* nofade: strings kept once, at addresses that stay: equal strings that were kept have equal addresses. Not thread-safe. */
#ifndef NF_BASE_POOL_H
#define NF_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define NF_POOL_BYTES_MAX (UINT64_C(4) << 30) /* strings come from untrusted input */

typedef struct nf_pool_block nf_pool_block;

/* All zero: empty. */
typedef struct nf_pool {
    nf_pool_block *blocks;
    const char **slots; /* (n_slots,) a hash table: NULL is free; at most half are taken */
    size_t n_slots, n;
    uint64_t bytes;
} nf_pool;

/* *kept is the pool's copy of text; it lives as long as the pool. NF_ERR_INPUT: the strings take too much memory. */
nf_status nf_pool_keep(nf_pool *pool, const char *text, const char **kept, nf_error *error);
/* The same without looking for an equal one: for texts that hardly come twice. */
nf_status nf_pool_copy(nf_pool *pool, const char *text, const char **copy, nf_error *error);
/* Room for n bytes, aligned for pointers, not shared, which lives as long as the pool. NULL: out of memory. */
void *nf_pool_room(nf_pool *pool, size_t n);
void nf_pool_free(nf_pool *pool);

#endif
