/* nofade: sentences for people that come up while reading: the warnings of a run. Bounded: the first NF_NOTES_MAX stand, the
 * rest are counted. One thread (the reader) writes. */
#ifndef NF_LOADERS_NOTES_H
#define NF_LOADERS_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { NF_NOTES_MAX = 64, NF_NOTE_BYTES_MAX = 512 };

/* All zero: empty. */
typedef struct nf_notes {
    char *texts[NF_NOTES_MAX];
    size_t n;
    uint64_t left_out;
    uint64_t n_damaged; /* of them: something is damaged or missing, so that the result is not whole */
    bool out_of_reach; /* nf_notes_out_of_reach was called */
} nf_notes;

nf_status nf_notes_add(nf_notes *notes, nf_error *error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Labels are there and cannot be had: nobody has to be told which archive they lie in. */
nf_status nf_notes_out_of_reach(nf_notes *notes, nf_error *error, const char *format, ...) __attribute__((format(printf, 3, 4)));
nf_status nf_notes_damage(nf_notes *notes, nf_error *error, const char *format, ...) __attribute__((format(printf, 3, 4)));
void nf_notes_free(nf_notes *notes);

#endif
