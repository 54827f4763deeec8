/* text.c -- see text.h.
 * Relies on unicode.c for the tables of letters, digits and case.
 * Never reads past a dfl_str. */
#include "base/text.h"

#include <assert.h>
#include <string.h>

dfl_str dfl__str(const char *z) {
    dfl_str s = {z != NULL ? z : "", z != NULL ? strlen(z) : 0};
    return s;
}

dfl_str dfl__sub(dfl_str s, size_t start, size_t end) {
    assert(start <= end && end <= s.len);
    dfl_str part = {s.ptr + start, end - start};
    return part;
}

int dfl__eq(dfl_str a, dfl_str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int dfl__same(const char *a, const char *b) {
    return strcmp(a, b) == 0;
}

int dfl__compare(dfl_str a, dfl_str b) {
    size_t least = a.len < b.len ? a.len : b.len;
    int order = least > 0 ? memcmp(a.ptr, b.ptr, least) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

int dfl__eqz(dfl_str a, const char *z) {
    return dfl__eq(a, dfl__str(z));
}

int dfl__ieqz(dfl_str a, const char *z) {
    for (size_t i = 0; i < a.len; i++) {
        if (z[i] == '\0' || dfl__lower((unsigned char)a.ptr[i]) != dfl__lower((unsigned char)z[i]))
            return 0;
    }
    return z[a.len] == '\0';
}

int dfl__is_one_of(dfl_str s, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (dfl__eqz(s, words[i])) return 1;
    }
    return 0;
}

int dfl__starts(dfl_str s, const char *z) {
    size_t n = strlen(z);
    return s.len >= n && memcmp(s.ptr, z, n) == 0;
}

int dfl__ends(dfl_str s, const char *z) {
    size_t n = strlen(z);
    return s.len >= n && memcmp(s.ptr + s.len - n, z, n) == 0;
}

size_t dfl__find(dfl_str s, char c, size_t from) {
    if (from >= s.len) return s.len;
    const char *hit = memchr(s.ptr + from, c, s.len - from);
    return hit != NULL ? (size_t)(hit - s.ptr) : s.len;
}

size_t dfl__find_str(dfl_str s, const char *z) {
    size_t n = strlen(z);
    if (n == 0) return 0;
    for (size_t i = dfl__find(s, z[0], 0); i + n <= s.len; i = dfl__find(s, z[0], i + 1)) {
        if (memcmp(s.ptr + i, z, n) == 0) return i;
    }
    return s.len;
}

int dfl__glob(const char *pattern, dfl_str s) {
    const char *star = NULL;
    size_t at = 0, mark = 0;
    while (at < s.len) {
        if (*pattern == '*') {
            star = ++pattern;
            mark = at;
        } else if (*pattern != '\0' && (*pattern == '?' || *pattern == s.ptr[at])) {
            pattern++;
            at++;
        } else if (star != NULL) {
            pattern = star;
            at = ++mark;
        } else {
            return 0;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

int dfl__is_list_space(unsigned char c) {
    return c == ' ' || (c >= 9 && c <= 13 && c != '\n');
}
int dfl__is_byte_space(unsigned char c) {
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0;
}
int dfl__is_regexp_space(unsigned char c) {
    return c == ' ' || (c >= 9 && c <= 13 && c != '\v');
}
int dfl__is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}
int dfl__is_alpha(unsigned char c) {
    return dfl__lower(c) >= 'a' && dfl__lower(c) <= 'z';
}
unsigned char dfl__lower(unsigned char c) {
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}
unsigned char dfl__upper(unsigned char c) {
    return c >= 'a' && c <= 'z' ? (unsigned char)(c - 32) : c;
}

int dfl__is_any_of(uint32_t rune, const char *set) {
    return rune != 0 && rune < 0x80 && strchr(set, (int)rune) != NULL;
}

int dfl__hex_value(uint32_t rune) {
    if (rune >= '0' && rune <= '9') return (int)(rune - '0');
    if (rune >= 'a' && rune <= 'f') return (int)(rune - 'a' + 10);
    return rune >= 'A' && rune <= 'F' ? (int)(rune - 'A' + 10) : -1;
}

int dfl__is_unicode_space(uint32_t r) {
    if (r < 0x100) return r == ' ' || (r >= 9 && r <= 13) || r == 0x85 || r == 0xA0;
    return r == 0x1680 || (r >= 0x2000 && r <= 0x200A) || r == 0x2028 || r == 0x2029 ||
           r == 0x202F || r == 0x205F || r == 0x3000;
}

/* Length of the sequence that `lead` opens, and the bounds of its second byte. */
static unsigned rune_lead(unsigned char lead, unsigned char *low, unsigned char *high) {
    *low = 0x80;
    *high = 0xBF;
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    if (lead < 0xE0) return 2;
    if (lead < 0xF0) {
        if (lead == 0xE0) *low = 0xA0;
        if (lead == 0xED) *high = 0x9F;
        return 3;
    }
    if (lead == 0xF0) *low = 0x90;
    if (lead == 0xF4) *high = 0x8F;
    return 4;
}

uint32_t dfl__rune(dfl_str s, size_t at, unsigned *width) {
    assert(at < s.len);
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    unsigned char low, high;
    unsigned n = rune_lead(p[0], &low, &high);
    *width = 1;
    if (n == 1) return p[0];
    if (n == 0 || s.len - at < n || p[1] < low || p[1] > high) return DFL__RUNE_ERROR;
    uint32_t rune = p[0] & (0x7Fu >> n);
    for (unsigned i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) return DFL__RUNE_ERROR;
        rune = rune << 6 | (p[i] & 0x3Fu);
    }
    *width = n;
    return rune;
}

unsigned dfl__rune_encode(uint32_t rune, char out[4]) {
    if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) rune = DFL__RUNE_ERROR;
    if (rune < 0x80) {
        out[0] = (char)rune;
        return 1;
    }
    unsigned n = rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
    for (unsigned i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (rune & 0x3F));
        rune >>= 6;
    }
    out[0] = (char)((0xF00u >> n & 0xF0u) | rune);
    return n;
}

