/* The CSV reader: RFC 4180 and what people do to it. */
#include "support/folder.h"

#include "base/csv.h"

/* Reads all rows of a text as "a|b|c;d|e;", with the status at the end. */
static nf_status rows_of(const char *text, size_t n, char *rows, size_t size, nf_error *error)
{
    folder f;
    nf_csv *csv;
    const char *const *fields;
    size_t n_fields, used = 0;
    nf_status status;
    folder_open(&f);
    assert_int_equal(nf_csv_open(&csv, folder_write(&f, "t.csv", text, n), error), NF_OK);
    rows[0] = '\0';
    while ((status = nf_csv_next(csv, &fields, &n_fields, error)) == NF_OK)
        for (size_t i = 0; i < n_fields; i++)
            used += (size_t)snprintf(rows + used, size - used, "%s%s", fields[i], i + 1 < n_fields ? "|" : ";");
    nf_csv_close(csv);
    folder_close(&f);
    return status;
}

static void assert_rows(const char *text, const char *expected)
{
    char rows[512];
    nf_error error;
    assert_int_equal(rows_of(text, strlen(text), rows, sizeof rows, &error), NF_EOF);
    assert_string_equal(rows, expected);
}

static void assert_fault(const char *text, const char *expected)
{
    char rows[512];
    nf_error error = {0};
    assert_int_equal(rows_of(text, strlen(text), rows, sizeof rows, &error), NF_ERR_USAGE);
    assert_non_null(strstr(error.message, expected));
}

static void rows_and_fields_are_given(void **state)
{
    (void)state;
    assert_rows("", "");
    assert_rows("a,b\nc,d\n", "a|b;c|d;");
    assert_rows("a,b", "a|b;");
    assert_rows("a,,c\n,\n", "a||c;|;");
    assert_rows(" a , b \n", " a | b ;");
}

static void line_ends_of_all_systems_and_blank_lines_are_fine(void **state)
{
    (void)state;
    assert_rows("a,b\r\nc,d\r\n", "a|b;c|d;");
    assert_rows("a\rb\r", "a;b;");
    assert_rows("\n\na\n\n\r\nb\n\n", "a;b;");
    assert_rows("\xef\xbb\xbf" "a,b\n", "a|b;");
    assert_rows("\xef\xbb" "a\n", "\xef\xbb" "a;");
}

static void quotes_hold_everything(void **state)
{
    (void)state;
    assert_rows("\"a,b\",\"c\"\"d\"\"\",\"e\nf\",\"\"\n", "a,b|c\"d\"|e\nf|;");
    assert_rows("\"a\r\nb\"\r\n", "a\r\nb;");
    assert_rows("a\"b,c\"\n", "a\"b|c\";");
    assert_rows("\"\"", ";");
}

static void faults_say_where(void **state)
{
    (void)state;
    assert_fault("a,b\nc,\"d\ne", ":2:3:");
    assert_fault("a,b\nc,\"d\ne", "ends inside a quoted field");
    assert_fault("a\n\"b\"c\n", ":2:5: text after a closing quote");
}

static void a_row_is_bounded(void **state)
{
    (void)state;
    size_t n = 2 << 20;
    char *text = malloc(n + 1), rows[64];
    nf_error error = {0};
    assert_non_null(text);
    memset(text, 'x', n);
    text[n] = '\0';
    text[0] = '"';
    assert_int_equal(rows_of(text, n, rows, sizeof rows, &error), NF_ERR_USAGE);
    assert_non_null(strstr(error.message, "the row is too long"));
    memset(text, ',', n);
    assert_int_equal(rows_of(text, n, rows, sizeof rows, &error), NF_ERR_USAGE);
    assert_non_null(strstr(error.message, "too many fields"));
    free(text);
}

static void lines_are_counted_where_rows_begin(void **state)
{
    (void)state;
    folder f;
    nf_csv *csv;
    const char *const *fields;
    size_t n_fields;
    static const char text[] = "\na\n\"b\nb\"\n\nc\n";
    static const uint64_t lines[] = {2, 3, 6};
    folder_open(&f);
    assert_int_equal(nf_csv_open(&csv, folder_write(&f, "t.csv", text, sizeof text - 1), NULL), NF_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(nf_csv_next(csv, &fields, &n_fields, NULL), NF_OK);
        assert_int_equal(nf_csv_line(csv), lines[i]);
    }
    assert_int_equal(nf_csv_next(csv, &fields, &n_fields, NULL), NF_EOF);
    assert_int_equal(nf_csv_next(csv, &fields, &n_fields, NULL), NF_EOF);
    nf_csv_close(csv);
    folder_close(&f);
}

static void a_missing_file_is_an_input_fault(void **state)
{
    (void)state;
    nf_csv *csv;
    nf_error error = {0};
    assert_int_equal(nf_csv_open(&csv, "no/such/table.csv", &error), NF_ERR_INPUT);
    assert_null(csv);
    assert_non_null(strstr(error.message, "no/such/table.csv"));
    nf_csv_close(NULL);
}

