/* The members of a source in random order: one level in place of all the levels that hold them. */
#include <stdlib.h>
#include <string.h>

#include "loaders/source/draw_index.h"
#include "metrics/generator.h"

typedef struct drawn_walker {
    nf_draw_index index;
    const char *source_path;
    nf_file *source; /* NULL: a directory */
    nf_generator generator;
    uint32_t *order; /* (n_units,): drawn ones first; drawn as they are needed */
    size_t n_drawn, n_planned;
    size_t next_first;   /* of index.first */
    size_t member, members_end; /* of the unit that is being given */
    const nf_drawn_member *current;
    nf_buf path; /* of the current member; of a file to be opened */
    nf_buf file_path;
    nf_file *file;  /* the current member's own, or that of box open_box */
    uint32_t open_box; /* UINT32_MAX: file is none's */
    nf_zip_heads *heads; /* NULL until a zip's member is given */
    nf_walker tar;  /* over the one member that is current */
    nf_stream *tar_input;
} drawn_walker;

static void close_tar(drawn_walker *self)
{
    if (self->tar.ops != NULL)
        self->tar.ops->close(self->tar.self);
    nf_stream_close(self->tar_input);
    self->tar = (nf_walker){0};
    self->tar_input = NULL;
}

static void close_file(drawn_walker *self)
{
    nf_file_close(self->file);
    self->file = NULL;
    self->open_box = UINT32_MAX;
}

/* The next unit: one of those left, each equally likely (Fisher and Yates). */
static void draw_unit(drawn_walker *self)
{
    uint64_t left = self->index.n_units - self->n_drawn;
    size_t at = self->n_drawn + (size_t)nf_random_below(&self->generator, left);
    uint32_t unit = self->order[at];
    self->order[at] = self->order[self->n_drawn];
    self->order[self->n_drawn++] = unit;
    self->member = self->index.units[unit];
    self->members_end = self->index.units[unit + 1];
}

static nf_status drawn_next(void *walker, nf_entry *entry, nf_error *error)
{
    drawn_walker *self = walker;
    close_tar(self);
    if (self->open_box == UINT32_MAX)
        close_file(self);
    bool is_first = self->next_first < self->index.first.n;
    if (!is_first && self->member == self->members_end) {
        if (self->n_drawn == self->n_planned)
            return NF_EOF;
        draw_unit(self);
    }
    self->current = is_first ? &self->index.first.items[self->next_first++] : &self->index.members.items[self->member++];
    const nf_box *box = &self->index.boxes[self->current->box];
    self->path.len = 0;
    nf_status status = nf_buf_printf(&self->path, error, "%s%s%c", nf_draw_text(&self->index, box->prefix),
                                     nf_draw_text(&self->index, self->current->path), '\0');
    *entry = (nf_entry){.path = status == NF_OK ? (const char *)self->path.data : "", .encrypted = self->current->encrypted,
                        .size_bytes = -1, .archive_index = box->archive_index,
                        .unit = is_first || self->n_drawn == 0 ? 0 : self->n_drawn - 1};
    return status;
}

/* A file below the directory that is the source. */
static nf_status open_file(drawn_walker *self, const char *below, nf_error *error)
{
    close_file(self);
    self->file_path.len = 0;
    nf_status status = nf_buf_printf(&self->file_path, error, "%s/%s%c", self->source_path, below, '\0');
    if (status == NF_OK)
        status = nf_file_open(&self->file, (const char *)self->file_path.data, NULL, 0, true, error);
    if (status == NF_ERR_INPUT)
        status = error->code = NF_BAD_RECORD;
    return status;
}

/* The file that the current member's archive lies in; the last one stays open. */
static nf_status open_box(drawn_walker *self, nf_file **file, nf_error *error)
{
    const nf_box *box = &self->index.boxes[self->current->box];
    *file = self->source;
    if (!box->in_file)
        return NF_OK;
    nf_status status = self->open_box == self->current->box ? NF_OK
                                                            : open_file(self, nf_draw_text(&self->index, box->file), error);
    if (status == NF_OK)
        self->open_box = self->current->box;
    *file = self->file;
    return status;
}

