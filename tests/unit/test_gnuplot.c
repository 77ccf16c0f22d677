/* gnuplot as a child: what it says comes back, what it complains of too, and it never outlives its time. */
#include "support/folder.h"
#include "support/gnuplot_there.h"

#include <sys/stat.h>
#include <sys/wait.h>

static nf_status run(const char *program, unsigned timeout_ms, const char *script, nf_buf *output, nf_error *error)
{
    const nf_gnuplot gnuplot = {program, timeout_ms};
    return nf_gnuplot_run(&gnuplot, script, strlen(script), output, error);
}

/* No child is left, not even a dead one. */
static void assert_no_child(void)
{
    assert_true(waitpid(-1, NULL, WNOHANG) < 0);
}

static void what_it_writes_comes_back(void **state)
{
    (void)state;
    nf_buf output = {0};
    need_gnuplot("what_it_writes_comes_back");
    assert_int_equal(run("gnuplot", 20000, "set print '-'\ndo for [i=1:30000] { print sprintf('%06d', i) }\n", &output, NULL), NF_OK);
    assert_int_equal(output.len, 30000 * 7);
    assert_memory_equal(output.data, "000001\n", 7);
    assert_memory_equal(output.data + output.len - 7, "030000\n", 7);
    nf_buf_free(&output);
    assert_no_child();
}

static void its_own_words_are_in_the_error(void **state)
{
    (void)state;
    nf_buf output = {0};
    nf_error error = {0};
    need_gnuplot("its_own_words_are_in_the_error");
    assert_int_equal(run("gnuplot", 20000, "set nonsense 1\n", &output, &error), NF_ERR_OUTPUT);
    assert_non_null(strstr(error.message, "gnuplot failed: line 0: "));
    assert_non_null(strstr(error.message, "set"));
    nf_buf_free(&output);
    assert_no_child();
}

static void the_package_is_named_when_it_is_not_there(void **state)
{
    (void)state;
    nf_buf output = {0};
    nf_error error = {0};
    assert_int_equal(run("gnuplot-that-nobody-has", 20000, "exit", &output, &error), NF_ERR_OUTPUT);
    assert_non_null(strstr(error.message, "gnuplot-nox"));
    assert_int_equal(output.len, 0);
    nf_buf_free(&output);
    assert_no_child();
}

static void one_that_hangs_is_ended(void **state)
{
    (void)state;
    nf_buf output = {0};
    nf_error error = {0};
    need_gnuplot("one_that_hangs_is_ended");
    assert_int_equal(run("gnuplot", 150, "pause 100000\n", &output, &error), NF_ERR_OUTPUT);
    assert_non_null(strstr(error.message, "does not end"));
    nf_buf_free(&output);
    assert_no_child();
}

static void a_crash_is_told(void **state)
{
    (void)state;
    folder f;
    nf_buf output = {0};
    nf_error error = {0};
    folder_open(&f);
    static const char crashing[] = "#!/bin/sh\nkill -SEGV $$\n", silent[] = "#!/bin/sh\nexit 9\n";
    assert_int_equal(chmod(folder_write(&f, "crashing", crashing, sizeof crashing - 1), 0755), 0);
    assert_int_equal(run(f.file, 20000, "", &output, &error), NF_ERR_OUTPUT);
    assert_string_equal(error.message, "gnuplot was ended by signal 11");
    assert_int_equal(chmod(folder_write(&f, "silent", silent, sizeof silent - 1), 0755), 0);
    assert_int_equal(run(f.file, 20000, "", &output, &error), NF_ERR_OUTPUT);
    assert_string_equal(error.message, "gnuplot failed with status 9");
    static const char unstarted[] = "#!/bin/sh\nexit 127\n"; /* what POSIX allows posix_spawn() to make of a program that is not there */
    assert_int_equal(chmod(folder_write(&f, "unstarted", unstarted, sizeof unstarted - 1), 0755), 0);
    assert_int_equal(run(f.file, 20000, "", &output, &error), NF_ERR_OUTPUT);
    assert_non_null(strstr(error.message, "gnuplot-nox"));
    nf_buf_free(&output);
    folder_close(&f);
    assert_no_child();
}

/* It closes what we read, and lives on. */
static void one_that_falls_silent_is_ended(void **state)
{
    (void)state;
    folder f;
    nf_buf output = {0};
    nf_error error = {0};
    folder_open(&f);
    static const char mute[] = "#!/bin/sh\nexec >&- 2>&-\nexec sleep 1000\n";
    assert_int_equal(chmod(folder_write(&f, "mute", mute, sizeof mute - 1), 0755), 0);
    assert_int_equal(run(f.file, 300, "", &output, &error), NF_ERR_OUTPUT);
    assert_non_null(strstr(error.message, "does not end"));
    nf_buf_free(&output);
    folder_close(&f);
    assert_no_child();
}

static void too_much_is_not_kept(void **state)
{
    (void)state;
    folder f;
    nf_buf output = {0};
    nf_error error = {0};
    folder_open(&f);
    static const char endless[] = "#!/bin/sh\nexec cat /dev/zero\n";
    assert_int_equal(chmod(folder_write(&f, "endless", endless, sizeof endless - 1), 0755), 0);
    assert_int_equal(run(f.file, 60000, "", &output, &error), NF_ERR_OUTPUT);
    assert_non_null(strstr(error.message, "writes more than"));
    assert_true(output.len <= NF_GNUPLOT_OUTPUT_BYTES_MAX + (1 << 16));
    nf_buf_free(&output);
    folder_close(&f);
    assert_no_child();
}

/* Neither the locale nor the settings nor anything else of whoever calls reaches it. */
static void it_has_an_environment_of_its_own(void **state)
{
    (void)state;
    folder f;
    nf_buf output = {0};
    folder_open(&f);
    static const char teller[] = "#!/bin/sh\nenv\necho \"$@\"\n";
    assert_int_equal(setenv("GNUPLOT_LIB", "/elsewhere", 1), 0);
    assert_int_equal(setenv("LC_NUMERIC", "de_DE.UTF-8", 1), 0);
    assert_int_equal(chmod(folder_write(&f, "teller", teller, sizeof teller - 1), 0755), 0);
    assert_int_equal(run(f.file, 20000, "", &output, NULL), NF_OK);
    assert_int_equal(nf_buf_append(&output, "", 1, NULL), NF_OK);
    const char *text = (const char *)output.data;
    assert_non_null(strstr(text, "LC_ALL=C.UTF-8"));
    assert_non_null(strstr(text, "--default-settings -"));
    assert_null(strstr(text, "GNUPLOT_LIB"));
    assert_null(strstr(text, "LC_NUMERIC"));
    nf_buf_free(&output);
    folder_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_writes_comes_back),
        cmocka_unit_test(its_own_words_are_in_the_error),
        cmocka_unit_test(the_package_is_named_when_it_is_not_there),
        cmocka_unit_test(one_that_hangs_is_ended),
        cmocka_unit_test(a_crash_is_told),
        cmocka_unit_test(one_that_falls_silent_is_ended),
        cmocka_unit_test(too_much_is_not_kept),
        cmocka_unit_test(it_has_an_environment_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
