/* nofade: the checksums that archives are published with. */
#ifndef NF_FILE_DIGESTS_H
#define NF_FILE_DIGESTS_H

#include <signal.h>
#include <stdint.h>

#include "base/error.h"

enum { NF_MD5_SIZE = 33, NF_SHA256_SIZE = 65 };

typedef struct nf_file_digests {
    uint64_t bytes;
    char md5[NF_MD5_SIZE], sha256[NF_SHA256_SIZE]; /* lower-case hex */
} nf_file_digests;

/* Who wants to know how far it is, and may end it; all may be NULL. */
typedef struct nf_digest_watch {
    void *listener;
    void (*on_bytes)(void *listener, uint64_t n_bytes); /* n_bytes more have been read */
    const volatile sig_atomic_t *interrupted;
} nf_digest_watch;

/* Reads the file once, for both. NF_EOF: interrupted, nothing is known. NF_ERR_INPUT: it cannot be opened or read. */
nf_status nf_file_digests_of(const char *path, const nf_digest_watch *watch, nf_file_digests *digests, nf_error *error);

#endif
