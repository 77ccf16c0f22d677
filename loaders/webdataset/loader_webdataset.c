/* nofade: WebDataset shards: tars of <key>.<extension>, the files of one key standing together as a sample.
 *
 * An image's label may come behind it, so a sample is held until the next key: its images as they are, its label as text.
 * The label is <key>.cls, else a field of <key>.json; a sample without either is labelled by its directories. A text file is
 * a caption, never a class. The split comes from the shard's name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loaders/loader.h"
#include "loaders/members.h"
#include "loaders/pictures.h"
#include "loaders/sniff.h"
#include "loaders/webdataset/webdataset.h"

enum {
    IMAGES_MAX = 64,            /* of one sample */
    KEPT_CAPACITY = 16 << 20,   /* bytes of a held sample whose memory is kept for the next */
    DETECT_BY_COMPANION = 60    /* more than an image folder's claim, less than sure */
};

typedef struct held_image {
    size_t member, offset, n_bytes; /* where in names and bytes */
    nf_failure failure;
    char reason[sizeof((nf_record *)0)->reason];
} held_image;

typedef enum label_source { NO_LABEL_FILE, LABEL_OF_JSON, LABEL_OF_CLS } label_source;

typedef struct sample {
    nf_buf key;   /* of archive archive_index; len 0: no sample yet */
    uint64_t archive_index, unit;
    nf_buf names; /* members' paths, each with its NUL */
    nf_buf bytes;
    held_image images[IMAGES_MAX];
    size_t n, next; /* held, and the next one to be given */
    bool closed;    /* its last file has been seen */
    uint32_t group; /* when closed */
    label_source label_from;
    char class_id[NF_WDS_CLASS_MAX + 1]; /* "": none */
    nf_failure label_failure;            /* the label cannot be told, reason says why */
    char label_reason[sizeof((nf_record *)0)->reason];
} sample;

typedef struct webdataset {
    nf_pictures pictures;
    const char *shard; /* file name of the source; NULL where it is none */
    nf_entry entry;    /* with has_entry: looked at, its sample not begun yet */
    nf_wds_name name;
    nf_record taken; /* its bytes go to current.bytes */
    bool has_entry, is_image;
    sample current;
    nf_buf text; /* a label file, or the directories of a sample */
} webdataset;

/* ---- detection ---- */

static bool is_inner(const nf_probe_entry *entry)
{
    return strchr(entry->path, '!') != NULL;
}

static bool same_key(const nf_probe_entry *a, const nf_wds_name *a_name, const nf_probe_entry *b, const nf_wds_name *b_name)
{
    return a_name->key_bytes > 0 && a_name->key_bytes == b_name->key_bytes && memcmp(a->path, b->path, a_name->key_bytes) == 0;
}

/* What an image and the file beside it, of one key, say. Notes beside the pictures of a class folder, or of a directory, are
 * no samples: a shard is an archive. */
static int detect_pair(const nf_probe *probe, const nf_probe_entry *image, const nf_wds_name *image_name,
                       const nf_probe_entry *beside, const nf_wds_name *beside_name)
{
    if (image_name->part != NF_WDS_CONTENT || !nf_is_picture(nf_sniff(image->head, image->head_bytes, NULL)))
        return NF_DETECT_NO;
    if (beside_name->part == NF_WDS_CLASS)
        return NF_DETECT_SURE;
    const char *inner = is_inner(image) ? strrchr(image->path, '!') + 1 : image->path;
    bool describes = beside_name->part == NF_WDS_JSON || strcasecmp(beside_name->extension, "txt") == 0;
    if (probe->is_directory && !is_inner(image))
        return NF_DETECT_NO;
    return describes && beside->head_bytes > 0 && strchr(inner, '/') == NULL ? DETECT_BY_COMPANION : NF_DETECT_NO;
}

static int webdataset_detect(const nf_probe *probe, const char **id)
{
    (void)id;
    int best = NF_DETECT_NO;
    for (size_t i = 1; i < probe->n && best < NF_DETECT_SURE; i++) {
        const nf_probe_entry *a = &probe->entries[i - 1], *b = &probe->entries[i];
        nf_wds_name a_name = nf_wds_read_name(a->path, is_inner(a)), b_name = nf_wds_read_name(b->path, is_inner(b));
        if (a->kind != NF_ENTRY_FILE || b->kind != NF_ENTRY_FILE || !same_key(a, &a_name, b, &b_name))
            continue;
        int one = detect_pair(probe, a, &a_name, b, &b_name), other = detect_pair(probe, b, &b_name, a, &a_name);
        best = one > best ? one : best;
        best = other > best ? other : best;
    }
    return best;
}

