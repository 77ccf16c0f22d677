#include "decode/jpeg_planes.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAD = NF_YCC_STEP_PX, /* before and after the samples of a row */
    SAMPLES_MIN = 3,      /* fewer chroma samples in a row are repeated by libjpeg, not weighed */
    GROUP_ROWS_MAX = MAX_SAMP_FACTOR * DCTSIZE
};

/* --- which JPEGs --- */

static bool same_size(const jpeg_component_info *a, const jpeg_component_info *b)
{
    return a->h_samp_factor == b->h_samp_factor && a->v_samp_factor == b->v_samp_factor;
}

bool nf_jpeg_planes_fit(const struct jpeg_decompress_struct *cinfo, nf_jpeg_planes *planes)
{
    const jpeg_component_info *y = &cinfo->comp_info[0], *cb = &cinfo->comp_info[1];
    if (cinfo->jpeg_color_space != JCS_YCbCr || cinfo->num_components != 3 || !same_size(cb, &cinfo->comp_info[2]))
        return false;
    if (y->h_samp_factor != cinfo->max_h_samp_factor || y->v_samp_factor != cinfo->max_v_samp_factor)
        return false;
    bool half_width = 2 * cb->h_samp_factor == y->h_samp_factor, half_height = 2 * cb->v_samp_factor == y->v_samp_factor;
    if ((!half_width && cb->h_samp_factor != y->h_samp_factor) || (!half_height && cb->v_samp_factor != y->v_samp_factor))
        return false;
    planes->chroma = half_height ? NF_CHROMA_HALF_BOTH : half_width ? NF_CHROMA_HALF_WIDTH : NF_CHROMA_FULL;
    if (y->v_samp_factor == 3)
        return false;
    return half_width ? cb->downsampled_width >= SAMPLES_MIN : !half_height;
}

/* --- memory --- */

static size_t up_to(size_t n, size_t step)
{
    return (n + step - 1) / step * step;
}

static size_t plane_bytes(const nf_jpeg_plane *plane)
{
    return plane->stride * plane->n_rows;
}

/* Where a row needs chroma of the group before its own, or of the group after it, two groups are kept. */
static nf_jpeg_plane shape(const nf_jpeg_planes *planes, size_t width, int rows)
{
    uint32_t groups = planes->chroma == NF_CHROMA_HALF_BOTH ? 2 : 1;
    return (nf_jpeg_plane){.stride = PAD + up_to(width, NF_YCC_STEP_PX) + PAD, .n_rows = groups * (uint32_t)rows};
}

bool nf_jpeg_planes_make(nf_jpeg_planes *planes, const struct jpeg_decompress_struct *cinfo)
{
    nf_jpeg_plane *const all[] = {&planes->parts[0], &planes->parts[1], &planes->parts[2], &planes->reach};
    size_t bytes = 0;
    for (int c = 0; c < 3; c++) {
        const jpeg_component_info *part = &cinfo->comp_info[c];
        planes->parts[c] = shape(planes, (size_t)part->width_in_blocks * DCTSIZE, part->v_samp_factor * DCTSIZE);
    }
    planes->reach = shape(planes, cinfo->image_width, cinfo->comp_info[1].v_samp_factor * DCTSIZE);
    planes->group_rows = (uint32_t)cinfo->max_v_samp_factor * DCTSIZE;
    for (size_t i = 0; i < 4; i++)
        bytes += plane_bytes(all[i]); /* fits: all come from 16-bit JPEG dimensions */
    planes->block = malloc(bytes); /* fits: see above */
    if (planes->block == NULL)
        return false;
    memset(planes->block, 128, bytes); /* what pads a row is read, though it has no influence */
    uint8_t *at = planes->block;
    for (size_t i = 0; i < 4; i++) {
        all[i]->first = at + PAD;
        at += plane_bytes(all[i]);
    }
    return true;
}

/* --- rows --- */

static uint8_t *row_of(const nf_jpeg_plane *plane, uint32_t row)
{
    return plane->first + (row & (plane->n_rows - 1)) * plane->stride;
}

static void pad(uint8_t *row, uint32_t width)
{
    row[-1] = row[0];
    row[width] = row[width - 1];
}

static void finish_chroma(nf_jpeg_planes *planes, const struct jpeg_decompress_struct *cinfo, const nf_backend *backend)
{
    const jpeg_component_info *part = &cinfo->comp_info[1];
    uint32_t end = planes->n_chroma + (uint32_t)part->v_samp_factor * DCTSIZE;
    if (end > part->downsampled_height)
        end = part->downsampled_height;
    for (; planes->n_chroma < end; planes->n_chroma++) {
        uint8_t *cb = row_of(&planes->parts[1], planes->n_chroma), *cr = row_of(&planes->parts[2], planes->n_chroma);
        pad(cb, part->downsampled_width);
        pad(cr, part->downsampled_width);
        uint8_t *reach = row_of(&planes->reach, planes->n_chroma);
        backend->reach_of_chroma(cb, cr, planes->chroma, cinfo->image_width, reach);
        memset(reach + cinfo->image_width, 0, up_to(cinfo->image_width, NF_YCC_STEP_PX) - cinfo->image_width);
    }
}

uint32_t nf_jpeg_planes_read(nf_jpeg_planes *planes, struct jpeg_decompress_struct *cinfo, const nf_backend *backend)
{
    JSAMPROW lines[3][GROUP_ROWS_MAX];
    JSAMPARRAY parts[3] = {lines[0], lines[1], lines[2]};
    uint32_t group = cinfo->output_scanline / planes->group_rows;
    for (int c = 0; c < 3; c++) {
        uint32_t n_rows = (uint32_t)cinfo->comp_info[c].v_samp_factor * DCTSIZE;
        for (uint32_t i = 0; i < n_rows; i++)
            lines[c][i] = row_of(&planes->parts[c], group * n_rows + i);
    }
    jpeg_read_raw_data(cinfo, parts, planes->group_rows);
    finish_chroma(planes, cinfo, backend);
    if (cinfo->output_scanline >= cinfo->output_height)
        return cinfo->output_height;
    return cinfo->output_scanline - (planes->chroma == NF_CHROMA_HALF_BOTH ? 1 : 0);
}

void nf_jpeg_planes_grey(const nf_jpeg_planes *planes, const struct jpeg_decompress_struct *cinfo, const nf_backend *backend,
                         uint32_t y, uint8_t *grey)
{
    uint32_t rows[2] = {y, y};
    if (planes->chroma == NF_CHROMA_HALF_BOTH) {
        rows[0] = rows[1] = y / 2;
        if (y % 2 == 1 && rows[1] + 1 < cinfo->comp_info[1].downsampled_height)
            rows[1]++;
        else if (y % 2 == 0 && rows[1] > 0)
            rows[1]--;
    }
    nf_ycc_row row = {.chroma = planes->chroma, .y = row_of(&planes->parts[0], y)};
    for (int i = 0; i < 2; i++) {
        row.cb[i] = row_of(&planes->parts[1], rows[i]);
        row.cr[i] = row_of(&planes->parts[2], rows[i]);
        row.reach[i] = row_of(&planes->reach, rows[i]);
    }
    backend->grey_of_ycc(&row, cinfo->image_width, grey);
}
