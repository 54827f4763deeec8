/* test_ignore.c -- reading .dockerignore and judging paths by it.
 * Relies on cmocka.
 * Never asks BuildKit itself: that is tests/conformance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/ignore.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

_Static_assert(sizeof(dfl_pattern) == 2 * 4 + sizeof(dfl_range) + sizeof(dfl_str) + 2 * 4,
               "frozen: members are appended only");

static dfl_ignore *read_file(dfl_str src) {
    dfl_ignore *ignore = NULL;
    assert_int_equal(dfl_ignore_new(src.ptr, src.len, NULL, &ignore), DFL_OK);
    return ignore;
}

static void same(const char *context, dfl_str got, const char *want) {
    if (!dfl__eqz(got, want))
        fail_msg("%s: \"%.*s\", want \"%s\"", context, (int)got.len, got.ptr, want);
}

/* --- reading */

static void test_lines(void **state) {
    (void)state;
    static const char src[] = "\xEF\xBB\xBF# comment\n"
                              "\n"
                              " # pattern \r\n"
                              "\t a/../b/ \n"
                              "! ./c//d\n"
                              "/\n"
                              "/e";
    static const struct {
        uint32_t line;
        const char *raw, *text;
        int32_t exception;
    } want[] = {
        {2, "# pattern", "# pattern", 0},
        {3, "a/../b/", "b", 0},
        {4, "! ./c//d", "c/d", 1},
        {5, "/", "/", 0},
        {6, "/e", "e", 0},
    };
    dfl_ignore *ignore = read_file(DFL__LIT(src));
    assert_int_equal(dfl_ignore_pattern_count(ignore), COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        dfl_pattern got = {.size = sizeof got};
        assert_int_equal(dfl_ignore_pattern(ignore, i, &got), DFL_OK);
        assert_int_equal(got.line, want[i].line);
        same(want[i].raw, dfl__sub(DFL__LIT(src), got.range.start, got.range.end), want[i].raw);
        same(want[i].raw, got.text, want[i].text);
        assert_int_equal(got.exception, want[i].exception);
        assert_int_equal(got.error, DFL_IGNORE_OK);
    }
    assert_int_equal(dfl_ignore_refused(ignore), DFL_NO_PATTERN);
    dfl_ignore_free(ignore);
}

static void test_comment_behind_byte_order_mark(void **state) {
    (void)state;
    static const struct {
        const char *src;
        size_t patterns;
    } cases[] = {
        {"\xEF\xBB\xBF#a\n", 0},
        {"#a\n", 0},
        {"\xEF\xBB\xBF\xEF\xBB\xBF#a\n", 1},
        {"b\n\xEF\xBB\xBF#a\n", 2},
        {" \xEF\xBB\xBF#a\n", 1},
        {"\xC2\xA0\n\xE3\x80\x80\n\t\r\n", 0},
        {"", 0},
        {"a", 1},
        {"a\rb\n", 1},
        {"/ \xC2\xA0\n/\t/.\n", 1}, /* the second is blank once it is cleaned */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_ignore *ignore = read_file(dfl__str(cases[i].src));
        if (dfl_ignore_pattern_count(ignore) != cases[i].patterns)
            fail_msg("case %zu: %zu patterns", i, dfl_ignore_pattern_count(ignore));
        dfl_ignore_free(ignore);
    }
}

