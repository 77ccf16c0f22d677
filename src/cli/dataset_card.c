/* nofade: all that a manifest tells of a dataset, for people. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { LABEL_COLUMNS = 14 };

/* Where facts were read: each said once, at the end, by number. */
typedef struct references {
    const char **sources;
    size_t n;
} references;

static size_t number_of(references *refs, const char *source)
{
    for (size_t i = 0; i < refs->n; i++)
        if (strcmp(refs->sources[i], source) == 0)
            return i + 1;
    refs->sources[refs->n++] = source;
    return refs->n;
}

/* label, then words of text from column `indent` on. */
static void print_words(const nf_term *term, const char *label, size_t indent, const char *text)
{
    fprintf(term->out, "%-*s", (int)indent, label);
    nf_term_words(term, indent, indent, text);
    fputc('\n', term->out);
}

static void print_field(const nf_term *term, const char *label, const char *text)
{
    char left[LABEL_COLUMNS + 4];
    snprintf(left, sizeof left, "  %s", label);
    if (text[0] != '\0')
        print_words(term, left, LABEL_COLUMNS, text);
}

/* A field with the number of its source. */
static void print_sourced(const nf_term *term, references *refs, const char *label, const char *text, const char *source)
{
    char whole[4608];
    if (text[0] == '\0')
        return;
    snprintf(whole, sizeof whole, "%s [%zu]", text, number_of(refs, source));
    print_field(term, label, whole);
}

