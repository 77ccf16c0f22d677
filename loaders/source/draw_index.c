/* The index of a source: its members, box by box, and how they come together as units. */
#include "loaders/source/draw_index.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loaders/sniff.h"

enum { MEMBERS_MAX = 1 << 28 };
#define TEXTS_MAX (UINT64_C(8) << 30)

typedef struct indexing {
    nf_draw_index *index;
    const char *source;
    const nf_draw *draw;
    nf_file *file;  /* that the members of the current box lie in */
    uint32_t box;
    size_t depth;
    nf_member_set seen;
    nf_buf path; /* of a member, as loaders see it */
    nf_buf unit; /* what names the unit that the last member is of; its box: */
    uint32_t unit_box;
} indexing;

static nf_status index_archive(indexing *self, nf_file *file, uint64_t at, uint64_t end, nf_box_kind kind, bool in_file,
                               size_t file_path, nf_error *error);

/* ---- texts and lists ---- */

static nf_status keep_text(nf_draw_index *index, const char *text, size_t n, size_t *at, nf_error *error)
{
    if (index->texts.len + n >= TEXTS_MAX)
        return nf_fail(error, NF_ERR_INPUT, "more paths than can be drawn from");
    *at = index->texts.len;
    nf_status status = nf_buf_append(&index->texts, text, n, error);
    return status == NF_OK ? nf_buf_append(&index->texts, "", 1, error) : status;
}

static nf_status keep_member(nf_member_list *list, const nf_drawn_member *member, nf_error *error)
{
    if (list->n >= MEMBERS_MAX)
        return nf_fail(error, NF_ERR_INPUT, "more than %d members", MEMBERS_MAX);
    nf_status status = nf_array_reserve((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items,
                                        "the index of members", error);
    if (status == NF_OK)
        list->items[list->n++] = *member;
    return status;
}

static nf_status begin_unit(nf_draw_index *index, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&index->units, &index->units_capacity, index->n_units + 2, sizeof *index->units,
                                        "the index of members", error);
    if (status == NF_OK)
        index->units[index->n_units++] = (uint32_t)index->members.n;
    return status;
}

/* ---- members ---- */

/* self->path: the member's, behind its box's prefix. */
static nf_status set_path(indexing *self, const char *path, nf_error *error)
{
    self->path.len = 0;
    return nf_buf_printf(&self->path, error, "%s%s%c", nf_draw_text(self->index, self->index->boxes[self->box].prefix),
                         nf_path_without_leading(path), '\0');
}

/* Adds the member whose path is set. member: all but path and box. */
static nf_status add_member(indexing *self, nf_drawn_member *member, nf_error *error)
{
    nf_draw_index *index = self->index;
    const nf_box *box = &index->boxes[self->box];
    const char *path = (const char *)self->path.data, *inner = path + strlen(nf_draw_text(index, box->prefix));
    const nf_entry entry = {.path = path, .encrypted = member->encrypted, .size_bytes = -1, .archive_index = box->archive_index};
    size_t unit_bytes = self->draw->unit_bytes(self->draw->context, &entry);
    bool repeated = false;
    if (unit_bytes == NF_UNIT_NEVER)
        return NF_OK;
    nf_status status = keep_text(index, inner, strlen(inner), &member->path, error);
    member->box = self->box;
    if (unit_bytes == NF_UNIT_FIRST)
        return status == NF_OK ? keep_member(&index->first, member, error) : status;
    if (status == NF_OK && box->kind != NF_BOX_FOLDER)
        status = nf_member_set_insert(&self->seen, box->archive_index, path, &repeated, error);
    index->n_repeated += repeated;
    if (status != NF_OK || repeated)
        return status;
    bool goes_on = index->n_units > 0 && self->unit_box == self->box && self->unit.len == unit_bytes &&
                   memcmp(self->unit.data, path, unit_bytes) == 0;
    if (!goes_on) {
        self->unit_box = self->box;
        self->unit.len = 0;
        status = nf_buf_append(&self->unit, path, unit_bytes, error);
        if (status == NF_OK)
            status = begin_unit(index, error);
    }
    return status == NF_OK ? keep_member(&index->members, member, error) : status;
}

static nf_status refuse_order(const indexing *self, nf_error *error)
{
    return nf_fail(error, NF_ERR_USAGE, "%s can only be read in its order, so that nothing can be drawn from it: unpack it",
                   (const char *)self->path.data);
}

