/* nofade: the bodies of the kernels: one source for the device (kernels.cu) and, as C, for tests that run a grid on the CPU.
 *
 * A body runs one block. NF_PHASE is the work of all of its threads between two barriers: on a device every thread passes once
 * and waits for the others behind it, on a host one thread takes all turns. What a thread keeps from phase to phase lies in an
 * array of NF_OWN_SIZE at NF_OWN(thread).
 *
 * Figures: only + - * / and square roots, correctly rounded, none fused and all in a fixed order, so that a device and a host
 * give the same bits. Little-endian machines.
 */
#ifndef NF_CUDA_KERNELS_H
#define NF_CUDA_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifndef NF_PHASE
#include <math.h>
#define NF_BODY static inline
#define NF_PHASE(thread, n_threads) for (uint32_t thread = 0; thread < (n_threads); thread++)
#define NF_OWN_SIZE(n_threads) (n_threads)
#define NF_OWN(thread) (thread)
#define NF_ATOMIC_ADD(to, value) (*(to) += (value))
#define NF_SQRT(x) sqrt(x)
#endif

enum {
    NF_KERNEL_LEVELS = 256,
    NF_COUNT_THREADS = 128,
    NF_COUNT_HISTOGRAMS = 4, /* one for each 32 threads */
    NF_PIECE_PX_MAX = 32768, /* of one block: larger images are cut */
    NF_TILE = 16,            /* classes on each side of a tile of distances */
    NF_TILE_THREADS = NF_TILE * NF_TILE,
    NF_TILE_BINS = 32,             /* at a time */
    NF_TILE_STRIDE = NF_TILE_BINS + 1, /* columns of a tile begin in different banks of memory */
    NF_ROW_THREADS = 256
};

typedef enum nf_kernel_format { NF_KERNEL_GREY, NF_KERNEL_PLANAR, NF_KERNEL_RGB } nf_kernel_format;

/* ---- grey levels and their counts ---- */

/* Pixels that lie in words, four a word and plane: GREY w words; PLANAR w of R, w of G, w of B; RGB 3 w; w = nf_piece_words(n_px).
 * What is behind the last pixel is not counted. */
typedef struct nf_kernel_piece {
    uint32_t first_word, n_px;
    uint32_t format; /* nf_kernel_format */
    uint32_t image;  /* whose counts it adds to */
} nf_kernel_piece;

NF_BODY uint32_t nf_piece_words(uint32_t n_px)
{
    return n_px / 4 + (n_px % 4 != 0);
}

NF_BODY uint32_t nf_kernel_byte(uint32_t word, uint32_t i)
{
    return (word >> (8 * i)) & 255u;
}

/* metrics/backend.h's nf_luma_bt601. */
NF_BODY uint32_t nf_kernel_luma(uint32_t r, uint32_t g, uint32_t b)
{
    return (19595u * r + 38470u * g + 7471u * b + 32768u) >> 16;
}

/* The levels of pixels 4 i .. 4 i + 3, one a byte. */
NF_BODY uint32_t nf_four_levels(const uint32_t *words, uint32_t format, uint32_t plane_words, uint32_t i)
{
    uint32_t levels = 0, j;
    if (format == NF_KERNEL_GREY)
        return words[i];
    if (format == NF_KERNEL_PLANAR) {
        const uint32_t r = words[i], g = words[plane_words + i], b = words[2 * plane_words + i];
        for (j = 0; j < 4; j++)
            levels |= nf_kernel_luma(nf_kernel_byte(r, j), nf_kernel_byte(g, j), nf_kernel_byte(b, j)) << (8 * j);
        return levels;
    }
    const uint32_t x = words[3 * i], y = words[3 * i + 1], z = words[3 * i + 2];
    levels = nf_kernel_luma(nf_kernel_byte(x, 0), nf_kernel_byte(x, 1), nf_kernel_byte(x, 2));
    levels |= nf_kernel_luma(nf_kernel_byte(x, 3), nf_kernel_byte(y, 0), nf_kernel_byte(y, 1)) << 8;
    levels |= nf_kernel_luma(nf_kernel_byte(y, 2), nf_kernel_byte(y, 3), nf_kernel_byte(z, 0)) << 16;
    return levels | nf_kernel_luma(nf_kernel_byte(z, 1), nf_kernel_byte(z, 2), nf_kernel_byte(z, 3)) << 24;
}