static void test_clean(void **state) {
    (void)state;
    static const struct {
        const char *path, *clean, *anchored, *tidy;
    } cases[] = {
        {"", ".", "", ""},
        {".", ".", "", "."},
        {"/", "/", "", "/"},
        {"//", "/", "", "/"},
        {"a//b/./c/", "a/b/c", "a/b/c", "a/b/c"},
        {"a/../b", "b", "b", "b"},
        {"a/..", ".", "", "."},
        {"a/b/../..", ".", "", "."},
        {"a/../..", "..", "", ".."},
        {"../a/../../b", "../../b", "b", "../../b"},
        {"/../a", "/a", "a", "a"},
        {"/a/../../b/.", "/b", "b", "b"},
        {"...", "...", "...", "..."},
        {".a/..b/c..", ".a/..b/c..", ".a/..b/c..", ".a/..b/c.."},
        {"!", "!", "!", "!"},
        {"! /a/", "! /a", "! /a", "!a"},
        {"!/", "!", "!", "!/"},
        {"!!a", "!!a", "!!a", "!!a"},
        {"/!a", "/!a", "!a", "!a"},
        {"**/", "**", "**", "**"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[64];
        dfl_str path = dfl__str(cases[i].path);
        same(cases[i].path, (dfl_str){out, dfl__ignore_clean(path, out)}, cases[i].clean);
        same(cases[i].path, (dfl_str){out, dfl__ignore_anchor(path, out)}, cases[i].anchored);
        if (path.len != 0)
            same(cases[i].path, (dfl_str){out, dfl__ignore_tidy(path, out)}, cases[i].tidy);
    }
}

static void test_valid(void **state) {
    (void)state;
    static const struct {
        const char *pattern;
        int valid;
    } cases[] = {
        {"", 1},        {"a", 1},         {"[a]", 1},     {"[", 0},      {"[]", 0},
        {"[a", 0},      {"[a-", 0},       {"[a-]", 0},    {"[-a]", 0},   {"[]a]", 0},
        {"[^]a]", 0},   {"[^a]", 1},      {"[^", 0},      {"[\\]]", 1},  {"[\\", 0},
        {"\\", 0},      {"a\\", 0},       {"\\\\", 1},    {"[\xFF]", 0}, {"[\xEF\xBF\xBD]", 1},
        {"]", 1},       {"[c-a]", 1},     {"[a-b-c]", 0}, {"*", 1},      {"*[", 0},
        {"**[", 0},     {"a*[", 1},       {".*[", 0},     {"?*[", 0},    {"\\.*[", 0},
        {"[!-/]*[", 0}, {"[^.]*[", 1},    {"[^a]*[", 0},  {".?*[", 1},   {"[*]*", 1},
        {"[*", 0},      {"\\*[", 0},      {"*a*[", 1},    {".*?*[", 1},  {".*a[", 0},
        {"[\\.]*[", 0}, {"[a][a]*\\", 1}, {"[--0]*[", 0}, {"[.-\\]", 0}, {".**\\", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (dfl__ignore_valid(dfl__str(cases[i].pattern)) != cases[i].valid)
            fail_msg("\"%s\": want %d", cases[i].pattern, cases[i].valid);
}

static void test_refused(void **state) {
    (void)state;
    static const struct {
        const char *src;
        uint32_t index, error;
    } cases[] = {
        {"a\n!\n[\n", 1, DFL_IGNORE_BARE}, {"a\n[\n!\n", 1, DFL_IGNORE_SYNTAX},
        {"! \n", 0, DFL_IGNORE_BARE},      {"!/\n", 0, DFL_IGNORE_BARE},
        {"a\\\n", 0, DFL_IGNORE_SYNTAX},   {"![a\n", 0, DFL_IGNORE_SYNTAX},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_ignore *ignore = read_file(dfl__str(cases[i].src));
        dfl_pattern pattern = {.size = sizeof pattern};
        int32_t excluded = 7;
        uint32_t by = 7;
        assert_int_equal(dfl_ignore_refused(ignore), cases[i].index);
        assert_int_equal(dfl_ignore_pattern(ignore, cases[i].index, &pattern), DFL_OK);
        assert_int_equal(pattern.error, cases[i].error);
        assert_int_equal(dfl_ignore_match(ignore, DFL__LIT("a"), DFL_IGNORE_WALK, &excluded, &by),
                         DFL_E_FORMAT);
        assert_int_equal(excluded, 7);
        assert_int_equal(by, 7);
        dfl_ignore_free(ignore);
    }
}

/* A file whose second line is `!` and whose first has `before` bytes, and `after` ends it. */
static dfl_ignore *with_long_line(size_t before, const char *end, const char *rest) {
    size_t len = before + strlen(end) + strlen(rest);
    char *src = malloc(len + 1);
    assert_non_null(src);
    memset(src, 'x', before);
    memcpy(src + before, end, strlen(end));
    memcpy(src + before + strlen(end), rest, strlen(rest) + 1);
    dfl_ignore *ignore = read_file((dfl_str){src, len});
    free(src);
    return ignore;
}

static void test_long_lines(void **state) {
    (void)state;
    static const struct {
        size_t before;
        const char *end, *rest;
        uint32_t error;
    } cases[] = {
        {65534, "", "", DFL_IGNORE_OK},
        {65535, "", "", DFL_IGNORE_OK},
        {65536, "", "", DFL_IGNORE_LONG_LINE},
        {65535, "\n", "a", DFL_IGNORE_OK},
        {65536, "\n", "a", DFL_IGNORE_LONG_LINE},
        {65534, "\r\n", "a", DFL_IGNORE_OK},
        {65535, "\r\n", "a", DFL_IGNORE_LONG_LINE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_ignore *ignore = with_long_line(cases[i].before, cases[i].end, cases[i].rest);
        dfl_pattern pattern = {.size = sizeof pattern};
        assert_int_equal(dfl_ignore_pattern(ignore, 0, &pattern), DFL_OK);
        if (pattern.error != cases[i].error) fail_msg("case %zu: %u", i, (unsigned)pattern.error);
        assert_int_equal(dfl_ignore_refused(ignore),
                         cases[i].error == DFL_IGNORE_OK ? DFL_NO_PATTERN : 0);
        dfl_ignore_free(ignore);
    }
    /* It is what BuildKit meets first, wherever it stands. */
    dfl_ignore *ignore = read_file(DFL__LIT("[\n!\n"));
    assert_int_equal(dfl_ignore_refused(ignore), 0);
    dfl_ignore_free(ignore);
    static char late[70010];
    memset(late, '#', sizeof late);
    memcpy(late, "[\n!\n", 4);
    ignore = read_file((dfl_str){late, sizeof late});
    assert_int_equal(dfl_ignore_refused(ignore), 2);
    dfl_ignore_free(ignore);
}

/* --- translation */

static void test_translate(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *expression;
        dfl__ignore_kind kind;
    } cases[] = {
        {"a", "^a", DFL__IGNORE_EXACT},
        {"a.b+(c)$", "^a\\.b\\+\\(c\\)\\$", DFL__IGNORE_EXACT},
        {"a|{b}^", "^a|{b}^", DFL__IGNORE_EXACT},
        {"a**", "^a", DFL__IGNORE_PREFIX},
        {"a/**", "^a/", DFL__IGNORE_PREFIX},
        {"**", "^", DFL__IGNORE_SUFFIX},
        {"**a", "^(.*/)?a", DFL__IGNORE_SUFFIX},
        {"**/a", "^(.*/)?a", DFL__IGNORE_SUFFIX},
        {"**/a*", "^(.*/)?a[^/]*$", DFL__IGNORE_REGEXP},
        {"**a**", "^(.*/)?a.*$", DFL__IGNORE_REGEXP},
        {"a/**/b", "^a/(.*/)?b$", DFL__IGNORE_REGEXP},
        {"*?", "^[^/]*[^/]$", DFL__IGNORE_REGEXP},
        {"\\*", "^\\*$", DFL__IGNORE_REGEXP},
        {"[*]", "^[[^/]*]$", DFL__IGNORE_REGEXP},
        {"\xFF\\\xFE", "^\xEF\xBF\xBD\\\xEF\xBF\xBD$", DFL__IGNORE_REGEXP},
        {"\xEF\xBB\xBF*", "^[^/]*$", DFL__IGNORE_REGEXP},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__buf out;
        dfl__buf_init(&out, NULL, 0);
        assert_int_equal(dfl__ignore_translate(dfl__str(cases[i].pattern), &out), cases[i].kind);
        same(cases[i].pattern, dfl__buf_str(&out), cases[i].expression);
        dfl__buf_free(&out);
    }
}

/* --- expressions */

static dfl__regexp_error compile(dfl__regexps *pool, const char *text, dfl__regexp *out) {
    return dfl__regexp_compile(pool, dfl__str(text), out);
}

static int run(const char *expression, const char *text) {
    dfl__regexps pool;
    dfl__regexp regexp;
    dfl__regexps_init(&pool, NULL, 1u << 20);
    assert_int_equal(compile(&pool, expression, &regexp), DFL__REGEXP_OK);
    uint32_t *scratch = malloc(dfl__regexp_scratch(regexp) * sizeof *scratch);
    assert_non_null(scratch);
    int found = dfl__regexp_match(&pool, regexp, dfl__str(text), scratch);
    free(scratch);
    dfl__regexps_free(&pool);
    return found;
}

static const struct {
    const char *expression, *text;
    int found;
} expressions[] = {
    {"^ab$", "ab", 1},
    {"^ab$", "abc", 0},
    {"b", "abc", 1},
    {"^[^/]*$", "a\nb", 1},
    {"^.*$", "a\nb", 0},
    {"^(.*/)?a$", "a", 1},
    {"^(.*/)?a$", "x/y/a", 1},
    {"^(.*/)?a$", "xa", 0},
    {"^(.*/)?a$", "x\n/a", 0},
    {"^a|b$", "ax", 1},
    {"^a|b$", "xb", 1},
    {"^a|b$", "xbx", 0},
    {"^|x", "", 1},
    {"^a{0}b$", "b", 1},
    {"^a{2}$", "a", 0},
    {"^a{2}$", "aa", 1},
    {"^a{2,3}$", "aaaa", 0},
    {"^a{2,3}$", "aaa", 1},
    {"^a{2,}$", "aaaaa", 1},
    {"^a{2,}$", "a", 0},
    {"^a{0,}b$", "aab", 1},
    {"^a{0,2}$", "", 1},
    {"^a{0,2}$", "aaa", 0},
    {"^a{,2}$", "a{,2}", 1},
    {"^a{02}$", "a{02}", 1},
    {"^a{2$", "a{2", 1},
    {"^a{3}\\Q\\E{2}$", "aaaaaa", 1},
    {"^a{3}\\Q\\E{2}$", "aaaaa", 0},
    {"^{2}a", "a", 1},
    {"^\\d\\D\\w\\W\\s\\S$", "1a_-\f.", 1},
    {"^\\s$", "\v", 0},
    {"^a\\b", "a-", 1},
    {"^a\\b", "ab", 0},
    {"^a\\B", "ab", 1},
    {"\\Aa\\z", "a", 1},
    {"^\\x61\\x{62}\\143\\0$", "abc", 0},
    {"^\\x61\\x{62}\\143$", "abc", 1},
    {"^\\a\\f\\n\\r\\t\\v$", "\a\f\n\r\t\v", 1},
    {"^\\Qa*.\\E[^/]*$", "a*.x", 1},
    {"^\\Qa$", "a$", 1},
    {"^[a-c]$", "b", 1},
    {"^[^a-c]$", "b", 0},
    {"^[^a-c]$", "\n", 1},
    {"^[]a]$", "]", 1},
    {"^[a-]$", "-", 1},
    {"^[\\d_]$", "_", 1},
    {"^[\\D]$", "5", 0},
    {"^[[:alpha:]]$", "q", 1},
    {"^[[:^alpha:]]$", "q", 0},
    {"^[[:]$", ":", 1},
    {"^[cab]$", "b", 1},
    {"^[a-cb-ee-g]$", "f", 1},
    {"^[^b-ca-ad-f]$", "g", 1},
    {"^[^b-ca-ad-f]$", "e", 0},
    {"^[\xC3\xA9-\xC3\xBF]$", "\xC3\xAA", 1},
    {"^\xEF\xBF\xBD$", "\xFF", 1},
    {"^[^/]$", "\xF0\x9F\x90\xB3", 1},
};

static void test_regexp(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(expressions); i++)
        if (run(expressions[i].expression, expressions[i].text) != expressions[i].found)
            fail_msg("%s on %s: want %d", expressions[i].expression, expressions[i].text,
                     expressions[i].found);
}

static void test_regexp_named_sets(void **state) {
    (void)state;
    static const struct {
        const char *name, *members;
    } sets[] = {
        {"alnum", "09AZaz"},   {"alpha", "AZaz"},     {"ascii", "\x01\x7f"}, {"blank", "\t "},
        {"cntrl", "\x1f\x7f"}, {"digit", "09"},       {"graph", "!~"},       {"lower", "az"},
        {"print", " ~"},       {"punct", "!/:@[`{~"}, {"space", "\t\v\r "},  {"upper", "AZ"},
        {"word", "09AZ_az"},   {"xdigit", "09AFaf"},
    };
    for (size_t i = 0; i < COUNT(sets); i++) {
        for (const char *c = sets[i].members; *c != '\0'; c++) {
            char text[2] = {*c, '\0'}, expression[32] = "^[[:";
            strcat(strcat(expression, sets[i].name), ":]]$");
            assert_int_equal(run(expression, text), 1);
            strcat(strcpy(expression, "^[[:^"), sets[i].name);
            assert_int_equal(run(strcat(expression, ":]]$"), text), 0);
        }
    }
}

static const struct {
    const char *expression;
    dfl__regexp_error error;
} refused_expressions[] = {
    {"\\q", DFL__REGEXP_BAD},
    {"\\1", DFL__REGEXP_BAD},
    {"\\18", DFL__REGEXP_BAD},
    {"\\E", DFL__REGEXP_BAD},
    {"\\C", DFL__REGEXP_BAD},
    {"\\x", DFL__REGEXP_BAD},
    {"\\x6", DFL__REGEXP_BAD},
    {"\\x6g", DFL__REGEXP_BAD},
    {"\\x{", DFL__REGEXP_BAD},
    {"\\x{}", DFL__REGEXP_BAD},
    {"\\x{61", DFL__REGEXP_BAD},
    {"\\x{110000}", DFL__REGEXP_BAD},
    {"\\x{6g}", DFL__REGEXP_BAD},
    {"\\\xC3\xA9", DFL__REGEXP_BAD},
    {"\\", DFL__REGEXP_BAD},
    {"[", DFL__REGEXP_BAD},
    {"[a", DFL__REGEXP_BAD},
    {"[^", DFL__REGEXP_BAD},
    {"[b-a]", DFL__REGEXP_BAD},
    {"[a-", DFL__REGEXP_BAD},
    {"[[:x:]]", DFL__REGEXP_BAD},
    {"[[::]]", DFL__REGEXP_BAD},
    {"[\\q]", DFL__REGEXP_BAD},
    {"[\\b]", DFL__REGEXP_BAD},
    {"[\\", DFL__REGEXP_BAD},
    {"{2}", DFL__REGEXP_BAD},
    {"a|{2}", DFL__REGEXP_BAD},
    {"a{1001}", DFL__REGEXP_BAD},
    {"a{1,1001}", DFL__REGEXP_BAD},
    {"a{2,1}", DFL__REGEXP_BAD},
    {"a{1}{2}", DFL__REGEXP_BAD},
    {"[^/]*{2}", DFL__REGEXP_BAD},
    {"(.*/)?{2}", DFL__REGEXP_BAD},
    {"a{40}\\Q\\E{30}", DFL__REGEXP_BAD},
    {"\\pL", DFL__REGEXP_CLASS},
    {"[\\P{Nd}]", DFL__REGEXP_CLASS},
    {"[^/]{1000}[^/]{100}", DFL__REGEXP_LARGE},
};

static void test_regexp_refused(void **state) {
    (void)state;
    dfl__regexps pool;
    dfl__regexp regexp = {7, 7};
    dfl__regexps_init(&pool, NULL, 1050);
    assert_int_equal(compile(&pool, "^[a-c]x", &regexp), DFL__REGEXP_OK);
    uint32_t steps = pool.steps.count, classes = pool.classes.count, ranges = pool.ranges.count;
    for (size_t i = 0; i < COUNT(refused_expressions); i++) {
        dfl__regexp out = regexp;
        if (compile(&pool, refused_expressions[i].expression, &out) != refused_expressions[i].error)
            fail_msg("%s: want %d", refused_expressions[i].expression,
                     (int)refused_expressions[i].error);
        assert_memory_equal(&out, &regexp, sizeof out);
        assert_int_equal(pool.steps.count, steps);
        assert_int_equal(pool.classes.count, classes);
        assert_int_equal(pool.ranges.count, ranges);
    }
    dfl__regexps_free(&pool);
}

/* The limit holds for all expressions of a pool together. */
static void test_regexp_limit(void **state) {
    (void)state;
    for (uint32_t room = 10; room <= 12; room++) { /* ^, nine a, $, around them two */
        dfl__regexps pool;
        dfl__regexp regexp;
        dfl__regexps_init(&pool, NULL, room);
        assert_int_equal(compile(&pool, "aaaaaaaaa", &regexp),
                         room >= 11 ? DFL__REGEXP_OK : DFL__REGEXP_LARGE);
        dfl__regexps_free(&pool);
    }
}

/* --- judging */

#define BOTH(name) name, name

static void check(const char *src, const char *path, const char *by_path, const char *by_walk) {
    static const char *const names[] = {"kept", "out"};
    dfl_ignore *ignore = read_file(dfl__str(src));
    const char *want[] = {by_walk, by_path};
    for (uint32_t mode = DFL_IGNORE_WALK; mode <= DFL_IGNORE_PATH; mode++) {
        int32_t excluded = -1;
        const char *got = "failed";
        if (dfl_ignore_match(ignore, dfl__str(path), mode, &excluded, NULL) == DFL_OK)
            got = names[excluded];
        if (strcmp(got, want[mode - 1]) != 0)
            fail_msg("\"%s\" by \"%s\", mode %u: %s, want %s", path, src, (unsigned)mode, got,
                     want[mode - 1]);
    }
    dfl_ignore_free(ignore);
}

static const struct {
    const char *src, *path, *by_path, *by_walk;
} matches[] = {
    {"", "a", BOTH("kept")},
    {"a", "a", BOTH("out")},
    {"a", "a/b/c", BOTH("out")},
    {"a", "b/a", BOTH("kept")},
    {"a/", "a", BOTH("out")},
    {"/a", "a", BOTH("out")},
    {"A", "a", BOTH("kept")},
    {"*.md", "x.md", BOTH("out")},
    {"*.md", "d/x.md", BOTH("kept")},
    {"**/*.md", "d/e/x.md", BOTH("out")},
    {"**/*.md", "x.md", BOTH("out")},
    {"**.txt", "b/a.txt", BOTH("out")},
    {"**/foo", "foo", BOTH("out")},
    {"**/foo", "x/foo/y", BOTH("out")},
    {"**/foo", "xfoo", BOTH("kept")},
    {"**a", "ba", BOTH("out")},
    {"**", "a/b", BOTH("out")},
    {"bar/**", "bar", BOTH("kept")},
    {"bar/**", "bar/a", BOTH("out")},
    {"a**", "ab/c", BOTH("out")},
    {"temp?", "temp", BOTH("kept")},
    {"temp?", "temp1", BOTH("out")},
    {"*/temp*", "d/temporary/x", BOTH("out")},
    /* exceptions */
    {"a\n!a/b\na/b/c", "a", BOTH("out")},
    {"a\n!a/b\na/b/c", "a/x", BOTH("out")},
    {"a\n!a/b\na/b/c", "a/b", BOTH("kept")},
    {"a\n!a/b\na/b/c", "a/b/d", BOTH("kept")},
    {"a\n!a/b\na/b/c", "a/b/c", BOTH("out")},
    {"**\n!a/b", "a/b/c", BOTH("kept")},
    {"**\n!a/b", "a/c", BOTH("out")},
    {"*\n!*.go", "x.go", BOTH("kept")},
    {"*\n!*.go", "d/x.go", BOTH("out")},
    {"!a", "a", BOTH("kept")},
    {"!!a\n*", "!a", BOTH("out")},
    {"*\n!!a", "!a", BOTH("kept")},
    {"*\n/!a", "a", BOTH("kept")},
    {"\\!a", "!a", BOTH("out")},
    {"\\#a", "#a", BOTH("out")},
    /* the two ways part */
    {"a/b\n!a", "a/b", "kept", "out"},
    {"**/b\n!a", "a/b", "kept", "out"},
    {"a/b\n!a", "a", BOTH("kept")},
    {"a\n!a\na/b", "a/b/c", BOTH("out")},
    /* what leaks from Go's expressions */
    {"*a|b", "xay", BOTH("out")},
    {"*a|b", "cb", BOTH("out")},
    {"*a|b", "cbc", BOTH("kept")},
    {"*x{2}", "axx", BOTH("out")},
    {"*x{2}", "axy", BOTH("kept")},
    {"*{", "a{", BOTH("out")},
    {"*^a", "^a", BOTH("kept")},
    {"^a", "^a", BOTH("out")},
    {"a|b", "a|b", BOTH("out")},
    {"a\\d", "a1", BOTH("out")},
    {"a\\d", "ad", BOTH("kept")},
    {"[!x]", "!", BOTH("out")},
    {"[!x]", "y", BOTH("kept")},
    {"[^x]", "y", BOTH("out")},
    {"[a-c]z", "bz", BOTH("out")},
    {"[[:digit:]]", "5", BOTH("out")},
    {"a.b", "axb", BOTH("kept")},
    {"a.b*", "axbc", BOTH("kept")},
    {"\\*", "*", BOTH("out")},
    {"\\*", "x", BOTH("kept")},
    {"a\\q", "a", BOTH("failed")},
    {"a\\q\n!a\\q", "a", BOTH("failed")},
    {"!a\\q", "a", BOTH("kept")},
    {"*\na\\q", "a", BOTH("out")}, /* passed over, so it never fails */
    {"\\p{Greek}", "a", BOTH("failed")},
    {"\xFF", "\xFF", BOTH("out")},
    {"\xFF*", "\xFE", BOTH("out")},
    {"\xEF\xBF\xBD", "\xFF", BOTH("kept")},
    {"\\x{D800}", "\xEF\xBF\xBD", BOTH("kept")},
    {"\\x{DFFF}*", "\xEF\xBF\xBD", BOTH("kept")},
    {"\\x{FFFD}*", "\xEF\xBF\xBD", BOTH("out")},
    /* paths */
    {"a", "/a", BOTH("out")},
    {"a", "./x/../a/", BOTH("out")},
    {"a", "../a", BOTH("out")},
    {"*", "", BOTH("kept")},
    {"**", ".", BOTH("kept")},
    {"**", "/", BOTH("kept")},
};

static void test_match(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(matches); i++)
        check(matches[i].src, matches[i].path, matches[i].by_path, matches[i].by_walk);
}

static void test_deciding_pattern(void **state) {
    (void)state;
    static const struct {
        const char *path;
        int32_t excluded;
        uint32_t by;
    } cases[] = {
        {"x", 0, DFL_NO_PATTERN}, {"a/x", 1, 1}, {"a/b", 0, 2}, {"a/b/c", 1, 3},
        {"q", 0, DFL_NO_PATTERN},
    };
    dfl_ignore *ignore = read_file(DFL__LIT("# c\n!q\na\n!a/b\na/b/c\n"));
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (uint32_t mode = DFL_IGNORE_WALK; mode <= DFL_IGNORE_PATH; mode++) {
            int32_t excluded = -1;
            uint32_t by = 99;
            assert_int_equal(
                dfl_ignore_match(ignore, dfl__str(cases[i].path), mode, &excluded, &by), DFL_OK);
            assert_int_equal(excluded, cases[i].excluded);
            assert_int_equal(by, cases[i].by);
        }
    }
    dfl_ignore_free(ignore);
}

