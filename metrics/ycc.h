/* nofade: from the Y, Cb, Cr of a JPEG to grey, bit for bit as by way of libjpeg's R, G, B. For the backends alone.
 *
 * libjpeg's rule, with x = Cb - 128, z = Cr - 128 and >> rounding down:
 *     R = clamp(Y + r),  r = (91881 z + 32768) >> 16
 *     G = clamp(Y + g),  g = (-22554 x - 46802 z + 32768) >> 16
 *     B = clamp(Y + b),  b = (116130 x + 32768) >> 16
 * The weights of grey add up to 65536, so where nothing is clamped
 *     L = (19595 R + 38470 G + 7471 B + 32768) >> 16 = Y + ((19595 r + 38470 g + 7471 b + 32768) >> 16) = Y,
 * because -32768 <= 19595 r + 38470 g + 7471 b < 32768 for each of the 65536 pairs of Cb and Cr: of what the colours add to
 * Y and take from it, only the errors of rounding are left. So the grey of nearly all pixels is their Y, and neither
 * their colour nor their upsampled chroma is worked out: it is enough to know that no clamping is possible there. With
 *     reach = max(2 |x|, ceil(1.5 |z|))     at least |r|, |g| and |b|
 * that is so where reach <= Y <= 255 - reach. Upsampling weighs neighbours, so the greatest reach of these is enough.
 */
#ifndef NF_METRICS_YCC_H
#define NF_METRICS_YCC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "metrics/backend.h"

/* Expanded in functions for one instruction set, and translated for it. */
#define NF_YCC_INLINE static inline __attribute__((always_inline))

/* The factors less what is whole, so that they fit in 16 bits with a sign: 91881 = 65536 + 26345, 116130 = 2 * 65536 - 14942,
 * -46802 = -65536 + 18734. */
enum { NF_RED_CR = 26345, NF_BLUE_CB = -14942, NF_GREEN_CB = -22554, NF_GREEN_CR = 18734 };

NF_YCC_INLINE uint32_t nf_clamp_byte(int32_t value)
{
    return value < 0 ? 0 : value > 255 ? 255 : (uint32_t)value;
}

NF_YCC_INLINE uint8_t nf_luma_of_ycc(uint8_t y, uint8_t cb, uint8_t cr)
{
    int32_t x = cb - 128, z = cr - 128;
    return nf_luma_bt601(nf_clamp_byte(y + ((91881 * z + 32768) >> 16)),
                         nf_clamp_byte(y + ((-22554 * x - 46802 * z + 32768) >> 16)),
                         nf_clamp_byte(y + ((116130 * x + 32768) >> 16)));
}

/* Half of NF_YCC_STEP_PX samples of chroma to twice as many. */
typedef void nf_step_upsample(const uint8_t *near, const uint8_t *far, uint8_t *out);

/* The chroma of pixels 2 i and 2 i + 1: three parts of the sample there, one of its neighbour to that side. */
NF_YCC_INLINE void nf_upsample_across(const uint8_t *near, const uint8_t *far, uint8_t *out)
{
    (void)far;
    for (size_t i = 0; i < NF_YCC_STEP_PX / 2; i++, near++) {
        out[2 * i] = (uint8_t)((3 * near[0] + near[-1] + 1) >> 2);
        out[2 * i + 1] = (uint8_t)((3 * near[0] + near[1] + 2) >> 2);
    }
}

/* The same in both directions. */
NF_YCC_INLINE void nf_upsample_both(const uint8_t *near, const uint8_t *far, uint8_t *out)
{
    for (size_t i = 0; i < NF_YCC_STEP_PX / 2; i++, near++, far++) {
        int here = 3 * (3 * near[0] + far[0]);
        out[2 * i] = (uint8_t)((here + 3 * near[-1] + far[-1] + 8) >> 4);
        out[2 * i + 1] = (uint8_t)((here + 3 * near[1] + far[1] + 7) >> 4);
    }
}

