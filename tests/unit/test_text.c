/* Untrusted names as text: what is UTF-8 and what becomes \xHH. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void whole_sequences_are_measured(void **state)
{
    (void)state;
    assert_int_equal(nf_utf8_length("a"), 1);
    assert_int_equal(nf_utf8_length("\x7f"), 1);
    assert_int_equal(nf_utf8_length("\xc2\x80"), 2);
    assert_int_equal(nf_utf8_length("\xdf\xbf"), 2);
    assert_int_equal(nf_utf8_length("\xe0\xa0\x80"), 3);
    assert_int_equal(nf_utf8_length("\xed\x9f\xbf"), 3);
    assert_int_equal(nf_utf8_length("\xee\x80\x80"), 3);
    assert_int_equal(nf_utf8_length("\xf0\x90\x80\x80"), 4);
    assert_int_equal(nf_utf8_length("\xf4\x8f\xbf\xbf"), 4);
}

static void what_is_no_sequence_has_no_length(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",                 /* the end */
        "\x80", "\xbf",     /* continuation without a beginning */
        "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", /* longer than needed */
        "\xed\xa0\x80", "\xed\xbf\xbf",                             /* surrogates */
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",             /* beyond Unicode */
        "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(", "\xe2(\xac", "\xf0\x9f\x98(", /* cut short */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(nf_utf8_length(bad[i]), 0);
}

static void sequences_have_their_code_points(void **state)
{
    (void)state;
    assert_int_equal(nf_utf8_code("A"), 0x41);
    assert_int_equal(nf_utf8_code("\xc3\xa4"), 0xe4);
    assert_int_equal(nf_utf8_code("\xe7\x8c\xab"), 0x732b);
    assert_int_equal(nf_utf8_code("\xf0\x9f\x98\x80"), 0x1f600);
    assert_int_equal(nf_utf8_code("\xff"), 0);
    assert_int_equal(nf_utf8_code(""), 0);
}

static void what_people_can_be_shown_has_its_length(void **state)
{
    (void)state;
    static const char *const hidden[] = {
        "", "\x01", "\n", "\x7f", "\xff",
        "\xc2\x80", "\xc2\x9f",                          /* U+0080, U+009F */
        "\xe2\x80\x8b", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9", "\xef\xbb\xbf",
        "\xc2\xad", "\xd8\x9c",                          /* U+00AD soft hyphen, U+061C Arabic letter mark */
        "\xe3\x85\xa4", "\xf3\xa0\x81\xa1",              /* U+3164 Hangul filler, U+E0061 a tag */
        "\xef\xbf\xbe", "\xef\xbf\xbf",
    };
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        assert_int_equal(nf_text_shown(hidden[i]), 0);
    assert_int_equal(nf_text_shown(" "), 1);
    assert_int_equal(nf_text_shown("\xcc\x81"), 2);         /* U+0301, a combining accent */
    assert_int_equal(nf_text_shown("\xef\xb8\x8f"), 3);     /* U+FE0F chooses how an emoji looks */
    assert_int_equal(nf_text_shown("~"), 1);
    assert_int_equal(nf_text_shown("\xc2\xa0"), 2);
    assert_int_equal(nf_text_shown("\xe2\x80\x93"), 3); /* a dash */
    assert_int_equal(nf_text_shown("\xf0\x9f\x98\x80"), 4);
}

static void counts_and_sizes_are_for_people(void **state)
{
    (void)state;
    char text[32];
    assert_string_equal(nf_text_count(text, 0), "0");
    assert_string_equal(nf_text_count(text, 999), "999");
    assert_string_equal(nf_text_count(text, 1234567), "1,234,567");
    assert_string_equal(nf_text_count(text, UINT64_MAX), "18,446,744,073,709,551,615");
    assert_string_equal(nf_text_bytes(text, 1023), "1023 bytes");
    assert_string_equal(nf_text_bytes(text, 170498071), "162.6 MiB");
    assert_string_equal(nf_text_bytes(text, UINT64_MAX), "16777216.0 TiB");
}

static void assert_copy(const char *from, const char *expected)
{
    char *copy;
    assert_int_equal(nf_utf8_copy(&copy, from, NULL), NF_OK);
    assert_string_equal(copy, expected);
    free(copy);
}

static void copies_keep_utf8_and_escape_other_bytes(void **state)
{
    (void)state;
    assert_copy("", "");
    assert_copy("plain", "plain");
    assert_copy("K\xc3\xa4tzchen \xf0\x9f\x98\x80", "K\xc3\xa4tzchen \xf0\x9f\x98\x80");
    assert_copy("\xff", "\\xff");
    assert_copy("a\x80z\xc3", "a\\x80z\\xc3");
    assert_copy("\xe2\x82z", "\\xe2\\x82z");
    assert_copy("tab\tnew\nline", "tab\tnew\nline");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_sequences_are_measured),
        cmocka_unit_test(what_is_no_sequence_has_no_length),
        cmocka_unit_test(sequences_have_their_code_points),
        cmocka_unit_test(what_people_can_be_shown_has_its_length),
        cmocka_unit_test(counts_and_sizes_are_for_people),
        cmocka_unit_test(copies_keep_utf8_and_escape_other_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
