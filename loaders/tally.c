#include "loaders/tally.h"

#include <stdbool.h>
#include <string.h>

static void copy_name(char name[NF_TALLY_NAME_MAX], const char *kind)
{
    size_t length = strnlen(kind, NF_TALLY_NAME_MAX - 1);
    memcpy(name, kind, length);
    name[length] = '\0';
}

/* tally->n when it is not there. */
static size_t find_kind(const nf_tally *tally, const char *name)
{
    size_t i = 0;
    while (i < tally->n && strcmp(tally->kinds[i].kind, name) != 0)
        i++;
    return i;
}

void nf_tally_add(nf_tally *tally, const char *kind, uint64_t count)
{
    char name[NF_TALLY_NAME_MAX];
    copy_name(name, kind);
    size_t i = find_kind(tally, name);
    if (i == tally->n && i >= NF_TALLY_KINDS_MAX - 1) { /* the last place is that of "other", unless it has one */
        copy_name(name, "other");
        i = find_kind(tally, name);
    }
    if (i == tally->n) {
        copy_name(tally->kinds[i].kind, name);
        tally->n++;
    }
    tally->kinds[i].count += count;
}

/* ASCII letters and digits, whatever the locale. */
static bool suffix_character(char c, char *lower)
{
    *lower = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    return (*lower >= 'a' && *lower <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '~' || c == '+';
}

void nf_tally_add_path(nf_tally *tally, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    char suffix[NF_TALLY_NAME_MAX];
    size_t n = 0;
    bool usable = dot != NULL && dot != base;
    for (const char *c = usable ? dot + 1 : ""; usable && *c != '\0'; c++)
        usable = n < sizeof suffix - 1 && suffix_character(*c, &suffix[n++]);
    suffix[n] = '\0';
    nf_tally_add(tally, usable && n > 0 ? suffix : "no-suffix", 1);
}
