/* nofade: SVHN, cropped digits: MATLAB 5 files with X, uint8 (32, 32, 3, n), and y, (n, 1); alone, in a directory, a tar, a zip.
 *
 * An image lies in one piece, as three planes, so X is streamed, however much it inflates to. y mostly follows it: where the
 * source can be walked twice the labels are read first; on a pipe they follow their images.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loaders/mat5/mat5.h"
#include "loaders/record_files.h"

enum {
    SIDE_PX = 32,
    IMAGE_BYTES = 3 * SIDE_PX * SIDE_PX,
    HEAD_BYTES = 128,                     /* of a MATLAB file */
    IMAGES_MAX = UINT32_MAX / IMAGE_BYTES, /* of a file: a variable's length is 32 bits */
    LABELS_MAX = 64 << 20                 /* read before the images, of all files */
};

typedef struct svhn {
    nf_record_files files;
    bool is_walked, is_collected; /* is_collected: all labels that there are have been read */
    nf_keys members;              /* those whose labels were read in the first walk */
    nf_ten_labels *collected;     /* (members.n,) */
    size_t collected_capacity, n_collected_labels;
    nf_buf key, numbers;

    nf_mat5 *mat;         /* the member that is being read, or NULL */
    nf_ten_labels own;    /* its labels, where they were not collected */
    nf_ten_labels *labels; /* own or collected; NULL: they have not come */
    uint64_t n_images, row;
    bool has_images, is_in_images, is_late;
    uint32_t late_set;
} svhn;

/* --- detection ---------------------------------------------------------------------------------------------------- */

static bool is_images_shape(const nf_mat5_variable *variable)
{
    bool is_stack = variable->n_dims == 4 || variable->n_dims == 3; /* one image alone has no fourth dimension */
    return is_stack && variable->dims[0] == SIDE_PX && variable->dims[1] == SIDE_PX && variable->dims[2] == 3;
}

/* By the first variable, as far as it lies in the head. */
static int sureness_of_head(const nf_probe_entry *entry, bool is_alone)
{
    nf_stream *stream = NULL;
    nf_mat5 *mat = NULL;
    nf_mat5_variable variable;
    int sure = NF_DETECT_NO;
    if (nf_stream_from_memory(&stream, entry->head, entry->head_bytes, NULL) == NF_OK &&
        nf_mat5_open(&mat, stream, NULL) == NF_OK && nf_mat5_next(mat, &variable, NULL) == NF_OK) {
        if (strcmp(variable.name, "X") == 0 && is_images_shape(&variable))
            sure = NF_DETECT_SURE;
        else if (strcmp(variable.name, "y") == 0 && is_alone)
            sure = NF_DETECT_LIKELY + 20;
    }
    nf_mat5_close(mat);
    nf_stream_close(stream);
    return sure;
}

static int sureness(const nf_probe_entry *entry, bool is_alone)
{
    static const uint8_t hdf5[4] = {0x89, 'H', 'D', 'F'};
    const char *base = nf_member_base(entry->path);
    if (entry->kind != NF_ENTRY_FILE || entry->head_bytes == 0)
        return NF_DETECT_NO;
    if (nf_text_ends(base, "_32x32.mat"))
        return NF_DETECT_SURE;
    if (nf_mat5_is_head(entry->head, entry->head_bytes))
        return sureness_of_head(entry, is_alone);
    /* The boxes of the full format: not read, which is to be said. */
    bool is_hdf5 = entry->head_bytes >= 4 && memcmp(entry->head, hdf5, 4) == 0;
    return is_alone && is_hdf5 && nf_text_ends(base, ".mat") ? NF_DETECT_LIKELY : NF_DETECT_NO;
}

static int svhn_detect(const nf_probe *probe, const char **id)
{
    (void)id;
    int best = NF_DETECT_NO;
    for (size_t i = 0; i < probe->n && best < NF_DETECT_SURE; i++) {
        int sure = sureness(&probe->entries[i], probe->n == 1);
        best = sure > best ? sure : best;
    }
    return best;
}

/* --- opening and closing ------------------------------------------------------------------------------------------ */

static nf_status svhn_open(void **state, const nf_loader_context *context, const char *forced_id, nf_error *error)
{
    (void)forced_id; /* there is only one */
    svhn *set = calloc(1, sizeof *set);
    *state = set;
    if (set == NULL)
        return nf_fail_nomem(error, "the SVHN loader");
    set->files = (nf_record_files){.context = context, .format = NF_PIXELS_RGB8_PLANAR, .w_px = SIDE_PX, .h_px = SIDE_PX,
                                   .by_columns = true, .n_classes = 10, .split = ""};
    context->facts->id = "svhn";
    context->facts->title = "SVHN, cropped digits";
    return NF_OK;
}

