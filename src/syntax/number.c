/* number.c -- see number.h. */
#include "syntax/number.h"

#define TOP ((uint64_t)1 << 63)

int dfl__go_bool(dfl_str s, int *value) {
    static const char *const words[2][6] = {{"0", "f", "F", "FALSE", "false", "False"},
                                            {"1", "t", "T", "TRUE", "true", "True"}};
    for (int truth = 0; truth < 2; truth++) {
        for (int i = 0; i < 6; i++) {
            if (!dfl__eqz(s, words[truth][i])) continue;
            *value = truth;
            return 1;
        }
    }
    return 0;
}

/* Step over a sign; 1 when it is a minus. */
static int take_sign(dfl_str *s) {
    if (s->len == 0 || (s->ptr[0] != '-' && s->ptr[0] != '+')) return 0;
    int negative = s->ptr[0] == '-';
    *s = dfl__sub(*s, 1, s->len);
    return negative;
}

int dfl__go_int(dfl_str s, unsigned bits, int64_t *value) {
    int negative = take_sign(&s);
    uint64_t limit = (uint64_t)1 << (bits - 1), number = 0;
    if (s.len == 0) return 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!dfl__is_digit((unsigned char)s.ptr[i]) || number > limit / 10) return 0;
        number = number * 10 + (uint64_t)(s.ptr[i] - '0');
        if (number > limit) return 0;
    }
    if (number == limit && !negative) return 0;
    *value = negative ? (number == TOP ? INT64_MIN : -(int64_t)number) : (int64_t)number;
    return 1;
}

typedef struct {
    const char *name;
    uint64_t nanoseconds;
} unit;

static const unit units[] = {
    {"ns", 1u},       {"us", 1000u},      {"\xC2\xB5s", 1000u}, {"\xCE\xBCs", 1000u},
    {"ms", 1000000u}, {"s", 1000000000u}, {"m", 60000000000u},  {"h", 3600000000000u},
};

/* Digits of the whole part; 0 when they overflow. */
static int whole_part(dfl_str *s, uint64_t *value) {
    size_t i = 0;
    *value = 0;
    for (; i < s->len && dfl__is_digit((unsigned char)s->ptr[i]); i++) {
        if (*value > TOP / 10) return 0;
        *value = *value * 10 + (uint64_t)(s->ptr[i] - '0');
        if (*value > TOP) return 0;
    }
    *s = dfl__sub(*s, i, s->len);
    return 1;
}

/* Digits after the point as value / scale; digits that no longer fit are ignored. */
static void fraction_part(dfl_str *s, uint64_t *value, double *scale) {
    size_t i = 0;
    int full = 0;
    *value = 0;
    *scale = 1;
    for (; i < s->len && dfl__is_digit((unsigned char)s->ptr[i]); i++) {
        if (full) continue;
        uint64_t next = *value * 10 + (uint64_t)(s->ptr[i] - '0');
        if (*value > (TOP - 1) / 10 || next > TOP) {
            full = 1;
            continue;
        }
        *value = next;
        *scale *= 10;
    }
    *s = dfl__sub(*s, i, s->len);
}

static const unit *take_unit(dfl_str *s) {
    size_t len = 0;
    while (len < s->len && s->ptr[len] != '.' && !dfl__is_digit((unsigned char)s->ptr[len]))
        len++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!dfl__eqz(dfl__sub(*s, 0, len), units[i].name)) continue;
        *s = dfl__sub(*s, len, s->len);
        return &units[i];
    }
    return NULL;
}

/* One "1.5h"; its nanoseconds are added to `*sum`. */
static int take_term(dfl_str *s, uint64_t *sum) {
    uint64_t value, fraction = 0;
    double scale = 1;
    size_t before = s->len;
    if (!whole_part(s, &value)) return 0;
    int digits = s->len != before;
    if (s->len > 0 && s->ptr[0] == '.') {
        *s = dfl__sub(*s, 1, s->len);
        before = s->len;
        fraction_part(s, &fraction, &scale);
        digits |= s->len != before;
    }
    const unit *u = digits ? take_unit(s) : NULL;
    if (u == NULL || value > TOP / u->nanoseconds) return 0;
    value *= u->nanoseconds;
    if (fraction > 0) {
        value += (uint64_t)((double)fraction * ((double)u->nanoseconds / scale));
        if (value > TOP) return 0;
    }
    if (value > TOP - *sum) return 0;
    *sum += value;
    return 1;
}

int dfl__go_duration(dfl_str s, int64_t *value) {
    int negative = take_sign(&s);
    uint64_t sum = 0;
    if (dfl__eqz(s, "0")) {
        *value = 0;
        return 1;
    }
    if (s.len == 0) return 0;
    while (s.len > 0) {
        if (!take_term(&s, &sum)) return 0;
    }
    if (sum == TOP && !negative) return 0;
    *value = negative ? (sum == TOP ? INT64_MIN : -(int64_t)sum) : (int64_t)sum;
    return 1;
}
