#include "base/keys.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/buf.h"

enum { SLOTS_FIRST = 64 }; /* a power of two */

struct nf_key {
    uint8_t *bytes;
    size_t length;
    uint64_t hash;
};

void nf_keys_free(nf_keys *keys)
{
    for (size_t i = 0; i < keys->n; i++)
        free(keys->items[i].bytes);
    free(keys->items);
    free(keys->slots);
    *keys = (nf_keys){0};
}

/* The slot that holds the string, or the free one where it belongs. Needs a free slot. */
static size_t find_slot(const nf_keys *keys, const void *bytes, size_t length, uint64_t hash)
{
    size_t slot = (size_t)hash & (keys->n_slots - 1);
    for (; keys->slots[slot] != 0; slot = (slot + 1) & (keys->n_slots - 1)) {
        const nf_key *item = &keys->items[keys->slots[slot] - 1];
        if (item->hash == hash && item->length == length && memcmp(item->bytes, bytes, length) == 0)
            break;
    }
    return slot;
}

/* Twice the slots once half of them are taken. */
static nf_status grow(nf_keys *keys, nf_error *error)
{
    if (keys->n < keys->n_slots / 2)
        return NF_OK;
    size_t n_slots = keys->n_slots == 0 ? SLOTS_FIRST : keys->n_slots * 2;
    uint32_t *slots = calloc(n_slots, sizeof *slots);
    if (slots == NULL)
        return nf_fail_nomem(error, "a table of names");
    free(keys->slots);
    keys->slots = slots;
    keys->n_slots = n_slots;
    for (size_t i = 0; i < keys->n; i++) {
        const nf_key *item = &keys->items[i];
        slots[find_slot(keys, item->bytes, item->length, item->hash)] = (uint32_t)i + 1;
    }
    return NF_OK;
}

uint32_t nf_keys_find(const nf_keys *keys, const void *bytes, size_t length)
{
    if (keys->n_slots == 0)
        return NF_KEY_NONE;
    uint32_t taken = keys->slots[find_slot(keys, bytes, length, XXH3_64bits(bytes, length))];
    return taken != 0 ? taken - 1 : NF_KEY_NONE;
}

const void *nf_keys_get(const nf_keys *keys, uint32_t number, size_t *length)
{
    if (length != NULL)
        *length = keys->items[number].length;
    return keys->items[number].bytes;
}

nf_status nf_keys_add(nf_keys *keys, const void *bytes, size_t length, nf_error *error)
{
    if (keys->n >= NF_KEYS_MAX || length > NF_KEY_BYTES_MAX - keys->bytes)
        return nf_fail(error, NF_ERR_INPUT, "more than %d directories or classes, or their names are too long", NF_KEYS_MAX);
    nf_status status = grow(keys, error);
    if (status == NF_OK)
        status = nf_array_reserve((void **)&keys->items, &keys->capacity, keys->n + 1, sizeof *keys->items,
                                  "a table of names", error);
    if (status != NF_OK)
        return status;
    nf_buf copy = {0};
    if ((status = nf_buf_append(&copy, bytes, length, error)) != NF_OK)
        return status;
    uint64_t hash = XXH3_64bits(bytes, length);
    keys->slots[find_slot(keys, bytes, length, hash)] = (uint32_t)keys->n + 1;
    keys->items[keys->n++] = (nf_key){copy.data, length, hash};
    keys->bytes += length;
    return NF_OK;
}