/* The chroma of pixels first .. first + NF_YCC_STEP_PX - 1, in room where it is not there as it is. */
NF_YCC_INLINE const uint8_t *nf_chroma_step(const uint8_t *const rows[2], nf_chroma chroma, size_t first, uint8_t *room,
                                            nf_step_upsample *across, nf_step_upsample *both)
{
    if (chroma == NF_CHROMA_FULL)
        return rows[0] + first;
    if (chroma == NF_CHROMA_HALF_BOTH)
        both(rows[0] + first / 2, rows[1] + first / 2, room);
    else
        across(rows[0] + first / 2, rows[1] + first / 2, room);
    return room;
}

NF_YCC_INLINE uint8_t nf_max_byte(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

NF_YCC_INLINE uint8_t nf_min_byte(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

NF_YCC_INLINE uint8_t nf_from_middle(uint8_t sample)
{
    return (uint8_t)(nf_max_byte(sample, 128) - nf_min_byte(sample, 128));
}

NF_YCC_INLINE uint8_t nf_from_middle_of_3(const uint8_t *sample)
{
    return nf_max_byte(nf_from_middle(sample[0]), nf_max_byte(nf_from_middle(sample[-1]), nf_from_middle(sample[1])));
}

/* x = 128 would not fit in a byte when doubled. With 254 no Y passes either. */
NF_YCC_INLINE uint8_t nf_reach(uint8_t x, uint8_t z)
{
    uint8_t x_127 = nf_min_byte(x, 127);
    return nf_max_byte((uint8_t)(x_127 + x_127), (uint8_t)(z + ((z + 1) >> 1)));
}

NF_YCC_INLINE void nf_reach_of_full(const uint8_t *cb, const uint8_t *cr, size_t n_px, uint8_t *reach)
{
    for (size_t at = 0; at < n_px; at += NF_YCC_STEP_PX) {
        uint8_t step[NF_YCC_STEP_PX];
        for (size_t i = 0; i < NF_YCC_STEP_PX; i++)
            step[i] = nf_reach(nf_from_middle(cb[at + i]), nf_from_middle(cr[at + i]));
        memcpy(reach + at, step, sizeof step);
    }
}

NF_YCC_INLINE void nf_reach_of_half(const uint8_t *cb, const uint8_t *cr, size_t n_px, uint8_t *reach)
{
    for (size_t at = 0; at < n_px; at += NF_YCC_STEP_PX, cb += NF_YCC_STEP_PX / 2, cr += NF_YCC_STEP_PX / 2) {
        uint8_t half[NF_YCC_STEP_PX / 2];
        for (size_t i = 0; i < sizeof half; i++)
            half[i] = nf_reach(nf_from_middle_of_3(cb + i), nf_from_middle_of_3(cr + i));
        for (size_t i = 0; i < sizeof half; i++)
            reach[at + 2 * i] = reach[at + 2 * i + 1] = half[i];
    }
}

NF_YCC_INLINE void nf_reach_of_row(const uint8_t *cb, const uint8_t *cr, nf_chroma chroma, size_t n_px, uint8_t *reach)
{
    if (chroma == NF_CHROMA_FULL)
        nf_reach_of_full(cb, cr, n_px, reach);
    else
        nf_reach_of_half(cb, cr, n_px, reach);
}

/* Copies Y as grey. False: a pixel may be clamped. */
typedef bool nf_step_clear(const uint8_t *y, const uint8_t *near_reach, const uint8_t *far_reach, uint8_t *grey);
typedef void nf_step_exact(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *grey);

NF_YCC_INLINE void nf_grey_of_row(const nf_ycc_row *row, size_t n_px, uint8_t *grey, nf_step_clear *clear, nf_step_exact *exact,
                                  nf_step_upsample *across, nf_step_upsample *both)
{
    uint8_t cb[NF_YCC_STEP_PX], cr[NF_YCC_STEP_PX];
    for (size_t i = 0; i < n_px; i += NF_YCC_STEP_PX)
        if (!clear(row->y + i, row->reach[0] + i, row->reach[1] + i, grey + i))
            exact(row->y + i, nf_chroma_step(row->cb, row->chroma, i, cb, across, both),
                  nf_chroma_step(row->cr, row->chroma, i, cr, across, both), grey + i);
}

#endif
