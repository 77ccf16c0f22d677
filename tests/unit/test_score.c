/* The figures of merit: closed forms, the papers' printed values, and what is not defined. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "metrics/score.h"

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) <= 1e-12 * fabs(b));
}

static void nofade_is_accuracy_times_complexity_over_the_logarithm(void **state)
{
    (void)state;
    assert_near(nf_nofade(0.5, 4.0, exp(2.0), NF_LOG_E), 1.0);
    assert_near(nf_nofade(0.75, 8.0, 64.0, NF_LOG_2), 1.0);
    assert_near(nf_nofade(0.9, 10.0, 1e9, NF_LOG_10), 1.0);
    assert_near(nf_nofade(0.7613, 1.0, 2.0 * 4.089e9, NF_LOG_E), 0.7613 / log(8.178e9));
}

static void one_flop_or_less_has_no_nofade(void **state)
{
    (void)state;
    assert_true(isnan(nf_nofade(0.5, 4.0, 1.0, NF_LOG_E)));
    assert_true(isnan(nf_nofade(0.5, 4.0, 0.0, NF_LOG_E)));
    assert_true(isnan(nf_nofade(0.5, 4.0, NAN, NF_LOG_E)));
}

static void in_equation_1_the_flops_cancel(void **state)
{
    (void)state;
    const double gpu_w = 300.0, cpu_w = 65.0, hours = 1152.0;
    for (double flops = 1e6; flops < 1e13; flops *= 1e3) {
        double literally = flops * (gpu_w / flops + cpu_w / flops) * hours / 1000.0;
        assert_near(nf_energy_tdp_kwh(gpu_w, cpu_w, hours), literally);
    }
}

static void energy_from_training_flops_is_time_at_the_tdp(void **state)
{
    (void)state;
    /* 3.6e18 FLOPs at 10 TFLOP/s x 0.5 are 720000 s = 200 h. */
    assert_near(nf_energy_flops_kwh(3.6e18, 1e13, 0.5, 250.0, 50.0), 60.0);
}

static void co2_is_kilograms(void **state)
{
    (void)state;
    assert_near(nf_co2_kg(100.0, 1.0, NF_EPA_KG_PER_KWH), 70.7);
    assert_near(nf_co2_kg(100.0, 1.5, 0.4), 60.0);
}

static void sam_gives_the_printed_value_of_pspnet(void **state)
{
    (void)state;
    assert_near(nf_sam(1.0, 10.0, 5.0, 5.0), 5.0);
    assert_true(fabs(nf_sam(0.802, 67.9001, 5.0, 5.0) - 0.906) < 0.0005); /* Gowda et al., table 1 */
}

static void sam_is_not_defined_up_to_1_kwh(void **state)
{
    (void)state;
    assert_true(isnan(nf_sam(0.9, 1.0, 5.0, 5.0)));
    assert_true(isnan(nf_sam(0.9, 0.5, 5.0, 5.0)));
    assert_true(isnan(nf_sam(0.9, NAN, 5.0, 5.0)));
    assert_true(nf_sam(0.9, nextafter(1.0, 2.0), 5.0, 5.0) > 0.0);
}

static void score_is_a_ratio(void **state)
{
    (void)state;
    assert_near(nf_score(0.9, 0.09), 10.0);
    assert_true(isnan(nf_score(0.9, 0.0)));
}

static void a_week_of_inference_is_18144000_images(void **state)
{
    (void)state;
    double hours = 168.0 * 3600.0 * 30.0 * 6.51e-3 / 3600.0; /* of work */
    assert_near(nf_co2_kg_week(6.51, 250.0, 1.0, 0.432), hours * 0.25 * 0.432);
    assert_true(fabs(nf_co2_kg_week_badar(6.51) - 28.6) < 0.05); /* Badar et al., table 3 */
    assert_true(fabs(nf_co2_kg_week_badar(1.0) / nf_co2_kg_week(1.0, NF_BADAR_WATTS, 1.0, NF_BADAR_KG_PER_KWH) - 8.0) < 0.1);
}

static void a_proportion_is_least_certain_in_the_middle(void **state)
{
    (void)state;
    assert_near(nf_proportion_half_width(0.5, 10000.0), 0.0098);
    assert_true(nf_proportion_half_width(0.0, 100.0) == 0.0);
    assert_true(nf_proportion_half_width(1.0, 100.0) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nofade_is_accuracy_times_complexity_over_the_logarithm),
        cmocka_unit_test(one_flop_or_less_has_no_nofade),
        cmocka_unit_test(in_equation_1_the_flops_cancel),
        cmocka_unit_test(energy_from_training_flops_is_time_at_the_tdp),
        cmocka_unit_test(co2_is_kilograms),
        cmocka_unit_test(sam_gives_the_printed_value_of_pspnet),
        cmocka_unit_test(sam_is_not_defined_up_to_1_kwh),
        cmocka_unit_test(score_is_a_ratio),
        cmocka_unit_test(a_week_of_inference_is_18144000_images),
        cmocka_unit_test(a_proportion_is_least_certain_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
