/* Exact integers of 384 bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics/wide.h"

static const char two_320_less_1[] =
    "2135987035920910082395021706169552114602704522356652769947041607822219725780640550022962086936575";
static const char two_320[] = "2135987035920910082395021706169552114602704522356652769947041607822219725780640550022962086936576";

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*state ^ (*state >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
}

static nf_wide u(uint64_t value)
{
    return nf_wide_from_u64(value);
}

static nf_wide negative(nf_wide a)
{
    return nf_wide_sub(u(0), a);
}

static nf_wide power_of_2(int exponent)
{
    nf_wide a = {{0}};
    a.limb[exponent / 64] = UINT64_C(1) << (exponent % 64);
    return a;
}

/* Of at most n_limbs limbs. */
static nf_wide random_wide(uint64_t *state, size_t n_limbs)
{
    nf_wide a = {{0}};
    for (size_t i = 0; i < n_limbs; i++)
        a.limb[i] = next_random(state);
    return a;
}

static void assert_same(nf_wide a, nf_wide b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

static void carries_and_borrows_go_through_every_limb(void **state)
{
    (void)state;
    const nf_wide all_ones = nf_wide_sub(u(0), u(1));
    for (size_t i = 0; i < NF_WIDE_LIMBS; i++)
        assert_true(all_ones.limb[i] == UINT64_MAX);
    assert_true(nf_wide_is_negative(all_ones));
    assert_same(nf_wide_add(all_ones, u(1)), u(0));
    assert_same(nf_wide_sub(power_of_2(320), u(1)), nf_wide_add(nf_wide_sub(power_of_2(320), u(2)), u(1)));
}

static void products_obey_the_laws_of_arithmetic(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 1000; i++) {
        const nf_wide a = random_wide(&seed, 2), b = random_wide(&seed, 2), c = random_wide(&seed, 2);
        assert_same(nf_wide_mul(a, b), nf_wide_mul(b, a));
        assert_same(nf_wide_mul(nf_wide_mul(a, b), c), nf_wide_mul(a, nf_wide_mul(b, c)));
        assert_same(nf_wide_mul(a, nf_wide_sub(b, c)), nf_wide_sub(nf_wide_mul(a, b), nf_wide_mul(a, c)));
        assert_same(nf_wide_mul(negative(a), b), negative(nf_wide_mul(a, b)));
    }
    assert_same(nf_wide_mul(power_of_2(191), power_of_2(191)), power_of_2(382));
}

/* x c / y c is x / y, which the processor rounds correctly for whole doubles. */
static void a_ratio_is_rounded_once(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 20000; i++) {
        const uint64_t x = next_random(&seed) >> (11 + i % 50), y = (next_random(&seed) >> (11 + i % 37)) | 1;
        const nf_wide c = random_wide(&seed, (size_t)(i % 5));
        const nf_wide scale = nf_wide_add(c, u(1));
        const nf_wide a = nf_wide_mul(u(x), scale), b = nf_wide_mul(u(y), scale);
        assert_true(nf_wide_ratio(a, b) == (double)x / (double)y);
        assert_true(nf_wide_ratio(negative(a), b) == -(double)x / (double)y);
        assert_true(nf_wide_ratio(negative(a), negative(b)) == (double)x / (double)y);
    }
}

static void a_tie_goes_to_even_and_a_hair_decides_it(void **state)
{
    (void)state;
    const double two_53 = 9007199254740992.0;
    const nf_wide tie = u((UINT64_C(1) << 53) + 1), big = power_of_2(300);
    assert_true(nf_wide_to_double(tie) == two_53);
    assert_true(nf_wide_to_double(u((UINT64_C(1) << 53) + 3)) == two_53 + 4.0);
    const nf_wide scaled = nf_wide_mul(tie, big);
    assert_true(nf_wide_ratio(scaled, big) == two_53);
    assert_true(nf_wide_ratio(nf_wide_add(scaled, u(1)), big) == two_53 + 2.0);
    assert_true(nf_wide_ratio(nf_wide_sub(scaled, u(1)), big) == two_53);
}

static void the_extremes_become_doubles(void **state)
{
    (void)state;
    assert_true(nf_wide_to_double(u(0)) == 0.0);
    assert_true(nf_wide_to_double(u(UINT64_MAX)) == 18446744073709551616.0);
    assert_true(nf_wide_to_double(power_of_2(382)) == 0x1p382);
    assert_true(nf_wide_to_double(power_of_2(383)) == -0x1p383); /* the most negative number */
    assert_true(nf_wide_to_double(nf_wide_sub(power_of_2(383), u(1))) == 0x1p383);
    assert_true(nf_wide_ratio(u(1), power_of_2(382)) == 0x1p-382);
    assert_true(nf_wide_ratio(power_of_2(383), power_of_2(383)) == 1.0);
}

static void decimals_come_back_as_they_were(void **state)
{
    (void)state;
    uint64_t seed = 3;
    char text[NF_WIDE_DECIMAL_SIZE];
    nf_wide back;
    for (int i = 0; i < 2000; i++) {
        const nf_wide a = random_wide(&seed, (size_t)(i % 6));
        nf_wide_to_decimal(a, text);
        assert_true(nf_wide_from_decimal(text, &back));
        assert_same(a, back);
    }
    nf_wide_to_decimal(power_of_2(320), text);
    assert_string_equal(text, two_320);
    assert_true(nf_wide_from_decimal(two_320_less_1, &back));
    assert_same(back, nf_wide_sub(power_of_2(320), u(1)));
}

static void the_longest_decimal_fits(void **state)
{
    (void)state;
    char text[NF_WIDE_DECIMAL_SIZE];
    nf_wide_to_decimal(power_of_2(383), text);
    assert_string_equal(text, "-1970100309819723960613952005007180690253986963523272333397414670212286088574860530570713312744"
                              "2457820403313995153408");
    nf_wide_to_decimal(u(0), text);
    assert_string_equal(text, "0");
}

static void malformed_and_oversized_decimals_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1a", "0x10", "1e3", "1.0", two_320};
    nf_wide value = u(7);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(nf_wide_from_decimal(bad[i], &value));
    char nines[1001];
    memset(nines, '9', sizeof nines - 1);
    nines[sizeof nines - 1] = '\0';
    assert_false(nf_wide_from_decimal(nines, &value));
    assert_same(value, u(7));
    assert_true(nf_wide_from_decimal("000123", &value));
    assert_same(value, u(123));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_and_borrows_go_through_every_limb),
        cmocka_unit_test(products_obey_the_laws_of_arithmetic),
        cmocka_unit_test(a_ratio_is_rounded_once),
        cmocka_unit_test(a_tie_goes_to_even_and_a_hair_decides_it),
        cmocka_unit_test(the_extremes_become_doubles),
        cmocka_unit_test(decimals_come_back_as_they_were),
        cmocka_unit_test(the_longest_decimal_fits),
        cmocka_unit_test(malformed_and_oversized_decimals_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
