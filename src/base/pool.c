#include "base/pool.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { BLOCK_BYTES = 1 << 16, SLOTS_FIRST = 256, ALIGNMENT = sizeof(void *) };

struct nf_pool_block {
    nf_pool_block *next;
    size_t used, size;
    _Alignas(ALIGNMENT) char bytes[];
};

void nf_pool_free(nf_pool *pool)
{
    while (pool->blocks != NULL) {
        nf_pool_block *next = pool->blocks->next;
        free(pool->blocks);
        pool->blocks = next;
    }
    free(pool->slots);
    *pool = (nf_pool){0};
}

static void *take(nf_pool *pool, size_t n, size_t alignment)
{
    nf_pool_block *block = pool->blocks;
    size_t at = block == NULL ? 0 : (block->used + alignment - 1) / alignment * alignment;
    if (n > NF_POOL_BYTES_MAX - pool->bytes)
        return NULL;
    if (block == NULL || block->size < at || block->size - at < n) {
        size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
        block = malloc(sizeof *block + size); /* fits: both are far below SIZE_MAX */
        if (block == NULL)
            return NULL;
        *block = (nf_pool_block){pool->blocks, 0, size};
        pool->blocks = block;
        at = 0;
    }
    block->used = at + n;
    pool->bytes += n;
    return block->bytes + at;
}

void *nf_pool_room(nf_pool *pool, size_t n)
{
    return take(pool, n, ALIGNMENT);
}

/* The slot that holds the string, or the free one where it belongs. Needs a free slot. */
static size_t find_slot(const nf_pool *pool, const char *text, size_t length)
{
    size_t slot = (size_t)XXH3_64bits(text, length) & (pool->n_slots - 1);
    while (pool->slots[slot] != NULL && strcmp(pool->slots[slot], text) != 0)
        slot = (slot + 1) & (pool->n_slots - 1);
    return slot;
}

static nf_status grow(nf_pool *pool, nf_error *error)
{
    if (pool->n < pool->n_slots / 2)
        return NF_OK;
    nf_pool wider = {.n_slots = pool->n_slots == 0 ? SLOTS_FIRST : pool->n_slots * 2};
    wider.slots = calloc(wider.n_slots, sizeof *wider.slots);
    if (wider.slots == NULL)
        return nf_fail_nomem(error, "a table of names");
    for (size_t i = 0; i < pool->n_slots; i++)
        if (pool->slots[i] != NULL)
            wider.slots[find_slot(&wider, pool->slots[i], strlen(pool->slots[i]))] = pool->slots[i];
    free(pool->slots);
    pool->slots = wider.slots;
    pool->n_slots = wider.n_slots;
    return NF_OK;
}

nf_status nf_pool_copy(nf_pool *pool, const char *text, const char **copied, nf_error *error)
{
    size_t length = strlen(text);
    if (length + 1 > NF_POOL_BYTES_MAX - pool->bytes)
        return nf_fail(error, NF_ERR_INPUT, "the names take more than 4 GiB");
    char *copy = take(pool, length + 1, 1);
    if (copy == NULL)
        return nf_fail_nomem(error, "a table of names");
    memcpy(copy, text, length + 1);
    *copied = copy;
    return NF_OK;
}

nf_status nf_pool_keep(nf_pool *pool, const char *text, const char **kept, nf_error *error)
{
    nf_status status = grow(pool, error);
    if (status != NF_OK)
        return status;
    size_t slot = find_slot(pool, text, strlen(text));
    if (pool->slots[slot] == NULL) {
        status = nf_pool_copy(pool, text, &pool->slots[slot], error);
        if (status != NF_OK)
            return status;
        pool->n++;
    }
    *kept = pool->slots[slot];
    return NF_OK;
}
