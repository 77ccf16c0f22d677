/* nofade: what was passed over, counted by kind ("link", "macosx", "dot-file", "special", "excluded", else the suffix in
 * lower case without the dot, or "no-suffix"). At most NF_TALLY_KINDS_MAX kinds by name, the rest under "other". */
#ifndef NF_LOADERS_TALLY_H
#define NF_LOADERS_TALLY_H

#include <stddef.h>
#include <stdint.h>

enum { NF_TALLY_KINDS_MAX = 64, NF_TALLY_NAME_MAX = 24 };

typedef struct nf_tally {
    size_t n;
    struct {
        char kind[NF_TALLY_NAME_MAX];
        uint64_t count;
    } kinds[NF_TALLY_KINDS_MAX];
} nf_tally;

void nf_tally_add(nf_tally *tally, const char *kind, uint64_t count);
/* By the path's suffix. */
void nf_tally_add_path(nf_tally *tally, const char *path);

#endif
