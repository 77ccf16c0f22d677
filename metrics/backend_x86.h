/* nofade: constants of the backends for x86-64. Private to metrics/backend_*.c. */
#ifndef NF_METRICS_BACKEND_X86_H
#define NF_METRICS_BACKEND_X86_H

#include "metrics/backend_tables.h"
#include "metrics/ycc.h"

extern const nf_backend nf_backend_sse2, nf_backend_avx2, nf_backend_avx512;

/* Slots of nf_backend_avx2. */
void nf_count_rgb_avx2(const uint8_t *rgb, size_t n_px, uint32_t counts[NF_GREY_LEVELS]);
void nf_count_rgbx_avx2(const uint8_t *rgbx, size_t n_px, uint32_t counts[NF_GREY_LEVELS]);
void nf_count_planar_avx2(const uint8_t *r, const uint8_t *g, const uint8_t *b, size_t n_px, uint32_t counts[NF_GREY_LEVELS]);

/* 19595 R + 7471 B is one multiply-add of 16-bit pairs. 38470 is too large for a signed 16-bit factor, so G is
 * multiplied by half of it and doubled; the sum below 2^24 is exact. */
enum { LUMA_RB = 7471 << 16 | 19595, LUMA_HALF_G = 38470 / 2, LUMA_GG = 38470 / 2 * 65537, LUMA_ROUND = 1 << 15 };

/* NF_GREEN_CB x + NF_GREEN_CR z is one of x and z side by side. */
enum { GREEN_CB_CR = NF_GREEN_CR * 65536 + (NF_GREEN_CB & 0xffff) };

#endif
