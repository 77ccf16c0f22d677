/* nofade: drawn pictures for the sample set, the tests and the benchmarks.
 *
 * Six classes of rising grey entropy. Integer arithmetic only, so that every machine draws the same bytes.
 */
#ifndef NF_SAMPLE_DRAW_H
#define NF_SAMPLE_DRAW_H

#include <stddef.h>
#include <stdint.h>

typedef enum nf_sample_class {
    NF_SAMPLE_FLAT,      /* one colour and a small square of another */
    NF_SAMPLE_GRADIENTS, /* a ramp in a few steps */
    NF_SAMPLE_STRIPES,   /* soft waves in one direction */
    NF_SAMPLE_SHAPES,    /* shaded rectangles and discs on a ramp */
    NF_SAMPLE_TEXTURE,   /* three octaves of value noise */
    NF_SAMPLE_NOISE      /* every pixel on its own */
} nf_sample_class;
enum { NF_SAMPLE_CLASSES = 6 };

/* "flat" ... "noise": a static string. */
const char *nf_sample_class_name(nf_sample_class drawn_class);

/* Draws picture number `index` of a class. rgb is (h_px, w_px, 3); w_px and h_px are 1 .. 2^20. */
void nf_sample_draw(nf_sample_class drawn_class, uint64_t index, uint32_t w_px, uint32_t h_px, uint8_t *rgb);
/* Adds noise to n bytes of a picture: -31 .. 32, most often little, another for each index. */
void nf_sample_add_grain(uint64_t index, size_t n, uint8_t *bytes);

#endif
