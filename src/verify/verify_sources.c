/* nofade: how the reading of each source of a verification went. */
#include <string.h>

#include "verify/verify_parts.h"

static nf_status check_source(const nf_read_source *source, nf_checks *files, nf_error *error)
{
    nf_check *check;
    const char *format = source->format != NULL ? source->format : "";
    nf_status status = nf_checks_add(files, source->path, "read", source->damaged ? NF_CHECK_DIFFERS : NF_CHECK_OK, &check, error);
    if (status != NF_OK)
        return status;
    if (source->damaged)
        return nf_check_say(check, error, "%s%s", source->lost_parts > 1 ? "in several places; first: " : "", source->damage);
    if (source->tars_without_end > 0)
        return nf_check_say(check, error, "%s, to its end; %llu of its tars without an end marker", format,
                            (unsigned long long)source->tars_without_end);
    return nf_check_say(check, error, "%s, to its end", format);
}

static nf_status check_same_content(const nf_reader *reader, nf_error *error)
{
    const nf_read_source *sources = reader->sources;
    for (size_t i = 0; i < reader->n_paths; i++)
        for (size_t j = 0; j < i; j++)
            if (sources[i].digest[0] != '\0' && strcmp(sources[i].digest, sources[j].digest) == 0)
                return nf_fail(error, NF_ERR_USAGE, "%s and %s hold the same bytes and would be counted twice", sources[j].path,
                               sources[i].path);
    return NF_OK;
}

nf_status nf_verify_sources(const nf_reader *reader, nf_checks *files, nf_error *error)
{
    nf_status status = check_same_content(reader, error);
    for (size_t i = 0; i < reader->n_paths && status == NF_OK; i++)
        status = check_source(&reader->sources[i], files, error);
    return status;
}
