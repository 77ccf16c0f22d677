/* nofade: STL-10, the binary form: train_X.bin, test_X.bin and unlabeled_X.bin hold images of 27648 bytes without a header, three
 * planes each; train_y.bin and test_y.bin a byte an image, 1 to 10.
 *
 * Images mostly come before their labels: where the source can be walked twice the labels are read first; on a pipe, and where
 * only the end of a file says how many images it holds, they follow.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loaders/record_files.h"

enum {
    SIDE_PX = 96,
    IMAGE_BYTES = 3 * SIDE_PX * SIDE_PX,
    N_LABELLED = 2, /* of the splits, the first */
    N_SPLITS = 3,
    LABELS_MAX = 16 << 20,
    NAMES_BYTES_MAX = 1 << 16
};

static const char *const splits[N_SPLITS] = {"train", "test", "unlabeled"};

/* The images and the labels of a split. */
typedef struct part {
    bool has_images, has_labels, is_late, is_labels_checked;
    uint32_t late_set;
    uint64_t n_images; /* read */
    bool is_cut;       /* there were more images */
    nf_ten_labels labels;
} part;

typedef struct stl10 {
    nf_record_files files;
    bool is_walked, is_collected; /* is_collected: all labels that there are have been read */
    part parts[N_SPLITS];
    nf_stream *data; /* of the file of images that is being read, or NULL */
    part *part;
    part *told; /* its labels are to be told, or NULL */
} stl10;

typedef enum kind { KIND_NONE, KIND_IMAGES, KIND_LABELS, KIND_NAMES } kind;

/* What a member is by its name, and which split it belongs to. */
static kind kind_of(const char *path, size_t *split)
{
    const char *base = nf_member_base(path);
    size_t length = strlen(base) - (nf_text_ends(base, ".gz") ? 3 : 0);
    if (length == 15 && strncmp(base, "class_names.txt", length) == 0)
        return KIND_NAMES;
    for (*split = 0; *split < N_SPLITS; ++*split) {
        size_t n = strlen(splits[*split]);
        if (length != n + 6 || strncmp(base, splits[*split], n) != 0)
            continue;
        if (strncmp(base + n, "_X.bin", 6) == 0)
            return KIND_IMAGES;
        if (strncmp(base + n, "_y.bin", 6) == 0 && *split < N_LABELLED)
            return KIND_LABELS;
    }
    return KIND_NONE;
}

static int stl10_detect(const nf_probe *probe, const char **id)
{
    (void)id;
    int best = NF_DETECT_NO;
    for (size_t i = 0; i < probe->n; i++) {
        const nf_probe_entry *entry = &probe->entries[i];
        size_t split;
        kind is = kind_of(entry->path, &split);
        if (entry->kind != NF_ENTRY_FILE || (is != KIND_IMAGES && is != KIND_LABELS))
            continue;
        bool fits = entry->size_bytes > 0 && entry->size_bytes % IMAGE_BYTES == 0;
        int sure = is == KIND_LABELS ? NF_DETECT_FALLBACK + 1 : fits ? NF_DETECT_SURE : NF_DETECT_LIKELY + 20;
        best = sure > best ? sure : best;
    }
    return best;
}

static nf_status stl10_open(void **state, const nf_loader_context *context, const char *forced_id, nf_error *error)
{
    (void)forced_id; /* there is only one */
    stl10 *set = calloc(1, sizeof *set);
    *state = set;
    if (set == NULL)
        return nf_fail_nomem(error, "the STL-10 loader");
    set->files = (nf_record_files){.context = context, .format = NF_PIXELS_RGB8_PLANAR, .w_px = SIDE_PX, .h_px = SIDE_PX,
                                   .by_columns = true, .n_classes = 10, .split = ""};
    context->facts->id = "stl10";
    context->facts->title = "STL-10";
    return NF_OK;
}

static void stl10_close(void *state)
{
    stl10 *set = state;
    if (set == NULL)
        return;
    for (size_t i = 0; i < N_SPLITS; i++)
        nf_buf_free(&set->parts[i].labels.classes);
    nf_record_files_free(&set->files);
    free(set);
}

/* --- labels and names --------------------------------------------------------------------------------------------- */