/* The ordinary walk of a tar, over what lies between this member's header and the next. */
static nf_status tar_data(drawn_walker *self, nf_file *file, nf_stream **data, nf_error *error)
{
    nf_entry entry = {0};
    nf_file *none;
    uint64_t at = self->current->at, n = self->current->end - at;
    nf_status status = nf_stream_from_file_range(&self->tar_input, file, at, n, error);
    if (status == NF_OK)
        status = nf_walk_archive(&self->tar, NF_ARCHIVE_TAR, self->tar_input, NF_BAD_RECORD, error);
    if (status == NF_OK)
        status = self->tar.ops->next(self->tar.self, &entry, error);
    bool is_same = status == NF_OK && strcmp(nf_path_without_leading(entry.path),
                                             nf_draw_text(&self->index, self->current->path)) == 0;
    if (status == NF_EOF || (status == NF_OK && !is_same))
        return nf_fail(error, NF_BAD_RECORD, "its header is not as it was");
    return status == NF_OK ? self->tar.ops->data(self->tar.self, data, &none, error) : status;
}

static nf_status drawn_data(void *walker, nf_stream **data, nf_file **file, nf_error *error)
{
    drawn_walker *self = walker;
    const nf_box *box = &self->index.boxes[self->current->box];
    nf_file *from = NULL;
    *file = NULL;
    if (box->kind == NF_BOX_FOLDER) {
        nf_status status = open_file(self, nf_draw_text(&self->index, self->current->path), error);
        *file = self->file;
        return status == NF_OK ? nf_stream_from_file(data, self->file, error) : status;
    }
    nf_status status = open_box(self, &from, error);
    if (status == NF_OK && box->kind == NF_BOX_ZIP && self->heads == NULL)
        status = nf_zip_heads_new(&self->heads, error);
    if (status == NF_OK && box->kind == NF_BOX_ZIP)
        return nf_zip_headed_data(data, from, &self->index.ranges[self->current->at], self->heads, error);
    return status == NF_OK ? tar_data(self, from, data, error) : status;
}

static nf_status drawn_packed(void *walker, nf_buf *buf, nf_packed *packed, nf_error *error)
{
    drawn_walker *self = walker;
    nf_file *from = NULL;
    *packed = (nf_packed){0};
    if (self->index.boxes[self->current->box].kind != NF_BOX_ZIP)
        return NF_OK;
    nf_status status = open_box(self, &from, error);
    return status == NF_OK ? nf_zip_range_packed(from, &self->index.ranges[self->current->at], buf, packed, error) : status;
}

static void drawn_close(void *walker)
{
    drawn_walker *self = walker;
    close_tar(self);
    nf_zip_heads_free(self->heads);
    nf_file_close(self->file);
    nf_draw_index_free(&self->index);
    nf_buf_free(&self->path);
    nf_buf_free(&self->file_path);
    free(self->order);
    free(self);
}

static nf_status plan(drawn_walker *self, const nf_draw *draw, nf_error *error)
{
    size_t n = self->index.n_units;
    double wanted = draw->fraction * (double)n;
    self->order = calloc(n + 1, sizeof *self->order);
    if (self->order == NULL)
        return nf_fail_nomem(error, "the order of members");
    for (size_t i = 0; i < n; i++)
        self->order[i] = (uint32_t)i;
    self->n_planned = (size_t)wanted < n ? (size_t)wanted + ((double)(size_t)wanted < wanted) : n;
    self->generator = nf_generator_of(draw->seed);
    return NF_OK;
}

nf_status nf_walk_drawn(nf_walker *walker, const char *path, nf_file *file, const nf_draw *draw, nf_drawn *drawn,
                        nf_error *error)
{
    static const nf_walker_ops ops = {drawn_next, drawn_data, drawn_close, NULL, drawn_packed};
    drawn_walker *self = calloc(1, sizeof *self);
    if (self == NULL)
        return nf_fail_nomem(error, "the order of members");
    self->source_path = path;
    self->source = file;
    self->open_box = UINT32_MAX;
    nf_status status = nf_draw_index_make(&self->index, path, file, draw, error);
    if (status == NF_OK)
        status = plan(self, draw, error);
    if (status != NF_OK) {
        drawn_close(self);
        return status;
    }
    *drawn = (nf_drawn){self->index.n_units, self->n_planned, self->index.n_repeated, self->index.n_tars_without_end};
    *walker = (nf_walker){.ops = &ops, .self = self, .is_drawn = true};
    return NF_OK;
}
