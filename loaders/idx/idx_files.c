/* nofade: IDX headers, files of labels, pairs, and the sets that are known by their digest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loaders/idx/idx.h"

bool nf_idx_is_head(const uint8_t *head, size_t n)
{
    if (n < 4 || head[0] != 0 || head[1] != 0)
        return false;
    bool is_type = head[2] == 0x08 || head[2] == 0x09 || (head[2] >= 0x0B && head[2] <= 0x0E);
    return is_type && head[3] >= 1 && head[3] <= 4;
}

static uint64_t big_endian(const uint8_t *b)
{
    return (uint64_t)b[0] << 24 | (uint64_t)b[1] << 16 | (uint64_t)b[2] << 8 | b[3];
}

nf_status nf_idx_read_header(nf_stream *data, nf_idx_header *header, nf_failure *failure, nf_error *error)
{
    uint8_t head[NF_IDX_HEADER_MAX];
    size_t got = 0;
    *header = (nf_idx_header){0};
    *failure = NF_FAILURE_CUT_SHORT;
    nf_status status = nf_stream_read(data, head, 4, &got, error);
    if (status == NF_EOF && got == 0) {
        *failure = NF_FAILURE_EMPTY;
        return nf_fail(error, NF_BAD_RECORD, "the file is empty");
    }
    if (status == NF_OK && !nf_idx_is_head(head, got)) {
        *failure = NF_FAILURE_DAMAGED;
        return nf_fail(error, NF_BAD_RECORD, "the first bytes, %02x%02x%02x%02x, are not IDX's", head[0], head[1], head[2],
                       head[3]);
    }
    if (status == NF_OK) {
        header->type = head[2];
        header->n_dims = head[3];
        header->bytes = 4 + 4 * (size_t)header->n_dims;
        status = nf_stream_read(data, head + 4, header->bytes - 4, &got, error);
    }
    if (status == NF_EOF)
        return nf_fail(error, NF_BAD_RECORD, "the file ends inside its header");
    for (unsigned i = 0; status == NF_OK && i < header->n_dims; i++)
        header->dims[i] = big_endian(head + 4 + 4 * (size_t)i);
    return status;
}

/* What the names of images and labels have alike: the path without ".gz", and with "*" for what tells them apart. */
static char *key_of(const char *path)
{
    static const char *const differing[] = {"images", "labels", "image", "label", "idx3", "idx1"};
    char *key = strdup(path);
    if (key == NULL)
        return NULL;
    const char *end = path + strlen(path) - (nf_text_ends(path, ".gz") ? 3 : 0);
    const char *base = nf_member_base(path);
    size_t n = 0;
    for (const char *c = path; c < end;) {
        size_t length = 0;
        for (size_t i = 0; c >= base && i < sizeof differing / sizeof differing[0] && length == 0; i++)
            if (strncasecmp(c, differing[i], strlen(differing[i])) == 0)
                length = strlen(differing[i]);
        key[n++] = length > 0 ? '*' : *c;
        c += length > 0 ? length : 1;
    }
    key[n] = '\0';
    return key;
}

nf_status nf_idx_pairs_find(nf_idx_pairs *pairs, const nf_entry *entry, nf_idx_pair **pair, nf_error *error)
{
    char *key = key_of(entry->path);
    if (key == NULL)
        return nf_fail_nomem(error, "the name of a member");
    nf_status status = NF_OK;
    *pair = NULL;
    for (size_t i = 0; i < pairs->n && *pair == NULL; i++)
        if (pairs->items[i].archive_index == entry->archive_index && strcmp(pairs->items[i].key, key) == 0)
            *pair = &pairs->items[i];
    if (*pair == NULL && pairs->n == NF_IDX_PAIRS_MAX)
        status = nf_fail(error, NF_ERR_INPUT, "more than %d IDX files", NF_IDX_PAIRS_MAX);
    else if (*pair == NULL)
        status = nf_array_reserve((void **)&pairs->items, &pairs->capacity, pairs->n + 1, sizeof *pairs->items,
                                  "the names of members", error);
    if (*pair != NULL || status != NF_OK) {
        free(key);
        return status;
    }
    *pair = &pairs->items[pairs->n++];
    **pair = (nf_idx_pair){.key = key, .archive_index = entry->archive_index};
    return NF_OK;
}

