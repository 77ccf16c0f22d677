/* Everything that libarchive does for us: tar in all its dialects, zips that can only be read forward, and the compressions
 * other than gzip (whose check sums libarchive does not look at). Only this file and tar_index.c include <archive.h>.
 *
 * A member that is not wanted is read past, since the digest covers all stored bytes; where nothing is hashed, it is passed over.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "loaders/source/walker.h"

enum {
    TAR_BLOCK_BYTES = 512,
    PASSED_BYTES_MIN = NF_STREAM_BLOCK_BYTES, /* less is read: so much comes at once */
    /* Holes of a sparse member cost nothing to store, so that only this bounds the zeros they become. */
    HOLES_MAX_BYTES = 1 << 30,
    /* Faults after which an archive is taken up again; each costs more than the bytes it passes over. */
    RESUMES_MAX = 1 << 16
};

static const uint8_t zeros[1 << 16];

typedef enum archive_role { ROLE_TAR, ROLE_ZIP, ROLE_RAW } archive_role;

typedef struct archive_walker {
    archive_role role;
    nf_status damage;
    nf_stream *input;
    bool owns_input;
    struct archive *archive; /* NULL: to be opened at resume_at */
    uint64_t base;           /* position in input of the archive's first byte */
    uint64_t resume_at;
    uint32_t resumes;
    bool damaged_run; /* the bad record for this run of damage has been given */
    nf_status over;   /* not NF_OK: nothing more can be had, fault says why */
    nf_error fault;
    /* What libarchive was given last; the end of input with its sentence. */
    const uint8_t *block;
    size_t block_len;
    uint64_t block_at;
    bool tail_is_zero; /* the bytes behind the last whole tar block */
    uint64_t zero_bytes; /* zeros that the input ends in, so far */
    bool lacks_end_marker;
    nf_status input_ended;
    nf_error input_fault;
    /* The current member's data. */
    uint64_t data_at, hole_left, holes;
    int64_t data_size;    /* -1: unknown */
    const uint8_t *piece; /* stands behind the hole */
    size_t piece_len;
    nf_status data_ended;
    nf_error data_fault;
} archive_walker;

static void look_at_tail(archive_walker *self)
{
    size_t tail = (size_t)((self->block_at + self->block_len) % TAR_BLOCK_BYTES);
    if (tail > self->block_len)
        tail = self->block_len;
    self->tail_is_zero = true;
    for (size_t i = self->block_len - tail; i < self->block_len; i++)
        self->tail_is_zero &= self->block[i] == 0;
}

static void count_zeros(archive_walker *self)
{
    size_t n = self->block_len;
    while (n > 0 && self->block[n - 1] == 0)
        n--;
    self->zero_bytes = (n == 0 ? self->zero_bytes : 0) + (self->block_len - n);
}

static la_ssize_t give_input(struct archive *archive, void *source, const void **block)
{
    archive_walker *self = source;
    if (self->input_ended == NF_OK) {
        self->block_at = nf_stream_position(self->input);
        self->input_ended =
            nf_stream_next(self->input, NF_STREAM_BLOCK_BYTES, &self->block, &self->block_len, &self->input_fault);
    }
    if (self->input_ended == NF_OK) {
        look_at_tail(self);
        count_zeros(self);
        *block = self->block;
        return (la_ssize_t)self->block_len;
    }
    *block = NULL;
    self->block_len = 0;
    if (self->input_ended == NF_EOF)
        return 0;
    archive_set_error(archive, EIO, "the input is at fault");
    return ARCHIVE_FATAL;
}

/* All but the end of what libarchive does not want, so that what a tar ends in is seen. */
static la_int64_t pass_over(struct archive *archive, void *source, la_int64_t n)
{
    archive_walker *self = source;
    (void)archive;
    if (self->role != ROLE_TAR || self->input_ended != NF_OK || n < PASSED_BYTES_MIN)
        return 0;
    uint64_t done = nf_stream_pass(self->input, (uint64_t)n - TAR_BLOCK_BYTES);
    if (done > 0) {
        self->block_at = nf_stream_position(self->input);
        self->block_len = 0;
        self->zero_bytes = 0;
        self->tail_is_zero = false;
    }
    return (la_int64_t)done;
}

/* After a fault: first what is left of the block that libarchive had, then the stream. */
static la_ssize_t give_rest_first(struct archive *archive, void *source, const void **block)
{
    archive_walker *self = source;
    uint64_t end = self->block_at + self->block_len;
    if (self->resume_at >= end)
        return give_input(archive, source, block);
    size_t left = (size_t)(end - self->resume_at);
    *block = self->block + (self->block_len - left);
    self->resume_at = UINT64_MAX; /* once */
    return (la_ssize_t)left;
}

