/* nofade: the counting kernels for x86-64 with AVX2: SSE2 on twice the width, and a byte shuffle. */
#include "metrics/backend_x86.h"

#if defined(__x86_64__)

#include "metrics/upsample_avx2.h"

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i luma8_avx2(__m256i rb, __m256i g)
{
    __m256i sum = _mm256_madd_epi16(rb, _mm256_set1_epi32(LUMA_RB));
    sum = _mm256_add_epi32(sum, _mm256_slli_epi32(_mm256_madd_epi16(g, _mm256_set1_epi32(LUMA_HALF_G)), 1));
    return _mm256_srli_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(LUMA_ROUND)), 16);
}

/* g twice in each lane. */
AVX2 static inline __m256i luma8_of_planes_avx2(__m256i rb, __m256i gg)
{
    __m256i sum = _mm256_add_epi32(_mm256_madd_epi16(rb, _mm256_set1_epi32(LUMA_RB)), _mm256_madd_epi16(gg, _mm256_set1_epi32(LUMA_GG)));
    return _mm256_srli_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(LUMA_ROUND)), 16);
}

AVX2 static inline __m256i luma8_of_rgbx_avx2(__m256i px)
{
    __m256i rb = _mm256_and_si256(px, _mm256_set1_epi32(0x00ff00ff));
    return luma8_avx2(rb, _mm256_and_si256(_mm256_srli_epi32(px, 8), _mm256_set1_epi32(0xff)));
}

AVX2 static inline __m256i luma8_rgbx_avx2(const uint8_t *rgbx)
{
    return luma8_of_rgbx_avx2(_mm256_loadu_si256((const __m256i *)rgbx));
}

/* Reads exactly 24 bytes: the second half from byte 8, so that its pixels begin at its byte 4. */
AVX2 static inline __m256i luma8_rgb_avx2(const uint8_t *rgb)
{
    const __m256i spread = _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 4, 5, 6, -1, 7, 8, 9, -1, 10,
                                            11, 12, -1, 13, 14, 15, -1);
    __m128i low = _mm_loadu_si128((const __m128i *)rgb), high = _mm_loadu_si128((const __m128i *)(rgb + 8));
    return luma8_of_rgbx_avx2(_mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1), spread));
}

AVX2 static inline void store32_avx2(uint8_t *grey, __m256i a, __m256i b, __m256i c, __m256i d)
{
    __m256i all = _mm256_packus_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    _mm256_storeu_si256((__m256i *)grey, all);
}

AVX2 static void luma_rgbx_avx2(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const uint8_t *p = from->r + 4 * first;
    size_t i = 0;
    for (; i + 32 <= n_px; i += 32, p += 128)
        store32_avx2(grey + i, luma8_rgbx_avx2(p), luma8_rgbx_avx2(p + 32), luma8_rgbx_avx2(p + 64), luma8_rgbx_avx2(p + 96));
    nf_luma_tail_rgbx(p, n_px - i, grey + i);
}

AVX2 static void luma_rgb_avx2(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const uint8_t *p = from->r + 3 * first;
    size_t i = 0;
    for (; i + 32 <= n_px; i += 32, p += 96)
        store32_avx2(grey + i, luma8_rgb_avx2(p), luma8_rgb_avx2(p + 24), luma8_rgb_avx2(p + 48), luma8_rgb_avx2(p + 72));
    nf_luma_tail_rgb(p, n_px - i, grey + i);
}

AVX2 static void luma_planar_avx2(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const __m256i zero = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 32 <= n_px; i += 32) {
        __m256i r = _mm256_loadu_si256((const __m256i *)(from->r + first + i));
        __m256i g = _mm256_loadu_si256((const __m256i *)(from->g + first + i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(from->b + first + i));
        __m256i rb_low = _mm256_unpacklo_epi8(r, b), rb_high = _mm256_unpackhi_epi8(r, b);
        __m256i g_low = _mm256_unpacklo_epi8(g, zero), g_high = _mm256_unpackhi_epi8(g, zero);
        store32_avx2(grey + i, luma8_of_planes_avx2(_mm256_unpacklo_epi8(rb_low, zero), _mm256_unpacklo_epi16(g_low, g_low)),
                     luma8_of_planes_avx2(_mm256_unpackhi_epi8(rb_low, zero), _mm256_unpackhi_epi16(g_low, g_low)),
                     luma8_of_planes_avx2(_mm256_unpacklo_epi8(rb_high, zero), _mm256_unpacklo_epi16(g_high, g_high)),
                     luma8_of_planes_avx2(_mm256_unpackhi_epi8(rb_high, zero), _mm256_unpackhi_epi16(g_high, g_high)));
    }
    nf_luma_tail_planar(from, first + i, n_px - i, grey + i);
}

AVX2 static inline __m256i scaled_avx2(__m256i v, short factor)
{
    __m256i twice = _mm256_mulhi_epi16(_mm256_add_epi16(v, v), _mm256_set1_epi16(factor));
    return _mm256_srai_epi16(_mm256_add_epi16(twice, _mm256_set1_epi16(1)), 1);
}

