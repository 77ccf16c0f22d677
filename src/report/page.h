/* nofade: the sections of a report's page, one function each; faults stick in html. */
#ifndef NF_REPORT_PAGE_H
#define NF_REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "report/html.h"
#include "report/report.h"

/* What is not whole, before everything else. */
void nf_page_alerts(nf_html *html, const nf_report *report);
/* All sets side by side. */
void nf_page_summary(nf_html *html, const nf_report *report);
/* One set: its figures, classes, pairs, findings, failures and sources. */
void nf_page_set(nf_html *html, const nf_report *report, size_t set);
/* Its parts; number: from 1, for the ids of headings. */
void nf_page_classes(nf_html *html, const nf_report_set *set, size_t number);
void nf_page_quality(nf_html *html, const nf_report *report, size_t set);
void nf_page_failures(nf_html *html, const nf_report_set *set, size_t number);
void nf_page_provenance(nf_html *html, const nf_report_set *set, size_t number);
/* The ranking, its frontiers and what it assumes. */
void nf_page_models(nf_html *html, const nf_report *report);
/* What the figures mean. */
void nf_page_glossary(nf_html *html, const nf_report *report);

/* The pictures of one set, or (SIZE_MAX) those of all sets, or those of models. */
void nf_page_figures(nf_html *html, const nf_report *report, size_t set, bool of_models);
/* "the first 50 of 1,234 stand here": when not all of them do. where tells where the others are, a literal. */
void nf_page_cut(nf_html *html, uint64_t shown, uint64_t all, const char *where);
/* <dt>term</dt><dd>: what follows is the value, up to nf_page_fact_end. */
void nf_page_fact(nf_html *html, const char *term);
void nf_page_fact_end(nf_html *html);

#endif