/* ---- open and close ---- */

static bool is_label_file(void *owner, const nf_entry *entry)
{
    (void)owner;
    nf_wds_part part = nf_wds_read_name(entry->path, entry->archive_index > 0).part;
    return part == NF_WDS_CLASS || part == NF_WDS_JSON;
}

static nf_status webdataset_open(void **state, const nf_loader_context *context, const char *forced_id, nf_error *error)
{
    webdataset *set = calloc(1, sizeof *set);
    *state = set;
    if (set == NULL)
        return nf_fail_nomem(error, "the WebDataset loader");
    set->pictures.context = context;
    set->pictures.is_needed = is_label_file;
    set->taken.data = &set->current.bytes;
    bool is_file = strcmp(nf_entries_info(context->entries)->format, "directory") != 0;
    set->shard = is_file ? nf_member_base(context->options->source_path) : NULL;
    context->facts->id = forced_id != NULL ? forced_id : "webdataset";
    return NF_OK;
}

static void webdataset_close(void *state)
{
    webdataset *set = state;
    if (set == NULL)
        return;
    nf_buf_free(&set->current.key);
    nf_buf_free(&set->current.names);
    nf_buf_free(&set->current.bytes);
    nf_buf_free(&set->text);
    free(set);
}

/* ---- a sample ---- */

static void clear_sample(sample *current)
{
    if (current->bytes.capacity > KEPT_CAPACITY)
        nf_buf_free(&current->bytes);
    current->key.len = current->names.len = current->bytes.len = 0;
    current->n = current->next = 0;
    current->closed = false;
    current->label_from = NO_LABEL_FILE;
    current->label_failure = NF_FAILURE_NONE;
    current->class_id[0] = '\0';
}

static bool is_of_sample(const sample *current, const nf_entry *entry, const nf_wds_name *name)
{
    return current->archive_index == entry->archive_index && current->key.len == name->key_bytes &&
           memcmp(current->key.data, entry->path, name->key_bytes) == 0;
}

static void spoil_label(sample *current, nf_failure failure, const char *path, const char *why)
{
    current->label_failure = failure;
    snprintf(current->label_reason, sizeof current->label_reason, "%.50s: %.100s", nf_member_base(path), why);
}

/* A sample without a label file: by its directories, below the split that the shard's name gives. */
static nf_status group_by_directory(webdataset *set, const char *path, bool in_archive, const char *split, nf_error *error)
{
    nf_groups *groups = set->pictures.context->groups;
    set->text.len = 0;
    nf_status status = nf_wds_append_directories(&set->text, path, in_archive, error);
    if (status == NF_OK && set->text.len == 0)
        return nf_groups_intern(groups, split, NULL, &set->current.group, error);
    bool named_by_directory = strcmp(nf_wds_split(path, in_archive, NULL), split) == 0;
    set->text.len = 0;
    if (status == NF_OK && !named_by_directory)
        status = nf_buf_append(&set->text, split, strlen(split), error);
    if (status == NF_OK)
        status = nf_wds_append_directories(&set->text, path, in_archive, error);
    if (status == NF_OK)
        status = nf_buf_append(&set->text, "", 1, error);
    if (status == NF_OK)
        status = nf_groups_intern_directory(groups, (const char *)set->text.data, &set->current.group, error);
    return status;
}

/* Its last file has been seen: the label stands. */
static nf_status close_sample(webdataset *set, nf_error *error)
{
    sample *current = &set->current;
    current->closed = true;
    if (current->n == 0)
        return NF_OK;
    const char *path = (const char *)current->names.data;
    bool in_archive = current->archive_index > 0;
    const char *split = nf_wds_split(path, in_archive, set->shard);
    if (current->label_from == NO_LABEL_FILE)
        return group_by_directory(set, path, in_archive, split, error);
    bool has_label = current->class_id[0] != '\0' && current->label_failure == NF_FAILURE_NONE;
    return nf_groups_intern(set->pictures.context->groups, split, has_label ? current->class_id : NULL, &current->group, error);
}

