/* nofade: the few operations on 16 bytes that the PNG filters need, for SSE2 and Advanced SIMD. Private to
 * src/decode/decode_png*.c.
 *
 * NF_LANES is defined where there are any. "8" works on 16 unsigned bytes, "16" on 8 signed numbers of 16 bits.
 */
#ifndef NF_DECODE_PNG_LANES_H
#define NF_DECODE_PNG_LANES_H

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

#include <emmintrin.h>

#define NF_LANES
typedef __m128i lanes;

static inline lanes lanes_zero(void)
{
    return _mm_setzero_si128();
}

/* 4 or 8 bytes; the rest is 0. */
static inline lanes lanes_load4(const uint8_t *from)
{
    int32_t four;
    memcpy(&four, from, sizeof four);
    return _mm_cvtsi32_si128(four);
}

static inline lanes lanes_load8(const uint8_t *from)
{
    return _mm_loadl_epi64((const __m128i *)from);
}

static inline lanes lanes_load16(const uint8_t *from)
{
    return _mm_loadu_si128((const __m128i *)from);
}

static inline void lanes_store4(uint8_t *to, lanes x)
{
    int32_t four = _mm_cvtsi128_si32(x);
    memcpy(to, &four, sizeof four);
}

static inline void lanes_store8(uint8_t *to, lanes x)
{
    _mm_storel_epi64((__m128i *)to, x);
}

static inline void lanes_store16(uint8_t *to, lanes x)
{
    _mm_storeu_si128((__m128i *)to, x);
}

/* The first 8 bytes as numbers of 16 bits, and back. */
static inline lanes lanes_widen(lanes x)
{
    return _mm_unpacklo_epi8(x, _mm_setzero_si128());
}

static inline lanes lanes_narrow(lanes x)
{
    return _mm_packus_epi16(x, x);
}

static inline lanes lanes_add8(lanes x, lanes y)
{
    return _mm_add_epi8(x, y);
}

static inline lanes lanes_sub8(lanes x, lanes y)
{
    return _mm_sub_epi8(x, y);
}

/* Rounded up. */
static inline lanes lanes_average8(lanes x, lanes y)
{
    return _mm_avg_epu8(x, y);
}

static inline lanes lanes_add16(lanes x, lanes y)
{
    return _mm_add_epi16(x, y);
}

static inline lanes lanes_sub16(lanes x, lanes y)
{
    return _mm_sub_epi16(x, y);
}

static inline lanes lanes_min16(lanes x, lanes y)
{
    return _mm_min_epi16(x, y);
}

static inline lanes lanes_max16(lanes x, lanes y)
{
    return _mm_max_epi16(x, y);
}

/* All bits of a number where x > y, else none. */
static inline lanes lanes_more16(lanes x, lanes y)
{
    return _mm_cmpgt_epi16(x, y);
}

static inline lanes lanes_and(lanes x, lanes y)
{
    return _mm_and_si128(x, y);
}

static inline lanes lanes_or(lanes x, lanes y)
{
    return _mm_or_si128(x, y);
}

static inline lanes lanes_not(lanes x)
{
    return _mm_xor_si128(x, _mm_set1_epi8(-1));
}

/* x without the bits of mask. */
static inline lanes lanes_clear(lanes x, lanes mask)
{
    return _mm_andnot_si128(mask, x);
}

#elif defined(__aarch64__)

#include <arm_neon.h>

#define NF_LANES
typedef uint8x16_t lanes;

static inline lanes lanes_zero(void)
{
    return vdupq_n_u8(0);
}

/* 4 or 8 bytes; the rest is 0. */
static inline lanes lanes_load4(const uint8_t *from)
{
    uint32_t four;
    memcpy(&four, from, sizeof four);
    return vreinterpretq_u8_u32(vsetq_lane_u32(four, vdupq_n_u32(0), 0));
}

static inline lanes lanes_load8(const uint8_t *from)
{
    return vcombine_u8(vld1_u8(from), vdup_n_u8(0));
}

static inline lanes lanes_load16(const uint8_t *from)
{
    return vld1q_u8(from);
}

static inline void lanes_store4(uint8_t *to, lanes x)
{
    uint32_t four = vgetq_lane_u32(vreinterpretq_u32_u8(x), 0);
    memcpy(to, &four, sizeof four);
}

static inline void lanes_store8(uint8_t *to, lanes x)
{
    vst1_u8(to, vget_low_u8(x));
}

static inline void lanes_store16(uint8_t *to, lanes x)
{
    vst1q_u8(to, x);
}

static inline int16x8_t lanes_16(lanes x)
{
    return vreinterpretq_s16_u8(x);
}

static inline lanes lanes_8(int16x8_t x)
{
    return vreinterpretq_u8_s16(x);
}

/* The first 8 bytes as numbers of 16 bits, and back. */
static inline lanes lanes_widen(lanes x)
{
    return vreinterpretq_u8_u16(vmovl_u8(vget_low_u8(x)));
}

static inline lanes lanes_narrow(lanes x)
{
    uint8x8_t low = vmovn_u16(vreinterpretq_u16_u8(x));
    return vcombine_u8(low, low);
}

static inline lanes lanes_add8(lanes x, lanes y)
{
    return vaddq_u8(x, y);
}

static inline lanes lanes_sub8(lanes x, lanes y)
{
    return vsubq_u8(x, y);
}

/* Rounded up. */
static inline lanes lanes_average8(lanes x, lanes y)
{
    return vrhaddq_u8(x, y);
}

static inline lanes lanes_add16(lanes x, lanes y)
{
    return lanes_8(vaddq_s16(lanes_16(x), lanes_16(y)));
}

static inline lanes lanes_sub16(lanes x, lanes y)
{
    return lanes_8(vsubq_s16(lanes_16(x), lanes_16(y)));
}

static inline lanes lanes_min16(lanes x, lanes y)
{
    return lanes_8(vminq_s16(lanes_16(x), lanes_16(y)));
}

static inline lanes lanes_max16(lanes x, lanes y)
{
    return lanes_8(vmaxq_s16(lanes_16(x), lanes_16(y)));
}

/* All bits of a number where x > y, else none. */
static inline lanes lanes_more16(lanes x, lanes y)
{
    return vreinterpretq_u8_u16(vcgtq_s16(lanes_16(x), lanes_16(y)));
}

static inline lanes lanes_and(lanes x, lanes y)
{
    return vandq_u8(x, y);
}

static inline lanes lanes_or(lanes x, lanes y)
{
    return vorrq_u8(x, y);
}

static inline lanes lanes_not(lanes x)
{
    return vmvnq_u8(x);
}

/* x without the bits of mask. */
static inline lanes lanes_clear(lanes x, lanes mask)
{
    return vbicq_u8(x, mask);
}

#endif

#endif
