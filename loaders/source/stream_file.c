/* Stored bytes: regular files and pipes, hashed as they pass. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loaders/source/entries.h"
#include "loaders/source/stream_sources.h"

enum { STOP_POLL_MS = 100 };

nf_status nf_digest_init(nf_digest *digest, nf_error *error)
{
    digest->state = XXH3_createState();
    if (digest->state == NULL)
        return nf_fail_nomem(error, "a digest");
    XXH3_128bits_reset(digest->state);
    digest->files_done = digest->file_bytes = 0;
    atomic_init(&digest->bytes, 0);
    return NF_OK;
}

void nf_digest_turn_off(nf_digest *digest)
{
    digest->files_done = UINT64_MAX; /* no file has this number */
}

void nf_digest_free(nf_digest *digest)
{
    XXH3_freeState(digest->state);
    digest->state = NULL;
}

void nf_digest_hex(const nf_digest *digest, char hex[33])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(digest->state));
    for (size_t i = 0; i < sizeof canonical.digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", canonical.digest[i]);
}

struct nf_file {
    int fd;
    bool keep_open; /* standard input */
    nf_status read_fault; /* what a read error is */
    bool regular;
    bool keeping;  /* a pipe: everything read so far lies in kept */
    uint64_t size, stamp; /* regular: at opening */
    uint64_t position; /* a pipe: of the next byte given; below kept.len it comes from there */
    nf_buf kept;
    nf_digest *digest;
    uint64_t number;
    uint8_t *block;
    const nf_stop *stop; /* NULL: nobody stops us */
};

static uint64_t stamp_of(const struct stat *about)
{
    const uint64_t known[] = {(uint64_t)about->st_dev, (uint64_t)about->st_ino, (uint64_t)about->st_size,
                              (uint64_t)about->st_mtim.tv_sec, (uint64_t)about->st_mtim.tv_nsec};
    return XXH3_64bits(known, sizeof known);
}