static nf_status read_labels(part *of, nf_stream *data, nf_error *error)
{
    nf_buf bytes = {0};
    nf_status status = nf_stream_read_all(data, LABELS_MAX, &bytes, error);
    of->labels.classes.len = 0;
    of->labels.n_bad = 0;
    for (size_t i = 0; i < bytes.len && status == NF_OK; i++)
        status = nf_ten_labels_add(&of->labels, bytes.data[i], bytes.data[i] - 1, error);
    nf_buf_free(&bytes);
    of->has_labels = status == NF_OK;
    return status;
}

static nf_status read_names(stl10 *set, nf_error *error)
{
    nf_buf names = {0};
    nf_error fault = {0};
    nf_status status = nf_read_lines(nf_entries_data(set->files.context->entries), NAMES_BYTES_MAX, &names, &fault);
    if (status != NF_OK) {
        nf_buf_free(&names);
        return nf_record_files_fault(&set->files, -1, status, NF_FAILURE_DAMAGED, &fault, error);
    }
    char number[2] = "0";
    for (size_t at = 0; at < names.len && number[0] <= '9' && status == NF_OK; number[0]++) {
        const char *name = (const char *)names.data + at;
        if (*name != '\0')
            status = nf_groups_name_class(set->files.context->groups, number, name, error);
        at += strlen(name) + 1;
    }
    nf_buf_free(&names);
    return status;
}

/* Where all images of a part are there, its labels are held against them, once. */
static void check_labels(stl10 *set, part *of, uint64_t n_images, bool is_cut)
{
    if (!of->has_labels || of->is_labels_checked)
        return;
    of->is_labels_checked = true;
    nf_record_files_check_labels(&set->files, &of->labels, is_cut ? of->labels.classes.len : n_images);
}

/* The first walk. Faults show again in the second, which tells them. *is_alone: one file of images is all there is. */
static nf_status collect_entries(stl10 *set, bool *is_alone, size_t *split, nf_error *error)
{
    nf_entry *entry = &set->files.entry;
    nf_error fault = {0};
    size_t n_entries = 0;
    nf_status status;
    while ((status = nf_entries_next(set->files.context->entries, entry, &fault)) >= NF_OK && status != NF_EOF) {
        kind is = status == NF_OK ? kind_of(entry->path, split) : KIND_NONE;
        *is_alone = ++n_entries == 1 && is == KIND_IMAGES;
        if (is != KIND_LABELS || nf_member_passed_over(entry, set->files.context->options) != NULL || entry->encrypted ||
            entry->unsafe_path || set->parts[*split].has_labels)
            continue;
        status = read_labels(&set->parts[*split], nf_entries_data(set->files.context->entries), &fault);
        if (status < NF_OK)
            break;
    }
    if (status < NF_OK && status != NF_ERR_DAMAGED) {
        if (error != NULL)
            *error = fault;
        return status;
    }
    return NF_OK;
}

/* The source is one plain file of images: its labels may lie beside it, gzipped or not. */
static nf_status look_beside(stl10 *set, part *of, nf_error *error)
{
    const char *source = set->files.context->options->source_path;
    struct stat info;
    if (source == NULL || stat(source, &info) != 0 || !S_ISREG(info.st_mode) ||
        strncmp(nf_entries_info(set->files.context->entries)->format, "file", 4) != 0) /* an archive brings its own */
        return NF_OK;
    size_t stem = strlen(source) - (nf_text_ends(source, ".gz") ? 3 : 0);
    if (stem < 5)
        return NF_OK;
    nf_status status = NF_OK;
    for (int i = 0; i < 2 && status == NF_OK && !of->has_labels; i++) {
        nf_buf path = {0};
        bool is_gzipped = nf_text_ends(source, ".gz") == (i == 0);
        status = nf_buf_printf(&path, error, "%.*sy.bin%s", (int)stem - 5, source, is_gzipped ? ".gz" : "");
        nf_entries *beside = status == NF_OK ? nf_open_beside((const char *)path.data) : NULL;
        nf_error fault = {0};
        if (beside != NULL && read_labels(of, nf_entries_data(beside), &fault) != NF_OK)
            nf_record_files_complain(&set->files, -1, NF_FAILURE_DAMAGED, "labels: %.140s", fault.message);
        else if (beside != NULL)
            set->files.context->facts->title = "STL-10, with labels from the file beside it";
        nf_entries_close(beside);
        nf_buf_free(&path);
    }
    return status;
}

