/* The figures of a report, drawn by the real gnuplot: which there are, what their SVG holds, and that a name stays a name. */
#include "support/gnuplot_there.h"
#include "support/report_world.h"

#include <dirent.h>
#include <expat.h>
#include <math.h>

static const char *const hostile[] = {
    "<script>alert(1)</script>", "\"; system(\"touch OWNED\")", "'; system('touch OWNED'); '", "$(touch OWNED)", "`touch OWNED`",
    "@macro %s %n %d", "{/Symbol a} a_b^2", "back\\slash \\n \\t", "line\nbreak\r\ttab", "no \xff UTF-8 \xc3", "ünï 日本 &amp; &",
    "' at 0,0; set output 'OWNED'; #",
    "'' . system(\"touch OWNED\") . ''", "''''", "a'b''c", "'", "\"", "ends in \\", "{{{", "}}}", "#", "$a[1]",
};
enum { N_HOSTILE = sizeof hostile / sizeof hostile[0] };

static const char *const plain[] = {"ant", "bee", "cat", "dog", "eel"};

static const char table[] = "model,variant,dataset,task,metric,input_px,accuracy_pct,gflops,co2_kg,test_images\n"
                            "small,,x,t,top1,224,60.1,1.5,10,50000\n"
                            "middle,,x,t,top1,224,70.5,6,40,50000\n"
                            "large,b,x,t,top1,384,80.25,24,,50000\n"
                            "worse,,x,t,top1,,65,25,200,50000\n"
                            "\"<b>\"\"'; system('touch OWNED')\",$(touch OWNED),x,t,top1,,66,30,300,50000\n"
                            "far,,y,t,top1,,50,3,30,50000\n"
                            "away,,y,t,top1,,40,2,20,50000\n";
static const char *const complexities[] = {"x=3", "y=4", NULL};

/* ---- an SVG, read ---- */

typedef struct seen {
    size_t marks, elements, handlers, scripts, links_out;
    size_t thin_marks; /* areas without a width: nobody can point at them */
    nf_buf texts; /* of <text>, each ended by a line break */
    nf_buf titles; /* of marks */
    nf_buf ids;
    bool in_text, in_mark_title, after_mark;
} seen;

/* Of "x y x y ...". */
static double width_of(const char *points)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; *points != '\0'; i++) {
        char *end;
        const double number = strtod(points, &end);
        assert_true(end > points);
        least = i % 2 == 0 ? fmin(least, number) : least;
        most = i % 2 == 0 ? fmax(most, number) : most;
        points = end + strspn(end, " ");
    }
    return most - least;
}

static void XMLCALL see_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    seen *s = data;
    bool is_mark = false;
    s->elements++;
    s->scripts += strcmp(name, "script") == 0 || strcmp(name, "foreignObject") == 0 || strcmp(name, "style") == 0;
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        const char *value = attributes[i + 1];
        s->handlers += strncmp(attributes[i], "on", 2) == 0;
        is_mark = is_mark || (strcmp(attributes[i], "class") == 0 && strcmp(value, "mark") == 0);
        if (strstr(attributes[i], "href") != NULL)
            s->links_out += value[0] != '#' && strncmp(value, "data:image/png;base64,", 22) != 0;
        if (strcmp(attributes[i], "id") == 0)
            assert_int_equal(nf_buf_printf(&s->ids, NULL, "%s\n", value), NF_OK);
    }
    for (size_t i = 0; attributes[i] != NULL && is_mark; i += 2)
        s->thin_marks += strcmp(attributes[i], "points") == 0 && width_of(attributes[i + 1]) < 1.0;
    s->marks += is_mark;
    s->in_mark_title = s->after_mark && strcmp(name, "title") == 0;
    s->after_mark = is_mark;
    s->in_text = strcmp(name, "text") == 0;
}

static void XMLCALL see_end(void *data, const XML_Char *name)
{
    seen *s = data;
    (void)name;
    if (s->in_text)
        assert_int_equal(nf_buf_append(&s->texts, "\n", 1, NULL), NF_OK);
    if (s->in_mark_title)
        assert_int_equal(nf_buf_append(&s->titles, "\n", 1, NULL), NF_OK);
    s->in_text = s->in_mark_title = s->after_mark = false;
}

