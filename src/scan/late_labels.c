#include "scan/late_labels.h"

#include <stdlib.h>
#include <string.h>

typedef struct late_set {
    uint32_t number;
    char *member;
    nf_buf packed;
} late_set;

struct nf_late_labels {
    late_set *sets; /* few: one per member file that waits */
    size_t n_sets, sets_capacity;
    size_t used_bytes, memory_bytes;
};

/* Fixed part of a packed image; n_levels pairs of (level, count as a varint) follow. */
typedef struct packed_head {
    int64_t row, late_row;
    uint64_t index, q, n_bytes;
    uint32_t w_px, h_px;
    nf_image_marks marks;
    uint32_t n_levels;
    uint32_t verdict;
    uint32_t name_bytes; /* 0: it is called as the set is; else its own name follows the counts, with its NUL */
    uint32_t has_classes;
    uint32_t late_group;
} packed_head;

nf_status nf_late_labels_new(nf_late_labels **late, size_t memory_bytes, nf_error *error)
{
    *late = calloc(1, sizeof **late);
    if (*late == NULL)
        return nf_fail_nomem(error, "late labels");
    (*late)->memory_bytes = memory_bytes;
    return NF_OK;
}

static void drop_set(nf_late_labels *late, size_t i)
{
    late->used_bytes -= late->sets[i].packed.len;
    nf_buf_free(&late->sets[i].packed);
    free(late->sets[i].member);
    late->n_sets--;
    memmove(&late->sets[i], &late->sets[i + 1], (late->n_sets - i) * sizeof *late->sets); /* fits: part of one array */
}

void nf_late_labels_free(nf_late_labels *late)
{
    if (late == NULL)
        return;
    while (late->n_sets > 0)
        drop_set(late, 0);
    free(late->sets);
    free(late);
}

static late_set *find_set(nf_late_labels *late, uint32_t number)
{
    for (size_t i = late->n_sets; i-- > 0;)
        if (late->sets[i].number == number)
            return &late->sets[i];
    return NULL;
}

static nf_status add_set(nf_late_labels *late, uint32_t number, const char *member, late_set **added, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&late->sets, &late->sets_capacity, late->n_sets + 1, sizeof *late->sets,
                                        "late labels", error);
    if (status != NF_OK)
        return status;
    late_set *set = &late->sets[late->n_sets];
    *set = (late_set){.number = number};
    if ((status = nf_strdup(&set->member, member, error)) != NF_OK)
        return status;
    late->n_sets++;
    *added = set;
    return NF_OK;
}

/* Packs into bytes, which has room for the worst case; returns the length. */
static size_t pack_counts(const uint32_t counts[NF_GREY_LEVELS], uint8_t *bytes, uint32_t *n_levels)
{
    size_t n = 0;
    *n_levels = 0;
    for (unsigned level = 0; level < NF_GREY_LEVELS; level++) {
        uint32_t count = counts[level];
        if (count == 0)
            continue;
        bytes[n++] = (uint8_t)level;
        for (; count >= 128; count >>= 7)
            bytes[n++] = (uint8_t)(count | 128);
        bytes[n++] = (uint8_t)count;
        ++*n_levels;
    }
    return n;
}

static size_t unpack_counts(const uint8_t *bytes, uint32_t n_levels, uint32_t counts[NF_GREY_LEVELS])
{
    size_t n = 0;
    memset(counts, 0, NF_GREY_LEVELS * sizeof counts[0]);
    for (uint32_t i = 0; i < n_levels; i++) {
        uint8_t level = bytes[n++];
        uint32_t count = 0;
        for (unsigned shift = 0;; shift += 7) {
            uint8_t byte = bytes[n++];
            count |= (uint32_t)(byte & 127) << shift;
            if (byte < 128)
                break;
        }
        counts[level] = count;
    }
    return n;
}

