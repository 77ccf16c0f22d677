/* nofade: what the loaders of files of records (IDX, SVHN, STL-10) share while they walk over a source: which members are
 * refused, faults that are told as failed records, labels that lie apart from the rows they belong to.
 */
#ifndef NF_LOADERS_RECORD_FILES_H
#define NF_LOADERS_RECORD_FILES_H

#include "base/keys.h"
#include "loaders/loader.h"
#include "loaders/members.h"

enum { NF_COMPLAINTS_MAX = 4, NF_CLASS_NONE = 255 };

typedef struct nf_record_files {
    const nf_loader_context *context;
    nf_pixel_format format; /* of all images, and their size where all have the same */
    uint32_t w_px, h_px;
    bool by_columns;   /* nf_record's */
    size_t n_classes;  /* a number of a class from this one on is none */
    nf_entry entry;    /* the current member */
    const char *split; /* of the current member; static */
    uint32_t n_late_sets; /* given out so far */
    nf_status pending; /* a fault of the source, told after the member's own records */
    nf_error pending_error;

    /* its own */
    nf_label_groups groups;
    nf_member_set seen;
    nf_keys bases;
    uint32_t *late_groups; /* of the labels that are being told */
    struct {
        int64_t row;
        nf_failure failure;
        char reason[160];
    } complaints[NF_COMPLAINTS_MAX]; /* (n_complaints,) failed records to come */
    size_t n_complaints, n_told;
} nf_record_files;
void nf_record_files_free(nf_record_files *files);

/* A failed record to come, of the current member. row -1: of the member as a whole. Those beyond NF_COMPLAINTS_MAX at a time
 * are dropped. */
void nf_record_files_complain(nf_record_files *files, int64_t row, nf_failure failure, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* A fault of the current member's data: NF_OK where it becomes a complaint (and, of the whole source, pending); else the status
 * that ends the run. */
nf_status nf_record_files_fault(nf_record_files *files, int64_t row, nf_status status, nf_failure failure,
                                const nf_error *fault, nf_error *error);
/* Is the member one that cannot be used: its path repeated, unsafe, encrypted? A complaint says so. */
nf_status nf_record_files_refuse(nf_record_files *files, bool *refused, nf_error *error);
/* NF_ERR_INPUT where a member of the same name was used before: it would count twice. */
nf_status nf_record_files_use_name(nf_record_files *files, nf_error *error);

/* Fills in what every image of the member has alike. */
void nf_record_files_describe(const nf_record_files *files, nf_record *record, int64_t row);
/* Makes the next complaint, of which there is one, the record. */
nf_status nf_record_files_tell(nf_record_files *files, nf_record *record, nf_error *error);
/* What is pending, with its sentence. */
nf_status nf_record_files_end(const nf_record_files *files, nf_error *error);

/* The group of a row of the current member's split: by classes (n bytes, numbers of classes), none beyond them. */
nf_status nf_record_files_group(nf_record_files *files, const nf_buf *classes, uint64_t row, uint32_t *group, nf_error *error);
/* An image whose labels have not come: they will as this set. */
nf_status nf_record_files_wait(nf_record_files *files, uint32_t late_set, nf_record *record, nf_error *error);
/* Makes the record the labels of n_rows rows. */
nf_status nf_record_files_tell_labels(nf_record_files *files, uint32_t late_set, const nf_buf *classes, size_t n_rows,
                                      nf_record *record, nf_error *error);

/* Labels from 1 to 10, as the numbers of their classes. */
typedef struct nf_ten_labels {
    nf_buf classes; /* a byte each, NF_CLASS_NONE for what is no such label */
    uint64_t n_bad, bad_row; /* how many are none, and the first of them */
    int64_t bad_label;
} nf_ten_labels;
/* Adds a label; class is its number if it is 1 to 10. */
nf_status nf_ten_labels_add(nf_ten_labels *labels, int64_t label, int64_t class_number, nf_error *error);
/* Complains of what is wrong with them; labels that are not as many as the rows are dropped. */
void nf_record_files_check_labels(nf_record_files *files, nf_ten_labels *labels, uint64_t n_rows);

/* The entries of a plain file that may lie beside the source, standing at its first member, a file that can be read. NULL:
 * there is none. The caller's to close. */
nf_entries *nf_open_beside(const char *path);

#endif