size_t dfl__space_prefix(dfl_str s) {
    size_t at = 0;
    unsigned width;
    while (at < s.len && dfl__is_unicode_space(dfl__rune(s, at, &width)))
        at += width;
    return at;
}

/* Width of the last rune of s[0, end), end > 0; as Go's utf8.DecodeLastRune. */
static unsigned last_rune(dfl_str s, size_t end, uint32_t *rune) {
    for (unsigned back = 4; back > 1; back--) {
        unsigned width;
        if (back > end) continue;
        *rune = dfl__rune(dfl__sub(s, 0, end), end - back, &width);
        if (width == back) return width;
    }
    unsigned char last = (unsigned char)s.ptr[end - 1];
    *rune = last < 0x80 ? last : DFL__RUNE_ERROR;
    return 1;
}

size_t dfl__space_suffix(dfl_str s) {
    size_t end = s.len;
    while (end > 0) {
        uint32_t rune;
        unsigned width = last_rune(s, end, &rune);
        if (!dfl__is_unicode_space(rune)) break;
        end -= width;
    }
    return s.len - end;
}

dfl_str dfl__trim(dfl_str s) {
    size_t start = dfl__space_prefix(s);
    s = dfl__sub(s, start, s.len);
    return dfl__sub(s, 0, s.len - dfl__space_suffix(s));
}

void dfl__buf_init(dfl__buf *buf, const dfl_alloc *alloc, size_t max) {
    buf->alloc = dfl__alloc_of(alloc);
    buf->ptr = NULL;
    buf->len = buf->cap = 0;
    buf->max = max != 0 ? max : SIZE_MAX / 2;
    buf->failed = DFL_OK;
}

void dfl__buf_free(dfl__buf *buf) {
    dfl__free(&buf->alloc, buf->ptr, buf->cap);
    buf->ptr = NULL;
    buf->len = buf->cap = 0;
}

int dfl__buf_reserve(dfl__buf *buf, size_t more) {
    if (buf->failed != DFL_OK) return 0;
    if (more > buf->max || buf->len > buf->max - more) {
        buf->failed = DFL_E_LIMIT;
        return 0;
    }
    if (more <= buf->cap - buf->len) return 1;
    size_t cap = buf->cap < 64 ? 64 : buf->cap * 2;
    if (cap < buf->len + more) cap = buf->len + more;
    char *grown = buf->alloc.resize(buf->alloc.ctx, buf->ptr, buf->cap, cap);
    if (grown == NULL) {
        buf->failed = DFL_E_NOMEM;
        return 0;
    }
    buf->ptr = grown;
    buf->cap = cap;
    return 1;
}

void dfl__buf_add(dfl__buf *buf, dfl_str s) {
    if (s.len == 0 || !dfl__buf_reserve(buf, s.len)) return;
    memcpy(buf->ptr + buf->len, s.ptr, s.len);
    buf->len += s.len;
}

void dfl__buf_addz(dfl__buf *buf, const char *z) {
    dfl__buf_add(buf, dfl__str(z));
}

void dfl__buf_addc(dfl__buf *buf, char c) {
    dfl_str s = {&c, 1};
    dfl__buf_add(buf, s);
}

dfl_str dfl__decimal(uint64_t number, char digits[20]) {
    size_t at = 20;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return (dfl_str){digits + at, 20 - at};
}

void dfl__buf_addu(dfl__buf *buf, uint32_t number) {
    char digits[20];
    dfl_str s = dfl__decimal(number, digits);
    dfl__buf_add(buf, s);
}

void dfl__buf_rune(dfl__buf *buf, uint32_t rune) {
    char bytes[4];
    dfl_str s = {bytes, dfl__rune_encode(rune, bytes)};
    dfl__buf_add(buf, s);
}

void dfl__buf_vfmt(dfl__buf *buf, const char *format, va_list args) {
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            dfl__buf_addc(buf, *format);
            continue;
        }
        switch (*++format) {
        case 's': dfl__buf_addz(buf, va_arg(args, const char *)); break;
        case 'S': dfl__buf_add(buf, *va_arg(args, const dfl_str *)); break;
        case 'u': dfl__buf_addu(buf, va_arg(args, uint32_t)); break;
        case 'c': dfl__buf_addc(buf, (char)va_arg(args, int)); break;
        case '%': dfl__buf_addc(buf, '%'); break;
        default: assert(0 && "unknown conversion");
        }
    }
}

void dfl__buf_fmt(dfl__buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    dfl__buf_vfmt(buf, format, args);
    va_end(args);
}

dfl_str dfl__buf_str(const dfl__buf *buf) {
    dfl_str s = {buf->ptr != NULL ? buf->ptr : "", buf->len};
    return s;
}
