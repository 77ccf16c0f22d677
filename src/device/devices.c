#include "device/devices.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct nf_devices {
    nf_device_choice choice;
    nf_gpu *gpu;          /* NULL: none, or none yet */
    atomic_bool given_up; /* with auto: not to be tried (again) */
    uint64_t raw_bytes;   /* seen so far: the reading thread's */
    bool counted, measured;
    char failed[160]; /* with auto: a device was there, and why it is not used any more; else "" */
};

nf_status nf_devices_open(nf_devices **devices, nf_device_choice choice, nf_error *error)
{
    *devices = calloc(1, sizeof **devices);
    if (*devices == NULL)
        return nf_fail_nomem(error, "the devices");
    (*devices)->choice = choice;
    nf_status status = choice == NF_DEVICE_CUDA ? nf_gpu_open(&(*devices)->gpu, error) : NF_OK;
    if (status != NF_OK) {
        nf_error_prepend(error, "--device cuda");
        nf_devices_close(*devices);
        *devices = NULL;
    }
    return status;
}

void nf_devices_close(nf_devices *devices)
{
    if (devices == NULL)
        return;
    nf_gpu_close(devices->gpu);
    free(devices);
}

static void give_up(nf_devices *devices, const nf_error *why)
{
    nf_gpu_close(devices->gpu);
    devices->gpu = NULL;
    devices->given_up = true;
    if (why->code != NF_ERR_USAGE) /* else there is no device, which is nothing to tell of */
        snprintf(devices->failed, sizeof devices->failed, "%.*s", (int)sizeof devices->failed - 1, why->message);
}

bool nf_devices_wants_pixels(nf_devices *devices, size_t n_bytes)
{
    if (devices == NULL || devices->choice == NF_DEVICE_CPU || atomic_load_explicit(&devices->given_up, memory_order_relaxed))
        return false;
    devices->raw_bytes += n_bytes;
    return devices->choice == NF_DEVICE_CUDA || devices->raw_bytes > NF_DEVICES_AUTO_BYTES;
}

nf_status nf_devices_count(nf_devices *devices, const nf_gpu_image *images, size_t n_images, bool *counted, nf_error *error)
{
    nf_error fault = {0};
    nf_status status = NF_OK;
    *counted = false;
    if (devices->given_up) /* since these images were asked for */
        return NF_OK;
    if (devices->gpu == NULL)
        status = nf_gpu_open(&devices->gpu, &fault);
    if (status == NF_OK)
        status = nf_gpu_count(devices->gpu, images, n_images, &fault);
    *counted = status == NF_OK;
    devices->counted = devices->counted || *counted;
    if (status == NF_OK)
        return NF_OK;
    if (devices->choice == NF_DEVICE_AUTO) {
        give_up(devices, &fault);
        return NF_OK;
    }
    return nf_fail(error, status, "--device cuda: %s", fault.message);
}

static nf_status measure(nf_gpu *gpu, const double *distributions, size_t n_classes, size_t n_bins, nf_log_base base,
                         nf_distance_summary *summary, nf_error *error)
{
    nf_gpu_row *rows = calloc(n_classes - 1, sizeof *rows);
    if (rows == NULL)
        return nf_fail_nomem(error, "the rows of the class distances");
    nf_status status = nf_gpu_distances(gpu, distributions, (uint32_t)n_classes, (uint32_t)n_bins, nf_nats_per_unit(base), rows,
                                        error);
    for (size_t a = 0; a < n_classes - 1 && status == NF_OK; a++)
        nf_distance_fold_row(summary, a, &(nf_distance_row_summary){rows[a].sum, rows[a].min_value, rows[a].max_value,
                                                                    rows[a].min_b, rows[a].max_b});
    free(rows);
    nf_distance_finish(summary);
    return status;
}

nf_status nf_devices_distances(nf_devices *devices, const double *distributions, size_t n_classes, size_t n_bins,
                               nf_log_base base, nf_distance_summary *summary, nf_error *error)
{
    if (devices == NULL || devices->choice != NF_DEVICE_CUDA || n_classes < 2)
        return nf_distance_summarise(distributions, n_classes, n_bins, base, summary, error);
    *summary = (nf_distance_summary){.n_classes = n_classes};
    nf_status status = measure(devices->gpu, distributions, n_classes, n_bins, base, summary, error);
    devices->measured = devices->measured || status == NF_OK;
    return status == NF_OK ? NF_OK : nf_error_prepend(error, "--device cuda");
}

void nf_devices_describe(const nf_devices *devices, char text[NF_DEVICES_TEXT_SIZE])
{
    const bool counted = devices != NULL && devices->counted, measured = devices != NULL && devices->measured;
    int n = snprintf(text, NF_DEVICES_TEXT_SIZE, "%s%s%s%s", counted || measured ? "cuda: " : "cpu",
                     counted ? "raw pixels" : "", counted && measured ? ", " : "", measured ? "class distances" : "");
    char *end = text + n;
    const size_t room = NF_DEVICES_TEXT_SIZE - (size_t)n;
    if (devices != NULL && devices->failed[0] != '\0')
        snprintf(end, room, "%s: %s", counted ? "; then cpu" : "", devices->failed);
    else if (counted || measured)
        snprintf(end, room, " (%s)", nf_gpu_name(devices->gpu));
}
