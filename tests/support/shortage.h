/* A shortage of memory: the build wraps the allocation of everything in the programs of tests/conformance, and some calls of
 * libraries, which then fail as they do without memory. One file of a program includes this. */
#ifndef NF_TESTS_SUPPORT_SHORTAGE_H
#define NF_TESTS_SUPPORT_SHORTAGE_H

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <xxhash.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t n);
int __real_archive_read_next_header(struct archive *archive, struct archive_entry **header);
int __wrap_archive_read_next_header(struct archive *archive, struct archive_entry **header);
XXH3_state_t *__real_XXH3_createState(void);
XXH3_state_t *__wrap_XXH3_createState(void);

static long allocations_left = -1; /* -1: as many as one likes */
static bool only_one_fails;

static bool is_out_of_memory(void)
{
    long left = __atomic_load_n(&allocations_left, __ATOMIC_RELAXED);
    if (left < 0)
        return false;
    if (only_one_fails)
        return __atomic_fetch_sub(&allocations_left, 1, __ATOMIC_RELAXED) == 0;
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

int __wrap_archive_read_next_header(struct archive *archive, struct archive_entry **header)
{
    if (!is_out_of_memory())
        return __real_archive_read_next_header(archive, header);
    archive_set_error(archive, ENOMEM, "Can't allocate memory");
    return ARCHIVE_FATAL;
}

XXH3_state_t *__wrap_XXH3_createState(void)
{
    return is_out_of_memory() ? NULL : __real_XXH3_createState();
}

/* From now on only n allocations succeed. */
static inline void shortage_begin(long n)
{
    only_one_fails = false;
    __atomic_store_n(&allocations_left, n, __ATOMIC_RELAXED);
}

/* Of those from now on the one after n fails, and no other: what swallows its failure is not told by the next. */
static inline void shortage_begin_one(long n)
{
    only_one_fails = true;
    __atomic_store_n(&allocations_left, n, __ATOMIC_RELAXED);
}

/* Ends it; were there more than enough? */
static inline bool shortage_end(void)
{
    long left = __atomic_exchange_n(&allocations_left, -1, __ATOMIC_RELAXED);
    return left > 0 || (only_one_fails && left == 0);
}

#endif
