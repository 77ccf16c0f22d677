/* nofade: the page as a whole: head, contents, sections in their order. */
#include "report/report.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "loaders/loader.h"
#include "nofade.h"
#include "report/page.h"

enum { SHA256_BYTES = 32, SHA256_BASE64_SIZE = 45, TITLE_NAMES_MAX = 5 };

static void put_file(nf_html *html, const char *name)
{
    const nf_embedded_file *file = nf_embedded_file_named(name);
    if (file != NULL)
        nf_html_bytes(html, file->bytes, file->n_bytes);
    else if (html->status == NF_OK)
        html->status = nf_fail(&html->error, NF_ERR_INTERNAL, "%s is not compiled in", name);
}

/* Nothing may be loaded from anywhere; the one script that runs is ours, known by its checksum. */
static void put_policy(nf_html *html, const char *script)
{
    const nf_embedded_file *file = nf_embedded_file_named(script);
    unsigned char digest[EVP_MAX_MD_SIZE], text[SHA256_BASE64_SIZE] = "";
    unsigned n = 0;
    if (html->status == NF_OK && file == NULL)
        html->status = nf_fail(&html->error, NF_ERR_INTERNAL, "%s is not compiled in", script);
    else if (html->status == NF_OK &&
             (EVP_Digest(file->bytes, file->n_bytes, digest, &n, EVP_sha256(), NULL) != 1 || n != SHA256_BYTES))
        html->status = nf_fail_nomem(&html->error, "the checksum of the page's script"); /* nothing else can fail there */
    if (html->status != NF_OK)
        return;
    EVP_EncodeBlock(text, digest, SHA256_BYTES);
    nf_html_format(html, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
                   "script-src 'sha256-%s'; img-src data:; base-uri 'none'; form-action 'none'\">\n", (const char *)text);
}

/* "Complexity of A, B and C", "Complexity of A, B, C and 97 others" */
static void put_subject(nf_html *html, const nf_report_data *data, bool is_heading)
{
    const size_t n_named = data->n_sets <= TITLE_NAMES_MAX ? data->n_sets : TITLE_NAMES_MAX - 2;
    nf_html_raw(html, data->n_sets > 0 ? "Complexity of " : "Models, ranked");
    for (size_t i = 0; i < n_named; i++) {
        nf_html_raw(html, i == 0 ? "" : i + 1 < data->n_sets ? " " : " and ");
        nf_html_raw(html, is_heading ? "<span>" : ""); /* a name is broken where a line of its own cannot hold it, not at a hyphen */
        nf_html_text(html, data->sets[i].name);
        nf_html_raw(html, i + 1 < n_named && i + 2 < data->n_sets ? "," : "");
        nf_html_raw(html, is_heading ? "</span>" : "");
    }
    if (n_named < data->n_sets)
        nf_html_format(html, " and %zu others", data->n_sets - n_named);
}