static void close_member(svhn *set)
{
    nf_mat5_close(set->mat);
    set->mat = NULL;
}

static void svhn_close(void *state)
{
    svhn *set = state;
    if (set == NULL)
        return;
    close_member(set);
    for (size_t i = 0; i < set->members.n; i++)
        nf_buf_free(&set->collected[i].classes);
    free(set->collected);
    nf_keys_free(&set->members);
    nf_buf_free(&set->own.classes);
    nf_buf_free(&set->key);
    nf_buf_free(&set->numbers);
    nf_record_files_free(&set->files);
    free(set);
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

static bool is_member(svhn *set)
{
    const uint8_t *head = NULL;
    size_t n = 0;
    if (nf_text_ends(set->files.entry.path, ".mat") || nf_text_ends(set->files.entry.path, ".mat.gz"))
        return true;
    if (set->files.entry.encrypted ||
        nf_stream_peek(nf_entries_data(set->files.context->entries), HEAD_BYTES, &head, &n, NULL) != NF_OK)
        return false;
    return nf_mat5_is_head(head, n);
}

/* y: 1 to 9 are themselves, 10 is the digit 0. */
static nf_status read_labels(svhn *set, const nf_mat5_variable *variable, nf_ten_labels *labels, nf_error *error)
{
    set->numbers.len = 0;
    nf_status status = nf_mat5_read_integers(set->mat, variable, IMAGES_MAX, &set->numbers, error);
    for (size_t i = 0; i < set->numbers.len && status == NF_OK; i += sizeof(int64_t)) {
        int64_t label;
        memcpy(&label, set->numbers.data + i, sizeof label);
        status = nf_ten_labels_add(labels, label, label % 10, error);
    }
    return status;
}

static nf_status make_key(svhn *set, nf_error *error)
{
    set->key.len = 0;
    return nf_buf_printf(&set->key, error, "%llu:%s", (unsigned long long)set->files.entry.archive_index,
                         set->files.entry.path);
}

/* Takes labels, whose memory becomes the set's. */
static nf_status remember(svhn *set, nf_ten_labels *labels, nf_error *error)
{
    nf_status status = make_key(set, error);
    if (status == NF_OK && nf_keys_find(&set->members, set->key.data, set->key.len) != NF_KEY_NONE)
        return NF_OK; /* the path stands twice: the first counts */
    set->n_collected_labels += labels->classes.len;
    if (status == NF_OK && set->n_collected_labels > LABELS_MAX)
        status = nf_fail(error, NF_ERR_INPUT, "more than %d labels", LABELS_MAX);
    if (status == NF_OK)
        status = nf_array_reserve((void **)&set->collected, &set->collected_capacity, set->members.n + 1,
                                  sizeof *set->collected, "labels", error);
    if (status == NF_OK)
        status = nf_keys_add(&set->members, set->key.data, set->key.len, error);
    if (status != NF_OK)
        return status;
    set->collected[set->members.n - 1] = *labels;
    *labels = (nf_ten_labels){0};
    return NF_OK;
}

/* The labels of one file; its images are passed over as they are stored. */
static nf_status collect_member(svhn *set, nf_error *error)
{
    nf_ten_labels labels = {0};
    nf_mat5_variable variable;
    bool is_found = false;
    nf_status status = nf_mat5_open(&set->mat, nf_entries_data(set->files.context->entries), error);
    while (status == NF_OK && !is_found && (status = nf_mat5_next(set->mat, &variable, error)) == NF_OK)
        is_found = strcmp(variable.name, "y") == 0;
    if (status == NF_OK)
        status = read_labels(set, &variable, &labels, error);
    if (status == NF_OK)
        status = remember(set, &labels, error);
    nf_buf_free(&labels.classes);
    close_member(set);
    return status;
}

/* The first walk. Faults of members show again in the second, which tells them. */
static nf_status collect(svhn *set, nf_error *error)
{
    set->is_walked = true;
    nf_entries *entries = set->files.context->entries;
    if (!nf_entries_info(entries)->rewindable)
        return NF_OK;
    nf_error fault = {0};
    nf_entry *entry = &set->files.entry;
    nf_status status;
    while ((status = nf_entries_next(entries, entry, &fault)) >= NF_OK && status != NF_EOF) {
        if (status == NF_BAD_RECORD || nf_member_passed_over(entry, set->files.context->options) != NULL || entry->encrypted ||
            !is_member(set))
            continue;
        if ((status = collect_member(set, &fault)) < NF_OK)
            break;
    }
    if (status < NF_OK && status != NF_ERR_DAMAGED) {
        if (error != NULL)
            *error = fault;
        return status;
    }
    set->is_collected = true;
    return nf_entries_rewind(entries, error);
}

/* --- a member ----------------------------------------------------------------------------------------------------- */

static const char *split_of(const char *base)
{
    static const char *const splits[] = {"train", "test", "extra"};
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++)
        if (strncasecmp(base, splits[i], strlen(splits[i])) == 0)
            return splits[i];
    return "";
}

