/* nofade: counting in several tables, and the choice among the backends of this processor. */
#include <stdbool.h>
#include <string.h>

#include "metrics/backend_tables.h"

#if defined(__x86_64__)
#include "metrics/backend_x86.h"
#include "metrics/tally_bytes.h"

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif

enum {
    BLOCK_PX = 2048, /* grey bytes between the two steps: stays in the first-level cache */
    SMALL_PX = 256,  /* below it, clearing and adding any tables costs more than they save */
    SIDE_TABLES = 7,
#if defined(__x86_64__)
    FEW_PX = NF_TALLY_BYTES_PX_MAX /* so many are counted without side tables */
#else
    FEW_PX = SMALL_PX - 1
#endif
};

static void tally_small(const uint8_t *grey, size_t n_px, uint32_t *counts)
{
    for (size_t i = 0; i < n_px; i++)
        counts[grey[i]]++;
}

static void tally(const uint8_t *grey, size_t n_px, uint32_t *counts, uint32_t side[SIDE_TABLES][NF_GREY_LEVELS])
{
    size_t i = 0;
    for (; i + 8 <= n_px; i += 8) {
        counts[grey[i]]++;
        side[0][grey[i + 1]]++;
        side[1][grey[i + 2]]++;
        side[2][grey[i + 3]]++;
        side[3][grey[i + 4]]++;
        side[4][grey[i + 5]]++;
        side[5][grey[i + 6]]++;
        side[6][grey[i + 7]]++;
    }
    tally_small(grey + i, n_px - i, counts);
}

static void tally_few(const uint8_t *grey, size_t n_px, uint32_t *counts)
{
#if defined(__x86_64__)
    if (n_px >= SMALL_PX) {
        nf_tally_bytes(grey, n_px, counts);
        return;
    }
#endif
    tally_small(grey, n_px, counts);
}

static void add_side(uint32_t *counts, uint32_t side[SIDE_TABLES][NF_GREY_LEVELS])
{
    for (size_t i = 0; i < NF_GREY_LEVELS; i++)
        counts[i] += side[0][i] + side[1][i] + side[2][i] + side[3][i] + side[4][i] + side[5][i] + side[6][i];
}

void nf_count_grey_in_tables(const uint8_t *grey, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    uint32_t side[SIDE_TABLES][NF_GREY_LEVELS];
    if (n_px <= FEW_PX) {
        tally_few(grey, n_px, counts);
        return;
    }
    memset(side, 0, sizeof side);
    tally(grey, n_px, counts, side);
    add_side(counts, side);
}

void nf_count_luma_in_tables(const nf_pixels *from, size_t n_px, nf_luma_function *luma, uint32_t counts[NF_GREY_LEVELS])
{
    uint32_t side[SIDE_TABLES][NF_GREY_LEVELS];
    uint8_t grey[BLOCK_PX];
    if (n_px <= FEW_PX) {
        luma(from, 0, n_px, grey);
        tally_few(grey, n_px, counts);
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

void nf_luma_tail_rgbx(const uint8_t *rgbx, size_t n_px, uint8_t *grey)
{
    for (size_t i = 0; i < n_px; i++, rgbx += 4)
        grey[i] = nf_luma_bt601(rgbx[0], rgbx[1], rgbx[2]);
}

void nf_luma_tail_rgb(const uint8_t *rgb, size_t n_px, uint8_t *grey)
{
    for (size_t i = 0; i < n_px; i++, rgb += 3)
        grey[i] = nf_luma_bt601(rgb[0], rgb[1], rgb[2]);
}

void nf_luma_tail_planar(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey)
{
    for (size_t i = 0; i < n_px; i++)
        grey[i] = nf_luma_bt601(from->r[first + i], from->g[first + i], from->b[first + i]);
}

/* Every x86-64 has SSE2, every aarch64 NEON. */
const nf_backend *nf_backend_cpu_nth(size_t i)
{
    switch (i) {
    case 0:
        return &nf_backend_plain;
#if defined(__x86_64__)
    case 1:
        return &nf_backend_sse2;
    case 2:
        return __builtin_cpu_supports("avx2") ? &nf_backend_avx2 : NULL;
    case 3:
        return has_avx512() ? &nf_backend_avx512 : NULL;
#elif defined(__aarch64__)
    case 1:
        return &nf_backend_neon;
#endif
    default:
        return NULL;
    }
}

const nf_backend *nf_backend_cpu(void)
{
    const nf_backend *best = &nf_backend_plain;
    for (size_t i = 0; nf_backend_cpu_nth(i) != NULL; i++)
        best = nf_backend_cpu_nth(i);
    return best;
}
