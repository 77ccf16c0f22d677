/* A scan whose raw pixels go to a device, on a driver that runs the kernels on the CPU: from the first batch on, not at all, and
 * until the device fails. Counts are the same; nothing hangs, nothing is left. */
#include "support/cuda_driver.h"

#include "device/devices.h"
#include "profile/profile.h"
#include "scan/scan.h"

enum { OUT_OF_MEMORY = 2, LAUNCH_FAILED = 719 };

/* The drawn set in batches of 64 KiB: some hundred of them. */
static nf_status scan(nf_devices *devices, char digest[NF_DIGEST_SIZE], nf_error *error)
{
    const char *path = getenv("NOFADE_SAMPLE_ARCHIVE");
    nf_scan_options options;
    nf_profile *profile = NULL;
    assert_non_null(path);
    nf_scan_options_init(&options);
    options.devices = devices;
    options.threads = 3;
    options.batch_bytes = 1 << 16;
    nf_status status = nf_scan(&path, 1, &options, &profile, error);
    if (status == NF_OK)
        status = nf_profile_counts_digest(profile, digest, error);
    nf_profile_free(profile);
    return status;
}

static nf_devices *opened(nf_device_choice choice)
{
    nf_devices *devices = NULL;
    nf_error error = {0};
    assert_int_equal(nf_devices_open(&devices, choice, &error), NF_OK);
    return devices;
}

/* Past the pixels that auto leaves to the CPU. */
static nf_devices *opened_auto(void)
{
    nf_devices *devices = opened(NF_DEVICE_AUTO);
    assert_false(nf_devices_wants_pixels(devices, NF_DEVICES_AUTO_BYTES));
    return devices;
}

static void assert_same_counts(nf_devices *devices, const char *told)
{
    char plain[NF_DIGEST_SIZE], got[NF_DIGEST_SIZE], text[NF_DEVICES_TEXT_SIZE];
    nf_error error = {0};
    assert_int_equal(scan(NULL, plain, &error), NF_OK);
    assert_int_equal(scan(devices, got, &error), NF_OK);
    assert_string_equal(plain, got);
    nf_devices_describe(devices, text);
    assert_memory_equal(text, told, strlen(told));
    nf_devices_close(devices);
}

static void with_cuda_the_device_counts_every_batch(void **state)
{
    const driver *d = *state;
    d->reset(1, 0, 0);
    assert_same_counts(opened(NF_DEVICE_CUDA), "cuda: raw pixels (CPU in place of device 0)");
    assert_int_equal(d->live(), 0);
    assert_true(d->calls() > 500);
}

static void with_auto_it_counts_from_the_second_gib_on(void **state)
{
    const driver *d = *state;
    d->reset(1, 0, 0);
    assert_same_counts(opened_auto(), "cuda: raw pixels (CPU in place of device 0)");
    assert_int_equal(d->live(), 0);
}

static void with_auto_and_no_device_the_cpu_counts(void **state)
{
    const driver *d = *state;
    d->reset(0, 0, 0);
    assert_same_counts(opened_auto(), "cpu");
    assert_int_equal(d->calls(), 2); /* asked once */
}

/* In its opening, in the first batch, in a later one. */
static void with_auto_the_cpu_takes_over_from_a_device_that_fails(void **state)
{
    const driver *d = *state;
    static const long calls[] = {12, 30, 31, 32, 33, 34, 35, 36, 37, 200, 201, 202, 203, 204, 205, 206, 207};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        d->reset(1, calls[i], i == 0 ? OUT_OF_MEMORY : LAUNCH_FAILED);
        assert_same_counts(opened_auto(), i == 0 ? "cpu: CUDA cannot " : "cuda: raw pixels");
        assert_int_equal(d->live(), 0);
    }
}

static void with_cuda_a_device_that_fails_ends_the_scan(void **state)
{
    const driver *d = *state;
    char digest[NF_DIGEST_SIZE];
    for (long at = 100; at < 110; at++) {
        nf_error error = {0};
        d->reset(1, at, LAUNCH_FAILED);
        nf_devices *devices = opened(NF_DEVICE_CUDA);
        nf_status status = scan(devices, digest, &error);
        nf_devices_close(devices);
        assert_int_equal(d->live(), 0);
        if (status == NF_OK)
            continue; /* the context could not be left, which harms nobody */
        assert_int_equal(status, NF_ERR_INTERNAL);
        assert_memory_equal(error.message, "--device cuda: CUDA cannot ", 27);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_cuda_the_device_counts_every_batch),
        cmocka_unit_test(with_auto_it_counts_from_the_second_gib_on),
        cmocka_unit_test(with_auto_and_no_device_the_cpu_counts),
        cmocka_unit_test(with_auto_the_cpu_takes_over_from_a_device_that_fails),
        cmocka_unit_test(with_cuda_a_device_that_fails_ends_the_scan),
    };
    nf_gpu *gpu = NULL;
    nf_error error = {0};
    if (nf_gpu_open(&gpu, &error) != NF_OK && strstr(error.message, "built without CUDA") != NULL) {
        printf("SKIP test_cuda_scan: built without CUDA (neither nvcc nor clang)\n");
        return 77;
    }
    nf_gpu_close(gpu);
    return cmocka_run_group_tests(tests, load_driver, NULL);
}
