/* nofade: the error value.
 *
 * Every function that can fail returns an nf_status and takes an nf_error that the caller owns. The finder of a fault
 * writes the sentence: what is wrong, with what, where; lower case, no full stop. Callers prepend only what they know
 * more (a path, a member). Names inside a message are untrusted bytes: whoever prints it must escape them.
 */
#ifndef NF_BASE_ERROR_H
#define NF_BASE_ERROR_H

typedef enum nf_status {
    NF_OK = 0,
    NF_EOF = 1,          /* the end of a stream: not an error */
    NF_BAD_RECORD = 2,   /* this record is unusable, the stream goes on */
    NF_ERR_USAGE = -1,   /* an option or a request that makes no sense            (exit 2) */
    NF_ERR_INPUT = -2,   /* an input cannot be opened or is not understood        (exit 3) */
    NF_ERR_DAMAGED = -3, /* an input is damaged from here on; what came before it stands */
    NF_ERR_NOMEM = -4,   /* out of memory                                         (exit 4) */
    NF_ERR_OUTPUT = -5,  /* an output cannot be written                           (exit 4) */
    NF_ERR_INTERNAL = -6 /* a fault of nofade itself                              (exit 4) */
} nf_status;

enum { NF_ERROR_MESSAGE_SIZE = 1024 };

typedef struct nf_error {
    nf_status code;                      /* NF_OK while nothing went wrong */
    char message[NF_ERROR_MESSAGE_SIZE]; /* NUL-terminated, cut at the end when too long */
} nf_error;

/* Writes the sentence into *error (which may be NULL) and returns code, so that a caller can `return nf_fail(...)`. */
nf_status nf_fail(nf_error *error, nf_status code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "<text>: " before the message. Returns error->code. */
nf_status nf_error_prepend(nf_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* nf_fail(NF_ERR_NOMEM, "out of memory ..."): what names what was being held. */
nf_status nf_fail_nomem(nf_error *error, const char *what);

#endif
