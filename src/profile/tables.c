/* nofade: the tables beside a profile: class distances as CSV and NPY, entropy histograms as CSV. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/analysis.h"
#include "metrics/entropy.h"

static nf_status no_matrix(const nf_profile *profile, nf_error *error)
{
    return nf_fail(error, NF_ERR_USAGE, "there are no class distances to write: %s",
                   nf_estimate_is_partial(&profile->estimate) ? "only a sample was read" : "fewer than two classes have images");
}

static void distance_row(const nf_profile *profile, const nf_analysis *analysis, size_t a, double *row)
{
    nf_distance_row(analysis->distributions, profile->n_classes, analysis->n_bins, analysis->definition.jsd_base, a, row);
}

static nf_status write_csv_head(const nf_profile *profile, nf_out *out, nf_error *error)
{
    nf_status status = nf_out_text(out, "class", error);
    for (size_t k = 0; k < profile->n_classes && status == NF_OK; k++) {
        nf_out_text(out, ",", error);
        status = nf_out_csv_field(out, nf_class_label(&profile->classes[k]), error);
    }
    return status == NF_OK ? nf_out_text(out, "\n", error) : status;
}

nf_status nf_write_matrix_csv(const nf_profile *profile, const nf_analysis *analysis, nf_out *out, nf_error *error)
{
    if (!analysis->has_distances)
        return no_matrix(profile, error);
    double *row = calloc(profile->n_classes, sizeof *row);
    if (row == NULL)
        return nf_fail_nomem(error, "the distance matrix");
    nf_status status = write_csv_head(profile, out, error);
    for (size_t a = 0; a < profile->n_classes && status == NF_OK; a++) {
        distance_row(profile, analysis, a, row);
        status = nf_out_csv_field(out, nf_class_label(&profile->classes[a]), error);
        for (size_t b = 0; b < profile->n_classes && status == NF_OK; b++) {
            nf_out_text(out, ",", error);
            status = nf_out_double(out, row[b], error);
        }
        if (status == NF_OK)
            status = nf_out_text(out, "\n", error);
    }
    free(row);
    return status;
}

/* NPY format 1.0: magic, version, header length, a Python dictionary padded to 64 bytes, little-endian doubles. */
static nf_status write_npy_head(size_t n, nf_out *out, nf_error *error)
{
    char head[128];
    memcpy(head, "\x93NUMPY\x01\x00", 8);
    int used = snprintf(head + 10, sizeof head - 10, "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu, %zu), }", n, n);
    size_t length = sizeof head - 10;
    memset(head + 10 + used, ' ', length - (size_t)used);
    head[sizeof head - 1] = '\n';
    head[8] = (char)(length & 0xff);
    head[9] = (char)(length >> 8);
    return nf_out_write(out, head, sizeof head, error);
}

static nf_status write_le_double(nf_out *out, double value, nf_error *error)
{
    uint64_t bits;
    uint8_t bytes[8];
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(bits >> (8 * i));
    return nf_out_write(out, bytes, sizeof bytes, error);
}

nf_status nf_write_matrix_npy(const nf_profile *profile, const nf_analysis *analysis, nf_out *out, nf_error *error)
{
    if (!analysis->has_distances)
        return no_matrix(profile, error);
    double *row = calloc(profile->n_classes, sizeof *row);
    if (row == NULL)
        return nf_fail_nomem(error, "the distance matrix");
    nf_status status = write_npy_head(profile->n_classes, out, error);
    for (size_t a = 0; a < profile->n_classes && status == NF_OK; a++) {
        distance_row(profile, analysis, a, row);
        for (size_t b = 0; b < profile->n_classes && status == NF_OK; b++)
            status = write_le_double(out, row[b], error);
    }
    free(row);
    return status;
}

nf_status nf_write_histogram_csv(const nf_profile *profile, const nf_analysis *analysis, nf_out *out, nf_error *error)
{
    (void)analysis;
    bool is_partial = nf_estimate_is_partial(&profile->estimate);
    nf_status status = nf_out_text(out, is_partial ? "bin,from_bits,to_bits,sampled_images" : "bin,from_bits,to_bits,images",
                                   error);
    for (size_t k = 0; k < profile->n_classes && status == NF_OK; k++) {
        nf_out_text(out, ",", error);
        status = nf_out_csv_field(out, nf_class_label(&profile->classes[k]), error);
    }
    for (size_t i = 0; i < NF_ENTROPY_BINS && status == NF_OK; i++) {
        nf_out_text(out, "\n", error);
        nf_out_u64(out, i, error);
        nf_out_text(out, ",", error);
        nf_out_double(out, (double)i / 64.0, error);
        nf_out_text(out, ",", error);
        nf_out_double(out, (double)(i + 1) / 64.0, error);
        nf_out_text(out, ",", error);
        status = nf_out_u64(out, profile->entropy.histogram[i], error);
        for (size_t k = 0; k < profile->n_classes && status == NF_OK; k++) {
            nf_out_text(out, ",", error);
            status = nf_out_u64(out, profile->classes[k].counts->entropy.histogram[i], error);
        }
    }
    return status == NF_OK ? nf_out_text(out, "\n", error) : status;
}
