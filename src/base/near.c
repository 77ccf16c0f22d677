#include "base/near.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == '-' || c == '_' || c == ' ';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

size_t nf_edit_distance(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b), row[NF_NEAR_BYTES_MAX + 1];
    if (m > NF_NEAR_BYTES_MAX || n > NF_NEAR_BYTES_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = above;
        }
    }
    return row[n];
}

bool nf_same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (is_blank(*a))
            a++;
        while (is_blank(*b))
            b++;
        if (lower(*a) != lower(*b))
            return false;
        if (*a == '\0')
            return true;
    }
}

/* In small letters, without '-', '_', ' '; "" when it is too long. */
static size_t fold(char folded[NF_NEAR_BYTES_MAX + 1], const char *name)
{
    size_t n = 0;
    for (; *name != '\0' && n <= NF_NEAR_BYTES_MAX; name++)
        if (!is_blank(*name))
            folded[n++] = lower(*name);
    n = n > NF_NEAR_BYTES_MAX ? 0 : n;
    folded[n] = '\0';
    return n;
}

/* How far apart they are; SIZE_MAX: not near. */
static size_t distance_of(const char *name, const char *other)
{
    char a[NF_NEAR_BYTES_MAX + 1], b[NF_NEAR_BYTES_MAX + 1];
    size_t m = fold(a, name), n = fold(b, other), longer = m > n ? m : n;
    if (m == 0 || n == 0)
        return SIZE_MAX;
    size_t distance = nf_edit_distance(a, b);
    if (distance * 3 <= longer + 1)
        return distance;
    return m >= 2 && strncmp(a, b, m) == 0 ? NF_NEAR_BYTES_MAX + distance : SIZE_MAX;
}

size_t nf_nearest(const char *name, const char *const *names, size_t n_names, const char **nearest, size_t n_max)
{
    size_t n = 0;
    for (size_t i = 0; i < n_names; i++) {
        size_t distance = distance_of(name, names[i]), at = n;
        if (distance == SIZE_MAX)
            continue;
        while (at > 0 && distance_of(name, nearest[at - 1]) > distance)
            at--;
        if (at >= n_max)
            continue;
        n += n < n_max;
        memmove(&nearest[at + 1], &nearest[at], (n - at - 1) * sizeof *nearest);
        nearest[at] = names[i];
    }
    return n;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *nf_near_text(const char *name, const char **names, size_t n_names, char *text, size_t size)
{
    const char *nearest[5];
    size_t kept = 0, used = 0;
    text[0] = '\0';
    if (names == NULL || n_names == 0)
        return text;
    qsort(names, n_names, sizeof *names, compare_names);
    for (size_t i = 0; i < n_names; i++)
        if (kept == 0 || strcmp(names[kept - 1], names[i]) != 0)
            names[kept++] = names[i];
    size_t n = nf_nearest(name, names, kept, nearest, sizeof nearest / sizeof nearest[0]);
    for (size_t i = 0; i < n && used + 1 < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "; near names: " : ", ", nearest[i]);
    return text;
}
