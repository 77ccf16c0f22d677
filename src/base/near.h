/* nofade: names as people type them: nearly right. */
#ifndef NF_BASE_NEAR_H
#define NF_BASE_NEAR_H

#include <stdbool.h>
#include <stddef.h>

enum { NF_NEAR_BYTES_MAX = 64 }; /* longer names are near to none */

/* Levenshtein distance: letters to insert, take away or replace. SIZE_MAX when a name is longer than NF_NEAR_BYTES_MAX. */
size_t nf_edit_distance(const char *a, const char *b);
/* Equal but for case (ASCII) and '-', '_', ' '. */
bool nf_same_name(const char *a, const char *b);
/* The likest of names (n_names,) first, into nearest (n_max,): those that are about a third of their letters away at most (case
 * and '-', '_', ' ' do not count), then those that begin with the name. How many there are. Does not allocate. */
size_t nf_nearest(const char *name, const char *const *names, size_t n_names, const char **nearest, size_t n_max);
/* "; near names: A, B", the five nearest, or "", into text (size,); text. names (n_names,) may be NULL; it is sorted, and what
 * stands there twice is lost. */
const char *nf_near_text(const char *name, const char **names, size_t n_names, char *text, size_t size);

#endif
