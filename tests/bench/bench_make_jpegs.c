/* Makes JPEGs like photographs in size and bit rate: bench_make_jpegs FOLDER N
 *
 * Drawn texture under a little noise, 500x375, quality 90, 4:2:0, in FOLDER/0.jpg .. N-1.jpg. The same files every time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "sample/draw.h"

enum { W_PX = 500, H_PX = 375, PIXELS = W_PX * H_PX, NOISE_SHARE = 28 /* of 256 */ };

static void draw_photo_like(uint64_t index, uint8_t *rgb, uint8_t *noise)
{
    nf_sample_draw(index % 3 == 0 ? NF_SAMPLE_SHAPES : NF_SAMPLE_TEXTURE, index, W_PX, H_PX, rgb);
    nf_sample_draw(NF_SAMPLE_NOISE, index, W_PX, H_PX, noise);
    for (int i = 0; i < 3 * PIXELS; i++)
        rgb[i] = (uint8_t)((rgb[i] * (256 - NOISE_SHARE) + noise[i] * NOISE_SHARE) / 256);
}

static void write_jpeg(FILE *file, uint8_t *rgb)
{
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct cinfo = {.err = jpeg_std_error(&errors)};
    jpeg_create_compress(&cinfo);
    jpeg_stdio_dest(&cinfo, file);
    cinfo.image_width = W_PX;
    cinfo.image_height = H_PX;
    cinfo.input_components = 3;
    cinfo.in_color_space = JCS_RGB;
    jpeg_set_defaults(&cinfo); /* 4:2:0 */
    jpeg_set_quality(&cinfo, 90, TRUE);
    jpeg_start_compress(&cinfo, TRUE);
    while (cinfo.next_scanline < H_PX) {
        JSAMPROW row = rgb + (size_t)3 * W_PX * cinfo.next_scanline;
        jpeg_write_scanlines(&cinfo, &row, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: bench_make_jpegs FOLDER N\n", stderr);
        return 2;
    }
    uint8_t *rgb = malloc(2 * 3 * PIXELS);
    if (rgb == NULL)
        return 4;
    unsigned long n = strtoul(argv[2], NULL, 10);
    int result = 0;
    for (unsigned long i = 0; i < n && result == 0; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%lu.jpg", argv[1], i);
        FILE *file = fopen(path, "wb");
        draw_photo_like(i, rgb, rgb + 3 * PIXELS);
        if (file != NULL)
            write_jpeg(file, rgb);
        if (file == NULL || fclose(file) != 0)
            result = 4;
    }
    free(rgb);
    return result;
}
