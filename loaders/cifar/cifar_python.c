/* nofade: the python form of CIFAR: one pickled dictionary a batch.
 *
 * Pixels that come as one large object are given row by row while they stream past, with labels to follow; when the pickle has
 * ended and everything fits, the labels follow. Smaller and odder forms (lists of rows, objects, column order) lie in memory
 * and are given afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "loaders/cifar/cifar.h"
#include "loaders/cifar/pickle.h"

typedef enum phase { PARSING, IN_BLOB, LABELLING, HELD, FAILING, DONE } phase;

typedef struct python {
    nf_pickle *pickle;
    phase phase;
    size_t row_bytes; /* of the row that is being filled */
    int64_t row;
    uint32_t n_blobs, first_late_set;
    uint32_t bound_blob; /* the blob that holds the pixels, with labels; UINT32_MAX: none */
    uint32_t labelled;   /* blobs whose labels were told */
    uint32_t *labels;    /* (n_labels,) numbers, then for a blob groups */
    size_t n_labels;
    nf_cifar_images held;
    const uint8_t **rows; /* (held.n,) */
    nf_buf gathered;      /* rows made of single numbers */
    nf_failure failure;   /* what the member ends with */
    char reason[160];
} python;

static nf_status python_open(nf_cifar *cifar, nf_stream *data, nf_error *error)
{
    python *reader = calloc(1, sizeof *reader);
    cifar->reader = reader;
    if (reader == NULL)
        return nf_fail_nomem(error, "a CIFAR file");
    reader->first_late_set = cifar->n_late_sets;
    reader->bound_blob = UINT32_MAX;
    return nf_pickle_open(&reader->pickle, data, error);
}

static void python_close(nf_cifar *cifar)
{
    python *reader = cifar->reader;
    if (reader == NULL)
        return;
    nf_pickle_close(reader->pickle);
    free(reader->labels);
    free(reader->rows);
    free(reader->held.block);
    nf_buf_free(&reader->gathered);
    free(reader);
    cifar->reader = NULL;
}

