/* A shortage of memory: the build wraps the allocation of everything in the programs of tests/conformance. One file of a
 * program includes this. */
#ifndef NF_TESTS_SUPPORT_SHORTAGE_H
#define NF_TESTS_SUPPORT_SHORTAGE_H

#include <stdbool.h>
#include <stddef.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t n);

static long allocations_left = -1; /* -1: as many as one likes */

static bool is_out_of_memory(void)
{
    long left = __atomic_load_n(&allocations_left, __ATOMIC_RELAXED);
    if (left < 0)
        return false;
    return left == 0 || __atomic_sub_fetch(&allocations_left, 1, __ATOMIC_RELAXED) < 0;
}

void *__wrap_malloc(size_t n)
{
    return is_out_of_memory() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return is_out_of_memory() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t n)
{
    return is_out_of_memory() ? NULL : __real_realloc(old, n);
}

/* From now on only n allocations succeed. */
static inline void shortage_begin(long n)
{
    __atomic_store_n(&allocations_left, n, __ATOMIC_RELAXED);
}

/* Ends it; were there more than enough? */
static inline bool shortage_end(void)
{
    return __atomic_exchange_n(&allocations_left, -1, __ATOMIC_RELAXED) > 0;
}

#endif
