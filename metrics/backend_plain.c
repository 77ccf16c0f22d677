/* nofade: the counting kernels in plain C: the definition that every other backend is held to. */
#include <string.h>

#include "metrics/backend.h"
#include "metrics/ycc.h"

static void count_grey(const uint8_t *grey, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    for (size_t i = 0; i < n_px; i++)
        counts[grey[i]]++;
}

static void count_rgb(const uint8_t *rgb, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    for (size_t i = 0; i < n_px; i++, rgb += 3)
        counts[nf_luma_bt601(rgb[0], rgb[1], rgb[2])]++;
}

static void count_rgbx(const uint8_t *rgbx, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    for (size_t i = 0; i < n_px; i++, rgbx += 4)
        counts[nf_luma_bt601(rgbx[0], rgbx[1], rgbx[2])]++;
}

static void count_planar(const uint8_t *r, const uint8_t *g, const uint8_t *b, size_t n_px, uint32_t counts[NF_GREY_LEVELS])
{
    for (size_t i = 0; i < n_px; i++)
        counts[nf_luma_bt601(r[i], g[i], b[i])]++;
}

/* Nothing here asks for it. */
static void reach_of_chroma(const uint8_t *cb, const uint8_t *cr, nf_chroma chroma, size_t n_px, uint8_t *reach)
{
    (void)cb;
    (void)cr;
    (void)chroma;
    memset(reach, 255, (n_px + NF_YCC_STEP_PX - 1) / NF_YCC_STEP_PX * NF_YCC_STEP_PX);
}

static void grey_of_ycc(const nf_ycc_row *row, size_t n_px, uint8_t *grey)
{
    uint8_t cb[NF_YCC_STEP_PX], cr[NF_YCC_STEP_PX];
    for (size_t first = 0; first < n_px; first += NF_YCC_STEP_PX) {
        const uint8_t *cbs = nf_chroma_step(row->cb, row->chroma, first, cb, nf_upsample_across, nf_upsample_both);
        const uint8_t *crs = nf_chroma_step(row->cr, row->chroma, first, cr, nf_upsample_across, nf_upsample_both);
        for (size_t i = 0; i < NF_YCC_STEP_PX; i++)
            grey[first + i] = nf_luma_of_ycc(row->y[first + i], cbs[i], crs[i]);
    }
}

const nf_backend nf_backend_plain = {
    .name = "plain",
    .count_grey = count_grey,
    .count_rgb = count_rgb,
    .count_rgbx = count_rgbx,
    .count_planar = count_planar,
    .reach_of_chroma = reach_of_chroma,
    .grey_of_ycc = grey_of_ycc,
};
