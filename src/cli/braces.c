/* nofade: shards by one name: "set-{000000..000146}.tar", "{train,val}-{0..9}.tar".
 *
 * As in a shell: {a,b} is a list, {8..12} and {a..e} are ranges, also by steps ({0..9..3}); numbers with a leading zero keep
 * their width; several and nested ones combine, the last turning fastest. Braces that are neither stand for themselves. So
 * does a path that exists as it is written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/number.h"
#include "cli/cli.h"

enum { PATHS_MAX = 1000000, PATTERN_BYTES_MAX = 1 << 14, DEPTH_MAX = 64, NUMBER_TEXT_MAX = 18, STEP_MAX = 1000000000 };
#define TEXT_BYTES_MAX (UINT64_C(512) << 20) /* of all paths of one pattern, on their way included */

typedef struct expansion {
    const char *pattern;
    nf_cli_paths *paths;
    size_t n_before; /* paths of earlier patterns */
    uint64_t text_bytes;
    int depth;
} expansion;

/* "{inside}" in a text: from the first brace that can be expanded. */
typedef struct brace {
    const char *open, *close;
    bool is_list;
    int64_t first, step, n_steps; /* a range */
    int width;                    /* of its numbers; 0: as they come; -1: they are letters */
} brace;

static nf_status expand(expansion *e, const char *text, nf_error *error);

/* ---- what stands in braces ---- */

/* A number with an optional sign, in text[0 .. n). */
static bool read_number(const char *text, size_t n, int64_t *value, int *width)
{
    char digits[NUMBER_TEXT_MAX + 1];
    uint64_t magnitude;
    size_t sign = n > 0 && text[0] == '-';
    if (n - sign == 0 || n > NUMBER_TEXT_MAX)
        return false;
    memcpy(digits, text + sign, n - sign);
    digits[n - sign] = '\0';
    if (!nf_parse_u64(digits, 0, INT64_MAX, &magnitude))
        return false;
    *value = sign ? -(int64_t)magnitude : (int64_t)magnitude;
    *width = n - sign > 1 && digits[0] == '0' ? (int)n : 0;
    return true;
}

static bool is_letter(const char *text, size_t n)
{
    return n == 1 && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'));
}

static bool read_ends(const char *text, size_t n, const char *second, size_t m, brace *found, int64_t *last)
{
    int width = 0, other_width = 0;
    if (is_letter(text, n) && is_letter(second, m)) {
        found->first = text[0];
        *last = second[0];
        found->width = -1;
        return true;
    }
    if (!read_number(text, n, &found->first, &width) || !read_number(second, m, last, &other_width))
        return false;
    size_t longer = n > m ? n : m;
    found->width = width > 0 || other_width > 0 ? (int)longer : 0;
    return true;
}

/* "a..b" or "a..b..step" between the braces. */
static bool read_range(brace *found)
{
    const char *start = found->open + 1, *dots = strstr(start, "..");
    int64_t last, step = 1;
    int ignored;
    if (dots == NULL || dots >= found->close)
        return false;
    const char *second = dots + 2, *more = strstr(second, "..");
    const char *end = more != NULL && more < found->close ? more : found->close;
    if (end < found->close && !read_number(end + 2, (size_t)(found->close - end - 2), &step, &ignored))
        return false;
    step = step < 0 ? -step : step;
    if (step == 0 || step > STEP_MAX || !read_ends(start, (size_t)(dots - start), second, (size_t)(end - second), found, &last))
        return false;
    int64_t span = last >= found->first ? last - found->first : found->first - last;
    found->n_steps = span / step;
    found->step = last >= found->first ? step : -step;
    return true;
}

/* The brace that ends the one at open; *has_comma: between them, outside of inner ones. NULL: none does. */
static const char *matching(const char *open, bool *has_comma)
{
    int level = 0;
    *has_comma = false;
    for (const char *c = open; *c != '\0'; c++) {
        level += *c == '{';
        *has_comma = *has_comma || (*c == ',' && level == 1);
        if (*c == '}' && --level == 0)
            return c;
    }
    return NULL;
}

static bool find_brace(const char *text, brace *found)
{
    for (const char *open = strchr(text, '{'); open != NULL; open = strchr(open + 1, '{')) {
        *found = (brace){.open = open};
        found->close = matching(open, &found->is_list);
        if (found->close != NULL && (found->is_list || read_range(found)))
            return true;
    }
    return false;
}

