/* nofade: what the files of a CUDA device share. Private to cuda/. */
#ifndef NF_CUDA_DEVICE_INTERNAL_H
#define NF_CUDA_DEVICE_INTERNAL_H

#include "base/embedded.h"
#include "base/error.h"
#include "cuda/device.h"
#include "cuda/driver.h"
#include "cuda/kernels.h"

/* The kernels as cuModuleLoadData takes them, or only the row that ends the table: built without. */
extern const nf_embedded_file nf_cuda_module[];

enum {
    NF_STAGES = 2, /* one is filled while the device works on the other */
    NF_STAGE_PIXEL_BYTES = 4 << 20,
    NF_STAGE_IMAGES = 4096,
    NF_STAGE_PIECES = NF_STAGE_IMAGES + NF_STAGE_PIXEL_BYTES / NF_PIECE_PX_MAX
};

/* What lies behind each other, so that it travels as one: pixels, then pieces. */
typedef struct nf_stage_input {
    uint32_t words[NF_STAGE_PIXEL_BYTES / 4];
    nf_kernel_piece pieces[NF_STAGE_PIECES];
} nf_stage_input;

/* Host memory is pinned. */
typedef struct nf_stage {
    nf_cu_stream stream;
    nf_stage_input *input;
    uint32_t *counts; /* (NF_STAGE_IMAGES, 256) */
    nf_cu_address device_input, device_counts;
    uint32_t n_words, n_pieces;
    size_t first_image, n_images; /* of the call's; the first one's and the last one's other pieces may be in other stages */
    int in_flight;
} nf_stage;

struct nf_gpu {
    nf_driver driver;
    int device;
    nf_cu_context context; /* NULL: not retained */
    nf_cu_module module;
    nf_cu_function count, tile, row;
    nf_stage stages[NF_STAGES];
    char name[128];
};

/* Between them the calling thread works on the device. */
nf_status nf_gpu_enter(nf_gpu *gpu, nf_error *error);
void nf_gpu_leave(nf_gpu *gpu);

/* NF_OK for success, else the sentence "CUDA cannot <what>: CUDA_ERROR_...: ...". */
nf_status nf_gpu_check(const nf_gpu *gpu, NF_CU_RESULT result, const char *what, nf_error *error);

#endif