NF_BODY void nf_count_share(const uint32_t *words, const nf_kernel_piece *piece, uint32_t thread, uint32_t *histogram)
{
    const uint32_t n_words = nf_piece_words(piece->n_px);
    uint32_t i, j;
    for (i = thread; i < n_words; i += NF_COUNT_THREADS) {
        const uint32_t levels = nf_four_levels(words + piece->first_word, piece->format, n_words, i);
        const uint32_t left = piece->n_px - 4 * i;
        for (j = 0; j < 4 && j < left; j++)
            NF_ATOMIC_ADD(&histogram[nf_kernel_byte(levels, j)], 1u);
    }
}

/* Block `block` of NF_COUNT_THREADS counts pieces[block]. words (of all pieces); counts (images, 256), added to; shared
 * (NF_COUNT_HISTOGRAMS, 256). */
NF_BODY void nf_count_body(const uint32_t *words, const nf_kernel_piece *pieces, uint32_t *counts, uint32_t block, uint32_t *shared)
{
    const nf_kernel_piece piece = pieces[block];
    NF_PHASE(thread, NF_COUNT_THREADS)
    {
        uint32_t i;
        for (i = thread; i < NF_COUNT_HISTOGRAMS * NF_KERNEL_LEVELS; i += NF_COUNT_THREADS)
            shared[i] = 0;
    }
    NF_PHASE(thread, NF_COUNT_THREADS)
    {
        nf_count_share(words, &piece, thread, shared + thread / 32 * NF_KERNEL_LEVELS);
    }
    NF_PHASE(thread, NF_COUNT_THREADS)
    {
        uint32_t level, i, sum;
        for (level = thread; level < NF_KERNEL_LEVELS; level += NF_COUNT_THREADS) {
            for (sum = 0, i = 0; i < NF_COUNT_HISTOGRAMS; i++)
                sum += shared[i * NF_KERNEL_LEVELS + level];
            if (sum > 0)
                NF_ATOMIC_ADD(&counts[(size_t)piece.image * NF_KERNEL_LEVELS + level], sum);
        }
    }
}

/* ---- class distances: metrics/distance.c, by another route to the same sums ---- */

/* ln x of a finite x > 0. With x = 2^e m, sqrt(1/2) < m <= sqrt 2 and f = (m - 1) / (m + 1), |f| <= 0.1716:
 *
 *     ln m = 2 (f + f^3/3 + f^5/5 + ...)        up to f^21/21; the rest is under 7e-19 of it
 *
 * Within 4 units in the last place (tests/parity/test_cuda_kernels.c: against long double). */
NF_BODY double nf_kernel_ln(double x)
{
    union {
        double value;
        uint64_t bits;
    } u;
    double e = 0.0;
    if (x < 2.2250738585072014e-308) {
        x *= 18014398509481984.0; /* 2^54 */
        e = -54.0;
    }
    u.value = x;
    e += (double)((int32_t)(u.bits >> 52) - 1023);
    u.bits = (u.bits & 0xfffffffffffffu) | 0x3ff0000000000000u;
    if (u.value > 1.4142135623730951) {
        u.value *= 0.5;
        e += 1.0;
    }
    const double f = (u.value - 1.0) / (u.value + 1.0), w = f * f;
    double rest = 1.0 / 21;
    rest = 1.0 / 19 + w * rest;
    rest = 1.0 / 17 + w * rest;
    rest = 1.0 / 15 + w * rest;
    rest = 1.0 / 13 + w * rest;
    rest = 1.0 / 11 + w * rest;
    rest = 1.0 / 9 + w * rest;
    rest = 1.0 / 7 + w * rest;
    rest = 1.0 / 5 + w * rest;
    rest = 1.0 / 3 + w * rest;
    /* ln 2 = 0x1.62e42fefa38p-1 (41 bits: exact when multiplied by e) + 0x1.ef35793c7673p-45 */
    return e * 0.6931471805598903 + (2.0 * f + (2.0 * f * (w * rest) + e * 5.497923018708371e-14));
}