void nf_idx_pairs_free(nf_idx_pairs *pairs)
{
    for (size_t i = 0; i < pairs->n; i++) {
        free(pairs->items[i].key);
        nf_buf_free(&pairs->items[i].labels);
    }
    free(pairs->items);
    *pairs = (nf_idx_pairs){0};
}

static void blame_labels(nf_idx_pair *pair, nf_failure failure, const char *reason)
{
    pair->labels_failure = failure;
    snprintf(pair->labels_reason, sizeof pair->labels_reason, "labels: %.140s", reason);
}

/* The labels behind the header; as many as come are used. */
static nf_status read_payload(nf_idx_pair *pair, nf_stream *data, const nf_idx_header *header, nf_error *error)
{
    uint64_t declared = header->dims[0];
    nf_error fault = {0};
    nf_status status = nf_stream_read_all(data, NF_IDX_LABELS_MAX, &pair->labels, &fault);
    char reason[160];
    if (status == NF_OK && pair->labels.len != declared) {
        bool is_cut = pair->labels.len < declared;
        snprintf(reason, sizeof reason, "the header says %llu, %zu are there", (unsigned long long)declared, pair->labels.len);
        blame_labels(pair, is_cut ? NF_FAILURE_CUT_SHORT : NF_FAILURE_DAMAGED, reason);
        if (!is_cut)
            pair->labels.len = (size_t)declared;
    } else if (status == NF_BAD_RECORD || status == NF_ERR_DAMAGED) {
        blame_labels(pair, status == NF_BAD_RECORD ? NF_FAILURE_DAMAGED : NF_FAILURE_CUT_SHORT, fault.message);
    }
    if (status != NF_OK && error != NULL)
        *error = fault;
    return status == NF_BAD_RECORD ? NF_OK : status;
}

nf_status nf_idx_read_labels(nf_idx_pair *pair, nf_stream *data, nf_error *error)
{
    nf_idx_header header;
    nf_failure failure;
    nf_error fault = {0};
    pair->has_labels = true;
    pair->labels.len = 0;
    nf_status status = nf_idx_read_header(data, &header, &failure, &fault);
    if (status == NF_OK && (header.type != 0x08 || header.n_dims != 1)) {
        char reason[80];
        snprintf(reason, sizeof reason, "IDX labels of type %02X with %u dimensions are not read", header.type, header.n_dims);
        blame_labels(pair, NF_FAILURE_UNSUPPORTED_KIND, reason);
        return NF_OK;
    }
    if (status == NF_OK)
        return read_payload(pair, data, &header, error);
    blame_labels(pair, failure, fault.message);
    if (error != NULL)
        *error = fault;
    return status == NF_BAD_RECORD ? NF_OK : status;
}

const char *nf_idx_id_of_digest(uint64_t high, uint64_t low)
{
    /* XXH3-128 of the 47040000 and 7840000 bytes of pixels behind the headers of the original files, computed from copies
     * whose MD5 (6bbc9ace898e44ae57da46a324031adb, 2646ac647ad5339dbf082846283269ea; f4a8712d7a061bf5bd6d2ca38dc4d50a,
     * 8181f5470baa50b63fa0f6fddb340f0a) are those of the published files. */
    static const struct {
        uint64_t high, low;
        const char *id;
    } known[] = {
        {0xe9a6d6a3933b53d8, 0xee3d62f55dfafffb, "mnist"},
        {0xa9ba1201ee9c58da, 0x6d9df6004ed35f23, "mnist"},
        {0x88873690894f7298, 0xc11b6543ae1530f3, "fashion-mnist"},
        {0x0f6eafffbba70588, 0xacf1cd2c87a40a9b, "fashion-mnist"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].high == high && known[i].low == low)
            return known[i].id;
    return NULL;
}

nf_status nf_idx_name_classes(nf_groups *groups, const char *id, nf_error *error)
{
    static const char *const numbers[10] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    static const char *const clothes[10] = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                            "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
    const char *const *names = strcmp(id, "mnist") == 0 ? numbers : strcmp(id, "fashion-mnist") == 0 ? clothes : NULL;
    nf_status status = NF_OK;
    for (size_t i = 0; names != NULL && i < 10 && status == NF_OK; i++)
        status = nf_groups_name_class(groups, numbers[i], names[i], error);
    return status;
}
