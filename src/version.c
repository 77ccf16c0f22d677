#include "nofade.h"

const char *nf_version(void)
{
    return NOFADE_VERSION;
}
