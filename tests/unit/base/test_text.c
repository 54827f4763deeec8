/* test_text.c -- bytes, UTF-8, buffers; each decoded sequence beside a decoder that works
 * backwards. Relies on cmocka. Never shares code with the decoder that it judges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "failing.h"

static void assert_text(dfl_str got, dfl_str want) {
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.ptr, want.ptr, want.len);
}

/* --- comparison and search */

static void strings(void **state) {
    (void)state;
    assert_text(dfl__str("abc"), DFL__LIT("abc"));
    assert_int_equal(dfl__str(NULL).len, 0);
    assert_non_null(dfl__str(NULL).ptr);
    assert_text(dfl__sub(DFL__LIT("abcd"), 1, 3), DFL__LIT("bc"));
    assert_text(dfl__sub(DFL__LIT("abcd"), 4, 4), DFL__LIT(""));
    assert_text(dfl__sub(DFL__LIT("abcd"), 0, 4), DFL__LIT("abcd"));
}

static void equality(void **state) {
    static const struct {
        dfl_str a;
        const char *z;
        int same, same_letters, starts, ends;
    } cases[] = {
        {{"", 0}, "", 1, 1, 1, 1},       {{"a", 1}, "", 0, 0, 1, 1},
        {{"", 0}, "a", 0, 0, 0, 0},      {{"abc", 3}, "abc", 1, 1, 1, 1},
        {{"ABC", 3}, "abc", 0, 1, 0, 0}, {{"abc", 3}, "aBc", 0, 1, 0, 0},
        {{"abc", 3}, "ab", 0, 0, 1, 0},  {{"abc", 3}, "bc", 0, 0, 0, 1},
        {{"ab", 2}, "abc", 0, 0, 0, 0},  {{"abc", 2}, "ab", 1, 1, 1, 1},
        {{"a\0b", 3}, "a", 0, 0, 1, 0},  {{"[", 1}, "{", 0, 0, 0, 0},
        {{"@", 1}, "`", 0, 0, 0, 0},     {{"\xC3\x89", 2}, "\xC3\xA9", 0, 0, 0, 0},
        {{NULL, 0}, "", 1, 1, 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(dfl__eqz(cases[i].a, cases[i].z), cases[i].same);
        assert_int_equal(dfl__eq(cases[i].a, dfl__str(cases[i].z)), cases[i].same);
        assert_int_equal(dfl__ieqz(cases[i].a, cases[i].z), cases[i].same_letters);
        if (cases[i].a.ptr == NULL) continue;
        assert_int_equal(dfl__starts(cases[i].a, cases[i].z), cases[i].starts);
        assert_int_equal(dfl__ends(cases[i].a, cases[i].z), cases[i].ends);
    }
    assert_false(dfl__eq(DFL__LIT("abc"), DFL__LIT("abd")));
    assert_true(dfl__same("abc", "abc") && dfl__same("", ""));
    assert_false(dfl__same("abc", "ab") || dfl__same("", "a") || dfl__same("a", "A"));
}

static void search(void **state) {
    static const struct {
        const char *text, *part;
        size_t at;
    } cases[] = {
        {"", "", 0},      {"abc", "", 0},    {"", "a", 0},       {"abc", "a", 0},
        {"abc", "c", 2},  {"abc", "d", 3},   {"aab", "ab", 1},   {"abab", "bab", 1},
        {"ab", "abc", 2}, {"abca", "ax", 4}, {"aaab", "aab", 1}, {"xxab", "ab", 2},
        {"xa", "ab", 2},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(dfl__find_str(dfl__str(cases[i].text), cases[i].part), cases[i].at);
    assert_int_equal(dfl__find_str((dfl_str){"abc", 2}, "bc"), 2); /* not past the end */
    assert_int_equal(dfl__find(DFL__LIT("abca"), 'a', 0), 0);
    assert_int_equal(dfl__find(DFL__LIT("abca"), 'a', 1), 3);
    assert_int_equal(dfl__find(DFL__LIT("abca"), 'a', 4), 4);
    assert_int_equal(dfl__find(DFL__LIT("abca"), 'a', 9), 4);
    assert_int_equal(dfl__find(DFL__LIT("abca"), 'd', 0), 4);
    assert_int_equal(dfl__find(DFL__LIT("a\0b"), '\0', 0), 1);
    assert_int_equal(dfl__find((dfl_str){NULL, 0}, 'a', 0), 0);
}

static void globs(void **state) {
    static const struct {
        const char *pattern, *text;
        int want;
    } cases[] = {
        {"", "", 1},
        {"", "a", 0},
        {"a", "", 0},
        {"*", "", 1},
        {"*", "a/b", 1},
        {"**", "", 1},
        {"?", "a", 1},
        {"?", "", 0},
        {"?", "ab", 0},
        {"a*", "abc", 1},
        {"*c", "abc", 1},
        {"a*c", "abc", 1},
        {"a*c", "ab", 0},
        {"a*b*c", "aXbYc", 1},
        {"a*b*c", "acb", 0},
        {"*ab", "aab", 1},
        {"*aab", "aaab", 1},
        {"*.go", "x.go", 1},
        {"*.go", "x.goo", 0},
        {"a?c", "abc", 1},
        {"abc*", "ab", 0},
        {"ab", "abc", 0},
        {"abc***", "abc", 1},
        {"A", "a", 0},
        {"*a*a*a*b", "aaaaaaaaaaaaaaaaaaaa", 0},
        {"*?", "a", 1},
        {"*?", "", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(dfl__glob(cases[i].pattern, dfl__str(cases[i].text)), cases[i].want);
}

static void texts_have_an_order(void **state) {
    static const dfl_str sorted[] = {{"", 0},    {"\0", 1}, {"\0\0", 2}, {"a", 1},
                                     {"a\0", 2}, {"ab", 2}, {"b", 1},    {"\x80", 1}};
    (void)state;
    for (size_t i = 0; i < COUNT(sorted); i++) {
        for (size_t j = 0; j < COUNT(sorted); j++) {
            int order = dfl__compare(sorted[i], sorted[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
    assert_int_equal(dfl__compare((dfl_str){NULL, 0}, sorted[0]), 0);
}

static void one_of_several(void **state) {
    static const char *const words[] = {"a", "", "bc"};
    (void)state;
    assert_true(DFL__IS_ONE_OF(DFL__LIT("a"), words));
    assert_true(DFL__IS_ONE_OF(DFL__LIT(""), words));
    assert_true(DFL__IS_ONE_OF(DFL__LIT("bc"), words));
    assert_false(DFL__IS_ONE_OF(DFL__LIT("b"), words));
    assert_false(DFL__IS_ONE_OF(DFL__LIT("a\0"), words));
    assert_false(dfl__is_one_of(DFL__LIT("bc"), words, 2));
    assert_false(dfl__is_one_of(DFL__LIT("a"), NULL, 0));
}

/* --- classes of bytes: all 256 beside a list */

static const struct {
    int (*is)(unsigned char c);
    dfl_str members;
} classes[] = {
    {dfl__is_list_space, {"\t\v\f\r ", sizeof("\t\v\f\r ") - 1}},
    {dfl__is_byte_space, {"\t\n\v\f\r \x85\xA0", sizeof("\t\n\v\f\r \x85\xA0") - 1}},
    {dfl__is_regexp_space, {"\t\n\f\r ", sizeof("\t\n\f\r ") - 1}},
    {dfl__is_digit, {"0123456789", sizeof("0123456789") - 1}},
    {dfl__is_alpha,
     {"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
      sizeof("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") - 1}},
};

static void byte_classes(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(classes); i++)
        for (unsigned c = 0; c < 256; c++)
            assert_int_equal(classes[i].is((unsigned char)c) != 0,
                             memchr(classes[i].members.ptr, (int)c, classes[i].members.len) !=
                                 NULL);
}

static void byte_case(void **state) {
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                      lower[] = "abcdefghijklmnopqrstuvwxyz";
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        const char *u = c != 0 ? strchr(upper, (int)c) : NULL;
        const char *l = c != 0 ? strchr(lower, (int)c) : NULL;
        assert_int_equal(dfl__lower((unsigned char)c), u != NULL ? (unsigned)lower[u - upper] : c);
        assert_int_equal(dfl__upper((unsigned char)c), l != NULL ? (unsigned)upper[l - lower] : c);
    }
}

static void hexadecimal_digits(void **state) {
    static const char digits[] = "0123456789abcdefABCDEF";
    (void)state;
    for (uint32_t rune = 0; rune < 0x300; rune++) {
        const char *at = rune != 0 && rune < 0x80 ? strchr(digits, (int)rune) : NULL;
        int value = at == NULL ? -1 : (int)(at - digits) - (at - digits >= 16 ? 6 : 0);
        assert_int_equal(dfl__hex_value(rune), value);
        assert_int_equal(dfl__is_any_of(rune, digits), at != NULL);
    }
}

/* White_Space of Unicode. */
static const uint32_t spaces[] = {0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x20,   0x85,
                                  0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
                                  0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028,
                                  0x2029, 0x202F, 0x205F, 0x3000};

static void rune_spaces(void **state) {
    size_t next = 0;
    (void)state;
    for (uint32_t rune = 0; rune <= 0x110000; rune++) {
        int want = next < COUNT(spaces) && spaces[next] == rune;
        assert_int_equal(dfl__is_unicode_space(rune) != 0, want);
        next += (size_t)want;
    }
    assert_int_equal(next, COUNT(spaces));
    assert_false(dfl__is_unicode_space(UINT32_MAX));
}

/* --- UTF-8 */

/* What a rune's bytes are, by arithmetic; 0 for what is not a scalar value. */
static size_t reference_encode(uint32_t rune, unsigned char out[4]) {
    static const uint32_t first[] = {0, 0, 0x80, 0x800, 0x10000, 0x110000};
    static const uint32_t lead[] = {0, 0, 192, 224, 240};
    size_t n = 1;
    if (rune / 2048 == 27 || rune >= first[5]) return 0;
    while (rune >= first[n + 1])
        n++;
    for (size_t i = n; i > 1; i--, rune /= 64)
        out[i - 1] = (unsigned char)(128 + rune % 64);
    out[0] = (unsigned char)(lead[n] + rune);
    return n;
}

/* The sequence is valid when the rune that its payload spells is written so. */
static uint32_t reference_decode(const unsigned char *p, size_t len, unsigned *width) {
    for (size_t n = 1; n <= 4 && n <= len; n++) {
        uint32_t rune = n == 1 ? p[0] : p[0] % (256u >> (n + 1));
        unsigned char back[4];
        for (size_t i = 1; i < n; i++)
            rune = rune * 64 + p[i] % 64;
        if (reference_encode(rune, back) != n || memcmp(back, p, n) != 0) continue;
        *width = (unsigned)n;
        return rune;
    }
    *width = 1;
    return 0xFFFD;
}

static void assert_decodes(const unsigned char *bytes, size_t len) {
    char *exact = malloc(len); /* a sanitizer sees a read past its end */
    char longer[16];           /* what follows would complete a sequence */
    unsigned want_width = 0, width = 0, longer_width = 0;
    assert_non_null(exact);
    assert_true(len <= 8);
    memcpy(exact, bytes, len);
    memset(longer, 0xA0, sizeof longer);
    memcpy(longer, bytes, len);
    uint32_t want = reference_decode(bytes, len, &want_width);
    uint32_t rune = dfl__rune((dfl_str){exact, len}, 0, &width);
    uint32_t longer_rune = dfl__rune((dfl_str){longer, len}, 0, &longer_width);
    free(exact);
    if (rune != want || width != want_width)
        print_error("%02x %02x of %zu\n", bytes[0], len > 1 ? bytes[1] : 0u, len);
    assert_int_equal(rune, want);
    assert_int_equal(width, want_width);
    assert_int_equal(longer_rune, want);
    assert_int_equal(longer_width, want_width);
}

/* Every pair of bytes, alone and with what may follow. */
static void decode_pairs(void **state) {
    static const unsigned char tails[][2] = {{0x80, 0x80}, {0xBF, 0xBF}, {0x80, 'a'}, {0x7F, 0x80},
                                             {0xC0, 0xBF}, {0x80, 0xC0}, {0xBF, 0x7F}};
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        unsigned char bytes[4] = {(unsigned char)first, 0, 0, 0};
        assert_decodes(bytes, 1);
        for (unsigned second = 0; second < 256; second++) {
            bytes[1] = (unsigned char)second;
            assert_decodes(bytes, 2);
            for (size_t i = 0; i < COUNT(tails); i++) {
                memcpy(bytes + 2, tails[i], 2);
                assert_decodes(bytes, 3);
                assert_decodes(bytes, 4);
            }
        }
    }
}

/* First and last of each length, what lies beyond, surrogates, overlong forms: by hand. */
static const struct {
    const char *bytes;
    uint32_t rune;
    unsigned width;
} boundaries[] = {
    {"\x7F", 0x7F, 1},
    {"\xC2\x80", 0x80, 2},
    {"\xDF\xBF", 0x7FF, 2},
    {"\xE0\xA0\x80", 0x800, 3},
    {"\xED\x9F\xBF", 0xD7FF, 3},
    {"\xEE\x80\x80", 0xE000, 3},
    {"\xEF\xBF\xBD", 0xFFFD, 3},
    {"\xEF\xBF\xBF", 0xFFFF, 3},
    {"\xF0\x90\x80\x80", 0x10000, 4},
    {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4},
    {"\x80", 0xFFFD, 1},
    {"\xBF\x80", 0xFFFD, 1},
    {"\xC0\x80", 0xFFFD, 1},
    {"\xC1\xBF", 0xFFFD, 1},
    {"\xE0\x80\x80", 0xFFFD, 1},
    {"\xE0\x9F\xBF", 0xFFFD, 1},
    {"\xED\xA0\x80", 0xFFFD, 1},
    {"\xED\xBF\xBF", 0xFFFD, 1},
    {"\xF0\x80\x80\x80", 0xFFFD, 1},
    {"\xF0\x8F\xBF\xBF", 0xFFFD, 1},
    {"\xF4\x90\x80\x80", 0xFFFD, 1},
    {"\xF5\x80\x80\x80", 0xFFFD, 1},
    {"\xF8\x88\x80\x80\x80", 0xFFFD, 1},
    {"\xFE", 0xFFFD, 1},
    {"\xFF\xBF", 0xFFFD, 1},
    {"\xC2", 0xFFFD, 1},
    {"\xC2"
     "a",
     0xFFFD, 1},
    {"\xE3\x81", 0xFFFD, 1},
    {"\xF0\x9F\x90", 0xFFFD, 1},
    {"\xF0\x9F\x90"
     "a",
     0xFFFD, 1},
    {"\xF0\x9F\x90\xB3", 0x1F433, 4},
};

static void decode_boundaries(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(boundaries); i++) {
        unsigned width = 0;
        assert_int_equal(dfl__rune(dfl__str(boundaries[i].bytes), 0, &width), boundaries[i].rune);
        assert_int_equal(width, boundaries[i].width);
        assert_decodes((const unsigned char *)boundaries[i].bytes, strlen(boundaries[i].bytes));
    }
}

static void every_rune(void **state) {
    (void)state;
    for (uint32_t rune = 0; rune <= 0x110000; rune++) {
        unsigned char want[4];
        char got[4];
        unsigned width = 0;
        size_t n = reference_encode(rune, want);
        uint32_t kept = n != 0 ? rune : 0xFFFD;
        if (n == 0) n = reference_encode(kept, want);
        assert_int_equal(dfl__rune_encode(rune, got), n);
        assert_memory_equal(got, want, n);
        assert_int_equal(dfl__rune((dfl_str){got, n}, 0, &width), kept);
        assert_int_equal(width, n);
    }
    char got[4];
    assert_int_equal(dfl__rune_encode(UINT32_MAX, got), 3);
    assert_memory_equal(got, "\xEF\xBF\xBD", 3);
}

static void trimming(void **state) {
    static const struct {
        const char *text;
        size_t prefix, suffix;
    } cases[] = {
        {"", 0, 0},
        {"a", 0, 0},
        {" a", 1, 0},
        {"a ", 0, 1},
        {" \t\r\n\v\fa b\f ", 6, 2},
        {"   ", 3, 3},
        {"\xC2\xA0"
         "a\xC2\x85",
         2, 2},
        {"\xE3\x80\x80"
         "a\xE2\x80\x83 ",
         3, 4},
        {"\xE2\x80\x8B"
         "a\xE2\x80\x8B",
         0, 0},
        {"\xA0"
         "a\xA0",
         0, 0}, /* a lone byte is not U+00A0 */
        {"\x85", 0, 0},
        {"a\xC3\xA0", 0, 0},
        {"a\xF0\x9F\x90\xB3 ", 0, 1},
        {"\x80\x80\x80 ", 0, 1},
        {"\xE2\x80 ", 0, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_str s = dfl__str(cases[i].text);
        assert_int_equal(dfl__space_prefix(s), cases[i].prefix);
        assert_int_equal(dfl__space_suffix(s), cases[i].suffix);
        size_t end = cases[i].prefix == s.len ? s.len : s.len - cases[i].suffix;
        assert_text(dfl__trim(s), dfl__sub(s, cases[i].prefix, end));
    }
}

/* --- buffers */

static void buffer_parts(void **state) {
    dfl__buf buf;
    dfl_str part = DFL__LIT("a\0b");
    (void)state;
    dfl__buf_init(&buf, NULL, 0);
    assert_text(dfl__buf_str(&buf), DFL__LIT(""));
    assert_non_null(dfl__buf_str(&buf).ptr);
    dfl__buf_add(&buf, (dfl_str){NULL, 0});
    dfl__buf_add(&buf, part);
    dfl__buf_addz(&buf, "cd");
    dfl__buf_addz(&buf, NULL);
    dfl__buf_addc(&buf, 'e');
    dfl__buf_rune(&buf, 0x1F433);
    dfl__buf_rune(&buf, 0xD800);
    assert_text(dfl__buf_str(&buf), DFL__LIT("a\0bcde\xF0\x9F\x90\xB3\xEF\xBF\xBD"));
    assert_int_equal(buf.failed, DFL_OK);
    dfl__buf_free(&buf);
    assert_int_equal(dfl__buf_str(&buf).len, 0);
    dfl__buf_free(&buf);
}

static void buffer_numbers(void **state) {
    static const struct {
        uint32_t number;
        const char *text;
    } cases[] = {{0, "0"},
                 {7, "7"},
                 {9, "9"},
                 {10, "10"},
                 {100, "100"},
                 {65535, "65535"},
                 {1u << 31, "2147483648"},
                 {UINT32_MAX, "4294967295"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char digits[20];
        dfl__buf buf;
        assert_true(dfl__eqz(dfl__decimal(cases[i].number, digits), cases[i].text));
        dfl__buf_init(&buf, NULL, 0);
        dfl__buf_addu(&buf, cases[i].number);
        assert_text(dfl__buf_str(&buf), dfl__str(cases[i].text));
        dfl__buf_free(&buf);
    }
}

static void buffer_formats(void **state) {
    dfl__buf buf;
    dfl_str name = DFL__LIT("x\0y");
    (void)state;
    dfl__buf_init(&buf, NULL, 0);
    dfl__buf_fmt(&buf, "plain");
    dfl__buf_fmt(&buf, " %s-%S-%u-%c%%", "z", &name, (uint32_t)42, 'q');
    dfl__buf_fmt(&buf, "%s%s", "", ".");
    assert_text(dfl__buf_str(&buf), DFL__LIT("plain z-x\0y-42-q%."));
    dfl__buf_free(&buf);
}

static void buffer_growth(void **state) {
    failing f = {.good = NEVER};
    const dfl_alloc alloc = {failing_resize, &f};
    dfl__buf buf;
    (void)state;
    dfl__buf_init(&buf, &alloc, 0);
    for (unsigned i = 0; i < 100000; i++)
        dfl__buf_addc(&buf, (char)(i % 251));
    assert_int_equal(buf.len, 100000);
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal((unsigned char)buf.ptr[i], i % 251);
    assert_true(f.calls <= 12); /* 64, 128 ... 131072 */
    assert_int_equal(f.live, buf.cap);
    dfl__buf_free(&buf);
    assert_int_equal(f.live, 0);
}

/* A part that doubling does not make room for. */
static void buffer_large_parts(void **state) {
    static const size_t sizes[] = {63, 64, 65, 500, 5000};
    static char text[5000];
    (void)state;
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        dfl__buf buf;
        dfl__buf_init(&buf, NULL, 0);
        dfl__buf_addc(&buf, 'a');
        dfl__buf_add(&buf, (dfl_str){text, sizes[i]});
        assert_int_equal(buf.len, sizes[i] + 1);
        assert_true(buf.cap >= buf.len && buf.ptr[0] == 'a');
        assert_memory_equal(buf.ptr + 1, text, sizes[i]);
        dfl__buf_free(&buf);
    }
}

/* One byte less, as much, one more than the maximum; the failure stays. */
static void buffer_limit(void **state) {
    static const size_t limits[] = {1, 10, 64, 65, 1000};
    (void)state;
    for (size_t i = 0; i < COUNT(limits); i++) {
        dfl__buf buf;
        dfl__buf_init(&buf, NULL, limits[i]);
        for (size_t k = 0; k < limits[i]; k++)
            dfl__buf_addc(&buf, 'x');
        assert_int_equal(buf.failed, DFL_OK);
        dfl__buf_addz(&buf, "");
        assert_int_equal(buf.failed, DFL_OK);
        dfl__buf_addc(&buf, 'y');
        assert_int_equal(buf.failed, DFL_E_LIMIT);
        assert_int_equal(buf.len, limits[i]);
        dfl__buf_addz(&buf, "");
        assert_int_equal(buf.failed, DFL_E_LIMIT);
        dfl__buf_free(&buf);
    }
}

static void buffer_part_over_the_limit(void **state) {
    dfl__buf buf;
    (void)state;
    dfl__buf_init(&buf, NULL, 3);
    dfl__buf_addz(&buf, "abcd");
    assert_int_equal(buf.failed, DFL_E_LIMIT);
    assert_int_equal(buf.len, 0);
    dfl__buf_addc(&buf, 'a'); /* would fit, but comes after a failure */
    assert_int_equal(buf.len, 0);
    dfl__buf_free(&buf);
    dfl__buf_init(&buf, NULL, 0);
    dfl__buf_add(&buf, (dfl_str){"", SIZE_MAX});
    assert_int_equal(buf.failed, DFL_E_LIMIT);
    dfl__buf_free(&buf);
}

static void buffer_without_memory(void **state) {
    (void)state;
    for (int good = 0; good < 4; good++) {
        failing f = {.good = good};
        const dfl_alloc alloc = {failing_resize, &f};
        dfl__buf buf;
        dfl__buf_init(&buf, &alloc, 0);
        while (buf.failed == DFL_OK)
            dfl__buf_addz(&buf, "0123456789abcdef");
        assert_int_equal(buf.failed, DFL_E_NOMEM);
        assert_int_equal(buf.len, good == 0 ? 0 : 32 << good); /* what was there stays */
        f.good = NEVER;
        dfl__buf_fmt(&buf, "%u %s", (uint32_t)1, "x");
        dfl__buf_rune(&buf, 'x');
        assert_int_equal(buf.failed, DFL_E_NOMEM);
        assert_int_equal(buf.len, good == 0 ? 0 : 32 << good);
        dfl__buf_free(&buf);
        assert_int_equal(f.live, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings),
        cmocka_unit_test(equality),
        cmocka_unit_test(search),
        cmocka_unit_test(globs),
        cmocka_unit_test(texts_have_an_order),
        cmocka_unit_test(one_of_several),
        cmocka_unit_test(byte_classes),
        cmocka_unit_test(byte_case),
        cmocka_unit_test(hexadecimal_digits),
        cmocka_unit_test(rune_spaces),
        cmocka_unit_test(decode_pairs),
        cmocka_unit_test(decode_boundaries),
        cmocka_unit_test(every_rune),
        cmocka_unit_test(trimming),
        cmocka_unit_test(buffer_parts),
        cmocka_unit_test(buffer_numbers),
        cmocka_unit_test(buffer_formats),
        cmocka_unit_test(buffer_growth),
        cmocka_unit_test(buffer_large_parts),
        cmocka_unit_test(buffer_limit),
        cmocka_unit_test(buffer_part_over_the_limit),
        cmocka_unit_test(buffer_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
