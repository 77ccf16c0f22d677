#include "decode/decode_small.h"

#include <stdlib.h>

#include "decode/decode_internal.h"

typedef struct shrinker {
    nf_row_sink sink; /* first: a sink is taken for its shrinker */
    uint32_t side_px;
    uint32_t w_px, h_px;             /* of the image */
    uint32_t small_w_px, small_h_px;
    uint64_t *sums, *n_px;           /* (small_h_px, small_w_px) of the pixels of each box */
} shrinker;

void nf_small_free(nf_small *small)
{
    free(small->grey);
    *small = (nf_small){0};
}

/* The shorter side of a picture whose longer one becomes side_px: rounded, and at least a pixel. */
static uint32_t scaled(uint32_t shorter, uint32_t longer, uint32_t side_px)
{
    uint64_t rounded = ((uint64_t)shorter * side_px + longer / 2) / longer;
    return rounded > 0 ? (uint32_t)rounded : 1;
}

static bool begin(nf_row_sink *sink, uint32_t w_px, uint32_t h_px)
{
    shrinker *self = (shrinker *)sink;
    uint32_t longer = w_px > h_px ? w_px : h_px, side_px = self->side_px < longer ? self->side_px : longer;
    self->w_px = w_px;
    self->h_px = h_px;
    self->small_w_px = w_px == longer ? side_px : scaled(w_px, longer, side_px);
    self->small_h_px = h_px == longer ? side_px : scaled(h_px, longer, side_px);
    size_t n = (size_t)self->small_w_px * self->small_h_px; /* fits: at most 256 x 256 */
    self->sums = calloc(n, sizeof *self->sums);
    self->n_px = calloc(n, sizeof *self->n_px);
    return self->sums != NULL && self->n_px != NULL;
}

static void take(nf_row_sink *sink, const uint8_t *values, size_t n_px, uint32_t x, uint32_t step, uint32_t y)
{
    shrinker *self = (shrinker *)sink;
    size_t row = (size_t)((uint64_t)y * self->small_h_px / self->h_px) * self->small_w_px;
    for (size_t i = 0; i < n_px; i++) {
        size_t box = row + (size_t)((x + (uint64_t)i * step) * self->small_w_px / self->w_px);
        self->sums[box] += values[i];
        self->n_px[box]++;
    }
}

/* Into *small, unless there is no memory; frees the sums. */
static void finish(shrinker *self, bool wanted, nf_small *small)
{
    size_t n = (size_t)self->small_w_px * self->small_h_px;
    *small = (nf_small){0};
    if (wanted && self->sums != NULL && self->n_px != NULL && (small->grey = malloc(n)) != NULL) {
        small->w_px = self->small_w_px;
        small->h_px = self->small_h_px;
        for (size_t i = 0; i < n; i++)
            small->grey[i] = (uint8_t)(self->n_px[i] > 0 ? (self->sums[i] + self->n_px[i] / 2) / self->n_px[i] : 0);
    }
    free(self->sums);
    free(self->n_px);
}

void nf_decode_small(const uint8_t *bytes, size_t n, const nf_decode_options *options, uint32_t side_px, nf_decoded *out,
                     nf_small *small)
{
    shrinker self = {.sink = {.begin = begin, .take = take}, .side_px = side_px};
    nf_decode_rows(bytes, n, options, &self.sink, out);
    finish(&self, out->verdict != NF_IMAGE_FAILED, small);
}

bool nf_small_of_pixels(const uint8_t *r, const uint8_t *g, const uint8_t *b, uint32_t w_px, uint32_t h_px, uint32_t side_px,
                        nf_small *small)
{
    shrinker self = {.sink = {.begin = begin, .take = take}, .side_px = side_px};
    bool begun = begin(&self.sink, w_px, h_px);
    for (uint32_t y = 0; begun && y < h_px; y++)
        for (uint32_t x = 0; x < w_px; x++) {
            size_t i = (size_t)y * w_px + x;
            uint8_t grey = g != NULL ? nf_luma_bt601(r[i], g[i], b[i]) : r[i];
            take(&self.sink, &grey, 1, x, 1, y);
        }
    finish(&self, begun, small);
    return small->grey != NULL;
}
