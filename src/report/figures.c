#include "report/figures.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/out.h"
#include "report/figure_build.h"
#include "report/gnuplot.h"

/* The order in which a report shows them. */
static nf_status (*const kinds[])(nf_figures *, const nf_report_data *, nf_error *) = {
    nf_figures_entropy, nf_figures_classes, nf_figures_distances, nf_figures_models, nf_figures_ranks,
};

nf_status nf_figures_make(nf_figures **made, const nf_report_data *data, nf_error *error)
{
    *made = NULL;
    nf_figures *figures = calloc(1, sizeof *figures);
    if (figures == NULL)
        return nf_fail_nomem(error, "figures");
    nf_status status = NF_OK;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && status == NF_OK; i++)
        status = kinds[i](figures, data, error);
    if (status == NF_OK)
        *made = figures;
    else
        nf_figures_free(figures);
    return status;
}

void nf_figures_free(nf_figures *figures)
{
    if (figures == NULL)
        return;
    for (size_t i = 0; i < figures->n; i++) {
        nf_figure *f = &figures->items[i];
        free(f->id);
        free(f->title);
        free(f->caption);
        free(f->alt);
        for (size_t k = 0; k < f->n_marks; k++)
            free(f->marks[k].title);
        free(f->marks);
        nf_buf_free(&f->script);
        nf_buf_free(&f->data_csv);
        nf_buf_free(&f->svg);
    }
    for (size_t i = 0; i < figures->n_notes; i++)
        free(figures->notes[i]);
    free(figures->notes);
    nf_letters_clear(&figures->letters);
    free(figures->items);
    free(figures);
}

/* PNG: two pixels for each of the view box; PDF: 96 of them are an inch, and a font's size is in points. */
static nf_status put_terminal(nf_buf *script, const nf_figure *f, nf_figure_format format, nf_error *error)
{
    switch (format) {
    case NF_FIGURE_PNG:
        return nf_buf_printf(script, error,
                             "set terminal pngcairo size %u,%u noenhanced font 'sans,%d' fontscale 2 linewidth 2 pointscale 2 "
                             "background '#ffffff'\nsmall = ',9'\n", 2 * f->w_px, 2 * f->h_px, NF_FIGURE_FONT_PX * 3 / 4);
    case NF_FIGURE_PDF:
        return nf_buf_printf(script, error,
                             "set terminal pdfcairo size %.4fin,%.4fin noenhanced font 'sans,%d' fontscale 0.75 linewidth 1 pointscale 1.2 "
                             "background '#ffffff'\nsmall = ',9'\n", f->w_px / 96.0, f->h_px / 96.0, NF_FIGURE_FONT_PX * 3 / 4);
    default:
        return nf_buf_printf(script, error, "set terminal svg size %u,%u dynamic noenhanced font 'sans,%d'\n"
                             "set xtics offset 0,0.4\nset cbtics offset 0,0.4\nset ytics offset 0.6,0\nsmall = ',12'\n", f->w_px, f->h_px,
                             NF_FIGURE_FONT_PX);
    }
}

/* An SVG keeps its letters; the fonts that draw the others are those of this machine. */
static nf_status put_script(nf_figures *figures, const nf_figure *f, nf_figure_format format, nf_buf *script, nf_error *error)
{
    nf_status status = put_terminal(script, f, format, error);
    if (status != NF_OK || format == NF_FIGURE_SVG)
        return status == NF_OK ? nf_buf_append(script, f->script.data, f->script.len, error) : status;
    status = nf_letters_find(&figures->letters, error);
    return status == NF_OK ? nf_letters_replace(&figures->letters, f->script.data, f->script.len, script, error) : status;
}

static bool begins(const nf_buf *bytes, const char *head, size_t n)
{
    return bytes->len >= n && memcmp(bytes->data, head, n) == 0;
}

/* Does it stand within the last bytes of what was drawn? */
static bool ends(const nf_buf *bytes, const char *foot, size_t n)
{
    enum { FOOT_BYTES = 16 };
    const size_t from = bytes->len > FOOT_BYTES ? bytes->len - FOOT_BYTES : 0;
    return bytes->len > 0 && memmem(bytes->data + from, bytes->len - from, foot, n) != NULL;
}

