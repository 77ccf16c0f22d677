static const char usage[] =
    "nofade verify [options] PATH...\n"
    "\n"
    "Holds archives against what is published of them (nofade datasets tells what\n"
    "that is): size, md5 and sha256 of each file, images of each split and class,\n"
    "and what is missing by name. With --deep every image is decoded as well.\n"
    "\n"
    "PATH is an archive or a directory, of which only the content is checked. Files\n"
    "are read twice: for their checksums, then for their images. Exit status 0: no\n"
    "check differs; 1: one does.\n";

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { KIND_COLUMNS = 12, DETAIL_COLUMN = 29, NAMES_SHOWN = 20 };

typedef struct verify_options {
    const char *as, *manifest, *subset, *json;
    uint64_t threads, max_pixels;
    bool deep, no_checksums, quiet;
} verify_options;

#define FIELD(name) offsetof(verify_options, name)
static const nf_option option_table[] = {
    {NF_OPTION_FLAG, "deep", NULL, "decode every image", FIELD(deep), NULL, 0, 0},
    {NF_OPTION_FLAG, "no-checksums", NULL, "leave md5 and sha256 out: read once, not twice", FIELD(no_checksums), NULL, 0, 0},
    {NF_OPTION_TEXT, "as", "ID", "hold it against this one, whatever it looks like", FIELD(as), NULL, 0, 0},
    {NF_OPTION_TEXT, "manifest", "FILE", "a dataset of one's own", FIELD(manifest), NULL, 0, 0},
    {NF_OPTION_TEXT, "subset", "NAME", "which of several sets in one archive (EMNIST)", FIELD(subset), NULL, 0, 0},
    {NF_OPTION_TEXT, "json", "FILE", "the checks as JSON (- is standard output)", FIELD(json), NULL, 0, 0},
    {NF_OPTION_FLAG, "quiet", NULL, "no table, no progress", FIELD(quiet), NULL, 0, 0},
    {NF_OPTION_NUMBER, "max-pixels", "N", "refuse larger images (178956970)", FIELD(max_pixels), NULL, 1, UINT32_MAX},
    {NF_OPTION_NUMBER, "threads", "N", "with --deep, decoding threads (all processors)", FIELD(threads), NULL, 1, 1024},
    {NF_OPTION_END, NULL, NULL, NULL, 0, NULL, 0, 0},
};

typedef struct run {
    verify_options options;
    nf_out *json;
    nf_progress progress;
    uint64_t done_bytes;
} run;

/* ---- the table ---- */

static const char *status_text(nf_check_status status)
{
    return status == NF_CHECK_DIFFERS ? "DIFFERS" : nf_check_status_name(status);
}

static void print_names(const nf_term *term, const nf_check *check)
{
    char count[32];
    size_t shown = check->n_names < NAMES_SHOWN ? check->n_names : NAMES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        fputs("      ", term->out);
        nf_term_line(term, 6, 8, "%s", check->names[i]);
    }
    if (check->n_all_names > shown)
        fprintf(term->out, "      ... and %s more\n", nf_term_count(count, check->n_all_names - shown));
}

static void print_difference(const nf_term *term, const nf_check *check)
{
    fputs("      published ", term->out);
    nf_term_line(term, 16, 16, "%s", check->published_text);
    fputs("      found     ", term->out);
    nf_term_line(term, 16, 16, "%s", check->found_text != NULL ? check->found_text : "");
}

static void print_check(const nf_term *term, const nf_check *check)
{
    const char *status = status_text(check->status);
    fprintf(term->out, "  %-*s", KIND_COLUMNS, check->kind);
    if (check->status == NF_CHECK_DIFFERS)
        nf_term_styled(term, NF_STYLE_FAULT, status);
    else
        fputs(status, term->out);
    if (check->detail != NULL) {
        fprintf(term->out, "%*s", (int)(DETAIL_COLUMN - KIND_COLUMNS - 2 - strlen(status)), "");
        nf_term_words(term, DETAIL_COLUMN, DETAIL_COLUMN, check->detail);
    }
    fputc('\n', term->out);
    if (check->status == NF_CHECK_DIFFERS && check->published_text != NULL)
        print_difference(term, check);
    print_names(term, check);
}

static bool is_first_of_subject(const nf_checks *checks, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(checks->items[j].subject, checks->items[i].subject) == 0)
            return false;
    return true;
}

/* All checks of a subject stand under its name. */
static void print_checks(const nf_term *term, const nf_checks *checks, const char *what)
{
    for (size_t i = 0; i < checks->n; i++) {
        const char *subject = checks->items[i].subject;
        if (!is_first_of_subject(checks, i))
            continue;
        fputc('\n', term->out);
        nf_term_line(term, 0, 2, "%s", subject[0] != '\0' ? subject : what);
        for (size_t j = i; j < checks->n; j++)
            if (strcmp(checks->items[j].subject, subject) == 0)
                print_check(term, &checks->items[j]);
    }
}

