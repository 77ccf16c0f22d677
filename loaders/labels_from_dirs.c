#include "loaders/labels_from_dirs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct span {
    const char *text; /* NULL: there is no such component */
    size_t length;
} span;

static bool spans_equal(span a, span b)
{
    return a.text != NULL && b.text != NULL && a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static bool span_is_one_of(span s, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strlen(*names) == s.length && strncasecmp(*names, s.text, s.length) == 0)
            return true;
    return false;
}

/* Component number `index` of a directory. */
static span component(const char *directory, size_t index)
{
    const char *start = directory;
    for (;; index--) {
        size_t length = strcspn(start, "/");
        if (length == 0)
            return (span){NULL, 0};
        if (index == 0)
            return (span){start, length};
        if (start[length] == '\0')
            return (span){NULL, 0};
        start += length + 1;
    }
}

const char *nf_split_of_name(const char *name, size_t length)
{
    static const struct {
        const char *split;
        const char *names[4];
    } splits[] = {
        {"train", {"train", "training", NULL}},
        {"val", {"val", "valid", "validation", NULL}},
        {"test", {"test", "testing", NULL}},
    };
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++)
        if (span_is_one_of((span){name, length}, splits[i].names))
            return splits[i].split;
    return NULL;
}

static const char *split_of(span s)
{
    return s.text == NULL ? NULL : nf_split_of_name(s.text, s.length);
}

static bool is_holder(span s)
{
    static const char *const holders[] = {"images", "image", "img", "imgs", "jpegimages", NULL};
    return s.text != NULL && span_is_one_of(s, holders);
}

/* Do all directories share their first component? *deeper: something lies below it. */
static bool share_first(const char *const *directories, size_t n, span *shared, bool *deeper)
{
    *deeper = false;
    *shared = component(directories[0], 0);
    for (size_t i = 0; i < n; i++) {
        if (!spans_equal(component(directories[i], 0), *shared))
            return false;
        *deeper = *deeper || component(directories[i], 1).text != NULL;
    }
    return true;
}

void nf_labels_drop_root(const char **directories, size_t n)
{
    span shared;
    bool deeper;
    while (n > 0 && share_first(directories, n, &shared, &deeper) && deeper && split_of(shared) == NULL)
        for (size_t i = 0; i < n; i++) {
            directories[i] += shared.length;
            directories[i] += *directories[i] == '/';
        }
}

/* Are the components at `depth` names of splits: all of them, or train and at least one other? */
static bool is_split_level(const char *const *directories, size_t n, size_t depth)
{
    bool all = true, train = false, other = false;
    for (size_t i = 0; i < n; i++) {
        span s = component(directories[i], depth);
        const char *split = split_of(s);
        if (s.text != NULL && split == NULL)
            all = false;
        if (split != NULL && strcmp(split, "train") == 0)
            train = true;
        else if (split != NULL)
            other = true;
    }
    return (train && other) || (all && (train || other));
}

typedef struct placed {
    const char *directory;
    size_t place; /* where its label belongs */
} placed;

/* Order in which directories below one directory stand together: bytes, but '/' before all others. */
static int compare_directories(const void *a, const void *b)
{
    const char *x = ((const placed *)a)->directory, *y = ((const placed *)b)->directory;
    for (; *x != '\0' && *x == *y; x++, y++)
        ;
    int p = *x == '/' ? 1 : (unsigned char)*x, q = *y == '/' ? 1 : (unsigned char)*y;
    return p - q; /* equal texts are labelled alike, so their order does not matter */
}

/* How the directories are to be read, once all are known. */
typedef struct layout {
    size_t depth;            /* of the first component below the root */
    bool by_level;           /* the component at depth is the split */
    const char *whole_split; /* the split of everything, or NULL */
} layout;

/* Is "images" or the like all that the directories of one split, sorted[first .. end), have at `depth`? */
static bool is_only_holder(const placed *sorted, size_t first, size_t end, size_t depth)
{
    span holder = component(sorted[first].directory, depth);
    if (!is_holder(holder))
        return false;
    for (size_t i = first; i < end; i++)
        if (!spans_equal(component(sorted[i].directory, depth), holder))
            return false;
    return true;
}

static char *copy_span(span s)
{
    return s.text == NULL ? NULL : strndup(s.text, s.length);
}

static void free_label(nf_directory_label *label)
{
    free(label->split);
    free(label->class_id);
    *label = (nf_directory_label){0};
}

static nf_status label_one(const char *directory, const layout *how, size_t class_depth, nf_directory_label *label,
                           nf_error *error)
{
    span split = {how->whole_split, how->whole_split != NULL ? strlen(how->whole_split) : 0};
    if (how->by_level) {
        span own = component(directory, how->depth);
        const char *known = split_of(own);
        split = known != NULL ? (span){known, strlen(known)} : own;
    }
    span class_span = component(directory, class_depth);
    label->split = split.text != NULL ? copy_span(split) : strdup("");
    label->class_id = copy_span(class_span);
    if (label->split == NULL || (class_span.text != NULL && label->class_id == NULL)) {
        free_label(label);
        return nf_fail_nomem(error, "a class's name");
    }
    return NF_OK;
}

static layout find_layout(const char *const *directories, size_t n)
{
    layout how = {0};
    span shared;
    bool deeper;
    if (share_first(directories, n, &shared, &deeper) && split_of(shared) != NULL) {
        how.whole_split = split_of(shared);
        how.depth = 1;
    }
    how.by_level = how.whole_split == NULL && is_split_level(directories, n, how.depth);
    return how;
}

/* Labels sorted directories (n,), one split after the other; each label goes to its directory's place. */
static nf_status label_sorted(const placed *sorted, size_t n, const layout *how, nf_directory_label *labels, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t first = 0, end = 0; first < n && status == NF_OK; first = end) {
        span split = component(sorted[first].directory, how->depth);
        for (end = first + 1; end < n; end++)
            if (how->by_level && !spans_equal(component(sorted[end].directory, how->depth), split))
                break;
        size_t class_depth = how->by_level ? how->depth + 1 : how->depth;
        class_depth += is_only_holder(sorted, first, end, class_depth);
        for (size_t i = first; i < end && status == NF_OK; i++)
            status = label_one(sorted[i].directory, how, class_depth, &labels[sorted[i].place], error);
    }
    return status;
}

nf_status nf_labels_from_directories(const char *const *directories, size_t n, nf_directory_label *labels, nf_error *error)
{
    if (n == 0)
        return NF_OK;
    placed *sorted = calloc(n, sizeof *sorted);
    if (sorted == NULL)
        return nf_fail_nomem(error, "the directories");
    for (size_t i = 0; i < n; i++) {
        sorted[i] = (placed){directories[i], i};
        labels[i] = (nf_directory_label){0};
    }
    qsort(sorted, n, sizeof *sorted, compare_directories);
    const layout how = find_layout(directories, n);
    nf_status status = label_sorted(sorted, n, &how, labels, error);
    for (size_t i = 0; i < n && status != NF_OK; i++)
        free_label(&labels[i]);
    free(sorted);
    return status;
}
