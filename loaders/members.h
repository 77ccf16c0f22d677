/* nofade: what the loaders of record files ask about an entry, and how they refuse one. */
#ifndef NF_LOADERS_MEMBERS_H
#define NF_LOADERS_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "loaders/source/entries.h"
#include "loaders/loader.h"
#include "loaders/member_set.h"

/* The path without its directories and the archives around it. */
const char *nf_member_base(const char *path);
/* Is text somewhere in path, in any case? */
bool nf_text_contains(const char *path, const char *text);
/* Does it end so, in any case? */
bool nf_text_ends(const char *path, const char *end);
/* What an entry is passed over as, by its kind and name alone ("link", "special", "macosx", "dot-file", "excluded"); NULL when
 * it is to be looked at. */
const char *nf_member_passed_over(const nf_entry *entry, const nf_loader_options *options);

/* Appends the lines of a text of at most `most` bytes to buf, each with a NUL after it: without carriage returns and without the
 * empty ones at the end. As nf_stream_read_all. */
nf_status nf_read_lines(nf_stream *data, size_t most, nf_buf *lines, nf_error *error);

/* Makes the record one failed image. */
void nf_record_fail(nf_record *record, nf_failure failure, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Adds a member that gives images, to know a repeated one. NF_ERR_INPUT: more than NF_MEMBERS_MAX. */
enum { NF_MEMBERS_MAX = 1 << 16 };
nf_status nf_members_add(nf_member_set *seen, const nf_entry *entry, bool *repeated, nf_error *error);

/* The groups of one split, by the number that is a label: interned once each. A zeroed one is empty. */
enum { NF_LABEL_MAX = 65535 };
typedef struct nf_label_groups {
    uint32_t *groups; /* (NF_LABEL_MAX + 2,) NF_GROUP_LATE: not interned yet; the last one is "no label" */
    char split[16];
} nf_label_groups;
nf_status nf_label_groups_use(nf_label_groups *labels, const char *split, nf_error *error);
/* label <= NF_LABEL_MAX, or NF_LABEL_MAX + 1 for none. */
nf_status nf_label_group(nf_label_groups *labels, nf_groups *groups, uint32_t label, uint32_t *group, nf_error *error);
void nf_label_groups_free(nf_label_groups *labels);

#endif
