/* test_detect.c -- what is read of a file before it is parsed: frontend image and check options.
 * Relies on cmocka and describe.h.
 * Never asks BuildKit itself: that is tests/conformance, which compares the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "describe.h"
#include "diag/codes.h"
#include "syntax/parser.h"

#define BOM "\xEF\xBB\xBF"
#define NBSP "\xC2\xA0"

/* `want` is NULL when nothing is found. */
typedef struct {
    const char *source;
    const char *want;
    const char *whole; /* text of the range */
} detect_case;

static void expect(const detect_case *c, int found, const dfl__detected *got) {
    dfl_str source = dfl__str(c->source);
    if (found != (c->want != NULL)) fail_msg("%s: found %d", c->source, found);
    if (!found) return;
    dfl_str whole = dfl__sub(source, got->range.start, got->range.end);
    if (!dfl__eqz(got->value, c->want) || !dfl__eqz(whole, c->whole))
        fail_msg("%s: got \"%.*s\" of \"%.*s\"", c->source, (int)got->value.len, got->value.ptr,
                 (int)whole.len, whole.ptr);
}

static const detect_case frontends_of_files[] = {
    {"# syntax=a/b:1", "a/b:1", "a/b:1"},
    {"#SYNTAX = a  \r\nFROM b", "a", "a"},
    {"# syntax=a b\tc", "a", "a b\tc"},
    {"# syntax=a\tb", "a\tb", "a\tb"},
    {"#" NBSP "syntax=a", "a", "a"},
    {"# escape=x\n# syntax=a", "a", "a"},
    {"# syntax=a\n# syntax=b", "a", "a"},
    {"# escape=`\n# escape=`\n# syntax=a", NULL, NULL},
    {"# foo=b\n# syntax=a", NULL, NULL},
    {"\n# syntax=a", NULL, NULL},
    {" # syntax=a", NULL, NULL},
    {"# syntax=", NULL, NULL},
    {"# syntax=\r", NULL, NULL},
    {"# syntax= ", "", " "},
    {"# syntax=\r\r\n", "\r", "\r"},
    {"FROM a", NULL, NULL},
    {"", NULL, NULL},
    {BOM "# syntax=a", "a", "a"},
    {BOM BOM "# syntax=a", NULL, NULL},
    {"#!/bin/sh\n# syntax=a", "a", "a"},
    {BOM "#!\n# syntax=a", "a", "a"},
    {"#!/bin/sh\n\n# syntax=a", NULL, NULL},
    {"#!# syntax=a", NULL, NULL},
    {"// syntax=a b", "a", "a b"},
    {"#!x\n//check=b\n//syntax=a", "a", "a"},
    {"# check=b\n// syntax=a", NULL, NULL},
    {"{\"syntax\": \"a b\"}", "a b", "\"a b\""},
    {" \t\r\n{\"x\":[1,{\"syntax\":\"b\"}],\"s\\u0079ntax\":\"\\u0061\"} \n", "a", "\"\\u0061\""},
    {"#!x\n{\"syntax\":\"a\"}", "a", "\"a\""},
    {"{\"syntax\":\"a\",\"syntax\":\"b\"}", "b", "\"b\""},
    {"{\"syntax\":\"a\",\"syntax\":1}", NULL, NULL},
    {"{\"Syntax\":\"a\"}", NULL, NULL},
    {"{\"syntax\":\"a\",\"b\":1e400}", NULL, NULL},
    {"{\"syntax\":\"a\"} x", NULL, NULL},
    {"{\"syntax\":\"a\",}", NULL, NULL},
    {"{\"syntax\" \"a\"}", NULL, NULL},
    {"{syntax:\"a\"}", NULL, NULL},
    {"{}", NULL, NULL},
    {"{", NULL, NULL},
    {"[\"syntax\",\"a\"]", NULL, NULL},
    {"null", NULL, NULL},
};

static void syntax(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(frontends_of_files); i++) {
        dfl__detected got;
        dfl__buf scratch;
        dfl__buf_init(&scratch, NULL, 0);
        int found = dfl__detect_syntax(dfl__str(frontends_of_files[i].source), &scratch, &got);
        expect(&frontends_of_files[i], found, &got);
        dfl__buf_free(&scratch);
    }
}

static void check(void **state) {
    (void)state;
    static const detect_case cases[] = {
        {"# check=skip=A,B;error=true", "skip=A,B;error=true", "skip=A,B;error=true"},
        {"# check=skip=A, B", "skip=A,", "skip=A, B"},
        {"#!x\n#check=a", "a", "a"},
        {"// check=a", NULL, NULL},
        {"{\"check\":\"a\"}", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__detected got;
        expect(&cases[i], dfl__detect_check(dfl__str(cases[i].source), &got), &got);
    }
}

/* Directives end at a line that the scanner cannot take. */
static void long_lines(void **state) {
    (void)state;
    for (size_t n = 65535; n <= 65537; n++) {
        dfl__detected got;
        dfl__buf source;
        dfl__buf_init(&source, NULL, 0);
        dfl__buf_addz(&source, "# syntax=");
        while (source.len + 1 < n)
            dfl__buf_addc(&source, 'x');
        dfl__buf_addz(&source, "\n# check=a");
        int found = dfl__detect_check(dfl__buf_str(&source), &got);
        assert_int_equal(found, n <= 65536);
        if (found) assert_true(dfl__eqz(got.value, "a"));
        dfl__buf_free(&source);
    }
}

static void options(void **state) {
    (void)state;
    static const struct {
        const char *option;
        uint32_t start, end; /* of the first one at fault; 0 when all are well */
    } cases[] = {
        {"skip=all", 0, 0},
        {"skip=", 0, 0},
        {"skip=A,B;error=true;experimental=all", 0, 0},
        {"error=T", 0, 0},
        {"error=yes", 8, 17},
        {"error=", 8, 14},
        {"skip", 8, 12},
        {"a=b", 8, 11},
        {"skip=a;b", 15, 16},
        {"skip=a;", 15, 15},
        {";skip=a", 8, 8},
        {"skip=a;skip=b;skip=c;x", 0, 0}, /* the third takes the rest */
        {"error=1;error=0;error=1;x", 24, 33},
        {"error=" NBSP "1" NBSP, 0, 0},
        {" ", 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__buf source;
        size_t count;
        dfl__buf_init(&source, NULL, 0);
        dfl__buf_fmt(&source, "# check=%s\nFROM a\n", cases[i].option);
        dfl_doc *doc = parse_bytes(source.ptr, source.len);
        const dfl_diag_rec *diags = dfl_doc_diags(doc, &count);
        assert_int_equal(count, cases[i].start != 0);
        if (count > 0) {
            assert_int_equal(diags[0].code, DFL_D_CHECK_OPTION);
            assert_int_equal(diags[0].start, cases[i].start);
            assert_int_equal(diags[0].end, cases[i].end);
        }
        dfl_doc_unref(doc);
        dfl__buf_free(&source);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syntax),
        cmocka_unit_test(check),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