static void XMLCALL see_text(void *data, const XML_Char *text, int n)
{
    seen *s = data;
    if (s->in_text)
        assert_int_equal(nf_buf_append(&s->texts, text, (size_t)n, NULL), NF_OK);
    if (s->in_mark_title)
        assert_int_equal(nf_buf_append(&s->titles, text, (size_t)n, NULL), NF_OK);
}

static seen read_svg(const void *bytes, size_t n)
{
    seen s = {0};
    XML_Parser parser = XML_ParserCreate("UTF-8");
    XML_SetUserData(parser, &s);
    XML_SetElementHandler(parser, see_start, see_end);
    XML_SetCharacterDataHandler(parser, see_text);
    assert_int_equal(XML_Parse(parser, bytes, (int)n, 1), XML_STATUS_OK);
    XML_ParserFree(parser);
    assert_int_equal(nf_buf_append(&s.texts, "", 1, NULL), NF_OK);
    assert_int_equal(nf_buf_append(&s.titles, "", 1, NULL), NF_OK);
    assert_int_equal(nf_buf_append(&s.ids, "", 1, NULL), NF_OK);
    return s;
}

static void seen_free(seen *s)
{
    nf_buf_free(&s->texts);
    nf_buf_free(&s->titles);
    nf_buf_free(&s->ids);
}

static nf_figures *made(const report_world *w)
{
    nf_figures *figures;
    nf_error error = {0};
    if (nf_figures_make(&figures, &w->data, &error) != NF_OK)
        fail_msg("%s", error.message);
    return figures;
}

static nf_figures *drawn(const report_world *w)
{
    nf_figures *figures = made(w);
    nf_error error = {0};
    if (nf_figures_draw_svg(figures, &error) != NF_OK)
        fail_msg("%s", error.message);
    return figures;
}

static const nf_figure *figure_of(const nf_figures *figures, const char *id)
{
    for (size_t i = 0; i < figures->n; i++)
        if (strcmp(figures->items[i].id, id) == 0)
            return &figures->items[i];
    fail_msg("no figure %s", id);
    return NULL;
}

/* Is this line, all of it, in the text? */
static bool has_line(const nf_buf *lines, const char *line)
{
    const char *s = (const char *)lines->data;
    size_t n = strlen(line);
    for (; s != NULL && *s != '\0'; s = strchr(s, '\n') != NULL ? strchr(s, '\n') + 1 : NULL)
        if (strncmp(s, line, n) == 0 && (s[n] == '\n' || s[n] == '\0'))
            return true;
    return false;
}

/* ---- tests ---- */

static void each_svg_has_its_marks_and_nothing_that_runs(void **state)
{
    (void)state;
    report_world w = {0};
    need_gnuplot("each_svg_has_its_marks_and_nothing_that_runs");
    world_add_set(&w, "one", plain, 5);
    world_add_set(&w, "two", plain, 3);
    world_add_class(w.profiles[1], plain[0], 0.0, 1);
    world_add_class(w.profiles[1], plain[0], 7.0, 900); /* a tail that the axis leaves out */
    world_analyse(&w, 1);
    world_add_models(&w, table, NULL, complexities);
    nf_figures *figures = drawn(&w);
    assert_int_equal(figures->n, 8);
    for (size_t i = 0; i < figures->n; i++) {
        const nf_figure *f = &figures->items[i];
        char prefix[32];
        seen s = read_svg(f->svg.data, f->svg.len);
        assert_int_equal(s.marks, f->n_marks);
        assert_true(f->n_marks > 0);
        assert_int_equal(s.handlers + s.scripts + s.links_out + s.thin_marks, 0);
        assert_true(f->title[0] != '\0' && f->caption[0] != '\0' && f->alt[0] != '\0' && f->data_csv.len > 0);
        snprintf(prefix, sizeof prefix, "nf%zu-", i + 1);
        for (const char *id = (const char *)s.ids.data; *id != '\0'; id = strchr(id, '\n') + 1)
            assert_int_equal(strncmp(id, prefix, strlen(prefix)), 0);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(f->id, figures->items[k].id);
        for (size_t k = 0; k < f->n_marks; k++)
            assert_true(has_line(&s.titles, f->marks[k].title));
        seen_free(&s);
    }
    nf_figures_free(figures);
    world_close(&w);
}