static int choose_raw(struct archive *archive)
{
    int result = archive_read_support_format_raw(archive);
    int (*const filters[])(struct archive *) = {archive_read_support_filter_bzip2, archive_read_support_filter_xz,
                                                archive_read_support_filter_lzma,  archive_read_support_filter_zstd,
                                                archive_read_support_filter_lz4,   archive_read_support_filter_compress};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0] && result == ARCHIVE_OK; i++)
        result = filters[i](archive);
    return result;
}

/* The format is set, not found out: a tar is one also when its first header is damaged. */
static int choose_format(struct archive *archive, archive_role role)
{
    if (role == ROLE_RAW)
        return choose_raw(archive);
    if (role == ROLE_ZIP)
        return archive_read_set_format(archive, ARCHIVE_FORMAT_ZIP);
    /* Blocks of zeros then end nothing: in a damaged region they may not be the end. Setting an option makes libarchive
     * forget the set format, hence the order. */
    int result = archive_read_support_format_tar(archive);
    if (result == ARCHIVE_OK)
        result = archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1");
    return result == ARCHIVE_OK ? archive_read_set_format(archive, ARCHIVE_FORMAT_TAR) : result;
}

/* Writes down why nothing more can be had. */
static nf_status give_up(archive_walker *self, nf_status status)
{
    if (self->input_ended != NF_OK && self->input_ended != NF_EOF) {
        self->fault = self->input_fault;
        self->over = self->input_ended;
    } else {
        const char *why = self->archive != NULL ? archive_error_string(self->archive) : NULL;
        if (self->archive != NULL && archive_errno(self->archive) == ENOMEM)
            return self->over = nf_fail_nomem(&self->fault, "an archive");
        self->over = nf_fail(&self->fault, status, "%s%s", self->input_ended == NF_EOF ? "cut short: " : "",
                             why != NULL ? why : "libarchive gives no reason");
    }
    return self->over;
}

static nf_status open_archive(archive_walker *self)
{
    bool again = self->resumes > 0;
    uint64_t end = self->block_at + self->block_len;
    if (again && self->resume_at > end && self->input_ended == NF_OK)
        self->input_ended = nf_stream_skip(self->input, self->resume_at - end, &self->input_fault);
    self->base = again ? self->resume_at : nf_stream_position(self->input);
    self->archive = archive_read_new();
    if (self->archive == NULL)
        return self->over = nf_fail_nomem(&self->fault, "an archive");
    if (choose_format(self->archive, self->role) != ARCHIVE_OK) /* all of them are known to it */
        return self->over = nf_fail_nomem(&self->fault, "an archive");
    if (archive_read_open2(self->archive, self, NULL, again ? give_rest_first : give_input, pass_over, NULL) == ARCHIVE_OK)
        return NF_OK;
    if (self->input_ended == NF_OK && archive_errno(self->archive) == 0) /* it names no reason where it has no memory */
        return self->over = nf_fail_nomem(&self->fault, "an archive");
    /* What is damaged at the very end was said. */
    return again && self->input_ended == NF_EOF ? (self->over = NF_EOF) : give_up(self, self->damage);
}

/* libarchive cannot go on. True: the walk can, behind the place where it stopped. */
static bool can_resume(archive_walker *self)
{
    if (self->role == ROLE_RAW || self->input_ended != NF_OK || self->resumes >= RESUMES_MAX ||
        archive_errno(self->archive) == ENOMEM) {
        give_up(self, self->damage);
        return false;
    }
    uint64_t at = self->base + (uint64_t)archive_filter_bytes(self->archive, 0);
    if (at <= self->base)
        at = self->base + 1;
    if (at < self->block_at) /* what came before the last block is gone */
        at = self->block_at;
    if (self->role == ROLE_TAR)
        at += (TAR_BLOCK_BYTES - at % TAR_BLOCK_BYTES) % TAR_BLOCK_BYTES;
    archive_read_free(self->archive);
    self->archive = NULL;
    self->resume_at = at;
    self->resumes++;
    return true;
}

/* A tar that does not end on a block, where the odd bytes are only padding. */
static bool ends_in_padding(const archive_walker *self)
{
    uint64_t at = self->base + (uint64_t)archive_filter_bytes(self->archive, 0);
    return self->role == ROLE_TAR && self->input_ended == NF_EOF && self->tail_is_zero && self->block_at >= at &&
           self->block_at - at < TAR_BLOCK_BYTES;
}

