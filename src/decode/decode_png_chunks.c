/* nofade: the chunks of a PNG, looked over before anything is decoded.
 *
 * What passes here is silent in libpng: IHDR, at most one palette where one belongs, IDAT chunks without a gap, IEND, and
 * between them ancillary chunks that libpng was told to skip; each with the right check sum. Bytes behind IEND are nobody's.
 */
#include <string.h>

#include <isa-l/crc.h>

#include "decode/decode_png_internal.h"

enum {
    SIGNATURE_BYTES = 8,
    AROUND = 12, /* length, type and check sum of a chunk */
    HEADER_CONTENT = 13,
    LENGTH_MAX = 0x7fffffff
};

typedef struct chunk {
    const uint8_t *type; /* 4 bytes */
    const uint8_t *content;
    uint32_t n;
} chunk;

static bool is_type(const chunk *c, const char *type)
{
    return memcmp(c->type, type, 4) == 0;
}

/* False: it does not lie within the bytes, or its check sum is wrong. */
static bool next_chunk(const uint8_t **at, const uint8_t *end, chunk *c)
{
    size_t left = (size_t)(end - *at);
    if (left < AROUND)
        return false;
    *c = (chunk){.type = *at + 4, .content = *at + 8, .n = nf_png_u32(*at)};
    if (c->n > LENGTH_MAX || c->n > left - AROUND)
        return false;
    *at += AROUND + (size_t)c->n;
    return crc32_gzip_refl(0, c->type, (uint64_t)c->n + 4) == nf_png_u32(*at - 4);
}

/* --- which chunks are silent --- */

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Small first letter: not needed to show the image. Small second: nobody's standard, so no libpng knows it. Of the public
 * ones, those that every libpng 1.6 skips as it was told; a later one may read others and warn of them. */
static bool is_skipped(const chunk *c)
{
    static const char known[][5] = {"bKGD", "cHRM", "eXIf", "gAMA", "hIST", "iCCP", "iTXt", "oFFs", "pCAL", "pHYs",
                                    "sBIT", "sCAL", "sPLT", "sTER", "sRGB", "tEXt", "tIME", "tRNS", "zTXt"};
    bool is_private = c->type[0] >= 'a' && c->type[1] >= 'a';
    for (size_t i = 0; is_private && i < 4; i++)
        is_private = is_letter(c->type[i]);
    for (size_t i = 0; !is_private && i < sizeof known / sizeof *known; i++)
        if (is_type(c, known[i]))
            return true;
    return is_private;
}

static bool take_palette(const chunk *c, nf_png_chunks *chunks)
{
    if (chunks->colour != NF_PNG_PALETTE || chunks->palette != NULL || c->n == 0 || c->n % 3 != 0 ||
        c->n / 3 > 1u << chunks->depth)
        return false;
    chunks->palette = c->content;
    chunks->n_palette = (int)(c->n / 3);
    return true;
}

/* --- in their order --- */

static bool is_allowed(int depth, int colour)
{
    bool whole = depth == 8 || depth == 16, small = depth == 1 || depth == 2 || depth == 4;
    switch (colour) {
    case NF_PNG_GREY:
        return whole || small;
    case NF_PNG_PALETTE:
        return depth == 8 || small;
    case NF_PNG_RGB:
    case NF_PNG_GREY_ALPHA:
    case NF_PNG_RGBA:
        return whole;
    default:
        return false;
    }
}

static bool take_header(const uint8_t **at, const uint8_t *end, nf_png_chunks *chunks)
{
    chunk c;
    if (!next_chunk(at, end, &c) || !is_type(&c, "IHDR") || c.n != HEADER_CONTENT)
        return false;
    const uint8_t *rest = c.content + 8; /* depth, colour, compression, filter, interlacing */
    *chunks = (nf_png_chunks){
        .w_px = nf_png_u32(c.content), .h_px = nf_png_u32(c.content + 4), .depth = rest[0], .colour = rest[1]};
    return chunks->w_px <= LENGTH_MAX && chunks->h_px <= LENGTH_MAX && is_allowed(chunks->depth, chunks->colour) &&
           rest[2] == 0 && rest[3] == 0 && rest[4] == 0;
}

static bool take_before_pixels(const uint8_t **at, const uint8_t *end, nf_png_chunks *chunks)
{
    chunk c;
    for (;;) {
        const uint8_t *start = *at;
        if (!next_chunk(at, end, &c))
            return false;
        if (is_type(&c, "IDAT")) {
            chunks->idat = start;
            return c.n > 0 && (chunks->colour == NF_PNG_PALETTE) == (chunks->palette != NULL);
        }
        if (is_type(&c, "PLTE") ? !take_palette(&c, chunks) : !is_skipped(&c))
            return false;
    }
}

static bool take_after_pixels(const uint8_t **at, const uint8_t *end)
{
    chunk c;
    bool in_pixels = true;
    while (next_chunk(at, end, &c)) {
        if (is_type(&c, "IEND"))
            return c.n == 0;
        bool is_pixels = is_type(&c, "IDAT");
        if (is_pixels ? !in_pixels : !is_skipped(&c))
            return false;
        in_pixels = is_pixels;
    }
    return false;
}

bool nf_png_read_chunks(const uint8_t *bytes, size_t n, nf_png_chunks *chunks)
{
    const uint8_t *at = bytes + SIGNATURE_BYTES, *end = bytes + n;
    return take_header(&at, end, chunks) && take_before_pixels(&at, end, chunks) && take_after_pixels(&at, end);
}

const uint8_t *nf_png_next_idat(const uint8_t **at, uint32_t *n)
{
    const uint8_t *content = *at + 8;
    if (memcmp(*at + 4, "IDAT", 4) != 0)
        return NULL;
    *n = nf_png_u32(*at);
    *at = content + *n + 4;
    return content;
}
