/* Pickles made by hand at run time, as Python 2's cPickle and later writers make them. For the tests of loaders/. */
#ifndef NF_TESTS_SUPPORT_MAKE_PICKLE_H
#define NF_TESTS_SUPPORT_MAKE_PICKLE_H

#include "support/archives.h"

#define PUT_LITERAL(to, literal) put((to), (literal), sizeof(literal) - 1)

static inline void put_short_string(nf_buf *to, const char *text)
{
    put(to, "U", 1);
    put_le(to, strlen(text), 1);
    put(to, text, strlen(text));
}

/* The genuine batches.meta of CIFAR-10: 158 bytes, MD5 5ff9c542aee3614f3951f8cda6e48888. */
static inline void put_genuine_meta(nf_buf *to)
{
    static const char *const names[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                        "dog",      "frog",       "horse", "ship", "truck"};
    PUT_LITERAL(to, "\x80\x02}q\x01(U\x13num_cases_per_batchq\x02M\x10'U\x0blabel_namesq\x03]q\x04(");
    for (int i = 0; i < 10; i++) {
        put_short_string(to, names[i]);
        put(to, "q", 1);
        put_le(to, (uint64_t)(5 + i), 1);
    }
    PUT_LITERAL(to, "eU\x07num_visq\x0fM\x00\x0cu.");
}

typedef struct batch_options {
    int shape_rows;      /* what the shape says; 0: the number of images */
    bool by_column;
    bool pixels_first;   /* "data" before "labels" */
    const char *dtype;   /* NULL: u1 */
    const char *title;   /* NULL: "training batch 1 of 5" */
    int n_labels;        /* 0: as many as images */
    bool coarse_and_fine; /* CIFAR-100's keys; coarse = fine / 2 */
} batch_options;

static inline uint8_t batch_label(int i)
{
    return (uint8_t)(i % 6);
}

static inline uint8_t batch_pixel(int image, int at)
{
    return (uint8_t)(image * 7 + at % 251);
}

static inline void put_batch_pixels(nf_buf *to, int n, bool by_column)
{
    size_t bytes = (size_t)n * 3072, start = to->len;
    assert_int_equal(nf_buf_reserve(to, bytes, NULL), NF_OK);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 3072; j++)
            to->data[start + (by_column ? (size_t)j * (size_t)n + (size_t)i : (size_t)i * 3072 + (size_t)j)] = batch_pixel(i, j);
    to->len += bytes;
}

static inline void put_labels(nf_buf *to, const char *key, int n, int divisor)
{
    put_short_string(to, key);
    PUT_LITERAL(to, "]q\x05");
    for (int i = 0; i < n; i++) { /* lots of 1000 */
        if (i % 1000 == 0)
            put(to, "(", 1);
        put(to, "K", 1);
        put_le(to, (uint64_t)(batch_label(i) / divisor), 1);
        if (i % 1000 == 999 || i == n - 1)
            put(to, "e", 1);
    }
}

/* The array as it stands in the genuine batches, up to the length of its pixels. */
static inline void put_array_head(nf_buf *to, int rows, const batch_options *o)
{
    PUT_LITERAL(to, "cnumpy.core.multiarray\n_reconstruct\nq\x07" "cnumpy\nndarray\nq\x08K\x00\x85q\x09U\x01" "b"
                    "\x87Rq\x0a(K\x01M");
    put_le(to, (uint64_t)rows, 2);
    PUT_LITERAL(to, "M\x00\x0c\x86q\x0b" "cnumpy\ndtype\nq\x0c");
    put_short_string(to, o->dtype != NULL ? o->dtype : "u1");
    PUT_LITERAL(to, "q\x0dK\x00K\x01\x87q\x0eRq\x0f(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb");
    put(to, o->by_column ? "\x88" : "\x89", 1);
}

static inline void put_array(nf_buf *to, int n, const batch_options *o)
{
    put_short_string(to, "data");
    put_array_head(to, o->shape_rows > 0 ? o->shape_rows : n, o);
    put(to, "T", 1);
    put_le(to, (uint64_t)n * 3072, 4);
    put_batch_pixels(to, n, o->by_column);
    PUT_LITERAL(to, "tb");
}

