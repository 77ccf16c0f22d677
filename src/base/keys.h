/* nofade: byte strings numbered in the order in which they came (a hash table over an array). Bounded, as the strings come
 * from untrusted input. */
#ifndef NF_BASE_KEYS_H
#define NF_BASE_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define NF_KEY_NONE UINT32_MAX
enum {
    NF_KEYS_MAX = 1 << 20,       /* strings in a table */
    NF_KEY_BYTES_MAX = 256 << 20 /* of all of them together */
};

typedef struct nf_key nf_key;

/* All zero: empty. */
typedef struct nf_keys {
    nf_key *items; /* (n,) */
    size_t n, capacity;
    size_t bytes;
    uint32_t *slots; /* number + 1, 0: free; at most half are taken */
    size_t n_slots;  /* a power of two, or 0 */
} nf_keys;

/* The number of the string, or NF_KEY_NONE. */
uint32_t nf_keys_find(const nf_keys *keys, const void *bytes, size_t length);
/* Gives a string that is not there yet the next number, keys->n before the call. NF_ERR_INPUT: too many, or too long. */
nf_status nf_keys_add(nf_keys *keys, const void *bytes, size_t length, nf_error *error);
/* The bytes of a string by its number, < keys->n; they stay where they are until nf_keys_free. length may be NULL. */
const void *nf_keys_get(const nf_keys *keys, uint32_t number, size_t *length);
/* Empties it and frees its memory. */
void nf_keys_free(nf_keys *keys);

#endif
