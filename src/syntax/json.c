/* json.c -- the JSON form of arguments.
 * Relies on parser.h. Accepts exactly what Go's encoding/json does (specification 1.8).
 * Never recurses: nesting is a stack of bits with a limit. */
#include <string.h>

#include "syntax/parser.h"

#define DEPTH_MAX 10000u

/* Decimal digits of 2^1024 - 2^970, from which on Go's ParseFloat says "out of range". */
static const char float_limit[] =
    "179769313486231580793728971405303415079934132710037826936173778980"
    "444968292764750946649017977587207096330286416692887910946555547851"
    "940402630657488671505820681908902000708383676273854845817711531764"
    "475730270069855571366959622842914819860834936475292719074168444365"
    "510704342711559699508093042880177904174497792";

static int is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static uint32_t skip_space(dfl_str s, uint32_t at) {
    while (at < s.len && is_space(s.ptr[at]))
        at++;
    return at;
}

static int is_digit_at(dfl_str s, uint32_t at) {
    return at < s.len && dfl__is_digit((unsigned char)s.ptr[at]);
}

static uint32_t skip_digits(dfl_str s, uint32_t at) {
    while (is_digit_at(s, at))
        at++;
    return at;
}

/* Whether the number [start, end) is too large for a double: its significant digits and the power
 * of ten of the first one decide. */
static int out_of_range(dfl_str s, uint32_t start, uint32_t end) {
    int64_t power = 0, exponent = 0;
    int seen_point = 0, negative = 0;
    uint32_t at = start, digits = 0;
    char kept[sizeof float_limit - 1];
    for (; at < end && s.ptr[at] != 'e' && s.ptr[at] != 'E'; at++) {
        char c = s.ptr[at];
        if (c == '.') seen_point = 1;
        if (!dfl__is_digit((unsigned char)c)) continue;
        if (digits == 0 && c == '0') {
            if (seen_point) power--;
            continue;
        }
        if (!seen_point) power++;
        if (digits < sizeof kept) kept[digits++] = c;
    }
    if (digits == 0) return 0;
    for (at++; at < end; at++) {
        if (s.ptr[at] == '-') negative = 1;
        if (is_digit_at(s, at) && exponent < 1000000000)
            exponent = exponent * 10 + (s.ptr[at] - '0');
    }
    power += negative ? -exponent : exponent;
    if (power != (int64_t)sizeof kept) return power > (int64_t)sizeof kept;
    int order = memcmp(kept, float_limit, digits);
    return order > 0 || (order == 0 && digits == sizeof kept);
}

/* Skip a number; 0 when it is malformed or does not fit a double. */
static uint32_t skip_number(dfl_str s, uint32_t at) {
    uint32_t start = at;
    if (s.ptr[at] == '-') at++;
    if (!is_digit_at(s, at)) return 0;
    at = s.ptr[at] == '0' ? at + 1 : skip_digits(s, at);
    if (at < s.len && s.ptr[at] == '.') {
        if (!is_digit_at(s, at + 1)) return 0;
        at = skip_digits(s, at + 1);
    }
    if (at < s.len && (s.ptr[at] == 'e' || s.ptr[at] == 'E')) {
        at++;
        if (at < s.len && (s.ptr[at] == '+' || s.ptr[at] == '-')) at++;
        if (!is_digit_at(s, at)) return 0;
        at = skip_digits(s, at);
    }
    return out_of_range(s, start, at) ? 0 : at;
}

static int is_hex4(dfl_str s, uint32_t at) {
    for (uint32_t i = 0; i < 4; i++) {
        if (at + i >= s.len || dfl__hex_value((unsigned char)s.ptr[at + i]) < 0) return 0;
    }
    return 1;
}

/* Skip the string that opens at `at`; 0 when it is malformed. */
static uint32_t skip_string(dfl_str s, uint32_t at) {
    for (at++; at < s.len; at++) {
        unsigned char c = (unsigned char)s.ptr[at];
        if (c == '"') return at + 1;
        if (c < 0x20) return 0;
        if (c != '\\') continue;
        if (++at == s.len) return 0;
        if (s.ptr[at] == 'u') {
            if (!is_hex4(s, at + 1)) return 0;
            at += 4;
        } else if (strchr("\"\\/bfnrt", s.ptr[at]) == NULL || s.ptr[at] == '\0') {
            return 0;
        }
    }
    return 0;
}

