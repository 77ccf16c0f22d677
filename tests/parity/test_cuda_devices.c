/* Which device does what (device/devices.h), with a driver that runs the kernels on the CPU. */
#include "support/cuda_driver.h"

#include "device/devices.h"

enum { IMAGES = 5, PX = 600, CLASSES = 30, BINS = 64 };

static nf_devices *opened(nf_device_choice choice)
{
    nf_devices *devices = NULL;
    nf_error error = {0};
    assert_int_equal(nf_devices_open(&devices, choice, &error), NF_OK);
    return devices;
}

static void close_all(const driver *d, nf_devices *devices)
{
    nf_devices_close(devices);
    assert_int_equal(d->live(), 0);
}

static void assert_described(const nf_devices *devices, const char *expected)
{
    char text[NF_DEVICES_TEXT_SIZE];
    nf_devices_describe(devices, text);
    assert_string_equal(text, expected);
}

static image_set some_images(void)
{
    size_t sizes[IMAGES];
    nf_gpu_format formats[IMAGES];
    for (size_t i = 0; i < IMAGES; i++) {
        sizes[i] = PX + i;
        formats[i] = NF_GPU_PLANAR;
    }
    return make_images(sizes, formats, IMAGES, 0);
}

/* Hands the pixels over as a scan does. */
static bool counted_there(nf_devices *devices, image_set *set)
{
    nf_error error = {0};
    bool counted = true;
    assert_int_equal(nf_devices_count(devices, set->images, set->n, &counted, &error), NF_OK);
    return counted;
}

static nf_distance_summary measured(nf_devices *devices)
{
    nf_distance_summary summary;
    nf_error error = {0};
    double *all = make_distributions(CLASSES, BINS, 4, 7);
    assert_int_equal(nf_devices_distances(devices, all, CLASSES, BINS, NF_LOG_2, &summary, &error), NF_OK);
    free(all);
    return summary;
}

static void the_cpu_never_asks_for_a_driver(void **state)
{
    const driver *d = *state;
    d->reset(1, 0, 0);
    nf_devices *devices = opened(NF_DEVICE_CPU);
    assert_false(nf_devices_wants_pixels(devices, (size_t)3 * NF_DEVICES_AUTO_BYTES));
    assert_false(nf_devices_wants_pixels(NULL, 1));
    measured(devices);
    measured(NULL);
    assert_int_equal(d->calls(), 0);
    assert_described(devices, "cpu");
    assert_described(NULL, "cpu");
    close_all(d, devices);
}

static void auto_takes_a_device_when_there_are_many_raw_pixels(void **state)
{
    const driver *d = *state;
    d->reset(1, 0, 0);
    nf_devices *devices = opened(NF_DEVICE_AUTO);
    assert_false(nf_devices_wants_pixels(devices, NF_DEVICES_AUTO_BYTES - 1));
    assert_false(nf_devices_wants_pixels(devices, 1));
    assert_true(nf_devices_wants_pixels(devices, 1));
    assert_int_equal(d->calls(), 0);
    image_set set = some_images();
    assert_true(counted_there(devices, &set));
    assert_counts_of_plain_c(&set);
    const long calls = d->calls();
    measured(devices); /* the host's order, unless asked otherwise */
    assert_int_equal(d->calls(), calls);
    assert_described(devices, "cuda: raw pixels (CPU in place of device 0)");
    free_images(&set);
    close_all(d, devices);
}

static void auto_without_a_device_is_the_cpu(void **state)
{
    const driver *d = *state;
    d->reset(0, 0, 0);
    nf_devices *devices = opened(NF_DEVICE_AUTO);
    image_set set = some_images();
    assert_true(nf_devices_wants_pixels(devices, (size_t)2 * NF_DEVICES_AUTO_BYTES));
    assert_false(counted_there(devices, &set));
    const long calls = d->calls();
    assert_true(calls > 0);
    assert_false(counted_there(devices, &set)); /* what was on its way meanwhile */
    assert_false(nf_devices_wants_pixels(devices, (size_t)2 * NF_DEVICES_AUTO_BYTES));
    assert_int_equal(d->calls(), calls);
    assert_described(devices, "cpu");
    free_images(&set);
    close_all(d, devices);
}

static void auto_with_too_little_memory_is_the_cpu_and_says_so(void **state)
{
    const driver *d = *state;
    nf_devices *devices = opened(NF_DEVICE_AUTO);
    image_set set = some_images();
    d->reset(1, 12, 2);
    assert_false(counted_there(devices, &set));
    assert_false(nf_devices_wants_pixels(devices, (size_t)2 * NF_DEVICES_AUTO_BYTES));
    char text[NF_DEVICES_TEXT_SIZE];
    nf_devices_describe(devices, text);
    assert_non_null(strstr(text, "cpu: CUDA cannot "));
    assert_non_null(strstr(text, "CUDA_ERROR_OUT_OF_MEMORY"));
    free_images(&set);
    close_all(d, devices);
}