AVX2 static inline __m256i green8_avx2(__m256i xz)
{
    __m256i sum = _mm256_madd_epi16(xz, _mm256_set1_epi32(GREEN_CB_CR));
    return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(LUMA_ROUND)), 16);
}

AVX2 static inline __m256i clamp_avx2(__m256i v)
{
    return _mm256_min_epi16(_mm256_max_epi16(v, _mm256_setzero_si256()), _mm256_set1_epi16(255));
}

/* Two times eight greys of sixteen pixels, 16 bits a sample. */
AVX2 static inline void luma16_ycc_avx2(__m256i y, __m256i cb, __m256i cr, __m256i *low, __m256i *high)
{
    const __m256i middle = _mm256_set1_epi16(128);
    __m256i x = _mm256_sub_epi16(cb, middle), z = _mm256_sub_epi16(cr, middle);
    __m256i r = clamp_avx2(_mm256_add_epi16(_mm256_add_epi16(y, z), scaled_avx2(z, NF_RED_CR)));
    __m256i b = clamp_avx2(_mm256_add_epi16(_mm256_add_epi16(y, _mm256_add_epi16(x, x)), scaled_avx2(x, NF_BLUE_CB)));
    __m256i green = _mm256_packs_epi32(green8_avx2(_mm256_unpacklo_epi16(x, z)), green8_avx2(_mm256_unpackhi_epi16(x, z)));
    __m256i g = clamp_avx2(_mm256_add_epi16(_mm256_sub_epi16(y, z), green));
    *low = luma8_of_planes_avx2(_mm256_unpacklo_epi16(r, b), _mm256_unpacklo_epi16(g, g));
    *high = luma8_of_planes_avx2(_mm256_unpackhi_epi16(r, b), _mm256_unpackhi_epi16(g, g));
}

AVX2 static inline void step_exact_avx2(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *grey)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i ys = _mm256_loadu_si256((const __m256i *)y), a, b, c, d;
    __m256i cbs = _mm256_loadu_si256((const __m256i *)cb), crs = _mm256_loadu_si256((const __m256i *)cr);
    luma16_ycc_avx2(_mm256_unpacklo_epi8(ys, zero), _mm256_unpacklo_epi8(cbs, zero), _mm256_unpacklo_epi8(crs, zero), &a, &b);
    luma16_ycc_avx2(_mm256_unpackhi_epi8(ys, zero), _mm256_unpackhi_epi8(cbs, zero), _mm256_unpackhi_epi8(crs, zero), &c, &d);
    store32_avx2(grey, a, b, c, d);
}

AVX2 static inline bool step_clear_avx2(const uint8_t *y, const uint8_t *near_reach, const uint8_t *far_reach, uint8_t *grey)
{
    __m256i ys = _mm256_loadu_si256((const __m256i *)y);
    __m256i reach = _mm256_max_epu8(_mm256_loadu_si256((const __m256i *)near_reach), _mm256_loadu_si256((const __m256i *)far_reach));
    __m256i beyond = _mm256_subs_epu8(reach, _mm256_min_epu8(ys, _mm256_xor_si256(ys, _mm256_set1_epi8(-1))));
    _mm256_storeu_si256((__m256i *)grey, ys);
    return _mm256_testz_si256(beyond, beyond) != 0;
}

AVX2 static void reach_avx2(const uint8_t *cb, const uint8_t *cr, nf_chroma chroma, size_t n_px, uint8_t *reach)
{
    nf_reach_of_row(cb, cr, chroma, n_px, reach);
}

AVX2 static void grey_of_ycc_avx2(const nf_ycc_row *row, size_t n_px, uint8_t *grey)
{
    nf_grey_of_row(row, n_px, grey, step_clear_avx2, step_exact_avx2, nf_upsample_across_avx2, nf_upsample_both_avx2);
}

void nf_count_rgb_avx2(const uint8_t *rgb, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    nf_count_luma_in_tables(&(nf_pixels){.r = rgb}, n_px, luma_rgb_avx2, counts);
}

void nf_count_rgbx_avx2(const uint8_t *rgbx, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    nf_count_luma_in_tables(&(nf_pixels){.r = rgbx}, n_px, luma_rgbx_avx2, counts);
}

void nf_count_planar_avx2(const uint8_t *r, const uint8_t *g, const uint8_t *b, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    nf_count_luma_in_tables(&(nf_pixels){r, g, b}, n_px, luma_planar_avx2, counts);
}

const nf_backend nf_backend_avx2 = {
    .name = "avx2",
    .count_grey = nf_count_grey_in_tables,
    .count_rgb = nf_count_rgb_avx2,
    .count_rgbx = nf_count_rgbx_avx2,
    .count_planar = nf_count_planar_avx2,
    .reach_of_chroma = reach_avx2,
    .grey_of_ycc = grey_of_ycc_avx2,
};

#endif
