/* nofade: the models of a report: the ranking, what a doubling of the cost buys, what was assumed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/keys.h"
#include "report/page.h"

enum { COLUMNS_MAX = 16, MARK_SIZE = 8 };

/* What columns there are: those that some row has a figure for. */
typedef struct models_view {
    const nf_scoring *scoring;
    size_t n;       /* rows shown */
    bool groups, energy, co2, week, moved;
    nf_keys notes;  /* each reservation once */
} models_view;

static void view_init(models_view *view, const nf_scoring *scoring)
{
    *view = (models_view){.scoring = scoring, .n = scoring->n < NF_REPORT_ROWS_MAX ? scoring->n : NF_REPORT_ROWS_MAX,
                          .groups = scoring->n_groups > 1, .moved = scoring->moved != NULL};
    for (size_t i = 0; i < view->n; i++) {
        const nf_scored *row = &scoring->rows[i];
        view->energy = view->energy || !isnan(row->energy_kwh);
        view->co2 = view->co2 || !isnan(row->co2_kg);
        view->week = view->week || !isnan(row->co2_kg_week);
    }
}

/* ---- names ---- */

static void put_model(nf_html *html, const models_view *view, const nf_model *model)
{
    nf_html_text(html, model->model);
    if (model->variant[0] != '\0') {
        nf_html_raw(html, " (");
        nf_html_text(html, model->variant);
        nf_html_raw(html, ")");
    }
    if (model->input_px[0] != '\0') {
        nf_html_raw(html, " @");
        nf_html_text(html, model->input_px);
    }
    if (view->groups) {
        nf_html_raw(html, " <small>");
        nf_html_text(html, model->dataset);
        nf_html_raw(html, " ");
        nf_html_text(html, model->metric);
        nf_html_raw(html, "</small>");
    }
}

static void put_group(nf_html *html, const nf_score_group *group)
{
    const char *const texts[] = {group->dataset, group->task, group->metric};
    bool first = true;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i][0] != '\0') {
            nf_html_raw(html, first ? "" : ", ");
            nf_html_text(html, texts[i]);
            first = false;
        }
}

/* ---- notes: 0 is "a", 25 "z", 26 "aa" ---- */

static void mark_of(uint32_t number, char mark[MARK_SIZE])
{
    char turned[MARK_SIZE];
    size_t n = 0;
    for (uint64_t rest = (uint64_t)number + 1; rest > 0 && n + 1 < MARK_SIZE; rest = (rest - 1) / 26)
        turned[n++] = (char)('a' + (rest - 1) % 26);
    for (size_t i = 0; i < n; i++)
        mark[i] = turned[n - 1 - i];
    mark[n] = '\0';
}

static void put_mark(nf_html *html, models_view *view, const char *note, size_t length, bool first)
{
    char mark[MARK_SIZE];
    uint32_t number = nf_keys_find(&view->notes, note, length);
    if (number == NF_KEY_NONE && html->status == NF_OK) {
        html->status = nf_keys_add(&view->notes, note, length, &html->error);
        number = (uint32_t)view->notes.n - 1;
    }
    mark_of(number, mark);
    nf_html_format(html, "%s%s", first ? "" : " ", mark);
}

/* The sentences of a row, as letters. */
static void notes_cell(nf_html *html, models_view *view, size_t i)
{
    nf_buf notes = {0};
    size_t start = 0;
    if (html->status == NF_OK)
        html->status = nf_score_reservations(view->scoring, i, &notes, &html->error);
    nf_html_raw(html, "<td class=\"w s\">");
    while (html->status == NF_OK && start < notes.len) {
        const char *note = (const char *)notes.data + start;
        const char *end = memmem(note, notes.len - start, "; ", 2);
        const size_t length = end != NULL ? (size_t)(end - note) : notes.len - start;
        put_mark(html, view, note, length, start == 0);
        start += length + 2;
    }
    nf_buf_free(&notes);
}

static void put_notes(nf_html *html, const models_view *view)
{
    if (view->notes.n == 0)
        return;
    nf_html_raw(html, "<h3>Notes</h3>\n<dl class=\"notes\">\n");
    for (uint32_t i = 0; i < view->notes.n; i++) {
        char mark[MARK_SIZE];
        size_t length;
        const char *note = nf_keys_get(&view->notes, i, &length);
        char *text = strndup(note, length);
        if (text == NULL && html->status == NF_OK)
            html->status = nf_fail_nomem(&html->error, "notes");
        mark_of(i, mark);
        nf_html_format(html, "<div><dt>%s</dt><dd>", mark);
        nf_html_text(html, text);
        nf_html_raw(html, "</dd></div>\n");
        free(text);
    }
    nf_html_raw(html, "</dl>\n");
}

