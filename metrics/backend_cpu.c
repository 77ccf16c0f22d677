/* nofade: the counting kernels for x86-64, and the choice among the backends of this processor.
 *
 * Two steps, a block at a time: pixels to grey bytes (vectors), grey bytes to counts (scalar). Counting is bound by the
 * store-to-load delay of counters that follow each other closely, above all in flat images, so neighbouring pixels go to
 * different tables: counts itself and SIDE_TABLES more, added at the end.
 */
#include "metrics/backend.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "metrics/tally_bytes.h"

enum {
    BLOCK_PX = 2048, /* grey bytes between the two steps: stays in the first-level cache */
    SMALL_PX = 256,  /* below it, clearing and adding the side tables costs more than they save */
    SIDE_TABLES = 7
};

/* Interleaved layouts use r alone. */
typedef struct pixels {
    const uint8_t *r, *g, *b;
} pixels;

/* Writes the grey of pixels first .. first + n_px - 1, in any order: a histogram does not see it. */
typedef void luma_function(const pixels *from, size_t first, size_t n_px, uint8_t *grey);

static void tally_small(const uint8_t *grey, size_t n_px, uint32_t *counts)
{
    for (size_t i = 0; i < n_px; i++)
        counts[grey[i]]++;
}

static void tally(const uint8_t *grey, size_t n_px, uint32_t *counts, uint32_t side[SIDE_TABLES][NF_GREY_LEVELS])
{
    size_t i = 0;
    for (; i + 8 <= n_px; i += 8) {
        uint64_t eight;
        memcpy(&eight, grey + i, sizeof eight);
        counts[eight & 255]++;
        side[0][eight >> 8 & 255]++;
        side[1][eight >> 16 & 255]++;
        side[2][eight >> 24 & 255]++;
        side[3][eight >> 32 & 255]++;
        side[4][eight >> 40 & 255]++;
        side[5][eight >> 48 & 255]++;
        side[6][eight >> 56]++;
    }
    tally_small(grey + i, n_px - i, counts);
}

static void add_side(uint32_t *counts, uint32_t side[SIDE_TABLES][NF_GREY_LEVELS])
{
    for (size_t i = 0; i < NF_GREY_LEVELS; i += 4) {
        __m128i sum = _mm_loadu_si128((const __m128i *)(counts + i));
        for (size_t t = 0; t < SIDE_TABLES; t++)
            sum = _mm_add_epi32(sum, _mm_loadu_si128((const __m128i *)(side[t] + i)));
        _mm_storeu_si128((__m128i *)(counts + i), sum);
    }
}

static void count_grey(const uint8_t *grey, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    uint32_t side[SIDE_TABLES][NF_GREY_LEVELS];
    if (n_px < SMALL_PX) {
        tally_small(grey, n_px, counts);
        return;
    }
    if (n_px <= NF_TALLY_BYTES_PX_MAX) {
        nf_tally_bytes(grey, n_px, counts);
        return;
    }
    memset(side, 0, sizeof side);
    tally(grey, n_px, counts, side);
    add_side(counts, side);
}

static void count_luma(const pixels *from, size_t n_px, luma_function *luma, uint32_t *counts)
{
    uint32_t side[SIDE_TABLES][NF_GREY_LEVELS];
    uint8_t grey[BLOCK_PX];
    if (n_px <= NF_TALLY_BYTES_PX_MAX) {
        luma(from, 0, n_px, grey);
        count_grey(grey, n_px, counts);
        return;
    }
    memset(side, 0, sizeof side);
    for (size_t first = 0; first < n_px; first += BLOCK_PX) {
        size_t n = n_px - first < BLOCK_PX ? n_px - first : BLOCK_PX;
        luma(from, first, n, grey);
        tally(grey, n, counts, side);
    }
    add_side(counts, side);
}

static void luma_tail_rgbx(const uint8_t *rgbx, size_t n_px, uint8_t *grey)
{
    for (size_t i = 0; i < n_px; i++, rgbx += 4)
        grey[i] = nf_luma_bt601(rgbx[0], rgbx[1], rgbx[2]);
}