static nf_status take_header(archive_walker *self, struct archive_entry *header, nf_entry *entry, nf_error *error)
{
    const char *path = archive_entry_pathname(header);
    mode_t type = archive_entry_filetype(header);
    entry->path = path != NULL ? path : "";
    entry->size_bytes = archive_entry_size_is_set(header) ? archive_entry_size(header) : -1;
    entry->encrypted = archive_entry_is_data_encrypted(header) != 0;
    if (archive_entry_hardlink(header) != NULL || type == AE_IFLNK)
        entry->kind = NF_ENTRY_LINK;
    else
        entry->kind = type == AE_IFREG || type == 0 ? NF_ENTRY_FILE : NF_ENTRY_SPECIAL;
    self->data_size = entry->size_bytes;
    self->data_at = self->hole_left = self->holes = 0;
    self->piece_len = 0;
    self->data_ended = NF_OK;
    self->damaged_run = false;
    return path != NULL ? NF_OK : nf_fail(error, NF_BAD_RECORD, "a member's name cannot be read");
}

/* True: to be said. A run of damage is said once. */
static bool begin_damaged_run(archive_walker *self)
{
    bool first = !self->damaged_run;
    self->damaged_run = true;
    return first;
}

static nf_status walk_over(const archive_walker *self, nf_error *error)
{
    if (self->over == NF_EOF)
        return NF_EOF;
    *error = self->fault;
    if (error->code == NF_BAD_RECORD) /* said of this level, not of one of its members */
        error->code = NF_ERR_DAMAGED;
    return error->code;
}

static nf_status archive_next(void *walker, nf_entry *entry, nf_error *error)
{
    archive_walker *self = walker;
    while (self->over == NF_OK && (self->archive != NULL || open_archive(self) == NF_OK)) {
        struct archive_entry *header;
        int result = archive_read_next_header(self->archive, &header);
        if (result == ARCHIVE_EOF || (result == ARCHIVE_FATAL && ends_in_padding(self))) {
            self->lacks_end_marker = self->zero_bytes < TAR_BLOCK_BYTES;
            return NF_EOF;
        }
        if (result == ARCHIVE_OK || result == ARCHIVE_WARN) {
            nf_status status = take_header(self, header, entry, error);
            if (status != NF_OK || archive_entry_filetype(header) != AE_IFDIR)
                return status;
            continue;
        }
        *entry = (nf_entry){.path = "", .size_bytes = -1};
        nf_fail(error, NF_BAD_RECORD, "damaged header of a member before byte %llu",
                (unsigned long long)self->base + (unsigned long long)archive_filter_bytes(self->archive, 0));
        if (result == ARCHIVE_FATAL && !can_resume(self))
            break;
        if (begin_damaged_run(self))
            return NF_BAD_RECORD;
    }
    return walk_over(self, error);
}

/* The data end here with a fault of libarchive. */
static nf_status data_fault(archive_walker *self, int result)
{
    const char *why = archive_error_string(self->archive);
    nf_fail(&self->data_fault, NF_BAD_RECORD, "%s", why != NULL ? why : "libarchive gives no reason");
    if (result == ARCHIVE_FATAL && !can_resume(self))
        self->data_fault = self->fault;
    return self->data_fault.code;
}

/* A piece that begins behind what was given leaves a hole of a sparse file. */
static nf_status open_hole(archive_walker *self, uint64_t until)
{
    if (until < self->data_at)
        return nf_fail(&self->data_fault, NF_BAD_RECORD, "the pieces of a sparse member overlap");
    self->hole_left = until - self->data_at;
    if (self->hole_left > HOLES_MAX_BYTES - self->holes)
        return nf_fail(&self->data_fault, NF_BAD_RECORD, "a sparse member with more than %d bytes of holes",
                       HOLES_MAX_BYTES);
    self->holes += self->hole_left;
    return NF_OK;
}

/* Gets the next piece, or sets data_ended. */
static void next_piece(archive_walker *self)
{
    const void *piece = NULL;
    int64_t at = 0;
    size_t len = 0;
    if (self->role == ROLE_TAR && self->data_size >= 0 && self->data_at >= (uint64_t)self->data_size) {
        self->data_ended = NF_EOF; /* a fault in the padding is none of this member */
        return;
    }
    int result = archive_read_data_block(self->archive, &piece, &len, &at);
    if (result == ARCHIVE_EOF) {
        bool hole = self->role == ROLE_TAR && self->data_size > 0 && (uint64_t)self->data_size > self->data_at;
        nf_status status = hole ? open_hole(self, (uint64_t)self->data_size) : NF_OK;
        self->data_ended = status == NF_OK ? NF_EOF : status;
    } else if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
        self->data_ended = data_fault(self, result);
    } else {
        if (len > 0 && self->role == ROLE_TAR)
            self->data_ended = open_hole(self, at > 0 ? (uint64_t)at : 0);
        self->piece = piece;
        self->piece_len = self->data_ended == NF_OK ? len : 0;
        if (result == ARCHIVE_WARN && self->data_ended == NF_OK)
            self->data_ended = data_fault(self, result);
    }
    if (self->data_ended != NF_OK && self->data_ended != NF_EOF && self->piece_len == 0)
        self->hole_left = 0;
}

