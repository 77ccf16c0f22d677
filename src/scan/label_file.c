#include "scan/label_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/csv.h"

struct nf_label_file {
    nf_label *labels; /* sorted by member; texts owned */
    size_t n, capacity;
};

static nf_status add_row(nf_label_file *file, const char *const *fields, size_t n_fields, uint64_t line, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&file->labels, &file->capacity, file->n + 1, sizeof *file->labels,
                                        "the labels", error);
    if (status != NF_OK)
        return status;
    nf_label *label = &file->labels[file->n];
    bool labelled = fields[1][0] != '\0';
    *label = (nf_label){strdup(fields[0]), labelled ? strdup(fields[1]) : NULL, strdup(n_fields > 2 ? fields[2] : ""), line, 0};
    file->n++;
    if (label->member == NULL || (labelled && label->class_id == NULL) || label->split == NULL)
        return nf_fail_nomem(error, "the labels");
    return NF_OK;
}

static int compare_labels(const void *a, const void *b)
{
    return strcmp(((const nf_label *)a)->member, ((const nf_label *)b)->member);
}

/* The rows of one member stand in their order. */
static int compare_rows(const void *a, const void *b)
{
    const nf_label *x = a, *y = b;
    int order = compare_labels(a, b);
    return order != 0 ? order : x->line < y->line ? -1 : x->line > y->line;
}

static nf_status check_members(const nf_label_file *file, const char *path, nf_error *error)
{
    for (size_t i = 1; i < file->n; i++) {
        const nf_label *first = &file->labels[i - 1], *again = &file->labels[i];
        if (strcmp(first->member, again->member) == 0)
            return nf_fail(error, NF_ERR_USAGE, "%s:%llu:1: the member \"%s\" has a row already, line %llu", path,
                           (unsigned long long)again->line, again->member, (unsigned long long)first->line);
    }
    return NF_OK;
}

static nf_status read_rows(nf_label_file *file, nf_csv *csv, const char *path, nf_error *error)
{
    const char *const *fields;
    size_t n_fields;
    nf_status status;
    while ((status = nf_csv_next(csv, &fields, &n_fields, error)) == NF_OK) {
        unsigned long long line = (unsigned long long)nf_csv_line(csv);
        if (n_fields < 2 || n_fields > 3)
            return nf_fail(error, NF_ERR_USAGE, "%s:%llu:1: a row of labels is member,class or member,class,split", path,
                           line);
        if (line == 1 && strcmp(fields[0], "member") == 0 && strcmp(fields[1], "class") == 0)
            continue;
        if (fields[0][0] == '\0')
            return nf_fail(error, NF_ERR_USAGE, "%s:%llu:1: the member is empty", path, line);
        if ((status = add_row(file, fields, n_fields, line, error)) != NF_OK)
            return status;
    }
    if (status != NF_EOF)
        return status;
    if (file->n > 1)
        qsort(file->labels, file->n, sizeof *file->labels, compare_rows);
    return check_members(file, path, error);
}

nf_status nf_label_file_read(nf_label_file **labels, const char *path, nf_error *error)
{
    nf_csv *csv = NULL;
    nf_label_file *file = *labels = calloc(1, sizeof *file);
    if (file == NULL)
        return nf_fail_nomem(error, "the labels");
    nf_status status = nf_csv_open(&csv, path, error);
    if (status == NF_OK)
        status = read_rows(file, csv, path, error);
    nf_csv_close(csv);
    if (status != NF_OK) {
        nf_label_file_free(file);
        *labels = NULL;
    }
    return status;
}

void nf_label_file_free(nf_label_file *labels)
{
    if (labels == NULL)
        return;
    for (size_t i = 0; i < labels->n; i++) {
        free((char *)labels->labels[i].member);
        free((char *)labels->labels[i].class_id);
        free((char *)labels->labels[i].split);
    }
    free(labels->labels);
    free(labels);
}

const nf_label *nf_label_file_find(nf_label_file *labels, const char *member)
{
    nf_label key = {.member = member};
    nf_label *found = labels->n == 0 ? NULL : bsearch(&key, labels->labels, labels->n, sizeof key, compare_labels);
    if (found != NULL)
        found->used++;
    return found;
}

uint64_t nf_label_file_unused(const nf_label_file *labels)
{
    uint64_t unused = 0;
    for (size_t i = 0; i < labels->n; i++)
        unused += labels->labels[i].used == 0;
    return unused;
}