/* ---- its files ---- */

static bool has_extension(const sample *current, const char *extension)
{
    for (size_t i = 0; i < current->n; i++)
        if (strcasecmp((const char *)current->names.data + current->images[i].member + current->key.len + 1, extension) == 0)
            return true;
    return false;
}

/* Holds the image that was taken into set->taken. set->is_image stays where there is no room for it. */
static nf_status hold_image(webdataset *set, nf_error *error)
{
    sample *current = &set->current;
    nf_record *taken = &set->taken;
    if (current->n == IMAGES_MAX) {
        current->bytes.len -= taken->n_bytes;
        return NF_OK;
    }
    set->is_image = false;
    if (has_extension(current, set->name.extension)) {
        current->bytes.len -= taken->n_bytes;
        nf_record_fail(taken, NF_FAILURE_REPEATED_MEMBER, "the sample has this extension more than once");
    }
    held_image *image = &current->images[current->n];
    *image = (held_image){.member = current->names.len,
                          .offset = current->bytes.len - taken->n_bytes,
                          .n_bytes = taken->n_bytes,
                          .failure = taken->failure};
    memcpy(image->reason, taken->reason, sizeof image->reason);
    nf_status status = nf_buf_append(&current->names, set->entry.path, strlen(set->entry.path) + 1, error);
    current->n += status == NF_OK;
    return status;
}

static nf_status take_label(webdataset *set, label_source from, nf_error *error)
{
    sample *current = &set->current;
    nf_error fault = {0};
    if (from < current->label_from)
        return NF_OK;
    if (from == current->label_from) {
        spoil_label(current, NF_FAILURE_REPEATED_MEMBER, set->entry.path, "the sample has this extension more than once");
        return NF_OK;
    }
    current->label_from = from;
    current->label_failure = NF_FAILURE_NONE;
    set->text.len = 0;
    nf_status status = nf_stream_read_all(nf_entries_data(set->pictures.context->entries),
                                          from == LABEL_OF_CLS ? NF_WDS_CLASS_FILE_MAX : NF_WDS_JSON_FILE_MAX, &set->text, &fault);
    if (status == NF_ERR_DAMAGED) {
        set->pictures.pending = status;
        set->pictures.pending_error = fault;
    } else if (status == NF_OK) {
        status = from == LABEL_OF_CLS ? nf_wds_class_of_cls(&set->text, current->class_id, &fault)
                                      : nf_wds_class_of_json(&set->text, current->class_id, &fault);
    }
    if (status == NF_BAD_RECORD || status == NF_ERR_DAMAGED)
        spoil_label(current, NF_FAILURE_BAD_LABEL, set->entry.path, fault.message);
    else if (status != NF_OK && error != NULL)
        *error = fault;
    return status == NF_BAD_RECORD || status == NF_ERR_DAMAGED ? NF_OK : status;
}

/* A file of the current sample. */
static nf_status take_file(webdataset *set, nf_error *error)
{
    nf_tally *tally = set->pictures.context->passed_over;
    switch (set->name.part) {
    case NF_WDS_CLASS:
        return take_label(set, LABEL_OF_CLS, error);
    case NF_WDS_JSON:
        return take_label(set, LABEL_OF_JSON, error);
    case NF_WDS_EXTRA:
        nf_tally_add(tally, nf_wds_is_lossy(set->entry.path) ? "extra-image" : "label-map", 1);
        return NF_OK;
    default:
        break;
    }
    set->pictures.held_bytes = set->current.bytes.len;
    nf_status status = set->is_image ? NF_OK
                                     : nf_pictures_take(&set->pictures, &set->entry, &set->taken, &set->is_image, error);
    return status == NF_OK && set->is_image ? hold_image(set, error) : status;
}

/* ---- records ---- */

/* An image that could not be held until its label comes. */
static nf_status give_surplus(webdataset *set, nf_record *record, nf_error *error)
{
    record->format = NF_PIXELS_ENCODED;
    record->member = set->entry.path;
    record->archive_index = set->entry.archive_index;
    record->unit = set->entry.unit;
    nf_record_fail(record, NF_FAILURE_TOO_LARGE, "the sample has more than %d images", IMAGES_MAX);
    set->is_image = false;
    return nf_groups_intern(set->pictures.context->groups, "", NULL, &record->group, error);
}

