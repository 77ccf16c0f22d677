#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TURN_MS = 50, REAP_MS = 2, COMPLAINT_BYTES_MAX = 1 << 16 };

typedef struct child {
    pid_t pid;
    int out, complaints; /* what we read of it; -1: closed */
    int64_t deadline_ms;
} child;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_if_open(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static nf_status fault(nf_error *error, const char *what)
{
    return nf_fail(error, NF_ERR_OUTPUT, "cannot %s gnuplot: %s", what, strerror(errno));
}

/* The script as a file without a name: a child that does not read it blocks nobody. */
static int script_file(const char *script, size_t n)
{
    int fd = memfd_create("script", MFD_CLOEXEC);
    for (size_t done = 0; fd >= 0 && done < n;) {
        ssize_t written = write(fd, script + done, n - done);
        if (written < 0 && errno != EINTR) {
            int why = errno;
            close(fd);
            errno = why;
            return -1;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

/* errno says why not. Signals that we ignore or block are as usual in the child. */
static int spawn(const char *program, int in, int out, int complaints, pid_t *pid)
{
    char *const arguments[] = {(char *)(uintptr_t)program, (char[]){"--default-settings"}, (char[]){"-"}, NULL};
    char *const environment[] = {(char[]){"LC_ALL=C.UTF-8"}, (char[]){"TZ=UTC"}, (char[]){"PATH=/usr/bin:/bin"},
                                 (char[]){"HOME=/nonexistent"}, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigemptyset(&all);
    sigaddset(&all, SIGPIPE);
    sigaddset(&all, SIGXFSZ);
    sigaddset(&all, SIGINT);
    sigaddset(&all, SIGTERM);
    if ((errno = posix_spawn_file_actions_init(&actions)) != 0)
        return -1;
    if ((errno = posix_spawnattr_init(&attributes)) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -1;
    }
    int failed = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    failed = failed != 0 ? failed : posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    failed = failed != 0 ? failed : posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
    failed = failed != 0 ? failed : posix_spawnattr_setsigmask(&attributes, &none);
    failed = failed != 0 ? failed : posix_spawnattr_setsigdefault(&attributes, &all);
    failed = failed != 0 ? failed : posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    failed = failed != 0 ? failed : posix_spawnp(pid, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = failed;
    return failed == 0 ? 0 : -1;
}

static nf_status start(const nf_gnuplot *gnuplot, const void *script, size_t n, child *c, nf_error *error)
{
    int out[2] = {-1, -1}, complaints[2] = {-1, -1};
    nf_status status = NF_OK;
    int in = script_file(script, n);
    if (in < 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(complaints, O_CLOEXEC) != 0)
        status = fault(error, "reach");
    else if (spawn(gnuplot->program, in, out[1], complaints[1], &c->pid) != 0)
        status = errno == ENOENT ? nf_fail(error, NF_ERR_OUTPUT, "figures need gnuplot, which is not there (package gnuplot-nox)")
                                 : fault(error, "run");
    close_if_open(&in);
    close_if_open(&out[1]);
    close_if_open(&complaints[1]);
    c->out = out[0];
    c->complaints = complaints[0];
    c->deadline_ms = now_ms() + gnuplot->timeout_ms;
    return status;
}

/* Is there time left? */
static nf_status check_time(const nf_gnuplot *gnuplot, const child *c, nf_error *error)
{
    if (now_ms() > c->deadline_ms)
        return nf_fail(error, NF_ERR_OUTPUT, "gnuplot does not end: stopped after %.3g s", gnuplot->timeout_ms / 1000.0);
    return NF_OK;
}

/* Takes what is there; closes *fd at its end. */
static nf_status take(int *fd, nf_buf *into, size_t bytes_max, nf_error *error)
{
    nf_status status = nf_buf_reserve(into, 1 << 16, error);
    if (status != NF_OK)
        return status;
    ssize_t n = read(*fd, into->data + into->len, 1 << 16);
    if (n < 0)
        return errno == EINTR ? NF_OK : fault(error, "read from");
    if (n == 0)
        close_if_open(fd);
    into->len += (size_t)n;
    return into->len <= bytes_max ? NF_OK : nf_fail(error, NF_ERR_OUTPUT, "gnuplot writes more than %zu bytes", bytes_max);
}

static nf_status listen(const nf_gnuplot *gnuplot, child *c, nf_buf *output, nf_buf *complaints, nf_error *error)
{
    nf_status status = NF_OK;
    while (status == NF_OK && (c->out >= 0 || c->complaints >= 0)) {
        struct pollfd fds[2] = {{.fd = c->out, .events = POLLIN}, {.fd = c->complaints, .events = POLLIN}};
        status = check_time(gnuplot, c, error);
        if (status != NF_OK || poll(fds, 2, TURN_MS) <= 0)
            continue;
        if (fds[0].revents != 0)
            status = take(&c->out, output, NF_GNUPLOT_OUTPUT_BYTES_MAX, error);
        if (status == NF_OK && fds[1].revents != 0)
            status = take(&c->complaints, complaints, COMPLAINT_BYTES_MAX, error);
    }
    return status;
}

/* Waits for the end of a child that has closed its outputs. */
static nf_status reap(const nf_gnuplot *gnuplot, child *c, int *how, nf_error *error)
{
    nf_status status = NF_OK;
    while (status == NF_OK) {
        pid_t ended = waitpid(c->pid, how, WNOHANG);
        if (ended == c->pid) {
            c->pid = 0;
            return NF_OK;
        }
        if (ended < 0 && errno != EINTR) {
            c->pid = 0;
            return fault(error, "wait for");
        }
        status = check_time(gnuplot, c, error);
        if (status == NF_OK)
            poll(NULL, 0, REAP_MS);
    }
    return status;
}

/* gnuplot's sentence: the last line that is not blank. */
static nf_status complain(int how, nf_buf *complaints, nf_error *error)
{
    char *text = (char *)complaints->data;
    size_t end = complaints->len;
    while (end > 0 && strchr(" \r\n\t", text[end - 1]) != NULL)
        end--;
    size_t begin = end;
    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    while (begin < end && text[begin] == ' ')
        begin++;
    int length = end - begin < 300 ? (int)(end - begin) : 300;
    if (length == 0 && WIFSIGNALED(how))
        return nf_fail(error, NF_ERR_OUTPUT, "gnuplot was ended by signal %d", WTERMSIG(how));
    if (length == 0)
        return nf_fail(error, NF_ERR_OUTPUT, "gnuplot failed with status %d", WEXITSTATUS(how));
    return nf_fail(error, NF_ERR_OUTPUT, "gnuplot failed: %.*s", length, text + begin);
}

nf_status nf_gnuplot_run(const nf_gnuplot *gnuplot, const void *script, size_t n, nf_buf *output, nf_error *error)
{
    child c = {.out = -1, .complaints = -1};
    nf_buf complaints = {0};
    int how = 0;
    nf_status status = start(gnuplot, script, n, &c, error);
    if (status == NF_OK)
        status = listen(gnuplot, &c, output, &complaints, error);
    if (status == NF_OK)
        status = reap(gnuplot, &c, &how, error);
    if (c.pid > 0) {
        kill(c.pid, SIGKILL);
        while (waitpid(c.pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (status == NF_OK && (!WIFEXITED(how) || WEXITSTATUS(how) != 0))
        status = complain(how, &complaints, error);
    close_if_open(&c.out);
    close_if_open(&c.complaints);
    nf_buf_free(&complaints);
    return status;
}
