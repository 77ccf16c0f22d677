/* nofade: grey counts of images on a CUDA device.
 *
 *     pixels -> stage 0 (pinned) -> device -> counts -> stage 0        both stages in turn, each on a stream of its own: one is
 *            -> stage 1 (pinned) -> device -> counts -> stage 1        filled and emptied here while the device has the other
 *
 * Images are cut into pieces of NF_PIECE_PX_MAX pixels, a block each; what does not fit into a stage goes on in the next.
 */
#include "cuda/device_internal.h"

#include <string.h>

/* Where the call stands: the next pixel to be staged. */
typedef struct cursor {
    const nf_gpu_image *images;
    size_t n_images, image;
    size_t px; /* of that image */
} cursor;

static uint32_t words_of(nf_gpu_format format, uint32_t n_px)
{
    return nf_piece_words(n_px) * (format == NF_GPU_GREY ? 1 : 3);
}

static void copy_piece(const nf_gpu_image *image, size_t px, uint32_t n_px, uint32_t *words)
{
    if (image->format == NF_GPU_GREY)
        memcpy(words, image->pixels + px, n_px);
    else if (image->format == NF_GPU_RGB)
        memcpy(words, image->pixels + 3 * px, 3 * (size_t)n_px);
    else
        for (size_t plane = 0; plane < 3; plane++)
            memcpy(words + plane * nf_piece_words(n_px), image->pixels + plane * image->n_px + px, n_px);
}

static uint32_t kernel_format(nf_gpu_format format)
{
    return format == NF_GPU_GREY ? NF_KERNEL_GREY : format == NF_GPU_RGB ? NF_KERNEL_RGB : NF_KERNEL_PLANAR;
}

/* One piece of the image at the cursor, if it fits. */
static int stage_piece(nf_stage *stage, cursor *at)
{
    const nf_gpu_image *image = &at->images[at->image];
    const size_t left = image->n_px - at->px;
    const uint32_t n_px = left < NF_PIECE_PX_MAX ? (uint32_t)left : NF_PIECE_PX_MAX;
    const uint32_t n_words = words_of(image->format, n_px);
    if (n_words > NF_STAGE_PIXEL_BYTES / 4 - stage->n_words || stage->n_pieces == NF_STAGE_PIECES)
        return 0;
    copy_piece(image, at->px, n_px, stage->input->words + stage->n_words);
    stage->input->pieces[stage->n_pieces++] = (nf_kernel_piece){stage->n_words, n_px, kernel_format(image->format),
                                                                 (uint32_t)(at->image - stage->first_image)};
    stage->n_words += n_words;
    at->px += n_px;
    return 1;
}

static void fill_stage(nf_stage *stage, cursor *at)
{
    stage->first_image = at->image;
    stage->n_images = 0;
    stage->n_words = stage->n_pieces = 0;
    while (at->image < at->n_images && at->image - stage->first_image < NF_STAGE_IMAGES) {
        const nf_gpu_image *image = &at->images[at->image];
        if (at->px == 0)
            memset(image->counts, 0, NF_KERNEL_LEVELS * sizeof *image->counts);
        while (at->px < image->n_px && stage_piece(stage, at))
            continue;
        stage->n_images = at->image - stage->first_image + 1;
        if (at->px < image->n_px)
            return;
        at->image++;
        at->px = 0;
    }
}

static nf_status start_stage(nf_gpu *gpu, nf_stage *stage, nf_error *error)
{
    const nf_driver *driver = &gpu->driver;
    nf_cu_address pieces = stage->device_input + offsetof(nf_stage_input, pieces);
    void *arguments[] = {&stage->device_input, &pieces, &stage->device_counts};
    const size_t n_counts = stage->n_images * NF_KERNEL_LEVELS;
    stage->in_flight = 1;
    nf_status status = nf_gpu_check(
        gpu, driver->copy_in(stage->device_input, stage->input->words, 4 * (size_t)stage->n_words, stage->stream), "copy pixels",
        error);
    if (status == NF_OK)
        status = nf_gpu_check(
            gpu, driver->copy_in(pieces, stage->input->pieces, stage->n_pieces * sizeof(nf_kernel_piece), stage->stream),
            "copy pixels", error);
    if (status == NF_OK)
        status = nf_gpu_check(gpu, driver->fill(stage->device_counts, 0, n_counts, stage->stream), "clear counts", error);
    if (status == NF_OK)
        status = nf_gpu_check(
            gpu, driver->launch(gpu->count, stage->n_pieces, 1, 1, NF_COUNT_THREADS, 1, 1, 0, stage->stream, arguments, NULL),
            "count grey levels", error);
    if (status == NF_OK)
        status = nf_gpu_check(
            gpu, driver->copy_out(stage->counts, stage->device_counts, n_counts * sizeof(uint32_t), stage->stream),
            "copy counts", error);
    return status;
}

/* Waits for the stage and adds what it has counted. */
static nf_status finish_stage(nf_gpu *gpu, nf_stage *stage, const nf_gpu_image *images, nf_error *error)
{
    if (!stage->in_flight)
        return NF_OK;
    stage->in_flight = 0;
    nf_status status = nf_gpu_check(gpu, gpu->driver.stream_wait(stage->stream), "count grey levels", error);
    if (status != NF_OK)
        return status;
    for (size_t i = 0; i < stage->n_images; i++) {
        uint32_t *counts = images[stage->first_image + i].counts;
        for (size_t level = 0; level < NF_KERNEL_LEVELS; level++)
            counts[level] += stage->counts[i * NF_KERNEL_LEVELS + level];
    }
    return NF_OK;
}

static nf_status count_images(nf_gpu *gpu, cursor *at, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t turn = 0; at->image < at->n_images && status == NF_OK; turn++) {
        nf_stage *stage = &gpu->stages[turn % NF_STAGES];
        status = finish_stage(gpu, stage, at->images, error);
        if (status == NF_OK)
            fill_stage(stage, at);
        if (status == NF_OK && stage->n_pieces > 0) /* else images without pixels */
            status = start_stage(gpu, stage, error);
    }
    return status;
}

nf_status nf_gpu_count(nf_gpu *gpu, const nf_gpu_image *images, size_t n_images, nf_error *error)
{
    cursor at = {images, n_images, 0, 0};
    nf_status status = nf_gpu_enter(gpu, error);
    if (status != NF_OK)
        return status;
    status = count_images(gpu, &at, error);
    for (size_t i = 0; i < NF_STAGES; i++) {
        nf_status finished = finish_stage(gpu, &gpu->stages[i], images, status == NF_OK ? error : NULL);
        status = status == NF_OK ? finished : status;
    }
    nf_gpu_leave(gpu);
    return status;
}