/* A batch of n images as Python 2 wrote the genuine ones. */
static inline void put_genuine_batch(nf_buf *to, int n, batch_options o)
{
    int n_labels = o.n_labels > 0 ? o.n_labels : n;
    PUT_LITERAL(to, "\x80\x02}q\x01(");
    put_short_string(to, "batch_label");
    put_short_string(to, o.title != NULL ? o.title : "training batch 1 of 5");
    if (o.pixels_first)
        put_array(to, n, &o);
    put_labels(to, o.coarse_and_fine ? "fine_labels" : "labels", n_labels, 1);
    if (o.coarse_and_fine)
        put_labels(to, "coarse_labels", n_labels, 2);
    if (!o.pixels_first)
        put_array(to, n, &o);
    put_short_string(to, "filenames");
    PUT_LITERAL(to, "](");
    for (int i = 0; i < n; i++) {
        put_short_string(to, "leptodactylus_pentadactylus_s_000004.png");
        put(to, "r", 1);
        put_le(to, (uint64_t)(256 + i), 4);
    }
    PUT_LITERAL(to, "eu.");
}

/* The same matrix as protocol 5 has it: _frombuffer(bytes, dtype, shape, order). */
static inline void put_protocol5_batch(nf_buf *to, int n, bool by_column)
{
    PUT_LITERAL(to, "\x80\x05\x95\x00\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x06labels\x94](");
    for (int i = 0; i < n; i++) {
        put(to, "K", 1);
        put_le(to, batch_label(i), 1);
    }
    PUT_LITERAL(to, "e\x8c\x04" "data\x94\x8c\x13numpy._core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x96");
    put_le(to, (uint64_t)n * 3072, 8);
    put_batch_pixels(to, n, by_column);
    PUT_LITERAL(to, "\x94\x8c\x05numpy\x94\x8c\x05" "dtype\x94\x93\x94\x8c\x02u1\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNN"
                    "J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94" "bM");
    put_le(to, (uint64_t)n, 2);
    PUT_LITERAL(to, "M\x00\x0c\x86\x94\x8c\x01");
    put(to, by_column ? "F" : "C", 1);
    PUT_LITERAL(to, "\x94t\x94R\x94u.");
}

/* Protocol 2 written by Python 3: bytes are the Latin-1 of a text. */
static inline void put_protocol2_text_batch(nf_buf *to, int n)
{
    nf_buf pixels = {0}, text = {0};
    put_batch_pixels(&pixels, n, false);
    for (size_t i = 0; i < pixels.len; i++) {
        uint8_t c = pixels.data[i];
        if (c < 0x80)
            put(&text, &c, 1);
        else
            put(&text, (uint8_t[2]){(uint8_t)(0xC0 | c >> 6), (uint8_t)(0x80 | (c & 0x3F))}, 2);
    }
    PUT_LITERAL(to, "\x80\x02}q\x00(X\x04\x00\x00\x00" "dataq\x01" "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n"
                    "K\x00\x85"
                    "c_codecs\nencode\nq\x02X\x01\x00\x00\x00" "bX\x06\x00\x00\x00latin1q\x03\x86R\x87R(K\x01M");
    put_le(to, (uint64_t)n, 2);
    PUT_LITERAL(to, "M\x00\x0c\x86" "cnumpy\ndtype\nX\x02\x00\x00\x00u1K\x00K\x01\x87R(K\x03X\x01\x00\x00\x00|NNN"
                    "J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89h\x02X");
    put_le(to, text.len, 4);
    put(to, text.data, text.len);
    PUT_LITERAL(to, "h\x03\x86RtbX\x06\x00\x00\x00labels](");
    for (int i = 0; i < n; i++) {
        put(to, "K", 1);
        put_le(to, batch_label(i), 1);
    }
    PUT_LITERAL(to, "eu.");
    nf_buf_free(&pixels);
    nf_buf_free(&text);
}

#endif
