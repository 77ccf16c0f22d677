#include "loaders/members.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *nf_member_base(const char *path)
{
    const char *base = path;
    for (const char *c = path; *c != '\0'; c++)
        if (*c == '/' || *c == '!')
            base = c + 1;
    return base;
}

bool nf_text_contains(const char *path, const char *text)
{
    size_t n = strlen(text);
    for (; *path != '\0'; path++)
        if (strncasecmp(path, text, n) == 0)
            return true;
    return false;
}

bool nf_text_ends(const char *path, const char *end)
{
    size_t length = strlen(path), n = strlen(end);
    return length >= n && strcasecmp(path + length - n, end) == 0;
}

/* What a name alone says: the folder that macOS adds, a hidden file or folder; NULL: nothing. */
static const char *hidden_kind(const char *path)
{
    if (strstr(path, "!__MACOSX/") != NULL) /* of an archive that lies in a directory */
        return "macosx";
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "__MACOSX/", 9) == 0)
            return "macosx";
        bool is_dots = part[0] == '.' && (part[1] == '/' || part[1] == '\0' || strncmp(part, "../", 3) == 0);
        if (part[0] == '.' && !is_dots)
            return "dot-file";
    }
    return NULL;
}

const char *nf_member_passed_over(const nf_entry *entry, const nf_loader_options *options)
{
    if (entry->kind != NF_ENTRY_FILE)
        return entry->kind == NF_ENTRY_LINK ? "link" : "special";
    const char *hidden = hidden_kind(entry->path);
    if (hidden != NULL)
        return hidden;
    if (options->include != NULL && fnmatch(options->include, entry->path, 0) != 0)
        return "excluded";
    return options->exclude != NULL && fnmatch(options->exclude, entry->path, 0) == 0 ? "excluded" : NULL;
}

nf_status nf_read_lines(nf_stream *data, size_t most, nf_buf *lines, nf_error *error)
{
    size_t start = lines->len, n = start;
    nf_status status = nf_stream_read_all(data, most, lines, error);
    if (status != NF_OK)
        return status;
    for (size_t i = start; i < lines->len; i++)
        if (lines->data[i] != '\r')
            lines->data[n++] = lines->data[i] == '\n' ? '\0' : lines->data[i];
    while (n > start && lines->data[n - 1] == '\0')
        n--;
    lines->len = n;
    return n > start ? nf_buf_append(lines, "", 1, error) : NF_OK;
}

void nf_record_fail(nf_record *record, nf_failure failure, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(record->reason, sizeof record->reason, format, arguments);
    va_end(arguments);
    record->kind = NF_RECORD_IMAGE;
    record->failure = failure;
    record->n_bytes = 0;
}

nf_status nf_members_add(nf_member_set *seen, const nf_entry *entry, bool *repeated, nf_error *error)
{
    nf_status status = nf_member_set_insert(seen, entry->archive_index, entry->path, repeated, error);
    if (status == NF_OK && seen->n > NF_MEMBERS_MAX)
        status = nf_fail(error, NF_ERR_INPUT, "more than %d files of images", NF_MEMBERS_MAX);
    return status;
}

nf_status nf_label_groups_use(nf_label_groups *labels, const char *split, nf_error *error)
{
    if (labels->groups != NULL && strcmp(labels->split, split) == 0)
        return NF_OK;
    if (labels->groups == NULL)
        labels->groups = calloc(NF_LABEL_MAX + 2, sizeof *labels->groups);
    if (labels->groups == NULL)
        return nf_fail_nomem(error, "the groups of labels");
    for (size_t i = 0; i < NF_LABEL_MAX + 2; i++)
        labels->groups[i] = NF_GROUP_LATE;
    snprintf(labels->split, sizeof labels->split, "%s", split);
    return NF_OK;
}

nf_status nf_label_group(nf_label_groups *labels, nf_groups *groups, uint32_t label, uint32_t *group, nf_error *error)
{
    uint32_t *known = &labels->groups[label];
    if (*known == NF_GROUP_LATE) {
        char text[16];
        snprintf(text, sizeof text, "%u", (unsigned)label);
        nf_status status = nf_groups_intern(groups, labels->split, label <= NF_LABEL_MAX ? text : NULL, known, error);
        if (status != NF_OK)
            return status;
    }
    *group = *known;
    return NF_OK;
}

void nf_label_groups_free(nf_label_groups *labels)
{
    free(labels->groups);
    *labels = (nf_label_groups){0};
}
