/* The interval for a mean from a random part: it covers, at every moment at once, as often as it says. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "metrics/confidence.h"
#include "metrics/generator.h"

enum { MEMBERS = 240 };

typedef struct population {
    double values[MEMBERS];
    double mean;
} population;

static void settle(population *p)
{
    double sum = 0.0;
    unsigned n = 0;
    for (int i = 0; i < MEMBERS; i++)
        if (!isnan(p->values[i])) {
            sum += p->values[i];
            n++;
        }
    p->mean = sum / n;
}

/* The first n members of a random order. */
static nf_confidence draw(const population *p, uint64_t seed, size_t n, double half_width)
{
    int order[MEMBERS];
    nf_generator generator = nf_generator_of(seed);
    nf_confidence c = {.n_members = MEMBERS, .n_planned = n, .half_width = half_width};
    for (int i = 0; i < MEMBERS; i++)
        order[i] = i;
    for (size_t i = 0; i < n; i++) {
        size_t j = i + (size_t)nf_random_below(&generator, MEMBERS - i);
        int swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
        assert_int_equal(nf_confidence_add(&c, p->values[order[i]], NULL), NF_OK);
    }
    return c;
}

/* Of how many orders the interval misses the mean. It takes the best of all moments up to n, so it misses when any of them
 * does. */
static unsigned misses(const population *p, unsigned orders, size_t n, double half_width)
{
    unsigned missed = 0;
    for (unsigned seed = 0; seed < orders; seed++) {
        nf_confidence c = draw(p, seed, n, half_width);
        nf_interval interval = nf_confidence_interval(&c);
        double mean = c.n_values == 0 ? interval.low : c.sum / (double)c.n_values * NF_CONFIDENCE_TOP;
        assert_true(0.0 <= interval.low && interval.low <= mean && mean <= interval.high && interval.high <= 8.0);
        missed += p->mean < interval.low - 1e-12 || p->mean > interval.high + 1e-12;
        nf_confidence_free(&c);
    }
    return missed;
}

static void assert_covers(population *p)
{
    enum { ORDERS = 600, MISSES_MAX = ORDERS / 20 };
    settle(p);
    assert_in_range(misses(p, ORDERS, 24, 0.0), 0, MISSES_MAX);
    assert_in_range(misses(p, ORDERS, MEMBERS - 1, 0.0), 0, MISSES_MAX);
    assert_in_range(misses(p, ORDERS, 160, 0.3), 0, MISSES_MAX);
}

static void two_extremes_are_covered(void **state)
{
    (void)state;
    for (int share = 1; share <= MEMBERS; share *= 4) { /* 1, 4, 16, 64 of 240 */
        population p;
        for (int i = 0; i < MEMBERS; i++)
            p.values[i] = i < share ? 8.0 : 0.0;
        assert_covers(&p);
        for (int i = 0; i < MEMBERS; i++)
            p.values[i] = i < share ? 0.0 : 8.0;
        assert_covers(&p);
    }
}

static void smooth_ones_are_covered(void **state)
{
    (void)state;
    for (double power = 0.2; power < 6.0; power *= 3.0) { /* crowded at 8, spread, crowded at 0 */
        population p;
        for (int i = 0; i < MEMBERS; i++)
            p.values[i] = 8.0 * pow((i + 0.5) / MEMBERS, power);
        assert_covers(&p);
    }
}

static void classes_stored_one_after_the_other_are_covered(void **state)
{
    (void)state;
    population p;
    for (int i = 0; i < MEMBERS; i++)
        p.values[i] = 0.5 + i / 40 + (i % 40) * 0.02;
    assert_covers(&p);
}

static void members_without_a_value_may_be_many_and_anywhere(void **state)
{
    (void)state;
    for (int every = 2; every <= 5; every += 3) {
        population p;
        for (int i = 0; i < MEMBERS; i++)
            p.values[i] = i % every != 0 || i < 60 ? NF_CONFIDENCE_NO_VALUE : i < 150 ? 2.0 + i * 0.01 : 7.0;
        assert_covers(&p);
    }
}

