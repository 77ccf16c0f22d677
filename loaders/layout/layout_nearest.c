/* Which layouts a source resembles that is none of them: by the components that its paths share with their templates. */
#include "loaders/layout/layout.h"

#include <stdio.h>
#include <string.h>

enum { ENTRIES_COMPARED = 16, NAMED = 3, COMPONENT_MAX = 256, LITERAL = 2, PATTERN = 1, LEAST_SCORE = 2 };

typedef struct likeness {
    int score;
    const char *id, *template;
} likeness;

/* The next component of a template or path into text; false at the end. */
static bool next_component(const char **at, char text[COMPONENT_MAX])
{
    *at += strspn(*at, "/!");
    size_t n = strcspn(*at, "/!");
    snprintf(text, COMPONENT_MAX, "%.*s", (int)(n < COMPONENT_MAX ? n : 0), *at); /* fits: under 256 */
    *at += n;
    return n > 0;
}

/* "images" says something, "{key}.xml" less, "{class}" nothing. */
static int weight_of(const char *component)
{
    size_t n = strlen(component);
    if (strpbrk(component, "{*#") == NULL)
        return LITERAL;
    bool is_any = component[0] == '*' || (component[0] == '{' && strchr(component, '}') == component + n - 1 &&
                                          strchr(component, '=') == NULL);
    return is_any ? 0 : PATTERN;
}

static bool has_component(const char *path, const char *wanted)
{
    char component[COMPONENT_MAX];
    nf_captures captures;
    while (next_component(&path, component))
        if (nf_template_matches(wanted, component, &captures))
            return true;
    return false;
}

static int score_of(const char *template, const char *path)
{
    char component[COMPONENT_MAX];
    int score = 0;
    while (next_component(&template, component))
        score += weight_of(component) > 0 && has_component(path, component) ? weight_of(component) : 0;
    return score;
}

static void try_template(const nf_probe *probe, const char *template, likeness *best)
{
    for (size_t i = 0; i < probe->n && i < ENTRIES_COMPARED; i++) {
        int score = score_of(template, probe->entries[i].path);
        if (score > best->score) {
            best->score = score;
            best->template = template;
        }
    }
}

static likeness liken(const nf_probe *probe, const nf_manifest *manifest)
{
    const nf_layout *layout = manifest->layout;
    likeness best = {.id = manifest->id};
    for (size_t i = 0; i < layout->n_images; i++)
        try_template(probe, layout->images[i].path, &best);
    for (size_t i = 0; i < layout->n_labels; i++)
        try_template(probe, layout->labels[i].path, &best);
    for (size_t i = 0; i < layout->n_label_maps; i++)
        try_template(probe, layout->label_maps[i].path, &best);
    return best;
}

void nf_layout_nearest(const nf_probe *probe, char *text, size_t size)
{
    likeness nearest[NAMED + 1] = {{0}};
    for (size_t i = 0; i < nf_manifests_count(probe->manifests); i++) {
        const nf_manifest *manifest = nf_manifests_get(probe->manifests, i);
        if (manifest->layout == NULL)
            continue;
        nearest[NAMED] = liken(probe, manifest);
        for (size_t k = NAMED; k > 0 && nearest[k].score > nearest[k - 1].score; k--) {
            likeness better = nearest[k];
            nearest[k] = nearest[k - 1];
            nearest[k - 1] = better;
        }
    }
    text[0] = '\0';
    for (size_t i = 0; i < NAMED && nearest[i].score >= LEAST_SCORE; i++)
        snprintf(text + strlen(text), size - strlen(text), "%s%s (%.60s)", i > 0 ? ", " : "", nearest[i].id,
                 nearest[i].template);
}