static void print_head(const nf_term *term, references *refs, const nf_manifest *manifest)
{
    static const char *const labels[] = {"no labels", "a label an image", "several labels an image", "a label a pixel"};
    char line[1024];
    size_t used = 0;
    nf_term_begin(term, NF_STYLE_STRONG);
    size_t column = nf_term_words(term, 0, 2, manifest->id);
    nf_term_end(term);
    nf_term_line(term, column, 2, ": %s", manifest->title);
    line[0] = '\0';
    for (size_t i = 0; i < manifest->n_aliases && used < sizeof line; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", i > 0 ? ", " : "", manifest->aliases[i]);
    print_field(term, "also", line);
    snprintf(line, sizeof line, "%s; %s%s%s", manifest->task, labels[manifest->labels],
             manifest->metric[0] != '\0' ? "; models by " : "", manifest->metric);
    print_field(term, "task", line);
    print_field(term, "homepage", manifest->homepage);
    print_sourced(term, refs, "licence", manifest->licence, manifest->licence_source);
    print_sourced(term, refs, "sizes", manifest->typical_size, manifest->typical_size_source);
    print_field(term, "loader", manifest->loader);
    print_field(term, "images of", manifest->extends);
    print_field(term, "manifest", manifest->file);
}

static void print_archives(const nf_term *term, references *refs, const nf_manifest *manifest)
{
    if (manifest->n_archives > 0)
        nf_term_heading(term, "Archives");
    for (size_t i = 0; i < manifest->n_archives; i++) {
        const nf_manifest_archive *archive = &manifest->archives[i];
        char line[4352], bytes[32], count[32];
        snprintf(line, sizeof line, "%s [%zu]", archive->name, number_of(refs, archive->source));
        print_words(term, "", 2, line);
        if (archive->bytes >= 0) {
            snprintf(line, sizeof line, "%s (%s bytes)", nf_term_bytes(bytes, (unsigned long long)archive->bytes),
                     nf_term_count(count, (unsigned long long)archive->bytes));
            print_field(term, "  size", line);
        }
        print_field(term, "  md5", archive->md5);
        print_field(term, "  sha256", archive->sha256);
        print_field(term, "  holds", archive->holds);
        print_field(term, "  page", archive->url);
    }
}

static void print_split(const nf_term *term, references *refs, const nf_manifest_split *split)
{
    char line[4608], count[32] = "", each[64] = "";
    const char *images = " images not known";
    if (split->images >= 0) {
        nf_term_count(count, (unsigned long long)split->images);
        images = split->images == 1 ? " image" : " images";
    }
    if (split->images_per_class >= 0)
        snprintf(each, sizeof each, ", %s of each class", nf_term_count((char[32]){0}, (unsigned long long)split->images_per_class));
    snprintf(line, sizeof line, "%s%s%s%s: %s%s%s [%zu]", split->name[0] != '\0' ? split->name : "the whole set",
             split->subset[0] != '\0' ? " (" : "", split->subset, split->subset[0] != '\0' ? ")" : "", count,
             images + (count[0] == '\0'), each, number_of(refs, split->source));
    print_words(term, "", 2, line);
}

static void print_splits(const nf_term *term, references *refs, const nf_manifest *manifest)
{
    if (manifest->n_splits > 0)
        nf_term_heading(term, "Splits");
    for (size_t i = 0; i < manifest->n_splits; i++)
        print_split(term, refs, &manifest->splits[i]);
    for (size_t i = 0; i < manifest->n_unions; i++) {
        const nf_manifest_union *all = &manifest->unions[i];
        char line[4096];
        size_t used = (size_t)snprintf(line, sizeof line, "%s =", all->name);
        for (size_t k = 0; k < all->n_splits && used < sizeof line; k++)
            used += (size_t)snprintf(line + used, sizeof line - used, "%s %s", k > 0 ? " +" : "", all->splits[k]);
        print_words(term, "", 2, line);
    }
    if (manifest->default_split[0] != '\0') {
        nf_term_line(term, 0, 4, "  counted when none is named: %s", manifest->default_split);
    }
}

static void print_class_list(const nf_term *term, const nf_manifest_class *classes, size_t n)
{
    size_t width = 0;
    for (size_t i = 0; i < n; i++) {
        size_t columns = nf_term_name_width(term, classes[i].id, term->columns / 2);
        width = columns > width ? columns : width;
    }
    for (size_t i = 0; i < n; i++) {
        fputs("  ", term->out);
        if (classes[i].name[0] == '\0') {
            nf_term_words(term, 2, 4, classes[i].id);
        } else {
            nf_term_cell(term, classes[i].id, width);
            fputs("  ", term->out);
            nf_term_words(term, width + 4, width + 4, classes[i].name);
        }
        fputc('\n', term->out);
    }
}

static void print_classes(const nf_term *term, references *refs, const nf_manifest *manifest)
{
    char line[4608];
    if (manifest->n_classes_known < 0)
        return;
    nf_term_heading(term, "Classes");
    snprintf(line, sizeof line, "%s%s%s [%zu]", nf_term_count((char[32]){0}, (unsigned long long)manifest->n_classes_known),
             manifest->classes_note[0] != '\0' ? "; " : "", manifest->classes_note, number_of(refs, manifest->classes_source));
    print_words(term, "", 2, line);
    for (size_t i = 0; i < manifest->n_subsets; i++) {
        const nf_manifest_subset *subset = &manifest->subsets[i];
        if (subset->n_classes < 0)
            continue;
        snprintf(line, sizeof line, "of subset %s: %lld [%zu]", subset->name, (long long)subset->n_classes,
                 number_of(refs, subset->source));
        print_words(term, "", 2, line);
    }
    print_class_list(term, manifest->classes, manifest->n_classes);
    if (manifest->n_coarse_classes > 0)
        nf_term_heading(term, "Coarse classes");
    print_class_list(term, manifest->coarse_classes, manifest->n_coarse_classes);
}

int nf_dataset_card_print(const nf_term *term, const nf_manifest *manifest)
{
    references refs = {calloc(manifest->n_archives + manifest->n_splits + manifest->n_subsets + 3, sizeof *refs.sources), 0};
    if (refs.sources == NULL)
        return nf_cli_fail(&(nf_error){NF_ERR_NOMEM, "out of memory for the sources"});
    print_head(term, &refs, manifest);
    print_archives(term, &refs, manifest);
    print_splits(term, &refs, manifest);
    print_classes(term, &refs, manifest);
    if (refs.n > 0)
        nf_term_heading(term, "Where this was read");
    for (size_t i = 0; i < refs.n; i++) {
        char label[32];
        snprintf(label, sizeof label, "  [%zu]", i + 1);
        print_words(term, label, 7, refs.sources[i]);
    }
    free(refs.sources);
    return EXIT_DONE;
}
