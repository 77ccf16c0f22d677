/* nofade-sample: makes the sample set. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sample/cifar_sample.h"

static const char usage[] = "usage: nofade-sample [--plain] [--python] [--grain] [--images N] OUT\n"
                            "Writes drawn pictures of six classes in CIFAR-10's binary layout to OUT (\"-\": standard output).\n"
                            "  --plain     a plain tar instead of a gzip-compressed one\n"
                            "  --python    its python layout: pickled batches\n"
                            "  --grain     noise over every picture: compresses as little as photographs do\n"
                            "  --images N  training images in all (default 1200); the test batch holds a fifth as many\n";

static bool parse_count(const char *text, uint64_t *count)
{
    uint64_t value = 0;
    if (text == NULL || *text == '\0' || strlen(text) > 12)
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
    }
    *count = value;
    return true;
}

static bool parse_arguments(char **argv, nf_sample_options *options, const char **path)
{
    for (char **argument = argv + 1; *argument != NULL; argument++) {
        if (strcmp(*argument, "--plain") == 0)
            options->plain = true;
        else if (strcmp(*argument, "--python") == 0)
            options->python = true;
        else if (strcmp(*argument, "--grain") == 0)
            options->grain = true;
        else if (strcmp(*argument, "--images") == 0) {
            argument++;
            if (!parse_count(*argument, &options->train_images))
                return false;
        } else if (*path == NULL && (**argument != '-' || strcmp(*argument, "-") == 0))
            *path = *argument;
        else
            return false;
    }
    return *path != NULL;
}

int main(int argc, char **argv)
{
    nf_sample_options options = {.train_images = NF_SAMPLE_TRAIN_IMAGES};
    const char *path = NULL;
    nf_error error = {0};
    if (argc < 2 || !parse_arguments(argv, &options, &path)) {
        fputs(usage, stderr);
        return 2;
    }
    nf_status status = nf_sample_write(path, &options, &error);
    if (status == NF_OK)
        return 0;
    fprintf(stderr, "nofade-sample: %s: %s\n", path, error.message);
    return status == NF_ERR_USAGE ? 2 : 4;
}
