#include "score/embedded_table.h"

#include <string.h>

nf_status nf_embedded_table_open(nf_csv **csv, const char *name, const char *header, nf_error *error)
{
    const nf_embedded_file *file = nf_embedded_file_named(name);
    size_t length = strlen(header);
    const char *const *fields;
    size_t n_fields;
    *csv = NULL;
    if (file == NULL)
        return nf_fail(error, NF_ERR_INTERNAL, "%s is not compiled in", name);
    if (file->n_bytes <= length || memcmp(file->bytes, header, length) != 0)
        return nf_fail(error, NF_ERR_INTERNAL, "%s: its columns are not %s", name, header);
    nf_status status = nf_csv_open_memory(csv, name, file->bytes, file->n_bytes, error);
    if (status == NF_OK)
        status = nf_csv_next(*csv, &fields, &n_fields, error);
    if (status == NF_OK)
        return NF_OK;
    nf_csv_close(*csv);
    *csv = NULL;
    return status;
}

nf_status nf_embedded_table_next(nf_csv *csv, size_t n, const char *const **fields, nf_error *error)
{
    size_t n_fields;
    nf_status status = nf_csv_next(csv, fields, &n_fields, error);
    if (status == NF_ERR_USAGE || (status == NF_OK && n_fields != n))
        return nf_fail(error, NF_ERR_INTERNAL, "a compiled-in table has a row of %zu fields where %zu are due, in line %llu",
                       n_fields, n, (unsigned long long)nf_csv_line(csv));
    return status;
}