static void marks_are_as_many_as_what_is_shown(void **state)
{
    (void)state;
    report_world w = {0};
    world_add_set(&w, "one", plain, 5);
    world_add_set(&w, "two", plain, 3);
    world_add_models(&w, table, NULL, complexities);
    nf_figures *figures = made(&w);
    assert_int_equal(figure_of(figures, "entropy")->n_marks, 2);
    assert_int_equal(figure_of(figures, "classes-one")->n_marks, 5);
    assert_int_equal(figure_of(figures, "classes-one")->set, 0);
    assert_int_equal(figure_of(figures, "classes-two")->n_marks, 3);
    assert_int_equal(figure_of(figures, "classes-two")->set, 1);
    assert_int_equal(figure_of(figures, "distances-two")->n_marks, 1);
    assert_int_equal(figure_of(figures, "accuracy-co2")->n_marks, 4); /* of x; y has two models */
    assert_true(figure_of(figures, "accuracy-co2")->set == SIZE_MAX);
    assert_int_equal(figure_of(figures, "nofade-co2")->n_marks, 6);
    assert_int_equal(figure_of(figures, "ranks")->n_marks, 7);
    assert_int_equal(figures->n_notes, 0);
    nf_figures_free(figures);
    world_close(&w);
}

static void where_co2_is_unknown_flops_take_its_place(void **state)
{
    (void)state;
    static const char flops_only[] = "model,dataset,task,metric,accuracy_pct,gflops\na,x,t,m,60,1\nb,x,t,m,70,2\nc,x,t,m,65,3\n";
    report_world w = {0};
    world_add_models(&w, flops_only, NULL, NULL);
    nf_figures *figures = made(&w);
    assert_int_equal(figures->n, 3);
    assert_int_equal(figure_of(figures, "accuracy-flops")->n_marks, 3);
    assert_int_equal(figure_of(figures, "nofade-flops")->n_marks, 3);
    assert_non_null(strstr(figure_of(figures, "nofade-flops")->title, "Accuracy / ln(FLOPs)"));
    nf_figures_free(figures);
    world_close(&w);
}

static void few_models_make_no_chart(void **state)
{
    (void)state;
    report_world w = {0};
    world_add_models(&w, "model,dataset,task,metric,accuracy_pct,gflops\na,x,t,m,60,1\nb,x,t,m,70,2\n", NULL, NULL);
    nf_figures *figures = made(&w);
    assert_int_equal(figures->n, 1);
    assert_int_equal(figure_of(figures, "ranks")->n_marks, 2);
    nf_figures_free(figures);
    world_close(&w);
}

static void nothing_makes_no_figure(void **state)
{
    (void)state;
    report_world w = {0};
    nf_figures *figures = made(&w);
    assert_int_equal(figures->n, 0);
    assert_int_equal(nf_figures_draw_svg(figures, NULL), NF_OK);
    nf_figures_free(figures);
}

static void nine_sets_are_two_pictures(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
    report_world w = {0};
    need_gnuplot("nine_sets_are_two_pictures");
    for (size_t i = 0; i < 9; i++)
        world_add_set(&w, names[i], plain, 1);
    nf_figures *figures = drawn(&w);
    assert_int_equal(figures->n, 2);
    assert_int_equal(figure_of(figures, "entropy")->n_marks, 8);
    assert_int_equal(figure_of(figures, "entropy-2")->n_marks, 1);
    assert_int_equal(figure_of(figures, "entropy-2")->set, 8);
    for (size_t i = 0; i < 2; i++) {
        seen s = read_svg(figures->items[i].svg.data, figures->items[i].svg.len);
        assert_int_equal(s.marks, figures->items[i].n_marks);
        seen_free(&s);
    }
    nf_figures_free(figures);
    world_close(&w);
}

