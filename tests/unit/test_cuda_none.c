/* A program without kernels: this one brings the empty table that a build without nvcc and clang has (cuda/module.cmake). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cuda/device_internal.h"
#include "device/devices.h"

const nf_embedded_file nf_cuda_module[] = {{NULL, NULL, 0}};

static void cuda_is_refused(void **state)
{
    nf_gpu *gpu = NULL;
    nf_devices *devices = NULL;
    nf_error error = {0};
    (void)state;
    assert_int_equal(nf_gpu_open(&gpu, &error), NF_ERR_USAGE);
    assert_null(gpu);
    assert_string_equal(error.message, "this nofade was built without CUDA");
    assert_int_equal(nf_devices_open(&devices, NF_DEVICE_CUDA, &error), NF_ERR_USAGE);
    assert_null(devices);
    assert_string_equal(error.message, "--device cuda: this nofade was built without CUDA");
}

static void auto_is_the_cpu(void **state)
{
    const uint8_t grey[] = {1, 2, 3};
    uint32_t counts[256];
    const nf_gpu_image image = {grey, sizeof grey, NF_GPU_GREY, counts};
    char text[NF_DEVICES_TEXT_SIZE];
    nf_devices *devices = NULL;
    nf_error error = {0};
    bool counted = true;
    (void)state;
    assert_int_equal(nf_devices_open(&devices, NF_DEVICE_AUTO, &error), NF_OK);
    assert_true(nf_devices_wants_pixels(devices, (size_t)2 * NF_DEVICES_AUTO_BYTES));
    assert_int_equal(nf_devices_count(devices, &image, 1, &counted, &error), NF_OK);
    assert_false(counted);
    assert_false(nf_devices_wants_pixels(devices, 1));
    nf_devices_describe(devices, text);
    assert_string_equal(text, "cpu");
    nf_devices_close(devices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cuda_is_refused), cmocka_unit_test(auto_is_the_cpu)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
