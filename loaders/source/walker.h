/* nofade: one level of a source: a directory, or an archive, whose entries are given in order. Private to loaders/; the
 * entries (entries.c) stack walkers and clean what they give.
 */
#ifndef NF_LOADERS_WALKER_H
#define NF_LOADERS_WALKER_H

#include "base/error.h"
#include "loaders/source/draw.h"
#include "loaders/source/entries.h"
#include "loaders/source/packed.h"
#include "loaders/source/places.h"
#include "loaders/source/stream.h"
#include "loaders/source/stream_sources.h"

enum { NF_ENTRY_PATH_MAX = 4096 }; /* bytes; an entry with a longer path is a bad record */

typedef struct nf_walker_ops {
    /* As nf_entries_next, with the path as stored and relative to this level. NF_ERR_DAMAGED also inside other archives:
     * the rest of this level cannot be had. All that was made from the entry before is closed by then. */
    nf_status (*next)(void *walker, nf_entry *entry, nf_error *error);
    /* Once for a current NF_ENTRY_FILE that is not encrypted: its data, the caller's to close. *file (the walker's) where
     * the data can be read at any place, else NULL. NF_BAD_RECORD: they cannot be had. */
    nf_status (*data)(void *walker, nf_stream **data, nf_file **file, nf_error *error);
    void (*close)(void *walker);
    /* Adds to *place, which names the level's file or directory, where the current entry's data lie. NULL: they can only be
     * had in passing. */
    void (*place)(const void *walker, nf_place *place);
    /* As nf_entries_packed. NULL: never. */
    nf_status (*packed)(void *walker, nf_buf *buf, nf_packed *packed, nf_error *error);
} nf_walker_ops;

typedef struct nf_walker {
    const nf_walker_ops *ops;
    void *self;
    const bool *lacks_end_marker; /* a tar's, known at its NF_EOF and valid until close; NULL of others */
    bool is_single;               /* nf_walk_single's */
    bool is_drawn;                /* nf_walk_drawn's: archives inside are not entered, archive_index is given */
} nf_walker;

/* A directory. The path must outlive it. */
nf_status nf_walk_directory(nf_walker *walker, const char *path, nf_digest *digest, nf_error *error);

/* The one entry of a source that is a plain file: of a path that outlives it, of a size when its bytes are those of file. */
nf_status nf_walk_single(nf_walker *walker, const nf_entry *entry, nf_stream *input, const nf_file *file, nf_error *error);
/* In place of an encrypted member's data: NF_BAD_RECORD when it is pulled. */
nf_status nf_stream_encrypted(nf_stream **data, nf_error *error);

/* A tar, or a zip that cannot be read at any place, over a stream, which must outlive it. damage as in stream_sources.h. */
typedef enum nf_archive_kind { NF_ARCHIVE_TAR, NF_ARCHIVE_ZIP } nf_archive_kind;
nf_status nf_walk_archive(nf_walker *walker, nf_archive_kind kind, nf_stream *input, nf_status damage, nf_error *error);
/* A stream compressed with bzip2, xz, lzma, zstd, lz4 or compress, inflated. Owns input on success. */
nf_status nf_stream_decompress(nf_stream **stream, nf_stream *input, nf_status damage, nf_error *error);
/* The data of the one zip member whose local header stands at the start of input. Owns input on success. */
nf_status nf_stream_zip_member(nf_stream **stream, nf_stream *input, nf_error *error);

/* What a name says before anything is read: a path as archives have them. */
bool nf_may_be_archive(const char *path);
/* Without "./" and "/" before it. */
const char *nf_path_without_leading(const char *path);

/* All members in random order. path and file (NULL: a directory) are the source's and outlive it. */
nf_status nf_walk_drawn(nf_walker *walker, const char *path, nf_file *file, const nf_draw *draw, nf_drawn *drawn,
                        nf_error *error);

/* A zip in a regular file, which must outlive it. NF_EOF: it is none (nothing was made). */
nf_status nf_walk_zip(nf_walker *walker, nf_file *file, nf_error *error);
/* The data of one member. The file must outlive them. */
nf_status nf_zip_range_data(nf_stream **data, nf_file *file, const nf_zip_range *range, nf_error *error);
/* The same, made for a look at the first NF_SNIFF_BYTES: no more is inflated until somebody goes on behind them. heads is used for
 * one member after the other. */
typedef struct nf_zip_heads nf_zip_heads;
nf_status nf_zip_heads_new(nf_zip_heads **heads, nf_error *error);
void nf_zip_heads_free(nf_zip_heads *heads);
nf_status nf_zip_headed_data(nf_stream **data, nf_file *file, const nf_zip_range *range, nf_zip_heads *heads, nf_error *error);
/* Appends them as they are stored, where nf_packed can say what they are; else *packed is zeroed and nothing is appended. */
nf_status nf_zip_range_packed(nf_file *file, const nf_zip_range *range, nf_buf *buf, nf_packed *packed, nf_error *error);

#endif