static uint32_t skip_literal(dfl_str s, uint32_t at) {
    static const char *const literals[] = {"true", "false", "null"};
    dfl_str rest = dfl__sub(s, at, s.len);
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        if (dfl__starts(rest, literals[i])) return at + (uint32_t)strlen(literals[i]);
    }
    return 0;
}

static uint32_t skip_scalar(dfl_str s, uint32_t at) {
    if (s.ptr[at] == '"') return skip_string(s, at);
    if (s.ptr[at] == '-' || is_digit_at(s, at)) return skip_number(s, at);
    return skip_literal(s, at);
}

/* The open brackets: one bit each, set for an object. */
typedef struct {
    unsigned char bits[DEPTH_MAX / 8 + 1];
    uint32_t depth;
    uint32_t name; /* of the member that was entered last */
} brackets;

static int push(brackets *b, int object) {
    if (b->depth == DEPTH_MAX) return 0;
    unsigned char bit = (unsigned char)(1u << b->depth % 8);
    unsigned char *byte = &b->bits[b->depth / 8];
    *byte = (unsigned char)(object ? *byte | bit : *byte & ~bit);
    b->depth++;
    return 1;
}

static int in_object(const brackets *b) {
    return b->depth > 0 && (b->bits[(b->depth - 1) / 8] >> (b->depth - 1) % 8 & 1);
}

/* Skip `"name" :` of an object's member. */
static uint32_t skip_member_name(dfl_str s, brackets *b, uint32_t at) {
    if (at == s.len || s.ptr[at] != '"') return 0;
    b->name = at;
    at = skip_string(s, at);
    if (at == 0) return 0;
    at = skip_space(s, at);
    return at < s.len && s.ptr[at] == ':' ? skip_space(s, at + 1) : 0;
}

/* After a value: close brackets and step over a comma. `*at` ends at the next value, or behind the
 * array with depth 0. Returns 0 when it is malformed. */
static int after_value(dfl_str s, brackets *b, uint32_t *at) {
    for (;;) {
        *at = skip_space(s, *at);
        if (b->depth == 0) return 1;
        if (*at == s.len) return 0;
        char c = s.ptr[*at];
        if (c == ',') {
            *at = skip_space(s, *at + 1);
            if (!in_object(b)) return *at < s.len;
            *at = skip_member_name(s, b, *at);
            return *at != 0 && *at < s.len;
        }
        if (c != (in_object(b) ? '}' : ']')) return 0;
        b->depth--;
        (*at)++;
    }
}

/* At a bracket: enter it. 1 entered and at its first value, 2 it is empty, 0 malformed. */
static int enter(dfl_str s, brackets *b, uint32_t *at) {
    int object = s.ptr[*at] == '{';
    if (!push(b, object)) return 0;
    *at = skip_space(s, *at + 1);
    if (*at == s.len) return 0;
    if (s.ptr[*at] == (object ? '}' : ']')) return 2;
    if (!object) return 1;
    *at = skip_member_name(s, b, *at);
    return *at != 0 && *at < s.len;
}

/* Told of each value right inside the outermost bracket; `name` is 0 in a list. */
typedef void visitor(void *ctx, dfl_str s, uint32_t name, uint32_t value);

/* Walk over a list or object that takes up the whole text; 0 when it is malformed. */
static int walk(dfl_str s, visitor *visit, void *ctx) {
    brackets b;
    uint32_t at = 0;
    b.depth = 0;
    do {
        char c = s.ptr[at];
        if (b.depth == 1) visit(ctx, s, in_object(&b) ? b.name : 0, at);
        if (c == '[' || c == '{') {
            int entered = enter(s, &b, &at);
            if (entered == 0) return 0;
            if (entered == 1) continue;
        } else {
            at = skip_scalar(s, at);
            if (at == 0) return 0;
        }
        if (!after_value(s, &b, &at)) return 0;
    } while (b.depth > 0);
    return at == s.len;
}

static void look_for_other(void *ctx, dfl_str s, uint32_t name, uint32_t value) {
    dfl__json *kind = ctx;
    (void)name;
    if (s.ptr[value] != '"') *kind = DFL__JSON_OTHER;
}

dfl__json dfl__json_check(dfl_str s) {
    dfl__json kind = DFL__JSON_STRINGS;
    if (s.len == 0 || s.ptr[0] != '[') return DFL__JSON_NONE;
    return walk(s, look_for_other, &kind) ? kind : DFL__JSON_NONE;
}

/* Up to four digits at `at`. */
static uint32_t hex4(dfl_str s, uint32_t at) {
    uint32_t value = 0;
    for (uint32_t i = at; i < at + 4 && i < s.len; i++)
        value = value << 4 | (uint32_t)dfl__hex_value((unsigned char)s.ptr[i]);
    return value;
}

