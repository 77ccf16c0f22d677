/* nofade: the counting kernels behind one struct, so that a fast variant or a device only replaces a slot.
 *
 * The plain C functions (nf_backend_plain) are the definition; every other backend must prove itself equal, bit for bit,
 * in tests/parity. Counts are integers: devices count, the host takes logarithms.
 *
 * Grey: L = (19595 R + 38470 G + 7471 B + 32768) >> 16, Pillow's convert("L") bit for bit (definitions: image level).
 */
#ifndef NF_METRICS_BACKEND_H
#define NF_METRICS_BACKEND_H

#include <stddef.h>
#include <stdint.h>

enum { NF_GREY_LEVELS = 256 };

static inline uint8_t nf_luma_bt601(uint32_t r, uint32_t g, uint32_t b)
{
    return (uint8_t)((19595u * r + 38470u * g + 7471u * b + 32768u) >> 16);
}

/* How a JPEG's chroma is stored, and so how it is brought to full size. */
typedef enum nf_chroma {
    NF_CHROMA_FULL,       /* a sample a pixel (4:4:4) */
    NF_CHROMA_HALF_WIDTH, /* a sample for two pixels of a row (4:2:2) */
    NF_CHROMA_HALF_BOTH   /* a sample for two by two pixels (4:2:0) */
} nf_chroma;

enum { NF_YCC_STEP_PX = 32 }; /* what the kernels below take at a time */

/* One row of a JPEG as decoded, before its chroma is brought to full size. Every row can be read up to the next multiple of
 * NF_YCC_STEP_PX pixels (what is there has no influence), chroma of half width one sample further at both ends, where it
 * has a copy of its first sample before it and of its last one after it. Chroma comes from two rows where it has half the height, [0] nearer to this one and
 * [1] farther; both are the same row at the edges of the image, and where it has full height. */
typedef struct nf_ycc_row {
    nf_chroma chroma;
    const uint8_t *y;
    const uint8_t *cb[2], *cr[2];
    const uint8_t *reach[2]; /* of those rows, by the same backend */
} nf_ycc_row;

typedef struct nf_backend {
    const char *name; /* "plain", "sse2", ... */
    /* Each adds the grey levels of n_px pixels to counts[256]. */
    void (*count_grey)(const uint8_t *grey, size_t n_px, uint32_t counts[NF_GREY_LEVELS]);
    void (*count_rgb)(const uint8_t *rgb, size_t n_px, uint32_t counts[NF_GREY_LEVELS]);  /* R G B, R G B ... */
    void (*count_rgbx)(const uint8_t *rgbx, size_t n_px, uint32_t counts[NF_GREY_LEVELS]); /* R G B pad, ... */
    void (*count_planar)(const uint8_t *r, const uint8_t *g, const uint8_t *b, size_t n_px,
                         uint32_t counts[NF_GREY_LEVELS]);
    /* How far R, G or B can be from Y at most, for each of n_px pixels (ycc.h); n_px bytes up to the next multiple of
     * NF_YCC_STEP_PX are written, and as many read of chroma. */
    void (*reach_of_chroma)(const uint8_t *cb, const uint8_t *cr, nf_chroma chroma, size_t n_px, uint8_t *reach);
    /* The grey of n_px pixels: of R, G, B by libjpeg's rules, of chroma by its "fancy" upsampling. Writes up to the next
     * multiple of NF_YCC_STEP_PX. */
    void (*grey_of_ycc)(const nf_ycc_row *row, size_t n_px, uint8_t *grey);
} nf_backend;

extern const nf_backend nf_backend_plain;
/* The best one for this processor; chosen at the first call, the same ever after. Thread-safe. */
const nf_backend *nf_backend_cpu(void);
/* The i-th one this processor can run, slowest (plain) first; NULL beyond the last. For the parity tests. */
const nf_backend *nf_backend_cpu_nth(size_t i);

#endif
