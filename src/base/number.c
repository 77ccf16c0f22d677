#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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

/* A number taken apart: digits without the point, and the power of ten behind them. */
typedef struct decimal {
    bool negative;
    uint64_t digits; /* of at most 19; the rest is not in it */
    size_t n_digits; /* significant ones */
    int point;       /* digits behind the point */
    int exponent;    /* as written */
} decimal;

static const char *take_digits(const char *text, decimal *number, bool behind_point, size_t *n_read)
{
    for (; *text >= '0' && *text <= '9'; text++, ++*n_read) {
        if (number->n_digits > 0 || *text != '0')
            number->n_digits++;
        if (number->n_digits <= 19)
            number->digits = number->digits * 10 + (uint64_t)(*text - '0');
        number->point += behind_point;
    }
    return text;
}

static bool take_exponent(const char *text, int *exponent)
{
    bool negative = *text == '-';
    uint64_t value;
    if (*text == '-' || *text == '+')
        text++;
    if (!nf_parse_u64(text, 0, 9999, &value))
        return false;
    *exponent = negative ? -(int)value : (int)value;
    return true;
}

static bool take_apart(const char *text, decimal *number)
{
    size_t n_read = 0;
    *number = (decimal){.negative = *text == '-'};
    if (strlen(text) > 1000)
        return false;
    if (*text == '-' || *text == '+')
        text++;
    text = take_digits(text, number, false, &n_read);
    if (*text == '.')
        text = take_digits(text + 1, number, true, &n_read);
    if (n_read == 0)
        return false;
    return *text == '\0' || ((*text == 'e' || *text == 'E') && take_exponent(text + 1, &number->exponent));
}

/* digits x 10^power. Up to 2^53 and 10^22 both are exact: one rounding (Clinger). The text is in the C locale, which nofade
 * never leaves for numbers. */
static double value_of(const decimal *number, const char *text, int shift)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int power = number->exponent - number->point + shift;
    char shifted[1024];
    double value;
    if (number->n_digits <= 15 && power >= -22 && power <= 22) {
        value = power < 0 ? (double)number->digits / powers[-power] : (double)number->digits * powers[power];
        return number->negative ? -value : value;
    }
    snprintf(shifted, sizeof shifted, "%.*se%d", (int)strcspn(text, "eE"), text, number->exponent + shift);
    return strtod(shifted, NULL);
}

bool nf_parse_scaled(const char *text, int power, double *value)
{
    decimal number;
    if (!take_apart(text, &number))
        return false;
    double result = value_of(&number, text, power);
    if (!isfinite(result))
        return false;
    *value = result;
    return true;
}

bool nf_parse_double(const char *text, double *value)
{
    return nf_parse_scaled(text, 0, value);
}

int nf_decimals(const char *text)
{
    decimal number;
    return take_apart(text, &number) ? number.point - number.exponent : 0;
}
