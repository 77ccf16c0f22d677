/* The headers of a tar, one after the other. libarchive reads them, so that names and sizes are those of the ordinary walk. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "loaders/source/draw_index.h"

enum { READ_BYTES = 4096, TAR_BLOCK_BYTES = 512 };

typedef struct tar_reader {
    nf_file *file;
    uint64_t start, at, end; /* at: of the next byte given */
    nf_error fault;
    uint8_t block[READ_BYTES];
} tar_reader;

static la_ssize_t give(struct archive *archive, void *source, const void **block)
{
    tar_reader *self = source;
    uint64_t left = self->at < self->end ? self->end - self->at : 0;
    size_t got = 0, most = left < READ_BYTES ? (size_t)left : READ_BYTES;
    *block = self->block;
    if (nf_file_read_at(self->file, self->at, self->block, most, &got, &self->fault) != NF_OK) {
        archive_set_error(archive, -1, "the input is at fault");
        return ARCHIVE_FATAL;
    }
    self->at += got;
    return (la_ssize_t)got;
}

/* What lies behind the end is said to be there: a member that is cut short is found by its size. */
static la_int64_t pass_over(struct archive *archive, void *source, la_int64_t n)
{
    (void)archive;
    ((tar_reader *)source)->at += (uint64_t)n;
    return n;
}

/* As the ordinary walk opens one. */
static nf_status open_tar(struct archive *archive, tar_reader *reader, nf_error *error)
{
    if (archive_read_support_format_tar(archive) == ARCHIVE_OK &&
        archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1") == ARCHIVE_OK &&
        archive_read_set_format(archive, ARCHIVE_FORMAT_TAR) == ARCHIVE_OK &&
        archive_read_open2(archive, reader, NULL, give, pass_over, NULL) == ARCHIVE_OK)
        return NF_OK;
    if (reader->fault.code != NF_OK) {
        *error = reader->fault;
        return error->code;
    }
    return nf_fail_nomem(error, "the index of a tar"); /* a set format is not looked for, so that nothing else can fail */
}

static nf_status damaged(const tar_reader *reader, struct archive *archive, nf_error *error)
{
    if (reader->fault.code != NF_OK) {
        *error = reader->fault;
        return error->code;
    }
    if (archive_errno(archive) == ENOMEM)
        return nf_fail_nomem(error, "the index of a tar");
    return nf_fail(error, NF_ERR_INPUT, "its index is damaged, so nothing can be drawn: a bad header before byte %" PRIu64,
                   reader->start + (uint64_t)archive_filter_bytes(archive, 0));
}

static nf_entry_kind kind_of(struct archive_entry *header)
{
    mode_t type = archive_entry_filetype(header);
    if (archive_entry_hardlink(header) != NULL || type == AE_IFLNK)
        return NF_ENTRY_LINK;
    return type == AE_IFREG || type == 0 ? NF_ENTRY_FILE : NF_ENTRY_SPECIAL;
}

/* The member before is known to the full once the next header's place is. */
typedef struct pending {
    nf_buf path;
    nf_tar_member member;
    bool is_set;
} pending;

static nf_status visit_pending(pending *p, const tar_reader *reader, uint64_t end, nf_tar_visitor *visit, void *context,
                               nf_error *error)
{
    if (!p->is_set)
        return NF_OK;
    p->is_set = false;
    p->member.path = (const char *)p->path.data;
    p->member.end = end < reader->end ? end : reader->end;
    return visit(context, &p->member, error);
}

/* The data of a sparse member, which libarchive does not always find the end of by seeking. A fault shows at the next header. */
static void read_past(struct archive *archive)
{
    const void *block;
    size_t n;
    la_int64_t at;
    while (archive_read_data_block(archive, &block, &n, &at) == ARCHIVE_OK)
        ;
}

static nf_status keep_pending(pending *p, const tar_reader *reader, struct archive *archive, struct archive_entry *header,
                              nf_error *error)
{
    const char *path = archive_entry_pathname(header);
    if (path == NULL)
        return nf_fail(error, NF_ERR_INPUT, "its index is damaged, so nothing can be drawn: a member's name cannot be read");
    p->member = (nf_tar_member){.kind = kind_of(header), .at = reader->start + (uint64_t)archive_read_header_position(archive),
                                .data_at = reader->start + (uint64_t)archive_filter_bytes(archive, 0)};
    p->member.size_bytes = p->member.kind == NF_ENTRY_FILE ? (uint64_t)archive_entry_size(header) : 0;
    bool is_sparse = archive_entry_sparse_count(header) > 0; /* fewer bytes are stored than it has */
    if (!is_sparse && (p->member.data_at > reader->end || p->member.size_bytes > reader->end - p->member.data_at))
        return nf_fail(error, NF_ERR_INPUT, "it is cut short, so nothing can be drawn: %.200s ends behind its end", path);
    if (is_sparse)
        read_past(archive);
    p->is_set = archive_entry_filetype(header) != AE_IFDIR;
    p->path.len = 0;
    return nf_buf_printf(&p->path, error, "%s%c", path, '\0');
}

static nf_status read_headers(struct archive *archive, tar_reader *reader, const nf_stop *stop, pending *p, nf_tar_visitor *visit,
                              void *context, bool *has_end, nf_error *error)
{
    for (;;) {
        struct archive_entry *header;
        int result = archive_read_next_header(archive, &header);
        uint64_t at = reader->start + (uint64_t)archive_read_header_position(archive);
        bool is_over = result == ARCHIVE_EOF || (result == ARCHIVE_FATAL && reader->fault.code == NF_OK && at <= reader->end &&
                                                 reader->end - at < TAR_BLOCK_BYTES); /* padding that is no whole block */
        if (!is_over && result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return damaged(reader, archive, error);
        if (stop != NULL && stop->is_set(stop->context))
            return nf_fail(error, NF_ERR_INTERNAL, "stopped while reading");
        nf_status status = visit_pending(p, reader, is_over ? reader->end : at, visit, context, error);
        if (status == NF_OK && !is_over)
            status = keep_pending(p, reader, archive, header, error);
        *has_end = is_over && at <= reader->end && reader->end - at >= TAR_BLOCK_BYTES; /* what else stands there is zeros */
        if (status != NF_OK || is_over)
            return status;
    }
}

nf_status nf_tar_index(nf_file *file, uint64_t at, uint64_t end, const nf_stop *stop, nf_tar_visitor *visit, void *context,
                       bool *has_end, nf_error *error)
{
    tar_reader *reader = calloc(1, sizeof *reader);
    struct archive *archive = archive_read_new();
    pending p = {0};
    nf_status status = reader != NULL && archive != NULL ? NF_OK : nf_fail_nomem(error, "the index of a tar");
    if (status == NF_OK) {
        *reader = (tar_reader){.file = file, .start = at, .at = at, .end = end};
        status = open_tar(archive, reader, error);
    }
    if (status == NF_OK)
        status = read_headers(archive, reader, stop, &p, visit, context, has_end, error);
    if (archive != NULL)
        archive_read_free(archive);
    nf_buf_free(&p.path);
    free(reader);
    return status;
}
