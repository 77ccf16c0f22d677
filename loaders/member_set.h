/* nofade: which members of an archive were seen, to find a path that is repeated.
 *
 * Keeps a 64-bit hash each (11 to 21 bytes a member): among a million members the chance of one false alarm is 3e-8.
 */
#ifndef NF_LOADERS_MEMBER_SET_H
#define NF_LOADERS_MEMBER_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct nf_member_set {
    uint64_t *slots; /* 0: free */
    size_t n, capacity;
} nf_member_set; /* all zero: empty */

/* *seen: it was there already; else it is now. */
nf_status nf_member_set_insert(nf_member_set *set, uint64_t archive_index, const char *path, bool *seen, nf_error *error);
void nf_member_set_free(nf_member_set *set);

#endif