/* ---- expansion ---- */

static nf_status too_many(const expansion *e, nf_error *error)
{
    return nf_fail(error, NF_ERR_USAGE, "%.200s: stands for more than %d paths, or for too long ones", e->pattern, PATHS_MAX);
}

static nf_status append_path(nf_cli_paths *paths, const char *path, nf_error *error)
{
    nf_status status = nf_array_reserve((void **)&paths->items, &paths->capacity, paths->n + 1, sizeof *paths->items, "the paths",
                                        error);
    if (status == NF_OK)
        status = nf_strdup(&paths->items[paths->n], path, error);
    paths->n += status == NF_OK;
    return status;
}

/* A file that is missing is told before the others are read. */
static nf_status add_path(expansion *e, const char *path, nf_error *error)
{
    struct stat about;
    if (e->paths->n - e->n_before >= PATHS_MAX)
        return too_many(e, error);
    if (stat(path, &about) != 0)
        return nf_fail(error, NF_ERR_INPUT, "%.500s: %s (one of %.200s)", path, strerror(errno), e->pattern);
    return append_path(e->paths, path, error);
}

/* Goes on with text, its brace replaced by n bytes. */
static nf_status expand_with(expansion *e, const char *text, const brace *found, const char *instead, size_t n, nf_error *error)
{
    nf_buf next = {0};
    nf_status status = nf_buf_append(&next, text, (size_t)(found->open - text), error);
    if (status == NF_OK)
        status = nf_buf_append(&next, instead, n, error);
    if (status == NF_OK)
        status = nf_buf_append(&next, found->close + 1, strlen(found->close + 1) + 1, error);
    e->text_bytes += next.len;
    if (status == NF_OK && e->text_bytes > TEXT_BYTES_MAX)
        status = too_many(e, error);
    if (status == NF_OK)
        status = expand(e, (const char *)next.data, error);
    nf_buf_free(&next);
    return status;
}

static nf_status expand_list(expansion *e, const char *text, const brace *found, nf_error *error)
{
    nf_status status = NF_OK;
    int level = 0;
    const char *start = found->open + 1;
    for (const char *c = start; c <= found->close && status == NF_OK; c++) {
        if ((*c == ',' && level == 0) || c == found->close) {
            status = expand_with(e, text, found, start, (size_t)(c - start), error);
            start = c + 1;
        }
        level += (*c == '{') - (*c == '}');
    }
    return status;
}

static nf_status expand_range(expansion *e, const char *text, const brace *found, nf_error *error)
{
    nf_status status = NF_OK;
    if (found->n_steps >= PATHS_MAX)
        return too_many(e, error);
    for (int64_t i = 0; i <= found->n_steps && status == NF_OK; i++) {
        char number[48];
        int64_t value = found->first + i * found->step;
        if (found->width < 0)
            snprintf(number, sizeof number, "%c", (char)value);
        else
            snprintf(number, sizeof number, "%0*lld", found->width, (long long)value);
        status = expand_with(e, text, found, number, strlen(number), error);
    }
    return status;
}

static nf_status expand(expansion *e, const char *text, nf_error *error)
{
    brace found;
    nf_status status;
    if (!find_brace(text, &found))
        return add_path(e, text, error);
    if (e->depth == DEPTH_MAX)
        return nf_fail(error, NF_ERR_USAGE, "%.200s: has more than %d braces", e->pattern, DEPTH_MAX);
    e->depth++;
    status = found.is_list ? expand_list(e, text, &found, error) : expand_range(e, text, &found, error);
    e->depth--;
    return status;
}

static nf_status take_given(nf_cli_paths *paths, const char *given, nf_error *error)
{
    struct stat about;
    brace found;
    expansion e = {.pattern = given, .paths = paths, .n_before = paths->n};
    if (strlen(given) <= PATTERN_BYTES_MAX && find_brace(given, &found) && lstat(given, &about) != 0)
        return expand(&e, given, error);
    return append_path(paths, given, error);
}

nf_status nf_cli_expand_paths(nf_cli_paths *paths, const char *const *given, size_t n, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < n && status == NF_OK; i++)
        status = take_given(paths, given[i], error);
    return status;
}

void nf_cli_paths_free(nf_cli_paths *paths)
{
    for (size_t i = 0; i < paths->n; i++)
        free(paths->items[i]);
    free(paths->items);
    *paths = (nf_cli_paths){0};
}