/* g(t) of metrics/distance.c for t <= 1/4, from t^2: the sum over k of t^2k / (k (2k-1)). */
NF_BODY double nf_kernel_g_near(double t2)
{
    double sum = 1.0 / 276;
    sum = 1.0 / 231 + t2 * sum;
    sum = 1.0 / 190 + t2 * sum;
    sum = 1.0 / 153 + t2 * sum;
    sum = 1.0 / 120 + t2 * sum;
    sum = 1.0 / 91 + t2 * sum;
    sum = 1.0 / 66 + t2 * sum;
    sum = 1.0 / 45 + t2 * sum;
    sum = 1.0 / 28 + t2 * sum;
    sum = 1.0 / 15 + t2 * sum;
    sum = 1.0 / 6 + t2 * sum;
    return t2 * (1.0 + t2 * sum);
}

/* Of one pair of classes, so far. */
typedef struct nf_pair_sums {
    double shared, apart;
} nf_pair_sums;

NF_BODY void nf_pair_add(nf_pair_sums *sums, double p, double q)
{
    const double high = p > q ? p : q, low = p > q ? q : p, s = high + low;
    if (!(low > 0.0))
        sums->apart += high;
    else if (high - low <= 0.25 * s) {
        const double t = (high - low) / s;
        sums->shared += s * nf_kernel_g_near(t * t);
    } else {
        const double a = 2.0 * high / s, b = 2.0 * low / s;
        sums->shared += s * (a * nf_kernel_ln(a) + b * nf_kernel_ln(b));
    }
}

/* nats_per_unit: 1, ln 2 or ln 10 by the logarithm of the distance. */
NF_BODY double nf_pair_distance(const nf_pair_sums *sums, double nats_per_unit)
{
    const double ln_2 = 0.69314718055994530942;
    const double divergence = 0.25 * sums->shared + 0.5 * ln_2 * sums->apart;
    return NF_SQRT((divergence < ln_2 ? divergence : ln_2) / nats_per_unit);
}

/* The rows first_row .. first_row + n_rows - 1 of the matrix, b > a alone. */
typedef struct nf_strip {
    uint32_t n_classes, n_bins, first_row, n_rows;
    double nats_per_unit;
} nf_strip;

/* Bins start .. of NF_TILE classes a and NF_TILE classes b into shared; what is outside is 0. */
NF_BODY void nf_tile_load(const double *distributions, const nf_strip *strip, uint32_t a, uint32_t b, uint32_t start,
                          uint32_t thread, double *shared)
{
    uint32_t i;
    for (i = thread; i < 2 * NF_TILE * NF_TILE_BINS; i += NF_TILE_THREADS) {
        const uint32_t row = i / NF_TILE_BINS, bin = i % NF_TILE_BINS;
        const uint32_t class_ = row < NF_TILE ? a + row : b + row - NF_TILE;
        const int inside = class_ < strip->n_classes && start + bin < strip->n_bins;
        shared[row * NF_TILE_STRIDE + bin] = inside ? distributions[(size_t)class_ * strip->n_bins + start + bin] : 0.0;
    }
}

/* The block (block_x, block_y) of NF_TILE_THREADS: rows NF_TILE * block_y ... of the strip, columns NF_TILE * block_x ...
 * distributions (n_classes, n_bins); distances (n_rows, n_classes), set where b > a; shared (2, NF_TILE, NF_TILE_STRIDE). */
