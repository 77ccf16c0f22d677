/* nofade: why jansson could not read something. */
#ifndef NF_BASE_JSON_FAULT_H
#define NF_BASE_JSON_FAULT_H

#include <jansson.h>
#include <stdbool.h>

/* It had no memory: then it says so, or nothing at all. */
static inline bool nf_json_lacked_memory(const json_error_t *fault)
{
    return fault->text[0] == '\0' || json_error_code(fault) == json_error_out_of_memory;
}

#endif
