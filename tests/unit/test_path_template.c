/* The templates by which manifests name the entries of a layout. */
#include "support/archives.h"

#include "loaders/layout/path_template.h"

static bool matches(const char *template, const char *path)
{
    nf_captures captures;
    return nf_template_matches(template, path, &captures);
}

/* The text that a name took, or "(none)"; valid until the next call. */
static const char *taken(const char *template, const char *path, const char *name)
{
    static char text[256];
    nf_captures captures;
    char pattern[64];
    assert_true(nf_template_matches(template, path, &captures));
    snprintf(pattern, sizeof pattern, "{%s}", name);
    return nf_captures_expand(&captures, pattern, text, sizeof text) ? text : "(none)";
}

static void a_template_matches_the_end_of_a_path_by_components(void **state)
{
    (void)state;
    assert_true(matches("images/a.png", "images/a.png"));
    assert_true(matches("images/a.png", "root/deep/images/a.png"));
    assert_true(matches("images/a.png", "set.zip!images/a.png"));
    assert_false(matches("images/a.png", "myimages/a.png"));
    assert_false(matches("images/a.png", "images/a.png/b"));
    assert_false(matches("images/a.png", "images/xa.png"));
    assert_true(matches("a.tar!b.JPEG", "x/A.TAR!B.jpeg"));
    assert_false(matches("a/b", "a!b"));
}

static void names_take_pieces_of_a_component(void **state)
{
    (void)state;
    assert_string_equal(taken("train/{class}/images/{key}.JPEG", "t/train/n01/images/n01_7.JPEG", "class"), "n01");
    assert_string_equal(taken("train/{class}/images/{key}.JPEG", "t/train/n01/images/n01_7.JPEG", "key"), "n01_7");
    assert_string_equal(taken("{class}_{n=#+}.jpg", "images/great_dane_12.jpg", "class"), "great_dane");
    assert_string_equal(taken("{key}.jpg", "a.b.jpg", "key"), "a.b");
    assert_string_equal(taken("{key}.jpg", "a.jpg", "other"), "(none)");
    assert_false(matches("x/{key}.jpg", "x/.jpg"));
    assert_false(matches("{a}.jpg", "a/b.png"));
}

static void patterns_bind_what_a_name_takes(void **state)
{
    (void)state;
    assert_true(matches("{class=n########}/{key}.JPEG", "n01440764/x.JPEG"));
    assert_false(matches("{class=n########}/{key}.JPEG", "n0144076/x.JPEG"));
    assert_false(matches("{class=n########}/{key}.JPEG", "n01440764x/x.JPEG"));
    assert_true(matches("{key=%+}.png", "00fFa9.png"));
    assert_false(matches("{key=%+}.png", "00fg.png"));
    assert_true(matches("{a=@+}.png", "abC.png"));
    assert_false(matches("{a=@+}.png", "ab1.png"));
    assert_true(matches("VOC####/a", "VOC2007/a"));
    assert_false(matches("VOC####/a", "VOC207/a"));
}

static void a_name_that_comes_twice_takes_the_same_text(void **state)
{
    (void)state;
    assert_true(matches("{id}/images/{id}.png", "0a/images/0a.png"));
    assert_false(matches("{id}/images/{id}.png", "0a/images/0b.png"));
    assert_true(matches("{class}_{n}_{class}.JPEG", "n01_5_n01.JPEG"));
}

static void stars_take_anything_in_a_component_or_components(void **state)
{
    (void)state;
    assert_true(matches("a*z/x", "abcz/x"));
    assert_true(matches("a*z/x", "az/x"));
    assert_false(matches("a*z/x", "ab/z/x"));
    assert_true(matches("set/**/{key}.png", "set/a/b/c.png"));
    assert_true(matches("set/**/{key}.png", "set/c.png"));
    assert_false(matches("set/**/{key}.png", "sets/c.png"));
}

static void keys_are_put_together_from_names(void **state)
{
    (void)state;
    nf_captures captures;
    char text[16];
    assert_true(nf_template_matches("{class}/{key}.jpg", "images/apple_pie/1005649.jpg", &captures));
    assert_true(nf_captures_expand(&captures, "{key}", text, sizeof text));
    assert_string_equal(text, "1005649");
    assert_false(nf_captures_expand(&captures, "{class}/{key}", text, sizeof text)); /* one byte too long */
    assert_false(nf_captures_expand(&captures, "{split}", text, sizeof text));
}

/* A template that can match in many ways gives up instead of taking for ever. */
static void an_ambiguous_template_ends(void **state)
{
    (void)state;
    char path[4001];
    memset(path, 'a', 4000);
    path[4000] = '\0';
    assert_false(matches("*a*a*a*a*a*a*a*a*a*a*b", path));
    assert_false(matches("{a}{b}{c}{d}{e}{f}{g}{h}b", path));
    char template[1801];
    for (size_t i = 0; i < 600; i++)
        memcpy(template + 3 * i, "**/", 3);
    strcpy(template + 1797, "b");
    for (size_t i = 1; i < 4000; i += 2)
        path[i] = '/';
    for (int i = 0; i < 100; i++)
        assert_false(matches(template, path)); /* at no start and no number of components, once the steps are used up */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_template_matches_the_end_of_a_path_by_components),
        cmocka_unit_test(names_take_pieces_of_a_component),
        cmocka_unit_test(patterns_bind_what_a_name_takes),
        cmocka_unit_test(a_name_that_comes_twice_takes_the_same_text),
        cmocka_unit_test(stars_take_anything_in_a_component_or_components),
        cmocka_unit_test(keys_are_put_together_from_names),
        cmocka_unit_test(an_ambiguous_template_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
