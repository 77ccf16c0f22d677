/* nofade: the entries of a source, one at a time, in the order they are stored.
 *
 * A source is what a PATH on the command line names: a directory, an archive (tar, compressed tar, zip), one file, or
 * "-" (a tar on standard input). Archives inside archives or inside directories are entered on the way (a tar by its
 * content, a zip by its content and a .zip suffix), at most NF_ENTRIES_DEPTH_MAX deep: their entries come with the path
 * "outer!inner". The data of a compressed entry (gz, bz2, xz, zst by its first bytes) is given inflated. So a loader sees
 * only plain files. Nothing is ever written or unpacked.
 *
 * Damage: a bad record is not a dead stream. A damaged tar header is passed over to the next good one; in a zip every
 * member stands alone, and a damaged central directory is rebuilt from the local headers; a solid stream (gz, xz, zst)
 * ends at its damage with NF_ERR_DAMAGED.
 *
 * One thread pulls (the reader).
 */
#ifndef NF_LOADERS_ENTRIES_H
#define NF_LOADERS_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "loaders/source/packed.h"
#include "loaders/source/stream.h"

enum { NF_ENTRIES_DEPTH_MAX = 4 };

typedef enum nf_entry_kind {
    NF_ENTRY_FILE,   /* a regular file: data can be pulled */
    NF_ENTRY_LINK,   /* a symbolic or hard link inside an archive, or a looping or dangling one in a directory */
    NF_ENTRY_SPECIAL /* a device, FIFO, socket */
} nf_entry_kind;     /* directories are not given */

typedef struct nf_entry {
    const char *path; /* as stored, without leading "./" and "/"; bytes, not always UTF-8; valid until the next call */
    nf_entry_kind kind;
    bool unsafe_path;       /* has a ".." component: never to be used as a file name */
    bool encrypted;         /* data cannot be had */
    int64_t size_bytes;     /* of the data as pulled, where the archive says so; else -1. Untrusted. */
    uint64_t archive_index; /* running number of the archive that holds it (0 = the source itself): a path repeated
                             * under one number is a repeated member */
    uint64_t unit;          /* of entries that are drawn (draw.h): running number of the unit, from 0 */
} nf_entry;

typedef struct nf_entries nf_entries;
typedef struct nf_place nf_place; /* loaders/source/places.h */

/* What a source is, for the summary and the profile. */
typedef struct nf_source_info {
    const char *path;   /* as given */
    const char *format; /* "tar", "tar.gz", "zip", "directory", "file" ...: static or owned by the entries */
    uint64_t bytes;     /* of the source as stored: a regular file's at once; a pipe's and a directory's (of the files read)
                         * at the end of nf_entries_finish, until which they are 0 */
    char digest[33];    /* XXH3-128 of the bytes as stored, hex (a directory: of paths and contents in walking order); ""
                         * until nf_entries_finish */
    uint64_t tars_without_end; /* tars read so far that end on a member, without an end marker: whole, or cut just there */
    uint64_t archives_not_entered; /* by a sparse walk: they would have had to be read as a whole */
    bool rewindable;    /* a second walk over the entries is cheap: directory, zip, plain tar in a regular file, one file */
} nf_source_info;

/* Lets somebody else end the reading, also while nothing comes from a pipe: is_set is asked before every stored block, and
 * ten times a second while waiting. When it says true, what is being read fails with NF_ERR_INTERNAL. */
typedef struct nf_stop {
    bool (*is_set)(void *context);
    void *context;
} nf_stop;

/* The last component of a source's path, as given; a '/' at its end stays there. */
const char *nf_source_name(const char *path);
/* The same, but of "." and ".." the directory's own name, so that a layout is the same from within; path or name. */
enum { NF_SOURCE_NAME_BYTES = 256 };
const char *nf_source_real_name(const char *path, char name[NF_SOURCE_NAME_BYTES]);

/* Opens a source and finds out by content what it is. NF_ERR_INPUT: cannot be opened, empty, or neither directory,
 * archive nor a plain file. *entries is NULL on failure. stop outlives the entries; NULL: nobody will. */
nf_status nf_entries_open_until(nf_entries **entries, const char *path, const nf_stop *stop, nf_error *error);
nf_status nf_entries_open(nf_entries **entries, const char *path, nf_error *error);
/* A walk that looks for some entries only: nothing is hashed; only wanted entries have data (of others nf_entries_data is
 * NULL); an archive inside is told by its name and entered where that is cheap: a zip in a regular file, or at most
 * NF_ENTRIES_SMALL_BYTES. wanted outlives the entries. */
typedef struct nf_wanted {
    bool (*is_wanted)(void *context, const char *path);
    void *context;
} nf_wanted;
enum { NF_ENTRIES_SMALL_BYTES = 64 << 20 };
nf_status nf_entries_open_sparse(nf_entries **entries, const char *path, const nf_stop *stop, const nf_wanted *wanted,
                                 nf_error *error);
/* From now on nothing is hashed, so that a plain tar's members that nobody reads are passed over by seeking: for who will draw
 * (draw.h). Before the first nf_entries_next; info.digest and the progress will not be known. */
void nf_entries_forgo_digest(nf_entries *entries);
void nf_entries_close(nf_entries *entries);

/* The next entry, filled in place. NF_OK; NF_EOF at the end, again at every later call; NF_BAD_RECORD: an entry is
 * unreadable (a damaged header, no permission: entry->path is "" or what is known), the next call goes on;
 * NF_ERR_DAMAGED: the rest of the source cannot be read. */
nf_status nf_entries_next(nf_entries *entries, nf_entry *entry, nf_error *error);
/* The data of the current NF_ENTRY_FILE, valid until the next nf_entries_next. Owned by entries: not to be closed. Its
 * faults: NF_BAD_RECORD this member's data is damaged, unsupported or unreadable, the walk can go on;
 * NF_ERR_DAMAGED the source is damaged from here on. */
nf_stream *nf_entries_data(nf_entries *entries);
/* In place of the data of the current NF_ENTRY_FILE, of which nothing was taken: appends them as they are stored to buf. Where
 * that cannot be (not in a zip, in one that comes through a stream, large, compressed once more) *packed is zeroed and nothing
 * is appended. Its faults are those of nf_entries_data; with them part of the bytes may be in buf. */
nf_status nf_entries_packed(nf_entries *entries, nf_buf *buf, nf_packed *packed, nf_error *error);
/* Where the current entry's data lie, for nf_places. False: they can only be had in passing (out of a tar, a compressed stream,
 * a zip in an archive, standard input). *place is valid until the next nf_entries_next. */
bool nf_entries_place(const nf_entries *entries, nf_place *place);
/* Back before the first entry. Only where info.rewindable, or on any source while all that was pulled still lies in the
 * look-back buffer (NF_ENTRIES_LOOKBACK_BYTES of stored bytes): how a format is detected on a pipe. Else
 * NF_ERR_INPUT. */
nf_status nf_entries_rewind(nf_entries *entries, nf_error *error);
enum { NF_ENTRIES_LOOKBACK_BYTES = 4 << 20 };

/* Reads what is left of the stored bytes, so that check sums at the end are checked and the digest is whole. Called once,
 * after NF_EOF. NF_ERR_DAMAGED: for example a gzip check sum that does not match. */
nf_status nf_entries_finish(nf_entries *entries, nf_error *error);
const nf_source_info *nf_entries_info(const nf_entries *entries);
/* Stored bytes pulled so far and in all (0 when unknown), for the progress line. Any thread may call it. */
void nf_entries_progress(const nf_entries *entries, uint64_t *done_bytes, uint64_t *total_bytes);

#endif
