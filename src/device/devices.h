/* nofade: which device does what: the CPU everything, a CUDA device the work it was asked for.
 *
 *   cpu    everything
 *   cuda   raw pixels (records of CIFAR, IDX, SVHN, STL-10) are counted and class distances measured there; what fails, fails
 *   auto   as cpu, and from NF_DEVICES_AUTO_BYTES of raw pixels on they are counted by a CUDA device, if there is one; what fails
 *          there, the CPU does
 *
 * Encoded images are decoded, and counted while they are decoded, by the CPU in any case. nf_devices_wants_pixels is for the thread that reads,
 * all else for the one that folds and analyses.
 */
#ifndef NF_DEVICES_H
#define NF_DEVICES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "cuda/device.h"
#include "metrics/distance.h"

typedef enum nf_device_choice { NF_DEVICE_CPU, NF_DEVICE_CUDA, NF_DEVICE_AUTO } nf_device_choice;

enum {
    NF_DEVICES_AUTO_BYTES = 1 << 30, /* half a second of one core, about what the driver needs to start */
    NF_DEVICES_TEXT_SIZE = 256
};

typedef struct nf_devices nf_devices;

/* NF_ERR_USAGE, NF_ERR_NOMEM: with NF_DEVICE_CUDA, there is none that can be used. */
nf_status nf_devices_open(nf_devices **devices, nf_device_choice choice, nf_error *error);
/* NULL-safe. */
void nf_devices_close(nf_devices *devices);

/* Shall raw pixels, n_bytes more of them, be handed to nf_devices_count? devices may be NULL: no. Does not ask the driver. */
bool nf_devices_wants_pixels(nf_devices *devices, size_t n_bytes);
/* *counted false: the CPU is to count these images. With NF_DEVICE_AUTO the first call opens the device. Errors: nf_gpu_count's,
 * with NF_DEVICE_CUDA alone. */
nf_status nf_devices_count(nf_devices *devices, const nf_gpu_image *images, size_t n_images, bool *counted, nf_error *error);

/* nf_distance_summarise, on the device with NF_DEVICE_CUDA alone. devices may be NULL: the CPU. */
nf_status nf_devices_distances(nf_devices *devices, const double *distributions, size_t n_classes, size_t n_bins,
                               nf_log_base base, nf_distance_summary *summary, nf_error *error);

/* What was done where so far: "cpu", "cuda: raw pixels, class distances (NVIDIA H200)". devices may be NULL. */
void nf_devices_describe(const nf_devices *devices, char text[NF_DEVICES_TEXT_SIZE]);

#endif