/* A picture from its first to its last byte; an SVG is read later on. gnuplot's status says nothing of a disk or a library that failed. */
static nf_status check_whole(const nf_buf *drawn, nf_figure_format format, nf_error *error)
{
    if (format == NF_FIGURE_PNG && (!begins(drawn, "\x89PNG\r\n\x1a\n", 8) || !ends(drawn, "IEND\xae\x42\x60\x82", 8)))
        return nf_fail(error, NF_ERR_OUTPUT, "gnuplot wrote no whole PNG");
    if (format == NF_FIGURE_PDF && (!begins(drawn, "%PDF-", 5) || !ends(drawn, "%%EOF", 5)))
        return nf_fail(error, NF_ERR_OUTPUT, "gnuplot wrote no whole PDF");
    return NF_OK;
}

static nf_status draw(nf_figures *figures, const nf_figure *f, nf_figure_format format, nf_buf *drawn, nf_error *error)
{
    const nf_gnuplot gnuplot = {"gnuplot", NF_GNUPLOT_SECONDS * 1000};
    nf_buf script = {0};
    nf_status status = put_script(figures, f, format, &script, error);
    if (status == NF_OK)
        status = nf_gnuplot_run(&gnuplot, script.data, script.len, drawn, error);
    if (status == NF_OK)
        status = check_whole(drawn, format, error);
    if (status != NF_OK)
        nf_error_prepend(error, "figure %s", f->id);
    nf_buf_free(&script);
    return status;
}

static nf_status draw_svg(nf_figures *figures, size_t i, nf_error *error)
{
    nf_buf drawn = {0};
    nf_figure *f = &figures->items[i];
    if (f->svg.len > 0)
        return NF_OK;
    nf_status status = draw(figures, f, NF_FIGURE_SVG, &drawn, error);
    if (status == NF_OK && (status = nf_figure_svg(f, i + 1, &drawn, error)) != NF_OK)
        nf_error_prepend(error, "figure %s", f->id);
    nf_buf_free(&drawn);
    return status;
}

nf_status nf_figures_draw_svg(nf_figures *figures, nf_error *error)
{
    nf_status status = NF_OK;
    for (size_t i = 0; i < figures->n && status == NF_OK; i++)
        status = draw_svg(figures, i, error);
    return status;
}

/* ---- files ---- */

static nf_status write_file(const char *dir, const char *id, const char *suffix, const char *head, const nf_buf *bytes,
                            nf_error *error)
{
    char *path = NULL;
    nf_out *out = NULL;
    if (asprintf(&path, "%s/%s.%s", dir, id, suffix) < 0)
        return nf_fail_nomem(error, "a path");
    nf_status status = nf_out_open(&out, path, error);
    free(path);
    if (status == NF_OK)
        status = nf_out_text(out, head, error);
    if (status == NF_OK)
        status = nf_out_write(out, bytes->data, bytes->len, error);
    if (status != NF_OK) {
        nf_out_discard(out);
        return status;
    }
    return nf_out_commit(out, error);
}

static nf_status write_figure(nf_figures *figures, size_t i, const char *dir, unsigned formats, nf_error *error)
{
    static const char *const suffixes[NF_N_FIGURE_FORMATS] = {"svg", "png", "pdf"};
    const nf_figure *f = &figures->items[i];
    nf_status status = write_file(dir, f->id, "csv", "", &f->data_csv, error);
    if (status == NF_OK && formats & 1u << NF_FIGURE_SVG)
        status = draw_svg(figures, i, error);
    if (status == NF_OK && formats & 1u << NF_FIGURE_SVG)
        status = write_file(dir, f->id, suffixes[NF_FIGURE_SVG], "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", &f->svg, error);
    for (nf_figure_format format = NF_FIGURE_PNG; format < NF_N_FIGURE_FORMATS && status == NF_OK; format++) {
        nf_buf drawn = {0};
        if (!(formats & 1u << format))
            continue;
        status = draw(figures, f, format, &drawn, error);
        if (status == NF_OK)
            status = write_file(dir, f->id, suffixes[format], "", &drawn, error);
        nf_buf_free(&drawn);
    }
    return status;
}

nf_status nf_figures_write_dir(nf_figures *figures, const char *dir, unsigned formats, nf_error *error)
{
    struct stat info;
    if (mkdir(dir, 0777) != 0 && (errno != EEXIST || stat(dir, &info) != 0 || !S_ISDIR(info.st_mode)))
        return nf_fail(error, NF_ERR_OUTPUT, "cannot make the folder %s: %s", dir, strerror(errno));
    nf_status status = NF_OK;
    for (size_t i = 0; i < figures->n && status == NF_OK; i++)
        status = write_figure(figures, i, dir, formats, error);
    return status;
}
