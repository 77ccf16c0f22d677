/* nofade: what the decoders share. Private to src/decode*.c. */
#ifndef NF_DECODE_INTERNAL_H
#define NF_DECODE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"

/* Who wants to see where the pixels lie, which are counted in any case. */
typedef struct nf_row_sink nf_row_sink;
struct nf_row_sink {
    /* Before the first row, with the size the header declares. False: no rows are wanted. It may come again, after some rows:
     * then they count as not taken, and all come anew. */
    bool (*begin)(nf_row_sink *sink, uint32_t w_px, uint32_t h_px);
    /* values (n_px,) of the pixels at x, x + step, ... of row y. Each pixel of an image that decodes comes once. */
    void (*take)(nf_row_sink *sink, const uint8_t *values, size_t n_px, uint32_t x, uint32_t step, uint32_t y);
    bool wants_stored; /* values as stored, which only a PNG with one number of 8 bits or less a pixel has; else grey levels */
};

/* nf_decode, and the rows to sink (NULL: nobody wants them). */
void nf_decode_rows(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out);
/* *out is zeroed at entry; bytes begin with the kind's signature. */
void nf_decode_jpeg(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out);
void nf_decode_png(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out);
void nf_decode_webp(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_row_sink *sink, nf_decoded *out);

/* A PNG's size by its first bytes, into *out. False: *out has failed. */
bool nf_decode_png_start(const uint8_t *bytes, size_t n, const nf_decode_options *options, nf_decoded *out);

/* Verdict failed, counts emptied; the first failure stands. */
void nf_decoded_fail(nf_decoded *out, nf_failure failure, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Verdict warned, unless failed; the first warning stands. */
void nf_decoded_warn(nf_decoded *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Notes the size the header declares. False, and *out failed, when it is over the limit or without pixels. */
bool nf_decoded_set_size(nf_decoded *out, uint32_t w_px, uint32_t h_px, const nf_decode_options *options);

/* Waits until no other memory-hungry decode runs in this process, where this one needs more than options say. True when
 * it must be given back with nf_decode_alone_end. */
bool nf_decode_alone_begin(uint64_t need_bytes, const nf_decode_options *options);
void nf_decode_alone_end(void);

#endif
