#include "report/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
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

static nf_status fault(const nf_program *program, nf_error *error, const char *what)
{
    return nf_fail(error, NF_ERR_OUTPUT, "cannot %s %s: %s", what, program->name, strerror(errno));
}

/* Input as a file without a name: a child that does not read it blocks nobody. */
static int input_file(const char *input, size_t n)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    for (size_t done = 0; fd >= 0 && done < n;) {
        ssize_t written = write(fd, input + done, n - done);
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

/* The child's file at its place, open beyond exec. */
static bool put_at(int fd, int place)
{
    return fd == place ? fcntl(fd, F_SETFD, 0) == 0 : dup2(fd, place) >= 0;
}

/* In the child, where nothing but plain system calls may be used. It ends when we do, in whatever way that is: a program that hangs is
 * not left behind. Signals that we ignore or block are as usual in it. */
static void become(const nf_program *program, pid_t parent, int in, int out, int complaints)
{
    char *const environment[] = {(char[]){"LC_ALL=C.UTF-8"}, (char[]){"TZ=UTC"}, (char[]){"PATH=/usr/bin:/bin"},
                                 (char[]){"HOME=/nonexistent"}, NULL};
    static const int usual[] = {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM};
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;
    sigemptyset(&none);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        sigaction(usual[i], &action, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return;
    errno = ESRCH; /* we ended before it was asked for */
    if (getppid() == parent && put_at(in, STDIN_FILENO) && put_at(out, STDOUT_FILENO) && put_at(complaints, STDERR_FILENO) &&
        sigprocmask(SIG_SETMASK, &none, NULL) == 0)
        execvpe(program->path, program->arguments, environment);
}

/* What became of exec: a pipe that it closes, or through which the child says why not. errno says why not. */
static int spawn(const nf_program *program, int in, int out, int complaints, pid_t *pid)
{
    int refusal[2], why = 0;
    const pid_t parent = getpid();
    if (pipe2(refusal, O_CLOEXEC) != 0)
        return -1;
    *pid = fork();
    if (*pid == 0) {
        become(program, parent, in, out, complaints);
        why = errno;
        (void)!write(refusal[1], &why, sizeof why);
        raise(SIGKILL); /* the copy of us, which has nothing to clean up */
    }
    why = *pid < 0 ? errno : 0;
    close(refusal[1]);
    while (*pid > 0 && read(refusal[0], &why, sizeof why) < 0 && errno == EINTR)
        ;
    close(refusal[0]);
    errno = why;
    return why == 0 ? 0 : -1;
}

static nf_status start(const nf_program *program, const void *input, size_t n, child *c, nf_error *error)
{
    int out[2] = {-1, -1}, complaints[2] = {-1, -1};
    nf_status status = NF_OK;
    int in = input_file(input, n);
    if (in < 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(complaints, O_CLOEXEC) != 0)
        status = fault(program, error, "reach");
    else if (spawn(program, in, out[1], complaints[1], &c->pid) != 0)
        status = errno == ENOENT ? nf_fail(error, NF_ERR_OUTPUT, "figures need %s, which is not there (package %s)", program->name,
                                           program->package)
                                 : fault(program, error, "run");
    close_if_open(&in);
    close_if_open(&out[1]);
    close_if_open(&complaints[1]);
    c->out = out[0];
    c->complaints = complaints[0];
    c->deadline_ms = now_ms() + program->timeout_ms;
    return status;
}

/* Is there time left? */
static nf_status check_time(const nf_program *program, const child *c, nf_error *error)
{
    if (now_ms() > c->deadline_ms)
        return nf_fail(error, NF_ERR_OUTPUT, "%s does not end: stopped after %.3g s", program->name, program->timeout_ms / 1000.0);
    return NF_OK;
}

/* Takes what is there; closes *fd at its end. */
static nf_status take(const nf_program *program, int *fd, nf_buf *into, size_t bytes_max, nf_error *error)
{
    nf_status status = nf_buf_reserve(into, 1 << 16, error);
    if (status != NF_OK)
        return status;
    ssize_t n = read(*fd, into->data + into->len, 1 << 16);
    if (n < 0)
        return errno == EINTR ? NF_OK : fault(program, error, "read from");
    if (n == 0)
        close_if_open(fd);
    into->len += (size_t)n;
    return into->len <= bytes_max ? NF_OK : nf_fail(error, NF_ERR_OUTPUT, "%s writes more than %zu bytes", program->name,
                                                         bytes_max);
}

static nf_status listen(const nf_program *program, child *c, nf_buf *output, nf_buf *complaints, nf_error *error)
{
    nf_status status = NF_OK;
    while (status == NF_OK && (c->out >= 0 || c->complaints >= 0)) {
        struct pollfd fds[2] = {{.fd = c->out, .events = POLLIN}, {.fd = c->complaints, .events = POLLIN}};
        status = check_time(program, c, error);
        if (status != NF_OK || poll(fds, 2, TURN_MS) <= 0)
            continue;
        if (fds[0].revents != 0)
            status = take(program, &c->out, output, NF_PROGRAM_OUTPUT_BYTES_MAX, error);
        if (status == NF_OK && fds[1].revents != 0)
            status = take(program, &c->complaints, complaints, COMPLAINT_BYTES_MAX, error);
    }
    return status;
}

/* Waits for the end of a child that has closed its outputs. */
static nf_status reap(const nf_program *program, child *c, int *how, nf_error *error)
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
            return fault(program, error, "wait for");
        }
        status = check_time(program, c, error);
        if (status == NF_OK)
            poll(NULL, 0, REAP_MS);
    }
    return status;
}

/* Its own sentence: the last line that is not blank. */
static nf_status complain(const nf_program *program, int how, nf_buf *complaints, nf_error *error)
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
        return nf_fail(error, NF_ERR_OUTPUT, "%s was ended by signal %d", program->name, WTERMSIG(how));
    if (length == 0)
        return nf_fail(error, NF_ERR_OUTPUT, "%s failed with status %d", program->name, WEXITSTATUS(how));
    return nf_fail(error, NF_ERR_OUTPUT, "%s failed: %.*s", program->name, length, text + begin);
}

nf_status nf_program_run(const nf_program *program, const void *input, size_t n, nf_buf *output, nf_error *error)
{
    child c = {.out = -1, .complaints = -1};
    nf_buf complaints = {0};
    int how = 0;
    nf_status status = start(program, input, n, &c, error);
    if (status == NF_OK)
        status = listen(program, &c, output, &complaints, error);
    if (status == NF_OK)
        status = reap(program, &c, &how, error);
    if (c.pid > 0) {
        kill(c.pid, SIGKILL);
        while (waitpid(c.pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (status == NF_OK && (!WIFEXITED(how) || WEXITSTATUS(how) != 0))
        status = complain(program, how, &complaints, error);
    close_if_open(&c.out);
    close_if_open(&c.complaints);
    nf_buf_free(&complaints);
    return status;
}
