/* nofade: a small picture of the grey levels that are measured, for people to look at. */
#ifndef NF_DECODE_SMALL_H
#define NF_DECODE_SMALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"

enum { NF_SMALL_SIDE_MAX_PX = 256 };

/* All zero: none. */
typedef struct nf_small {
    uint32_t w_px, h_px;
    uint8_t *grey; /* (h_px, w_px) heap, freed by nf_small_free */
} nf_small;
void nf_small_free(nf_small *small);

/* Decodes an image as nf_decode does; on success *small is its grey levels, each the mean over a box of pixels, the longer side
 * being side_px <= NF_SMALL_SIDE_MAX_PX, or the image's own where that is less. Without memory for it, *small is all zero. */
void nf_decode_small(const uint8_t *bytes, size_t n, const nf_decode_options *options, uint32_t side_px, nf_decoded *out,
                     nf_small *small);
/* The same from raw pixels: grey (h, w), or r, g, b each (h, w); g and b are NULL for grey. w and h > 0. False: no memory. */
bool nf_small_of_pixels(const uint8_t *r, const uint8_t *g, const uint8_t *b, uint32_t w_px, uint32_t h_px, uint32_t side_px,
                        nf_small *small);

#endif