/* What is said to be an archive by its name: is it one that can be drawn from? *kind NF_BOX_FOLDER: it is no archive. */
static nf_status look_inside(const indexing *self, nf_file *file, uint64_t at, uint64_t end, nf_box_kind *kind, nf_error *error)
{
    uint8_t head[NF_SNIFF_BYTES];
    size_t got = 0, most = end - at < sizeof head ? (size_t)(end - at) : sizeof head;
    nf_status status = nf_file_read_at(file, at, head, most, &got, error);
    if (status != NF_OK)
        return status;
    nf_content content = nf_sniff(head, got, NULL);
    *kind = content == NF_CONTENT_TAR ? NF_BOX_TAR : content == NF_CONTENT_ZIP ? NF_BOX_ZIP : NF_BOX_FOLDER;
    bool is_none = content == NF_CONTENT_UNKNOWN || nf_is_picture(content) || content == NF_CONTENT_OTHER_IMAGE;
    bool is_zip_of_a_file = *kind == NF_BOX_ZIP && at == 0 && end == nf_file_size(file);
    return is_none || *kind == NF_BOX_TAR || is_zip_of_a_file ? NF_OK : refuse_order(self, error);
}

/* Into an archive, and back. */
static nf_status enter(indexing *self, nf_file *file, uint64_t at, uint64_t end, nf_box_kind kind, bool in_file,
                       size_t file_path, nf_error *error)
{
    const indexing before = *self;
    self->path.len--; /* the NUL */
    nf_status status = self->depth < NF_ENTRIES_DEPTH_MAX
                           ? nf_buf_append(&self->path, "!", 2, error)
                           : nf_fail(error, NF_ERR_USAGE, "archives more than %d deep", NF_ENTRIES_DEPTH_MAX);
    if (status == NF_OK)
        status = index_archive(self, file, at, end, kind, in_file, file_path, error);
    self->file = before.file;
    self->box = before.box;
    self->depth = before.depth;
    return status;
}

/* ---- boxes ---- */

static nf_status begin_box(indexing *self, nf_box box, nf_error *error)
{
    nf_draw_index *index = self->index;
    const char *prefix = self->path.len > 0 ? (const char *)self->path.data : "";
    nf_status status = nf_array_reserve((void **)&index->boxes, &index->boxes_capacity, index->n_boxes + 1, sizeof *index->boxes,
                                        "the index of members", error);
    if (status == NF_OK)
        status = keep_text(index, prefix, strlen(prefix), &box.prefix, error);
    if (status != NF_OK)
        return status;
    box.archive_index = index->n_boxes;
    self->box = (uint32_t)index->n_boxes;
    index->boxes[index->n_boxes++] = box;
    return NF_OK;
}

static nf_status visit_tar_member(void *context, const nf_tar_member *found, nf_error *error)
{
    indexing *self = context;
    nf_drawn_member member = {.at = found->at, .end = found->end};
    nf_box_kind inside = NF_BOX_FOLDER;
    const nf_box box = self->index->boxes[self->box];
    if (found->kind != NF_ENTRY_FILE)
        return NF_OK;
    nf_status status = set_path(self, found->path, error);
    uint64_t end = found->data_at + found->size_bytes;
    bool has_holes = end > found->end; /* a sparse one: its bytes do not lie as they are read */
    if (status == NF_OK && nf_may_be_archive(found->path))
        status = look_inside(self, self->file, found->data_at, has_holes ? found->end : end, &inside, error);
    if (status == NF_OK && inside == NF_BOX_TAR && has_holes)
        status = refuse_order(self, error);
    if (status != NF_OK)
        return status;
    return inside == NF_BOX_TAR ? enter(self, self->file, found->data_at, end, NF_BOX_TAR, box.in_file, box.file, error)
                                : add_member(self, &member, error);
}

static nf_status keep_range(nf_draw_index *index, const nf_zip_range *range, uint64_t *number, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&index->ranges, &index->ranges_capacity, index->n_ranges + 1,
                                        sizeof *index->ranges, "the index of members", error);
    if (status != NF_OK)
        return status;
    *number = index->n_ranges;
    index->ranges[index->n_ranges++] = *range;
    return NF_OK;
}

static bool is_stopped(const indexing *self)
{
    return self->draw->stop != NULL && self->draw->stop->is_set(self->draw->stop->context);
}

static nf_status visit_zip_member(indexing *self, const nf_walker *zip, const nf_entry *entry, nf_error *error)
{
    nf_place place = {0};
    nf_drawn_member member = {.encrypted = entry->encrypted};
    if (entry->kind != NF_ENTRY_FILE)
        return NF_OK;
    nf_status status = set_path(self, entry->path, error);
    if (status == NF_OK && nf_may_be_archive(entry->path))
        return refuse_order(self, error);
    zip->ops->place(zip->self, &place);
    if (status == NF_OK)
        status = keep_range(self->index, &place.range, &member.at, error);
    return status == NF_OK ? add_member(self, &member, error) : status;
}

static nf_status damaged(nf_status status, nf_error *error)
{
    if (status != NF_BAD_RECORD && status != NF_ERR_DAMAGED)
        return status;
    nf_error_prepend(error, "its index is damaged, so nothing can be drawn");
    return error->code = NF_ERR_INPUT;
}

