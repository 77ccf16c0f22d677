/* Letters that no font has give way to a sign that some font has; the others stay, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/letters.h"

/* Letters with these fonts: Latin, kana, and perhaps U+FFFD. */
static nf_letters some(bool has_mark)
{
    nf_letters letters = {.n = has_mark ? 3 : 2, .known = true, .ranges = calloc(3, sizeof *letters.ranges)};
    assert_non_null(letters.ranges);
    letters.ranges[0] = (nf_letter_range){0x20, 0x24f};
    letters.ranges[1] = (nf_letter_range){0x3041, 0x30ff};
    letters.ranges[2] = (nf_letter_range){0xfffd, 0xfffd};
    return letters;
}

static void assert_replaced(bool has_mark, const char *text, const char *wanted, size_t n_missing)
{
    nf_letters letters = some(has_mark);
    nf_buf out = {0};
    assert_int_equal(nf_letters_replace(&letters, text, strlen(text), &out, NULL), NF_OK);
    assert_int_equal(nf_buf_append(&out, "", 1, NULL), NF_OK);
    assert_string_equal((const char *)out.data, wanted);
    assert_int_equal(letters.n_missing, n_missing);
    nf_buf_free(&out);
    nf_letters_clear(&letters);
}

static void what_fonts_have_stays(void **state)
{
    (void)state;
    assert_replaced(true, "set label 'caf\u00e9 \u3042'\n", "set label 'caf\u00e9 \u3042'\n", 0);
    assert_replaced(true, "", "", 0);
    assert_replaced(true, "\u3042\ufe0e", "\u3042\ufe0e", 0); /* a variation selector is no letter */
}

static void what_none_has_gives_way(void **state)
{
    (void)state;
    assert_replaced(true, "'\u732b' \u72ac\U0001f600\u732b", "'\ufffd' \ufffd\ufffd\ufffd", 3);
    assert_replaced(false, "'\u732b' caf\u00e9", "'?' caf\u00e9", 1);
}

static void each_missing_letter_is_known_once(void **state)
{
    (void)state;
    nf_letters letters = some(true);
    nf_buf out = {0};
    const char *text = "\u732b\u72ac\u732b";
    assert_int_equal(nf_letters_replace(&letters, text, strlen(text), &out, NULL), NF_OK);
    assert_int_equal(letters.n_missing, 2);
    assert_int_equal(letters.missing[0], 0x732b);
    assert_int_equal(letters.missing[1], 0x72ac);
    nf_buf_free(&out);
    nf_letters_clear(&letters);
}

/* Without fontconfig: Latin, and nothing that could spoil a picture. */
static void latin_is_taken_for_granted_and_nothing_else(void **state)
{
    (void)state;
    nf_letters letters = {0};
    assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
    assert_int_equal(nf_letters_find(&letters, NULL), NF_OK);
    assert_false(letters.known);
    assert_true(nf_letters_has(&letters, 0xe9));
    assert_true(nf_letters_has(&letters, 0x2026));
    assert_false(nf_letters_has(&letters, 0x732b));
    nf_letters_clear(&letters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fonts_have_stays),
        cmocka_unit_test(what_none_has_gives_way),
        cmocka_unit_test(each_missing_letter_is_known_once),
        cmocka_unit_test(latin_is_taken_for_granted_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
