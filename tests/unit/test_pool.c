/* Strings kept once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/pool.h"

static void equal_strings_have_one_address(void **state)
{
    (void)state;
    nf_pool pool = {0};
    static const char *kept[5000];
    char text[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "name %d", i);
        assert_int_equal(nf_pool_keep(&pool, text, &kept[i], NULL), NF_OK);
    }
    for (int i = 0; i < 5000; i++) {
        const char *again;
        snprintf(text, sizeof text, "name %d", i);
        assert_string_equal(kept[i], text);
        assert_int_equal(nf_pool_keep(&pool, text, &again, NULL), NF_OK);
        assert_ptr_equal(again, kept[i]);
    }
    assert_int_equal(pool.n, 5000);
    nf_pool_free(&pool);
}

static void long_and_empty_strings_are_fine(void **state)
{
    (void)state;
    nf_pool pool = {0};
    const char *kept, *empty, *copy;
    char *text = malloc(200001);
    assert_non_null(text);
    memset(text, 'x', 200000);
    text[200000] = '\0';
    assert_int_equal(nf_pool_keep(&pool, text, &kept, NULL), NF_OK);
    assert_string_equal(kept, text);
    assert_int_equal(nf_pool_keep(&pool, "", &empty, NULL), NF_OK);
    assert_string_equal(empty, "");
    assert_int_equal(nf_pool_copy(&pool, "", &copy, NULL), NF_OK);
    assert_ptr_not_equal(copy, empty);
    free(text);
    nf_pool_free(&pool);
}

static void room_is_aligned_and_apart(void **state)
{
    (void)state;
    nf_pool pool = {0};
    const char *kept;
    for (size_t n = 1; n < 300; n++) {
        uint8_t *room = nf_pool_room(&pool, n);
        assert_non_null(room);
        assert_int_equal((uintptr_t)room % sizeof(void *), 0);
        memset(room, 0xff, n);
        assert_int_equal(nf_pool_keep(&pool, "odd", &kept, NULL), NF_OK);
        assert_string_equal(kept, "odd");
    }
    nf_pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_strings_have_one_address),
        cmocka_unit_test(long_and_empty_strings_are_fine),
        cmocka_unit_test(room_is_aligned_and_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
