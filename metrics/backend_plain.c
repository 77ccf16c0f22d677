/* nofade: the counting kernels in plain C: the definition that every other backend is held to. */
#include "metrics/backend.h"

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

const nf_backend nf_backend_plain = {
    .name = "plain",
    .count_grey = count_grey,
    .count_rgb = count_rgb,
    .count_rgbx = count_rgbx,
    .count_planar = count_planar,
};
