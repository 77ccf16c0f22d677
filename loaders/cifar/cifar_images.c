/* nofade: CIFAR images that lie in memory as a whole: lists of rows, and matrices stored by column. */
#include <stdlib.h>
#include <string.h>

#include "loaders/cifar/cifar.h"

enum { BLOCK_ROWS = 64 }; /* a cache line of a column holds one byte of each */

/* (n, 3072) by column -> (BLOCK_ROWS, 3072) by row, from image `first` on. */
static void gather(const nf_cifar_images *images, size_t first)
{
    size_t count = images->n - first < BLOCK_ROWS ? images->n - first : BLOCK_ROWS;
    for (size_t j = 0; j < NF_CIFAR_IMAGE_BYTES; j++) {
        const uint8_t *column = images->pixels + j * images->n + first;
        for (size_t i = 0; i < count; i++)
            images->block[i * NF_CIFAR_IMAGE_BYTES + j] = column[i];
    }
}

static nf_status find_row(nf_cifar_images *images, size_t i, const uint8_t **row, nf_error *error)
{
    *row = images->rows != NULL ? images->rows[i] : NULL;
    if (images->rows != NULL)
        return NF_OK;
    *row = images->pixels + i * NF_CIFAR_IMAGE_BYTES;
    if (!images->by_column)
        return NF_OK;
    if (images->block == NULL && (images->block = calloc(BLOCK_ROWS, NF_CIFAR_IMAGE_BYTES)) == NULL)
        return nf_fail_nomem(error, "a block of images");
    if (i % BLOCK_ROWS == 0)
        gather(images, i);
    *row = images->block + i % BLOCK_ROWS * NF_CIFAR_IMAGE_BYTES;
    return NF_OK;
}

nf_status nf_cifar_images_next(nf_cifar *cifar, nf_cifar_images *images, nf_record *record, nf_error *error)
{
    if (images->next == images->n)
        return NF_EOF;
    size_t i = images->next++;
    const uint8_t *row;
    nf_status status = find_row(images, i, &row, error);
    if (status != NF_OK)
        return status;
    uint32_t label = images->labels[i];
    if (!nf_cifar_label_is_known(cifar, label))
        return nf_cifar_fail_label(cifar, record, (int64_t)i, label, error);
    if (row == NULL)
        return nf_cifar_fail(cifar, record, (int64_t)i, NF_FAILURE_DAMAGED, "the image is not 3072 bytes", error);
    nf_cifar_describe(cifar, record, (int64_t)i);
    if ((status = nf_cifar_group(cifar, label, &record->group, error)) != NF_OK)
        return status;
    record->n_bytes = NF_CIFAR_IMAGE_BYTES;
    return nf_buf_append(record->data, row, NF_CIFAR_IMAGE_BYTES, error);
}