static void print_verdict(const nf_term *term, const nf_verification *v)
{
    static const nf_check_status others[] = {NF_CHECK_NOT_PUBLISHED, NF_CHECK_NOT_GIVEN, NF_CHECK_NOT_MADE};
    char count[32], text[256] = "";
    uint64_t n_differ = nf_verification_count(v, NF_CHECK_DIFFERS);
    size_t used = 0;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        uint64_t n = nf_verification_count(v, others[i]);
        if (n > 0)
            used += (size_t)snprintf(text + used, sizeof text - used, ", %s %s", nf_term_count(count, n),
                                     nf_check_status_name(others[i]));
    }
    fputc('\n', term->out);
    if (n_differ > 0)
        nf_term_styled(term, NF_STYLE_FAULT, "DIFFERS");
    else
        nf_term_styled(term, NF_STYLE_STRONG, "nothing differs");
    size_t column = n_differ > 0 ? 7 : 15;
    if (n_differ > 0)
        column += (size_t)fprintf(term->out, " in %s check%s", nf_term_count(count, n_differ), n_differ == 1 ? "" : "s");
    nf_term_line(term, column, 2, "; %s ok%s", nf_term_count(count, nf_verification_count(v, NF_CHECK_OK)), text);
}

static void print_all(const nf_verification *verification)
{
    nf_term term;
    nf_term_init(&term, stdout);
    nf_term_line(&term, 0, 2, "%s (%s)", verification->title, verification->dataset_id);
    print_checks(&term, &verification->files, "");
    print_checks(&term, &verification->parts, "all images");
    print_verdict(&term, verification);
}

/* ---- the run ---- */

/* Bytes begin anew when the checksums are known and the images come. */
static void on_progress(void *listener, const nf_scan_progress *state)
{
    run *r = listener;
    if (state->done_bytes < r->done_bytes) {
        nf_progress_end(&r->progress);
        nf_progress_begin(&r->progress, r->options.quiet);
    }
    r->done_bytes = state->done_bytes;
    nf_progress_update(&r->progress, state);
}

static int finish(run *r, const nf_verification *verification, nf_error *error)
{
    bool stdout_taken = r->options.json != NULL && (strcmp(r->options.json, "-") == 0 || strcmp(r->options.json, "/dev/stdout") == 0);
    if (r->json != NULL) {
        nf_out *json = r->json;
        nf_status status = nf_verification_write(verification, json, error);
        r->json = NULL;
        if (status == NF_OK)
            status = nf_out_commit(json, error);
        else
            nf_out_discard(json);
        if (status != NF_OK)
            return nf_cli_fail(error);
    }
    if (!verification->complete) {
        fputs("nofade: interrupted before everything was read\n", stderr);
        return 128 + (int)nf_cli_signal;
    }
    if (!r->options.quiet && !stdout_taken)
        print_all(verification);
    return nf_verification_count(verification, NF_CHECK_DIFFERS) > 0 ? EXIT_WITH_FAILURES : EXIT_DONE;
}

static nf_status open_json(run *r, const char *const *paths, size_t n_paths, nf_error *error)
{
    const char *json = r->options.json;
    if (json == NULL)
        return NF_OK;
    json = strcmp(json, "/dev/stdout") == 0 ? "-" : json;
    nf_status status = nf_cli_check_input(json, r->options.manifest, error);
    for (size_t i = 0; i < n_paths && status == NF_OK; i++)
        status = nf_cli_check_input(json, paths[i], error);
    return status == NF_OK ? nf_out_open(&r->json, json, error) : status;
}

static int verify(run *r, const char *const *paths, size_t n_paths)
{
    nf_error error = {0};
    nf_verification *verification = NULL;
    nf_scan_options scan;
    nf_scan_options_init(&scan);
    scan.as = r->options.as;
    scan.manifest = r->options.manifest;
    scan.subset = r->options.subset;
    scan.threads = (unsigned)r->options.threads;
    scan.max_pixels = r->options.max_pixels;
    scan.listener = r;
    scan.on_progress = on_progress;
    scan.interrupted = &nf_cli_signal;
    nf_verify_options options = {&scan, r->options.deep, r->options.no_checksums};
    nf_cli_catch_signals();
    nf_status status = open_json(r, paths, n_paths, &error);
    if (status == NF_OK) {
        nf_progress_begin(&r->progress, r->options.quiet);
        status = nf_verify(paths, n_paths, &options, &verification, &error);
        nf_progress_end(&r->progress);
        nf_cli_release_signals();
    }
    int code = status == NF_OK ? finish(r, verification, &error) : nf_cli_fail(&error);
    nf_verification_free(verification);
    nf_out_discard(r->json);
    return code;
}

int nf_cmd_verify(int argc, char **argv)
{
    run r = {0};
    size_t n_paths = 0;
    const char **paths = calloc((size_t)argc + 1, sizeof *paths);
    if (paths == NULL)
        return nf_cli_no_memory();
    nf_scan_options defaults;
    nf_scan_options_init(&defaults);
    r.options.max_pixels = defaults.max_pixels;
    int code = nf_cli_parse("verify", option_table, &r.options, argc, argv, paths, &n_paths);
    if (code == -1) {
        fputs(usage, stdout);
        fputc('\n', stdout);
        nf_cli_print_options(stdout, option_table);
        code = EXIT_DONE;
    } else if (code == 0) {
        code = n_paths == 0 ? nf_cli_usage("verify", "needs a PATH") : verify(&r, paths, n_paths);
    }
    free(paths);
    return code;
}
