/* The bare work to compare with: decodes each JPEG with libjpeg-turbo and forgets the rows. bench_jpeg [grey] LIST
 *
 * To RGB, or with the word grey to the Y plane alone, which skips the work on colour (a JPEG that has no such plane is left
 * to libjpeg's default). LIST is a file with one path a line. Prints how many images and pixels were decoded.
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "file_list.h"

typedef struct thrower {
    struct jpeg_error_mgr manager;
    jmp_buf back;
} thrower;

static void throw_error(j_common_ptr cinfo)
{
    thrower *errors = (thrower *)cinfo->err;
    longjmp(errors->back, 1);
}

static void say_nothing(j_common_ptr cinfo)
{
    (void)cinfo;
}

/* Pixels decoded, 0 when the file is no whole JPEG. */
static uint64_t decode(const uint8_t *bytes, size_t n, bool grey)
{
    thrower errors;
    struct jpeg_decompress_struct cinfo = {.err = jpeg_std_error(&errors.manager)};
    uint8_t *volatile row = NULL;
    volatile uint64_t pixels = 0;
    errors.manager.error_exit = throw_error;
    errors.manager.output_message = say_nothing;
    jpeg_create_decompress(&cinfo);
    if (setjmp(errors.back) == 0) {
        jpeg_mem_src(&cinfo, bytes, n);
        jpeg_read_header(&cinfo, TRUE);
        if (!grey)
            cinfo.out_color_space = JCS_RGB;
        else if (cinfo.jpeg_color_space == JCS_YCbCr)
            cinfo.out_color_space = JCS_GRAYSCALE;
        jpeg_start_decompress(&cinfo);
        row = malloc((size_t)cinfo.output_width * (size_t)cinfo.output_components);
        JSAMPROW rows[1] = {row};
        while (row != NULL && cinfo.output_scanline < cinfo.output_height)
            pixels += jpeg_read_scanlines(&cinfo, rows, 1) * (uint64_t)cinfo.output_width;
        jpeg_finish_decompress(&cinfo);
    }
    jpeg_destroy_decompress(&cinfo);
    free(row);
    return pixels;
}

int main(int argc, char **argv)
{
    bool grey = argc == 3 && strcmp(argv[1], "grey") == 0;
    FILE *list = argc == (grey ? 3 : 2) ? fopen(argv[argc - 1], "r") : NULL;
    if (list == NULL) {
        fputs("usage: bench_jpeg [grey] LIST\n", stderr);
        return 2;
    }
    return decode_list(list, decode, grey);
}
