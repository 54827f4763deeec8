/* test_catalog.c -- catalogs as a table and as JSON.
 * Relies on a small catalog of its own.
 * Never judges what the built-in facts are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/catalog.h"
#include "print/print_support.h"

static const dfl__tool tools[] = {
    {.name = "brew", .source = "brew.sh"},
    {.name = "a\"\x1b[31m", .source = ""},
};
static const dfl__package packages[] = {
    {.name = "libx-dev", .family = "debian", .source = ""},
    {.name = "libx", .family = "", .source = "s"},
};
static const dfl__facts facts = {.tools = {tools, COUNT(tools)},
                                 .packages = {packages, COUNT(packages)}};
static const dfl_catalog catalog = {.facts = &facts};

static void prints_a_table(void **state) {
    (void)state;
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf);
    assert_int_equal(dfl_print_catalog(&catalog, 0, DFL_LISTING_TEXT, &sink), DFL_OK);
    expect_text(&buf, "tool      brew\n"
                      "tool      a\"\\x1b[31m\n"
                      "package   libx-dev (debian)\n"
                      "package   libx\n");
    dfl__buf_free(&buf);
}

static void prints_json(void **state) {
    (void)state;
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf);
    assert_int_equal(dfl_print_catalog(&catalog, DFL_CATALOG_PACKAGE, DFL_LISTING_JSON, &sink),
                     DFL_OK);
    expect_text(&buf, "{\"schema_version\":1,\"entries\":["
                      "{\"kind\":\"package\",\"name\":\"libx-dev\",\"family\":\"debian\","
                      "\"sources\":null},"
                      "{\"kind\":\"package\",\"name\":\"libx\",\"family\":null,"
                      "\"sources\":\"s\"}]}\n");
    dfl__buf_free(&buf);
    sink = capture_to(&buf);
    assert_int_equal(dfl_print_catalog(&catalog, DFL_CATALOG_IMAGE, DFL_LISTING_JSON, &sink),
                     DFL_OK);
    expect_text(&buf, "{\"schema_version\":1,\"entries\":[]}\n");
    dfl__buf_free(&buf);
}

static void prints_the_builtin(void **state) {
    (void)state;
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf);
    assert_int_equal(dfl_print_catalog(NULL, DFL_CATALOG_ECOSYSTEM, DFL_LISTING_TEXT, &sink),
                     DFL_OK);
    size_t lines = 0;
    for (size_t i = 0; i < buf.len; i++)
        lines += buf.ptr[i] == '\n';
    assert_int_equal(lines, dfl__builtin_facts.ecosystems.count);
    dfl__buf_free(&buf);
}

static void refuses(void **state) {
    (void)state;
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf), closed = {refuse, NULL};
    assert_int_equal(dfl_print_catalog(&catalog, 7, DFL_LISTING_TEXT, &sink), DFL_E_ARG);
    assert_int_equal(dfl_print_catalog(&catalog, 0, 0, &sink), DFL_E_ARG);
    assert_int_equal(dfl_print_catalog(&catalog, 0, 3, &sink), DFL_E_ARG);
    assert_int_equal(dfl_print_catalog(&catalog, 0, DFL_LISTING_TEXT, NULL), DFL_E_ARG);
    assert_int_equal(buf.len, 0);
    assert_int_equal(dfl_print_catalog(&catalog, 0, DFL_LISTING_TEXT, &closed), DFL_E_IO);
    dfl__buf_free(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_a_table),
        cmocka_unit_test(prints_json),
        cmocka_unit_test(prints_the_builtin),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
