/* The host's side of a CUDA device, on a driver that runs the kernels on the CPU (fake_cuda/fake_cuda.c): counts, distances, and
 * every call of the driver failing in turn. */
#include "support/cuda_driver.h"

#include "cuda/device_internal.h"

enum { LAUNCH_FAILED = 719 };

static nf_gpu *open_gpu(const driver *d)
{
    nf_gpu *gpu = NULL;
    nf_error error = {0};
    d->reset(1, 0, 0);
    assert_int_equal(nf_gpu_open(&gpu, &error), NF_OK);
    return gpu;
}

static void close_gpu(const driver *d, nf_gpu *gpu)
{
    nf_gpu_close(gpu);
    assert_int_equal(d->live(), 0);
}

static void batches_of_every_shape_have_the_counts_of_plain_c(void **state)
{
    nf_gpu *gpu = open_gpu(*state);
    assert_string_equal(nf_gpu_name(gpu), "CPU in place of device 0");
    check_every_shape_of_batch(gpu);
    check_large_images(gpu);
    close_gpu(*state, gpu);
}

static void matrices_of_every_shape_have_the_distances_of_plain_c(void **state)
{
    nf_gpu *gpu = open_gpu(*state);
    check_every_shape_of_matrix(gpu);
    check_distances(gpu, 2900, 2, 0, NF_LOG_E); /* two strips */
    close_gpu(*state, gpu);
}

static void no_device_is_a_request_that_makes_no_sense(void **state)
{
    const driver *d = *state;
    nf_gpu *gpu = NULL;
    nf_error error = {0};
    d->reset(0, 0, 0);
    assert_int_equal(nf_gpu_open(&gpu, &error), NF_ERR_USAGE);
    assert_null(gpu);
    assert_string_equal(error.message, "there is no CUDA device");
    d->reset(-1, 0, 0);
    assert_int_equal(nf_gpu_open(&gpu, &error), NF_ERR_USAGE);
    assert_string_equal(error.message, "CUDA cannot start: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected");
    assert_int_equal(d->live(), 0);
}

enum { WORK_CLASSES = 20, WORK_BINS = 8 };

/* More images than two stages hold. */
static image_set make_work(void)
{
    enum { IMAGES = 2 * NF_STAGE_IMAGES + 100 };
    static size_t sizes[IMAGES];
    static nf_gpu_format formats[IMAGES];
    for (size_t i = 0; i < IMAGES; i++) {
        sizes[i] = 1 + i % 3;
        formats[i] = i % 2 ? NF_GPU_PLANAR : NF_GPU_GREY;
    }
    return make_images(sizes, formats, IMAGES, 0);
}

/* Opens, counts, measures. */
static nf_status work(const image_set *set, const double *distributions, nf_error *error)
{
    nf_gpu_row rows[WORK_CLASSES];
    nf_gpu *gpu = NULL;
    nf_status status = nf_gpu_open(&gpu, error);
    if (status == NF_OK)
        status = nf_gpu_count(gpu, set->images, set->n, error);
    if (status == NF_OK)
        status = nf_gpu_distances(gpu, distributions, WORK_CLASSES, WORK_BINS, 1.0, rows, error);
    nf_gpu_close(gpu);
    return status;
}

static void assert_sentence(const char *message)
{
    const size_t n = strlen(message);
    assert_true(n > 20 && message[n - 1] != '.' && strncmp(message, "CUDA cannot ", 12) == 0);
    assert_null(strchr(message, '\n'));
}

/* Closing fails too, which nobody can do anything about: there the run has been good. */
static void each_call_that_fails_is_told_and_nothing_is_left(void **state)
{
    const driver *d = *state;
    nf_error error = {0};
    long closing = 0;
    image_set set = make_work();
    double *all = make_distributions(WORK_CLASSES, WORK_BINS, 3, 1);
    d->reset(1, 0, 0);
    assert_int_equal(work(&set, all, &error), NF_OK);
    assert_counts_of_plain_c(&set);
    const long n = d->calls();
    assert_true(n > 60);
    for (long at = 1; at <= n; at++)
        for (int code = NF_CU_OUT_OF_MEMORY; code <= LAUNCH_FAILED; code += LAUNCH_FAILED - NF_CU_OUT_OF_MEMORY) {
            error = (nf_error){0};
            d->reset(1, at, code);
            nf_status status = work(&set, all, &error);
            assert_int_equal(d->live(), 0);
            if (status == NF_OK) {
                closing++;
                continue;
            }
            assert_int_equal(error.code, status);
            if (code == NF_CU_OUT_OF_MEMORY)
                assert_int_equal(status, NF_ERR_NOMEM);
            else
                assert_true(status == NF_ERR_USAGE || status == NF_ERR_INTERNAL);
            assert_sentence(error.message);
            assert_non_null(strstr(error.message, code == LAUNCH_FAILED ? "CUDA_ERROR_LAUNCH_FAILED" : "CUDA_ERROR_OUT_OF_MEMORY"));
        }
    assert_true(closing > 0 && closing < n);
    free_images(&set);
    free(all);
}

static void errors_without_a_name_are_told_too(void **state)
{
    const driver *d = *state;
    nf_gpu *gpu = NULL;
    nf_error error = {0};
    d->reset(1, 1, 4242);
    assert_int_equal(nf_gpu_open(&gpu, &error), NF_ERR_USAGE);
    assert_string_equal(error.message, "CUDA cannot start: an error without a name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_of_every_shape_have_the_counts_of_plain_c),
        cmocka_unit_test(matrices_of_every_shape_have_the_distances_of_plain_c),
        cmocka_unit_test(no_device_is_a_request_that_makes_no_sense),
        cmocka_unit_test(each_call_that_fails_is_told_and_nothing_is_left),
        cmocka_unit_test(errors_without_a_name_are_told_too),
    };
    if (nf_cuda_module[0].name == NULL) {
        printf("SKIP test_cuda_device: built without CUDA (neither nvcc nor clang)\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, load_driver, NULL);
}