/* ---- the ranking ---- */

static nf_html_column value_column(const nf_scoring *s)
{
    static const char *const values[] = {"NoFADE", "SAM", "Score", "CO\xe2\x82\x82", "Accuracy"};
    static const char *const per[] = {"/ ln(FLOPs)", "/ log2(FLOPs)", "/ log10(FLOPs)"};
    if (s->per_complexity)
        return (nf_html_column){"acc.", per[s->options.log_base], "What it is ranked by", NF_HTML_NUMBERS};
    return (nf_html_column){values[s->options.by], NULL, "What it is ranked by", NF_HTML_NUMBERS};
}

/* By accuracy and CO2 the value stands in a column of its own already. */
static bool has_value(const nf_scoring *s)
{
    return s->options.by != NF_BY_ACCURACY && s->options.by != NF_BY_CO2;
}

static size_t columns_of(const models_view *view, nf_html_column columns[COLUMNS_MAX])
{
    size_t n = 0;
    columns[n++] = (nf_html_column){"Model", NULL, NULL, NF_HTML_WORDS};
    columns[n++] = (nf_html_column){"Rank", NULL, NULL, NF_HTML_NUMBERS};
    columns[n++] = (nf_html_column){"Could be", NULL, "Over conventions of counting FLOPs, rounding, test images and readings",
                                    NF_HTML_NUMBERS};
    columns[n++] = (nf_html_column){"Accuracy", "%", NULL, NF_HTML_NUMBERS};
    columns[n++] = (nf_html_column){"GFLOPs", NULL, "Of one forward pass; a multiply-add is two", NF_HTML_NUMBERS};
    if (has_value(view->scoring))
        columns[n++] = value_column(view->scoring);
    if (view->energy)
        columns[n++] = (nf_html_column){"Energy", "kWh", "Of training", NF_HTML_NUMBERS};
    if (view->co2)
        columns[n++] = (nf_html_column){"CO\xe2\x82\x82", "kg", "Of training", NF_HTML_NUMBERS};
    if (view->week)
        columns[n++] = (nf_html_column){"CO\xe2\x82\x82", "kg a week", "Of a week of video at 30 images a second", NF_HTML_NUMBERS};
    columns[n++] = (nf_html_column){"Frontier", NULL, "No other is more accurate for as little", NF_HTML_WORDS};
    if (view->moved)
        columns[n++] = (nf_html_column){"Moved by", NULL, "Which doubt alone moves the rank, and how far", NF_HTML_WORDS};
    columns[n++] = (nf_html_column){"Notes", NULL, "Explained below the table", NF_HTML_WORDS};
    return n;
}

static void moved_cell(nf_html *html, const nf_scoring *s, size_t i)
{
    bool first = true;
    nf_html_raw(html, "<td class=\"w n\">"); /* a line each: side by side they would be wide */
    for (size_t d = 0; i < s->n_ranked && d < NF_N_DOUBTS; d++) {
        const nf_rank_interval *moved = &s->moved[i * NF_N_DOUBTS + d];
        if (moved->min == moved->max)
            continue;
        nf_html_format(html, "%s%s %u\xe2\x80\x93%u", first ? "" : ",<br>", nf_doubt_names[d], moved->min, moved->max);
        first = false;
    }
}

static void rank_cells(nf_html *html, const nf_scored *row)
{
    nf_html_raw(html, "<td>");
    if (row->rank > 0)
        nf_html_format(html, "%u", row->rank);
    nf_html_raw(html, "<td>");
    if (row->rank > 0)
        nf_html_format(html, "%u\xe2\x80\x93%u", row->interval.min, row->interval.max);
}

/* Four digits at most, or all of a large number: no power of ten. */
static void given_cell(nf_html *html, double value)
{
    nf_html_number_cell(html, fabs(value) < 1000.0 ? "%.4g" : "%.0f", value);
}

static void model_row(nf_html *html, models_view *view, size_t i)
{
    const nf_scored *row = &view->scoring->rows[i];
    nf_html_raw(html, "<tr><th scope=\"row\">");
    put_model(html, view, row->model);
    nf_html_raw(html, "</th>");
    rank_cells(html, row);
    nf_html_number_cell(html, "%.2f", 100.0 * row->model->accuracy);
    given_cell(html, row->model->flops / 1e9);
    if (has_value(view->scoring))
        nf_html_digits_cell(html, 5, false, row->rank > 0 ? row->value : NAN);
    if (view->energy)
        given_cell(html, row->energy_kwh);
    if (view->co2)
        given_cell(html, row->co2_kg);
    if (view->week)
        given_cell(html, row->co2_kg_week);
    nf_html_format(html, "<td class=\"w s\">%s", row->pareto_flops && row->pareto_co2 ? "FLOPs, CO2" : row->pareto_flops ? "FLOPs"
                                                  : row->pareto_co2 ? "CO2" : "");
    if (view->moved)
        moved_cell(html, view->scoring, i);
    notes_cell(html, view, i);
    nf_html_row_end(html);
}

