/* nofade: the whole contract of a loader (one family of dataset layouts).
 *
 * A loader turns the entries of a source (loaders/source/entries.h) into labelled records, in the order they are stored. It never
 * decodes pixels, never prints, and includes no other loader. To add a format: one loader_*.c with one const nf_loader at
 * its foot (all slots set) and one line in loaders.list.h.
 *
 * Threads: everything here runs on the reader thread.
 */
#ifndef NF_LOADERS_LOADER_H
#define NF_LOADERS_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "decode/decode.h"
#include "loaders/source/draw.h"
#include "loaders/source/entries.h"
#include "loaders/groups.h"
#include "loaders/labels/label_files.h"
#include "loaders/labels/label_table.h"
#include "loaders/member_set.h"
#include "loaders/notes.h"
#include "loaders/source/packed.h"
#include "loaders/source/places.h"
#include "loaders/tally.h"
#include "manifest/manifest.h"

typedef enum nf_pixel_format {
    NF_PIXELS_ENCODED,    /* a whole JPEG, PNG or WebP file */
    NF_PIXELS_GREY8,      /* w * h bytes */
    NF_PIXELS_RGB8_PLANAR /* 3 * w * h bytes: all R, all G, all B */
} nf_pixel_format;

typedef enum nf_record_kind {
    NF_RECORD_IMAGE,
    NF_RECORD_LABELS /* labels that came after their images */
} nf_record_kind;

typedef struct nf_record {
    nf_record_kind kind;
    const char *member;     /* path of the entry; owned by the loader or its entries, valid until the next call */
    int64_t row;            /* record formats: running number inside the member, from 0; else -1 */
    uint64_t archive_index; /* nf_entry.archive_index */
    uint64_t unit;          /* nf_entry.unit */

    /* NF_RECORD_IMAGE */
    uint32_t group;         /* the group (split and class) it belongs to, or NF_GROUP_LATE */
    uint32_t late_set;      /* with NF_GROUP_LATE: which set of late labels will say ... */
    int64_t late_row;       /* ... and as which row of it; -1: row */
    uint32_t late_group;    /* ... and what it is if none comes; NF_GROUP_LATE: no split, no label */
    nf_pixel_format format;
    uint32_t w_px, h_px;    /* of raw pixels; 0 when encoded */
    bool by_columns;        /* raw pixels stand column after column, not row after row: only who shows them needs to know */
    nf_buf *data;           /* set by the caller before next(): the loader appends the image's bytes here */
    size_t n_bytes;         /* how many it appended, the label map's not among them */
    nf_packed packed;       /* how they are stored; not is_packed: as an image's are */
    size_t n_map_bytes;     /* bytes of the image's label map (a PNG), appended behind the image's; 0: none */
    const uint32_t *pixel_classes; /* (256,) the group of each value of the label map: nf_groups_pixel_classes */
    nf_failure failure;     /* other than NF_FAILURE_NONE: the image is known to be unusable, no bytes were appended */
    char reason[160];       /* with failure: a sentence */

    /* NF_RECORD_LABELS: late_set, and for its (late) rows 0 .. n_groups-1 */
    const uint32_t *groups; /* group of each row; the loader's, valid until the next call. NULL: the set's images cannot be
                             * used and count as failed, under .group */
    size_t n_groups;        /* rows beyond it stay without a label */
} nf_record;

typedef enum nf_labels_level { NF_LABELS_FINE, NF_LABELS_COARSE } nf_labels_level;

typedef struct nf_loader_options {
    nf_labels_level labels_level;
    const char *subset;      /* --subset, or NULL */
    const char *include;     /* globs over the member's path (fnmatch, no flags), or NULL */
    const char *exclude;
    const char *source_path; /* as given on the command line */
    uint64_t max_pixels;
    bool takes_packed;       /* images may come packed (nf_record.packed) */
} nf_loader_options;

/* What a loader finds out about the set. Strings are static or at least as long-lived as the loader's groups. */
typedef struct nf_dataset_facts {
    const char *id;    /* interface.md's list: "cifar10", "mnist", "imagefolder" ...; set when known, at the latest at EOF */
    const char *title; /* for people, or NULL */
} nf_dataset_facts;

