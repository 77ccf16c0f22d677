static const char usage[] =
    "nofade datasets [options] [ID]\n"
    "\n"
    "What is known of published datasets: their archives with sizes and checksums,\n"
    "splits, classes, licence, and where each of these was read. ID is a name of\n"
    "the list, or another name of the set; without it, the list.\n";

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { ID_COLUMNS_MAX = 24, TASK_COLUMNS = 14, FIGURE_COLUMNS = 3 + 10 + 7 + 10, TITLE_COLUMNS_MIN = 12, NEAREST_MAX = 3 };

typedef struct datasets_options {
    const char *manifest;
    bool json;
} datasets_options;

static const nf_option option_table[] = {
    {NF_OPTION_TEXT, "manifest", "FILE", "a dataset of one's own, beside the built-in ones", offsetof(datasets_options, manifest),
     NULL, 0, 0},
    {NF_OPTION_FLAG, "json", NULL, "the manifest as JSON; without ID, a list of all", offsetof(datasets_options, json), NULL, 0, 0},
    {NF_OPTION_END, NULL, NULL, NULL, 0, NULL, 0, 0},
};

/* ---- figures ---- */

typedef struct total {
    uint64_t sum;
    size_t known, unknown;
} total;

static void add(total *t, int64_t value)
{
    if (value < 0) {
        t->unknown++;
        return;
    }
    t->known++;
    if (__builtin_add_overflow(t->sum, (uint64_t)value, &t->sum))
        t->sum = UINT64_MAX;
}

static total total_bytes(const nf_manifest *manifest)
{
    total t = {0};
    for (size_t i = 0; i < manifest->n_archives; i++)
        add(&t, manifest->archives[i].bytes);
    return t;
}

static total images_of_subset(const nf_manifest *manifest, const char *subset)
{
    total t = {0};
    for (size_t i = 0; i < manifest->n_splits; i++) {
        const char *of = manifest->splits[i].subset;
        if (of[0] == '\0' || strcmp(of, subset) == 0)
            add(&t, manifest->splits[i].images);
    }
    return t;
}

/* Of all splits; subsets share their images, the largest counts. */
static total total_images(const nf_manifest *manifest)
{
    total largest = images_of_subset(manifest, "");
    for (size_t i = 0; i < manifest->n_splits; i++) {
        total t = images_of_subset(manifest, manifest->splits[i].subset);
        if (t.sum > largest.sum)
            largest = t;
    }
    return largest;
}

/* "-" when nothing is known, with a "+" when not all is. */
static void format_total(char text[40], const total *t, const char *(*format)(char text[32], unsigned long long value))
{
    snprintf(text, 40, "-");
    if (t->known > 0)
        snprintf(text, 40, "%s%s", format((char[32]){0}, t->sum), t->unknown > 0 ? "+" : "");
}

/* ---- the list ---- */

/* Columns of ids and titles; 0: where it is narrow, titles are left out. */
typedef struct widths {
    size_t id, title;
} widths;

static widths widths_of(const nf_term *term, const nf_manifests *manifests)
{
    widths w = {2, 0};
    size_t longest = 0;
    for (size_t i = 0; i < nf_manifests_count(manifests); i++) {
        size_t id = nf_term_name_width(term, nf_manifests_get(manifests, i)->id, ID_COLUMNS_MAX);
        size_t title = nf_term_name_width(term, nf_manifests_get(manifests, i)->title, 0);
        w.id = id > w.id ? id : w.id;
        longest = title > longest ? title : longest;
    }
    size_t others = w.id + 1 + TASK_COLUMNS + FIGURE_COLUMNS + 1;
    if (term->columns >= others + TITLE_COLUMNS_MIN)
        w.title = longest < term->columns - others ? longest : term->columns - others;
    return w;
}

static void print_cell(const nf_term *term, const char *text, size_t width)
{
    if (width == 0)
        return;
    nf_term_cell(term, text, width);
    fputc(' ', term->out);
}

