#include "base/embedded.h"

#include <string.h>

const nf_embedded_file *nf_embedded_file_named(const char *name)
{
    for (const nf_embedded_file *file = nf_embedded_files; file->name != NULL; file++)
        if (strcmp(file->name, name) == 0)
            return file;
    return NULL;
}
