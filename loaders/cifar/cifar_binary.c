/* nofade: the binary form of CIFAR: records of a label (CIFAR-100: a coarse and a fine one) and 3072 bytes, no header. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loaders/cifar/cifar.h"

typedef struct binary {
    nf_stream *data;
    size_t n_labels; /* bytes before the pixels */
    size_t wanted;   /* which of them is the label */
    int64_t row;
    bool is_done;
    bool is_names; /* a file of names: it has no records */
} binary;

/* Nothing in the file says how long its records are. "batch" in its name does; else what the members before it were, or the
 * size where only one length fits; else it is CIFAR-100, whose files are called train.bin and test.bin. */
static nf_cifar_set set_of(const nf_cifar *cifar)
{
    if (cifar->forced_id != NULL)
        return cifar->set;
    if (nf_text_contains(cifar->base, "batch"))
        return NF_CIFAR_10;
    int64_t size = cifar->entry.size_bytes;
    bool fits_10 = size > 0 && size % (NF_CIFAR_IMAGE_BYTES + 1) == 0;
    bool fits_100 = size > 0 && size % (NF_CIFAR_IMAGE_BYTES + 2) == 0;
    if (cifar->set == NF_CIFAR_100 || (fits_100 && !fits_10))
        return NF_CIFAR_100;
    return cifar->set == NF_CIFAR_10 || fits_10 ? NF_CIFAR_10 : NF_CIFAR_100;
}

/* Every line a name. */
static nf_status take_lines(nf_cifar *cifar, nf_stream *data, const char *key, nf_error *error)
{
    nf_buf lines = {0};
    nf_status status = nf_read_lines(data, NF_CIFAR_NAMES_MAX, &lines, error);
    if (status == NF_OK)
        status = nf_cifar_take_names(cifar, key, (const char *)lines.data, lines.len, error);
    nf_buf_free(&lines);
    return status;
}

static nf_status binary_open(nf_cifar *cifar, nf_stream *data, nf_error *error)
{
    binary *reader = calloc(1, sizeof *reader);
    cifar->reader = reader;
    if (reader == NULL)
        return nf_fail_nomem(error, "a CIFAR file");
    reader->data = data;
    if (nf_text_ends(cifar->base, ".txt")) {
        reader->is_names = true;
        return NF_OK;
    }
    nf_cifar_set set = set_of(cifar);
    nf_status status = nf_cifar_use_set(cifar, set, error);
    if (status == NF_OK)
        status = nf_cifar_use_images(cifar, error);
    reader->n_labels = set == NF_CIFAR_100 ? 2 : 1;
    reader->wanted = set == NF_CIFAR_100 && cifar->context->options->labels_level == NF_LABELS_FINE ? 1 : 0;
    return status;
}

static nf_status names_next(nf_cifar *cifar, binary *reader, nf_error *error)
{
    const char *key = nf_text_contains(cifar->base, "coarse") ? "coarse_label_names"
                      : nf_text_contains(cifar->base, "fine") ? "fine_label_names"
                                                              : "label_names";
    reader->is_done = true;
    nf_status status = take_lines(cifar, reader->data, key, error);
    return status == NF_OK ? NF_EOF : status;
}

/* The record could not be read to its end. */
static nf_status end_early(nf_cifar *cifar, binary *reader, nf_record *record, size_t got, nf_status status,
                           const nf_error *fault, nf_error *error)
{
    reader->is_done = true;
    if (status == NF_EOF && got == 0 && reader->row > 0)
        return NF_EOF;
    if (status == NF_EOF && got == 0)
        return nf_cifar_fail(cifar, record, -1, NF_FAILURE_EMPTY, "the file is empty", error);
    if (status == NF_EOF) {
        char reason[80];
        snprintf(reason, sizeof reason, "the file ends %zu bytes into a record of %zu", got,
                 NF_CIFAR_IMAGE_BYTES + reader->n_labels);
        return nf_cifar_fail(cifar, record, reader->row, NF_FAILURE_CUT_SHORT, reason, error);
    }
    if ((status = nf_cifar_fault(cifar, status, fault, error)) != NF_OK)
        return status;
    nf_failure failure = cifar->pending != NF_OK ? NF_FAILURE_CUT_SHORT : NF_FAILURE_DAMAGED;
    return nf_cifar_fail(cifar, record, reader->row, failure, fault->message, error);
}

static nf_status binary_next(nf_cifar *cifar, nf_record *record, nf_error *error)
{
    binary *reader = cifar->reader;
    if (reader->is_done)
        return NF_EOF;
    if (reader->is_names)
        return names_next(cifar, reader, error);
    uint8_t labels[2] = {0};
    size_t got = 0, pixels = 0;
    nf_error fault;
    fault.message[0] = '\0'; /* not all of it: this is done for every image */
    nf_status status = nf_buf_reserve(record->data, NF_CIFAR_IMAGE_BYTES, error);
    if (status != NF_OK)
        return status;
    status = nf_stream_read(reader->data, labels, reader->n_labels, &got, &fault);
    if (status == NF_OK)
        status = nf_stream_read(reader->data, record->data->data + record->data->len, NF_CIFAR_IMAGE_BYTES, &pixels, &fault);
    if (status != NF_OK)
        return end_early(cifar, reader, record, got + pixels, status, &fault, error);
    int64_t row = reader->row++;
    uint32_t label = labels[reader->wanted];
    if (!nf_cifar_label_is_known(cifar, label))
        return nf_cifar_fail_label(cifar, record, row, label, error);
    nf_cifar_describe(cifar, record, row);
    record->data->len += NF_CIFAR_IMAGE_BYTES;
    record->n_bytes = NF_CIFAR_IMAGE_BYTES;
    return nf_cifar_group(cifar, label, &record->group, error);
}

static void binary_close(nf_cifar *cifar)
{
    free(cifar->reader);
    cifar->reader = NULL;
}

const nf_cifar_form nf_cifar_binary = {"binary", binary_open, binary_next, binary_close};
