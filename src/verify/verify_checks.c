/* nofade: lists of checks, and a verification as JSON. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_out.h"
#include "nofade.h"
#include "verify/verify_parts.h"

const char *nf_check_status_name(nf_check_status status)
{
    static const char *const names[] = {"ok", "differs", "not published", "not given", "not checked"};
    return names[status];
}

/* ---- a list ---- */

nf_status nf_checks_add(nf_checks *checks, const char *subject, const char *kind, nf_check_status status, nf_check **check,
                        nf_error *error)
{
    nf_status reserved = nf_array_reserve((void **)&checks->items, &checks->capacity, checks->n + 1, sizeof *checks->items,
                                          "the checks", error);
    if (reserved != NF_OK)
        return reserved;
    *check = &checks->items[checks->n];
    **check = (nf_check){.kind = kind, .status = status, .published = -1, .found = -1};
    if ((reserved = nf_strdup(&(*check)->subject, subject, error)) == NF_OK)
        checks->n++;
    return reserved;
}

static void clear_check(nf_check *check)
{
    for (size_t i = 0; i < check->n_names; i++)
        free(check->names[i]);
    free(check->names);
    free(check->subject);
    free(check->detail);
    free(check->published_text);
    free(check->found_text);
}

void nf_checks_free(nf_checks *checks)
{
    for (size_t i = 0; i < checks->n; i++)
        clear_check(&checks->items[i]);
    free(checks->items);
    *checks = (nf_checks){0};
}

nf_status nf_check_say(nf_check *check, nf_error *error, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return nf_fail_nomem(error, "the checks");
    free(check->detail);
    check->detail = text;
    return NF_OK;
}

nf_status nf_check_name(nf_check *check, nf_error *error, const char *format, ...)
{
    va_list arguments;
    check->n_all_names++;
    if (check->n_names >= NF_CHECK_NAMES_MAX)
        return NF_OK;
    nf_status status = nf_array_reserve((void **)&check->names, &check->names_capacity, check->n_names + 1, sizeof(char *),
                                        "the checks", error);
    if (status != NF_OK)
        return status;
    va_start(arguments, format);
    int length = vasprintf(&check->names[check->n_names], format, arguments);
    va_end(arguments);
    if (length < 0)
        return nf_fail_nomem(error, "the checks");
    check->n_names++;
    return NF_OK;
}

/* ---- a verification ---- */

void nf_verification_free(nf_verification *verification)
{
    if (verification == NULL)
        return;
    nf_checks_free(&verification->files);
    nf_checks_free(&verification->parts);
    free(verification->dataset_id);
    free(verification->title);
    free(verification->homepage);
    free(verification);
}

static uint64_t count_in(const nf_checks *checks, nf_check_status status)
{
    uint64_t n = 0;
    for (size_t i = 0; i < checks->n; i++)
        n += checks->items[i].status == status;
    return n;
}

uint64_t nf_verification_count(const nf_verification *verification, nf_check_status status)
{
    return count_in(&verification->files, status) + count_in(&verification->parts, status);
}

/* ---- JSON ---- */

/* A count, a checksum, or nothing at all. */
static void write_side(nf_json *json, const char *key, int64_t number, const char *text)
{
    if (number < 0 && text == NULL)
        return;
    nf_json_key(json, key);
    if (text != NULL)
        nf_json_text(json, text);
    else
        nf_json_u64(json, (uint64_t)number);
}

static void write_names(nf_json *json, const nf_check *check)
{
    nf_json_open_inline_item(json, "names", '[');
    for (size_t i = 0; i < check->n_names; i++)
        nf_json_text(json, check->names[i]);
    nf_json_close(json, ']');
    nf_json_u64_item(json, "names_in_all", check->n_all_names);
}

static void write_check(nf_json *json, const nf_check *check)
{
    nf_json_open_inline(json, '{');
    nf_json_text_item(json, "subject", check->subject);
    nf_json_text_item(json, "check", check->kind);
    nf_json_text_item(json, "status", nf_check_status_name(check->status));
    write_side(json, "published", check->published, check->published_text);
    write_side(json, "found", check->found, check->found_text);
    if (check->detail != NULL)
        nf_json_text_item(json, "detail", check->detail);
    if (check->n_names > 0)
        write_names(json, check);
    nf_json_close(json, '}');
}

static void write_dataset(nf_json *json, const nf_verification *verification)
{
    nf_json_open_item(json, "dataset", '{');
    nf_json_text_item(json, "name", verification->dataset_id);
    nf_json_text_item(json, "title", verification->title);
    nf_json_text_item(json, "homepage", verification->homepage);
    nf_json_close(json, '}');
}

static void write_counts(nf_json *json, const nf_verification *verification)
{
    nf_json_open_inline_item(json, "counts", '{');
    for (nf_check_status status = NF_CHECK_OK; status <= NF_CHECK_NOT_MADE; status++) {
        nf_json_u64_item(json, nf_check_status_name(status), nf_verification_count(verification, status));
    }
    nf_json_close(json, '}');
}

nf_status nf_verification_write(const nf_verification *verification, nf_out *out, nf_error *error)
{
    nf_json json;
    nf_json_begin(&json, out);
    nf_json_open(&json, '{');
    nf_json_text_item(&json, "nofade", nf_version());
    nf_json_u64_item(&json, "schema", NF_VERIFY_SCHEMA);
    write_dataset(&json, verification);
    nf_json_bool_item(&json, "deep", verification->deep);
    nf_json_bool_item(&json, "complete", verification->complete);
    nf_json_bool_item(&json, "holds", verification->complete && nf_verification_count(verification, NF_CHECK_DIFFERS) == 0);
    write_counts(&json, verification);
    nf_json_open_item(&json, "checks", '[');
    for (size_t i = 0; i < verification->files.n; i++)
        write_check(&json, &verification->files.items[i]);
    for (size_t i = 0; i < verification->parts.n; i++)
        write_check(&json, &verification->parts.items[i]);
    nf_json_close(&json, ']');
    nf_json_close(&json, '}');
    return nf_json_end(&json, error);
}
