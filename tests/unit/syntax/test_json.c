/* test_json.c -- which texts are lists, of strings or of anything, as Go's encoding/json says.
 * Relies on cmocka.
 * Never looks at values: test_parse.c and test_detect.c do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/parser.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* The least number that is too large for a double, and the one before it. */
#define LIMIT_HEAD                                                                                 \
    "1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490"     \
    "1797758720709633028641669288791094655554785194040263065748867150582068190890200070838367"     \
    "6273854845817711531764475730270069855571366959622842914819860834936475292719074168444365"     \
    "510704342711559699508093042880177904174497"
#define LIMIT LIMIT_HEAD "792"
#define BELOW LIMIT_HEAD "791"

static void expect(const char *text, size_t len, dfl__json want) {
    dfl_str s = {text, len};
    dfl__json got = dfl__json_check(s);
    if (got != want) fail_msg("%.*s: got %d", len < 400 ? (int)len : 400, text, (int)got);
}

static const struct {
    const char *text;
    dfl__json want;
} list_texts[] = {
    {"", DFL__JSON_NONE},
    {"[", DFL__JSON_NONE},
    {"]", DFL__JSON_NONE},
    {"{}", DFL__JSON_NONE},
    {"\"a\"", DFL__JSON_NONE},
    {" []", DFL__JSON_NONE},
    {"[]", DFL__JSON_STRINGS},
    {"[ \t\r\n]", DFL__JSON_STRINGS},
    {"[] \n", DFL__JSON_STRINGS},
    {"[] x", DFL__JSON_NONE},
    {"[]]", DFL__JSON_NONE},
    {"[\"a\"]", DFL__JSON_STRINGS},
    {"[\"a\" , \"b\"]", DFL__JSON_STRINGS},
    {"[\"a\"\v]", DFL__JSON_NONE},
    {"[\"a\"", DFL__JSON_NONE},
    {"[\"a\",", DFL__JSON_NONE},
    {"[\"a\",]", DFL__JSON_NONE},
    {"[\"a\" \"b\"]", DFL__JSON_NONE},
    {"[\"a\"}", DFL__JSON_NONE},
    {"[,]", DFL__JSON_NONE},
    {"['a']", DFL__JSON_NONE},
    {"[a]", DFL__JSON_NONE},
    {"[\"a\",1]", DFL__JSON_OTHER},
    {"[true,false,null]", DFL__JSON_OTHER},
    {"[tru]", DFL__JSON_NONE},
    {"[nulll]", DFL__JSON_NONE},
    {"[[]]", DFL__JSON_OTHER},
    {"[[\"a\"],[\"b\"]]", DFL__JSON_OTHER},
    {"[[]", DFL__JSON_NONE},
    {"[{}]", DFL__JSON_OTHER},
    {"[{\"a\":\"b\",\"c\":[{}]}]", DFL__JSON_OTHER},
    {"[{\"a\" : 1 }]", DFL__JSON_OTHER},
    {"[{", DFL__JSON_NONE},
    {"[{]", DFL__JSON_NONE},
    {"[{\"a\"}]", DFL__JSON_NONE},
    {"[{\"a\"x\"b\"}]", DFL__JSON_NONE},
    {"[{\"a\":}]", DFL__JSON_NONE},
    {"[{\"a\":", DFL__JSON_NONE},
    {"[{\"a\":1", DFL__JSON_NONE},
    {"[{\"a\":1,}]", DFL__JSON_NONE},
    {"[{\"a\":1,\"b\":", DFL__JSON_NONE},
    {"[{\"a\":1]", DFL__JSON_NONE},
    {"[{\"a", DFL__JSON_NONE},
    {"[{a:1}]", DFL__JSON_NONE},
    {"[{1:1}]", DFL__JSON_NONE},
};

static void lists(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(list_texts); i++)
        expect(list_texts[i].text, strlen(list_texts[i].text), list_texts[i].want);
}

static void strings(void **state) {
    (void)state;
    static const struct {
        const char *inside;
        size_t len;
        int valid;
    } cases[] = {
        {"", 0, 1},        {"a", 1, 1},       {"\\\"", 2, 1},    {"\\\\\\/\\b\\f\\n\\r\\t", 14, 1},
        {"\\u00Af", 6, 1}, {"\\ud800", 6, 1}, {"\xff", 1, 1},    {"\x7f", 1, 1},
        {"\\", 1, 0},      {"\\x", 2, 0},     {"\\u", 2, 0},     {"\\u123", 5, 0},
        {"\\u12g4", 6, 0}, {"\\u12/4", 6, 0}, {"\\U0041", 6, 0}, {"\\'", 2, 0},
        {"\\\0", 2, 0},    {"\0", 1, 0},      {"\n", 1, 0},      {"\x1f", 1, 0},
        {"\"", 1, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[40] = "[\"";
        memcpy(text + 2, cases[i].inside, cases[i].len);
        memcpy(text + 2 + cases[i].len, "\"]", 2);
        expect(text, cases[i].len + 4, cases[i].valid ? DFL__JSON_STRINGS : DFL__JSON_NONE);
        for (size_t cut = 1; cut < cases[i].len + 4; cut++) /* no beginning of it is a list */
            expect(text, cut, DFL__JSON_NONE);
    }
}

static const char *const valid_numbers[] = {
    "0",
    "-0",
    "1",
    "10",
    "-1.5",
    "0.0",
    "1e5",
    "1E+5",
    "1e-5",
    "0e99999999999",
    "1e308",
    "1e-99999999999999999999",
    "0.1e309",
    "100e306",
    BELOW,
    "-" BELOW,
    BELOW ".99999",
    "0.000" BELOW "e3",
    BELOW "000e-3",
    "17976931348623157e292",
    "179769313486231570e291",
    "0.0000000000e400",
    "0.00000000000000000001e320",
    BELOW "e0",
    "1.7976931348623157e+308",
};

static const char *const invalid_numbers[] = {
    "01",
    "-",
    "-a",
    "+1",
    ".5",
    "1.",
    "1.e5",
    "1e",
    "1e+",
    "1ea",
    "0x1",
    "1_0",
    "--1",
    "1a",
    "1e309",
    "-1e309",
    "0.1e310",
    "100e307",
    LIMIT,
    "-" LIMIT,
    LIMIT ".0",
    LIMIT "1e-1",
    LIMIT "000e-3",
    "0." LIMIT "e309",
    "0.00" LIMIT "e311",
    "1.7976931348623159e308",
    "1e99999999999999999999",
    "2e308",
};

static void numbers(void **state) {
    (void)state;
    char text[512];
    for (size_t i = 0; i < COUNT(valid_numbers); i++) {
        int len = snprintf(text, sizeof text, "[%s]", valid_numbers[i]);
        expect(text, (size_t)len, DFL__JSON_OTHER);
    }
    for (size_t i = 0; i < COUNT(invalid_numbers); i++) {
        int len = snprintf(text, sizeof text, "[%s]", invalid_numbers[i]);
        expect(text, (size_t)len, DFL__JSON_NONE);
    }
}

/* Go gives up past 10,000 open brackets. */
static void nesting(void **state) {
    (void)state;
    for (size_t depth = 9999; depth <= 10001; depth++) {
        char *text = malloc(2 * depth);
        assert_non_null(text);
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        expect(text, 2 * depth, depth <= 10000 ? DFL__JSON_OTHER : DFL__JSON_NONE);
        expect(text, 2 * depth - 1, DFL__JSON_NONE);
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),
        cmocka_unit_test(strings),
        cmocka_unit_test(numbers),
        cmocka_unit_test(nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