/* A look at the first entries of a source. */
enum { NF_PROBE_HEAD_BYTES = 512, NF_PROBE_ENTRIES_MAX = 256 };
typedef struct nf_probe_entry {
    char *path;
    nf_entry_kind kind;
    int64_t size_bytes; /* -1 unknown */
    size_t head_bytes;  /* 0 .. NF_PROBE_HEAD_BYTES */
    uint8_t head[NF_PROBE_HEAD_BYTES];
} nf_probe_entry;
typedef struct nf_probe {
    size_t n;
    const nf_probe_entry *entries;
    const char *source_name; /* nf_source_name */
    bool is_directory;       /* the source is one */
    const nf_manifests *manifests;
} nf_probe;

/* Labels that lie apart from the images, gathered over all sources of a run. */
typedef struct nf_apart {
    nf_label_table *table;
    nf_label_files *files;
    nf_places *maps; /* label maps, by the key of their image */
    nf_member_set *read; /* label files that have been read, by source and path */
    nf_notes *notes;
} nf_apart;

/* Where a loader reports to; all outlive it. */
typedef struct nf_loader_context {
    nf_entries *entries; /* stands before the first entry at open */
    nf_groups *groups;   /* shared by all sources of a run */
    const nf_manifest *manifest; /* of the dataset, where detection or --as found one, else NULL */
    const nf_apart *apart;       /* shared by all sources of a run */
    bool gathered;               /* gather has read all labels of this source */
    nf_tally *passed_over;
    nf_dataset_facts *facts;
    const nf_loader_options *options;
} nf_loader_context;

enum { NF_DETECT_NO_MEMORY = -1, NF_DETECT_NO = 0, NF_DETECT_FALLBACK = 1, NF_DETECT_LIKELY = 50, NF_DETECT_SURE = 90 };

typedef struct nf_loader {
    const char *name;    /* "cifar", "idx", "imagefolder" */
    const char *summary; /* one line for people */
    const char *const *ids; /* dataset ids it can yield (for --as), NULL-terminated */
    /* How sure: 0 .. 100, or NF_DETECT_NO_MEMORY. Called again as the probe grows; at NF_DETECT_SURE probing stops. *id may be set to the dataset's. */
    int (*detect)(const nf_probe *probe, const char **id);
    /* Before any source is read, once for each: keeps the labels of this one in context->apart. entries is NULL: the loader opens
     * a sparse walk of its own over options->source_path where that is cheap. NF_EOF: of all of it it was not, so other labels
     * are read as they come.
     * NULL: labels always come with the images. */
    nf_status (*gather)(const nf_loader_context *context, const nf_stop *stop, nf_error *error);
    /* *state is freed by close, also after a failed open (NULL-safe). forced_id: --as, or NULL. */
    nf_status (*open)(void **state, const nf_loader_context *context, const char *forced_id, nf_error *error);
    /* The next record. NF_OK; NF_EOF at the end, again at every later call; NF_BAD_RECORD: a part of the source that is not
     * known to be an image is lost (a damaged header, an unreadable folder), the next call goes on; NF_ERR_DAMAGED: the
     * source is damaged from here on; other errors end the run. What cannot be used but is an image comes as NF_OK with
     * record->failure. */
    nf_status (*next)(void *state, nf_record *record, nf_error *error);
    void (*close)(void *state);
    /* Where images are drawn at random: nf_draw.unit_bytes, after open. An image's unit is its record's. NULL: images are records
     * inside of files, which cannot be drawn. */
    size_t (*unit_bytes)(void *state, const nf_entry *entry);
} nf_loader;

/* The registry: NULL-terminated; and by dataset id (NULL when unknown). */
extern const nf_loader *const nf_loaders[];
const nf_loader *nf_loader_by_id(const char *id);

/* Zeroes what a previous call left, keeping record->data. */
static inline void nf_record_reset(nf_record *record)
{
    nf_buf *data = record->data;
    *record = (nf_record){.row = -1, .late_row = -1, .late_group = NF_GROUP_LATE};
    record->data = data;
}

#endif