static void luma_tail_rgb(const uint8_t *rgb, size_t n_px, uint8_t *grey)
{
    for (size_t i = 0; i < n_px; i++, rgb += 3)
        grey[i] = nf_luma_bt601(rgb[0], rgb[1], rgb[2]);
}

static void luma_tail_planar(const pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    for (size_t i = 0; i < n_px; i++)
        grey[i] = nf_luma_bt601(from->r[first + i], from->g[first + i], from->b[first + i]);
}

/* 19595 R + 7471 B is one multiply-add of 16-bit pairs. 38470 is too large for a signed 16-bit factor, so G is
 * multiplied by half of it and doubled; the sum below 2^24 is exact. */
enum { LUMA_RB = 7471 << 16 | 19595, LUMA_HALF_G = 38470 / 2, LUMA_ROUND = 1 << 15 };

/* --- SSE2: every x86-64 has it --- */

static inline __m128i luma4_sse2(__m128i rb, __m128i g)
{
    __m128i sum = _mm_madd_epi16(rb, _mm_set1_epi32(LUMA_RB));
    sum = _mm_add_epi32(sum, _mm_slli_epi32(_mm_madd_epi16(g, _mm_set1_epi32(LUMA_HALF_G)), 1));
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

static void luma_rgbx_sse2(const pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const uint8_t *p = from->r + 4 * first;
    size_t i = 0;
    for (; i + 16 <= n_px; i += 16, p += 64)
        store16_sse2(grey + i, luma4_rgbx_sse2(p), luma4_rgbx_sse2(p + 16), luma4_rgbx_sse2(p + 32), luma4_rgbx_sse2(p + 48));
    luma_tail_rgbx(p, n_px - i, grey + i);
}

/* Without a byte shuffle there is nothing to win on R G B triples. */
static void luma_rgb_sse2(const pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    luma_tail_rgb(from->r + 3 * first, n_px, grey);
}

static void luma_planar_sse2(const pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const __m128i zero = _mm_setzero_si128();
    size_t i = 0;
    for (; i + 16 <= n_px; i += 16) {
        __m128i r = _mm_loadu_si128((const __m128i *)(from->r + first + i));
        __m128i g = _mm_loadu_si128((const __m128i *)(from->g + first + i));
        __m128i b = _mm_loadu_si128((const __m128i *)(from->b + first + i));
        __m128i rb_low = _mm_unpacklo_epi8(r, b), rb_high = _mm_unpackhi_epi8(r, b);
        __m128i g_low = _mm_unpacklo_epi8(g, zero), g_high = _mm_unpackhi_epi8(g, zero);
        store16_sse2(grey + i, luma4_sse2(_mm_unpacklo_epi8(rb_low, zero), _mm_unpacklo_epi16(g_low, zero)),
                     luma4_sse2(_mm_unpackhi_epi8(rb_low, zero), _mm_unpackhi_epi16(g_low, zero)),
                     luma4_sse2(_mm_unpacklo_epi8(rb_high, zero), _mm_unpacklo_epi16(g_high, zero)),
                     luma4_sse2(_mm_unpackhi_epi8(rb_high, zero), _mm_unpackhi_epi16(g_high, zero)));
    }
    luma_tail_planar(from, first + i, n_px - i, grey + i);
}

/* --- AVX2: the same on twice the width --- */

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i luma8_avx2(__m256i rb, __m256i g)
{
    __m256i sum = _mm256_madd_epi16(rb, _mm256_set1_epi32(LUMA_RB));
    sum = _mm256_add_epi32(sum, _mm256_slli_epi32(_mm256_madd_epi16(g, _mm256_set1_epi32(LUMA_HALF_G)), 1));
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

AVX2 static void luma_rgbx_avx2(const pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const uint8_t *p = from->r + 4 * first;
    size_t i = 0;
    for (; i + 32 <= n_px; i += 32, p += 128)
        store32_avx2(grey + i, luma8_rgbx_avx2(p), luma8_rgbx_avx2(p + 32), luma8_rgbx_avx2(p + 64), luma8_rgbx_avx2(p + 96));
    luma_tail_rgbx(p, n_px - i, grey + i);
}

AVX2 static void luma_rgb_avx2(const pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const uint8_t *p = from->r + 3 * first;
    size_t i = 0;
    for (; i + 32 <= n_px; i += 32, p += 96)
        store32_avx2(grey + i, luma8_rgb_avx2(p), luma8_rgb_avx2(p + 24), luma8_rgb_avx2(p + 48), luma8_rgb_avx2(p + 72));
    luma_tail_rgb(p, n_px - i, grey + i);
}

AVX2 static void luma_planar_avx2(const pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    const __m256i zero = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 32 <= n_px; i += 32) {
        __m256i r = _mm256_loadu_si256((const __m256i *)(from->r + first + i));
        __m256i g = _mm256_loadu_si256((const __m256i *)(from->g + first + i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(from->b + first + i));
        __m256i rb_low = _mm256_unpacklo_epi8(r, b), rb_high = _mm256_unpackhi_epi8(r, b);
        __m256i g_low = _mm256_unpacklo_epi8(g, zero), g_high = _mm256_unpackhi_epi8(g, zero);
        store32_avx2(grey + i, luma8_avx2(_mm256_unpacklo_epi8(rb_low, zero), _mm256_unpacklo_epi16(g_low, zero)),
                     luma8_avx2(_mm256_unpackhi_epi8(rb_low, zero), _mm256_unpackhi_epi16(g_low, zero)),
                     luma8_avx2(_mm256_unpacklo_epi8(rb_high, zero), _mm256_unpacklo_epi16(g_high, zero)),
                     luma8_avx2(_mm256_unpackhi_epi8(rb_high, zero), _mm256_unpackhi_epi16(g_high, zero)));
    }
    luma_tail_planar(from, first + i, n_px - i, grey + i);
}

/* --- the slots --- */

static void count_rgb_sse2(const uint8_t *rgb, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    count_luma(&(pixels){.r = rgb}, n_px, luma_rgb_sse2, counts);
}

static void count_rgbx_sse2(const uint8_t *rgbx, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    count_luma(&(pixels){.r = rgbx}, n_px, luma_rgbx_sse2, counts);
}

static void count_planar_sse2(const uint8_t *r, const uint8_t *g, const uint8_t *b, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    count_luma(&(pixels){r, g, b}, n_px, luma_planar_sse2, counts);
}

static void count_rgb_avx2(const uint8_t *rgb, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    count_luma(&(pixels){.r = rgb}, n_px, luma_rgb_avx2, counts);
}

static void count_rgbx_avx2(const uint8_t *rgbx, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    count_luma(&(pixels){.r = rgbx}, n_px, luma_rgbx_avx2, counts);
}

static void count_planar_avx2(const uint8_t *r, const uint8_t *g, const uint8_t *b, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    count_luma(&(pixels){r, g, b}, n_px, luma_planar_avx2, counts);
}

static const nf_backend backend_sse2 = {"sse2", count_grey, count_rgb_sse2, count_rgbx_sse2, count_planar_sse2};
static const nf_backend backend_avx2 = {"avx2", count_grey, count_rgb_avx2, count_rgbx_avx2, count_planar_avx2};

const nf_backend *nf_backend_cpu_nth(size_t i)
{
    const nf_backend *const all[] = {&nf_backend_plain, &backend_sse2, &backend_avx2};
    size_t n = __builtin_cpu_supports("avx2") ? 3 : 2;
    return i < n ? all[i] : NULL;
}

#else

const nf_backend *nf_backend_cpu_nth(size_t i)
{
    return i == 0 ? &nf_backend_plain : NULL;
}

#endif

const nf_backend *nf_backend_cpu(void)
{
    const nf_backend *best = &nf_backend_plain;
    for (size_t i = 0; nf_backend_cpu_nth(i) != NULL; i++)
        best = nf_backend_cpu_nth(i);
    return best;
}
