/* nofade: the MATLAB form of CIFAR: a batch is one matrix stored by column, so that no image is whole before the last byte. It
 * is held in memory once.
 */
#include <stdlib.h>
#include <string.h>

#include "loaders/cifar/cifar.h"
#include "loaders/mat5/mat5.h"

enum { TITLE_MAX = 200, IMAGES_MAX = (200 << 20) / NF_CIFAR_IMAGE_BYTES };

typedef struct matlab {
    nf_mat5 *mat;
    bool is_read, has_data, has_known;
    nf_buf pixels;                  /* (n_images, 3072) by column */
    uint64_t n_images;
    nf_buf plain, fine, coarse;     /* labels as int64_t */
    uint32_t *labels;
    nf_cifar_images images;
    nf_failure failure;
    char reason[160];
} matlab;

static nf_status matlab_open(nf_cifar *cifar, nf_stream *data, nf_error *error)
{
    (void)data;
    matlab *reader = calloc(1, sizeof *reader);
    cifar->reader = reader;
    return reader != NULL ? NF_OK : nf_fail_nomem(error, "a CIFAR file");
}

static void matlab_close(nf_cifar *cifar)
{
    matlab *reader = cifar->reader;
    if (reader == NULL)
        return;
    nf_mat5_close(reader->mat);
    nf_buf_free(&reader->pixels);
    nf_buf_free(&reader->plain);
    nf_buf_free(&reader->fine);
    nf_buf_free(&reader->coarse);
    free(reader->labels);
    free(reader->images.block);
    free(reader);
    cifar->reader = NULL;
}

static void fail(matlab *reader, nf_failure failure, const char *reason)
{
    if (reader->failure != NF_FAILURE_NONE)
        return;
    reader->failure = failure;
    size_t n = strnlen(reason, sizeof reader->reason - 1);
    memcpy(reader->reason, reason, n);
    reader->reason[n] = '\0';
}

static nf_status take_data(matlab *reader, const nf_mat5_variable *variable, nf_error *error)
{
    if (variable->n_dims != 2 || variable->dims[1] != NF_CIFAR_IMAGE_BYTES) {
        fail(reader, NF_FAILURE_UNSUPPORTED_KIND, "the data are no matrix of rows of 3072 bytes");
        return NF_OK;
    }
    reader->pixels.len = 0;
    nf_status status =
        nf_mat5_read_bytes(reader->mat, variable, (uint64_t)IMAGES_MAX * NF_CIFAR_IMAGE_BYTES, &reader->pixels, error);
    reader->has_data = status == NF_OK;
    reader->n_images = variable->dims[0];
    return status;
}

static nf_status take_names(nf_cifar *cifar, matlab *reader, const nf_mat5_variable *variable, nf_error *error)
{
    nf_buf names = {0};
    nf_status status = nf_mat5_read_texts(reader->mat, variable, NF_LABEL_MAX, &names, error);
    if (status == NF_OK)
        status = nf_cifar_take_names(cifar, variable->name, (const char *)names.data, names.len, error);
    nf_buf_free(&names);
    return status;
}

/* The split, where the file's name says none: a text like "training batch 1 of 5". */
static nf_status take_title(nf_cifar *cifar, matlab *reader, const nf_mat5_variable *variable, nf_error *error)
{
    nf_buf title = {0};
    char start[6] = "";
    nf_status status = nf_mat5_read_integers(reader->mat, variable, TITLE_MAX, &title, error);
    for (size_t i = 0; i < 5 && (i + 1) * sizeof(int64_t) <= title.len; i++) {
        int64_t character;
        memcpy(&character, title.data + i * sizeof character, sizeof character);
        start[i] = (char)(character & 0x7F);
    }
    if (strncmp(start, "test", 4) == 0)
        cifar->split = "test";
    else if (strcmp(start, "train") == 0)
        cifar->split = "train";
    nf_buf_free(&title);
    return status;
}

static nf_status take_variable(nf_cifar *cifar, matlab *reader, const nf_mat5_variable *variable, nf_error *error)
{
    struct {
        const char *name;
        nf_buf *buf;
    } const labels[] = {{"labels", &reader->plain}, {"fine_labels", &reader->fine}, {"coarse_labels", &reader->coarse}};
    static const char *const names[] = {"label_names", "fine_label_names", "coarse_label_names"};
    if (strcmp(variable->name, "data") == 0) {
        reader->has_known = true;
        return take_data(reader, variable, error);
    }
    if (strcmp(variable->name, "batch_label") == 0 && cifar->split == NULL && variable->kind == NF_MAT5_INTEGERS &&
        variable->n > 0 && variable->n <= TITLE_MAX)
        return take_title(cifar, reader, variable, error);
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(variable->name, labels[i].name) == 0) {
            labels[i].buf->len = 0;
            return nf_mat5_read_integers(reader->mat, variable, IMAGES_MAX, labels[i].buf, error);
        }
        if (strcmp(variable->name, names[i]) == 0 && variable->kind == NF_MAT5_CELL) {
            reader->has_known = true;
            return take_names(cifar, reader, variable, error);
        }
    }
    return NF_OK;
}

