/* nofade: finds the CUDA driver's functions. */
#include "cuda/driver.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libcuda.so.1"

typedef struct wanted {
    const char *symbol;
    size_t field; /* where in nf_driver */
} wanted;

static const wanted table[] = {
#define ROW(field, symbol, parameters) {#symbol, offsetof(nf_driver, field)},
    NF_CU_FUNCTIONS(ROW)
#undef ROW
};

nf_status nf_driver_open(nf_driver *driver, nf_error *error)
{
    memset(driver, 0, sizeof *driver);
    /* Never unloaded: the driver may leave threads behind that still run its code. */
    driver->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (driver->library == NULL)
        return nf_fail(error, NF_ERR_USAGE, "there is no CUDA driver: %s", dlerror());
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        void *function = dlsym(driver->library, table[i].symbol);
        if (function == NULL) {
            nf_driver_close(driver);
            return nf_fail(error, NF_ERR_USAGE, "the CUDA driver (%s) is too old: it has no %s", LIBRARY, table[i].symbol);
        }
        memcpy((char *)driver + table[i].field, &function, sizeof function); /* POSIX: as wide as a pointer to a function */
    }
    return NF_OK;
}

void nf_driver_close(nf_driver *driver)
{
    if (driver->library != NULL)
        dlclose(driver->library);
    memset(driver, 0, sizeof *driver);
}
