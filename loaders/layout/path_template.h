/* nofade: path templates: how the layouts of manifests name entries ("train/{class}/images/{key}.JPEG"). manifest.h describes
 * the language. Matching needs no memory, and time in proportion to both lengths. */
#ifndef NF_LOADERS_PATH_TEMPLATE_H
#define NF_LOADERS_PATH_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

enum { NF_CAPTURES_MAX = 8 };

/* What the names of a template took: pieces of the path, not NUL-terminated. */
typedef struct nf_capture {
    const char *name, *text;
    size_t name_len, text_len;
} nf_capture;
typedef struct nf_captures {
    size_t n;
    nf_capture items[NF_CAPTURES_MAX];
} nf_captures;

/* Does the path end as the template says, from the start of a component on? *captures is filled then. */
bool nf_template_matches(const char *template, const char *path, nf_captures *captures);
/* NULL: the template has no such name. */
const nf_capture *nf_captures_find(const nf_captures *captures, const char *name);
/* Writes pattern with its {names} replaced: "{class}/{key}". False when a name is unknown or the text does not fit in size. */
bool nf_captures_expand(const nf_captures *captures, const char *pattern, char *text, size_t size);

#endif
