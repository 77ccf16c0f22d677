#include "row_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

struct nf_row_spool {
    FILE *file;
    nf_buf member;
};

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
    int fd = place ? open_beside(beside) : -1;
    spool->file = fd >= 0 ? fdopen(fd, "w+b") : tmpfile();
    if (spool->file == NULL) {
        if (fd >= 0)
            close(fd);
        return nf_fail(error, NF_ERR_OUTPUT, "cannot open a temporary file for the image rows: %s", strerror(errno));
    }
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

nf_status nf_row_spool_add(nf_row_spool *spool, const nf_spooled_row *row, const char *member, nf_error *error)
{
    size_t length = strlen(member) + 1;
    if (fwrite(row, sizeof *row, 1, spool->file) != 1 || fwrite(&length, sizeof length, 1, spool->file) != 1 ||
        fwrite(member, 1, length, spool->file) != length)
        return nf_fail(error, NF_ERR_OUTPUT, "cannot write the temporary file of image rows: %s", strerror(errno));
    return NF_OK;
}

nf_status nf_row_spool_rewind(nf_row_spool *spool, nf_error *error)
{
    if (fflush(spool->file) != 0 || fseek(spool->file, 0, SEEK_SET) != 0)
        return nf_fail(error, NF_ERR_OUTPUT, "cannot write the temporary file of image rows: %s", strerror(errno));
    return NF_OK;
}

nf_status nf_row_spool_next(nf_row_spool *spool, nf_spooled_row *row, const char **member, nf_error *error)
{
    size_t length;
    if (fread(row, sizeof *row, 1, spool->file) != 1)
        return ferror(spool->file) ? nf_fail(error, NF_ERR_OUTPUT, "cannot read the temporary file of image rows") : NF_EOF;
    if (fread(&length, sizeof length, 1, spool->file) != 1)
        return nf_fail(error, NF_ERR_OUTPUT, "cannot read the temporary file of image rows");
    spool->member.len = 0;
    nf_status status = nf_buf_reserve(&spool->member, length, error);
    if (status == NF_OK && fread(spool->member.data, 1, length, spool->file) != length)
        status = nf_fail(error, NF_ERR_OUTPUT, "cannot read the temporary file of image rows");
    *member = (const char *)spool->member.data;
    return status;
}
