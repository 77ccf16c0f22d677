#include "loaders/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

nf_status nf_notes_add(nf_notes *notes, nf_error *error, const char *format, ...)
{
    char text[NF_NOTE_BYTES_MAX];
    va_list arguments;
    if (notes->n == NF_NOTES_MAX) {
        notes->left_out++;
        return NF_OK;
    }
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    nf_status status = nf_strdup(&notes->texts[notes->n], text, error);
    notes->n += status == NF_OK;
    return status;
}

void nf_notes_free(nf_notes *notes)
{
    for (size_t i = 0; i < notes->n; i++)
        free(notes->texts[i]);
    *notes = (nf_notes){0};
}
