/* nofade: taking the pictures of a source's entries one by one, for every layout whose images are files.
 *
 * What is an image is told by the first bytes. Nothing that is or claims to be one is passed over: what cannot be used
 * becomes a failed record. A loader asks for the next entry, reads it itself where its layout gives it another meaning, and
 * has it taken otherwise:
 *
 *     status = nf_pictures_next(&pictures, &entry, record, &is_image, error);
 *     if (status == NF_OK && !is_image)
 *         status = nf_pictures_take(&pictures, &entry, record, &is_image, error);
 *
 * After either, with *is_image, kind, format, member, archive_index and bytes or failure of the record are set; its group is
 * the loader's to set.
 */
#ifndef NF_LOADERS_PICTURES_H
#define NF_LOADERS_PICTURES_H

#include <stdbool.h>

#include "base/error.h"
#include "loaders/source/entries.h"
#include "loaders/loader.h"

/* Zeroed but for its context and what the layout sets. */
typedef struct nf_pictures {
    const nf_loader_context *context;
    bool (*is_needed)(void *owner, const nf_entry *entry); /* NULL, or: is it a file of labels, to be given though excluded? */
    void *owner;
    bool hands_on;       /* the loader gives the bytes on as they are: they may be packed where the options say so */
    uint64_t held_bytes; /* what the loader holds of earlier images: this one may have as many fewer */
    nf_status pending; /* a fault of the source, told by the next nf_pictures_next: the record that it spoilt comes first */
    nf_error pending_error;
} nf_pictures;

/* nf_loader.unit_bytes where every member that is not passed over by its name may be an image. */
size_t nf_pictures_unit_bytes(const nf_pictures *pictures, const nf_entry *entry);

/* The next entry that is to be looked at; entries that are none by kind or name (links, hidden files, --exclude) are counted
 * as passed over. *is_image: its data cannot be had and its name claims an image, the record has failed; otherwise its data
 * can be pulled. Resets the record, also between entries. NF_OK, NF_EOF, NF_BAD_RECORD and the rest as nf_loader.next. */
nf_status nf_pictures_next(nf_pictures *pictures, nf_entry *entry, nf_record *record, bool *is_image, nf_error *error);
/* What is or claims to be an image fills the record (*is_image), its bytes appended to record->data; anything else is counted
 * as passed over by its suffix. Not NF_OK: the end of the run. */
nf_status nf_pictures_take(nf_pictures *pictures, const nf_entry *entry, nf_record *record, bool *is_image, nf_error *error);

#endif
