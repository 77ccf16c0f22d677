/* nofade: an image and its label map to grey counts by class.
 *
 * The map becomes a plane of w * h bytes; the image's rows are then counted as they come, so no second plane is needed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "decode/decode_internal.h"
#include "loaders/sniff.h"
#include "metrics/class_pixels.h"
#include "metrics/entropy.h"

typedef struct map_sink {
    nf_row_sink sink; /* first */
    uint32_t w_px, h_px;
    uint8_t *plane; /* (h, w), heap; NULL: no memory */
} map_sink;

typedef struct class_sink {
    nf_row_sink sink; /* first */
    const map_sink *map;
    bool fits; /* the map has the image's size */
    uint32_t (*counts)[NF_GREY_LEVELS]; /* (class, grey) */
} class_sink;

static bool map_begin(nf_row_sink *sink, uint32_t w_px, uint32_t h_px)
{
    map_sink *map = (map_sink *)sink;
    size_t bytes;
    map->w_px = w_px;
    map->h_px = h_px;
    free(map->plane);
    map->plane = nf_mul_overflows(w_px, h_px, &bytes) ? NULL : malloc(bytes);
    return map->plane != NULL;
}

static void map_take(nf_row_sink *sink, const uint8_t *values, size_t n_px, uint32_t x, uint32_t step, uint32_t y)
{
    const map_sink *map = (map_sink *)sink;
    uint8_t *to = map->plane + (size_t)y * map->w_px + x;
    if (step == 1)
        memcpy(to, values, n_px);
    else
        for (size_t i = 0; i < n_px; i++)
            to[i * step] = values[i];
}

static bool class_begin(nf_row_sink *sink, uint32_t w_px, uint32_t h_px)
{
    class_sink *by_class = (class_sink *)sink;
    by_class->fits = w_px == by_class->map->w_px && h_px == by_class->map->h_px;
    memset(by_class->counts, 0, NF_CLASS_VALUES * sizeof *by_class->counts); /* fits: calloc said so */
    return by_class->fits;
}

static void class_take(nf_row_sink *sink, const uint8_t *values, size_t n_px, uint32_t x, uint32_t step, uint32_t y)
{
    const class_sink *by_class = (class_sink *)sink;
    const map_sink *map = by_class->map;
    nf_count_by_class(values, map->plane + (size_t)y * map->w_px + x, step, n_px, by_class->counts);
}

static void decode_map(const uint8_t *bytes, size_t n, const nf_decode_options *options, map_sink *map, nf_decoded *out)
{
    memset(out, 0, sizeof *out);
    if (n == 0)
        nf_decoded_fail(out, NF_FAILURE_EMPTY, "no bytes");
    else if (nf_sniff(bytes, n, NULL) != NF_CONTENT_PNG)
        nf_decoded_fail(out, NF_FAILURE_UNSUPPORTED_KIND, "it is not a PNG");
    else
        nf_decode_png(bytes, n, options, &map->sink, out);
    if (out->verdict != NF_IMAGE_FAILED && map->plane == NULL)
        nf_decoded_fail(out, NF_FAILURE_NO_MEMORY, "no memory for the label map");
}

/* The plane and the table of counts, as far as the map's header tells. */
static uint64_t memory_for(const uint8_t *map, size_t n_map, const nf_decode_options *options)
{
    nf_decoded header = {0};
    if (n_map == 0 || !nf_decode_png_start(map, n_map, options, &header))
        return 0;
    return (uint64_t)header.w_px * header.h_px + sizeof(uint32_t[NF_CLASS_VALUES][NF_GREY_LEVELS]);
}

static uint32_t sum_of(const uint32_t counts[NF_GREY_LEVELS])
{
    uint32_t sum = 0;
    for (size_t i = 0; i < NF_GREY_LEVELS; i++)
        sum += counts[i];
    return sum;
}

/* The classes that have a pixel, by value. False: no memory. */
static bool list_classes(const class_sink *by_class, nf_class_list *classes)
{
    uint32_t n_px[NF_CLASS_VALUES];
    size_t n = 0;
    for (size_t i = 0; i < NF_CLASS_VALUES; i++)
        n += (n_px[i] = sum_of(by_class->counts[i])) > 0;
    classes->items = calloc(n, sizeof *classes->items);
    if (classes->items == NULL)
        return false;
    for (size_t i = 0; i < NF_CLASS_VALUES; i++) {
        if (n_px[i] == 0)
            continue;
        nf_class_pixels *item = &classes->items[classes->n++];
        item->value = (uint8_t)i;
        item->n_px = n_px[i];
        item->q = nf_entropy_quantised(by_class->counts[i]);
        memcpy(item->counts, by_class->counts[i], sizeof item->counts);
    }
    return true;
}

/* Puts the fault of a map in the place of whatever the image was warned of: it cost more. */
static void warn_of_map(nf_decoded *out, const nf_decoded *map, const class_sink *by_class)
{
    if (out->verdict == NF_IMAGE_FAILED)
        return;
    if (map->failure == NF_FAILURE_NO_MEMORY) {
        nf_decoded_fail(out, map->failure, "no memory for its label map");
        return;
    }
    out->verdict = NF_IMAGE_OK;
    if (map->verdict == NF_IMAGE_FAILED)
        nf_decoded_warn(out, "its label map cannot be used: %s", map->reason);
    else
        nf_decoded_warn(out, "its label map has %u x %u pixels, the image has %u x %u", by_class->map->w_px,
                        by_class->map->h_px, out->w_px, out->h_px);
}

void nf_decode_classes(const uint8_t *bytes, size_t n, const uint8_t *map_bytes, size_t n_map,
                       const nf_decode_options *options, nf_decoded *out, nf_class_list *classes)
{
    map_sink map = {.sink = {map_begin, map_take, true}};
    class_sink by_class = {.sink = {class_begin, class_take, false}, .map = &map};
    nf_decoded map_out;
    nf_decode_options inner = *options;
    *classes = (nf_class_list){0};
    bool alone = nf_decode_alone_begin(memory_for(map_bytes, n_map, options), options);
    if (alone)
        inner.serial_bytes = 0; /* it is our turn already */
    decode_map(map_bytes, n_map, &inner, &map, &map_out);
    if (map_out.verdict != NF_IMAGE_FAILED &&
        (by_class.counts = calloc(NF_CLASS_VALUES, sizeof *by_class.counts)) == NULL)
        nf_decoded_fail(&map_out, NF_FAILURE_NO_MEMORY, "no memory for the counts");
    nf_decode_rows(bytes, n, &inner, by_class.counts != NULL ? &by_class.sink : NULL, out);
    if (map_out.verdict == NF_IMAGE_FAILED || !by_class.fits)
        warn_of_map(out, &map_out, &by_class);
    else if (out->verdict != NF_IMAGE_FAILED && !list_classes(&by_class, classes))
        nf_decoded_fail(out, NF_FAILURE_NO_MEMORY, "no memory for the classes of its pixels");
    else if (map_out.verdict == NF_IMAGE_WARNED)
        nf_decoded_warn(out, "its label map: %s", map_out.reason);
    free(by_class.counts);
    free(map.plane);
    if (alone)
        nf_decode_alone_end();
}

void nf_class_list_free(nf_class_list *classes)
{
    free(classes->items);
    *classes = (nf_class_list){0};
}
