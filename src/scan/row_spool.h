/* nofade: rows of images kept on disk until splits and labels are settled: some 100 bytes an image.
 *
 * The file has no name (it goes with the process), so nothing is left behind. A member's path is stored from where it
 * differs from the path before it.
 */
#ifndef NF_ROW_SPOOL_H
#define NF_ROW_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "decode/decode.h"
#include "scan/image_marks.h"

typedef struct nf_spooled_row {
    uint64_t index, q;
    int64_t row;
    uint32_t source, group, w_px, h_px;
    nf_verdict verdict;
    nf_failure failure;
    nf_image_marks marks; /* unless failed */
} nf_spooled_row;

typedef struct nf_row_spool nf_row_spool;

/* beside: the output's path, or NULL for the system's place for large temporary files. NF_ERR_OUTPUT. */
nf_status nf_row_spool_new(nf_row_spool **spool, const char *beside, nf_error *error);
void nf_row_spool_free(nf_row_spool *spool);
nf_status nf_row_spool_add(nf_row_spool *spool, const nf_spooled_row *row, const char *member, nf_error *error);
/* Back to the first row, as often as one likes; then next gives them in the order they were added, NF_EOF after the last.
 * No row is added after the first rewind. */
nf_status nf_row_spool_rewind(nf_row_spool *spool, nf_error *error);
nf_status nf_row_spool_next(nf_row_spool *spool, nf_spooled_row *row, const char **member, nf_error *error);

#endif
