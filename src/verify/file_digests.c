#include "verify/file_digests.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 20, N_KINDS = 2 };

typedef struct digesting {
    int fd;
    uint8_t *block; /* (BLOCK_BYTES,) */
    EVP_MD_CTX *contexts[N_KINDS]; /* md5, sha256 */
} digesting;

static nf_status fail_library(nf_error *error)
{
    return nf_fail(error, NF_ERR_INTERNAL, "the library of checksums (libcrypto) refuses md5 or sha256");
}

static nf_status begin(digesting *d, const char *path, nf_error *error)
{
    const EVP_MD *kinds[N_KINDS] = {EVP_md5(), EVP_sha256()};
    if ((d->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return nf_fail(error, NF_ERR_INPUT, "%s: cannot open: %s", path, strerror(errno));
    posix_fadvise(d->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice: may fail */
    if ((d->block = malloc(BLOCK_BYTES)) == NULL)
        return nf_fail_nomem(error, "a checksum");
    for (int i = 0; i < N_KINDS; i++) {
        if ((d->contexts[i] = EVP_MD_CTX_new()) == NULL)
            return nf_fail_nomem(error, "a checksum");
        if (EVP_DigestInit_ex(d->contexts[i], kinds[i], NULL) != 1)
            return fail_library(error);
    }
    return NF_OK;
}

static void end(digesting *d)
{
    if (d->fd >= 0)
        close(d->fd);
    free(d->block);
    for (int i = 0; i < N_KINDS; i++)
        EVP_MD_CTX_free(d->contexts[i]);
}

static bool is_interrupted(const nf_digest_watch *watch)
{
    return watch->interrupted != NULL && *watch->interrupted;
}

static nf_status take_file(digesting *d, const char *path, const nf_digest_watch *watch, uint64_t *n_bytes, nf_error *error)
{
    for (;;) {
        if (is_interrupted(watch))
            return NF_EOF;
        ssize_t got = read(d->fd, d->block, BLOCK_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return nf_fail(error, NF_ERR_INPUT, "%s: cannot read: %s", path, strerror(errno));
        if (got == 0)
            return NF_OK;
        for (int i = 0; i < N_KINDS; i++)
            if (EVP_DigestUpdate(d->contexts[i], d->block, (size_t)got) != 1)
                return fail_library(error);
        *n_bytes += (uint64_t)got;
        if (watch->on_bytes != NULL)
            watch->on_bytes(watch->listener, (uint64_t)got);
    }
}

/* text has room for two digits a byte. */
static nf_status tell(EVP_MD_CTX *context, char *text, nf_error *error)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_DigestFinal_ex(context, bytes, &n) != 1)
        return fail_library(error);
    for (unsigned i = 0; i < n; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * n] = '\0';
    return NF_OK;
}

nf_status nf_file_digests_of(const char *path, const nf_digest_watch *watch, nf_file_digests *digests, nf_error *error)
{
    digesting d = {.fd = -1};
    *digests = (nf_file_digests){0};
    nf_status status = begin(&d, path, error);
    if (status == NF_OK)
        status = take_file(&d, path, watch, &digests->bytes, error);
    if (status == NF_OK)
        status = tell(d.contexts[0], digests->md5, error);
    if (status == NF_OK)
        status = tell(d.contexts[1], digests->sha256, error);
    end(&d);
    return status;
}
