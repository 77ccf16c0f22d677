/* nofade: CIFAR-10 and CIFAR-100, binary, python or MATLAB, as an archive, a directory or one batch alone; and sets of one's own
 * in the same form, with any number of classes.
 *
 * Here: which entries are members of the set, their split, names of classes. A form (cifar_*.c) reads a member.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loaders/cifar/cifar.h"
#include "loaders/mat5/mat5.h"

enum { HEAD_BYTES = 256 };

/* --- detection ---------------------------------------------------------------------------------------------------- */

/* A pickle of a dictionary: PROTO, perhaps FRAME, EMPTY_DICT. */
static bool is_pickle(const uint8_t *head, size_t n)
{
    if (n < 3 || head[0] != 0x80 || head[1] < 2 || head[1] > 5)
        return false;
    return head[2] == '}' || (head[2] == 0x95 && (n < 12 || head[11] == '}'));
}

static bool head_has(const uint8_t *head, size_t n, const char *text)
{
    return memmem(head, n, text, strlen(text)) != NULL;
}

static bool has_cifar_key(const uint8_t *head, size_t n)
{
    return head_has(head, n, "label_names") || head_has(head, n, "batch_label") || head_has(head, n, "labels") ||
           head_has(head, n, "filenames");
}

/* Is it called so, with or without one of the suffixes of the forms? */
static bool is_called(const char *base, const char *stem)
{
    size_t n = strlen(stem);
    return strncmp(base, stem, n) == 0 && (base[n] == '\0' || strcmp(base + n, ".bin") == 0 || strcmp(base + n, ".mat") == 0);
}

static bool is_batch_name(const char *base)
{
    static const char *const stems[] = {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4",
                                        "data_batch_5", "data_batch",   "test_batch"};
    for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++)
        if (is_called(base, stems[i]))
            return true;
    return false;
}

/* CIFAR-100's names are ordinary words. */
static bool is_plain_name(const char *base)
{
    return is_called(base, "train") || is_called(base, "test") || is_called(base, "meta");
}

static bool is_names_file(const char *base)
{
    return strcmp(base, "batches.meta.txt") == 0 || strcmp(base, "fine_label_names.txt") == 0 ||
           strcmp(base, "coarse_label_names.txt") == 0;
}

static int sureness(const nf_probe_entry *entry, bool is_alone)
{
    const char *base = nf_member_base(entry->path);
    bool pickle = is_pickle(entry->head, entry->head_bytes);
    bool mat = entry->head_bytes >= 7 && memcmp(entry->head, "MATLAB ", 7) == 0;
    bool bin = nf_text_ends(base, ".bin");
    bool called_cifar = nf_text_contains(entry->path, "cifar");
    if (entry->kind != NF_ENTRY_FILE)
        return NF_DETECT_NO;
    if ((is_batch_name(base) && (pickle || mat || bin)) || (is_names_file(base) && entry->head_bytes > 0))
        return NF_DETECT_SURE;
    if (pickle && (has_cifar_key(entry->head, entry->head_bytes) || is_plain_name(base)))
        return is_plain_name(base) || strncmp(base, "batches.meta", 12) == 0 ? NF_DETECT_SURE : NF_DETECT_LIKELY + 20;
    if (mat && (strcmp(base, "batches.meta.mat") == 0 || (is_plain_name(base) && called_cifar)))
        return NF_DETECT_SURE;
    if (bin && is_plain_name(base) && (called_cifar || entry->size_bytes % (NF_CIFAR_IMAGE_BYTES + 2) == 0))
        return NF_DETECT_SURE;
    if ((bin || mat) && is_plain_name(base))
        return NF_DETECT_LIKELY + 10;
    return is_alone && (mat || pickle) ? NF_DETECT_LIKELY : NF_DETECT_NO;
}

static int cifar_detect(const nf_probe *probe, const char **id)
{
    (void)id;
    int best = NF_DETECT_NO;
    for (size_t i = 0; i < probe->n; i++) {
        int sure = sureness(&probe->entries[i], probe->n == 1);
        best = sure > best ? sure : best;
    }
    return best;
}