/* What is wrong with the member as a whole; nothing more is said of it. */
static nf_status end_by_fault(svhn *set, nf_status status, const nf_error *fault, nf_error *error)
{
    nf_failure failure = set->mat != NULL ? nf_mat5_failure(set->mat) : NF_FAILURE_NONE;
    set->is_in_images = false;
    close_member(set);
    return nf_record_files_fault(&set->files, -1, status, failure != NF_FAILURE_NONE ? failure : NF_FAILURE_DAMAGED, fault,
                                 error);
}

static nf_status enter(svhn *set, nf_error *error)
{
    const nf_loader_context *context = set->files.context;
    const char *passed_over = nf_member_passed_over(&set->files.entry, context->options);
    if (passed_over != NULL || !is_member(set)) {
        if (passed_over != NULL)
            nf_tally_add(context->passed_over, passed_over, 1);
        else
            nf_tally_add_path(context->passed_over, set->files.entry.path);
        return NF_OK;
    }
    bool refused = false;
    set->files.split = split_of(nf_member_base(set->files.entry.path));
    nf_status status = nf_record_files_refuse(&set->files, &refused, error);
    if (status == NF_OK && !refused)
        status = make_key(set, error);
    if (status != NF_OK || refused)
        return status;
    uint32_t found = nf_keys_find(&set->members, set->key.data, set->key.len);
    set->own.classes.len = 0;
    set->own.n_bad = 0;
    set->labels = found != NF_KEY_NONE ? &set->collected[found] : NULL;
    set->has_images = set->is_late = false;
    set->row = set->n_images = 0;
    nf_error fault = {0};
    status = nf_mat5_open(&set->mat, nf_entries_data(context->entries), &fault);
    return status == NF_OK ? NF_OK : end_by_fault(set, status, &fault, error);
}

static nf_status refuse_images(svhn *set, const nf_mat5_variable *variable)
{
    char shape[80] = "";
    size_t n_dims = variable->n_dims < NF_MAT5_DIMS_MAX ? variable->n_dims : NF_MAT5_DIMS_MAX;
    for (size_t i = 0, at = 0; i < n_dims && at < sizeof shape; i++)
        at += (size_t)snprintf(shape + at, sizeof shape - at, "%s%llu", i > 0 ? " x " : "",
                               (unsigned long long)variable->dims[i]);
    nf_record_files_complain(&set->files, -1, NF_FAILURE_UNSUPPORTED_KIND,
                             "X is of class %s and %s%s, where uint8 and 32 x 32 x 3 x n is due", variable->class_name, shape,
                             variable->n_dims > n_dims ? " x ..." : "");
    close_member(set);
    return NF_OK;
}

static nf_status name_classes(nf_groups *groups, nf_error *error)
{
    nf_status status = NF_OK;
    for (char digit[2] = "0"; digit[0] <= '9' && status == NF_OK; digit[0]++)
        status = nf_groups_name_class(groups, digit, digit, error);
    return status;
}

static nf_status begin_images(svhn *set, const nf_mat5_variable *variable, nf_error *error)
{
    if (!variable->is_uint8 || variable->kind != NF_MAT5_INTEGERS || !is_images_shape(variable))
        return refuse_images(set, variable);
    if (set->has_images) {
        nf_record_files_complain(&set->files, -1, NF_FAILURE_DAMAGED, "there is a second X: the first counts");
        return NF_OK;
    }
    nf_error fault = {0};
    nf_status status = nf_record_files_use_name(&set->files, error);
    if (status == NF_OK)
        status = name_classes(set->files.context->groups, error);
    if (status != NF_OK)
        return status;
    set->has_images = true;
    set->n_images = variable->n / IMAGE_BYTES;
    if (set->n_images > 0 && (status = nf_mat5_open_bytes(set->mat, variable, &fault)) != NF_OK)
        return end_by_fault(set, status, &fault, error);
    set->is_in_images = set->n_images > 0;
    if (set->labels != NULL)
        nf_record_files_check_labels(&set->files, set->labels, set->n_images);
    set->is_late = set->labels == NULL && !set->is_collected;
    set->late_set = set->is_late ? set->files.n_late_sets++ : 0;
    return NF_OK;
}

