#include "scan/quality_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan/duplicates.h"
#include "loaders/sniff.h"
#include "metrics/entropy.h"

enum { SIDES = 65536 };

/* How many images have each length of a side. */
typedef struct side_histogram {
    uint32_t *images; /* (SIDES,), the last one for all that are longer */
    uint64_t n;
} side_histogram;

typedef struct finder {
    nf_quality_search *search;
    nf_quality *quality;
    side_histogram longer, shorter;
    nf_colour_mode usual;
} finder;

/* ---- rows ---- */

nf_status nf_quality_rewind(nf_quality_search *search, nf_error *error)
{
    search->rows_seen = 0;
    return nf_row_spool_rewind(search->spool, error);
}

nf_status nf_quality_next(nf_quality_search *search, nf_spooled_row *row, const char **path, nf_error *error)
{
    while (search->rows_seen < search->rows_max) {
        nf_status status = nf_row_spool_next(search->spool, row, path, error);
        if (status != NF_OK)
            return status;
        search->rows_seen++;
        if (row->verdict != NF_IMAGE_FAILED)
            return NF_OK;
    }
    return NF_EOF;
}

nf_status nf_quality_name(nf_quality_search *search, const nf_spooled_row *row, const char *path, nf_named_image *image,
                          nf_error *error)
{
    const nf_group *group = nf_groups_get(search->groups, row->group);
    const char *shown;
    search->member.len = 0;
    nf_status status = row->row < 0 ? nf_buf_append(&search->member, path, strlen(path) + 1, error)
                                    : nf_buf_printf(&search->member, error, "%s#%lld", path, (long long)row->row);
    if (status == NF_OK && row->row >= 0)
        status = nf_buf_append(&search->member, "", 1, error);
    if (status == NF_OK)
        status = nf_settling_classes(search->settling, row->group, &shown, error);
    if (status != NF_OK)
        return status;
    *image = (nf_named_image){(char *)search->paths[row->source], (char *)search->member.data, group->split, (char *)shown};
    return status;
}

static bool is_chosen(const nf_quality_search *search, const nf_spooled_row *row)
{
    return nf_split_is_chosen(search->settling, nf_groups_get(search->groups, row->group)->split);
}

static nf_status take(finder *f, nf_finding_kind kind, const nf_spooled_row *row, const char *path, const char *text,
                      double number, nf_error *error)
{
    nf_finding finding = {.text = (char *)text, .number = number};
    nf_status status = nf_quality_name(f->search, row, path, &finding.image, error);
    return status == NF_OK ? nf_finding_add(f->quality, kind, &finding, error) : status;
}

/* ---- sides ---- */

static uint32_t longer_side(const nf_spooled_row *row)
{
    return row->w_px > row->h_px ? row->w_px : row->h_px;
}

static uint32_t shorter_side(const nf_spooled_row *row)
{
    return row->w_px > row->h_px ? row->h_px : row->w_px;
}

static void count_side(side_histogram *histogram, nf_side_stats *stats, uint32_t side)
{
    histogram->images[side < SIDES ? side : SIDES - 1]++;
    histogram->n++;
    stats->min = histogram->n == 1 || side < stats->min ? side : stats->min;
    stats->max = side > stats->max ? side : stats->max;
}

/* The rank-th smallest side, from 1. */
static uint32_t side_of_rank(const side_histogram *histogram, uint64_t rank)
{
    uint64_t seen = 0;
    uint32_t side = 0;
    while (side < SIDES - 1 && (seen += histogram->images[side]) < rank)
        side++;
    return side;
}

static void settle_sides(const side_histogram *histogram, nf_side_stats *stats)
{
    uint64_t n = histogram->n, left_aside = n >= 20 ? n / 20 : n >= 5;
    stats->has_quantiles = true;
    stats->q05 = side_of_rank(histogram, left_aside + 1);
    stats->median = side_of_rank(histogram, (n + 1) / 2);
    stats->q95 = side_of_rank(histogram, n - left_aside);
}

static bool is_far_off(const nf_side_stats *stats, uint32_t side)
{
    return side > 2 * (uint64_t)stats->q95 || 2 * (uint64_t)side < stats->q05;
}

/* ---- what one image shows by itself ---- */

static nf_status look_at_levels(finder *f, const nf_spooled_row *row, const char *path, nf_error *error)
{
    uint64_t n_px = (uint64_t)row->w_px * row->h_px, top_px = row->marks.top_px;
    if (top_px == n_px)
        return take(f, NF_FINDING_CONSTANT, row, path, NULL, row->marks.top_level, error);
    if (top_px * 100 >= n_px * NF_NEAR_CONSTANT_PERCENT)
        return take(f, NF_FINDING_NEAR_CONSTANT, row, path, NULL, (double)top_px / (double)n_px, error);
    return NF_OK;
}

/* Most images come nowhere near the ten: spare them their names. */
static bool may_be_extreme(const nf_finding_list *list, double sign, double bits)
{
    return !list->trimmed || sign * bits <= sign * list->items[NF_EXTREMES_LISTED - 1].number;
}

