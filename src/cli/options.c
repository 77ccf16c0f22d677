#include <stdarg.h>
#include <string.h>

#include "base/near.h"
#include "base/number.h"
#include "cli/cli.h"

enum { OPTIONS_MAX = 128 }; /* rows of a table, with room to spare */

volatile sig_atomic_t nf_cli_signal = 0;

static void on_signal(int number)
{
    nf_cli_signal = number;
}

void nf_cli_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void nf_cli_release_signals(void)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

int nf_cli_fail(const nf_error *error)
{
    nf_term term;
    nf_term_init(&term, stderr);
    fputs("nofade: ", stderr);
    nf_term_name(&term, error->message, 0);
    fputc('\n', stderr);
    switch (error->code) {
    case NF_ERR_USAGE:
        return EXIT_USAGE;
    case NF_ERR_INPUT:
    case NF_ERR_DAMAGED:
        return EXIT_INPUT;
    default:
        return EXIT_FAULT;
    }
}

int nf_cli_no_memory(void)
{
    return nf_cli_fail(&(nf_error){NF_ERR_NOMEM, "out of memory for the arguments"});
}

int nf_cli_usage(const char *command, const char *format, ...)
{
    char text[1024];
    nf_term term;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    nf_term_init(&term, stderr);
    fprintf(stderr, "nofade %s: ", command);
    nf_term_name(&term, text, 0);
    fprintf(stderr, "; nofade %s --help lists the options\n", command);
    return EXIT_USAGE;
}

static const char *dashes_of(const char *name)
{
    return name[1] == '\0' ? "-" : "--";
}

static int unknown_option(const char *command, const nf_option *options, const char *name)
{
    const char *nearest = NULL;
    size_t best = 3;
    for (const nf_option *option = options; option->kind != NF_OPTION_END; option++) {
        size_t distance = option->kind == NF_OPTION_HEADING ? best : nf_edit_distance(option->name, name);
        if (distance < best) {
            best = distance;
            nearest = option->name;
        }
    }
    if (nearest != NULL)
        return nf_cli_usage(command, "unknown option --%s (did you mean %s%s?)", name, dashes_of(nearest), nearest);
    return nf_cli_usage(command, "unknown option --%s", name);
}

