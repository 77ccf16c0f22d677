/* nofade: the counting kernels for x86-64 with SSE2, which every x86-64 has. */
#include "metrics/backend_x86.h"

#if defined(__x86_64__)

#include <immintrin.h>

static inline __m128i luma4_sse2(__m128i rb, __m128i g)
{
    __m128i sum = _mm_madd_epi16(rb, _mm_set1_epi32(LUMA_RB));
    sum = _mm_add_epi32(sum, _mm_slli_epi32(_mm_madd_epi16(g, _mm_set1_epi32(LUMA_HALF_G)), 1));
    return _mm_srli_epi32(_mm_add_epi32(sum, _mm_set1_epi32(LUMA_ROUND)), 16);
}

/* g twice in each lane. */
static inline __m128i luma4_of_planes_sse2(__m128i rb, __m128i gg)
{
    __m128i sum = _mm_add_epi32(_mm_madd_epi16(rb, _mm_set1_epi32(LUMA_RB)), _mm_madd_epi16(gg, _mm_set1_epi32(LUMA_GG)));
    return _mm_srli_epi32(_mm_add_epi32(sum, _mm_set1_epi32(LUMA_ROUND)), 16);
}

static inline __m128i luma4_rgbx_sse2(const uint8_t *rgbx)
{
    __m128i px = _mm_loadu_si128((const __m128i *)rgbx);
    __m128i rb = _mm_and_si128(px, _mm_set1_epi32(0x00ff00ff));
    return luma4_sse2(rb, _mm_and_si128(_mm_srli_epi32(px, 8), _mm_set1_epi32(0xff)));
}

static inline void store16_sse2(uint8_t *grey, __m128i a, __m128i b, __m128i c, __m128i d)
{
    __m128i all = _mm_packus_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
    _mm_storeu_si128((__m128i *)grey, all);
}

static void luma_rgbx_sse2(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const uint8_t *p = from->r + 4 * first;
    size_t i = 0;
    for (; i + 16 <= n_px; i += 16, p += 64)
        store16_sse2(grey + i, luma4_rgbx_sse2(p), luma4_rgbx_sse2(p + 16), luma4_rgbx_sse2(p + 32), luma4_rgbx_sse2(p + 48));
    nf_luma_tail_rgbx(p, n_px - i, grey + i);
}

/* Without a byte shuffle there is nothing to win on R G B triples. */
static void luma_rgb_sse2(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    nf_luma_tail_rgb(from->r + 3 * first, n_px, grey);
}

static void luma_planar_sse2(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const __m128i zero = _mm_setzero_si128();
    size_t i = 0;
    for (; i + 16 <= n_px; i += 16) {
        __m128i r = _mm_loadu_si128((const __m128i *)(from->r + first + i));
        __m128i g = _mm_loadu_si128((const __m128i *)(from->g + first + i));
        __m128i b = _mm_loadu_si128((const __m128i *)(from->b + first + i));
        __m128i rb_low = _mm_unpacklo_epi8(r, b), rb_high = _mm_unpackhi_epi8(r, b);
        __m128i g_low = _mm_unpacklo_epi8(g, zero), g_high = _mm_unpackhi_epi8(g, zero);
        store16_sse2(grey + i, luma4_of_planes_sse2(_mm_unpacklo_epi8(rb_low, zero), _mm_unpacklo_epi16(g_low, g_low)),
                     luma4_of_planes_sse2(_mm_unpackhi_epi8(rb_low, zero), _mm_unpackhi_epi16(g_low, g_low)),
                     luma4_of_planes_sse2(_mm_unpacklo_epi8(rb_high, zero), _mm_unpacklo_epi16(g_high, g_high)),
                     luma4_of_planes_sse2(_mm_unpackhi_epi8(rb_high, zero), _mm_unpackhi_epi16(g_high, g_high)));
    }
    nf_luma_tail_planar(from, first + i, n_px - i, grey + i);
}

/* What Cb or Cr add to Y, twice as far as their products are taken: (2 v f >> 16) + 1 >> 1 is v f / 65536, rounded. */
static inline __m128i scaled_sse2(__m128i v, short factor)
{
    __m128i twice = _mm_mulhi_epi16(_mm_add_epi16(v, v), _mm_set1_epi16(factor));
    return _mm_srai_epi16(_mm_add_epi16(twice, _mm_set1_epi16(1)), 1);
}

/* (NF_GREEN_CB x + NF_GREEN_CR z + 32768) >> 16, to which -z is still to be added. */
static inline __m128i green4_sse2(__m128i xz)
{
    __m128i sum = _mm_madd_epi16(xz, _mm_set1_epi32(GREEN_CB_CR));
    return _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(LUMA_ROUND)), 16);
}

static inline __m128i clamp_sse2(__m128i v)
{
    return _mm_min_epi16(_mm_max_epi16(v, _mm_setzero_si128()), _mm_set1_epi16(255));
}