static void a_set_without_images_lends_its_place_to_none(void **state)
{
    (void)state;
    report_world w = {0};
    nf_definition definition;
    nf_definition_init(&definition);
    assert_int_equal(nf_profile_new(&w.profiles[0], NULL), NF_OK);
    assert_int_equal(nf_analyse(w.profiles[0], &definition, &w.analyses[0], NULL), NF_OK);
    w.sets[0] = (nf_report_set){w.profiles[0], &w.analyses[0], "empty"};
    w.data = (nf_report_data){.sets = w.sets, .n_sets = 1};
    world_add_set(&w, "full", plain, 1);
    assert_int_equal(w.data.n_sets, 2);
    nf_figures *figures = made(&w);
    assert_int_equal(figure_of(figures, "entropy")->set, 1);
    nf_figures_free(figures);
    world_close(&w);
}

/* One image: no normal fit, no width of a kernel. Images of one entropy: no spread. */
static void degenerate_sets_can_be_drawn(void **state)
{
    (void)state;
    report_world w = {0};
    need_gnuplot("degenerate_sets_can_be_drawn");
    for (size_t k = 0; k < 2; k++) {
        nf_definition definition;
        nf_definition_init(&definition);
        assert_int_equal(nf_profile_new(&w.profiles[k], NULL), NF_OK);
        for (unsigned i = 0; i <= k; i++) {
            world_add_class(w.profiles[k], "a", k == 0 ? 8.0 : 0.0, 1);
            world_add_class(w.profiles[k], "b", 0.0, 1);
            world_add_class(w.profiles[k], "c", 0.0, 1);
        }
        nf_profile_sort_classes(w.profiles[k]);
        assert_int_equal(nf_analyse(w.profiles[k], &definition, &w.analyses[k], NULL), NF_OK);
        w.sets[k] = (nf_report_set){w.profiles[k], &w.analyses[k], k == 0 ? "single" : "equal"};
    }
    w.data = (nf_report_data){.sets = w.sets, .n_sets = 2};
    nf_figures *figures = drawn(&w);
    assert_int_equal(figures->n, 5);
    for (size_t i = 0; i < figures->n; i++) {
        seen s = read_svg(figures->items[i].svg.data, figures->items[i].svg.len);
        assert_int_equal(s.marks, figures->items[i].n_marks);
        seen_free(&s);
    }
    nf_figures_free(figures);
    world_close(&w);
}

static void many_classes_are_points_and_cells(void **state)
{
    (void)state;
    enum { N = 900 };
    char texts[N][16];
    const char *names[N];
    report_world w = {0};
    need_gnuplot("many_classes_are_points_and_cells");
    for (size_t i = 0; i < N; i++) {
        snprintf(texts[i], sizeof texts[i], "class %zu", i);
        names[i] = texts[i];
    }
    world_add_set(&w, "many", names, N);
    nf_figures *figures = drawn(&w);
    const nf_figure *classes = figure_of(figures, "classes-many"), *distances = figure_of(figures, "distances-many");
    seen s = read_svg(classes->svg.data, classes->svg.len);
    assert_int_equal(s.marks, N);
    seen_free(&s);
    s = read_svg(distances->svg.data, distances->svg.len);
    assert_int_equal(s.marks, 1);
    seen_free(&s);
    assert_true(classes->svg.len + distances->svg.len < 400000);
    assert_non_null(strstr(distances->caption, "mean over up to 3 x 3 pairs"));
    nf_figures_free(figures);
    world_close(&w);
}

static void beyond_a_bound_there_is_a_note_instead(void **state)
{
    (void)state;
    report_world w = {0};
    world_add_set(&w, "huge", plain, 2);
    w.analyses[0].distances.n_classes = 4001; /* never looked at beyond this number */
    nf_figures *figures = made(&w);
    assert_int_equal(figures->n, 2);
    assert_int_equal(figures->n_notes, 1);
    assert_non_null(strstr(figures->notes[0], "4001 classes of huge"));
    nf_figures_free(figures);
    world_close(&w);
}

/* A folder within the test's goes with its files. */
static void remove_folder(const char *path)
{
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char file[FOLDER_PATH_SIZE + 260];
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            assert_int_equal(unlink(file), 0);
    }
    closedir(dir);
    assert_int_equal(rmdir(path), 0);
}

/* ---- names that want to be more ---- */

static void assert_nothing_ran(const char *folder_path)
{
    char path[FOLDER_PATH_SIZE];
    snprintf(path, sizeof path, "%s/OWNED", folder_path);
    assert_int_not_equal(access("OWNED", F_OK), 0);
    assert_int_not_equal(access(path, F_OK), 0);
}

