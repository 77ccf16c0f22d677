/* The bare work to compare with: decodes each PNG as stored with libpng, a row at a time, and forgets the rows. bench_png LIST
 *
 * LIST is a file with one path a line. Prints how many images and pixels were decoded.
 */
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "file_list.h"

typedef struct encoded {
    const uint8_t *next, *end;
} encoded;

static void take_bytes(png_structp png, png_bytep bytes, size_t n)
{
    encoded *from = png_get_io_ptr(png);
    if (n > (size_t)(from->end - from->next))
        png_error(png, "the file ends too soon");
    memcpy(bytes, from->next, n);
    from->next += n;
}

static void say_nothing(png_structp png, png_const_charp sentence)
{
    (void)png, (void)sentence;
}

/* Pixels decoded, 0 when the file is no whole PNG. Interlaced ones count as none: nobody compares them. */
static uint64_t decode(const uint8_t *bytes, size_t n, bool grey)
{
    (void)grey; /* as stored */
    encoded from = {bytes, bytes + n};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, say_nothing);
    png_infop volatile info = png != NULL ? png_create_info_struct(png) : NULL;
    uint8_t *volatile row = NULL;
    volatile uint64_t pixels = 0;
    if (info != NULL && setjmp(png_jmpbuf(png)) == 0) {
        png_set_read_fn(png, &from, take_bytes);
        png_read_info(png, info);
        row = malloc(png_get_rowbytes(png, info));
        uint32_t h_px = png_get_interlace_type(png, info) == PNG_INTERLACE_NONE ? png_get_image_height(png, info) : 0;
        for (uint32_t y = 0; row != NULL && y < h_px; y++)
            png_read_row(png, row, NULL);
        if (h_px > 0)
            png_read_end(png, NULL);
        pixels = (uint64_t)h_px * png_get_image_width(png, info);
    }
    png_infop done = info;
    png_destroy_read_struct(&png, &done, NULL);
    free(row);
    return pixels;
}

int main(int argc, char **argv)
{
    FILE *list = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (list == NULL) {
        fputs("usage: bench_png LIST\n", stderr);
        return 2;
    }
    return decode_list(list, decode, false);
}