/* --- what the forms ask ------------------------------------------------------------------------------------------- */

nf_status nf_cifar_use_set(nf_cifar *cifar, nf_cifar_set set, nf_error *error)
{
    if (cifar->set == set)
        return NF_OK;
    if (cifar->set != NF_CIFAR_UNKNOWN)
        return nf_fail(error, NF_ERR_INPUT, "%s: CIFAR-%d beside CIFAR-%d: give one of them", cifar->entry.path, (int)set,
                       (int)cifar->set);
    if (set == NF_CIFAR_10 && cifar->context->options->labels_level == NF_LABELS_COARSE)
        return nf_fail(error, NF_ERR_USAGE, "CIFAR-10 has no coarse labels");
    cifar->set = set;
    cifar->context->facts->id = set == NF_CIFAR_10 ? "cifar10" : "cifar100";
    return NF_OK;
}

const char *nf_cifar_labels_key(const nf_cifar *cifar, nf_cifar_set set)
{
    if (set == NF_CIFAR_10)
        return "labels";
    return cifar->context->options->labels_level == NF_LABELS_COARSE ? "coarse_labels" : "fine_labels";
}

nf_status nf_cifar_use_images(nf_cifar *cifar, nf_error *error)
{
    if (cifar->images_form != NULL && cifar->images_form != cifar->form)
        return nf_fail(error, NF_ERR_INPUT, "%s: the %s form beside the %s form: give one of them", cifar->entry.path,
                       cifar->form->name, cifar->images_form->name);
    cifar->images_form = cifar->form;
    size_t length = strlen(cifar->base);
    if (nf_keys_find(&cifar->bases, cifar->base, length) != NF_KEY_NONE)
        return nf_fail(error, NF_ERR_INPUT, "%s: a batch of this name was read from another place already: give one of them, "
                       "or each as a path of its own", cifar->entry.path);
    return nf_keys_add(&cifar->bases, cifar->base, length, error);
}

nf_status nf_cifar_take_names(nf_cifar *cifar, const char *key, const char *names, size_t bytes, nf_error *error)
{
    bool coarse = cifar->context->options->labels_level == NF_LABELS_COARSE;
    bool is_wanted = coarse ? strcmp(key, "coarse_label_names") == 0 : strcmp(key, "coarse_label_names") != 0;
    nf_status status = nf_cifar_use_set(cifar, strcmp(key, "label_names") == 0 ? NF_CIFAR_10 : NF_CIFAR_100, error);
    if (status != NF_OK || !is_wanted)
        return status;
    cifar->n_names = 0;
    for (size_t at = 0; at < bytes && status == NF_OK; at += strlen(names + at) + 1) {
        nf_buf number = {0};
        status = nf_buf_printf(&number, error, "%zu", cifar->n_names++);
        if (status == NF_OK && names[at] != '\0')
            status = nf_groups_name_class(cifar->context->groups, (const char *)number.data, names + at, error);
        nf_buf_free(&number);
    }
    return status;
}

nf_status nf_cifar_group(nf_cifar *cifar, uint32_t label, uint32_t *group, nf_error *error)
{
    nf_status status = nf_label_groups_use(&cifar->groups, cifar->split != NULL ? cifar->split : "", error);
    return status == NF_OK ? nf_label_group(&cifar->groups, cifar->context->groups, label, group, error) : status;
}

bool nf_cifar_label_is_known(const nf_cifar *cifar, uint32_t label)
{
    return cifar->n_names == 0 || label < cifar->n_names;
}

void nf_cifar_describe(const nf_cifar *cifar, nf_record *record, int64_t row)
{
    record->kind = NF_RECORD_IMAGE;
    record->member = cifar->entry.path;
    record->archive_index = cifar->entry.archive_index;
    record->row = row;
    record->format = NF_PIXELS_RGB8_PLANAR;
    record->w_px = record->h_px = NF_CIFAR_SIDE_PX;
}

nf_status nf_cifar_fail(nf_cifar *cifar, nf_record *record, int64_t row, nf_failure failure, const char *reason,
                        nf_error *error)
{
    nf_cifar_describe(cifar, record, row);
    nf_record_fail(record, failure, "%s", reason);
    return nf_cifar_group(cifar, NF_LABEL_MAX + 1, &record->group, error);
}