NF_BODY void nf_tile_body(const double *distributions, nf_strip strip, double *distances, uint32_t block_x, uint32_t block_y,
                          double *shared)
{
    const uint32_t a = strip.first_row + block_y * NF_TILE, b = block_x * NF_TILE;
    nf_pair_sums own[NF_OWN_SIZE(NF_TILE_THREADS)];
    uint32_t start;
    if (b + NF_TILE - 1 <= a)
        return; /* on the other side of the diagonal: all threads alike */
    NF_PHASE(thread, NF_TILE_THREADS)
    {
        own[NF_OWN(thread)].shared = own[NF_OWN(thread)].apart = 0.0;
    }
    for (start = 0; start < strip.n_bins; start += NF_TILE_BINS) {
        NF_PHASE(thread, NF_TILE_THREADS)
        {
            nf_tile_load(distributions, &strip, a, b, start, thread, shared);
        }
        NF_PHASE(thread, NF_TILE_THREADS)
        {
            const double *p = shared + thread / NF_TILE * NF_TILE_STRIDE;
            const double *q = shared + (NF_TILE + thread % NF_TILE) * NF_TILE_STRIDE;
            uint32_t i;
            for (i = 0; i < NF_TILE_BINS && start + i < strip.n_bins; i++)
                nf_pair_add(&own[NF_OWN(thread)], p[i], q[i]);
        }
    }
    NF_PHASE(thread, NF_TILE_THREADS)
    {
        const uint32_t row = block_y * NF_TILE + thread / NF_TILE, column = b + thread % NF_TILE;
        if (row < strip.n_rows && column < strip.n_classes && column > strip.first_row + row)
            distances[(size_t)row * strip.n_classes + column] = nf_pair_distance(&own[NF_OWN(thread)], strip.nats_per_unit);
    }
}

/* What the pairs (a, b), b > a, of one row come to. Of equal distances the first counts. */
typedef struct nf_kernel_row {
    double sum, min_value, max_value;
    uint32_t min_b, max_b;
} nf_kernel_row;

NF_BODY void nf_row_take(nf_kernel_row *into, const nf_kernel_row *from)
{
    into->sum += from->sum;
    if (from->min_value < into->min_value || (from->min_value == into->min_value && from->min_b < into->min_b)) {
        into->min_value = from->min_value;
        into->min_b = from->min_b;
    }
    if (from->max_value > into->max_value || (from->max_value == into->max_value && from->max_b < into->max_b)) {
        into->max_value = from->max_value;
        into->max_b = from->max_b;
    }
}

/* Block `block` of NF_ROW_THREADS: row `block` of the strip. Thread t takes b = a + 1 + t, a + 1 + t + NF_ROW_THREADS, ...;
 * then pairs of threads are added, half of them at a time. rows (n_rows,); shared (NF_ROW_THREADS,). */
NF_BODY void nf_row_body(nf_strip strip, const double *distances, nf_kernel_row *rows, uint32_t block, nf_kernel_row *shared)
{
    uint32_t half;
    NF_PHASE(thread, NF_ROW_THREADS)
    {
        const double *row = distances + (size_t)block * strip.n_classes;
        const uint32_t first = strip.first_row + block + 1;
        nf_kernel_row own = {0.0, 1e300, -1e300, first, first};
        uint32_t b;
        for (b = first + thread; b < strip.n_classes; b += NF_ROW_THREADS) {
            const nf_kernel_row one = {row[b], row[b], row[b], b, b};
            nf_row_take(&own, &one);
        }
        shared[thread] = own;
    }
    for (half = NF_ROW_THREADS / 2; half > 0; half /= 2) {
        NF_PHASE(thread, NF_ROW_THREADS)
        {
            if (thread < half)
                nf_row_take(&shared[thread], &shared[thread + half]);
        }
    }
    NF_PHASE(thread, NF_ROW_THREADS)
    {
        if (thread == 0)
            rows[block] = shared[0];
    }
}

#endif