/* Drawing stops at the moment that looks best, and that moment is what is reported. */
static void stopping_when_it_is_narrow_keeps_the_coverage(void **state)
{
    enum { ORDERS = 400 };
    (void)state;
    population p;
    unsigned missed = 0, stopped = 0;
    for (int i = 0; i < MEMBERS; i++)
        p.values[i] = i % 3 == 0 ? 6.0 : 6.5 + (i % 7) * 0.1;
    settle(&p);
    for (unsigned seed = 0; seed < ORDERS; seed++) {
        nf_confidence all = draw(&p, seed, MEMBERS, 0.25), c = {.n_members = MEMBERS, .n_planned = MEMBERS, .half_width = 0.25};
        while (c.n < MEMBERS && !nf_confidence_is_reached(&c))
            assert_int_equal(nf_confidence_add(&c, all.values[c.n] * 8.0, NULL), NF_OK);
        nf_interval interval = nf_confidence_interval(&c);
        assert_true(interval.high - interval.low <= 2 * 0.25);
        missed += p.mean < interval.low - 1e-12 || p.mean > interval.high + 1e-12;
        stopped += c.n < MEMBERS;
        nf_confidence_free(&all);
        nf_confidence_free(&c);
    }
    assert_in_range(missed, 0, ORDERS / 20);
    assert_int_equal(stopped, ORDERS);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 40;
}

static nf_confidence fixed_sequence(uint64_t n_members, double half_width)
{
    uint64_t seed = 7;
    nf_confidence c = {.n_members = n_members, .n_planned = 300, .half_width = half_width};
    for (int i = 0; i < 300; i++) {
        uint64_t r = next_random(&seed);
        double value = r % 5 == 0 ? NF_CONFIDENCE_NO_VALUE : 5.0 + (double)(r % 3000) / 1000.0;
        assert_int_equal(nf_confidence_add(&c, value, NULL), NF_OK);
    }
    return c;
}

/* By a program in Python that takes sums of log1p straight from the formula. */
static void an_independent_program_finds_the_same_ends(void **state)
{
    (void)state;
    const struct {
        uint64_t n_members;
        double half_width, low, high;
    } known[] = {{1000, 0.0, 6.314674422119063, 6.617585718663134}, {1000, 0.2, 6.314674422119063, 6.616490954448507},
                 {301, 0.0, 6.475651821862349, 6.50804048582996}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        nf_confidence c = fixed_sequence(known[i].n_members, known[i].half_width);
        nf_interval interval = nf_confidence_interval(&c);
        assert_float_equal(interval.low, known[i].low, 1e-10);
        assert_float_equal(interval.high, known[i].high, 1e-10);
        nf_confidence_free(&c);
    }
}

static void everything_drawn_is_one_point_and_nothing_is_everything(void **state)
{
    (void)state;
    nf_confidence c = fixed_sequence(300, 0.0);
    nf_interval interval = nf_confidence_interval(&c);
    assert_true(interval.low == interval.high);
    nf_confidence_free(&c);
    c = (nf_confidence){.n_members = 5, .n_planned = 5, .half_width = 0.1};
    for (int i = 0; i < 5; i++)
        assert_int_equal(nf_confidence_add(&c, NF_CONFIDENCE_NO_VALUE, NULL), NF_OK);
    assert_false(nf_confidence_is_reached(&c));
    interval = nf_confidence_interval(&c);
    assert_true(interval.low == 0.0 && interval.high == 8.0);
    nf_confidence_free(&c);
}

/* What drawing without replacement is worth: with most members seen, little is left to be unsure of. */
static void the_interval_narrows_as_members_are_drawn(void **state)
{
    (void)state;
    population p;
    double last = 8.0;
    for (int i = 0; i < MEMBERS; i++)
        p.values[i] = 6.0 + (i % 20) * 0.05;
    settle(&p);
    for (size_t n = 30; n < MEMBERS; n += 30) {
        nf_confidence c = draw(&p, 1, n, 0.0);
        nf_interval interval = nf_confidence_interval(&c);
        assert_true(interval.high - interval.low < last);
        last = interval.high - interval.low;
        nf_confidence_free(&c);
    }
    assert_true(last < 0.2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_extremes_are_covered),
        cmocka_unit_test(smooth_ones_are_covered),
        cmocka_unit_test(classes_stored_one_after_the_other_are_covered),
        cmocka_unit_test(members_without_a_value_may_be_many_and_anywhere),
        cmocka_unit_test(stopping_when_it_is_narrow_keeps_the_coverage),
        cmocka_unit_test(an_independent_program_finds_the_same_ends),
        cmocka_unit_test(everything_drawn_is_one_point_and_nothing_is_everything),
        cmocka_unit_test(the_interval_narrows_as_members_are_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
