/* test_show.c -- entries whole: as YAML that loads again to the same, and as JSON.
 * Relies on the loader to read what is shown.
 * Never compares with anything but the entry that was shown. */
#include "io/fixture.h"

#include "io/loader.h"

static int32_t capture(void *ctx, const char *ptr, size_t len) {
    dfl__buf_add(ctx, (dfl_str){ptr, len});
    return 0;
}

static int32_t refuse(void *ctx, const char *ptr, size_t len) {
    (void)ctx;
    (void)ptr;
    (void)len;
    return 1;
}

static dfl_str show(const dfl_catalog *catalog, uint32_t kind, size_t index, uint32_t format,
                    dfl__buf *buf) {
    dfl_sink sink = {capture, buf};
    dfl__buf_init(buf, NULL, 0);
    assert_int_equal(dfl_io_catalog_show(catalog, kind, index, format, &sink), DFL_OK);
    return dfl__buf_str(buf);
}

/* Load what is shown and show it again. */
static void check_entry(uint32_t kind, size_t index) {
    dfl__buf first, second;
    dfl__arena arena;
    dfl__facts facts;
    dfl_io_error error = {0};
    dfl__arena_init(&arena, NULL);
    dfl_str text = show(NULL, kind, index, DFL_LISTING_TEXT, &first);
    if (dfl__facts_load(text, "shown", dfl_catalog_builtin()->facts, &arena, &facts, &error) !=
        DFL_OK)
        fail_msg("%s in\n%.*s", error.message, (int)text.len, text.ptr);
    const dfl_catalog again = {.facts = &facts};
    assert_int_equal(dfl_catalog_count(&again, kind), 1);
    assert_true(dfl__eq(show(&again, kind, 0, DFL_LISTING_TEXT, &second), text));
    dfl__buf_free(&second);
    dfl__buf_free(&first);
    dfl_str json = show(NULL, kind, index, DFL_LISTING_JSON, &first);
    assert_true(dfl__eq(show(&again, kind, 0, DFL_LISTING_JSON, &second), json));
    dfl__buf_free(&second);
    dfl__buf_free(&first);
    dfl__arena_free(&arena);
}

static void shows_what_loads_again(void **state) {
    (void)state;
    for (uint32_t kind = 1; dfl_catalog_kind_name(kind) != NULL; kind++) {
        for (size_t i = 0; i < dfl_catalog_count(NULL, kind); i++)
            check_entry(kind, i);
    }
}

static void expect(const dfl_catalog *catalog, uint32_t kind, uint32_t format, const char *want) {
    dfl__buf buf;
    dfl_str got = show(catalog, kind, 0, format, &buf);
    if (!dfl__eqz(got, want)) fail_msg("got\n%.*swanted\n%s", (int)got.len, got.ptr, want);
    dfl__buf_free(&buf);
}

static void writes_every_type(void **state) {
    fixture *f = *state;
    put(f, "o.yaml",
        "releases:\n  - {name: \"12\", family: \"no\", order: 4294967295, libc: glibc, "
        "libc_version: 2.36}\n"
        "tools:\n  - name: t\n    commands: ['a \"b\\c', \"x\\ny\\e\"]\n"
        "    caches:\n      - {places: [/a, '{-d}'], sharing: locked, in_tool: 1}\n");
    dfl_catalog *catalog = NULL;
    dfl_io_error error = {0};
    assert_int_equal(dfl_io_catalog_load(at(f, "o.yaml"), NULL, &catalog, &error), DFL_OK);
    expect(catalog, DFL_CATALOG_RELEASE, DFL_LISTING_TEXT,
           "releases:\n  - name: \"12\"\n    family: \"no\"\n    order: 4294967295\n"
           "    libc: glibc\n    libc_version: \"2.36\"\n");
    expect(catalog, DFL_CATALOG_TOOL, DFL_LISTING_TEXT,
           "tools:\n  - name: t\n    commands:\n      - \"a \\\"b\\\\c\"\n"
           "      - \"x\\ny\\u001b\"\n    caches:\n      - places:\n"
           "          - /a\n          - \"{-d}\"\n        sharing: locked\n"
           "        in_tool: true\n");
    expect(catalog, DFL_CATALOG_TOOL, DFL_LISTING_JSON,
           "{\"schema_version\":1,\"kind\":\"tool\",\"name\":\"t\",\"commands\":["
           "\"a \\\"b\\\\c\",\"x\\ny\\u001b\"],\"caches\":[{\"places\":[\"/a\",\"{-d}\"],"
           "\"sharing\":\"locked\",\"in_tool\":true}]}\n");
    dfl_catalog_free(catalog);
}

static void refuses_what_is_not_there(void **state) {
    (void)state;
    dfl__buf buf;
    dfl_sink sink = {capture, &buf}, closed = {refuse, NULL}, none = {NULL, NULL};
    dfl__buf_init(&buf, NULL, 0);
    size_t tools = dfl_catalog_count(NULL, DFL_CATALOG_TOOL);
    assert_int_equal(dfl_io_catalog_show(NULL, 0, 0, DFL_LISTING_TEXT, &sink), DFL_E_ARG);
    assert_int_equal(dfl_io_catalog_show(NULL, 7, 0, DFL_LISTING_TEXT, &sink), DFL_E_ARG);
    assert_int_equal(dfl_io_catalog_show(NULL, DFL_CATALOG_TOOL, tools, DFL_LISTING_TEXT, &sink),
                     DFL_E_ARG);
    assert_int_equal(dfl_io_catalog_show(NULL, DFL_CATALOG_TOOL, 0, 0, &sink), DFL_E_ARG);
    assert_int_equal(dfl_io_catalog_show(NULL, DFL_CATALOG_TOOL, 0, 3, &sink), DFL_E_ARG);
    assert_int_equal(dfl_io_catalog_show(NULL, DFL_CATALOG_TOOL, 0, DFL_LISTING_TEXT, NULL),
                     DFL_E_ARG);
    assert_int_equal(dfl_io_catalog_show(NULL, DFL_CATALOG_TOOL, 0, DFL_LISTING_TEXT, &none),
                     DFL_E_ARG);
    assert_int_equal(buf.len, 0);
    assert_int_equal(dfl_io_catalog_show(NULL, DFL_CATALOG_TOOL, 0, DFL_LISTING_TEXT, &closed),
                     DFL_E_IO);
    dfl__buf_free(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_what_loads_again),
        FIXTURE_TEST(writes_every_type),
        cmocka_unit_test(refuses_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