nf_status nf_cifar_fail_label(nf_cifar *cifar, nf_record *record, int64_t row, uint32_t label, nf_error *error)
{
    char reason[80];
    snprintf(reason, sizeof reason, "label %u, but there are %zu names", (unsigned)label, cifar->n_names);
    return nf_cifar_fail(cifar, record, row, NF_FAILURE_BAD_LABEL, reason, error);
}

nf_status nf_cifar_fault(nf_cifar *cifar, nf_status status, const nf_error *fault, nf_error *error)
{
    if (status == NF_BAD_RECORD)
        return NF_OK;
    if (status != NF_ERR_DAMAGED) {
        if (error != NULL)
            *error = *fault;
        return status;
    }
    cifar->pending = status;
    cifar->pending_error = *fault;
    return NF_OK;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static nf_status cifar_open(void **state, const nf_loader_context *context, const char *forced_id, nf_error *error)
{
    nf_cifar *cifar = calloc(1, sizeof *cifar);
    *state = cifar;
    if (cifar == NULL)
        return nf_fail_nomem(error, "the CIFAR loader");
    cifar->context = context;
    cifar->forced_id = forced_id;
    if (forced_id == NULL)
        return NF_OK;
    return nf_cifar_use_set(cifar, strcmp(forced_id, "cifar100") == 0 ? NF_CIFAR_100 : NF_CIFAR_10, error);
}

static void close_member(nf_cifar *cifar)
{
    if (cifar->form != NULL)
        cifar->form->close(cifar);
    cifar->form = NULL;
}

static void cifar_close(void *state)
{
    nf_cifar *cifar = state;
    if (cifar == NULL)
        return;
    close_member(cifar);
    nf_label_groups_free(&cifar->groups);
    nf_member_set_free(&cifar->seen);
    nf_keys_free(&cifar->bases);
    free(cifar);
}

static const char *split_of(const char *base)
{
    if (strncasecmp(base, "test", 4) == 0)
        return "test";
    return strncasecmp(base, "train", 5) == 0 || strncasecmp(base, "data_batch", 10) == 0 ? "train" : NULL;
}

/* The form by content, and where the content says nothing by name; NULL: no member of the set. */
static const nf_cifar_form *form_of(const char *base, const uint8_t *head, size_t n)
{
    if (n >= 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5 && !nf_text_ends(base, ".bin"))
        return &nf_cifar_python;
    if ((n >= 7 && memcmp(head, "MATLAB ", 7) == 0) || nf_text_ends(base, ".mat"))
        return &nf_cifar_matlab;
    if (is_names_file(base))
        return &nf_cifar_binary;
    if (nf_text_ends(base, ".bin"))
        return is_batch_name(base) || is_plain_name(base) || split_of(base) != NULL ? &nf_cifar_binary : NULL;
    return is_batch_name(base) || is_plain_name(base) || strcmp(base, "batches.meta") == 0 ? &nf_cifar_python : NULL;
}

/* One file whose name says nothing is taken for what it can be only where it is forced. */
static const nf_cifar_form *form_of_forced(const nf_cifar *cifar, const char *base)
{
    return cifar->forced_id != NULL && nf_text_ends(base, ".bin") ? &nf_cifar_binary : NULL;
}

/* A member of images that cannot be read at all: *is_record says that the record tells it. */
static nf_status refuse_member(nf_cifar *cifar, nf_record *record, bool *is_record, nf_error *error)
{
    nf_status status = nf_members_add(&cifar->seen, &cifar->entry, is_record, error);
    if (status != NF_OK)
        return status;
    if (*is_record)
        return nf_cifar_fail(cifar, record, -1, NF_FAILURE_REPEATED_MEMBER,
                             "the path stands twice in its archive: the first counts", error);
    *is_record = cifar->entry.unsafe_path || cifar->entry.encrypted;
    if (cifar->entry.unsafe_path)
        return nf_cifar_fail(cifar, record, -1, NF_FAILURE_UNSAFE_PATH, "the path has a \"..\" component", error);
    if (cifar->entry.encrypted)
        return nf_cifar_fail(cifar, record, -1, NF_FAILURE_UNREADABLE, "the member is encrypted", error);
    return NF_OK;
}

/* A repeated file of names is not worth a word; the others name nothing but images. */
static bool holds_images(const nf_cifar *cifar)
{
    return !nf_text_contains(cifar->base, "meta") && !is_names_file(cifar->base);
}

/* Finds out what the entry is and opens its form. *is_record: the record tells why not. */
static nf_status enter(nf_cifar *cifar, nf_record *record, bool *is_record, nf_error *error)
{
    const nf_entry *entry = &cifar->entry;
    const char *passed_over = nf_member_passed_over(entry, cifar->context->options);
    if (passed_over != NULL) {
        nf_tally_add(cifar->context->passed_over, passed_over, 1);
        return NF_OK;
    }
    const uint8_t *head = NULL;
    size_t n = 0;
    nf_stream *data = entry->encrypted ? NULL : nf_entries_data(cifar->context->entries);
    cifar->base = nf_member_base(entry->path);
    cifar->split = split_of(cifar->base);
    if (data != NULL && nf_stream_peek(data, HEAD_BYTES, &head, &n, NULL) != NF_OK)
        n = 0; /* the fault comes again at the read */
    const nf_cifar_form *form = form_of(cifar->base, head, n);
    if (form == NULL)
        form = form_of_forced(cifar, cifar->base);
    if (form == NULL) {
        nf_tally_add_path(cifar->context->passed_over, entry->path);
        return NF_OK;
    }
    nf_status status = holds_images(cifar) ? refuse_member(cifar, record, is_record, error) : NF_OK;
    if (status != NF_OK || *is_record || data == NULL)
        return status;
    cifar->form = form;
    return form->open(cifar, data, error);
}

/* A set in the same layout that is not the published one: its first class says so. */
static void tell_own_classes(nf_cifar *cifar)
{
    const char *first = nf_groups_class_name(cifar->context->groups, "0");
    if (first == NULL || strcmp(first, "airplane") == 0 || strcmp(first, "apple") == 0 ||
        strcmp(first, "aquatic_mammals") == 0)
        return;
    cifar->context->facts->title = cifar->set == NF_CIFAR_100 ? "classes of its own in CIFAR-100's layout"
                                                              : "classes of its own in CIFAR-10's layout";
}

/* The next entry. NF_OK with *is_record: the record is filled. */
static nf_status next_entry(nf_cifar *cifar, nf_record *record, bool *is_record, nf_error *error)
{
    nf_status status = nf_entries_next(cifar->context->entries, &cifar->entry, error);
    if (status == NF_EOF && cifar->context->facts->id == NULL)
        cifar->context->facts->id = "cifar10";
    if (status == NF_EOF)
        tell_own_classes(cifar);
    return status == NF_OK ? enter(cifar, record, is_record, error) : status;
}

static nf_status cifar_next(void *state, nf_record *record, nf_error *error)
{
    nf_cifar *cifar = state;
    for (;;) {
        nf_record_reset(record);
        bool is_record = false;
        if (cifar->form == NULL) {
            if (cifar->pending != NF_OK) {
                if (error != NULL)
                    *error = cifar->pending_error;
                return cifar->pending;
            }
            nf_status status = next_entry(cifar, record, &is_record, error);
            if (status != NF_OK || is_record)
                return status;
            continue;
        }
        nf_status status = cifar->form->next(cifar, record, error);
        if (status == NF_OK)
            return NF_OK;
        close_member(cifar);
        if (status == NF_BAD_RECORD)
            nf_error_prepend(error, "%s", cifar->entry.path);
        if (status != NF_EOF)
            return status;
    }
}

static const char *const cifar_ids[] = {"cifar10", "cifar100", NULL};

const nf_loader nf_loader_cifar = {
    .name = "cifar",
    .summary = "CIFAR-10 and CIFAR-100: binary, python and MATLAB",
    .ids = cifar_ids,
    .detect = cifar_detect,
    .open = cifar_open,
    .next = cifar_next,
    .close = cifar_close,
};