/* The rune of the `\uXXXX` at `*at`, with its low half if there is one. */
static uint32_t unicode_escape(dfl_str s, uint32_t *at) {
    uint32_t rune = hex4(s, *at + 2);
    *at += 6;
    int pair = rune >= 0xD800 && rune < 0xDC00 && *at + 6 < s.len && s.ptr[*at] == '\\' &&
               s.ptr[*at + 1] == 'u';
    if (!pair) return rune;
    uint32_t low = hex4(s, *at + 2);
    if (low < 0xDC00 || low >= 0xE000) return rune;
    *at += 6;
    return 0x10000 + ((rune - 0xD800) << 10) + (low - 0xDC00);
}

uint32_t dfl__json_rune(dfl_str s, uint32_t *at) {
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    unsigned width = 1;
    if (s.ptr[*at] == '\\' && s.ptr[*at + 1] == 'u') return unicode_escape(s, at);
    int escaped = s.ptr[*at] == '\\';
    if (escaped) ++*at;
    uint32_t rune = dfl__rune(s, *at, &width);
    const char *named = escaped && rune < 0x80 && rune != 0 ? strchr(from, (int)rune) : NULL;
    *at += width;
    return named != NULL ? (unsigned char)to[named - from] : rune;
}

/* Append the value of the string literal `s`, quotes included. */
static void decode(dfl__buf *out, dfl_str s) {
    for (uint32_t at = 1; at + 1 < s.len;)
        dfl__buf_rune(out, dfl__json_rune(s, &at));
}

/* A member that is looked for: the last one of that name counts. */
typedef struct {
    const char *name;
    dfl__buf *scratch;
    uint32_t value; /* its string, 0 = none */
} member;

static void look_for_member(void *ctx, dfl_str s, uint32_t name, uint32_t value) {
    member *m = ctx;
    m->scratch->len = 0;
    decode(m->scratch, dfl__sub(s, name, skip_string(s, name)));
    if (!dfl__eqz(dfl__buf_str(m->scratch), m->name)) return;
    m->value = s.ptr[value] == '"' ? value : 0;
}

int dfl__json_member(dfl_str s, const char *name, dfl__buf *out, dfl_range *range) {
    member m = {name, out, 0};
    uint32_t start = skip_space(s, 0);
    s = dfl__sub(s, start, s.len);
    if (s.len == 0 || s.ptr[0] != '{' || !walk(s, look_for_member, &m) || m.value == 0) return 0;
    uint32_t end = skip_string(s, m.value);
    out->len = 0;
    decode(out, dfl__sub(s, m.value, end));
    range->start = start + m.value;
    range->end = start + end;
    return out->failed == DFL_OK;
}

static uint32_t write_string(dfl__parser *p, uint32_t start, uint32_t end_of_form) {
    dfl__buf *values = &p->doc->values;
    dfl_str form = dfl__sub(p->text, 0, end_of_form);
    uint32_t end = skip_string(form, start);
    uint32_t node = dfl__open_at(p, start, end, DFL_NODE_JSON_STRING);
    size_t at = values->len;
    decode(values, dfl__sub(p->text, start, end));
    dfl__value value = {node, (uint32_t)at, (uint32_t)(values->len - at)};
    if (p->failed != DFL_OK || values->failed != DFL_OK ||
        !DFL__PUSH(&p->doc->alloc, &p->doc->value_index, value)) {
        p->failed = DFL_E_NOMEM;
        return end;
    }
    p->doc->nodes.items[node].flags |= DFL_NODE_F_VALUE;
    dfl__write(p, end, DFL_TOKEN_STRING);
    dfl__close(p);
    return end;
}

void dfl__json_form(dfl__parser *p, dfl__span rest) {
    uint32_t node = dfl__open_at(p, rest.start, rest.end, DFL_NODE_JSON_FORM);
    dfl__set_slice(p, node, rest.start, rest.end);
    uint32_t at = rest.start;
    while (at < rest.end && p->failed == DFL_OK) {
        if (p->text.ptr[at] == '"') {
            at = write_string(p, at, rest.end);
        } else if (is_space(p->text.ptr[at])) {
            at++;
        } else {
            dfl__write(p, at, DFL_TOKEN_WHITESPACE);
            dfl__write(p, ++at, DFL_TOKEN_PUNCT);
        }
    }
    dfl__close(p);
}