static void test_failures_of_a_match(void **state) {
    (void)state;
    static const struct {
        const char *src;
        dfl_status status;
    } cases[] = {
        {"a\\q", DFL_E_FORMAT},
        {"[b-a]x", DFL_E_FORMAT},
        {"\\pL", DFL_E_UNSUPPORTED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_ignore *ignore = read_file(dfl__str(cases[i].src));
        int32_t excluded = 9;
        uint32_t by = 9;
        assert_int_equal(dfl_ignore_refused(ignore), DFL_NO_PATTERN);
        assert_int_equal(dfl_ignore_match(ignore, DFL__LIT("a"), DFL_IGNORE_PATH, &excluded, &by),
                         cases[i].status);
        assert_int_equal(excluded, 9);
        assert_int_equal(by, 9);
        assert_int_equal(dfl_ignore_match(ignore, DFL__LIT("a"), 0, &excluded, NULL), DFL_E_ARG);
        assert_int_equal(dfl_ignore_match(ignore, DFL__LIT("a"), 3, &excluded, NULL), DFL_E_ARG);
        dfl_ignore_free(ignore);
    }
    dfl_ignore_free(NULL);
}

static void test_arguments(void **state) {
    (void)state;
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_limits limits = DFL_LIMITS_INIT;
    dfl_ignore *ignore = NULL;
    dfl_pattern pattern = {.size = sizeof pattern - 1};
    assert_int_equal(dfl_ignore_new("a", 1, NULL, NULL), DFL_E_ARG);
    assert_int_equal(dfl_ignore_new(NULL, 1, NULL, &ignore), DFL_E_ARG);
    options.flags = 1;
    assert_int_equal(dfl_ignore_new("a", 1, &options, &ignore), DFL_E_ARG);
    options.flags = 0;
    options.size--;
    assert_int_equal(dfl_ignore_new("a", 1, &options, &ignore), DFL_E_ABI);
    options.size++;
    options.limits = &limits;
    limits.max_source_bytes = 4;
    assert_int_equal(dfl_ignore_new("abcde", 5, &options, &ignore), DFL_E_LIMIT);
    assert_null(ignore);
    assert_int_equal(dfl_ignore_new("abcd", 4, &options, &ignore), DFL_OK);
    assert_int_equal(dfl_ignore_pattern(ignore, 0, &pattern), DFL_E_ABI);
    pattern.size = sizeof pattern;
    assert_int_equal(dfl_ignore_pattern(ignore, 1, &pattern), DFL_E_ARG);
    assert_int_equal(dfl_ignore_pattern(ignore, 0, NULL), DFL_E_ARG);
    assert_int_equal(dfl_ignore_pattern(ignore, 0, &pattern), DFL_OK);
    dfl_ignore_free(ignore);
    ignore = NULL;
    assert_int_equal(dfl_ignore_new(NULL, 0, NULL, &ignore), DFL_OK);
    assert_int_equal(dfl_ignore_pattern_count(ignore), 0);
    dfl_ignore_free(ignore);
}

/* Stars that a backtracking matcher would try in all combinations. */
static void test_many_stars(void **state) {
    (void)state;
    enum { STARS = 1000, LENGTH = 4000 };
    static char src[STARS * 2 + 1], path[LENGTH];
    for (size_t i = 0; i < STARS; i++)
        memcpy(src + i * 2, "a*", 2);
    src[STARS * 2] = 'b';
    memset(path, 'a', sizeof path);
    dfl_ignore *ignore = read_file((dfl_str){src, sizeof src});
    int32_t excluded = -1;
    dfl_str text = {path, sizeof path};
    assert_int_equal(dfl_ignore_match(ignore, text, DFL_IGNORE_WALK, &excluded, NULL), DFL_OK);
    assert_int_equal(excluded, 0);
    path[LENGTH - 1] = 'b';
    assert_int_equal(dfl_ignore_match(ignore, text, DFL_IGNORE_WALK, &excluded, NULL), DFL_OK);
    assert_int_equal(excluded, 1);
    dfl_ignore_free(ignore);
}

/* A little text that asks for a lot of memory: told as a limit, and only where it is tried. */
static void test_many_repetitions(void **state) {
    (void)state;
    enum { TIMES = 1200 };
    static char src[TIMES * 10 + 2];
    for (size_t i = 0; i < TIMES; i++)
        memcpy(src + i * 10, "[ab]{1000}", 10);
    memcpy(src + TIMES * 10, "\nc", 2);
    dfl_ignore *ignore = read_file((dfl_str){src, sizeof src});
    dfl_pattern pattern = {.size = sizeof pattern};
    int32_t excluded = -1;
    assert_int_equal(dfl_ignore_refused(ignore), DFL_NO_PATTERN);
    assert_int_equal(dfl_ignore_pattern(ignore, 0, &pattern), DFL_OK);
    assert_int_equal(pattern.error, DFL_IGNORE_SIZE);
    assert_int_equal(dfl_ignore_match(ignore, DFL__LIT("c"), DFL_IGNORE_WALK, &excluded, NULL),
                     DFL_E_LIMIT);
    assert_int_equal(excluded, -1);
    dfl_ignore_free(ignore);
}

/* --- memory */

typedef struct {
    size_t calls, fail_at; /* the call to fail, counted from 1; 0 = none */
    int for_ever;
    size_t held;
} faulty;

static void *faulty_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    faulty *f = ctx;
    if (new_size == 0) {
        free(ptr);
        f->held -= old_size;
        return NULL;
    }
    f->calls++;
    if (f->calls == f->fail_at || (f->for_ever && f->fail_at != 0 && f->calls > f->fail_at))
        return NULL;
    void *got = realloc(ptr, new_size);
    if (got != NULL) f->held += new_size - old_size;
    return got;
}

