#include "scan/row_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

enum { SPOOL_BUFFER_BYTES = 1 << 16 };

struct nf_row_spool {
    FILE *file;
    nf_buf member; /* of the row before, while adding and while reading */
    char buffer[SPOOL_BUFFER_BYTES]; /* the file's; setvbuf allocates none of that size by itself */
};

/* What stands before the rest of a member's path. */
typedef struct stored_row {
    nf_spooled_row row;
    uint32_t n_shared; /* bytes that the path has in common with the one before */
    uint32_t n_rest;   /* with its NUL */
} stored_row;

/* A nameless file in the directory of path. */
static int open_beside(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = NULL;
    int length = slash == NULL ? 1 : (int)(slash - path) + 1;
    if (asprintf(&name, "%.*s/.nofade-rows-XXXXXX", length, slash == NULL ? "." : path) < 0)
        return -1;
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    free(name);
    return fd;
}

nf_status nf_row_spool_new(nf_row_spool **created, const char *beside, nf_error *error)
{
    nf_row_spool *spool = calloc(1, sizeof *spool);
    *created = spool;
    if (spool == NULL)
        return nf_fail_nomem(error, "image rows");
    struct stat info;
    bool place = beside != NULL && (stat(beside, &info) != 0 || S_ISREG(info.st_mode)); /* not beside a device */
    int fd = open_beside(place ? beside : "/var/tmp/"); /* which is on disk also where /tmp is memory */
    spool->file = fd >= 0 ? fdopen(fd, "w+b") : tmpfile();
    if (spool->file == NULL) {
        if (fd >= 0)
            close(fd);
        return nf_fail(error, NF_ERR_OUTPUT, "cannot open a temporary file for the image rows: %s", strerror(errno));
    }
    setvbuf(spool->file, spool->buffer, _IOFBF, sizeof spool->buffer);
    return NF_OK;
}

void nf_row_spool_free(nf_row_spool *spool)
{
    if (spool == NULL)
        return;
    if (spool->file != NULL)
        fclose(spool->file);
    nf_buf_free(&spool->member);
    free(spool);
}

static size_t shared_bytes(const nf_buf *before, const char *member, size_t n)
{
    const char *text = (const char *)before->data;
    size_t shared = 0;
    while (shared < n && shared < before->len && text[shared] == member[shared])
        shared++;
    return shared;
}

/* The member's first n_shared bytes stay, n_rest are made room for. */
static nf_status cut_member(nf_row_spool *spool, size_t n_shared, size_t n_rest, nf_error *error)
{
    spool->member.len = n_shared;
    return nf_buf_reserve(&spool->member, n_rest, error);
}

nf_status nf_row_spool_add(nf_row_spool *spool, const nf_spooled_row *row, const char *member, nf_error *error)
{
    size_t n = strlen(member) + 1;
    if (n > UINT32_MAX)
        return nf_fail(error, NF_ERR_INTERNAL, "a member's path is too long");
    stored_row stored;
    memset(&stored, 0, sizeof stored); /* its padding is written too */
    stored.row = *row;
    stored.n_shared = (uint32_t)shared_bytes(&spool->member, member, n);
    stored.n_rest = (uint32_t)(n - stored.n_shared);
    if (fwrite(&stored, sizeof stored, 1, spool->file) != 1 ||
        fwrite(member + stored.n_shared, 1, stored.n_rest, spool->file) != stored.n_rest)
        return nf_fail(error, NF_ERR_OUTPUT, "cannot write the temporary file of image rows: %s", strerror(errno));
    if (stored.n_rest == 0)
        return NF_OK;
    nf_status status = cut_member(spool, stored.n_shared, stored.n_rest, error);
    return status == NF_OK ? nf_buf_append(&spool->member, member + stored.n_shared, stored.n_rest, error) : status;
}

nf_status nf_row_spool_rewind(nf_row_spool *spool, nf_error *error)
{
    spool->member.len = 0;
    if (fflush(spool->file) != 0 || fseek(spool->file, 0, SEEK_SET) != 0)
        return nf_fail(error, NF_ERR_OUTPUT, "cannot write the temporary file of image rows: %s", strerror(errno));
    return NF_OK;
}

nf_status nf_row_spool_next(nf_row_spool *spool, nf_spooled_row *row, const char **member, nf_error *error)
{
    stored_row stored;
    if (fread(&stored, sizeof stored, 1, spool->file) != 1)
        return ferror(spool->file) ? nf_fail(error, NF_ERR_OUTPUT, "cannot read the temporary file of image rows") : NF_EOF;
    nf_status status = stored.n_rest == 0 ? NF_OK : cut_member(spool, stored.n_shared, stored.n_rest, error);
    if (status == NF_OK && fread(spool->member.data + spool->member.len, 1, stored.n_rest, spool->file) != stored.n_rest)
        status = nf_fail(error, NF_ERR_OUTPUT, "cannot read the temporary file of image rows");
    if (status != NF_OK)
        return status;
    if (stored.n_rest > 0)
        spool->member.len = (size_t)stored.n_shared + stored.n_rest;
    *row = stored.row;
    *member = (const char *)spool->member.data;
    return NF_OK;
}
