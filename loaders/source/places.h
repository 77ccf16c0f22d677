/* nofade: members that can be had again, out of the order of the walk: label maps, looked up while their images are read.
 *
 * A walk notes places (nf_entries_place, nf_places_add); later each is opened by its key. The stored bytes are read anew and
 * by their own files, so neither a walk under way nor its digest notices. Some 70 bytes of heap a member of a zip, and as much
 * and its path a file of a directory.
 *
 * One thread uses it (the reader).
 */
#ifndef NF_LOADERS_PLACES_H
#define NF_LOADERS_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "loaders/source/entries.h"
#include "loaders/source/stream.h"
#include "loaders/source/zip_index.h"

/* Where the data of one entry lie. Made by nf_entries_place; of interest to nf_places alone. */
struct nf_place {
    const char *source; /* as given: a file or a directory */
    const char *inner;  /* below a directory, inner_len bytes; of length 0: the source itself */
    size_t inner_len;
    uint64_t stamp;     /* nf_file_stamp of that file */
    bool in_zip;        /* the file is a zip, and range a member's: else all of it */
    nf_zip_range range;
};

typedef struct nf_places nf_places;

nf_status nf_places_new(nf_places **places, nf_error *error);
void nf_places_free(nf_places *places);

/* Keeps a place (copied) under a key, any bytes; one of several under it is as good as another where all hold the same bytes.
 * NF_ERR_INPUT: more places than any set has. */
nf_status nf_places_add(nf_places *places, const void *key, size_t key_len, const nf_place *place, nf_error *error);
bool nf_places_has(const nf_places *places, const void *key, size_t key_len);
size_t nf_places_count(const nf_places *places); /* places, not keys */

/* The data kept under a key, as nf_entries_data gave them: check sums are held, faults of their bytes are NF_BAD_RECORD. The
 * stream stays the places': valid until the next nf_places_open or nf_places_free, not to be closed. NF_EOF: no such key (no
 * sentence); NF_BAD_RECORD: the file is gone, cannot be read or is not as it was, or several of the key differ. */
nf_status nf_places_open(nf_places *places, const void *key, size_t key_len, nf_stream **data, nf_error *error);

#endif