static size_t files_in(const char *path)
{
    size_t n = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void names_are_text_in_every_format(void **state)
{
    (void)state;
    report_world w = {0};
    char dir[FOLDER_PATH_SIZE];
    nf_error error = {0};
    need_gnuplot("names_are_text_in_every_format");
    world_add_set(&w, hostile[1], hostile, N_HOSTILE);
    world_add_set(&w, hostile[2], hostile + 3, 4);
    world_add_models(&w, table, NULL, complexities);
    nf_figures *figures = made(&w);
    snprintf(dir, sizeof dir, "%s", folder_file(&w.f, "plots"));
    if (nf_figures_write_dir(figures, dir, NF_FIGURE_ALL_FORMATS, &error) != NF_OK)
        fail_msg("%s", error.message);
    assert_int_equal(files_in(dir), figures->n * 4);
    assert_nothing_ran(w.f.path);
    assert_nothing_ran(dir);
    for (size_t i = 0; i < figures->n; i++) {
        seen s = read_svg(figures->items[i].svg.data, figures->items[i].svg.len);
        assert_int_equal(s.handlers + s.scripts + s.links_out, 0);
        assert_int_equal(s.marks, figures->items[i].n_marks);
        seen_free(&s);
    }
    remove_folder(dir);
    nf_figures_free(figures);
    world_close(&w);
}

/* Each as it is, character by character; what is no text as \xHH. */
static void names_stand_in_the_svg_as_they_are(void **state)
{
    (void)state;
    static const char *const written[] = {
        "$(touch OWNED)", "`touch OWNED`", "@macro %s %n %d", "{/Symbol a} a_b^2", "back\\slash \\n \\t", "no \\xff UTF-8 \\xc3",
        "ünï 日本 &amp; &", "''''", "a'b''c", "'", "\"", "ends in \\", "{{{", "}}}", "#", "$a[1]",
    };
    report_world w = {0};
    need_gnuplot("names_stand_in_the_svg_as_they_are");
    world_add_set(&w, "set", hostile, N_HOSTILE);
    nf_figures *figures = drawn(&w);
    const nf_figure *f = figure_of(figures, "classes-set");
    seen s = read_svg(f->svg.data, f->svg.len);
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++)
        assert_true(has_line(&s.texts, written[i]));
    assert_true(has_line(&s.texts, "line\\x0abreak\xe2\x80\xa6x09tab")); /* cut to 20 characters */
    assert_true(has_line(&s.texts, "'; system('to\xe2\x80\xa6" "D'); '"));
    assert_true(has_line(&s.texts, "\"; system(\"to\xe2\x80\xa6" "WNED\")"));
    assert_true(has_line(&s.texts, "<script>alert\xe2\x80\xa6" "cript>"));
    assert_non_null(strstr((const char *)s.titles.data, "<script>alert(1)</script>: "));
    assert_non_null(strstr((const char *)s.titles.data, "\"; system(\"touch OWNED\"): "));
    seen_free(&s);
    nf_figures_free(figures);
    world_close(&w);
}

/* ---- files ---- */