static nf_status index_zip(indexing *self, nf_error *error)
{
    nf_walker zip = {0};
    nf_entry entry;
    nf_status status = nf_walk_zip(&zip, self->file, error);
    if (status != NF_OK)
        return status == NF_EOF ? nf_fail(error, NF_ERR_INPUT, "its index is damaged, so nothing can be drawn: it has no members")
                                : damaged(status, error);
    while (!is_stopped(self) && (status = zip.ops->next(zip.self, &entry, error)) == NF_OK &&
           (status = visit_zip_member(self, &zip, &entry, error)) == NF_OK)
        ;
    zip.ops->close(zip.self);
    return status == NF_EOF ? NF_OK : damaged(status, error);
}

/* self->path: its own with a "!" behind it, or empty: the source. */
static nf_status index_archive(indexing *self, nf_file *file, uint64_t at, uint64_t end, nf_box_kind kind, bool in_file,
                               size_t file_path, nf_error *error)
{
    nf_status status = begin_box(self, (nf_box){.kind = kind, .in_file = in_file, .file = file_path}, error);
    self->file = file;
    self->depth++;
    if (status != NF_OK)
        return status;
    if (kind == NF_BOX_ZIP)
        return index_zip(self, error);
    bool has_end = false;
    status = nf_tar_index(file, at, end, self->draw->stop, visit_tar_member, self, &has_end, error);
    self->index->n_tars_without_end += status == NF_OK && !has_end;
    return status;
}

/* A file of a directory whose path is set and named as an archive. *is_box: it was one, and has been entered. */
static nf_status try_archive(indexing *self, bool *is_box, nf_error *error)
{
    nf_file *file = NULL;
    nf_buf full = {0};
    nf_box_kind kind = NF_BOX_FOLDER;
    size_t path_at = 0;
    nf_status status = nf_buf_printf(&full, error, "%s/%s%c", self->source, (const char *)self->path.data, '\0');
    if (status == NF_OK)
        status = nf_file_open(&file, (const char *)full.data, NULL, 0, true, error);
    if (status == NF_OK)
        status = look_inside(self, file, 0, nf_file_size(file), &kind, error);
    *is_box = status == NF_OK && kind != NF_BOX_FOLDER;
    if (*is_box)
        status = keep_text(self->index, (const char *)self->path.data, strlen((const char *)self->path.data), &path_at, error);
    if (status == NF_OK && *is_box)
        status = enter(self, file, 0, nf_file_size(file), kind, true, path_at, error);
    nf_file_close(file);
    nf_buf_free(&full);
    return status == NF_ERR_INPUT && *is_box ? nf_error_prepend(error, "%s", nf_draw_text(self->index, path_at))
                                             : damaged(status, error);
}

static nf_status index_folder(indexing *self, nf_error *error)
{
    nf_walker folder = {0};
    nf_entry entry;
    nf_status status = begin_box(self, (nf_box){.kind = NF_BOX_FOLDER}, error);
    if (status == NF_OK)
        status = nf_walk_directory(&folder, self->source, NULL, error);
    if (status != NF_OK)
        return status;
    while (!is_stopped(self) && (status = folder.ops->next(folder.self, &entry, error)) == NF_OK) {
        bool is_box = false;
        if (entry.kind != NF_ENTRY_FILE)
            continue;
        status = set_path(self, entry.path, error);
        if (status == NF_OK && nf_may_be_archive(entry.path))
            status = try_archive(self, &is_box, error);
        if (status == NF_OK && !is_box)
            status = add_member(self, &(nf_drawn_member){0}, error);
        if (status != NF_OK)
            break;
    }
    folder.ops->close(folder.self);
    return status == NF_EOF ? NF_OK : damaged(status, error);
}

/* ---- all of it ---- */

nf_status nf_draw_index_make(nf_draw_index *index, const char *path, nf_file *file, const nf_draw *draw, nf_error *error)
{
    indexing self = {.index = index, .source = path, .draw = draw};
    uint8_t head[NF_SNIFF_BYTES];
    size_t got = 0;
    nf_status status = NF_OK;
    if (file == NULL) {
        status = index_folder(&self, error);
    } else if ((status = nf_file_read_at(file, 0, head, sizeof head, &got, error)) == NF_OK) {
        bool is_tar = nf_sniff(head, got, NULL) == NF_CONTENT_TAR;
        status = index_archive(&self, file, 0, nf_file_size(file), is_tar ? NF_BOX_TAR : NF_BOX_ZIP, false, 0, error);
    }
    if (status == NF_OK && is_stopped(&self))
        status = nf_fail(error, NF_ERR_INTERNAL, "stopped while reading");
    if (status == NF_OK && index->n_units > 0)
        index->units[index->n_units] = (uint32_t)index->members.n;
    nf_member_set_free(&self.seen);
    nf_buf_free(&self.path);
    nf_buf_free(&self.unit);
    return status;
}

void nf_draw_index_free(nf_draw_index *index)
{
    free(index->first.items);
    free(index->members.items);
    free(index->units);
    free(index->boxes);
    free(index->ranges);
    nf_buf_free(&index->texts);
    *index = (nf_draw_index){0};
}
