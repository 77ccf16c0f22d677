#include "base/number.h"

#include <string.h>

static bool parse_digits(const char *text, size_t n, uint64_t *value)
{
    uint64_t result = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(result, 10, &result) ||
            __builtin_add_overflow(result, digit, &result))
            return false;
    }
    *value = result;
    return n > 0;
}

bool nf_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
    uint64_t result;
    if (!parse_digits(text, strlen(text), &result) || result < min || result > max)
        return false;
    *value = result;
    return true;
}

bool nf_parse_i64(const char *text, int64_t min, int64_t max, int64_t *value)
{
    bool is_negative = *text == '-';
    uint64_t magnitude;
    if (!nf_parse_u64(text + is_negative, 0, (uint64_t)INT64_MAX + is_negative, &magnitude))
        return false;
    /* -1 - (magnitude - 1): INT64_MIN has no positive counterpart. */
    int64_t result = is_negative && magnitude > 0 ? -1 - (int64_t)(magnitude - 1) : (int64_t)magnitude;
    if (result < min || result > max)
        return false;
    *value = result;
    return true;
}

bool nf_parse_size(const char *text, uint64_t min, uint64_t max, uint64_t *bytes)
{
    static const char units[] = "KMGT";
    size_t n = strspn(text, "0123456789");
    uint64_t result, factor = 1;
    if (text[n] != '\0') {
        const char *unit = strchr(units, text[n]);
        if (unit == NULL || text[n + 1] != '\0')
            return false;
        factor = UINT64_C(1) << (10 * (unit - units + 1));
    }
    if (!parse_digits(text, n, &result) || __builtin_mul_overflow(result, factor, &result) || result < min || result > max)
        return false;
    *bytes = result;
    return true;
}
