#include "scan/batch_device.h"

#include <stdlib.h>

static bool is_raw(const nf_slot *slot)
{
    return slot->format != NF_PIXELS_ENCODED && !slot->packed.is_packed && slot->n_map_bytes == 0 && slot->decoded.failure == NF_FAILURE_NONE;
}

static size_t raw_bytes(const nf_batch *batch)
{
    size_t n = 0;
    for (size_t i = 0; i < batch->n_slots; i++)
        n += is_raw(&batch->slots[i]) ? batch->slots[i].n_bytes : 0;
    return n;
}

bool nf_batch_waits_for_device(const nf_batch *batch, nf_devices *devices)
{
    const size_t n_bytes = raw_bytes(batch);
    return n_bytes > 0 && nf_devices_wants_pixels(devices, n_bytes);
}

nf_status nf_batch_count_raw(nf_batch *batch, nf_devices *devices, nf_error *error)
{
    bool counted = false;
    nf_gpu_image *images = calloc(batch->n_slots, sizeof *images);
    if (images == NULL)
        return nf_fail_nomem(error, "a batch");
    size_t n = 0;
    for (size_t i = 0; i < batch->n_slots; i++) {
        nf_slot *slot = &batch->slots[i];
        if (is_raw(slot))
            images[n++] = (nf_gpu_image){batch->bytes.data + slot->offset, (size_t)slot->decoded.w_px * slot->decoded.h_px,
                                         slot->format == NF_PIXELS_GREY8 ? NF_GPU_GREY : NF_GPU_PLANAR, slot->decoded.counts};
    }
    nf_status status = nf_devices_count(devices, images, n, &counted, error);
    batch->device = counted ? NF_BATCH_COUNTED : NF_BATCH_FOR_CPU;
    free(images);
    return status;
}