/* All that is of use; NF_EOF at the end. */
static nf_status read_variables(nf_cifar *cifar, matlab *reader, nf_error *error)
{
    nf_status status = nf_mat5_open(&reader->mat, nf_entries_data(cifar->context->entries), error);
    while (status == NF_OK) {
        nf_mat5_variable variable;
        if ((status = nf_mat5_next(reader->mat, &variable, error)) == NF_OK)
            status = take_variable(cifar, reader, &variable, error);
    }
    return status;
}

/* The labels of the wanted level, one for each image, as numbers. */
static nf_status take_labels(nf_cifar *cifar, matlab *reader, nf_error *error)
{
    nf_cifar_set set = reader->fine.len + reader->coarse.len > 0 ? NF_CIFAR_100 : NF_CIFAR_10;
    nf_status status = nf_cifar_use_set(cifar, set, error);
    if (status != NF_OK)
        return status;
    bool coarse = cifar->context->options->labels_level == NF_LABELS_COARSE;
    const nf_buf *labels = set == NF_CIFAR_10 ? &reader->plain : coarse ? &reader->coarse : &reader->fine;
    size_t n = labels->len / sizeof(int64_t);
    if (n != reader->n_images) {
        fail(reader, n == 0 && reader->failure != NF_FAILURE_NONE ? reader->failure : NF_FAILURE_DAMAGED,
             "there are not as many labels as images");
        return NF_OK;
    }
    if ((reader->labels = calloc(n > 0 ? n : 1, sizeof *reader->labels)) == NULL)
        return nf_fail_nomem(error, "the labels of a CIFAR file");
    for (size_t i = 0; i < n; i++) {
        int64_t label;
        memcpy(&label, labels->data + i * sizeof label, sizeof label);
        if (label < 0 || label > NF_LABEL_MAX) {
            fail(reader, NF_FAILURE_BAD_LABEL, "a label is no integer from 0 to 65535");
            return NF_OK;
        }
        reader->labels[i] = (uint32_t)label;
    }
    reader->images =
        (nf_cifar_images){.n = n, .pixels = reader->pixels.data, .by_column = true, .labels = reader->labels};
    return nf_cifar_use_images(cifar, error);
}

static nf_status read_all(nf_cifar *cifar, matlab *reader, nf_error *error)
{
    nf_error fault = {0};
    nf_status status = read_variables(cifar, reader, &fault);
    bool is_names = cifar->split == NULL && nf_text_contains(cifar->base, "meta");
    reader->is_read = true;
    if (status != NF_EOF) {
        nf_failure failure = reader->mat != NULL ? nf_mat5_failure(reader->mat) : NF_FAILURE_NONE;
        bool is_own = status == NF_BAD_RECORD;
        if ((status = nf_cifar_fault(cifar, status, &fault, error)) != NF_OK)
            return status;
        if (is_names)
            return is_own ? nf_fail(error, NF_BAD_RECORD, "%s", fault.message) : NF_OK;
        fail(reader, failure != NF_FAILURE_NONE ? failure : NF_FAILURE_DAMAGED, fault.message);
    }
    if (reader->has_data)
        return take_labels(cifar, reader, error);
    if (!reader->has_known && !is_names)
        fail(reader, NF_FAILURE_UNSUPPORTED_KIND, "the MATLAB file holds no variable \"data\"");
    return NF_OK;
}

static nf_status matlab_next(nf_cifar *cifar, nf_record *record, nf_error *error)
{
    matlab *reader = cifar->reader;
    nf_status status = reader->is_read ? NF_OK : read_all(cifar, reader, error);
    if (status == NF_OK)
        status = nf_cifar_images_next(cifar, &reader->images, record, error);
    if (status != NF_EOF || reader->failure == NF_FAILURE_NONE)
        return status;
    nf_failure failure = reader->failure;
    reader->failure = NF_FAILURE_NONE;
    return nf_cifar_fail(cifar, record, -1, failure, reader->reason, error);
}

const nf_cifar_form nf_cifar_matlab = {"MATLAB", matlab_open, matlab_next, matlab_close};