static nf_status take_labels(svhn *set, const nf_mat5_variable *variable, nf_error *error)
{
    if (set->labels != NULL)
        return NF_OK;
    nf_error fault = {0};
    nf_status status = read_labels(set, variable, &set->own, &fault);
    if (status != NF_OK) {
        set->own.classes.len = 0;
        return end_by_fault(set, status, &fault, error);
    }
    set->labels = &set->own;
    if (set->has_images)
        nf_record_files_check_labels(&set->files, set->labels, set->n_images);
    return NF_OK;
}

static nf_status next_variable(svhn *set, nf_error *error)
{
    nf_mat5_variable variable;
    nf_error fault = {0};
    nf_status status = nf_mat5_next(set->mat, &variable, &fault);
    if (status == NF_OK && strcmp(variable.name, "X") == 0)
        return begin_images(set, &variable, error);
    if (status == NF_OK && strcmp(variable.name, "y") == 0)
        return take_labels(set, &variable, error);
    if (status != NF_OK && status != NF_EOF)
        return end_by_fault(set, status, &fault, error);
    if (status == NF_OK)
        return NF_OK;
    close_member(set);
    if (!set->has_images || set->labels == NULL)
        nf_record_files_complain(&set->files, -1, NF_FAILURE_UNSUPPORTED_KIND, "the MATLAB file holds no variable \"%s\"",
                                 set->has_images ? "y" : "X");
    return NF_OK;
}

/* NF_EOF: there is none; what is wrong is complained of. */
static nf_status next_image(svhn *set, nf_record *record, nf_error *error)
{
    if (set->row == set->n_images) {
        set->is_in_images = false;
        return NF_EOF;
    }
    nf_error fault;
    fault.message[0] = '\0'; /* not all of it: this is done for every image */
    nf_status status = nf_buf_reserve(record->data, IMAGE_BYTES, error);
    if (status != NF_OK)
        return status;
    status = nf_mat5_take(set->mat, record->data->data + record->data->len, IMAGE_BYTES, &fault);
    if (status != NF_OK) {
        status = end_by_fault(set, status, &fault, error);
        return status == NF_OK ? NF_EOF : status;
    }
    record->data->len += IMAGE_BYTES;
    record->n_bytes = IMAGE_BYTES;
    nf_record_files_describe(&set->files, record, (int64_t)set->row);
    uint64_t row = set->row++;
    if (set->is_late)
        return nf_record_files_wait(&set->files, set->late_set, record, error);
    static const nf_buf none = {0};
    return nf_record_files_group(&set->files, set->labels != NULL ? &set->labels->classes : &none, row, &record->group, error);
}

/* The member has ended: what is known of its late images, their split at least. */
static nf_status tell_late(svhn *set, nf_record *record, nf_error *error)
{
    set->is_late = false;
    return nf_record_files_tell_labels(&set->files, set->late_set, &set->own.classes, (size_t)set->row, record, error);
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static nf_status svhn_next(void *state, nf_record *record, nf_error *error)
{
    svhn *set = state;
    nf_status status = set->is_walked ? NF_OK : collect(set, error);
    while (status == NF_OK) {
        nf_record_reset(record);
        if (set->files.n_complaints > 0)
            return nf_record_files_tell(&set->files, record, error);
        if (set->is_in_images) {
            if ((status = next_image(set, record, error)) != NF_EOF)
                return status;
            status = NF_OK;
        } else if (set->mat != NULL) {
            status = next_variable(set, error);
        } else if (set->is_late) {
            return tell_late(set, record, error);
        } else if (set->files.pending != NF_OK) {
            return nf_record_files_end(&set->files, error);
        } else if ((status = nf_entries_next(set->files.context->entries, &set->files.entry, error)) == NF_OK) {
            status = enter(set, error);
        }
    }
    return status;
}

static const char *const svhn_ids[] = {"svhn", NULL};

const nf_loader nf_loader_svhn = {
    .name = "svhn",
    .summary = "SVHN: cropped digits, MATLAB",
    .ids = svhn_ids,
    .detect = svhn_detect,
    .open = svhn_open,
    .next = svhn_next,
    .close = svhn_close,
};