nf_status nf_late_labels_add(nf_late_labels *late, const nf_batch *batch, const nf_slot *slot, nf_error *error)
{
    uint8_t bytes[NF_GREY_LEVELS * 6];
    packed_head head = {.row = slot->row, .late_row = slot->late_row, .index = slot->index, .q = slot->q,
                        .n_bytes = slot->n_bytes, .w_px = slot->decoded.w_px, .h_px = slot->decoded.h_px,
                        .marks = slot->marks, .verdict = slot->decoded.verdict, .has_classes = slot->classes.n > 0,
                        .late_group = slot->late_group};
    const char *member = (const char *)batch->texts.data + slot->member;
    size_t n = pack_counts(slot->decoded.counts, bytes, &head.n_levels);
    late_set *set = find_set(late, slot->late_set);
    nf_status status = NF_OK;
    if (set == NULL)
        status = add_set(late, slot->late_set, member, &set, error);
    if (status != NF_OK)
        return status;
    if (strcmp(member, set->member) != 0)
        head.name_bytes = (uint32_t)strlen(member) + 1;
    if (late->used_bytes + sizeof head + n + head.name_bytes > late->memory_bytes)
        return nf_fail(error, NF_ERR_INPUT,
                       "the labels of %s come after more images than --label-memory (%zu MiB) can hold; raise it, or give "
                       "the extracted files or an uncompressed tar, where labels can be read first",
                       set->member, late->memory_bytes >> 20);
    if ((status = nf_buf_append(&set->packed, &head, sizeof head, error)) == NF_OK)
        status = nf_buf_append(&set->packed, bytes, n, error);
    if (status == NF_OK)
        status = nf_buf_append(&set->packed, member, head.name_bytes, error);
    if (status == NF_OK)
        late->used_bytes += sizeof head + n + head.name_bytes;
    return status;
}

static nf_status visit_set(const late_set *set, const uint32_t *groups, size_t n_groups, uint32_t without_label,
                           nf_late_visitor visit, void *context, nf_error *error)
{
    uint32_t counts[NF_GREY_LEVELS];
    nf_late_image image = {.counts = counts};
    nf_status status = NF_OK;
    for (size_t at = 0; at < set->packed.len && status == NF_OK;) {
        packed_head head;
        memcpy(&head, set->packed.data + at, sizeof head);
        at += sizeof head;
        at += unpack_counts(set->packed.data + at, head.n_levels, counts);
        image.member = head.name_bytes > 0 ? (const char *)set->packed.data + at : set->member;
        at += head.name_bytes;
        image.row = head.row;
        image.index = head.index;
        image.q = head.q;
        image.n_bytes = head.n_bytes;
        image.w_px = head.w_px;
        image.h_px = head.h_px;
        image.verdict = (nf_verdict)head.verdict;
        image.has_classes = head.has_classes != 0;
        image.marks = head.marks;
        bool labelled = head.late_row >= 0 && (uint64_t)head.late_row < n_groups;
        uint32_t unlabelled = without_label != NF_GROUP_LATE ? without_label : head.late_group;
        status = visit(context, labelled ? groups[head.late_row] : unlabelled, &image, error);
    }
    return status;
}

nf_status nf_late_labels_bind(nf_late_labels *late, uint32_t number, const uint32_t *groups, size_t n_groups,
                              uint32_t without_label, nf_late_visitor visit, void *context, nf_error *error)
{
    late_set *set = find_set(late, number);
    if (set == NULL)
        return NF_OK;
    nf_status status = visit_set(set, groups, n_groups, without_label, visit, context, error);
    drop_set(late, (size_t)(set - late->sets));
    return status;
}

nf_status nf_late_labels_bind_rest(nf_late_labels *late, nf_late_visitor visit, void *context, nf_error *error)
{
    nf_status status = NF_OK;
    while (late->n_sets > 0 && status == NF_OK)
        status = nf_late_labels_bind(late, late->sets[0].number, NULL, 0, NF_GROUP_LATE, visit, context, error);
    return status;
}
