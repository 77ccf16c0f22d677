/* nofade: where the members of a source lie. Private to loaders/source: the first half of drawing (draw.h). */
#ifndef NF_LOADERS_DRAW_INDEX_H
#define NF_LOADERS_DRAW_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "loaders/member_set.h"
#include "loaders/source/draw.h"
#include "loaders/source/walker.h"
#include "loaders/source/zip_index.h"

/* What members lie in: all files of a directory, or one archive. */
typedef enum nf_box_kind { NF_BOX_FOLDER, NF_BOX_ZIP, NF_BOX_TAR } nf_box_kind;

typedef struct nf_box {
    nf_box_kind kind;
    bool in_file;  /* a file below the directory that is the source; else the source itself */
    size_t file;   /* offset in texts: that file's path below the directory */
    size_t prefix; /* offset in texts: what stands before its members' paths: "", "a.tar!" */
    uint64_t archive_index;
} nf_box;

typedef struct nf_drawn_member {
    size_t path;      /* offset in texts, without the prefix */
    uint64_t at, end; /* of a tar: from its header to the next; of a zip: at is its number in ranges */
    uint32_t box;
    bool encrypted;
} nf_drawn_member;

typedef struct nf_member_list {
    nf_drawn_member *items;
    size_t n, capacity;
} nf_member_list;

typedef struct nf_draw_index {
    nf_member_list first, members; /* members: by unit */
    uint32_t *units;               /* (n_units + 1,) number of each unit's first member; at last the number of members */
    size_t n_units, units_capacity;
    nf_box *boxes;
    size_t n_boxes, boxes_capacity;
    nf_zip_range *ranges;
    size_t n_ranges, ranges_capacity;
    nf_buf texts; /* NUL-terminated */
    uint64_t n_repeated, n_tars_without_end;
} nf_draw_index;

/* path, file and format: of the source, as nf_entries knows it (file NULL: a directory). *index, zeroed before, is to be freed
 * also after a failure. */
nf_status nf_draw_index_make(nf_draw_index *index, const char *path, nf_file *file, const nf_draw *draw, nf_error *error);
void nf_draw_index_free(nf_draw_index *index);

static inline const char *nf_draw_text(const nf_draw_index *index, size_t at)
{
    return (const char *)index->texts.data + at;
}

/* One member of a tar whose headers are being read. */
typedef struct nf_tar_member {
    const char *path; /* valid during the call */
    nf_entry_kind kind;
    uint64_t at, data_at, size_bytes; /* of its first header; of its data, which size_bytes holds for when it is not sparse */
    uint64_t end;                     /* where the next header stands, or the tar ends */
} nf_tar_member;
typedef nf_status nf_tar_visitor(void *context, const nf_tar_member *member, nf_error *error);
/* Every member of the tar in file[at .. end), directories aside; data are passed over by seeking. *has_end: an end marker
 * follows them. NF_ERR_INPUT: a header is damaged, or the last member is cut short. */
nf_status nf_tar_index(nf_file *file, uint64_t at, uint64_t end, const nf_stop *stop, nf_tar_visitor *visit, void *context,
                       bool *has_end, nf_error *error);

#endif
