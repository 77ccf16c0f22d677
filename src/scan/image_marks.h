/* nofade: what is noted of an image beside its counts, for those who look for flaws of the set (quality.h). */
#ifndef NF_IMAGE_MARKS_H
#define NF_IMAGE_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"

enum { NF_KIND_SIZE = 10 };

typedef struct nf_image_marks {
    uint64_t hash[2];        /* XXH3-128 of the image's bytes: of the encoded file, or of the raw pixels; low half first */
    uint32_t top_px;         /* how many pixels have the most frequent grey level; 0 when they are clearly below 99 % */
    uint8_t top_level;       /* which that is */
    uint8_t mode;            /* nf_colour_mode */
    char kind[NF_KIND_SIZE]; /* nf_decoded.kind */
} nf_image_marks;

/* bytes (n,): the image as it was read; decoded: not failed; q: its quantised entropy. Thread-safe. */
void nf_mark_image(const uint8_t *bytes, size_t n, const nf_decoded *decoded, uint64_t q, nf_image_marks *marks);

#endif
