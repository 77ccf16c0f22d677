/* All records of a source through one loader, with late labels bound: what a scan would count. For the tests of loaders/. */
#ifndef NF_TESTS_SUPPORT_PULL_RECORDS_H
#define NF_TESTS_SUPPORT_PULL_RECORDS_H

#include "support/archives.h"

#include <xxhash.h>

#include "loaders/loader.h"

#define PULLED_DISCARDED (UINT32_MAX - 1)

typedef struct pulled_record {
    char *member;
    int64_t row;
    uint32_t group; /* NF_GROUP_LATE: no labels came; PULLED_DISCARDED */
    uint32_t late_set;
    nf_failure failure;
    char reason[160];
    uint32_t w_px, h_px;
    size_t n_bytes;
    uint64_t digest; /* of the bytes */
} pulled_record;

typedef struct pulled {
    nf_status opened, ended; /* of the loader */
    unsigned n_bad;          /* NF_BAD_RECORD */
    nf_error error;          /* the last one */
    pulled_record *records;
    size_t n, capacity;
    nf_groups *groups;
    nf_tally tally;
    nf_dataset_facts facts;
} pulled;

/* Gives the late images of a set their groups: row by row. */
static inline void pulled_bind(pulled *p, const nf_record *labels)
{
    for (size_t i = 0; i < p->n; i++) {
        pulled_record *record = &p->records[i];
        if (record->group != NF_GROUP_LATE || record->failure != NF_FAILURE_NONE || record->late_set != labels->late_set)
            continue;
        if (labels->groups == NULL)
            record->group = PULLED_DISCARDED;
        else if ((size_t)record->row < labels->n_groups)
            record->group = labels->groups[record->row];
    }
}

static inline void pulled_take(pulled *p, const nf_record *record)
{
    if (record->kind == NF_RECORD_LABELS) {
        pulled_bind(p, record);
        return;
    }
    assert_int_equal(nf_array_reserve((void **)&p->records, &p->capacity, p->n + 1, sizeof *p->records, "records", NULL), NF_OK);
    pulled_record *kept = &p->records[p->n++];
    *kept = (pulled_record){.row = record->row, .group = record->group, .late_set = record->late_set,
                            .failure = record->failure, .w_px = record->w_px, .h_px = record->h_px,
                            .n_bytes = record->n_bytes};
    assert_int_equal(nf_strdup(&kept->member, record->member, NULL), NF_OK);
    memcpy(kept->reason, record->reason, sizeof kept->reason);
    if (record->failure == NF_FAILURE_NONE) {
        assert_true(record->n_bytes <= record->data->len);
        kept->digest = XXH3_64bits(record->data->data + record->data->len - record->n_bytes, record->n_bytes);
    } else {
        assert_int_equal(record->n_bytes, 0);
    }
}

static inline pulled pull_from(nf_entries *entries, const nf_loader *loader, const nf_loader_options *options, const char *as)
{
    pulled p = {0};
    assert_int_equal(nf_groups_new(&p.groups, NULL), NF_OK);
    nf_loader_context context = {.entries = entries, .groups = p.groups, .passed_over = &p.tally, .facts = &p.facts, .options = options};
    void *state = NULL;
    nf_buf data = {0};
    nf_record record = {.data = &data};
    p.opened = loader->open(&state, &context, as, &p.error);
    while (p.opened == NF_OK && (p.ended = loader->next(state, &record, &p.error)) >= 0 && p.ended != NF_EOF) {
        if (p.ended == NF_OK)
            pulled_take(&p, &record);
        else
            p.n_bad++;
        data.len = 0;
        assert_true(p.n_bad < 100000);
    }
    if (p.opened == NF_OK && p.ended == NF_EOF)
        assert_int_equal(loader->next(state, &record, &p.error), NF_EOF);
    loader->close(state);
    nf_buf_free(&data);
    return p;
}

static inline pulled pull(const char *path, const nf_loader *loader, const nf_loader_options *given, const char *as)
{
    pulled p = {0};
    nf_entries *entries;
    nf_loader_options options = given != NULL ? *given : (nf_loader_options){0};
    options.source_path = path;
    options.max_pixels = 178956970;
    p.opened = nf_entries_open(&entries, path, &p.error);
    if (p.opened != NF_OK)
        return p;
    p = pull_from(entries, loader, &options, as);
    nf_entries_close(entries);
    return p;
}

/* A source of these bytes, in a file of its own directory so that it can have a name. */
static inline pulled pull_named(const char *name, const void *bytes, size_t n, const nf_loader *loader,
                                const nf_loader_options *options, const char *as)
{
    char directory[64] = "/tmp/nofade-test-XXXXXX", path[160];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/%s", directory, name);
    write_bytes(path, bytes, n);
    pulled p = pull(path, loader, options, as);
    unlink(path);
    rmdir(directory);
    return p;
}

static inline void pulled_free(pulled *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->records[i].member);
    free(p->records);
    nf_groups_free(p->groups);
    *p = (pulled){0};
}

/* Good images of a split and a class (NULL: without a label); split NULL: all good ones that have a group. */
static inline size_t pulled_count(const pulled *p, const char *split, const char *class_id)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        const pulled_record *record = &p->records[i];
        if (record->failure != NF_FAILURE_NONE || record->group >= PULLED_DISCARDED)
            continue;
        const nf_group *group = nf_groups_get(p->groups, record->group);
        bool same_class = class_id == NULL ? group->class_id == NULL
                                           : group->class_id != NULL && strcmp(group->class_id, class_id) == 0;
        n += split == NULL || (strcmp(group->split, split) == 0 && same_class);
    }
    return n;
}

static inline size_t pulled_good(const pulled *p)
{
    return pulled_count(p, NULL, NULL);
}

/* Failed records; *last (may be NULL) gets the last one. */
static inline size_t pulled_failed(const pulled *p, const pulled_record **last)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->records[i].failure != NF_FAILURE_NONE) {
            n++;
            if (last != NULL)
                *last = &p->records[i];
        }
    return n;
}

#endif