static void memory_reads_as_a_file_does(void **state)
{
    (void)state;
    nf_csv *csv;
    const char *const *fields;
    size_t n_fields;
    nf_error error = {0};
    static const char text[] = "\xef\xbb\xbf" "a,b\r\n\"c\nd\",e\r\n\"f";
    assert_int_equal(nf_csv_open_memory(&csv, "table", text, sizeof text - 1, &error), NF_OK);
    assert_int_equal(nf_csv_next(csv, &fields, &n_fields, &error), NF_OK);
    assert_string_equal(fields[0], "a");
    assert_int_equal(nf_csv_next(csv, &fields, &n_fields, &error), NF_OK);
    assert_string_equal(fields[0], "c\nd");
    assert_string_equal(fields[1], "e");
    assert_int_equal(nf_csv_next(csv, &fields, &n_fields, &error), NF_ERR_USAGE);
    assert_non_null(strstr(error.message, "table:4:1: the file ends inside a quoted field"));
    nf_csv_close(csv);
    assert_int_equal(nf_csv_open_memory(&csv, "empty", "", 0, &error), NF_OK);
    assert_int_equal(nf_csv_next(csv, &fields, &n_fields, &error), NF_EOF);
    nf_csv_close(csv);
}

static void a_field_says_where_it_begins(void **state)
{
    (void)state;
    nf_csv *csv;
    const char *const *fields;
    size_t n_fields;
    uint64_t line, column;
    static const char text[] = "ab,\"c\nd\",,ef\n,\n";
    static const uint64_t places[][2] = {{1, 1}, {1, 4}, {2, 4}, {2, 5}};
    assert_int_equal(nf_csv_open_memory(&csv, "t", text, sizeof text - 1, NULL), NF_OK);
    assert_int_equal(nf_csv_next(csv, &fields, &n_fields, NULL), NF_OK);
    assert_int_equal(n_fields, 4);
    for (size_t i = 0; i < 4; i++) {
        nf_csv_place(csv, i, &line, &column);
        assert_int_equal(line, places[i][0]);
        assert_int_equal(column, places[i][1]);
    }
    assert_int_equal(nf_csv_next(csv, &fields, &n_fields, NULL), NF_OK);
    nf_csv_place(csv, 1, &line, &column);
    assert_int_equal(line, 3);
    assert_int_equal(column, 2);
    nf_csv_close(csv);
}

static void a_zero_byte_is_no_text(void **state)
{
    (void)state;
    char rows[64];
    nf_error error = {0};
    assert_int_equal(rows_of("a,b\0c\n", 7, rows, sizeof rows, &error), NF_ERR_USAGE);
    assert_non_null(strstr(error.message, "zero byte"));
    assert_int_equal(rows_of("a\n\"b\0c\"\n", 9, rows, sizeof rows, &error), NF_ERR_USAGE);
}

/* Blocks of 64 KiB: fields, quotes and line ends lie across every boundary. */
static void blocks_leave_no_seams(void **state)
{
    (void)state;
    enum { ROWS = 9001 };
    size_t used = 0, size = (size_t)ROWS * 40;
    char *text = malloc(size);
    folder f;
    nf_csv *csv;
    const char *const *fields;
    size_t n_fields;
    assert_non_null(text);
    for (int i = 0; i < ROWS; i++)
        used += (size_t)snprintf(text + used, size - used, "r%d,\"a\"\"%d\n\",%d\r\n", i, i, i % 7);
    folder_open(&f);
    assert_int_equal(nf_csv_open(&csv, folder_write(&f, "t.csv", text, used), NULL), NF_OK);
    for (int i = 0; i < ROWS; i++) {
        char first[16], second[16];
        assert_int_equal(nf_csv_next(csv, &fields, &n_fields, NULL), NF_OK);
        assert_int_equal(n_fields, 3);
        snprintf(first, sizeof first, "r%d", i);
        snprintf(second, sizeof second, "a\"%d\n", i);
        assert_string_equal(fields[0], first);
        assert_string_equal(fields[1], second);
        assert_int_equal(nf_csv_line(csv), 2 * i + 1);
    }
    assert_int_equal(nf_csv_next(csv, &fields, &n_fields, NULL), NF_EOF);
    nf_csv_close(csv);
    folder_close(&f);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_fields_are_given),
        cmocka_unit_test(line_ends_of_all_systems_and_blank_lines_are_fine),
        cmocka_unit_test(quotes_hold_everything),
        cmocka_unit_test(faults_say_where),
        cmocka_unit_test(a_row_is_bounded),
        cmocka_unit_test(lines_are_counted_where_rows_begin),
        cmocka_unit_test(a_missing_file_is_an_input_fault),
        cmocka_unit_test(memory_reads_as_a_file_does),
        cmocka_unit_test(a_field_says_where_it_begins),
        cmocka_unit_test(a_zero_byte_is_no_text),
        cmocka_unit_test(blocks_leave_no_seams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