/* Two times four greys of eight pixels, 16 bits a sample. */
static inline void luma8_ycc_sse2(__m128i y, __m128i cb, __m128i cr, __m128i *low, __m128i *high)
{
    const __m128i middle = _mm_set1_epi16(128);
    __m128i x = _mm_sub_epi16(cb, middle), z = _mm_sub_epi16(cr, middle);
    __m128i r = clamp_sse2(_mm_add_epi16(_mm_add_epi16(y, z), scaled_sse2(z, NF_RED_CR)));
    __m128i b = clamp_sse2(_mm_add_epi16(_mm_add_epi16(y, _mm_add_epi16(x, x)), scaled_sse2(x, NF_BLUE_CB)));
    __m128i green = _mm_packs_epi32(green4_sse2(_mm_unpacklo_epi16(x, z)), green4_sse2(_mm_unpackhi_epi16(x, z)));
    __m128i g = clamp_sse2(_mm_add_epi16(_mm_sub_epi16(y, z), green));
    *low = luma4_of_planes_sse2(_mm_unpacklo_epi16(r, b), _mm_unpacklo_epi16(g, g));
    *high = luma4_of_planes_sse2(_mm_unpackhi_epi16(r, b), _mm_unpackhi_epi16(g, g));
}

static inline void step_exact_sse2(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *grey)
{
    const __m128i zero = _mm_setzero_si128();
    for (size_t i = 0; i < NF_YCC_STEP_PX; i += 16) {
        __m128i ys = _mm_loadu_si128((const __m128i *)(y + i)), a, b, c, d;
        __m128i cbs = _mm_loadu_si128((const __m128i *)(cb + i)), crs = _mm_loadu_si128((const __m128i *)(cr + i));
        luma8_ycc_sse2(_mm_unpacklo_epi8(ys, zero), _mm_unpacklo_epi8(cbs, zero), _mm_unpacklo_epi8(crs, zero), &a, &b);
        luma8_ycc_sse2(_mm_unpackhi_epi8(ys, zero), _mm_unpackhi_epi8(cbs, zero), _mm_unpackhi_epi8(crs, zero), &c, &d);
        store16_sse2(grey + i, a, b, c, d);
    }
}

/* Where reach is beyond Y or 255 - Y, a bit of a byte is left. */
static inline __m128i beyond_sse2(const uint8_t *y, const uint8_t *near_reach, const uint8_t *far_reach, uint8_t *grey)
{
    __m128i ys = _mm_loadu_si128((const __m128i *)y);
    __m128i reach = _mm_max_epu8(_mm_loadu_si128((const __m128i *)near_reach), _mm_loadu_si128((const __m128i *)far_reach));
    _mm_storeu_si128((__m128i *)grey, ys);
    return _mm_subs_epu8(reach, _mm_min_epu8(ys, _mm_xor_si128(ys, _mm_set1_epi8(-1))));
}

static inline bool step_clear_sse2(const uint8_t *y, const uint8_t *near_reach, const uint8_t *far_reach, uint8_t *grey)
{
    __m128i beyond = _mm_or_si128(beyond_sse2(y, near_reach, far_reach, grey),
                                  beyond_sse2(y + 16, near_reach + 16, far_reach + 16, grey + 16));
    return _mm_movemask_epi8(_mm_cmpeq_epi8(beyond, _mm_setzero_si128())) == 0xffff;
}

static void reach_sse2(const uint8_t *cb, const uint8_t *cr, nf_chroma chroma, size_t n_px, uint8_t *reach)
{
    nf_reach_of_row(cb, cr, chroma, n_px, reach);
}

static void grey_of_ycc_sse2(const nf_ycc_row *row, size_t n_px, uint8_t *grey)
{
    nf_grey_of_row(row, n_px, grey, step_clear_sse2, step_exact_sse2, nf_upsample_across, nf_upsample_both);
}
static void count_rgb_sse2(const uint8_t *rgb, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    nf_count_luma_in_tables(&(nf_pixels){.r = rgb}, n_px, luma_rgb_sse2, counts);
}

static void count_rgbx_sse2(const uint8_t *rgbx, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    nf_count_luma_in_tables(&(nf_pixels){.r = rgbx}, n_px, luma_rgbx_sse2, counts);
}

static void count_planar_sse2(const uint8_t *r, const uint8_t *g, const uint8_t *b, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    nf_count_luma_in_tables(&(nf_pixels){r, g, b}, n_px, luma_planar_sse2, counts);
}

const nf_backend nf_backend_sse2 = {
    .name = "sse2",
    .count_grey = nf_count_grey_in_tables,
    .count_rgb = count_rgb_sse2,
    .count_rgbx = count_rgbx_sse2,
    .count_planar = count_planar_sse2,
    .reach_of_chroma = reach_sse2,
    .grey_of_ycc = grey_of_ycc_sse2,
};

#endif