static void print_row(const nf_term *term, const widths *w, const nf_manifest *manifest)
{
    char images[40], bytes[40], classes[32] = "-";
    total n_images = total_images(manifest), n_bytes = total_bytes(manifest);
    format_total(images, &n_images, nf_term_count);
    format_total(bytes, &n_bytes, nf_term_bytes);
    if (manifest->n_classes_known >= 0)
        nf_term_count(classes, (unsigned long long)manifest->n_classes_known);
    print_cell(term, manifest->id, w->id);
    print_cell(term, manifest->title, w->title);
    print_cell(term, manifest->task, TASK_COLUMNS);
    fprintf(term->out, "%10s %7s %10s\n", images, classes, bytes);
}

static void print_list(const nf_term *term, const nf_manifests *manifests)
{
    const widths w = widths_of(term, manifests);
    nf_term_begin(term, NF_STYLE_STRONG);
    print_cell(term, "id", w.id);
    print_cell(term, "title", w.title);
    print_cell(term, "task", TASK_COLUMNS);
    fprintf(term->out, "%10s %7s %10s", "images", "classes", "archives");
    nf_term_end(term);
    fputc('\n', term->out);
    for (size_t i = 0; i < nf_manifests_count(manifests); i++)
        print_row(term, &w, nf_manifests_get(manifests, i));
    fputc('\n', term->out);
    nf_term_line(term, 0, 0, "+: some figures are not published. \"nofade datasets ID\" tells all of one.");
}

/* ---- JSON: the manifests' own text ---- */

static void print_json(const nf_manifest *manifest)
{
    size_t n = manifest->n_json_bytes;
    while (n > 0 && strchr(" \t\r\n", manifest->json[n - 1]) != NULL)
        n--;
    fwrite(manifest->json, 1, n, stdout);
}

static void print_all_json(const nf_manifests *manifests)
{
    size_t n = nf_manifests_count(manifests);
    fputs("[\n", stdout);
    for (size_t i = 0; i < n; i++) {
        print_json(nf_manifests_get(manifests, i));
        fputs(i + 1 < n ? ",\n" : "\n", stdout);
    }
    fputs("]\n", stdout);
}

/* ---- the command ---- */

static int unknown_dataset(const nf_manifests *manifests, const char *name)
{
    char text[256] = "";
    const char *nearest[NEAREST_MAX];
    size_t n = nf_manifests_nearest(manifests, name, nearest, NEAREST_MAX), used = 0;
    for (size_t i = 0; i < n && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? ", " : "", nearest[i]);
    nf_error error;
    nf_fail(&error, NF_ERR_USAGE, n > 0 ? "no dataset \"%.60s\" is known (did you mean %s?)"
                                        : "no dataset \"%.60s\" is known; nofade datasets lists them%s", name, text);
    return nf_cli_fail(&error);
}

static int show(const datasets_options *options, const nf_manifests *manifests, const char *name)
{
    nf_term term;
    const nf_manifest *manifest = name != NULL ? nf_manifests_find(manifests, name) : NULL;
    nf_term_init(&term, stdout);
    if (name != NULL && manifest == NULL)
        return unknown_dataset(manifests, name);
    if (manifest != NULL && !options->json)
        return nf_dataset_card_print(&term, manifest);
    if (manifest != NULL) {
        print_json(manifest);
        fputc('\n', stdout);
    } else if (options->json) {
        print_all_json(manifests);
    } else {
        print_list(&term, manifests);
    }
    return EXIT_DONE;
}

static int run(const datasets_options *options, const char *name)
{
    nf_error error = {0};
    nf_manifests *manifests;
    if (nf_manifests_open(&manifests, options->manifest, &error) != NF_OK)
        return nf_cli_fail(&error);
    int code = show(options, manifests, name);
    nf_manifests_close(manifests);
    return code;
}

int nf_cmd_datasets(int argc, char **argv)
{
    datasets_options options = {0};
    size_t n_names = 0;
    const char **names = calloc((size_t)argc + 1, sizeof *names);
    if (names == NULL)
        return nf_cli_no_memory();
    int code = nf_cli_parse("datasets", option_table, &options, argc, argv, names, &n_names);
    if (code == -1) {
        fputs(usage, stdout);
        fputs("\nOptions\n", stdout);
        nf_cli_print_options(stdout, option_table);
        code = EXIT_DONE;
    } else if (code == 0) {
        code = n_names > 1 ? nf_cli_usage("datasets", "takes one ID at most") : run(&options, n_names > 0 ? names[0] : NULL);
    }
    free(names);
    return code;
}
