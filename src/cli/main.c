static const char usage[] =
    "nofade: how complex is an image dataset?\n"
    "\n"
    "  nofade COMMAND [options] ARG...\n"
    "\n"
    "Commands\n"
    "  dataset PATH...   entropy of every image and distances between classes, from\n"
    "                    the archives as published, without unpacking them\n"
    "  datasets [ID]     what is known of published datasets: archives, splits,\n"
    "                    classes\n"
    "  verify PATH...    is it what was published: checksums, images, classes\n"
    "  score [TABLE.csv] models joined with complexities and ranked; without a table,\n"
    "                    those that nofade knows\n"
    "  report PROFILE... all of it as one page with pictures, to look at and send\n"
    "  models            the models that nofade knows, with their figures\n"
    "  explain MODEL     the arithmetic of one model's figures\n"
    "\n"
    "  nofade COMMAND --help   the options of a command\n"
    "  nofade --version\n"
    "\n"
    "Exit status\n"
    "  0    done, every image read\n"
    "  1    results written, but images failed (more than --max-bad), or the archive\n"
    "       is damaged, or verify found a difference\n"
    "  2    wrong usage\n"
    "  3    an input cannot be opened, or is no dataset that nofade knows\n"
    "  4    out of memory, an output cannot be written, a broken pipe, an internal\n"
    "       fault\n"
    "  130  interrupted (143: terminated); what was finished is written if an output\n"
    "       was asked for\n";

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/near.h"
#include "cli/cli.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"dataset", nf_cmd_dataset},
    {"datasets", nf_cmd_datasets},
    {"verify", nf_cmd_verify},
    {"score", nf_cmd_score},
    {"report", nf_cmd_report},
    {"models", nf_cmd_models},
    {"explain", nf_cmd_explain},
};

/* Names what may have been meant, or what to do with a path. */
static int unknown_command(const char *name)
{
    enum { NAMES = sizeof commands / sizeof commands[0], NEAREST_MAX = 3 };
    static const char *const front_options[] = {"--help", "--version"};
    nf_term term;
    const char *names[NAMES], *nearest[NEAREST_MAX];
    bool is_option = name[0] == '-';
    for (size_t i = 0; i < NAMES; i++)
        names[i] = commands[i].name;
    size_t n = is_option ? nf_nearest(name, front_options, 2, nearest, NEAREST_MAX)
                         : nf_nearest(name, names, NAMES, nearest, NEAREST_MAX);
    bool is_path = n == 0 && access(name, F_OK) == 0;
    nf_term_init(&term, stderr);
    fputs(is_path ? "nofade: \"" : is_option ? "nofade: unknown option \"" : "nofade: unknown command \"", stderr);
    nf_term_name(&term, name, 60);
    fputs(is_path ? "\" is a path, no command; nofade dataset PATH reads it\n" : "\"", stderr);
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "%s%s%s", i == 0 ? " (did you mean " : ", ", nearest[i], i + 1 == n ? "?)" : "");
    if (!is_path)
        fputs(is_option ? "; a command comes first, nofade --help lists them\n" : "; nofade --help lists them\n", stderr);
    return EXIT_USAGE;
}

static int flush_stdout(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "nofade: cannot write to standard output: %s\n", strerror(errno));
    return EXIT_FAULT;
}

/* Where a standard stream is closed, the next file that is opened would take its place, and what is said would be written into it.
 * Opened the other way round, so that reading and writing fail as if it were closed. */
static bool hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (!hold_standard_streams())
        return EXIT_FAULT; /* there is nowhere to say so */
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of the write that finds it */
    signal(SIGXFSZ, SIG_IGN); /* so is a file that may not grow (ulimit -f) */
    if (argc < 2) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    char help_option[] = "--help";
    bool help = strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
    if (help && argc == 2) {
        fputs(usage, stdout);
        return flush_stdout(EXIT_DONE);
    }
    if (help) { /* "help COMMAND" is "COMMAND --help" */
        argv[1] = argv[2];
        argv[2] = help_option;
        argc = 3;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("nofade %s\n", nf_version());
        return flush_stdout(EXIT_DONE);
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return flush_stdout(commands[i].run(argc - 1, argv + 1));
    return unknown_command(argv[1]);
}