static nf_status data_fill(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    archive_walker *self = source;
    while (self->hole_left == 0 && self->piece_len == 0 && self->data_ended == NF_OK)
        next_piece(self);
    if (self->hole_left > 0) {
        *data = zeros;
        *len = self->hole_left < sizeof zeros ? (size_t)self->hole_left : sizeof zeros;
        self->hole_left -= *len;
    } else if (self->piece_len > 0) {
        *data = self->piece;
        *len = self->piece_len;
        self->piece_len = 0;
    } else {
        if (self->data_ended != NF_EOF)
            *error = self->data_fault;
        return self->data_ended;
    }
    self->data_at += *len;
    return NF_OK;
}

static void data_close(void *source)
{
    (void)source; /* the walker's */
}

static nf_status archive_data(void *walker, nf_stream **data, nf_file **file, nf_error *error)
{
    static const nf_stream_ops ops = {data_fill, data_close};
    *file = NULL;
    return nf_stream_new(data, &ops, walker, error);
}

static void archive_close(void *walker)
{
    archive_walker *self = walker;
    if (self->archive != NULL)
        archive_read_free(self->archive);
    if (self->owns_input)
        nf_stream_close(self->input);
    free(self);
}

static nf_status walker_new(archive_walker **made, archive_role role, nf_stream *input, nf_status damage, nf_error *error)
{
    *made = calloc(1, sizeof **made);
    if (*made == NULL)
        return nf_fail_nomem(error, "an archive");
    (*made)->role = role;
    (*made)->input = input;
    (*made)->damage = damage;
    (*made)->data_size = -1;
    return NF_OK;
}

nf_status nf_walk_archive(nf_walker *walker, nf_archive_kind kind, nf_stream *input, nf_status damage, nf_error *error)
{
    static const nf_walker_ops ops = {archive_next, archive_data, archive_close, NULL, NULL};
    archive_walker *self;
    nf_status status = walker_new(&self, kind == NF_ARCHIVE_TAR ? ROLE_TAR : ROLE_ZIP, input, damage, error);
    if (status == NF_OK)
        *walker = (nf_walker){.ops = &ops, .self = self,
                              .lacks_end_marker = kind == NF_ARCHIVE_TAR ? &self->lacks_end_marker : NULL};
    return status;
}

/* Stands on the one member there is; a compressed stream of nothing has none. */
static void go_to_only_member(archive_walker *self)
{
    nf_entry entry;
    nf_status status = archive_next(self, &entry, &self->data_fault);
    if (self->role == ROLE_RAW && status == NF_OK && archive_filter_count(self->archive) < 2)
        status = nf_fail(&self->data_fault, self->damage, "the compression is not understood");
    if (self->role == ROLE_ZIP && status == NF_EOF)
        status = nf_fail(&self->data_fault, self->damage, "the member's header cannot be read");
    if (self->over != NF_OK)
        self->data_fault = self->fault;
    self->data_ended = self->over != NF_OK ? self->over : status;
}

static nf_status stream_of_only_member(nf_stream **stream, archive_role role, nf_stream *input, nf_status damage,
                                       nf_error *error)
{
    static const nf_stream_ops ops = {data_fill, archive_close};
    archive_walker *self;
    *stream = NULL;
    nf_status status = walker_new(&self, role, input, damage, error);
    if (status != NF_OK)
        return status;
    status = nf_stream_new(stream, &ops, self, error);
    if (status != NF_OK) {
        free(self);
        return status;
    }
    self->owns_input = true;
    go_to_only_member(self);
    return NF_OK;
}

nf_status nf_stream_decompress(nf_stream **stream, nf_stream *input, nf_status damage, nf_error *error)
{
    return stream_of_only_member(stream, ROLE_RAW, input, damage, error);
}

nf_status nf_stream_zip_member(nf_stream **stream, nf_stream *input, nf_error *error)
{
    return stream_of_only_member(stream, ROLE_ZIP, input, NF_BAD_RECORD, error);
}
