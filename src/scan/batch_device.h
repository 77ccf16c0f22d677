/* nofade: the raw pixels of a batch, handed to a device. Private to src/scan. */
#ifndef NF_BATCH_DEVICE_H
#define NF_BATCH_DEVICE_H

#include <stdbool.h>

#include "base/error.h"
#include "device/devices.h"
#include "scan/batch_queue.h"

/* *counted: slot->decoded.counts are set in every slot with raw pixels that has not failed. */
nf_status nf_batch_count_raw(nf_batch *batch, nf_devices *devices, bool *counted, nf_error *error);

#endif
