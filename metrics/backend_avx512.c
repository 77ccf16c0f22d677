/* nofade: the counting kernels for x86-64 with AVX-512 (BW, VL). Only colour out of Y, Cb, Cr is work enough for it: all else is
 * as with AVX2, whose counting waits for memory. */
#include "metrics/backend_x86.h"

#if defined(__x86_64__)

#include "metrics/upsample_avx2.h"

#define AVX512 __attribute__((target("avx512bw,avx512vl")))

AVX512 static inline __m512i scaled_avx512(__m512i v, short factor)
{
    __m512i twice = _mm512_mulhi_epi16(_mm512_add_epi16(v, v), _mm512_set1_epi16(factor));
    return _mm512_srai_epi16(_mm512_add_epi16(twice, _mm512_set1_epi16(1)), 1);
}

AVX512 static inline __m512i green16_avx512(__m512i xz)
{
    __m512i sum = _mm512_madd_epi16(xz, _mm512_set1_epi32(GREEN_CB_CR));
    return _mm512_srai_epi32(_mm512_add_epi32(sum, _mm512_set1_epi32(LUMA_ROUND)), 16);
}

AVX512 static inline __m512i clamp_avx512(__m512i v)
{
    return _mm512_min_epi16(_mm512_max_epi16(v, _mm512_setzero_si512()), _mm512_set1_epi16(255));
}

/* g twice in each lane. */
AVX512 static inline __m512i luma16_avx512(__m512i rb, __m512i gg)
{
    __m512i sum = _mm512_add_epi32(_mm512_madd_epi16(rb, _mm512_set1_epi32(LUMA_RB)), _mm512_madd_epi16(gg, _mm512_set1_epi32(LUMA_GG)));
    return _mm512_srli_epi32(_mm512_add_epi32(sum, _mm512_set1_epi32(LUMA_ROUND)), 16);
}

AVX512 static inline __m512i widened_avx512(const uint8_t *samples)
{
    return _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)samples));
}

AVX512 static inline void step_exact_avx512(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *grey)
{
    const __m512i middle = _mm512_set1_epi16(128);
    __m512i ys = widened_avx512(y), x = _mm512_sub_epi16(widened_avx512(cb), middle);
    __m512i z = _mm512_sub_epi16(widened_avx512(cr), middle);
    __m512i r = clamp_avx512(_mm512_add_epi16(_mm512_add_epi16(ys, z), scaled_avx512(z, NF_RED_CR)));
    __m512i b = clamp_avx512(_mm512_add_epi16(_mm512_add_epi16(ys, _mm512_add_epi16(x, x)), scaled_avx512(x, NF_BLUE_CB)));
    __m512i green = _mm512_packs_epi32(green16_avx512(_mm512_unpacklo_epi16(x, z)), green16_avx512(_mm512_unpackhi_epi16(x, z)));
    __m512i g = clamp_avx512(_mm512_add_epi16(_mm512_sub_epi16(ys, z), green));
    __m512i low = luma16_avx512(_mm512_unpacklo_epi16(r, b), _mm512_unpacklo_epi16(g, g));
    __m512i high = luma16_avx512(_mm512_unpackhi_epi16(r, b), _mm512_unpackhi_epi16(g, g));
    _mm256_storeu_si256((__m256i *)grey, _mm512_cvtepi16_epi8(_mm512_packus_epi32(low, high)));
}

AVX512 static inline bool step_clear_avx512(const uint8_t *y, const uint8_t *near_reach, const uint8_t *far_reach, uint8_t *grey)
{
    __m256i ys = _mm256_loadu_si256((const __m256i *)y);
    __m256i reach = _mm256_max_epu8(_mm256_loadu_si256((const __m256i *)near_reach), _mm256_loadu_si256((const __m256i *)far_reach));
    __m256i room = _mm256_min_epu8(ys, _mm256_xor_si256(ys, _mm256_set1_epi8(-1)));
    _mm256_storeu_si256((__m256i *)grey, ys);
    return _mm256_cmpgt_epu8_mask(reach, room) == 0;
}

AVX512 static void reach_avx512(const uint8_t *cb, const uint8_t *cr, nf_chroma chroma, size_t n_px, uint8_t *reach)
{
    nf_reach_of_row(cb, cr, chroma, n_px, reach);
}

AVX512 static void grey_of_ycc_avx512(const nf_ycc_row *row, size_t n_px, uint8_t *grey)
{
    nf_grey_of_row(row, n_px, grey, step_clear_avx512, step_exact_avx512, nf_upsample_across_avx2, nf_upsample_both_avx2);
}

const nf_backend nf_backend_avx512 = {
    .name = "avx512",
    .count_grey = nf_count_grey_in_tables,
    .count_rgb = nf_count_rgb_avx2,
    .count_rgbx = nf_count_rgbx_avx2,
    .count_planar = nf_count_planar_avx2,
    .reach_of_chroma = reach_avx512,
    .grey_of_ycc = grey_of_ycc_avx512,
};

#endif
