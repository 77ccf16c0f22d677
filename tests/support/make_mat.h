/* MATLAB 5 files made by hand at run time. For the tests of loaders/. */
#ifndef NF_TESTS_SUPPORT_MAKE_MAT_H
#define NF_TESTS_SUPPORT_MAKE_MAT_H

#include "support/archives.h"

static inline void put_word(nf_buf *to, uint32_t value, bool big_endian)
{
    for (int i = 0; i < 4; i++)
        put(to, &(uint8_t){(uint8_t)(value >> (big_endian ? 24 - 8 * i : 8 * i))}, 1);
}

static inline void put_mat_header(nf_buf *to, bool big_endian)
{
    char header[128];
    memset(header, ' ', sizeof header);
    memcpy(header, "MATLAB 5.0 MAT-file, made by hand", 33);
    memcpy(header + 124, big_endian ? "\x01\x00MI" : "\x00\x01IM", 4);
    put(to, header, sizeof header);
}

/* An element; the small form for 1 to 4 bytes where asked. */
static inline void put_mat_element(nf_buf *to, uint32_t type, const void *data, size_t n, bool small, bool big_endian)
{
    if (small && n >= 1 && n <= 4) {
        put_word(to, (uint32_t)n << 16 | type, big_endian);
        put(to, data, n);
        put_zeros(to, 4 - n);
        return;
    }
    put_word(to, type, big_endian);
    put_word(to, (uint32_t)n, big_endian);
    put(to, data, n);
    put_zeros(to, (8 - n % 8) % 8);
}

typedef struct mat_options {
    bool big_endian, compressed, small;
} mat_options;

/* An array of n_dims dimensions: class, and the type that its data are stored as. */
static inline void put_mat_array(nf_buf *to, const char *name, uint32_t class, const uint32_t *dims, int n_dims, uint32_t type,
                                 const void *data, size_t n, mat_options o)
{
    nf_buf body = {0}, sizes = {0}, flags = {0}, whole = {0};
    put_word(&flags, class, o.big_endian);
    put_word(&flags, 0, o.big_endian);
    for (int i = 0; i < n_dims; i++)
        put_word(&sizes, dims[i], o.big_endian);
    put_mat_element(&body, 6, flags.data, flags.len, false, o.big_endian);
    put_mat_element(&body, 5, sizes.data, sizes.len, false, o.big_endian);
    put_mat_element(&body, 1, name, strlen(name), o.small, o.big_endian);
    if (class == 1 || class == 2)
        put(&body, data, n); /* a cell or struct: whole matrices */
    else
        put_mat_element(&body, type, data, n, o.small, o.big_endian);
    put_mat_element(&whole, 14, body.data, body.len, false, o.big_endian);
    if (o.compressed) {
        nf_buf packed = {0};
        put_deflated(&packed, whole.data, whole.len, 15);
        put_word(to, 15, o.big_endian);
        put_word(to, (uint32_t)packed.len, o.big_endian);
        put(to, packed.data, packed.len);
        nf_buf_free(&packed);
    } else {
        put(to, whole.data, whole.len);
    }
    nf_buf_free(&body);
    nf_buf_free(&sizes);
    nf_buf_free(&flags);
    nf_buf_free(&whole);
}

/* A matrix of rows x cols. */
static inline void put_mat_matrix(nf_buf *to, const char *name, uint32_t class, uint32_t rows, uint32_t cols, uint32_t type,
                                  const void *data, size_t n, mat_options o)
{
    put_mat_array(to, name, class, (uint32_t[]){rows, cols}, 2, type, data, n, o);
}

/* A column of texts. */
static inline void put_mat_cell(nf_buf *to, const char *name, const char *const *texts, int n, mat_options o)
{
    nf_buf cells = {0};
    mat_options inner = {.big_endian = o.big_endian, .small = o.small};
    for (int i = 0; i < n; i++)
        put_mat_matrix(&cells, "", 4, 1, (uint32_t)strlen(texts[i]), 16, texts[i], strlen(texts[i]), inner);
    put_mat_matrix(to, name, 1, (uint32_t)n, 1, 0, cells.data, cells.len, o);
    nf_buf_free(&cells);
}

/* One line of `synsets` of ImageNet's meta.mat. */
typedef struct mat_synset {
    unsigned id, n_children;
    const char *wnid, *words;
} mat_synset;

/* n doubles with the value, stored as 16-bit integers, as MATLAB stores what fits. */
static inline void put_mat_reals(nf_buf *to, unsigned value, unsigned n, mat_options o)
{
    nf_buf stored = {0};
    for (unsigned i = 0; i < n; i++)
        put(&stored, (uint8_t[]){(uint8_t)(value >> (o.big_endian ? 8 : 0)), (uint8_t)(value >> (o.big_endian ? 0 : 8))}, 2);
    put_mat_matrix(to, "", 6, n > 0, n, 4, stored.data, stored.len, o);
    nf_buf_free(&stored);
}

/* The dimensions count characters, the data are UTF-8. */
static inline void put_mat_chars(nf_buf *to, const char *text, mat_options o)
{
    uint32_t n = 0;
    for (const char *c = text; *c != '\0'; c++)
        n += ((unsigned char)*c & 0xc0) != 0x80;
    put_mat_matrix(to, "", 4, n > 0, n, 16, text, strlen(text), o);
}

/* Names of fields, in slots of 32 bytes as MATLAB and SciPy write them. */
static inline void put_mat_fields(nf_buf *to, const char *const *names, size_t n, mat_options o)
{
    nf_buf slots = {0}, length = {0};
    put_word(&length, 32, o.big_endian);
    for (size_t i = 0; i < n; i++) {
        char slot[32] = {0};
        memcpy(slot, names[i], strlen(names[i]));
        put(&slots, slot, sizeof slot);
    }
    put_mat_element(to, 5, length.data, length.len, true, o.big_endian);
    put_mat_element(to, 1, slots.data, slots.len, false, o.big_endian);
    nf_buf_free(&slots);
    nf_buf_free(&length);
}

/* The variable as the devkit of ILSVRC2012 has it: a struct array of n x 1 with eight fields. */
static inline void put_mat_synsets(nf_buf *to, const char *name, const mat_synset *synsets, size_t n, mat_options o)
{
    static const char *const fields[] = {"ILSVRC2012_ID", "WNID",     "words",          "gloss",
                                         "num_children",  "children", "wordnet_height", "num_train_images"};
    mat_options inner = {.big_endian = o.big_endian, .small = o.small};
    nf_buf body = {0};
    put_mat_fields(&body, fields, 8, inner);
    for (size_t i = 0; i < n; i++) {
        put_mat_reals(&body, synsets[i].id, 1, inner);
        put_mat_chars(&body, synsets[i].wnid, inner);
        put_mat_chars(&body, synsets[i].words, inner);
        put_mat_chars(&body, "what it is, at length", inner);
        put_mat_reals(&body, synsets[i].n_children, 1, inner);
        put_mat_reals(&body, 3, synsets[i].n_children, inner);
        put_mat_reals(&body, synsets[i].n_children > 0, 1, inner);
        put_mat_reals(&body, 1300, 1, inner);
    }
    put_mat_matrix(to, name, 2, (uint32_t)n, 1, 0, body.data, body.len, o);
    nf_buf_free(&body);
}

#endif
