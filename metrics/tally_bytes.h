/* nofade: counting the grey levels of a small image on x86-64: with eight counters of a byte for each level, 2 KiB in all, in
 * place of the tables of a large one, which take four times as long to clear and to add up. */
#ifndef NF_METRICS_TALLY_BYTES_H
#define NF_METRICS_TALLY_BYTES_H

#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics/backend.h"

enum { NF_TALLY_BYTES_PX_MAX = 8 * 255 };

/* Adds the levels of grey (n_px,), n_px <= NF_TALLY_BYTES_PX_MAX, to counts. An eighth of the pixels, 255 at most, goes to
 * each counter of a level; the eight lie together, so that one instruction adds them up. */
static inline void nf_tally_bytes(const uint8_t *grey, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    const __m128i zero = _mm_setzero_si128();
    _Alignas(16) uint8_t eights[NF_GREY_LEVELS][8];
    for (size_t level = 0; level < NF_GREY_LEVELS; level += 8)
        for (size_t two = 0; two < 8; two += 2) /* memset would become a slow "rep stos" */
            _mm_store_si128((__m128i *)eights[level + two], zero);
    size_t i = 0;
    for (; i + 8 <= n_px; i += 8) {
        eights[grey[i]][0]++;
        eights[grey[i + 1]][1]++;
        eights[grey[i + 2]][2]++;
        eights[grey[i + 3]][3]++;
        eights[grey[i + 4]][4]++;
        eights[grey[i + 5]][5]++;
        eights[grey[i + 6]][6]++;
        eights[grey[i + 7]][7]++;
    }
    for (; i < n_px; i++)
        counts[grey[i]]++;
    for (size_t level = 0; level < NF_GREY_LEVELS; level += 4) {
        __m128i low = _mm_sad_epu8(_mm_load_si128((const __m128i *)eights[level]), zero);
        __m128i high = _mm_sad_epu8(_mm_load_si128((const __m128i *)eights[level + 2]), zero);
        __m128i four = _mm_unpacklo_epi64(_mm_shuffle_epi32(low, 0x08), _mm_shuffle_epi32(high, 0x08));
        __m128i *into = (__m128i *)(counts + level);
        _mm_storeu_si128(into, _mm_add_epi32(_mm_loadu_si128(into), four));
    }
}

#endif
