/* nofade: what the vector backends share. Private to metrics/backend_*.c.
 *
 * Two steps, a block at a time: pixels to grey bytes (vectors), grey bytes to counts (scalar). Counting is bound by the
 * store-to-load delay of counters that follow each other closely, above all in flat images, so neighbouring pixels go to
 * different tables: counts itself and a few more, added at the end.
 */
#ifndef NF_METRICS_BACKEND_TABLES_H
#define NF_METRICS_BACKEND_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "metrics/backend.h"

/* Interleaved layouts use r alone. */
typedef struct nf_pixels {
    const uint8_t *r, *g, *b;
} nf_pixels;

/* Writes the grey of pixels first .. first + n_px - 1, in any order: a histogram does not see it. */
typedef void nf_luma_function(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey);

/* nf_backend.count_grey. */
void nf_count_grey_in_tables(const uint8_t *grey, size_t n_px, uint32_t counts[NF_GREY_LEVELS]);
void nf_count_luma_in_tables(const nf_pixels *from, size_t n_px, nf_luma_function *luma, uint32_t counts[NF_GREY_LEVELS]);

/* In plain C, what is left behind the last whole vector. */
void nf_luma_tail_rgb(const uint8_t *rgb, size_t n_px, uint8_t *grey);
void nf_luma_tail_rgbx(const uint8_t *rgbx, size_t n_px, uint8_t *grey);
void nf_luma_tail_planar(const nf_pixels *from, size_t first, size_t n_px, uint8_t *grey);

extern const nf_backend nf_backend_neon; /* where there is one: aarch64 */

#endif