static void a_device_that_fails_under_auto_is_left(void **state)
{
    const driver *d = *state;
    d->reset(1, 0, 0);
    nf_devices *devices = opened(NF_DEVICE_AUTO);
    image_set set = some_images();
    assert_true(counted_there(devices, &set));
    d->reset(1, 3, 719);
    assert_false(counted_there(devices, &set));
    assert_false(nf_devices_wants_pixels(devices, 1));
    assert_described(devices, "cuda: raw pixels; then cpu: CUDA cannot copy pixels: CUDA_ERROR_LAUNCH_FAILED: unspecified "
                              "launch failure");
    free_images(&set);
    close_all(d, devices);
}

static void a_device_that_fails_when_asked_for_ends_the_run(void **state)
{
    const driver *d = *state;
    nf_error error = {0};
    nf_distance_summary summary;
    bool counted = true;
    d->reset(1, 0, 0);
    nf_devices *devices = opened(NF_DEVICE_CUDA);
    image_set set = some_images();
    double *all = make_distributions(CLASSES, BINS, 4, 7);
    assert_true(nf_devices_wants_pixels(devices, 1));
    d->reset(1, 2, 719);
    assert_int_equal(nf_devices_count(devices, set.images, set.n, &counted, &error), NF_ERR_INTERNAL);
    assert_false(counted);
    assert_string_equal(error.message,
                        "--device cuda: CUDA cannot copy pixels: CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure");
    d->reset(1, 2, 2);
    assert_int_equal(nf_devices_distances(devices, all, CLASSES, BINS, NF_LOG_E, &summary, &error), NF_ERR_NOMEM);
    assert_memory_equal(error.message, "--device cuda: CUDA cannot take", 31);
    free(all);
    free_images(&set);
    close_all(d, devices);
}

static void distances_asked_for_are_the_hosts_to_1e_12(void **state)
{
    const driver *d = *state;
    d->reset(1, 0, 0);
    nf_devices *devices = opened(NF_DEVICE_CUDA);
    const nf_distance_summary host = measured(NULL), device = measured(devices);
    assert_int_equal(device.n_classes, CLASSES);
    assert_int_equal(device.n_pairs, CLASSES * (CLASSES - 1) / 2);
    assert_true(fabs(device.sum - host.sum) <= 1e-12 * (double)host.n_pairs);
    assert_true(fabs(device.mean - host.mean) <= 1e-12);
    assert_true(fabs(device.min_value - host.min_value) <= 1e-12 && fabs(device.max_value - host.max_value) <= 1e-12);
    assert_int_equal(device.min_a, host.min_a);
    assert_int_equal(device.min_b, host.min_b);
    assert_int_equal(device.max_a, host.max_a);
    assert_int_equal(device.max_b, host.max_b);
    assert_described(devices, "cuda: class distances (CPU in place of device 0)");
    close_all(d, devices);
}

static void one_class_has_no_pairs(void **state)
{
    const driver *d = *state;
    const double one[] = {0.5, 0.5};
    nf_distance_summary summary;
    nf_error error = {0};
    d->reset(1, 0, 0);
    nf_devices *devices = opened(NF_DEVICE_CUDA);
    assert_int_equal(nf_devices_distances(devices, one, 1, 2, NF_LOG_E, &summary, &error), NF_OK);
    assert_true(summary.n_classes == 1 && summary.n_pairs == 0 && summary.sum == 0.0);
    assert_int_equal(nf_devices_distances(devices, one, 0, 2, NF_LOG_E, &summary, &error), NF_OK);
    close_all(d, devices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cpu_never_asks_for_a_driver),
        cmocka_unit_test(auto_takes_a_device_when_there_are_many_raw_pixels),
        cmocka_unit_test(auto_without_a_device_is_the_cpu),
        cmocka_unit_test(auto_with_too_little_memory_is_the_cpu_and_says_so),
        cmocka_unit_test(a_device_that_fails_under_auto_is_left),
        cmocka_unit_test(a_device_that_fails_when_asked_for_ends_the_run),
        cmocka_unit_test(distances_asked_for_are_the_hosts_to_1e_12),
        cmocka_unit_test(one_class_has_no_pairs),
    };
    nf_devices *none = NULL;
    nf_error error = {0};
    if (nf_devices_open(&none, NF_DEVICE_CUDA, &error) != NF_OK && strstr(error.message, "built without CUDA") != NULL) {
        printf("SKIP test_cuda_devices: built without CUDA (neither nvcc nor clang)\n");
        return 77;
    }
    nf_devices_close(none);
    return cmocka_run_group_tests(tests, load_driver, NULL);
}
