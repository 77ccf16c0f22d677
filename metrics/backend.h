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

typedef struct nf_backend {
    const char *name; /* "plain", "sse2", ... */
    /* Each adds the grey levels of n_px pixels to counts[256]. */
    void (*count_grey)(const uint8_t *grey, size_t n_px, uint32_t counts[NF_GREY_LEVELS]);
    void (*count_rgb)(const uint8_t *rgb, size_t n_px, uint32_t counts[NF_GREY_LEVELS]);  /* R G B, R G B ... */
    void (*count_rgbx)(const uint8_t *rgbx, size_t n_px, uint32_t counts[NF_GREY_LEVELS]); /* R G B pad, ... */
    void (*count_planar)(const uint8_t *r, const uint8_t *g, const uint8_t *b, size_t n_px,
                         uint32_t counts[NF_GREY_LEVELS]);
} nf_backend;

extern const nf_backend nf_backend_plain;
/* The best one for this processor; chosen at the first call, the same ever after. Thread-safe. */
const nf_backend *nf_backend_cpu(void);
/* The i-th one this processor can run, slowest (plain) first; NULL beyond the last. For the parity tests. */
const nf_backend *nf_backend_cpu_nth(size_t i);

#endif
