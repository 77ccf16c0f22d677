/* What the bare decoders share: every file of a list is read into one buffer and decoded. */
#ifndef NF_BENCH_FILE_LIST_H
#define NF_BENCH_FILE_LIST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pixels decoded, 0 when the bytes are no whole picture. grey: the caller's, passed through. */
typedef uint64_t decode_function(const uint8_t *bytes, size_t n, bool grey);

static uint64_t decode_file(const char *path, uint8_t **bytes, size_t *capacity, decode_function *decode, bool grey)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        return 0;
    size_t n = (size_t)ftell(file);
    rewind(file);
    if (n > *capacity) {
        free(*bytes);
        *bytes = malloc(n);
        *capacity = n;
    }
    size_t got = *bytes != NULL ? fread(*bytes, 1, n, file) : 0;
    fclose(file);
    return got == n ? decode(*bytes, n, grey) : 0;
}

/* list has one path a line; it is closed. Prints how many images and pixels were decoded. The program's exit code. */
static int decode_list(FILE *list, decode_function *decode, bool grey)
{
    char path[4096];
    uint8_t *bytes = NULL;
    size_t capacity = 0;
    uint64_t images = 0, pixels = 0;
    while (fgets(path, sizeof path, list) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        uint64_t decoded = decode_file(path, &bytes, &capacity, decode, grey);
        images += decoded > 0;
        pixels += decoded;
    }
    printf("%llu images, %llu pixels\n", (unsigned long long)images, (unsigned long long)pixels);
    free(bytes);
    fclose(list);
    return images > 0 ? 0 : 1;
}

#endif
