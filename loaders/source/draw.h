/* nofade: the members of a source in random order, for an estimate from a part of it. Private to loaders/source but for nf_draw.
 *
 * An index of all members is made first, from headers alone (a tar's, seeking from one to the next; a zip's directory and its
 * members' headers; a directory's names), also of the tars inside tars, directories, and of the zips inside directories, which
 * are known by their names. Then units are drawn, each of those left equally likely: what a loader takes for one image, mostly
 * one member. Some 40 bytes a member and its path are held, of a zip 60 more.
 */
#ifndef NF_LOADERS_DRAW_H
#define NF_LOADERS_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "loaders/source/entries.h"

#define NF_UNIT_NEVER SIZE_MAX /* cannot be an image: is not drawn, and not counted among the members */
#define NF_UNIT_FIRST 0        /* what must be known of all images, as lists of labels: comes before all, in stored order */

typedef struct nf_draw {
    uint64_t seed;
    double fraction; /* of the units, 0 < fraction <= 1; rounded up */
    /* How many bytes of the entry's path name its unit: members that follow each other with the same are one; or one of the two
     * above. Of the entry: path, kind, encrypted and archive_index. */
    size_t (*unit_bytes)(void *context, const nf_entry *entry);
    void *context;
    const nf_stop *stop; /* or NULL */
} nf_draw;

typedef struct nf_drawn {
    uint64_t n_units, n_planned; /* in the source; to be drawn of them: the entries end there */
    uint64_t n_repeated;         /* members whose path the same archive has before: left out */
    uint64_t n_tars_without_end;
} nf_drawn;

/* The entries will come in random order from now on, each with its unit (nf_entry.unit). Nothing is hashed, a rewind is no
 * longer possible, and a directory's info.bytes will not be known. Once, before the first nf_entries_next. NF_ERR_USAGE: the
 * source can only be read in its order; NF_ERR_INPUT: its index is damaged. */
nf_status nf_entries_draw(nf_entries *entries, const nf_draw *draw, nf_drawn *drawn, nf_error *error);

#endif