static nf_status give_image(webdataset *set, nf_record *record, nf_error *error)
{
    sample *current = &set->current;
    const held_image *image = &current->images[current->next];
    bool usable = image->failure == NF_FAILURE_NONE && current->label_failure == NF_FAILURE_NONE;
    nf_status status = usable ? nf_buf_append(record->data, current->bytes.data + image->offset, image->n_bytes, error) : NF_OK;
    if (status != NF_OK)
        return status;
    record->kind = NF_RECORD_IMAGE;
    record->format = NF_PIXELS_ENCODED;
    record->member = (const char *)current->names.data + image->member;
    record->archive_index = current->archive_index;
    record->unit = current->unit;
    record->group = current->group;
    record->n_bytes = usable ? image->n_bytes : 0;
    if (image->failure != NF_FAILURE_NONE)
        nf_record_fail(record, image->failure, "%s", image->reason);
    else if (!usable)
        nf_record_fail(record, current->label_failure, "%s", current->label_reason);
    current->next++;
    return NF_OK;
}

/* The next file of a sample, into set->entry. The end of the source ends the sample first. */
static nf_status look_at_next(webdataset *set, nf_error *error)
{
    for (;;) {
        nf_status status = nf_pictures_next(&set->pictures, &set->entry, &set->taken, &set->is_image, error);
        if ((status == NF_EOF || status == NF_ERR_DAMAGED) && set->current.key.len > 0)
            return close_sample(set, error); /* what ended the source is told again */
        if (status != NF_OK)
            return status;
        set->name = nf_wds_read_name(set->entry.path, set->entry.archive_index > 0);
        set->has_entry = set->name.key_bytes > 0;
        if (set->has_entry)
            return NF_OK;
        if (set->name.part == NF_WDS_METADATA)
            nf_tally_add(set->pictures.context->passed_over, "metadata", 1);
        else
            nf_tally_add_path(set->pictures.context->passed_over, set->entry.path);
    }
}

static nf_status begin_sample(webdataset *set, nf_error *error)
{
    clear_sample(&set->current);
    if (!set->has_entry)
        return NF_OK;
    set->current.archive_index = set->entry.archive_index;
    set->current.unit = set->entry.unit;
    return nf_buf_append(&set->current.key, set->entry.path, set->name.key_bytes, error);
}

static nf_status webdataset_next(void *state, nf_record *record, nf_error *error)
{
    webdataset *set = state;
    sample *current = &set->current;
    nf_status status = NF_OK;
    nf_record_reset(record);
    while (status == NF_OK) {
        if (current->closed && current->next < current->n)
            return give_image(set, record, error);
        if (current->closed)
            status = begin_sample(set, error);
        else if (!set->has_entry)
            status = look_at_next(set, error);
        else if (current->key.len == 0)
            status = begin_sample(set, error);
        else if (!is_of_sample(current, &set->entry, &set->name))
            status = close_sample(set, error);
        else {
            set->has_entry = false;
            status = take_file(set, error);
            if (status == NF_OK && set->is_image)
                return give_surplus(set, record, error);
        }
    }
    return status;
}

/* The files of a sample, or a file that is of none. */
static size_t webdataset_unit_bytes(void *state, const nf_entry *entry)
{
    size_t n = nf_pictures_unit_bytes(&((webdataset *)state)->pictures, entry);
    size_t key_bytes = nf_wds_read_name(entry->path, entry->archive_index > 0).key_bytes;
    return n != NF_UNIT_NEVER && key_bytes > 0 ? key_bytes : n;
}

static const char *const webdataset_ids[] = {"webdataset", NULL};

const nf_loader nf_loader_webdataset = {
    .name = "webdataset",
    .summary = "WebDataset shards: images with .cls or .json labels of one key",
    .ids = webdataset_ids,
    .detect = webdataset_detect,
    .open = webdataset_open,
    .next = webdataset_next,
    .close = webdataset_close,
    .unit_bytes = webdataset_unit_bytes,
};
