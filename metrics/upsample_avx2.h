/* nofade: chroma to full size with AVX2, for the backends of that width and more. */
#ifndef NF_METRICS_UPSAMPLE_AVX2_H
#define NF_METRICS_UPSAMPLE_AVX2_H

#include <immintrin.h>

#include "metrics/ycc.h"

#define AVX2_INLINE __attribute__((target("avx2"))) static inline

AVX2_INLINE __m256i nf_widened_avx2(const uint8_t *samples)
{
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)samples));
}

AVX2_INLINE __m256i nf_thrice_avx2(__m256i v)
{
    return _mm256_add_epi16(_mm256_add_epi16(v, v), v);
}

/* Even and odd pixels of 16 bits that hold a byte each. */
AVX2_INLINE void nf_store_pairs_avx2(uint8_t *out, __m256i even, __m256i odd)
{
    _mm256_storeu_si256((__m256i *)out, _mm256_or_si256(even, _mm256_slli_epi16(odd, 8)));
}

AVX2_INLINE void nf_upsample_across_avx2(const uint8_t *near, const uint8_t *far, uint8_t *out)
{
    __m256i here = nf_thrice_avx2(nf_widened_avx2(near));
    __m256i even = _mm256_add_epi16(_mm256_add_epi16(here, nf_widened_avx2(near - 1)), _mm256_set1_epi16(1));
    __m256i odd = _mm256_add_epi16(_mm256_add_epi16(here, nf_widened_avx2(near + 1)), _mm256_set1_epi16(2));
    (void)far;
    nf_store_pairs_avx2(out, _mm256_srli_epi16(even, 2), _mm256_srli_epi16(odd, 2));
}

AVX2_INLINE __m256i nf_column_avx2(const uint8_t *near, const uint8_t *far)
{
    return _mm256_add_epi16(nf_thrice_avx2(nf_widened_avx2(near)), nf_widened_avx2(far));
}

AVX2_INLINE void nf_upsample_both_avx2(const uint8_t *near, const uint8_t *far, uint8_t *out)
{
    __m256i here = nf_thrice_avx2(nf_column_avx2(near, far));
    __m256i even = _mm256_add_epi16(_mm256_add_epi16(here, nf_column_avx2(near - 1, far - 1)), _mm256_set1_epi16(8));
    __m256i odd = _mm256_add_epi16(_mm256_add_epi16(here, nf_column_avx2(near + 1, far + 1)), _mm256_set1_epi16(7));
    nf_store_pairs_avx2(out, _mm256_srli_epi16(even, 4), _mm256_srli_epi16(odd, 4));
}

#endif
