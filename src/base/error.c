#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

nf_status nf_fail(nf_error *error, nf_status code, const char *format, ...)
{
    if (error == NULL)
        return code;
    va_list arguments;
    va_start(arguments, format);
    error->code = code;
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return code;
}

nf_status nf_error_prepend(nf_error *error, const char *format, ...)
{
    char before[NF_ERROR_MESSAGE_SIZE];
    char after[NF_ERROR_MESSAGE_SIZE];
    if (error == NULL)
        return NF_ERR_INTERNAL;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(before, sizeof before, format, arguments);
    va_end(arguments);
    memcpy(after, error->message, sizeof after);
    strncat(before, ": ", sizeof before - strlen(before) - 1);
    strncat(before, after, sizeof before - strlen(before) - 1);
    memcpy(error->message, before, sizeof before);
    return error->code;
}

nf_status nf_fail_nomem(nf_error *error, const char *what)
{
    return nf_fail(error, NF_ERR_NOMEM, "out of memory for %s", what);
}