/* 1 when all went well, 0 when memory was missing. */
static int read_and_match(faulty *f) {
    static const char src[] = "a*\n!b/[x-z]\n**/c\\d\n[[:alpha:]]{3}|q\nd\n";
    dfl_alloc alloc = {faulty_resize, f};
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_ignore *ignore = NULL;
    int32_t excluded = 5;
    options.alloc = &alloc;
    dfl_status status = dfl_ignore_new(src, sizeof src - 1, &options, &ignore);
    if (status == DFL_OK) {
        status = dfl_ignore_match(ignore, DFL__LIT("x/c5"), DFL_IGNORE_WALK, &excluded, NULL);
        assert_int_equal(excluded, status == DFL_OK ? 1 : 5);
    } else {
        assert_null(ignore);
    }
    assert_true(status == DFL_OK || status == DFL_E_NOMEM);
    dfl_ignore_free(ignore);
    assert_int_equal(f->held, 0);
    return status == DFL_OK;
}

static void test_without_memory(void **state) {
    (void)state;
    for (int for_ever = 0; for_ever <= 1; for_ever++) {
        size_t k = 1;
        for (;; k++) {
            faulty f = {.fail_at = k, .for_ever = for_ever};
            if (read_and_match(&f)) break;
        }
        assert_in_range(k, 8, 200);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_comment_behind_byte_order_mark),
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_translate),
        cmocka_unit_test(test_regexp),
        cmocka_unit_test(test_regexp_named_sets),
        cmocka_unit_test(test_regexp_refused),
        cmocka_unit_test(test_regexp_limit),
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_deciding_pattern),
        cmocka_unit_test(test_failures_of_a_match),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_many_stars),
        cmocka_unit_test(test_many_repetitions),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
