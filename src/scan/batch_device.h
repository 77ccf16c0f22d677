/* nofade: the raw pixels of a batch, handed to a device. Private to src/scan. */
#ifndef NF_BATCH_DEVICE_H
#define NF_BATCH_DEVICE_H

#include <stdbool.h>

#include "base/error.h"
#include "device/devices.h"
#include "scan/batch_queue.h"

/* Are there raw pixels in it, and a device that is to count them? For the thread that makes batches. */
bool nf_batch_waits_for_device(const nf_batch *batch, nf_devices *devices);
/* batch->device becomes NF_BATCH_COUNTED: slot->decoded.counts are set in every slot with raw pixels that has not failed; or
 * NF_BATCH_FOR_CPU: the CPU is to count them. Errors: nf_devices_count's, NF_ERR_NOMEM. */
nf_status nf_batch_count_raw(nf_batch *batch, nf_devices *devices, nf_error *error);

#endif
