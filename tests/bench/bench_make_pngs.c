/* Makes PNGs like photographs of a street in size and bit rate: bench_make_pngs FOLDER N
 *
 * Drawn texture and shapes under a camera's little noise, 2048x1024 RGB, about 2 MB each, in FOLDER/0.png .. N-1.png. Written
 * by libpng at its default level; of three files one has the filters of libpng's choice, one Paeth's and one the left
 * neighbour's throughout, as encoders differ. The same files every time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <png.h>

#include "sample/draw.h"

enum { W_PX = 2048, H_PX = 1024, PIXELS = W_PX * H_PX };

/* -1, 0, 0, 1. */
static int little_noise(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (int)(*state >> 31) - (int)(*state >> 30 & 1);
}

/* Noise follows the light, as in a camera: none in the dark, so that no filter is the best one everywhere. */
static void draw_photo_like(uint64_t index, uint8_t *rgb)
{
    uint32_t state = (uint32_t)index + 1;
    nf_sample_draw(index % 2 == 0 ? NF_SAMPLE_SHAPES : NF_SAMPLE_TEXTURE, index, W_PX, H_PX, rgb);
    for (int i = 0; i < 3 * PIXELS; i++) {
        int value = rgb[i] + (rgb[i] >= 32 ? little_noise(&state) : 0);
        rgb[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

static int write_png(FILE *file, const uint8_t *rgb, int filters)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    if (info == NULL || setjmp(png_jmpbuf(png)) != 0)
        return 4;
    png_init_io(png, file);
    png_set_IHDR(png, info, W_PX, H_PX, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, filters);
    png_write_info(png, info);
    for (size_t y = 0; y < H_PX; y++)
        png_write_row(png, rgb + y * 3 * W_PX);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: bench_make_pngs FOLDER N\n", stderr);
        return 2;
    }
    uint8_t *rgb = malloc(3 * PIXELS); /* fits: constants */
    if (rgb == NULL)
        return 4;
    const int filters[3] = {PNG_ALL_FILTERS, PNG_FILTER_PAETH, PNG_FILTER_SUB};
    unsigned long n = strtoul(argv[2], NULL, 10);
    int result = 0;
    for (unsigned long i = 0; i < n && result == 0; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%lu.png", argv[1], i);
        FILE *file = fopen(path, "wb");
        draw_photo_like(i, rgb);
        result = file != NULL ? write_png(file, rgb, filters[i % 3]) : 4;
        if (file != NULL && fclose(file) != 0)
            result = 4;
    }
    free(rgb);
    return result;
}
