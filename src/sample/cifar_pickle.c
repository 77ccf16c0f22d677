#include "sample/cifar_pickle.h"

#include <stdio.h>
#include <string.h>

#include "sample/draw.h"

#define ROW_BYTES 3072

/* A pickle being written; the first failure stays. */
typedef struct pickler {
    nf_buf *to;
    nf_status status;
    nf_error *error;
} pickler;

static void put(pickler *pickle, const void *bytes, size_t n)
{
    if (pickle->status == NF_OK)
        pickle->status = nf_buf_append(pickle->to, bytes, n, pickle->error);
}

static void put_opcodes(pickler *pickle, const char *text)
{
    put(pickle, text, strlen(text));
}

static void put_number(pickler *pickle, char opcode, uint64_t number, size_t n_bytes)
{
    uint8_t bytes[5] = {(uint8_t)opcode};
    for (size_t i = 0; i < n_bytes; i++)
        bytes[1 + i] = (uint8_t)(number >> 8 * i);
    put(pickle, bytes, 1 + n_bytes);
}

/* BININT1, BININT2 or BININT, as short as it goes; below 2^31. */
static void put_integer(pickler *pickle, uint64_t number)
{
    if (number < 256)
        put_number(pickle, 'K', number, 1);
    else if (number < 65536)
        put_number(pickle, 'M', number, 2);
    else
        put_number(pickle, 'J', number, 4);
}

/* SHORT_BINSTRING; under 256 bytes. */
static void put_text(pickler *pickle, const char *text)
{
    put_number(pickle, 'U', strlen(text), 1);
    put_opcodes(pickle, text);
}

/* PROTO 2, EMPTY_DICT, MARK */
static pickler begin(nf_buf *buf, nf_error *error)
{
    pickler pickle = {buf, NF_OK, error};
    put(&pickle, "\x80\x02}(", 4);
    return pickle;
}

/* numpy.core.multiarray._reconstruct(numpy.ndarray, (0,), "b"), and its state up to the bytes: (1, shape, dtype, not by
 * column, ... */
static void put_matrix(pickler *pickle, uint64_t rows)
{
    put_opcodes(pickle, "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n");
    put_integer(pickle, 0);
    put_opcodes(pickle, "\x85");
    put_text(pickle, "b");
    put_opcodes(pickle, "\x87R(");
    put_integer(pickle, 1);
    put_integer(pickle, rows);
    put_integer(pickle, ROW_BYTES);
    put_opcodes(pickle, "\x86" "cnumpy\ndtype\n");
    put_text(pickle, "u1");
    put_integer(pickle, 0);
    put_integer(pickle, 1);
    put_opcodes(pickle, "\x87R(");
    put_integer(pickle, 3);
    put_text(pickle, "|");
    put_opcodes(pickle, "NNN");
    put_number(pickle, 'J', UINT32_MAX, 4);
    put_number(pickle, 'J', UINT32_MAX, 4);
    put_integer(pickle, 0);
    put_opcodes(pickle, "tb\x89");
    put_number(pickle, 'T', rows * ROW_BYTES, 4); /* BINSTRING */
}

nf_status nf_sample_pickle_head(nf_buf *buf, const char *title, uint64_t first_picture, uint64_t n_images, nf_error *error)
{
    pickler pickle = begin(buf, error);
    put_text(&pickle, "batch_label");
    put_text(&pickle, title);
    put_text(&pickle, "labels");
    put_opcodes(&pickle, "](");
    for (uint64_t i = 0; i < n_images; i++)
        put_integer(&pickle, (first_picture + i) % NF_SAMPLE_CLASSES);
    put_opcodes(&pickle, "e");
    put_text(&pickle, "data");
    put_matrix(&pickle, n_images);
    return pickle.status;
}

nf_status nf_sample_pickle_tail(nf_buf *buf, uint64_t first_picture, uint64_t n_images, nf_error *error)
{
    pickler pickle = {buf, NF_OK, error};
    put_opcodes(&pickle, "tb");
    put_text(&pickle, "filenames");
    put_opcodes(&pickle, "](");
    for (uint64_t i = first_picture; i < first_picture + n_images; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s_%06llu.png", nf_sample_class_name((nf_sample_class)(i % NF_SAMPLE_CLASSES)),
                 (unsigned long long)(i / NF_SAMPLE_CLASSES));
        put_text(&pickle, name);
    }
    put_opcodes(&pickle, "eu.");
    return pickle.status;
}

nf_status nf_sample_pickle_names(nf_buf *buf, uint64_t images_per_batch, nf_error *error)
{
    pickler pickle = begin(buf, error);
    put_text(&pickle, "num_cases_per_batch");
    put_integer(&pickle, images_per_batch);
    put_text(&pickle, "label_names");
    put_opcodes(&pickle, "](");
    for (int i = 0; i < NF_SAMPLE_CLASSES; i++)
        put_text(&pickle, nf_sample_class_name((nf_sample_class)i));
    put_opcodes(&pickle, "e");
    put_text(&pickle, "num_vis");
    put_integer(&pickle, ROW_BYTES);
    put_opcodes(&pickle, "u.");
    return pickle.status;
}
