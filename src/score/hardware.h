/* nofade: devices and places: what power a GPU draws and how much CO2 a kilowatt-hour stands for, from the compiled-in tables
 * (data-manifests/hardware). Names of devices are compared folded: case, blanks and punctuation do not count, nor a maker's
 * name in front; names of places without case. Nothing is guessed: a name that is not known is an error that lists near ones. */
#ifndef NF_HARDWARE_H
#define NF_HARDWARE_H

#include "base/error.h"

/* Numbers that are not known are NaN. All strings live as long as the nf_hardware. */
typedef struct nf_device {
    const char *name, *kind; /* kind: "gpu", "tpu", "cpu" */
    double tdp_w;
    double fp32_tflops, fp16_tflops; /* peak, a multiply-add is 2 */
    double memory_gb;
    const char *source;
} nf_device;

typedef struct nf_region {
    const char *provider, *region, *country; /* as in "aws:us-east-1", with the country's name */
    double kg_per_kwh;
    const char *year, *source; /* year: "" when not known */
} nf_region;

typedef struct nf_hardware nf_hardware;

nf_status nf_hardware_open(nf_hardware **hardware, nf_error *error);
void nf_hardware_close(nf_hardware *hardware);
/* By name or alias. NF_ERR_USAGE: unknown; the sentence begins with `what` ("table.csv:3:7: gpu", "--gpu"). */
nf_status nf_hardware_device(const nf_hardware *hardware, const char *name, const char *what, const nf_device **device,
                             nf_error *error);
/* "provider:region", an alias, a region that only one provider has, or a country. NF_ERR_USAGE: unknown or ambiguous. */
nf_status nf_hardware_place(const nf_hardware *hardware, const char *name, const char *what, const nf_region **place,
                            nf_error *error);

#endif