static void put_head(nf_html *html, const nf_report *report)
{
    nf_html_raw(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put_policy(html, "src/report/page.js");
    nf_html_raw(html, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                      "<meta name=\"generator\" content=\"nofade ");
    nf_html_text(html, nf_version());
    nf_html_raw(html, "\">\n<title>");
    put_subject(html, report->data, false);
    nf_html_raw(html, "</title>\n<style>\n");
    put_file(html, "src/report/page.css");
    nf_html_raw(html, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n");
}

static void put_date(nf_html *html, int64_t unix_s)
{
    char date[40] = "";
    struct tm parts;
    const time_t time = (time_t)unix_s;
    if (gmtime_r(&time, &parts) == NULL)
        return;
    strftime(date, sizeof date, "%Y-%m-%dT%H:%MZ", &parts);
    nf_html_format(html, "<time datetime=\"%s\">", date);
    strftime(date, sizeof date, "%Y-%m-%d %H:%M UTC", &parts);
    nf_html_format(html, "%s</time>", date);
}

static void put_title(nf_html *html, const nf_report *report)
{
    nf_html_raw(html, "<header>\n<p class=\"kind\">nofade report</p>\n<h1>");
    put_subject(html, report->data, true);
    nf_html_raw(html, "</h1>\n<p class=\"made\">Made on ");
    put_date(html, report->made_unix_s);
    nf_html_raw(html, " by nofade ");
    nf_html_text(html, nf_version());
    nf_html_raw(html, " with <code>");
    nf_html_path(html, report->command);
    nf_html_raw(html, "</code></p>\n</header>\n");
}

static void put_contents(nf_html *html, const nf_report_data *data)
{
    nf_html_raw(html, "<nav aria-label=\"Contents\"><ul>\n");
    if (data->n_sets > 0)
        nf_html_raw(html, "<li><a href=\"#summary\">Summary</a></li>\n");
    for (size_t i = 0; i < data->n_sets; i++) {
        nf_html_format(html, "<li><a href=\"#set-%zu\">", i + 1);
        nf_html_text(html, data->sets[i].name);
        nf_html_raw(html, "</a></li>\n");
    }
    if (data->scoring != NULL)
        nf_html_raw(html, "<li><a href=\"#models\">Models</a></li>\n");
    nf_html_raw(html, "<li><a href=\"#meaning\">What it means</a></li>\n</ul></nav>\n");
}

nf_status nf_report_write(const nf_report *report, nf_out *out, nf_error *error)
{
    nf_html html;
    nf_html_begin(&html, out);
    put_head(&html, report);
    put_title(&html, report);
    put_contents(&html, report->data);
    nf_html_raw(&html, "<main id=\"main\">\n");
    nf_page_alerts(&html, report);
    if (report->data->n_sets > 0)
        nf_page_summary(&html, report);
    for (size_t i = 0; i < report->data->n_sets; i++)
        nf_page_set(&html, report, i);
    if (report->data->scoring != NULL)
        nf_page_models(&html, report);
    nf_page_glossary(&html, report);
    nf_html_raw(&html, "</main>\n<script>");
    put_file(&html, "src/report/page.js");
    nf_html_raw(&html, "</script>\n</body>\n</html>\n");
    return nf_html_end(&html, error);
}

/* ---- names ---- */

static bool same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

/* What people call a set of which only the layout is known ("imagefolder"): the name of the file or folder that it came from, as
 * its place in the path; n 0: there is none. */
static const char *source_name(const nf_profile *profile, size_t *n)
{
    *n = 0;
    if (profile->dataset_id == NULL || profile->dataset_title != NULL || profile->n_sources != 1 ||
        nf_loader_by_id(profile->dataset_id) == NULL)
        return "";
    const char *path = profile->sources[0].path, *end = path + strlen(path), *begin;
    while (end > path && end[-1] == '/')
        end--;
    for (begin = end; begin > path && begin[-1] != '/'; begin--)
        ;
    *n = (size_t)(end - begin) > strspn(begin, ".-") ? (size_t)(end - begin) : 0; /* ".", "..", "-" say nothing */
    return begin;
}

/* The id or the source's name, with the split where other sets have the same id; the buffer's text ends with a NUL. */
static nf_status name_of(nf_buf *name, const nf_profile *const *profiles, size_t n, size_t i, nf_error *error)
{
    const nf_profile *own = profiles[i];
    const char *id = own->dataset_id != NULL && own->dataset_id[0] != '\0' ? own->dataset_id : "images";
    const char *split = "";
    for (size_t j = 0; j < n && own->split != NULL; j++)
        if (j != i && same_text(profiles[j]->dataset_id, own->dataset_id) && !same_text(profiles[j]->split, own->split))
            split = own->split;
    size_t n_source;
    const char *source = source_name(own, &n_source);
    if (n_source > 0)
        return nf_buf_printf(name, error, "%.*s%s%s", (int)(n_source < 1000 ? n_source : 1000), source, split[0] != '\0' ? " " : "", split);
    return nf_buf_printf(name, error, "%s%s%s", id, split[0] != '\0' ? " " : "", split);
}

static bool is_taken(char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

nf_status nf_report_names(char **names, const nf_profile *const *profiles, size_t n, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < n; i++)
        names[i] = NULL;
    for (size_t i = 0; i < n && status == NF_OK; i++) {
        nf_buf name = {0};
        status = name_of(&name, profiles, n, i, error);
        if (status == NF_OK && nf_estimate_is_partial(&profiles[i]->estimate)) /* also in figures, which leave the page */
            status = nf_buf_printf(&name, error, " (sample)");
        const size_t length = name.len;
        for (size_t number = 2; status == NF_OK && is_taken(names, i, (const char *)name.data); number++) {
            name.len = length;
            status = nf_buf_printf(&name, error, " (%zu)", number);
        }
        names[i] = (char *)name.data;
    }
    return status;
}
