/* nofade: which loaders there are. */
#include <string.h>

#include "loaders/loader.h"

#define NF_LOADER(name) extern const nf_loader nf_loader_##name;
#include "loaders/loaders.list.h"
#undef NF_LOADER

const nf_loader *const nf_loaders[] = {
#define NF_LOADER(name) &nf_loader_##name,
#include "loaders/loaders.list.h"
#undef NF_LOADER
    NULL,
};

const nf_loader *nf_loader_by_id(const char *id)
{
    for (const nf_loader *const *loader = nf_loaders; *loader != NULL; loader++)
        for (const char *const *own = (*loader)->ids; *own != NULL; own++)
            if (strcmp(*own, id) == 0)
                return *loader;
    return NULL;
}