/* The member will end with this failed record. Returns false, for whoever checks. */
static bool fail(python *reader, nf_failure failure, const char *reason)
{
    if (reader->failure == NF_FAILURE_NONE) {
        reader->failure = failure;
        size_t n = strnlen(reason, sizeof reader->reason - 1);
        memcpy(reader->reason, reason, n);
        reader->reason[n] = '\0';
    }
    return false;
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

/* The number of labels, and label i; -1: it is none. */
static int64_t label_at(const nf_pickle_value *labels, size_t i)
{
    if (labels->kind == NF_PICKLE_LIST || labels->kind == NF_PICKLE_TUPLE) {
        nf_pickle_value value = labels->as.items->values[i];
        return value.kind == NF_PICKLE_INTEGER ? value.as.integer : -1;
    }
    const nf_pickle_array *array = labels->as.array;
    return nf_pickle_element(&array->dtype, array->payload.as.bytes->data + i * array->dtype.size);
}

static bool count_labels(const nf_pickle_value *labels, size_t *n)
{
    *n = 0;
    if (labels->kind == NF_PICKLE_LIST || labels->kind == NF_PICKLE_TUPLE) {
        *n = labels->as.items->n;
        return true;
    }
    if (labels->kind != NF_PICKLE_ARRAY || !labels->as.array->is_complete || labels->as.array->dtype.kind == 'O' ||
        labels->as.array->payload.kind != NF_PICKLE_BYTES)
        return false;
    *n = labels->as.array->payload.as.bytes->n / labels->as.array->dtype.size;
    return true;
}

/* Which set, by the keys; the labels as numbers. False: the member has failed, or *status. */
static bool take_labels(nf_cifar *cifar, python *reader, nf_status *status, nf_error *error)
{
    nf_cifar_set set = nf_pickle_find(reader->pickle, "fine_labels") != NULL     ? NF_CIFAR_100
                       : nf_pickle_find(reader->pickle, "coarse_labels") != NULL ? NF_CIFAR_100
                                                                                 : NF_CIFAR_10;
    if ((*status = nf_cifar_use_set(cifar, set, error)) != NF_OK)
        return false;
    const nf_pickle_value *labels = nf_pickle_find(reader->pickle, nf_cifar_labels_key(cifar, set));
    if (labels == NULL || !count_labels(labels, &reader->n_labels))
        return fail(reader, NF_FAILURE_DAMAGED, "the pickle holds images but no list of labels");
    reader->labels = calloc(reader->n_labels > 0 ? reader->n_labels : 1, sizeof *reader->labels);
    if (reader->labels == NULL) {
        *status = nf_fail_nomem(error, "the labels of a CIFAR file");
        return false;
    }
    for (size_t i = 0; i < reader->n_labels; i++) {
        int64_t label = label_at(labels, i);
        if (label < 0 || label > NF_LABEL_MAX)
            return fail(reader, NF_FAILURE_BAD_LABEL, "a label is no integer from 0 to 65535");
        reader->labels[i] = (uint32_t)label;
    }
    return true;
}

/* The split, from the file's name or from the pickle's own title: "training batch 1 of 5". */
static void find_split(nf_cifar *cifar, const python *reader)
{
    nf_pickle_bytes title;
    const nf_pickle_value *value = nf_pickle_find(reader->pickle, "batch_label");
    if (cifar->split != NULL || value == NULL || !nf_pickle_is_text(value, &title))
        return;
    if (title.n >= 4 && memcmp(title.data, "test", 4) == 0)
        cifar->split = "test";
    if (title.n >= 5 && memcmp(title.data, "train", 5) == 0)
        cifar->split = "train";
}

/* Labels -> groups, for a blob's images, whose labels can no longer fail one by one. */
static bool labels_to_groups(nf_cifar *cifar, python *reader, nf_status *status, nf_error *error)
{
    for (size_t i = 0; i < reader->n_labels; i++)
        if (!nf_cifar_label_is_known(cifar, reader->labels[i]))
            return fail(reader, NF_FAILURE_BAD_LABEL, "a label is larger than the number of names");
    for (size_t i = 0; i < reader->n_labels; i++)
        if ((*status = nf_cifar_group(cifar, reader->labels[i], &reader->labels[i], error)) != NF_OK)
            return false;
    return true;
}

/* --- the shapes of "data" ----------------------------------------------------------------------------------------- */

static bool is_uint8(const nf_pickle_array *array)
{
    return array->is_complete && array->dtype.kind == 'u' && array->dtype.size == 1;
}

/* (N, 3072), or (N, 3, 32, 32), which lies alike in memory. */
static bool is_image_shape(const nf_pickle_array *array)
{
    if (array->n_dims == 2)
        return array->dims[1] == NF_CIFAR_IMAGE_BYTES;
    return array->n_dims == 4 && array->dims[1] == 3 && array->dims[2] == NF_CIFAR_SIDE_PX &&
           array->dims[3] == NF_CIFAR_SIDE_PX && !array->by_column;
}

/* A whole matrix in one object. */
static bool use_matrix(python *reader, const nf_pickle_array *array)
{
    if (!is_uint8(array) || !is_image_shape(array))
        return fail(reader, NF_FAILURE_UNSUPPORTED_KIND, "the data are no matrix of rows of 3072 unsigned bytes");
    bool is_blob = array->payload.kind == NF_PICKLE_BLOB;
    uint64_t bytes = is_blob ? array->payload.as.blob->n_bytes : array->payload.as.bytes->n;
    if (bytes % NF_CIFAR_IMAGE_BYTES != 0 || bytes / NF_CIFAR_IMAGE_BYTES != array->dims[0])
        return fail(reader, NF_FAILURE_DAMAGED, "the data are not as many bytes as their shape says");
    if (is_blob && array->by_column)
        return fail(reader, NF_FAILURE_UNSUPPORTED_KIND, "the data are too large to be read in column order");
    if (array->dims[0] != reader->n_labels)
        return fail(reader, NF_FAILURE_DAMAGED, "there are not as many labels as images");
    if (is_blob)
        reader->bound_blob = array->payload.as.blob->number;
    else
        reader->held = (nf_cifar_images){.n = reader->n_labels,
                                         .pixels = array->payload.as.bytes->data,
                                         .by_column = array->by_column,
                                         .labels = reader->labels};
    return true;
}

/* One image of a list: bytes, or an array of bytes; NULL: neither, or of another size. */
static const uint8_t *row_of(const nf_pickle_value *value)
{
    if (value->kind == NF_PICKLE_ARRAY) {
        const nf_pickle_array *array = value->as.array;
        if (!is_uint8(array)) /* one that was never filled has no dimensions */
            return NULL;
        bool lies_in_order = !array->by_column || array->n_dims == 1;
        bool is_planar = array->n_dims == 1 || array->dims[0] == 3 || array->dims[array->n_dims - 1] == NF_CIFAR_IMAGE_BYTES;
        if (!lies_in_order || !is_planar)
            return NULL;
        value = &array->payload;
    }
    return value->kind == NF_PICKLE_BYTES && value->as.bytes->n == NF_CIFAR_IMAGE_BYTES ? value->as.bytes->data : NULL;
}

static bool use_rows(python *reader, const nf_pickle_items *items, nf_status *status, nf_error *error)
{
    if (items->n != reader->n_labels)
        return fail(reader, NF_FAILURE_DAMAGED, "there are not as many labels as images");
    reader->rows = calloc(items->n > 0 ? items->n : 1, sizeof *reader->rows);
    if (reader->rows == NULL) {
        *status = nf_fail_nomem(error, "the rows of a CIFAR file");
        return false;
    }
    for (size_t i = 0; i < items->n; i++)
        reader->rows[i] = row_of(&items->values[i]);
    reader->held = (nf_cifar_images){.n = items->n, .rows = reader->rows, .labels = reader->labels};
    return true;
}

/* A matrix whose every number is an object of its own. */
static bool use_numbers(python *reader, const nf_pickle_array *array, nf_status *status, nf_error *error)
{
    const nf_pickle_items *items = array->payload.as.items;
    if (!is_image_shape(array) || items->n % NF_CIFAR_IMAGE_BYTES != 0 || items->n / NF_CIFAR_IMAGE_BYTES != array->dims[0])
        return fail(reader, NF_FAILURE_UNSUPPORTED_KIND, "the data are no matrix of rows of 3072 numbers");
    if (array->dims[0] != reader->n_labels)
        return fail(reader, NF_FAILURE_DAMAGED, "there are not as many labels as images");
    if ((*status = nf_buf_reserve(&reader->gathered, items->n + 1, error)) != NF_OK)
        return false;
    for (size_t i = 0; i < items->n; i++) {
        nf_pickle_value value = items->values[i];
        if (value.kind != NF_PICKLE_INTEGER || value.as.integer < 0 || value.as.integer > 255)
            return fail(reader, NF_FAILURE_DAMAGED, "a pixel is no integer from 0 to 255");
        reader->gathered.data[i] = (uint8_t)value.as.integer;
    }
    reader->held = (nf_cifar_images){.n = reader->n_labels,
                                     .pixels = reader->gathered.data,
                                     .by_column = array->by_column,
                                     .labels = reader->labels};
    return true;
}

static bool use_data(python *reader, const nf_pickle_value *data, nf_status *status, nf_error *error)
{
    if (data->kind == NF_PICKLE_LIST || data->kind == NF_PICKLE_TUPLE)
        return use_rows(reader, data->as.items, status, error);
    if (data->kind != NF_PICKLE_ARRAY || !data->as.array->is_complete)
        return fail(reader, NF_FAILURE_UNSUPPORTED_KIND, "the data are neither an array nor a list of rows");
    const nf_pickle_array *array = data->as.array;
    if (array->dtype.kind != 'O')
        return use_matrix(reader, array);
    if (array->n_dims == 1)
        return use_rows(reader, array->payload.as.items, status, error);
    return use_numbers(reader, array, status, error);
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static nf_status take_names(nf_cifar *cifar, const python *reader, const char *key, bool *found, nf_error *error)
{
    const nf_pickle_value *list = nf_pickle_find(reader->pickle, key);
    if (list == NULL || (list->kind != NF_PICKLE_LIST && list->kind != NF_PICKLE_TUPLE))
        return NF_OK;
    *found = true;
    nf_buf names = {0};
    nf_status status = NF_OK;
    for (size_t i = 0; i < list->as.items->n && status == NF_OK; i++) {
        nf_pickle_bytes text;
        if (!nf_pickle_is_text(&list->as.items->values[i], &text) || memchr(text.data, '\0', text.n) != NULL ||
            names.len + text.n >= NF_CIFAR_NAMES_MAX)
            status = nf_fail(error, NF_BAD_RECORD, "%s are no texts, or too long", key);
        else if ((status = nf_buf_append(&names, text.data, text.n, error)) == NF_OK)
            status = nf_buf_append(&names, "", 1, error);
    }
    if (status == NF_OK)
        status = nf_cifar_take_names(cifar, key, (const char *)names.data, names.len, error);
    nf_buf_free(&names);
    return status;
}

static nf_status take_all_names(nf_cifar *cifar, const python *reader, bool *found, nf_error *error)
{
    static const char *const keys[] = {"label_names", "fine_label_names", "coarse_label_names"};
    nf_status status = NF_OK;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && status == NF_OK; i++)
        status = take_names(cifar, reader, keys[i], found, error);
    return status;
}

/* --- the course of a member --------------------------------------------------------------------------------------- */

static void go_on(python *reader)
{
    if (reader->labelled < reader->n_blobs)
        reader->phase = LABELLING;
    else if (reader->held.next < reader->held.n)
        reader->phase = HELD;
    else
        reader->phase = reader->failure != NF_FAILURE_NONE ? FAILING : DONE;
}

/* The pickle has ended, or is cut (is_cut): what does it hold? */
static nf_status settle(nf_cifar *cifar, python *reader, bool is_cut, nf_error *error)
{
    nf_status status = NF_OK;
    bool has_names = false;
    const nf_pickle_value *data = nf_pickle_find(reader->pickle, "data");
    bool is_whole = !is_cut || (data != NULL && data->kind == NF_PICKLE_ARRAY && data->as.array->is_complete);
    find_split(cifar, reader);
    if (!is_whole) {
        /* In the state of the array the order is known: the rows that came stand, if their labels came before them. */
        bool can_bind = reader->n_blobs == 1 && nf_pickle_blob_is_matrix(reader->pickle, NF_CIFAR_IMAGE_BYTES);
        if (can_bind && take_labels(cifar, reader, &status, error) && labels_to_groups(cifar, reader, &status, error))
            reader->bound_blob = 0;
    } else if (data != NULL) {
        if (take_labels(cifar, reader, &status, error) && use_data(reader, data, &status, error) &&
            reader->bound_blob != UINT32_MAX && !labels_to_groups(cifar, reader, &status, error))
            reader->bound_blob = UINT32_MAX;
    } else {
        status = take_all_names(cifar, reader, &has_names, error);
        if (status == NF_OK && !has_names && (reader->n_blobs > 0 || cifar->split != NULL))
            fail(reader, NF_FAILURE_UNSUPPORTED_KIND, "the pickle holds no data");
        else if (status == NF_OK && !has_names)
            nf_tally_add_path(cifar->context->passed_over, cifar->entry.path);
    }
    if (status == NF_OK && (data != NULL || reader->n_blobs > 0))
        status = nf_cifar_use_images(cifar, error);
    go_on(reader);
    return status;
}

/* The pickle cannot be read on. */
static nf_status end_early(nf_cifar *cifar, python *reader, nf_status status, const nf_error *fault, nf_error *error)
{
    nf_failure failure = nf_pickle_failure(reader->pickle);
    bool is_names = cifar->split == NULL && nf_text_contains(cifar->base, "meta");
    status = nf_cifar_fault(cifar, status, fault, error);
    if (status != NF_OK)
        return status;
    if (is_names && reader->n_blobs == 0) {
        reader->phase = DONE;
        return cifar->pending != NF_OK ? NF_OK : nf_fail(error, NF_BAD_RECORD, "%s: %s", cifar->entry.path, fault->message);
    }
    fail(reader, failure, fault->message);
    return settle(cifar, reader, true, error);
}

static nf_status parse(nf_cifar *cifar, python *reader, nf_error *error)
{
    nf_error fault = {0};
    nf_pickle_event event;
    nf_status status = nf_pickle_next(reader->pickle, &event, &fault);
    if (status != NF_OK)
        return end_early(cifar, reader, status, &fault, error);
    if (event == NF_PICKLE_AT_END)
        return settle(cifar, reader, false, error);
    reader->phase = IN_BLOB;
    reader->row = 0;
    reader->row_bytes = 0;
    reader->n_blobs++;
    cifar->n_late_sets++;
    return NF_OK;
}

/* Fills the next row of the blob; NF_EOF: there is none, the phase has changed. */
static nf_status fill_row(nf_cifar *cifar, python *reader, nf_record *record, nf_error *error)
{
    size_t start = record->data->len;
    for (reader->row_bytes = 0; reader->row_bytes < NF_CIFAR_IMAGE_BYTES;) {
        const uint8_t *data;
        size_t len;
        nf_error fault;
        fault.message[0] = '\0'; /* not all of it: this is done for every image */
        nf_status status =
            nf_pickle_blob_next(reader->pickle, NF_CIFAR_IMAGE_BYTES - reader->row_bytes, &data, &len, &fault);
        if (status != NF_OK) {
            record->data->len = start;
            reader->phase = PARSING; /* what is left over of a row is no image; the lengths will tell */
            if (status == NF_EOF)
                return NF_EOF;
            status = end_early(cifar, reader, status, &fault, error);
            return status == NF_OK ? NF_EOF : status;
        }
        if ((status = nf_buf_append(record->data, data, len, error)) != NF_OK)
            return status;
        reader->row_bytes += len;
    }
    nf_cifar_describe(cifar, record, reader->row++);
    record->group = NF_GROUP_LATE;
    record->late_set = reader->first_late_set + reader->n_blobs - 1;
    record->n_bytes = NF_CIFAR_IMAGE_BYTES;
    return nf_cifar_group(cifar, NF_LABEL_MAX + 1, &record->late_group, error);
}

/* Tells the labels of the next blob: its groups, or that its images are none. */
static void tell_labels(nf_cifar *cifar, python *reader, nf_record *record)
{
    uint32_t blob = reader->labelled++;
    bool is_bound = blob == reader->bound_blob;
    nf_cifar_describe(cifar, record, -1);
    record->kind = NF_RECORD_LABELS;
    record->late_set = reader->first_late_set + blob;
    record->groups = is_bound ? reader->labels : NULL;
    record->n_groups = is_bound ? reader->n_labels : 0;
    go_on(reader);
}

static nf_status python_next(nf_cifar *cifar, nf_record *record, nf_error *error)
{
    python *reader = cifar->reader;
    for (;;) {
        nf_status status = NF_OK;
        switch (reader->phase) {
        case PARSING:
            if ((status = parse(cifar, reader, error)) != NF_OK)
                return status;
            break;
        case IN_BLOB:
            if ((status = fill_row(cifar, reader, record, error)) != NF_EOF)
                return status;
            break;
        case LABELLING:
            tell_labels(cifar, reader, record);
            return NF_OK;
        case HELD:
            if ((status = nf_cifar_images_next(cifar, &reader->held, record, error)) != NF_EOF)
                return status;
            go_on(reader);
            break;
        case FAILING:
            reader->phase = DONE;
            return nf_cifar_fail(cifar, record, -1, reader->failure, reader->reason, error);
        case DONE:
            return NF_EOF;
        }
    }
}

const nf_cifar_form nf_cifar_python = {"python", python_open, python_next, python_close};