static void put_ranking(nf_html *html, models_view *view)
{
    nf_html_column columns[COLUMNS_MAX];
    const size_t n_columns = columns_of(view, columns);
    nf_html_raw(html, "<h3>Ranking</h3>\n");
    nf_html_table_begin(html, nf_html_kind_of(view->n), "Ranked models", NULL, columns, n_columns);
    for (size_t i = 0; i < view->n; i++)
        model_row(html, view, i);
    nf_html_table_end(html);
    nf_page_cut(html, view->n, view->scoring->n, "<code>nofade score --format csv</code> lists them all");
}

/* ---- frontiers ---- */

typedef struct frontier_point {
    double cost;
    size_t row;
} frontier_point;

static int compare_points(const void *a, const void *b)
{
    const frontier_point *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void put_points(nf_html *html, const models_view *view, bool by_co2, const frontier_point *points, size_t n)
{
    const nf_html_column columns[] = {
        {"Model", NULL, NULL, NF_HTML_WORDS},
        {"Accuracy", "%", NULL, NF_HTML_NUMBERS},
        {by_co2 ? "CO\xe2\x82\x82" : "GFLOPs", by_co2 ? "kg" : NULL, NULL, NF_HTML_NUMBERS},
        {"Return", "points a doubling", "Percentage points gained per doubling of the cost since the row above", NF_HTML_NUMBERS},
    };
    const nf_scoring *s = view->scoring;
    nf_html_table_begin(html, nf_html_kind_of(n), by_co2 ? "Frontier along CO\xe2\x82\x82" : "Frontier along FLOPs", NULL, columns,
                        sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < n && i < NF_REPORT_LISTED_MAX; i++) {
        const nf_scored *row = &s->rows[points[i].row];
        nf_html_raw(html, "<tr><th scope=\"row\">");
        put_model(html, view, row->model);
        nf_html_raw(html, "</th>");
        nf_html_number_cell(html, "%.2f", 100.0 * row->model->accuracy);
        given_cell(html, points[i].cost);
        nf_html_digits_cell(html, 3, true, by_co2 ? row->return_co2 : row->return_flops);
        nf_html_row_end(html);
    }
    nf_html_table_end(html);
}

static void put_frontier(nf_html *html, const models_view *view, const nf_score_group *group, bool by_co2)
{
    const nf_scoring *s = view->scoring;
    frontier_point *points = calloc(group->n + 1, sizeof *points);
    size_t n = 0;
    if (points == NULL && html->status == NF_OK)
        html->status = nf_fail_nomem(&html->error, "a frontier");
    for (size_t i = 0; points != NULL && i < group->n; i++) {
        const size_t number = s->grouped[group->first + i];
        const nf_scored *row = &s->rows[number];
        if (by_co2 ? row->pareto_co2 : row->pareto_flops)
            points[n++] = (frontier_point){by_co2 ? row->co2_kg : row->model->flops / 1e9, number};
    }
    if (n > 0) {
        qsort(points, n, sizeof *points, compare_points);
        nf_html_raw(html, "<div>\n");
        put_points(html, view, by_co2, points, n);
        nf_page_cut(html, n < NF_REPORT_LISTED_MAX ? n : NF_REPORT_LISTED_MAX, n, "<code>nofade score --frontier</code> has all");
        nf_html_raw(html, "</div>\n");
    }
    free(points);
}

static void put_frontiers(nf_html *html, const models_view *view)
{
    enum { GROUPS_MAX = 12 };
    const nf_scoring *s = view->scoring;
    const size_t n = s->n_groups < GROUPS_MAX ? s->n_groups : GROUPS_MAX;
    bool any = false;
    for (size_t i = 0; i < s->n && !any; i++)
        any = s->rows[i].pareto_flops || s->rows[i].pareto_co2;
    if (!any)
        return;
    nf_html_raw(html, "<h3>What more cost buys</h3>\n<p class=\"note\">The models than which no other is more accurate for as little, "
                      "from the cheapest on.</p>\n");
    for (size_t g = 0; g < n; g++) {
        if (view->groups) {
            nf_html_raw(html, "<h4>");
            put_group(html, &s->groups[g]);
            nf_html_raw(html, "</h4>\n");
        }
        nf_html_raw(html, "<div class=\"beside\">\n");
        put_frontier(html, view, &s->groups[g], false);
        put_frontier(html, view, &s->groups[g], true);
        nf_html_raw(html, "</div>\n");
    }
    nf_page_cut(html, n, s->n_groups, "<code>nofade score --frontier</code> has all");
}

/* ---- what was assumed ---- */

static bool is_used(const nf_scoring *s, const nf_complexity *complexity)
{
    for (size_t g = 0; g < s->n_groups; g++)
        if (strcmp(s->groups[g].dataset, complexity->dataset) == 0)
            return true;
    return false;
}

static void put_definition(nf_html *html, const char *before, const char *id)
{
    if (id[0] == '\0')
        return;
    nf_html_raw(html, before);
    nf_html_raw(html, "<code>");
    nf_html_path(html, id);
    nf_html_raw(html, "</code>");
}

static void put_complexities(nf_html *html, const nf_report_data *data)
{
    for (size_t i = 0; data->complexities != NULL && i < data->complexities->n; i++) {
        const nf_complexity *complexity = &data->complexities->items[i];
        if (!is_used(data->scoring, complexity))
            continue;
        nf_page_fact(html, "Complexity");
        nf_html_text(html, complexity->dataset);
        nf_html_format(html, " %.6g (%s), from ", complexity->value, complexity->kind[0] != '\0' ? complexity->kind : "given");
        nf_html_path(html, complexity->source);
        put_definition(html, ", by ", complexity->definition);
        put_definition(html, "; saved under ", complexity->saved_under);
        if (nf_complexity_caveat(complexity) != NULL)
            nf_html_format(html, "; <strong class=\"bad\">%s</strong>", nf_complexity_caveat(complexity));
        nf_page_fact_end(html);
    }
}

static void put_assumptions(nf_html *html, const nf_report_data *data)
{
    const nf_scoring *s = data->scoring;
    char carbon[160];
    nf_carbon_text(&s->options, carbon);
    nf_html_raw(html, "<dl class=\"facts\">\n");
    nf_page_fact(html, "Models");
    nf_html_count(html, s->n);
    nf_html_raw(html, " of ");
    for (size_t g = 0; g < s->n_groups && g < 6; g++) {
        nf_html_raw(html, g > 0 ? "; " : "");
        put_group(html, &s->groups[g]);
    }
    nf_html_raw(html, s->n_groups > 6 ? " and others" : "");
    if (s->n_ranked < s->n) {
        nf_html_raw(html, "; ");
        nf_html_count(html, s->n - s->n_ranked);
        nf_html_raw(html, " lack a figure, and have no rank");
    }
    nf_page_fact_end(html);
    nf_page_fact(html, "Ranked by");
    nf_html_text(html, nf_ranked_by(s));
    if (s->per_complexity)
        nf_html_raw(html, ": no complexity of the dataset is known, and within one dataset it changes no rank");
    nf_page_fact_end(html);
    put_complexities(html, data);
    nf_page_fact(html, "CO\xe2\x82\x82");
    nf_html_text(html, carbon);
    nf_html_format(html, ", PUE %.6g", s->options.pue);
    nf_page_fact_end(html);
    if (s->metric_chosen != NULL && s->n_left_out > 0) {
        nf_page_fact(html, "Left out");
        nf_html_count(html, s->n_left_out);
        nf_html_raw(html, " models with another metric than ");
        nf_html_text(html, s->metric_chosen);
        nf_page_fact_end(html);
    }
    nf_page_fact(html, "Tables");
    for (size_t i = 0; i < s->models->n_tables && i < NF_REPORT_LISTED_MAX; i++) {
        nf_html_raw(html, i > 0 ? ", " : "");
        nf_html_path(html, s->models->tables[i].name);
    }
    nf_html_raw(html, "; <code>nofade explain</code> tells the source of each figure of a model");
    nf_page_fact_end(html);
    nf_html_raw(html, "</dl>\n");
}

void nf_page_models(nf_html *html, const nf_report *report)
{
    models_view view;
    view_init(&view, report->data->scoring);
    nf_html_raw(html, "<section aria-labelledby=\"models\">\n<h2 id=\"models\">Models</h2>\n");
    put_assumptions(html, report->data);
    nf_page_figures(html, report, SIZE_MAX, true);
    put_ranking(html, &view);
    put_notes(html, &view);
    put_frontiers(html, &view);
    nf_html_raw(html, "</section>\n");
    nf_keys_free(&view.notes);
}
