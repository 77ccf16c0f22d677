#include "loaders/record_files.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void nf_record_files_free(nf_record_files *files)
{
    nf_label_groups_free(&files->groups);
    nf_member_set_free(&files->seen);
    nf_keys_free(&files->bases);
    free(files->late_groups);
    files->late_groups = NULL;
}

/* --- members and their faults ------------------------------------------------------------------------------------- */

void nf_record_files_complain(nf_record_files *files, int64_t row, nf_failure failure, const char *format, ...)
{
    if (files->n_complaints == NF_COMPLAINTS_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(files->complaints[files->n_complaints].reason, sizeof files->complaints[0].reason, format, arguments);
    va_end(arguments);
    files->complaints[files->n_complaints].row = row;
    files->complaints[files->n_complaints].failure = failure;
    files->n_complaints++;
}

nf_status nf_record_files_fault(nf_record_files *files, int64_t row, nf_status status, nf_failure failure,
                                const nf_error *fault, nf_error *error)
{
    if (status != NF_BAD_RECORD && status != NF_ERR_DAMAGED) {
        if (error != NULL)
            *error = *fault;
        return status;
    }
    if (status == NF_ERR_DAMAGED) {
        files->pending = status;
        files->pending_error = *fault;
    }
    nf_record_files_complain(files, row, failure, "%.159s", fault->message);
    return NF_OK;
}

nf_status nf_record_files_refuse(nf_record_files *files, bool *refused, nf_error *error)
{
    bool repeated = false;
    nf_status status = nf_members_add(&files->seen, &files->entry, &repeated, error);
    *refused = repeated || files->entry.unsafe_path || files->entry.encrypted;
    if (status != NF_OK)
        return status;
    if (repeated)
        nf_record_files_complain(files, -1, NF_FAILURE_REPEATED_MEMBER,
                                 "the path stands twice in its archive: the first counts");
    else if (files->entry.unsafe_path)
        nf_record_files_complain(files, -1, NF_FAILURE_UNSAFE_PATH, "the path has a \"..\" component");
    else if (files->entry.encrypted)
        nf_record_files_complain(files, -1, NF_FAILURE_UNREADABLE, "the member is encrypted");
    return NF_OK;
}

nf_status nf_record_files_use_name(nf_record_files *files, nf_error *error)
{
    const char *base = nf_member_base(files->entry.path);
    size_t length = strlen(base) - (nf_text_ends(base, ".gz") ? 3 : 0);
    if (nf_keys_find(&files->bases, base, length) != NF_KEY_NONE)
        return nf_fail(error, NF_ERR_INPUT, "%s: a file of this name was read from another place already: give one of them, "
                       "or each as a path of its own", files->entry.path);
    return nf_keys_add(&files->bases, base, length, error);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

void nf_record_files_describe(const nf_record_files *files, nf_record *record, int64_t row)
{
    record->member = files->entry.path;
    record->archive_index = files->entry.archive_index;
    record->row = row;
    record->format = files->format;
    record->w_px = files->w_px;
    record->h_px = files->h_px;
    record->by_columns = files->by_columns;
}

nf_status nf_record_files_tell(nf_record_files *files, nf_record *record, nf_error *error)
{
    nf_record_files_describe(files, record, files->complaints[files->n_told].row);
    nf_record_fail(record, files->complaints[files->n_told].failure, "%s", files->complaints[files->n_told].reason);
    if (++files->n_told == files->n_complaints)
        files->n_told = files->n_complaints = 0;
    return nf_record_files_group(files, &(nf_buf){0}, 0, &record->group, error);
}

nf_status nf_record_files_end(const nf_record_files *files, nf_error *error)
{
    if (error != NULL)
        *error = files->pending_error;
    return files->pending;
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

static uint32_t label_of(const nf_record_files *files, const nf_buf *classes, uint64_t row)
{
    return row < classes->len && classes->data[row] < files->n_classes ? classes->data[row] : NF_LABEL_MAX + 1;
}

nf_status nf_record_files_group(nf_record_files *files, const nf_buf *classes, uint64_t row, uint32_t *group, nf_error *error)
{
    nf_status status = nf_label_groups_use(&files->groups, files->split, error);
    if (status == NF_OK)
        status = nf_label_group(&files->groups, files->context->groups, label_of(files, classes, row), group, error);
    return status;
}

nf_status nf_record_files_wait(nf_record_files *files, uint32_t late_set, nf_record *record, nf_error *error)
{
    record->group = NF_GROUP_LATE;
    record->late_set = late_set;
    return nf_record_files_group(files, &(nf_buf){0}, 0, &record->late_group, error);
}

nf_status nf_record_files_tell_labels(nf_record_files *files, uint32_t late_set, const nf_buf *classes, size_t n_rows,
                                      nf_record *record, nf_error *error)
{
    free(files->late_groups);
    files->late_groups = calloc(n_rows > 0 ? n_rows : 1, sizeof *files->late_groups);
    if (files->late_groups == NULL)
        return nf_fail_nomem(error, "the labels of images");
    nf_status status = NF_OK;
    for (size_t i = 0; i < n_rows && status == NF_OK; i++) /* rows beyond the labels have none, but a split */
        status = nf_record_files_group(files, classes, i, &files->late_groups[i], error);
    nf_record_files_describe(files, record, -1);
    record->kind = NF_RECORD_LABELS;
    record->late_set = late_set;
    record->groups = files->late_groups;
    record->n_groups = n_rows;
    return status;
}

nf_status nf_ten_labels_add(nf_ten_labels *labels, int64_t label, int64_t class_number, nf_error *error)
{
    bool is_known = label >= 1 && label <= 10;
    if (!is_known && labels->n_bad++ == 0) {
        labels->bad_row = labels->classes.len;
        labels->bad_label = label;
    }
    return nf_buf_append(&labels->classes, &(uint8_t){is_known ? (uint8_t)class_number : NF_CLASS_NONE}, 1, error);
}

void nf_record_files_check_labels(nf_record_files *files, nf_ten_labels *labels, uint64_t n_rows)
{
    if (labels->n_bad > 0)
        nf_record_files_complain(files, -1, NF_FAILURE_BAD_LABEL,
                                 "labels that are not 1 to 10: %llu, the first is %lld, of row %llu",
                                 (unsigned long long)labels->n_bad, (long long)labels->bad_label,
                                 (unsigned long long)labels->bad_row);
    if (labels->classes.len != n_rows) {
        nf_record_files_complain(files, -1, NF_FAILURE_DAMAGED, "%zu labels for %llu images: none of them is used",
                                 labels->classes.len, (unsigned long long)n_rows);
        labels->classes.len = 0;
    }
    labels->n_bad = 0; /* told */
}

nf_entries *nf_open_beside(const char *path)
{
    nf_entries *entries = NULL;
    nf_entry entry;
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode) || nf_entries_open(&entries, path, NULL) != NF_OK)
        return NULL;
    if (nf_entries_next(entries, &entry, NULL) == NF_OK && entry.kind == NF_ENTRY_FILE && !entry.encrypted)
        return entries;
    nf_entries_close(entries);
    return NULL;
}
