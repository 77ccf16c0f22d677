#include "score/model_rows.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/number.h"

/* "FILE:LINE:COLUMN: " and the sentence, about a field of the row that was read last. */
static nf_status fault_at(const nf_rows *rows, size_t field, nf_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static nf_status fault_at(const nf_rows *rows, size_t field, nf_error *error, const char *format, ...)
{
    char text[NF_ERROR_MESSAGE_SIZE];
    uint64_t line, column;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    nf_csv_place(rows->csv, field, &line, &column);
    return nf_fail(error, NF_ERR_USAGE, "%s:%llu:%llu: %s", rows->name, (unsigned long long)line, (unsigned long long)column,
                   text);
}

/* ---- the header ---- */

static nf_status check_separator(const nf_rows *rows, const char *const *fields, size_t n, nf_error *error)
{
    for (size_t i = 0; i < n; i++)
        if (strchr(fields[i], ';') != NULL || strchr(fields[i], '\t') != NULL)
            return fault_at(rows, i, error, "the columns are separated by %s; commas are asked for, and decimal points",
                            strchr(fields[i], ';') != NULL ? "semicolons" : "tabs");
    return NF_OK;
}

static nf_status check_name(const nf_rows *rows, const char *const *fields, size_t i, nf_error *error)
{
    const char *advice;
    for (size_t j = 0; j < i; j++)
        if (strcmp(fields[j], fields[i]) == 0 && fields[i][0] != '\0')
            return fault_at(rows, i, error, "the column \"%s\" is there twice", fields[i]);
    if (rows->columns[i] != NULL || rows->is_convention[i])
        return NF_OK;
    if (nf_column_lacks_unit(fields[i], &advice))
        return fault_at(rows, i, error, "the column \"%s\" does not name its unit as nofade reads it; name it %s", fields[i],
                        advice);
    const nf_column *meant = nf_column_like(fields[i], rows->format);
    if (meant != NULL)
        return fault_at(rows, i, error, "the column \"%s\" is written %s", fields[i], meant->name);
    return NF_OK;
}

static bool has_column(const nf_rows *rows, size_t offset)
{
    for (size_t i = 0; i < rows->n; i++)
        if (rows->columns[i] != NULL && rows->columns[i]->offset == offset)
            return true;
    return false;
}

/* The names of the columns that are kept as text go to the table. */
static nf_status take_extra_names(nf_rows *rows, nf_error *error)
{
    nf_pool *strings = &rows->models->strings;
    size_t n = 0, bytes;
    if (nf_mul_overflows(rows->n_extra, sizeof(char *), &bytes))
        return nf_fail_nomem(error, "a table's columns");
    const char **names = nf_pool_room(strings, bytes + 1);
    if (names == NULL)
        return nf_fail_nomem(error, "a table's columns");
    for (size_t i = 0; i < rows->n; i++)
        if (rows->columns[i] == NULL && !rows->is_convention[i])
            names[n++] = rows->names[i];
    nf_model_table *table = &rows->models->tables[rows->table];
    table->extra_names = names;
    table->n_extra = n;
    return NF_OK;
}

static nf_status take_header(nf_rows *rows, const char *const *fields, size_t n, nf_error *error)
{
    nf_status status = check_separator(rows, fields, n, error);
    rows->n = n;
    rows->columns = calloc(n, sizeof *rows->columns);
    rows->names = calloc(n, sizeof *rows->names);
    rows->is_convention = calloc(n, sizeof *rows->is_convention);
    if (status == NF_OK && (rows->columns == NULL || rows->names == NULL || rows->is_convention == NULL))
        status = nf_fail_nomem(error, "a table's columns");
    if (status != NF_OK)
        return status;
    rows->format = nf_table_format_of(fields, n);
    for (size_t i = 0; i < n && status == NF_OK; i++) {
        rows->columns[i] = nf_column_named(fields[i], rows->format);
        rows->is_convention[i] = strcmp(fields[i], "flops_convention") == 0;
        rows->n_extra += rows->columns[i] == NULL && !rows->is_convention[i];
        status = check_name(rows, fields, i, error);
        if (status == NF_OK)
            status = nf_pool_keep(&rows->models->strings, fields[i], &rows->names[i], error);
    }
    if (status == NF_OK && !has_column(rows, offsetof(nf_model, model)))
        return fault_at(rows, 0, error, "there is no column \"model\"; a table of models begins with a header that has one");
    return status == NF_OK ? take_extra_names(rows, error) : status;
}

/* timm's results do not name their dataset; their file does: results-imagenet-a.csv. */
static nf_status timm_dataset(nf_rows *rows, char *dataset, size_t size, nf_error *error)
{
    const char *slash = strrchr(rows->name, '/'), *base = slash != NULL ? slash + 1 : rows->name;
    const char *dot = strrchr(base, '.');
    dataset[0] = '\0';
    if (rows->defaults->dataset != NULL || has_column(rows, offsetof(nf_model, dataset)))
        return NF_OK;
    if (rows->format == NF_TABLE_TIMM_BENCHMARK) {
        snprintf(dataset, size, "imagenet"); /* what its models are trained for; rows join those of the same name and size */
        return NF_OK;
    }
    if (strncmp(base, "results-", 8) != 0 || dot == NULL || dot <= base + 8)
        return nf_fail(error, NF_ERR_USAGE, "%s:1:1: a timm table whose name does not tell the dataset (results-imagenet.csv "
                       "does); --dataset says it", rows->name);
    snprintf(dataset, size, "%.*s", (int)(dot - base - 8), base + 8);
    return NF_OK;
}

static nf_status take_defaults(nf_rows *rows, nf_error *error)
{
    char dataset[256] = "";
    bool timm = rows->format == NF_TABLE_TIMM || rows->format == NF_TABLE_TIMM_BENCHMARK;
    nf_status status = timm ? timm_dataset(rows, dataset, sizeof dataset, error) : NF_OK;
    const char *given_dataset = rows->defaults->dataset, *given_task = rows->defaults->task;
    nf_pool *strings = &rows->models->strings;
    if (status != NF_OK)
        return status;
    if (given_dataset != NULL)
        snprintf(dataset, sizeof dataset, "%s", given_dataset);
    status = nf_pool_keep(strings, nf_dataset_id(rows->models->manifests, dataset), &rows->dataset, error);
    if (status == NF_OK)
        status = nf_pool_keep(strings, given_task != NULL ? given_task : timm ? "classification" : "", &rows->task, error);
    return status == NF_OK ? nf_pool_keep(strings, timm ? "top1" : "", &rows->metric, error) : status;
}

nf_status nf_rows_begin(nf_rows *rows, nf_error *error)
{
    const char *const *fields;
    size_t n;
    nf_status status = nf_csv_next(rows->csv, &fields, &n, error);
    if (status == NF_EOF)
        return nf_fail(error, NF_ERR_USAGE, "%s:1:1: the table is empty; a header is needed", rows->name);
    if (status == NF_OK)
        status = take_header(rows, fields, n, error);
    return status == NF_OK ? take_defaults(rows, error) : status;
}

void nf_rows_end(nf_rows *rows)
{
    nf_csv_close(rows->csv);
    free(rows->columns);
    free(rows->names);
    free(rows->is_convention);
}

/* ---- a row ---- */

static void clear_model(nf_model *model, const nf_rows *rows)
{
    *model = (nf_model){.accuracy = NAN, .flops = NAN, .params_m = NAN, .gpu_count = NAN, .hours = NAN, .gpu_hours = NAN,
                        .energy_kwh = NAN, .co2_kg = NAN, .inference_ms = NAN, .test_images = NAN, .training_flops = NAN,
                        .is_benchmark = rows->format == NF_TABLE_TIMM_BENCHMARK, .table = rows->table,
                        .line = nf_csv_line(rows->csv)};
    model->model = model->variant = model->dataset = model->task = model->metric = model->input_px = "";
    model->flops_px = model->gpu = model->inference_gpu = model->hours_scope = "";
    model->category = model->source = model->flops_unit = "";
}

/* Looks a dataset's name up among the manifests, once for rows that follow each other. */
static nf_status take_dataset(nf_rows *rows, const char *cell, const char **field, nf_error *error)
{
    nf_pool *strings = &rows->models->strings;
    nf_status status = NF_OK;
    if (rows->dataset_cell == NULL || strcmp(rows->dataset_cell, cell) != 0) {
        status = nf_pool_keep(strings, cell, &rows->dataset_cell, error);
        if (status == NF_OK)
            status = nf_pool_keep(strings, nf_dataset_id(rows->models->manifests, cell), &rows->dataset_of_cell, error);
    }
    *field = rows->dataset_of_cell;
    return status;
}

/* Keeps a text; that of the row before without looking. */
static nf_status take_text(nf_rows *rows, const nf_column *column, const char *cell, nf_model *model, nf_error *error)
{
    const char **field = (const char **)(void *)((char *)model + column->offset);
    const char *before = *(const char **)(void *)((char *)&rows->last + column->offset);
    if (before != NULL && strcmp(before, cell) == 0 && column->offset != offsetof(nf_model, dataset)) {
        *field = before;
        return NF_OK;
    }
    if (column->offset == offsetof(nf_model, dataset))
        return take_dataset(rows, cell, field, error);
    if (column->offset == offsetof(nf_model, model) || column->offset == offsetof(nf_model, source))
        return nf_pool_copy(&rows->models->strings, cell, field, error);
    return nf_pool_keep(&rows->models->strings, cell, field, error);
}

/* timm writes a thousand millions as "1,014.45". */
static const char *without_thousands(const char *cell, char text[32])
{
    size_t n = 0;
    for (; *cell != '\0' && n + 1 < 32; cell++)
        if (*cell != ',')
            text[n++] = *cell;
    text[n] = '\0';
    return text;
}

static nf_status no_number(const nf_rows *rows, size_t i, const char *cell, nf_error *error)
{
    const char *hint = strchr(cell, ',') != NULL ? "; decimals stand behind a point, and thousands are not separated"
                       : strchr(cell, '%') != NULL ? "; write it without the sign"
                       : strchr(cell, ' ') != NULL ? "; write it without blanks and without a unit"
                                                   : "; leave the cell empty when it is not known";
    return fault_at(rows, i, error, "%s \"%s\" is no number%s", rows->names[i], cell, hint);
}

static nf_status check_range(const nf_rows *rows, size_t i, const char *cell, double value, nf_error *error)
{
    const nf_column *column = rows->columns[i];
    bool below = value < column->min || (column->above_min && value <= column->min);
    if (below || value > column->max) {
        const char *advice = below ? column->below : column->beyond;
        return fault_at(rows, i, error, "%s %s %s", rows->names[i], cell, advice != NULL ? advice : "is out of range");
    }
    if (strcmp(column->name, "accuracy_pct") == 0 && value > 0.0 && value <= 1.0)
        return fault_at(rows, i, error,
                        "accuracy_pct %s is at most 1 per cent; is it a fraction? then name the column accuracy",
                        cell);
    return NF_OK;
}

static nf_status take_number(nf_rows *rows, size_t i, const char *cell, nf_model *model, nf_error *error)
{
    const nf_column *column = rows->columns[i];
    double *field = (double *)(void *)((char *)model + column->offset), value;
    char text[32];
    if (rows->format != NF_TABLE_OWN && strcmp(column->name, "param_count") == 0)
        cell = without_thousands(cell, text);
    if (!nf_parse_double(cell, &value))
        return no_number(rows, i, cell, error);
    if (rows->format == NF_TABLE_CODECARBON && column->offset == offsetof(nf_model, gpu_count) && value == 0.0)
        return NF_OK; /* a machine without a GPU, or one that was not seen */
    nf_status status = check_range(rows, i, cell, value, error);
    if (status != NF_OK)
        return status;
    if (!isnan(*field))
        return fault_at(rows, i, error, "%s says again what another column of this row says; which is right?", rows->names[i]);
    (void)nf_parse_scaled(cell, column->power, &value);
    value += 0.0; /* "-0" is 0 */
    *field = column->by == 0.0 ? column->times / value : value * column->times / column->by;
    if (column->half_offset != 0)
        *(double *)(void *)((char *)model + column->half_offset) =
            0.5 * pow(10.0, column->power - nf_decimals(cell)) * column->times / column->by;
    if (column->offset == offsetof(nf_model, flops))
        model->flops_unit = column->name;
    return NF_OK;
}

static nf_status take_convention(nf_rows *rows, size_t i, const char *cell, nf_model *model, nf_error *error)
{
    static const char *const known[] = {"", "flops", "macs", "unstated"};
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
        if (strcmp(cell, known[k]) == 0) {
            model->flops_unstated = k == 3;
            rows->convention = known[k];
            return NF_OK;
        }
    return fault_at(rows, i, error, "flops_convention \"%s\" must be flops, macs, unstated or empty", cell);
}

/* The column that filled a field, for the place of a fault. */
static size_t column_of(const nf_rows *rows, size_t offset)
{
    size_t i = 0;
    while (i + 1 < rows->n && (rows->columns[i] == NULL || rows->columns[i]->offset != offset))
        i++;
    return i;
}

/* The column's name says what a multiply-add counts; a convention that says otherwise would be off by two. */
static nf_status check_convention(const nf_rows *rows, const nf_model *model, nf_error *error)
{
    bool macs = strstr(model->flops_unit, "macs") != NULL, says_macs = strcmp(rows->convention, "macs") == 0;
    size_t i = 0;
    if (isnan(model->flops) || rows->convention[0] == '\0' || macs == says_macs)
        return NF_OK;
    while (i + 1 < rows->n && !rows->is_convention[i])
        i++;
    return fault_at(rows, i, error, "flops_convention \"%s\" does not fit the column %s; %s", rows->convention, model->flops_unit,
                    says_macs ? "multiply-adds counted once go in macs or gmacs"
                              : "macs and gmacs hold multiply-adds counted once, all else goes in flops or gflops");
}

/* GPU hours that are given beside hours and their GPUs must be their product, but for rounding. */
static nf_status check_hours(const nf_rows *rows, const nf_model *model, nf_error *error)
{
    double product = model->hours * model->gpu_count, ratio = model->gpu_hours / product;
    if (!(ratio > 1.5 || ratio < 1.0 / 1.5)) /* two GPUs or more make at least twice the hours */
        return NF_OK;
    return fault_at(rows, column_of(rows, offsetof(nf_model, gpu_hours)), error,
                    "gpu_hours %.6g is not hours x gpu_count, %.6g; which is right?", model->gpu_hours, product);
}

static nf_status take_cell(nf_rows *rows, size_t i, const char *cell, nf_model *model, nf_error *error)
{
    if (rows->is_convention[i])
        return take_convention(rows, i, cell, model, error);
    if (cell[0] == '\0')
        return NF_OK;
    return rows->columns[i]->is_text ? take_text(rows, rows->columns[i], cell, model, error)
                                     : take_number(rows, i, cell, model, error);
}

static nf_status take_extra(nf_rows *rows, const char *const *fields, nf_model *model, nf_error *error)
{
    nf_status status = NF_OK;
    size_t n = 0;
    if (rows->n_extra == 0)
        return NF_OK;
    const char **extra = nf_pool_room(&rows->models->strings, rows->n_extra * sizeof *extra); /* fits: at most 1024 columns */
    if (extra == NULL)
        return nf_fail_nomem(error, "a table of models");
    for (size_t i = 0; i < rows->n && status == NF_OK; i++)
        if (rows->columns[i] == NULL && !rows->is_convention[i]) {
            const char *before = rows->last.extra != NULL ? rows->last.extra[n] : NULL;
            if (before != NULL && strcmp(before, fields[i]) == 0)
                extra[n] = before;
            else
                status = nf_pool_copy(&rows->models->strings, fields[i], &extra[n], error);
            n++;
        }
    model->extra = extra;
    return status;
}

static nf_status take_device(nf_rows *rows, const char *name, const char *before, const nf_device *device_before,
                             size_t offset, const nf_device **device, nf_error *error)
{
    uint64_t line, column;
    char what[NF_ERROR_MESSAGE_SIZE / 2];
    if (name[0] == '\0')
        return NF_OK;
    if (name == before) {
        *device = device_before;
        return NF_OK;
    }
    size_t i = column_of(rows, offset);
    nf_csv_place(rows->csv, i, &line, &column);
    snprintf(what, sizeof what, "%s:%llu:%llu: %s", rows->name, (unsigned long long)line, (unsigned long long)column,
             rows->names[i]);
    return nf_hardware_device(rows->models->hardware, name, what, device, error);
}

/* What follows from several columns. */
static nf_status complete_row(nf_rows *rows, nf_model *model, nf_error *error)
{
    const nf_model *last = &rows->last;
    if (model->model[0] == '\0')
        return fault_at(rows, column_of(rows, offsetof(nf_model, model)), error, "the model has no name");
    if (model->dataset[0] == '\0')
        model->dataset = rows->dataset;
    if (model->task[0] == '\0')
        model->task = rows->task;
    if (model->metric[0] == '\0')
        model->metric = rows->metric;
    nf_status status = check_convention(rows, model, error);
    if (status == NF_OK)
        status = check_hours(rows, model, error);
    if (status != NF_OK)
        return status;
    if (isnan(model->gpu_hours)) {
        model->gpu_hours = model->hours * model->gpu_count;
        model->gpu_hours_half = model->hours_half * model->gpu_count;
    }
    status = take_device(rows, model->gpu, last->gpu, last->device, offsetof(nf_model, gpu), &model->device, error);
    return status == NF_OK ? take_device(rows, model->inference_gpu, last->inference_gpu, last->inference_device,
                                         offsetof(nf_model, inference_gpu), &model->inference_device, error)
                           : status;
}

static nf_status wrong_width(const nf_rows *rows, size_t n, nf_error *error)
{
    size_t at = n > rows->n ? rows->n : n - 1;
    return fault_at(rows, at, error, "the row has %zu field%s, the header %zu%s", n, n == 1 ? "" : "s", rows->n,
                    n > rows->n ? "; is there a decimal comma, or a comma outside quotes?" : "");
}

nf_status nf_rows_next(nf_rows *rows, nf_model *model, nf_error *error)
{
    const char *const *fields;
    size_t n;
    nf_status status = nf_csv_next(rows->csv, &fields, &n, error);
    if (status != NF_OK)
        return status;
    if (n != rows->n)
        return wrong_width(rows, n, error);
    clear_model(model, rows);
    rows->convention = "";
    for (size_t i = 0; i < n && status == NF_OK; i++)
        if (rows->columns[i] != NULL || rows->is_convention[i])
            status = take_cell(rows, i, fields[i], model, error);
    if (status == NF_OK)
        status = take_extra(rows, fields, model, error);
    if (status == NF_OK)
        status = complete_row(rows, model, error);
    if (status == NF_OK)
        rows->last = *model;
    return status;
}
