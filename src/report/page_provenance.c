/* nofade: where the figures of a set come from: sources with their checksums, decoders, parameters. */
#include <math.h>

#include "nofade.h"
#include "report/page.h"

static void put_sources(nf_html *html, const nf_report_set *set)
{
    static const nf_html_column columns[] = {
        {"Source", NULL, NULL, NF_HTML_WORDS},
        {"Format", NULL, NULL, NF_HTML_WORDS},
        {"Bytes", NULL, NULL, NF_HTML_NUMBERS},
        {"XXH3-128", NULL, "Of the stored bytes", NF_HTML_WORDS},
    };
    const nf_profile *profile = set->profile;
    const size_t n = profile->n_sources < NF_REPORT_LISTED_MAX ? profile->n_sources : NF_REPORT_LISTED_MAX;
    nf_html_table_begin(html, nf_html_kind_of(n), "Sources", set->name, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < n; i++) {
        const nf_profile_source *source = &profile->sources[i];
        nf_html_raw(html, "<tr><th scope=\"row\">");
        nf_html_path(html, source->path);
        nf_html_raw(html, "</th>");
        nf_html_words_cell(html, source->format);
        if (nf_source_bytes_are_known(source))
            nf_html_count_cell(html, source->bytes);
        else
            nf_html_number_cell(html, "", NAN);
        nf_html_raw(html, "<td class=\"w\"><code>");
        nf_html_path(html, source->digest);
        nf_html_raw(html, "</code>");
        nf_html_row_end(html);
    }
    nf_html_table_end(html);
    nf_page_cut(html, n, profile->n_sources, "the profile (<code>--json</code>) has all");
}

static void put_decoders(nf_html *html, const nf_profile *profile)
{
    const char *const versions[] = {profile->jpeg_version, profile->png_version, profile->webp_version};
    bool first = true;
    nf_page_fact(html, "Decoders");
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (versions[i] != NULL) {
            nf_html_raw(html, first ? "" : ", ");
            nf_html_text(html, versions[i]);
            first = false;
        }
    nf_page_fact_end(html);
}

static void put_passed_over(nf_html *html, const nf_tally *tally)
{
    if (tally->n == 0)
        return;
    nf_page_fact(html, "Passed over");
    for (size_t i = 0; i < tally->n; i++) {
        nf_html_raw(html, i == 0 ? "" : ", ");
        nf_html_text(html, tally->kinds[i].kind);
        nf_html_raw(html, " ");
        nf_html_count(html, tally->kinds[i].count);
    }
    nf_page_fact_end(html);
}

static void put_code(nf_html *html, const char *term, const char *text)
{
    nf_page_fact(html, term);
    nf_html_raw(html, "<code>");
    nf_html_path(html, text);
    nf_html_raw(html, "</code>");
    nf_page_fact_end(html);
}

void nf_page_provenance(nf_html *html, const nf_report_set *set, size_t number)
{
    char id[NF_DEFINITION_ID_SIZE], digest[NF_DIGEST_SIZE];
    const nf_profile *profile = set->profile;
    nf_definition_id(&set->analysis->definition, profile->grey, id);
    if (html->status == NF_OK)
        html->status = nf_profile_counts_digest(profile, digest, &html->error);
    if (html->status != NF_OK)
        return;
    nf_html_format(html, "<h3 id=\"provenance-%zu\">Provenance</h3>\n", number);
    put_sources(html, set);
    nf_html_raw(html, "<dl class=\"facts\">\n");
    put_code(html, "Definition", id);
    put_code(html, "Digest of the counts", digest);
    nf_page_fact(html, "Pixels");
    nf_html_count(html, profile->pixels);
    nf_page_fact_end(html);
    nf_page_fact(html, "Encoded bytes");
    nf_html_count(html, profile->encoded_bytes);
    nf_page_fact_end(html);
    put_decoders(html, profile);
    put_passed_over(html, &profile->passed_over);
    if (set->analysis->has_null) {
        nf_page_fact(html, "Shuffles");
        nf_html_format(html, "%u, drawn by %s from seed %d", set->analysis->null.n_permutations, NF_NULL_GENERATOR, NF_NULL_SEED);
        nf_page_fact_end(html);
    }
    nf_html_raw(html, "</dl>\n");
}
