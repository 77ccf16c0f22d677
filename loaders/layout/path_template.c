#include "loaders/layout/path_template.h"

#include <string.h>
#include <strings.h>

/* Both are walked from the start; the path's start is tried at every component. */
typedef struct matcher {
    nf_captures *captures;
    size_t steps; /* left: a template of one's own may be ambiguous, and no path is worth more */
} matcher;

enum { STEPS_MAX = 20000 };

static bool is_component_end(char c)
{
    return c == '\0' || c == '/' || c == '!';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool fits(char pattern, char c)
{
    char l = lower(c);
    if (pattern == '#')
        return is_digit(c);
    if (pattern == '@')
        return l >= 'a' && l <= 'z';
    if (pattern == '%')
        return is_digit(c) || (l >= 'a' && l <= 'f');
    return lower(pattern) == l;
}

/* Does a piece of text answer to "########" or "n#+"? pattern is (n,). */
static bool piece_fits(const char *pattern, size_t n, const char *text, size_t length)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        bool repeated = i + 2 == n && pattern[i + 1] == '+';
        if (at == length || !fits(pattern[i], text[at++]))
            return false;
        while (repeated && at < length && fits(pattern[i], text[at]))
            at++;
        if (repeated)
            break;
    }
    return at == length;
}

typedef struct braced {
    const char *text, *pattern; /* pattern NULL: anything */
    size_t text_len, pattern_len, whole_len; /* whole_len: with its braces */
} braced;

/* template stands on a '{'. False: no closing brace in this component. */
static bool parse_name(const char *template, braced *parsed)
{
    size_t end = strcspn(template, "}/!");
    if (template[end] != '}')
        return false;
    size_t text_len = strcspn(template + 1, "=}");
    parsed->text = template + 1;
    parsed->text_len = text_len;
    parsed->whole_len = end + 1;
    parsed->pattern = template[1 + text_len] == '=' ? template + text_len + 2 : NULL;
    parsed->pattern_len = parsed->pattern != NULL ? end - text_len - 2 : 0;
    return true;
}

static const nf_capture *find(const nf_captures *captures, const char *text, size_t length)
{
    for (size_t i = 0; i < captures->n; i++)
        if (captures->items[i].name_len == length && strncmp(captures->items[i].name, text, length) == 0)
            return &captures->items[i];
    return NULL;
}

/* Takes text for a name; a name that has taken other text before says no. *added: it must be given back on failure. */
static bool capture(matcher *m, const braced *taken, const char *text, size_t length, bool *added)
{
    nf_captures *captures = m->captures;
    const nf_capture *before = find(captures, taken->text, taken->text_len);
    *added = false;
    if (before != NULL)
        return before->text_len == length && strncasecmp(before->text, text, length) == 0;
    if (captures->n == NF_CAPTURES_MAX)
        return false;
    captures->items[captures->n++] = (nf_capture){taken->text, text, taken->text_len, length};
    return *added = true;
}

static bool matches_here(matcher *m, const char *template, const char *path);

static bool matches_name(matcher *m, const char *template, const char *path)
{
    braced parsed;
    if (!parse_name(template, &parsed))
        return false;
    size_t longest = strcspn(path, "/!");
    for (size_t length = longest; length > 0 && m->steps > 0; length--) {
        bool added;
        if (parsed.pattern != NULL && !piece_fits(parsed.pattern, parsed.pattern_len, path, length))
            continue;
        if (!capture(m, &parsed, path, length, &added))
            continue;
        if (matches_here(m, template + parsed.whole_len, path + length))
            return true;
        m->captures->n -= added;
    }
    return false;
}

static bool matches_star(matcher *m, const char *template, const char *path)
{
    for (size_t length = 0;; length++) {
        if (matches_here(m, template, path + length))
            return true;
        if (is_component_end(path[length]) || m->steps == 0)
            return false;
    }
}

/* "**" and what ends it: any number of components, also none. */
static bool matches_components(matcher *m, const char *template, const char *path)
{
    for (;;) {
        if (matches_here(m, template, path))
            return true;
        path += strcspn(path, "/!");
        if (*path == '\0' || m->steps == 0)
            return false;
        path++;
    }
}

static bool matches_here(matcher *m, const char *template, const char *path)
{
    if (m->steps-- == 0) {
        m->steps = 0;
        return false;
    }
    for (;; template++, path++) {
        if (strncmp(template, "**/", 3) == 0)
            return matches_components(m, template + 3, path);
        if (*template == '*')
            return matches_star(m, template + 1, path);
        if (*template == '{')
            return matches_name(m, template, path);
        if (*template == '\0')
            return *path == '\0';
        if (*template == '#' ? !is_digit(*path) : lower(*template) != lower(*path))
            return false;
    }
}

/* Does the path end with the letters that the template ends with (".jpg")? Most do not, and nothing else needs a look. */
static bool ends_alike(const char *template, const char *path)
{
    const char *t = template + strlen(template), *p = path + strlen(path);
    for (; t > template && t[-1] != '}' && t[-1] != '*' && t[-1] != '#'; t--, p--)
        if (p == path || lower(t[-1]) != lower(p[-1]))
            return false;
    return true;
}

bool nf_template_matches(const char *template, const char *path, nf_captures *captures)
{
    matcher m = {captures, STEPS_MAX};
    captures->n = 0;
    if (!ends_alike(template, path))
        return false;
    for (const char *start = path;; start++) {
        captures->n = 0;
        if (matches_here(&m, template, start))
            return true;
        start += strcspn(start, "/!");
        if (*start == '\0' || m.steps == 0)
            return false;
    }
}

const nf_capture *nf_captures_find(const nf_captures *captures, const char *name)
{
    return find(captures, name, strlen(name));
}

bool nf_captures_expand(const nf_captures *captures, const char *pattern, char *text, size_t size)
{
    size_t used = 0;
    while (*pattern != '\0') {
        const char *piece = pattern;
        size_t length = 1;
        braced parsed;
        if (*pattern == '{' && parse_name(pattern, &parsed)) {
            const nf_capture *found = find(captures, parsed.text, parsed.text_len);
            if (found == NULL)
                return false;
            piece = found->text;
            length = found->text_len;
            pattern += parsed.whole_len;
        } else {
            pattern++;
        }
        if (length >= size - used)
            return false;
        memcpy(text + used, piece, length);
        used += length;
    }
    text[used] = '\0';
    return true;
}