static void files_have_their_formats_and_sizes(void **state)
{
    (void)state;
    report_world w = {0};
    char dir[FOLDER_PATH_SIZE];
    size_t n;
    need_gnuplot("files_have_their_formats_and_sizes");
    world_add_set(&w, "one", plain, 5);
    folder_open(&w.f);
    nf_figures *figures = made(&w);
    snprintf(dir, sizeof dir, "%s", folder_file(&w.f, "plots"));
    assert_int_equal(nf_figures_write_dir(figures, dir, 1u << NF_FIGURE_PNG | 1u << NF_FIGURE_PDF, NULL), NF_OK);
    assert_int_equal(nf_figures_write_dir(figures, dir, 1u << NF_FIGURE_PNG, NULL), NF_OK); /* again, over what is there */
    assert_int_equal(files_in(dir), figures->n * 3);
    const nf_figure *f = figure_of(figures, "classes-one");
    uint8_t *png = (uint8_t *)folder_read(&w.f, "plots/classes-one.png", &n);
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal((unsigned)png[16] << 24 | (unsigned)png[17] << 16 | (unsigned)png[18] << 8 | png[19], 2 * f->w_px);
    assert_int_equal((unsigned)png[20] << 24 | (unsigned)png[21] << 16 | (unsigned)png[22] << 8 | png[23], 2 * f->h_px);
    free(png);
    char *pdf = folder_read(&w.f, "plots/classes-one.pdf", &n);
    assert_memory_equal(pdf, "%PDF-", 5);
    free(pdf);
    char *csv = folder_read(&w.f, "plots/classes-one.csv", &n);
    assert_int_equal(strncmp(csv, "rank,class,images,mean_bits,", 28), 0);
    size_t lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += csv[i] == '\n';
    assert_int_equal(lines, 6);
    free(csv);
    remove_folder(dir);
    nf_figures_free(figures);
    nf_profile_free(w.profiles[0]);
    nf_analysis_clear(&w.analyses[0]);
    folder_close(&w.f);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
    (void)state;
    report_world w = {0};
    nf_error error = {0};
    folder f;
    char dir[FOLDER_PATH_SIZE + 8];
    world_add_set(&w, "one", plain, 2);
    folder_open(&f);
    nf_figures *figures = made(&w);
    snprintf(dir, sizeof dir, "%s/below", folder_write(&f, "file", "x", 1));
    assert_int_equal(nf_figures_write_dir(figures, dir, 1, &error), NF_ERR_OUTPUT);
    assert_non_null(strstr(error.message, "cannot make the folder"));
    assert_int_equal(nf_figures_write_dir(figures, f.file, 1, &error), NF_ERR_OUTPUT);
    nf_figures_free(figures);
    world_close(&w);
    folder_close(&f);
}

static void a_matrix_in_csv_has_names_and_zeros(void **state)
{
    (void)state;
    report_world w = {0};
    static const char *const names[] = {"a,b", "c\"d", "e"};
    world_add_set(&w, "one", names, 3);
    nf_figures *figures = made(&w);
    const nf_buf *csv = &figure_of(figures, "distances-one")->data_csv;
    char text[400] = "";
    double d[3][3];
    assert_true(csv->len < sizeof text);
    memcpy(text, csv->data, csv->len);
    assert_memory_equal(text, "distance,", 9);
    const char *row = text;
    for (size_t i = 0; i < 3; i++) {
        row = strchr(row, '\n') + 1;
        const char *numbers = row[0] == '"' ? strstr(row, "\",") + 2 : row + 2;
        assert_int_equal(sscanf(numbers, "%lf,%lf,%lf\n", &d[i][0], &d[i][1], &d[i][2]), 3);
        assert_true(d[i][i] == 0.0);
    }
    assert_true(d[0][1] == d[1][0] && d[0][2] == d[2][0] && d[1][2] == d[2][1]);
    assert_true(fabs(d[0][1] + d[0][2] + d[1][2] - w.analyses[0].distances.sum) < 2e-6);
    static const char *const fields[] = {"\n\"a,b\",", "\n\"c\"\"d\",", "\ne,", ",\"a,b\"", ",\"c\"\"d\"", ",e"}; /* rows and columns */
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        assert_non_null(strstr(text, fields[i]));
    nf_figures_free(figures);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_svg_has_its_marks_and_nothing_that_runs),
        cmocka_unit_test(marks_are_as_many_as_what_is_shown),
        cmocka_unit_test(where_co2_is_unknown_flops_take_its_place),
        cmocka_unit_test(few_models_make_no_chart),
        cmocka_unit_test(nothing_makes_no_figure),
        cmocka_unit_test(nine_sets_are_two_pictures),
        cmocka_unit_test(a_set_without_images_lends_its_place_to_none),
        cmocka_unit_test(degenerate_sets_can_be_drawn),
        cmocka_unit_test(many_classes_are_points_and_cells),
        cmocka_unit_test(beyond_a_bound_there_is_a_note_instead),
        cmocka_unit_test(names_are_text_in_every_format),
        cmocka_unit_test(names_stand_in_the_svg_as_they_are),
        cmocka_unit_test(files_have_their_formats_and_sizes),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_told),
        cmocka_unit_test(a_matrix_in_csv_has_names_and_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
