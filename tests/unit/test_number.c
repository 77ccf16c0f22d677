/* Numbers typed by people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/number.h"

static void whole_numbers_in_range_are_taken(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_true(nf_parse_u64("0", 0, 10, &value));
    assert_true(value == 0);
    assert_true(nf_parse_u64("007", 0, 10, &value));
    assert_true(value == 7);
    assert_true(nf_parse_u64("18446744073709551615", 0, UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
}

static void anything_else_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     " 1",   "1 ",    "+1",   "-1", "1.0", "1e3", "0x10", "1,000", "12a",
                                      "\xd9\xa1", "18446744073709551616", "99999999999999999999999999"};
    uint64_t value = 42;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(nf_parse_u64(bad[i], 0, UINT64_MAX, &value));
    assert_false(nf_parse_u64("9", 10, 20, &value));
    assert_false(nf_parse_u64("21", 10, 20, &value));
    assert_true(value == 42);
}

static void signed_numbers_take_a_minus_and_nothing_else(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "-", "--1", "+1", "- 1", " -1", "-1 ", "-1.0", "9223372036854775808",
                                      "-9223372036854775809", "-99999999999999999999"};
    int64_t value = 42;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(nf_parse_i64(bad[i], INT64_MIN, INT64_MAX, &value));
    assert_false(nf_parse_i64("-2", -1, 1, &value));
    assert_false(nf_parse_i64("2", -1, 1, &value));
    assert_true(value == 42);
    assert_true(nf_parse_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &value) && value == INT64_MIN);
    assert_true(nf_parse_i64("9223372036854775807", INT64_MIN, INT64_MAX, &value) && value == INT64_MAX);
    assert_true(nf_parse_i64("-0", INT64_MIN, INT64_MAX, &value) && value == 0);
    assert_true(nf_parse_i64("-17", -20, 0, &value) && value == -17);
}

static void sizes_take_powers_of_1024(void **state)
{
    (void)state;
    uint64_t bytes;
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{"512", 512}, {"4K", 4096}, {"3M", 3u << 20}, {"2G", UINT64_C(2) << 30}, {"1T", UINT64_C(1) << 40}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(nf_parse_size(good[i].text, 0, UINT64_MAX, &bytes));
        assert_true(bytes == good[i].bytes);
    }
}

static void sizes_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "K", "4k", "4KB", "4KiB", "4 K", "-4K", "1.5M", "4Q", "16777216T", "K4"};
    uint64_t bytes = 42;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(nf_parse_size(bad[i], 0, UINT64_MAX, &bytes));
    assert_false(nf_parse_size("1K", 2048, 4096, &bytes));
    assert_false(nf_parse_size("5K", 2048, 4096, &bytes));
    assert_true(bytes == 42);
}

static void decimals_are_read_as_strtod_reads_them(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "-0", "1", "+1", "0.5", ".5", "5.", "76.1", "1e3", "1E-3", "1e+22", "1e-22",
                                       "1e23", "0.1e1",
                                       "123456789012345678901234567890", "9007199254740993", "2.2250738585072014e-308",
                                       "4.9e-324", "1.7976931348623157e308", "0.000000000000000000000000000000123",
                                       "123456789012345.6", "3.141592653589793238462643383279"};
    double value;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(nf_parse_double(good[i], &value));
        assert_true(value == strtod(good[i], NULL));
    }
}

static void other_texts_are_no_decimals(void **state)
{
    (void)state;
    static const char *const bad[] = {"", " 1", "1 ", "1,5", "1.014,5", "0x10", "inf", "nan", "-", ".", "e5", "1e", "1e+",
                                      "1e5.0",
                                      "1.2.3", "--1", "1_000", "1e99999", "1e309", "76%"};
    double value = 42.0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(nf_parse_double(bad[i], &value));
    assert_true(value == 42.0);
}

static void scaling_rounds_once(void **state)
{
    (void)state;
    double value;
    assert_true(nf_parse_scaled("94.59", -2, &value) && value == 0.9459);
    assert_true(nf_parse_scaled("0.5094", 9, &value) && value == 509400000.0);
    assert_true(nf_parse_scaled("123456789012345678e-3", -20, &value) && value == 123456789012345678e-23);
    assert_false(nf_parse_scaled("1e300", 9, &value));
}

static void decimals_are_counted(void **state)
{
    (void)state;
    assert_int_equal(nf_decimals("76.10"), 2);
    assert_int_equal(nf_decimals("76"), 0);
    assert_int_equal(nf_decimals("1.5e3"), -2);
    assert_int_equal(nf_decimals("2e-4"), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_in_range_are_taken),
        cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
        cmocka_unit_test(signed_numbers_take_a_minus_and_nothing_else),
        cmocka_unit_test(sizes_take_powers_of_1024),
        cmocka_unit_test(sizes_that_make_no_sense_are_refused),
        cmocka_unit_test(decimals_are_read_as_strtod_reads_them),
        cmocka_unit_test(other_texts_are_no_decimals),
        cmocka_unit_test(scaling_rounds_once),
        cmocka_unit_test(decimals_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