static nf_status look_at_entropy(finder *f, const nf_spooled_row *row, const char *path, nf_error *error)
{
    nf_finding_list *lists = f->quality->findings;
    double bits = (double)row->q / NF_Q_PER_BIT;
    nf_status status = NF_OK;
    if (may_be_extreme(&lists[NF_FINDING_LEAST_COMPLEX], 1.0, bits))
        status = take(f, NF_FINDING_LEAST_COMPLEX, row, path, NULL, bits, error);
    if (status == NF_OK && may_be_extreme(&lists[NF_FINDING_MOST_COMPLEX], -1.0, bits))
        status = take(f, NF_FINDING_MOST_COMPLEX, row, path, NULL, bits, error);
    return status;
}

static nf_status look_at_suffix(finder *f, const nf_spooled_row *row, const char *path, nf_error *error)
{
    const char *claimed = row->marks.kind[0] != '\0' ? nf_image_suffix_kind(path) : NULL;
    if (claimed == NULL || strcmp(claimed, row->marks.kind) == 0)
        return NF_OK;
    return take(f, NF_FINDING_WRONG_EXTENSION, row, path, row->marks.kind, 0.0, error);
}

static nf_status look_at_each(finder *f, nf_error *error)
{
    nf_spooled_row row;
    const char *path;
    nf_quality *quality = f->quality;
    nf_status status = nf_quality_rewind(f->search, error);
    while (status == NF_OK && (status = nf_quality_next(f->search, &row, &path, error)) == NF_OK) {
        quality->duplicates.images++;
        if (!is_chosen(f->search, &row))
            continue;
        quality->modes[row.marks.mode]++;
        count_side(&f->longer, &quality->longer, longer_side(&row));
        count_side(&f->shorter, &quality->shorter, shorter_side(&row));
        status = look_at_levels(f, &row, path, error);
        if (status == NF_OK)
            status = look_at_entropy(f, &row, path, error);
        if (status == NF_OK)
            status = look_at_suffix(f, &row, path, error);
    }
    return status == NF_EOF ? NF_OK : status;
}

/* ---- what shows beside all others ---- */

static nf_status look_beside_others(finder *f, const nf_spooled_row *row, const char *path, nf_error *error)
{
    const nf_quality *quality = f->quality;
    nf_status status = NF_OK;
    if (row->marks.mode != f->usual) {
        const char *mode = nf_colour_mode_name((nf_colour_mode)row->marks.mode);
        status = take(f, NF_FINDING_UNUSUAL_MODE, row, path, mode, 0.0, error);
    }
    bool far_off = is_far_off(&quality->longer, longer_side(row)) || is_far_off(&quality->shorter, shorter_side(row));
    if (status == NF_OK && far_off) {
        char size[32];
        snprintf(size, sizeof size, "%ux%u", (unsigned)row->w_px, (unsigned)row->h_px);
        status = take(f, NF_FINDING_SIZE_OUTLIER, row, path, size, 0.0, error);
    }
    return status;
}

static bool is_uniform(const finder *f)
{
    const nf_quality *quality = f->quality;
    return quality->modes[f->usual] == nf_quality_images(quality) && !is_far_off(&quality->longer, quality->longer.min) &&
           !is_far_off(&quality->longer, quality->longer.max) && !is_far_off(&quality->shorter, quality->shorter.min) &&
           !is_far_off(&quality->shorter, quality->shorter.max);
}

static nf_status compare_with_others(finder *f, nf_error *error)
{
    nf_spooled_row row;
    const char *path;
    if (nf_quality_images(f->quality) == 0)
        return NF_OK;
    f->usual = nf_quality_usual_mode(f->quality);
    settle_sides(&f->longer, &f->quality->longer);
    settle_sides(&f->shorter, &f->quality->shorter);
    if (is_uniform(f))
        return NF_OK;
    nf_status status = nf_quality_rewind(f->search, error);
    while (status == NF_OK && (status = nf_quality_next(f->search, &row, &path, error)) == NF_OK)
        if (is_chosen(f->search, &row))
            status = look_beside_others(f, &row, path, error);
    return status == NF_EOF ? NF_OK : status;
}

nf_status nf_quality_find(nf_quality_search *search, nf_quality *quality, nf_error *error)
{
    finder f = {.search = search, .quality = quality};
    f.longer.images = calloc(SIDES, sizeof *f.longer.images);
    f.shorter.images = calloc(SIDES, sizeof *f.shorter.images);
    nf_status status = NF_OK;
    if (f.longer.images == NULL || f.shorter.images == NULL)
        status = nf_fail_nomem(error, "the sizes of the images");
    if (status == NF_OK)
        status = look_at_each(&f, error);
    if (status == NF_OK)
        status = compare_with_others(&f, error);
    nf_findings_trim(quality);
    if (status == NF_OK)
        status = nf_duplicates_find(search, NF_DUPLICATES_AT_ONCE, &quality->duplicates, error);
    free(f.longer.images);
    free(f.shorter.images);
    nf_buf_free(&search->member);
    return status;
}