static nf_status open_descriptor(nf_file *file, const char *path, bool in_directory, nf_error *error)
{
    struct stat about;
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK; /* opening a FIFO waits for nobody: reading does */
    file->keep_open = !in_directory && strcmp(path, "-") == 0;
    file->fd = file->keep_open ? STDIN_FILENO : open(path, flags);
    if (file->fd < 0 || fstat(file->fd, &about) != 0)
        return nf_fail(error, NF_ERR_INPUT, "cannot open: %s", strerror(errno));
    if (S_ISDIR(about.st_mode))
        return nf_fail(error, NF_ERR_INPUT, "cannot open: is a directory");
    if (!file->keep_open && (S_ISCHR(about.st_mode) || S_ISBLK(about.st_mode)))
        return nf_fail(error, NF_ERR_INPUT, "cannot open: is a device");
    /* Standard input redirected from a file counts as one only when nobody has read from it. */
    file->regular = S_ISREG(about.st_mode) && (!file->keep_open || lseek(file->fd, 0, SEEK_CUR) == 0);
    if (in_directory && !file->regular)
        return nf_fail(error, NF_ERR_INPUT, "is not a regular file");
    if (file->regular) {
        file->size = (uint64_t)about.st_size;
        file->stamp = stamp_of(&about);
        (void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    file->keeping = !file->regular;
    return NF_OK;
}

nf_status nf_file_open(nf_file **file, const char *path, nf_digest *digest, uint64_t number, bool in_directory,
                       nf_error *error)
{
    nf_file *made = calloc(1, sizeof *made);
    *file = NULL;
    if (made == NULL)
        return nf_fail_nomem(error, "a file");
    made->fd = -1;
    made->digest = digest;
    made->number = number;
    made->read_fault = in_directory ? NF_BAD_RECORD : NF_ERR_INPUT;
    nf_status status = open_descriptor(made, path, in_directory, error);
    if (status == NF_OK && (made->block = malloc(NF_STREAM_BLOCK_BYTES)) == NULL)
        status = nf_fail_nomem(error, "a block of a file");
    if (status != NF_OK) {
        nf_file_close(made);
        return status;
    }
    *file = made;
    return NF_OK;
}

void nf_file_close(nf_file *file)
{
    if (file == NULL)
        return;
    if (file->fd >= 0 && !file->keep_open)
        close(file->fd);
    nf_buf_free(&file->kept);
    free(file->block);
    free(file);
}

void nf_file_stop_when(nf_file *file, const nf_stop *stop)
{
    file->stop = stop;
}

bool nf_file_is_regular(const nf_file *file)
{
    return file->regular;
}

uint64_t nf_file_size(const nf_file *file)
{
    return file->size;
}

uint64_t nf_file_stamp(const nf_file *file)
{
    return file->stamp;
}

nf_status nf_file_rewind(nf_file *file, nf_error *error)
{
    if (!file->regular && !file->keeping)
        return nf_fail(error, NF_ERR_INPUT, "cannot go back to the start of a pipe after more than %d bytes",
                       NF_ENTRIES_LOOKBACK_BYTES);
    file->position = 0;
    return NF_OK;
}

/* Hashes the part of [offset, offset + n) that comes next in the digest. */
static void hash_bytes(nf_file *file, uint64_t offset, const uint8_t *bytes, size_t n)
{
    nf_digest *digest = file->digest;
    if (digest == NULL || file->number != digest->files_done || digest->file_bytes < offset || digest->file_bytes - offset >= n)
        return;
    size_t known = (size_t)(digest->file_bytes - offset);
    XXH3_128bits_update(digest->state, bytes + known, n - known);
    digest->file_bytes += n - known;
    atomic_fetch_add_explicit(&digest->bytes, n - known, memory_order_relaxed);
}

static bool is_stopped(const nf_file *file)
{
    return file->stop != NULL && file->stop->is_set(file->stop->context);
}

/* Waits until a pipe has bytes, or has ended. */
static nf_status wait_for_bytes(const nf_file *file, nf_error *error)
{
    struct pollfd pipe_end = {.fd = file->fd, .events = POLLIN};
    while (!is_stopped(file)) {
        int ready = poll(&pipe_end, 1, STOP_POLL_MS);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return NF_OK; /* a fault is the read's to tell */
    }
    return nf_fail(error, NF_ERR_INTERNAL, "stopped while waiting for input");
}

/* One pread or read, *n = 0 at the end. */
static nf_status read_some(const nf_file *file, uint64_t offset, void *dst, size_t most, size_t *n, nf_error *error)
{
    ssize_t got;
    *n = 0;
    if (offset > INT64_MAX)
        return NF_OK;
    if (is_stopped(file))
        return nf_fail(error, NF_ERR_INTERNAL, "stopped while reading");
    do {
        nf_status status = file->regular ? NF_OK : wait_for_bytes(file, error);
        if (status != NF_OK)
            return status;
        got = file->regular ? pread(file->fd, dst, most, (off_t)offset) : read(file->fd, dst, most);
    } while (got < 0 && (errno == EINTR || errno == EAGAIN));
    if (got < 0)
        return nf_fail(error, file->read_fault, "read error: %s", strerror(errno));
    *n = (size_t)got;
    return NF_OK;
}

nf_status nf_file_read_at(const nf_file *file, uint64_t offset, void *dst, size_t n, size_t *got, nf_error *error)
{
    *got = 0;
    while (*got < n) {
        size_t some;
        nf_status status = read_some(file, offset + *got, (uint8_t *)dst + *got, n - *got, &some, error);
        if (status != NF_OK)
            return status;
        if (some == 0)
            break;
        *got += some;
    }
    return NF_OK;
}

/* Reads into the block what lies at offset, and hashes it. *n = 0 at the end. */
static nf_status read_block(nf_file *file, uint64_t offset, size_t most, size_t *n, nf_error *error)
{
    nf_status status = read_some(file, offset, file->block, most, n, error);
    if (status == NF_OK)
        hash_bytes(file, offset, file->block, *n);
    return status;
}

/* Hashes up to `offset`, or up to the end when that comes first. */
static nf_status catch_up(nf_file *file, uint64_t offset, nf_error *error)
{
    nf_digest *digest = file->digest;
    while (digest != NULL && file->number == digest->files_done && digest->file_bytes < offset) {
        uint64_t gap = offset - digest->file_bytes;
        size_t most = gap < NF_STREAM_BLOCK_BYTES ? (size_t)gap : NF_STREAM_BLOCK_BYTES;
        size_t n;
        nf_status status = read_block(file, digest->file_bytes, most, &n, error);
        if (status != NF_OK)
            return status;
        if (n == 0)
            break;
    }
    return NF_OK;
}

nf_status nf_file_append(nf_file *file, uint64_t offset, size_t n, nf_buf *buf, nf_error *error)
{
    nf_status status = catch_up(file, offset, error);
    if (status == NF_OK)
        status = nf_buf_reserve(buf, n, error);
    while (status == NF_OK && n > 0) {
        size_t got, most = n < NF_STREAM_BLOCK_BYTES ? n : NF_STREAM_BLOCK_BYTES; /* hashed while they are warm */
        uint8_t *into = buf->data + buf->len;
        status = read_some(file, offset, into, most, &got, error);
        if (status != NF_OK || got == 0)
            break;
        hash_bytes(file, offset, into, got);
        buf->len += got;
        offset += got;
        n -= got;
    }
    return status;
}

/* Keeps a pipe's first bytes, as long as they fit. Without memory for it the pipe just cannot be rewound. */
static void keep_block(nf_file *file, size_t n)
{
    if (!file->keeping)
        return;
    if (n > NF_ENTRIES_LOOKBACK_BYTES - file->kept.len || nf_buf_append(&file->kept, file->block, n, NULL) != NF_OK) {
        file->keeping = false;
        nf_buf_free(&file->kept);
    }
}

static nf_status pull_pipe(nf_file *file, const uint8_t **data, size_t *len, nf_error *error)
{
    if (file->position < file->kept.len) {
        *data = file->kept.data + file->position;
        *len = file->kept.len - (size_t)file->position;
    } else {
        nf_status status = read_block(file, file->position, NF_STREAM_BLOCK_BYTES, len, error);
        if (status != NF_OK || *len == 0)
            return status != NF_OK ? status : NF_EOF;
        *data = file->block;
        keep_block(file, *len);
    }
    file->position += *len;
    return NF_OK;
}

nf_status nf_file_drain(nf_file *file, const char *path_in_digest, nf_error *error)
{
    nf_digest *digest = file->digest;
    nf_status status = NF_OK;
    if (file->number != digest->files_done)
        return NF_OK;
    if (file->regular) {
        status = catch_up(file, UINT64_MAX, error);
    } else {
        const uint8_t *data;
        size_t len;
        while ((status = pull_pipe(file, &data, &len, error)) == NF_OK)
            ;
        if (status == NF_EOF)
            status = NF_OK;
    }
    if (path_in_digest != NULL) {
        char size[24];
        snprintf(size, sizeof size, "%" PRIu64, digest->file_bytes);
        XXH3_128bits_update(digest->state, size, strlen(size) + 1);
        XXH3_128bits_update(digest->state, path_in_digest, strlen(path_in_digest) + 1);
    }
    digest->files_done++;
    digest->file_bytes = 0;
    return status;
}

typedef struct file_source {
    nf_file *file;
    uint64_t offset, left; /* regular files */
} file_source;

static nf_status file_fill(void *source, const uint8_t **data, size_t *len, nf_error *error)
{
    file_source *range = source;
    nf_file *file = range->file;
    if (!file->regular)
        return pull_pipe(file, data, len, error);
    size_t most = range->left < NF_STREAM_BLOCK_BYTES ? (size_t)range->left : NF_STREAM_BLOCK_BYTES;
    if (most == 0)
        return NF_EOF;
    nf_status status = catch_up(file, range->offset, error);
    if (status == NF_OK)
        status = read_block(file, range->offset, most, len, error);
    if (status != NF_OK)
        return status;
    if (*len == 0)
        return NF_EOF;
    *data = file->block;
    range->offset += *len;
    range->left -= *len;
    return NF_OK;
}

/* Bytes that are due in the digest are read. */
static uint64_t file_pass(void *source, uint64_t n)
{
    file_source *range = source;
    const nf_file *file = range->file;
    bool is_hashed = file->digest != NULL && file->number == file->digest->files_done;
    if (!file->regular || is_hashed || range->offset >= file->size)
        return 0;
    uint64_t left = file->size - range->offset < range->left ? file->size - range->offset : range->left;
    uint64_t done = n < left ? n : left;
    range->offset += done;
    range->left -= done;
    return done;
}

nf_status nf_stream_from_file_range(nf_stream **stream, nf_file *file, uint64_t offset, uint64_t n, nf_error *error)
{
    static const nf_stream_ops ops = {file_fill, free};
    *stream = NULL;
    file_source *range = malloc(sizeof *range);
    if (range == NULL)
        return nf_fail_nomem(error, "a stream");
    *range = (file_source){file, offset, n};
    nf_status status = nf_stream_new(stream, &ops, range, error);
    if (status != NF_OK)
        free(range);
    else
        nf_stream_set_passer(*stream, file_pass);
    return status;
}

nf_status nf_stream_from_file(nf_stream **stream, nf_file *file, nf_error *error)
{
    return nf_stream_from_file_range(stream, file, 0, UINT64_MAX, error);
}
