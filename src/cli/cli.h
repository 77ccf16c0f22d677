/* nofade: what the commands share. Only this folder prints, exits, reads argv or the environment. */
#ifndef NF_CLI_H
#define NF_CLI_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "nofade.h"

enum { EXIT_DONE = 0, EXIT_WITH_FAILURES = 1, EXIT_USAGE = 2, EXIT_INPUT = 3, EXIT_FAULT = 4 };

/* 0, or the number of the signal (SIGINT, SIGTERM) that came. */
extern volatile sig_atomic_t nf_cli_signal;
void nf_cli_catch_signals(void);
/* A (further) signal ends the program at once: nothing half-written has a name. */
void nf_cli_release_signals(void);

/* Prints "nofade: <message>" to standard error, escaped, and gives the exit code that fits. */
int nf_cli_fail(const nf_error *error);
/* Such a failure before there is anything to say more. */
int nf_cli_no_memory(void);
int nf_cli_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- options ---- */
typedef enum nf_option_kind {
    NF_OPTION_END,
    NF_OPTION_HEADING, /* name is its text */
    NF_OPTION_FLAG,    /* bool */
    NF_OPTION_TEXT,    /* const char *, not empty */
    NF_OPTION_CHOICE,  /* int: index in choices */
    NF_OPTION_NUMBER,  /* uint64_t in [min, max] */
    NF_OPTION_BYTES,   /* uint64_t in [min, max], with K, M, G, T */
    NF_OPTION_REAL,    /* double in [min, max] */
    NF_OPTION_LIST     /* nf_option_list: may come several times */
} nf_option_kind;
/* items: room for as many as the command line has arguments; the command's. */
typedef struct nf_option_list {
    const char **items;
    size_t n;
} nf_option_list;
typedef struct nf_option {
    nf_option_kind kind;
    const char *name;     /* without "--"; a single letter is "-o VALUE" */
    const char *argument; /* "FILE", "N" ...; NULL for a flag */
    const char *help;
    size_t offset;        /* of the field in the target */
    const char *const *choices; /* NULL-terminated */
    uint64_t min, max;
} nf_option;
/* Parses argv[1 ..]; paths (argc,) gets what is no option ("--" ends options). 0; EXIT_USAGE after a sentence; -1: --help. */
int nf_cli_parse(const char *command, const nf_option *options, void *target, int argc, char **argv, const char **paths,
                 size_t *n_paths);

/* Paths on the heap; a zeroed one is empty. */
typedef struct nf_cli_paths {
    char **items; /* (n,) */
    size_t n, capacity;
} nf_cli_paths;
/* Appends the given paths, those with braces ("x-{00..12}.tar") that do not exist as they are as what they stand for.
 * NF_ERR_INPUT: one of those does not exist; NF_ERR_USAGE: more than a million of them. */
nf_status nf_cli_expand_paths(nf_cli_paths *paths, const char *const *given, size_t n, nf_error *error);
void nf_cli_paths_free(nf_cli_paths *paths);
void nf_cli_print_options(FILE *out, const nf_option *options);
/* Do both paths mean one regular file, which need not exist? "-" is standard output or input. */
bool nf_cli_same_file(const char *a, const char *b);
/* NF_ERR_USAGE when writing output would destroy input (NULL: none): the same file, or one below an input directory whose name is
 * not that of a result (.json, .csv, .npy), which may be made anew. */
nf_status nf_cli_check_input(const char *output, const char *input, nf_error *error);

/* ---- terminal ---- */
typedef struct nf_term {
    FILE *out;
    bool utf8, colour, is_terminal;
    size_t columns; /* a line may have: the terminal's, at least 60 and at most 120; else 80 */
} nf_term;
/* Bold; bold red; bold magenta: of the base colours, those that can be read on black and on white. */
typedef enum nf_style { NF_STYLE_STRONG, NF_STYLE_FAULT, NF_STYLE_WARNING, NF_STYLES } nf_style;
void nf_term_init(nf_term *term, FILE *out);
/* Columns of the terminal now, 80 where that is not known. */
size_t nf_term_size(int fd);
/* Is it a terminal that obeys escape sequences? */
bool nf_term_can_erase(int fd);
/* For text that is collected in memory and then written to the file `path`; NULL and "-" are standard output. */
void nf_term_init_for(nf_term *term, FILE *memory, const char *path);
/* Nothing where there is no colour. */
void nf_term_begin(const nf_term *term, nf_style style);
void nf_term_end(const nf_term *term);
void nf_term_styled(const nf_term *term, nf_style style, const char *text);
/* An untrusted name: control characters and bytes that are no UTF-8 as \xHH; cut to width columns with a mark (0: whole). */
void nf_term_name(const nf_term *term, const char *name, size_t width);
/* Columns that nf_term_name would use. */
size_t nf_term_name_width(const nf_term *term, const char *name, size_t width);
/* The same in exactly `width` columns. */
void nf_term_cell(const nf_term *term, const char *name, size_t width);
/* A path in at most `width` columns: its end tells more than its beginning. */
void nf_term_tail(const nf_term *term, const char *path, size_t width);
/* Untrusted text in lines of term->columns, broken at spaces: it begins at column and goes on at indent. A word that is longer than
 * a line is broken on a terminal and stays whole elsewhere. Returns the column where it ends. */
size_t nf_term_words(const nf_term *term, size_t column, size_t indent, const char *text);
/* Such text, cut to 4 KiB, and the end of the line. */
void nf_term_line(const nf_term *term, size_t column, size_t indent, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void nf_term_heading(const nf_term *term, const char *text);
/* 1234567 -> "1,234,567" */
const char *nf_term_count(char text[32], unsigned long long value);
/* bytes -> "162.6 MiB" */
const char *nf_term_bytes(char text[32], unsigned long long bytes);

/* ---- progress: a line on standard error when that is a terminal that can take it back ---- */
typedef struct nf_progress {
    bool shown;
    double start_s, last_s;
} nf_progress;
void nf_progress_begin(nf_progress *progress, bool quiet);
void nf_progress_update(nf_progress *progress, const nf_scan_progress *state);
void nf_progress_end(nf_progress *progress);

/* ---- commands ---- */
int nf_cmd_dataset(int argc, char **argv);
int nf_cmd_datasets(int argc, char **argv);
/* All that a manifest tells; the exit code. */
int nf_dataset_card_print(const nf_term *term, const nf_manifest *manifest);
int nf_cmd_verify(int argc, char **argv);
int nf_cmd_report(int argc, char **argv);
int nf_cmd_score(int argc, char **argv);
int nf_cmd_models(int argc, char **argv);
int nf_cmd_explain(int argc, char **argv);
/* The summary of a profile for people. entropy_in_nats: --entropy-unit nat. */
void nf_summary_print(const nf_term *term, const nf_profile *profile, const nf_analysis *analysis, bool entropy_in_nats);
/* Its section on what was found on the way; unit: what a bit is in the unit of the summary. */
void nf_summary_quality(const nf_term *term, const nf_quality *quality, double unit);

#endif