static nf_status collect(stl10 *set, nf_error *error)
{
    set->is_walked = true;
    if (!nf_entries_info(set->files.context->entries)->rewindable)
        return NF_OK;
    bool is_alone = false;
    size_t split = 0;
    nf_status status = collect_entries(set, &is_alone, &split, error);
    if (status == NF_OK && is_alone)
        status = look_beside(set, &set->parts[split], error);
    set->is_collected = true;
    return status == NF_OK ? nf_entries_rewind(set->files.context->entries, error) : status;
}

/* --- members ------------------------------------------------------------------------------------------------------ */

static nf_status enter_labels(stl10 *set, part *of, nf_error *error)
{
    nf_status status = nf_record_files_use_name(&set->files, error);
    if (status != NF_OK || of->has_labels) /* read in the first walk */
        return status;
    nf_error fault = {0};
    status = read_labels(of, nf_entries_data(set->files.context->entries), &fault);
    if (status != NF_OK) {
        of->labels.classes.len = 0;
        return nf_record_files_fault(&set->files, -1, status,
                                     status == NF_ERR_DAMAGED ? NF_FAILURE_CUT_SHORT : NF_FAILURE_DAMAGED, &fault, error);
    }
    if (of->is_late) {
        check_labels(set, of, of->n_images, of->is_cut);
        set->told = of;
    }
    return NF_OK;
}

static nf_status enter_images(stl10 *set, part *of, size_t split, nf_error *error)
{
    nf_status status = nf_record_files_use_name(&set->files, error);
    if (status != NF_OK)
        return status;
    int64_t size_bytes = set->files.entry.size_bytes;
    of->has_images = true;
    of->is_late = split < N_LABELLED && (of->has_labels ? size_bytes < 0 : !set->is_collected);
    of->late_set = of->is_late ? set->files.n_late_sets++ : 0;
    if (!of->is_late)
        check_labels(set, of, (uint64_t)(size_bytes < 0 ? 0 : size_bytes) / IMAGE_BYTES, size_bytes % IMAGE_BYTES != 0);
    set->data = nf_entries_data(set->files.context->entries);
    set->part = of;
    return NF_OK;
}

static nf_status enter(stl10 *set, nf_error *error)
{
    const nf_entry *entry = &set->files.entry;
    const nf_loader_context *context = set->files.context;
    const char *passed_over = nf_member_passed_over(entry, context->options);
    size_t split = 0;
    kind is = kind_of(entry->path, &split);
    if (passed_over != NULL || is == KIND_NONE) {
        if (passed_over != NULL)
            nf_tally_add(context->passed_over, passed_over, 1);
        else
            nf_tally_add_path(context->passed_over, entry->path);
        return NF_OK;
    }
    bool refused = false;
    set->files.split = is == KIND_NAMES ? "" : splits[split];
    nf_status status = nf_record_files_refuse(&set->files, &refused, error);
    if (status != NF_OK || refused)
        return status;
    if (is == KIND_NAMES)
        return read_names(set, error);
    return is == KIND_IMAGES ? enter_images(set, &set->parts[split], split, error) : enter_labels(set, &set->parts[split], error);
}

/* The file of images has ended: well or by a fault, `got` bytes into an image. */
static nf_status leave_images(stl10 *set, nf_status status, size_t got, const nf_error *fault, nf_error *error)
{
    part *of = set->part;
    of->is_cut = status != NF_EOF || got > 0;
    set->data = NULL;
    if (status == NF_EOF && got > 0)
        nf_record_files_complain(&set->files, (int64_t)of->n_images, NF_FAILURE_CUT_SHORT,
                                 "the file ends %zu bytes into an image of %d", got, IMAGE_BYTES);
    else if (status == NF_EOF && of->n_images == 0)
        nf_record_files_complain(&set->files, -1, NF_FAILURE_EMPTY, "the file is empty");
    if (status == NF_EOF && of->has_labels && !of->is_late && !of->is_cut && of->labels.classes.len > 0 &&
        of->labels.classes.len != of->n_images) /* the archive had said another size */
        nf_record_files_complain(&set->files, -1, NF_FAILURE_DAMAGED, "%zu labels for %llu images", of->labels.classes.len,
                                 (unsigned long long)of->n_images);
    if (of->is_late && of->has_labels) {
        check_labels(set, of, of->n_images, of->is_cut);
        set->told = of;
    }
    if (status == NF_EOF)
        return NF_OK;
    return nf_record_files_fault(&set->files, (int64_t)of->n_images, status,
                                 status == NF_ERR_DAMAGED ? NF_FAILURE_CUT_SHORT : NF_FAILURE_DAMAGED, fault, error);
}

