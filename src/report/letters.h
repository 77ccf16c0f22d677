/* nofade: which letters the fonts of this machine have. PNG and PDF are drawn with them, and a letter that no font has spoils more
 * than its own place; in an SVG it is text, for the fonts of whoever looks. */
#ifndef NF_REPORT_LETTERS_H
#define NF_REPORT_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

typedef struct nf_letter_range {
    uint32_t first, last; /* code points */
} nf_letter_range;

typedef struct nf_letters {
    nf_letter_range *ranges;
    size_t n, capacity;
    bool known;        /* fontconfig was asked */
    uint32_t *missing; /* (n_missing,) letters that were replaced, each once, in their order */
    size_t n_missing, missing_capacity;
} nf_letters;

/* Asks fontconfig, once: later calls do nothing. Where it cannot be asked, Latin letters are taken to be there, and no others. */
nf_status nf_letters_find(nf_letters *letters, nf_error *error);
bool nf_letters_has(const nf_letters *letters, uint32_t code);
/* Appends text (n,), valid UTF-8, to *to with U+FFFD, or '?', for each letter that is not there. */
nf_status nf_letters_replace(nf_letters *letters, const void *text, size_t n, nf_buf *to, nf_error *error);
void nf_letters_clear(nf_letters *letters);

#endif
