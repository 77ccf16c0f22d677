/* Checksums of files: the published test vectors, in one read and in many. */
#include <signal.h>
#include <stdlib.h>

#include "support/folder.h"

#include "verify/file_digests.h"

static nf_file_digests digests_of(const void *bytes, size_t n)
{
    folder f;
    folder_open(&f);
    nf_file_digests digests;
    nf_error error = {0};
    nf_status status = nf_file_digests_of(folder_write(&f, "file", bytes, n), &(nf_digest_watch){0}, &digests, &error);
    assert_int_equal(status, NF_OK);
    assert_int_equal(digests.bytes, n);
    folder_close(&f);
    return digests;
}

/* RFC 1321, A.5, and FIPS 180-2, appendix B. */
static void they_are_those_of_the_standards(void **state)
{
    (void)state;
    nf_file_digests digests = digests_of("", 0);
    assert_string_equal(digests.md5, "d41d8cd98f00b204e9800998ecf8427e");
    assert_string_equal(digests.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digests = digests_of("abc", 3);
    assert_string_equal(digests.md5, "900150983cd24fb0d6963f7d28e17f72");
    assert_string_equal(digests.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void a_file_of_many_blocks_is_read_whole(void **state)
{
    (void)state;
    size_t n = 1000000;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, 'a', n);
    nf_file_digests digests = digests_of(text, n);
    assert_string_equal(digests.sha256, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    assert_string_equal(digests.md5, "7707d6ae4e027c70eea2a935c2296f21");
    free(text);
}

static void count_bytes(void *listener, uint64_t n_bytes)
{
    *(uint64_t *)listener += n_bytes;
}

static void the_watcher_hears_of_every_byte_and_may_end_it(void **state)
{
    (void)state;
    folder f;
    folder_open(&f);
    size_t n = (3 << 20) + 5;
    char *bytes = calloc(n, 1);
    assert_non_null(bytes);
    uint64_t heard = 0;
    volatile sig_atomic_t interrupted = 0;
    nf_digest_watch watch = {&heard, count_bytes, &interrupted};
    nf_file_digests digests;
    const char *path = folder_write(&f, "file", bytes, n);
    assert_int_equal(nf_file_digests_of(path, &watch, &digests, NULL), NF_OK);
    assert_int_equal(heard, n);
    interrupted = SIGINT;
    assert_int_equal(nf_file_digests_of(path, &watch, &digests, NULL), NF_EOF);
    assert_string_equal(digests.md5, "");
    free(bytes);
    folder_close(&f);
}

static void what_cannot_be_opened_or_read_is_told(void **state)
{
    (void)state;
    nf_file_digests digests;
    nf_error error = {0};
    assert_int_equal(nf_file_digests_of("/nowhere/at/all", &(nf_digest_watch){0}, &digests, &error), NF_ERR_INPUT);
    assert_string_equal(error.message, "/nowhere/at/all: cannot open: No such file or directory");
    assert_int_equal(nf_file_digests_of("/", &(nf_digest_watch){0}, &digests, &error), NF_ERR_INPUT);
    assert_string_equal(error.message, "/: cannot read: Is a directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_those_of_the_standards),
        cmocka_unit_test(a_file_of_many_blocks_is_read_whole),
        cmocka_unit_test(the_watcher_hears_of_every_byte_and_may_end_it),
        cmocka_unit_test(what_cannot_be_opened_or_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
