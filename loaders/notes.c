#include "loaders/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

static nf_status add(nf_notes *notes, nf_error *error, const char *format, va_list arguments)
{
    char text[NF_NOTE_BYTES_MAX];
    if (notes->n == NF_NOTES_MAX) {
        notes->left_out++;
        return NF_OK;
    }
    vsnprintf(text, sizeof text, format, arguments);
    nf_status status = nf_strdup(&notes->texts[notes->n], text, error);
    notes->n += status == NF_OK;
    return status;
}

nf_status nf_notes_add(nf_notes *notes, nf_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    nf_status status = add(notes, error, format, arguments);
    va_end(arguments);
    return status;
}

nf_status nf_notes_out_of_reach(nf_notes *notes, nf_error *error, const char *format, ...)
{
    va_list arguments;
    notes->out_of_reach = true;
    va_start(arguments, format);
    nf_status status = add(notes, error, format, arguments);
    va_end(arguments);
    return status;
}

nf_status nf_notes_damage(nf_notes *notes, nf_error *error, const char *format, ...)
{
    va_list arguments;
    notes->n_damaged++;
    va_start(arguments, format);
    nf_status status = add(notes, error, format, arguments);
    va_end(arguments);
    return status;
}

void nf_notes_free(nf_notes *notes)
{
    for (size_t i = 0; i < notes->n; i++)
        free(notes->texts[i]);
    *notes = (nf_notes){0};
}
