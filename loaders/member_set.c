#include "loaders/member_set.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static size_t find_slot(const uint64_t *slots, size_t capacity, uint64_t hash)
{
    size_t i = (size_t)hash & (capacity - 1);
    while (slots[i] != 0 && slots[i] != hash)
        i = (i + 1) & (capacity - 1);
    return i;
}

static nf_status grow(nf_member_set *set, nf_error *error)
{
    size_t capacity = set->capacity == 0 ? 1024 : set->capacity * 2;
    uint64_t *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL)
        return nf_fail_nomem(error, "the member names");
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i] != 0)
            slots[find_slot(slots, capacity, set->slots[i])] = set->slots[i];
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    return NF_OK;
}

nf_status nf_member_set_insert(nf_member_set *set, uint64_t archive_index, const char *path, bool *seen, nf_error *error)
{
    if (set->n >= set->capacity / 4 * 3) {
        nf_status status = grow(set, error);
        if (status != NF_OK)
            return status;
    }
    uint64_t hash = XXH3_64bits_withSeed(path, strlen(path), archive_index);
    hash += hash == 0; /* 0 marks a free slot */
    size_t i = find_slot(set->slots, set->capacity, hash);
    *seen = set->slots[i] != 0;
    if (!*seen) {
        set->slots[i] = hash;
        set->n++;
    }
    return NF_OK;
}

void nf_member_set_free(nf_member_set *set)
{
    free(set->slots);
    *set = (nf_member_set){0};
}