static const nf_option *find_option(const nf_option *options, const char *name)
{
    for (size_t i = 0; i < OPTIONS_MAX && options[i].kind != NF_OPTION_END; i++)
        if (options[i].kind != NF_OPTION_HEADING && strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

static void join_choices(const char *const *choices, char *text, size_t size)
{
    snprintf(text, size, "must be one of");
    for (size_t used; *choices != NULL; choices++) {
        used = strlen(text);
        snprintf(text + used, size - used, "%s%s", used == 14 ? " " : ", ", *choices);
    }
}

static bool take_choice(const nf_option *option, const char *value, int *chosen)
{
    for (int i = 0; option->choices[i] != NULL; i++)
        if (strcmp(option->choices[i], value) == 0) {
            *chosen = i;
            return true;
        }
    return false;
}

static void describe_range(const nf_option *option, const char *what, const char *example, char *why, size_t size)
{
    if (option->max == UINT64_MAX || option->max == SIZE_MAX)
        snprintf(why, size, "must be %s, at least %llu%s", what, (unsigned long long)option->min, example);
    else
        snprintf(why, size, "must be %s from %llu to %llu%s", what, (unsigned long long)option->min,
                 (unsigned long long)option->max, example);
}

/* Stores the value in its field; false: it makes no sense, why[size] says what is accepted. */
static bool take_value(const nf_option *option, void *target, const char *value, char *why, size_t size)
{
    void *field = (char *)target + option->offset;
    double real;
    switch (option->kind) {
    case NF_OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case NF_OPTION_TEXT:
        snprintf(why, size, "must not be empty");
        *(const char **)field = value;
        return value[0] != '\0';
    case NF_OPTION_CHOICE:
        join_choices(option->choices, why, size);
        return take_choice(option, value, field);
    case NF_OPTION_NUMBER:
        describe_range(option, "a whole number", "", why, size);
        return nf_parse_u64(value, option->min, option->max, field);
    case NF_OPTION_REAL:
        describe_range(option, "a number", "", why, size);
        return nf_parse_double(value, &real) && real >= (double)option->min && real <= (double)option->max &&
               (*(double *)field = real, true);
    case NF_OPTION_LIST:
        snprintf(why, size, "must not be empty");
        ((nf_option_list *)field)->items[((nf_option_list *)field)->n++] = value;
        return value[0] != '\0';
    case NF_OPTION_BYTES:
        describe_range(option, "bytes", ", as in 64K, 128M or 4G", why, size);
        return nf_parse_size(value, option->min, option->max, field);
    default:
        return false;
    }
}

/* The command line while it is parsed. */
typedef struct parse {
    const char *command;
    const nf_option *options;
    void *target;
    int argc;
    char **argv;
    bool seen[OPTIONS_MAX]; /* by their places in options */
} parse;

/* The value behind the option argv[*i], or after its equals sign. What begins with two dashes is the next option: `--json --quiet` has
 * forgotten a name. */
static int value_of(const parse *p, const nf_option *option, const char *equals, int *i, const char **value)
{
    const char *dashes = dashes_of(option->name), *name = option->name, *next = *i + 1 < p->argc ? p->argv[*i + 1] : NULL;
    if (option->kind == NF_OPTION_FLAG)
        return equals != NULL ? nf_cli_usage(p->command, "--%s takes no value", name) : 0;
    if (equals == NULL && next == NULL)
        return nf_cli_usage(p->command, "%s%s needs a value (%s)", dashes, name, option->argument);
    if (equals == NULL && strncmp(next, "--", 2) == 0)
        return nf_cli_usage(p->command, "%s%s needs a value (%s), and %s is an option", dashes, name, option->argument, next);
    *value = equals != NULL ? equals + 1 : next;
    *i += equals == NULL;
    return 0;
}

/* Takes argv[*i], an option, and its value. */
static int take_option(parse *p, int *i)
{
    char name[64];
    bool is_letter = p->argv[*i][1] != '-';
    const char *text = p->argv[*i] + (is_letter ? 1 : 2), *equals = is_letter ? NULL : strchr(text, '='), *value = NULL;
    char why[256] = "";
    size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);
    if (length >= sizeof name)
        return nf_cli_usage(p->command, "unknown option %s", p->argv[*i]);
    memcpy(name, text, length);
    name[length] = '\0';
    const nf_option *option = find_option(p->options, name);
    if (option == NULL || is_letter != (name[1] == '\0'))
        return unknown_option(p->command, p->options, name);
    int code = value_of(p, option, equals, i, &value);
    if (code != 0)
        return code;
    bool *seen = &p->seen[option - p->options];
    if (*seen && option->kind == NF_OPTION_TEXT) /* both may be meant; of numbers and choices the last counts */
        return nf_cli_usage(p->command, "%s%s is given twice", dashes_of(name), name);
    *seen = true;
    if (!take_value(option, p->target, value, why, sizeof why))
        return nf_cli_usage(p->command, "%s%s \"%s\" %s", dashes_of(name), name, value != NULL ? value : "", why);
    return 0;
}

int nf_cli_parse(const char *command, const nf_option *options, void *target, int argc, char **argv, const char **paths,
                 size_t *n_paths)
{
    parse p = {command, options, target, argc, argv, {false}};
    bool only_paths = false;
    *n_paths = 0;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '\0')
            return nf_cli_usage(command, "argument %d is empty", i);
        if (only_paths || argv[i][0] != '-' || argv[i][1] == '\0') {
            paths[(*n_paths)++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_paths = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return -1;
        } else if (argv[i][1] != '-' && (argv[i][2] != '\0' || find_option(options, argv[i] + 1) == NULL)) {
            return nf_cli_usage(command, "unknown option %s", argv[i]);
        } else {
            int code = take_option(&p, &i);
            if (code != 0)
                return code;
        }
    }
    return 0;
}

void nf_cli_print_options(FILE *out, const nf_option *options)
{
    enum { HELP_COLUMN = 30 };
    const nf_term term = {.out = out, .columns = 80};
    for (; options->kind != NF_OPTION_END; options++) {
        char left[40];
        if (options->kind == NF_OPTION_HEADING) {
            fprintf(out, "\n%s\n", options->name);
            continue;
        }
        snprintf(left, sizeof left, "%s%s%s%s", options->name[1] == '\0' ? "-" : "--", options->name,
                 options->argument != NULL ? " " : "", options->argument != NULL ? options->argument : "");
        fprintf(out, "  %-28s%s", left, strlen(left) >= 28 ? "\n                              " : "");
        nf_term_words(&term, HELP_COLUMN, HELP_COLUMN, options->help);
        fputc('\n', out);
    }
}
