/* nofade: the counting kernels for aarch64, all of which have NEON. */
#include "metrics/backend_tables.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#include "metrics/ycc.h"

static inline uint16x4_t luma4(uint16x4_t r, uint16x4_t g, uint16x4_t b)
{
    return vrshrn_n_u32(vmlal_n_u16(vmlal_n_u16(vmull_n_u16(r, 19595), g, 38470), b, 7471), 16);
}

static inline uint8x8_t luma8(uint16x8_t r, uint16x8_t g, uint16x8_t b)
{
    return vmovn_u16(vcombine_u16(luma4(vget_low_u16(r), vget_low_u16(g), vget_low_u16(b)),
                                  luma4(vget_high_u16(r), vget_high_u16(g), vget_high_u16(b))));
}

static inline uint8x16_t luma16(uint8x16_t r, uint8x16_t g, uint8x16_t b)
{
    return vcombine_u8(luma8(vmovl_u8(vget_low_u8(r)), vmovl_u8(vget_low_u8(g)), vmovl_u8(vget_low_u8(b))),
                       luma8(vmovl_u8(vget_high_u8(r)), vmovl_u8(vget_high_u8(g)), vmovl_u8(vget_high_u8(b))));
}

static void luma_rgb(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const uint8_t *p = from->r + 3 * first;
    size_t i = 0;
    for (; i + 16 <= n_px; i += 16, p += 48) {
        uint8x16x3_t px = vld3q_u8(p);
        vst1q_u8(grey + i, luma16(px.val[0], px.val[1], px.val[2]));
    }
    nf_luma_tail_rgb(p, n_px - i, grey + i);
}

static void luma_rgbx(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const uint8_t *p = from->r + 4 * first;
    size_t i = 0;
    for (; i + 16 <= n_px; i += 16, p += 64) {
        uint8x16x4_t px = vld4q_u8(p);
        vst1q_u8(grey + i, luma16(px.val[0], px.val[1], px.val[2]));
    }
    nf_luma_tail_rgbx(p, n_px - i, grey + i);
}

static void luma_planar(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const uint8_t *r = from->r + first, *g = from->g + first, *b = from->b + first;
    size_t i = 0;
    for (; i + 16 <= n_px; i += 16)
        vst1q_u8(grey + i, luma16(vld1q_u8(r + i), vld1q_u8(g + i), vld1q_u8(b + i)));
    nf_luma_tail_planar(from, first + i, n_px - i, grey + i);
}

/* --- Y, Cb, Cr --- */

/* (v f + 32768) >> 16 */
static inline int16x8_t scaled(int16x8_t v, int16_t factor)
{
    return vcombine_s16(vrshrn_n_s32(vmull_n_s16(vget_low_s16(v), factor), 16),
                        vrshrn_n_s32(vmull_n_s16(vget_high_s16(v), factor), 16));
}

static inline int16x4_t green4(int16x4_t x, int16x4_t z)
{
    return vrshrn_n_s32(vmlal_n_s16(vmull_n_s16(x, NF_GREEN_CB), z, NF_GREEN_CR), 16);
}

static inline uint16x8_t clamp(int16x8_t v)
{
    return vmovl_u8(vqmovun_s16(v));
}

static inline uint8x8_t luma8_of_ycc(uint8x8_t luma, uint8x8_t cb, uint8x8_t cr)
{
    const uint8x8_t middle = vdup_n_u8(128);
    int16x8_t y = vreinterpretq_s16_u16(vmovl_u8(luma));
    int16x8_t x = vreinterpretq_s16_u16(vsubl_u8(cb, middle)), z = vreinterpretq_s16_u16(vsubl_u8(cr, middle));
    int16x8_t r = vaddq_s16(vaddq_s16(y, z), scaled(z, NF_RED_CR));
    int16x8_t b = vaddq_s16(vaddq_s16(y, vaddq_s16(x, x)), scaled(x, NF_BLUE_CB));
    int16x8_t green = vcombine_s16(green4(vget_low_s16(x), vget_low_s16(z)), green4(vget_high_s16(x), vget_high_s16(z)));
    int16x8_t g = vaddq_s16(vsubq_s16(y, z), green);
    return luma8(clamp(r), clamp(g), clamp(b));
}

static inline void step_exact(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *grey)
{
    for (size_t i = 0; i < NF_YCC_STEP_PX; i += 8)
        vst1_u8(grey + i, luma8_of_ycc(vld1_u8(y + i), vld1_u8(cb + i), vld1_u8(cr + i)));
}

/* Where reach is beyond Y or 255 - Y, a bit of a byte is left. */
static inline uint8x16_t beyond(const uint8_t *y, const uint8_t *near_reach, const uint8_t *far_reach, uint8_t *grey)
{
    uint8x16_t ys = vld1q_u8(y), reach = vmaxq_u8(vld1q_u8(near_reach), vld1q_u8(far_reach));
    vst1q_u8(grey, ys);
    return vqsubq_u8(reach, vminq_u8(ys, vmvnq_u8(ys)));
}

static inline bool step_clear(const uint8_t *y, const uint8_t *near_reach, const uint8_t *far_reach, uint8_t *grey)
{
    return vmaxvq_u8(vorrq_u8(beyond(y, near_reach, far_reach, grey),
                              beyond(y + 16, near_reach + 16, far_reach + 16, grey + 16))) == 0;
}

/* --- the slots --- */

static void count_rgb(const uint8_t *rgb, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    nf_count_luma_in_tables(&(nf_pixels){.r = rgb}, n_px, luma_rgb, counts);
}

static void count_rgbx(const uint8_t *rgbx, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    nf_count_luma_in_tables(&(nf_pixels){.r = rgbx}, n_px, luma_rgbx, counts);
}

static void count_planar(const uint8_t *r, const uint8_t *g, const uint8_t *b, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    nf_count_luma_in_tables(&(nf_pixels){r, g, b}, n_px, luma_planar, counts);
}

static void reach_of_chroma(const uint8_t *cb, const uint8_t *cr, nf_chroma chroma, size_t n_px, uint8_t *reach)
{
    nf_reach_of_row(cb, cr, chroma, n_px, reach);
}

static void grey_of_ycc(const nf_ycc_row *row, size_t n_px, uint8_t *grey)
{
    nf_grey_of_row(row, n_px, grey, step_clear, step_exact, nf_upsample_across, nf_upsample_both);
}

const nf_backend nf_backend_neon = {
    .name = "neon",
    .count_grey = nf_count_grey_in_tables,
    .count_rgb = count_rgb,
    .count_rgbx = count_rgbx,
    .count_planar = count_planar,
    .reach_of_chroma = reach_of_chroma,
    .grey_of_ycc = grey_of_ycc,
};

#endif
