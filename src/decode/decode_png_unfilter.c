/* nofade: undoes the filters of PNG rows: plain C is the definition, vectors of 16 bytes do the work.
 *
 * SSE2 belongs to every x86-64 and Advanced SIMD to every arm64, so nothing has to be chosen at run time. Sub, average and
 * Paeth go from pixel to pixel, each of which needs the one before: what counts is the length of that chain.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/decode_png_internal.h"
#include "decode/decode_png_lanes.h"

/* --- the definition --- */

static void none(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n, size_t bpp)
{
    (void)up, (void)bpp;
    memcpy(row, filtered, n);
}

static void sub_plain(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n, size_t bpp)
{
    (void)up;
    for (size_t i = 0; i < n; i++)
        row[i] = (uint8_t)(filtered[i] + (i < bpp ? 0 : row[i - bpp]));
}

static void up_plain(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n, size_t bpp)
{
    (void)bpp;
    for (size_t i = 0; i < n; i++)
        row[i] = (uint8_t)(filtered[i] + up[i]);
}

static void average_plain(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n, size_t bpp)
{
    for (size_t i = 0; i < n; i++)
        row[i] = (uint8_t)(filtered[i] + ((i < bpp ? 0 : row[i - bpp]) + up[i]) / 2);
}

/* Of a left, b above and c above left: the one nearest to a + b - c, in this order where equally near. */
static int paeth(int a, int b, int c)
{
    int to_a = abs(b - c), to_b = abs(a - c), to_c = abs(a + b - 2 * c);
    return to_a <= to_b && to_a <= to_c ? a : to_b <= to_c ? b : c;
}

static void paeth_plain(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n, size_t bpp)
{
    for (size_t i = 0; i < n; i++)
        row[i] = (uint8_t)(filtered[i] + (i < bpp ? up[i] : paeth(row[i - bpp], up[i], up[i - bpp])));
}

static const nf_png_unfilter unfilter_plain = {"plain", {none, sub_plain, up_plain, average_plain, paeth_plain}};

#ifdef NF_LANES

/* --- vectors; each loop once for each distance between pixels, so that loads and stores have a constant size --- */

typedef void pixel_loop(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n, size_t bpp);

static inline lanes load(const uint8_t *from, size_t bpp)
{
    return bpp <= 4 ? lanes_load4(from) : lanes_load8(from);
}

/* May write up to three bytes too many: the next pixel, or the next row, comes later. */
static inline void store(uint8_t *to, lanes x, size_t bpp)
{
    if (bpp <= 4)
        lanes_store4(to, x);
    else
        lanes_store8(to, x);
}

static inline __attribute__((always_inline)) void sub_loop(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n,
                                                           size_t bpp)
{
    lanes a = lanes_zero();
    (void)up;
    for (size_t i = 0; i < n; i += bpp) {
        a = lanes_add8(a, load(filtered + i, bpp));
        store(row + i, a, bpp);
    }
}

/* floor((a + b) / 2) is not(ceil((not a + not b) / 2)), so not(x + floor((a + b) / 2)) is ceil((not a + not b) / 2) - x: with
 * all of it kept inverted, a pixel is two operations behind the one before. */
static inline __attribute__((always_inline)) void average_loop(const uint8_t *filtered, const uint8_t *up, uint8_t *row,
                                                               size_t n, size_t bpp)
{
    lanes not_a = lanes_not(lanes_zero());
    for (size_t i = 0; i < n; i += bpp) {
        lanes half = lanes_average8(not_a, lanes_not(load(up + i, bpp)));
        not_a = lanes_sub8(half, load(filtered + i, bpp));
        store(row + i, lanes_not(not_a), bpp);
    }
}

/* With t = 3c - a - b: a and b on the same side of c are farther from it than from each other, and then the lesser is taken
 * where t >= both, the greater where t <= both; else c lies nearest. Equal to paeth() for every a, b, c. */
static inline __attribute__((always_inline)) void paeth_loop(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n,
                                                             size_t bpp)
{
    lanes a = lanes_zero(), c = lanes_zero();
    for (size_t i = 0; i < n; i += bpp) {
        lanes b = lanes_widen(load(up + i, bpp)), x = lanes_widen(load(filtered + i, bpp));
        lanes t = lanes_sub16(lanes_sub16(lanes_add16(lanes_add16(c, c), c), b), a);
        lanes low = lanes_min16(a, b), high = lanes_max16(a, b);
        lanes not_low = lanes_more16(high, t), not_high = lanes_more16(t, low);
        lanes either = lanes_or(lanes_clear(low, not_low), lanes_clear(high, not_high));
        lanes nearest = lanes_or(either, lanes_and(lanes_and(not_low, not_high), c));
        a = lanes_add8(nearest, x); /* both below 256, so the high bytes stay 0 */
        c = b;
        store(row + i, lanes_narrow(a), bpp);
    }
}

static inline __attribute__((always_inline)) void each_distance(pixel_loop *loop, nf_png_filter *plain, const uint8_t *filtered,
                                                                const uint8_t *up, uint8_t *row, size_t n, size_t bpp)
{
    if (bpp == 3)
        loop(filtered, up, row, n, 3);
    else if (bpp == 4)
        loop(filtered, up, row, n, 4);
    else if (bpp == 6)
        loop(filtered, up, row, n, 6);
    else if (bpp == 8)
        loop(filtered, up, row, n, 8);
    else
        plain(filtered, up, row, n, bpp);
}

static void sub_vector(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n, size_t bpp)
{
    each_distance(sub_loop, sub_plain, filtered, up, row, n, bpp);
}

static void average_vector(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n, size_t bpp)
{
    each_distance(average_loop, average_plain, filtered, up, row, n, bpp);
}

static void paeth_vector(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n, size_t bpp)
{
    each_distance(paeth_loop, paeth_plain, filtered, up, row, n, bpp);
}

static void up_vector(const uint8_t *filtered, const uint8_t *up, uint8_t *row, size_t n, size_t bpp)
{
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        lanes_store16(row + i, lanes_add8(lanes_load16(filtered + i), lanes_load16(up + i)));
    up_plain(filtered + i, up + i, row + i, n - i, bpp);
}

static const nf_png_unfilter unfilter_vector = {"vector", {none, sub_vector, up_vector, average_vector, paeth_vector}};

const nf_png_unfilter *nf_png_unfilter_nth(size_t i)
{
    return i == 0 ? &unfilter_plain : i == 1 ? &unfilter_vector : NULL;
}

#else

const nf_png_unfilter *nf_png_unfilter_nth(size_t i)
{
    return i == 0 ? &unfilter_plain : NULL;
}

#endif

bool nf_png_unfilter_rows(const uint8_t *filtered, uint8_t *rows, size_t n_rows, size_t n, size_t bpp)
{
    const nf_png_unfilter *best = nf_png_unfilter_nth(1) != NULL ? nf_png_unfilter_nth(1) : nf_png_unfilter_nth(0);
    for (size_t i = 0; i < n_rows; i++, filtered += n + 1, rows += n) {
        if (*filtered >= NF_PNG_FILTERS)
            return false;
        best->filters[*filtered](filtered + 1, rows - n, rows, n, bpp);
    }
    return true;
}
