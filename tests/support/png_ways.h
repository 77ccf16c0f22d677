/* A PNG decoded both ways: the fast one and libpng. One file of a program includes this. */
#ifndef NF_TESTS_SUPPORT_PNG_WAYS_H
#define NF_TESTS_SUPPORT_PNG_WAYS_H

#include "support/hand_png.h"

#include <string.h>

#include "decode/decode_png_internal.h"

static const nf_decode_options plain_options = {NF_GREY_BT601, 100000000, 0};

/* Of no size yet. */
static const png_spec kinds[] = {
    {.depth = 1},  {.depth = 2},  {.depth = 4}, {.depth = 8}, {.depth = 16}, {.colour = 2, .depth = 8}, {.colour = 2, .depth = 16},
    {.colour = 3, .depth = 1, .n_palette = 2}, {.colour = 3, .depth = 2, .n_palette = 4}, {.colour = 3, .depth = 4, .n_palette = 16},
    {.colour = 3, .depth = 8, .n_palette = 256}, {.colour = 3, .depth = 8, .n_palette = 200}, {.colour = 4, .depth = 8},
    {.colour = 4, .depth = 16}, {.colour = 6, .depth = 8}, {.colour = 6, .depth = 16}};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* Keeps what it is shown. */
typedef struct plane_sink {
    nf_row_sink sink; /* first */
    uint32_t w_px;
    size_t n_taken;
    uint8_t *plane; /* heap */
} plane_sink;

static inline bool plane_begin(nf_row_sink *sink, uint32_t w_px, uint32_t h_px)
{
    plane_sink *to = (plane_sink *)sink;
    free(to->plane);
    to->w_px = w_px;
    to->n_taken = 0;
    to->plane = calloc(h_px, w_px);
    return to->plane != NULL;
}

static inline void plane_take(nf_row_sink *sink, const uint8_t *values, size_t n_px, uint32_t x, uint32_t step, uint32_t y)
{
    plane_sink *to = (plane_sink *)sink;
    for (size_t i = 0; i < n_px; i++)
        to->plane[(size_t)y * to->w_px + x + i * step] = values[i];
    to->n_taken += n_px;
}

static inline void assert_same(const nf_decoded *a, const nf_decoded *b, const char *what)
{
    if (a->verdict != b->verdict || a->failure != b->failure || strcmp(a->reason, b->reason) != 0 || a->w_px != b->w_px ||
        a->h_px != b->h_px || a->mode != b->mode || memcmp(a->counts, b->counts, sizeof a->counts) != 0)
        fail_msg("%s: \"%s\" but \"%s\" by libpng", what, a->reason, b->reason);
}

/* As nf_decode would, by libpng alone. */
static inline void decode_slowly(const uint8_t *bytes, size_t n, nf_row_sink *sink, nf_decoded *out)
{
    *out = (nf_decoded){0};
    if (nf_decode_png_start(bytes, n, &plain_options, out))
        nf_decode_png_libpng(bytes, n, &plain_options, sink, out);
}

/* Whether the fast way takes it. */
static inline bool decode_fast(const uint8_t *bytes, size_t n, nf_decoded *out)
{
    *out = (nf_decoded){0};
    return nf_decode_png_start(bytes, n, &plain_options, out) && nf_decode_png_fast(bytes, n, &plain_options, NULL, out);
}

static inline void assert_same_planes(const uint8_t *bytes, size_t n, bool wants_stored, const char *what)
{
    plane_sink ours = {.sink = {plane_begin, plane_take, wants_stored}}, theirs = ours;
    nf_decoded out = {0}, slow;
    nf_decode_png(bytes, n, &plain_options, &ours.sink, &out);
    decode_slowly(bytes, n, &theirs.sink, &slow);
    assert_same(&out, &slow, what);
    if (out.verdict != NF_IMAGE_FAILED) {
        assert_int_equal(ours.n_taken, (size_t)out.w_px * out.h_px);
        assert_memory_equal(ours.plane, theirs.plane, ours.n_taken);
    }
    free(ours.plane);
    free(theirs.plane);
}

/* The one thing that the fast way takes and libpng does not: codes that leave bit patterns unused which do not occur. The
 * check sum of the pixels has shown that they are right. */
static inline bool is_about_unused_codes(const nf_decoded *slow)
{
    return strstr(slow->reason, "invalid distances set") != NULL || strstr(slow->reason, "invalid literal/lengths set") != NULL ||
           strstr(slow->reason, "invalid code lengths set") != NULL;
}

/* Both ways end in the same, with no sink and with either kind. True: the fast way took it. */
static inline bool same_both_ways(const uint8_t *bytes, size_t n, const char *what)
{
    nf_decoded fast, slow, out = {0};
    uint8_t *exact = malloc(n + 1); /* so that an over-read shows under a sanitizer */
    assert_non_null(exact);
    memcpy(exact + 1, bytes, n);
    bool taken = decode_fast(exact + 1, n, &fast);
    decode_slowly(exact + 1, n, NULL, &slow);
    nf_decode_png(exact + 1, n, &plain_options, NULL, &out);
    if (!taken || !is_about_unused_codes(&slow)) {
        assert_same(&out, &slow, what);
        assert_same(taken ? &fast : &out, &slow, what);
        assert_same_planes(exact + 1, n, false, what);
        assert_same_planes(exact + 1, n, true, what);
    }
    free(exact);
    return taken;
}

static inline bool spec_is_taken(const png_spec *spec, const char *what)
{
    nf_buf png = {0};
    make_png(&png, spec);
    bool taken = same_both_ways(png.data, png.len, what);
    nf_buf_free(&png);
    return taken;
}

#endif