/* NF_EOF: there is none; what is wrong is complained of. */
static nf_status next_image(stl10 *set, nf_record *record, nf_error *error)
{
    nf_error fault;
    fault.message[0] = '\0'; /* not all of it: this is done for every image */
    size_t got = 0;
    nf_status status = nf_buf_reserve(record->data, IMAGE_BYTES, error);
    if (status != NF_OK)
        return status;
    status = nf_stream_read(set->data, record->data->data + record->data->len, IMAGE_BYTES, &got, &fault);
    if (status != NF_OK) {
        status = leave_images(set, status, got, &fault, error);
        return status == NF_OK ? NF_EOF : status;
    }
    record->data->len += IMAGE_BYTES;
    record->n_bytes = IMAGE_BYTES;
    uint64_t row = set->part->n_images++;
    nf_record_files_describe(&set->files, record, (int64_t)row);
    if (set->part->is_late)
        return nf_record_files_wait(&set->files, set->part->late_set, record, error);
    return nf_record_files_group(&set->files, &set->part->labels.classes, row, &record->group, error);
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static nf_status tell_labels(stl10 *set, nf_record *record, nf_error *error)
{
    part *of = set->told;
    set->told = NULL;
    of->is_late = false;
    set->files.split = splits[of - set->parts];
    return nf_record_files_tell_labels(&set->files, of->late_set, &of->labels.classes, (size_t)of->n_images, record, error);
}

/* The walk has ended: well or by what is pending. Images that still wait get no label, but their split. */
static nf_status finish(stl10 *set, nf_error *error)
{
    bool has_images = false, has_labels = false;
    for (size_t i = 0; i < N_SPLITS && set->told == NULL; i++) {
        has_images = has_images || set->parts[i].has_images;
        has_labels = has_labels || set->parts[i].has_labels;
        if (set->parts[i].is_late)
            set->told = &set->parts[i];
    }
    if (set->told != NULL) {
        set->files.entry.path = ""; /* the last member's is no longer valid */
        return NF_OK;
    }
    if (set->files.pending != NF_OK)
        return nf_record_files_end(&set->files, error);
    if (has_labels && !has_images)
        return nf_fail(error, NF_ERR_INPUT, "holds labels but no images: give the folder, or the file of images (its labels "
                       "are found beside it)");
    return NF_EOF;
}

static nf_status next_entry(stl10 *set, nf_error *error)
{
    nf_error fault = {0};
    nf_status status = NF_EOF;
    if (set->files.pending == NF_OK)
        status = nf_entries_next(set->files.context->entries, &set->files.entry, &fault);
    if (status == NF_OK)
        return enter(set, error);
    if (status == NF_ERR_DAMAGED) {
        set->files.pending = status;
        set->files.pending_error = fault;
    }
    if (status == NF_EOF || status == NF_ERR_DAMAGED)
        return finish(set, error);
    if (error != NULL)
        *error = fault;
    return status;
}

static nf_status stl10_next(void *state, nf_record *record, nf_error *error)
{
    stl10 *set = state;
    nf_status status = set->is_walked ? NF_OK : collect(set, error);
    while (status == NF_OK) {
        nf_record_reset(record);
        if (set->told != NULL)
            return tell_labels(set, record, error);
        if (set->files.n_complaints > 0)
            return nf_record_files_tell(&set->files, record, error);
        if (set->data == NULL) {
            status = next_entry(set, error);
        } else {
            if ((status = next_image(set, record, error)) != NF_EOF)
                return status;
            status = NF_OK;
        }
    }
    return status;
}

static const char *const stl10_ids[] = {"stl10", NULL};

const nf_loader nf_loader_stl10 = {
    .name = "stl10",
    .summary = "STL-10: the binary form",
    .ids = stl10_ids,
    .detect = stl10_detect,
    .open = stl10_open,
    .next = stl10_next,
    .close = stl10_close,
};
