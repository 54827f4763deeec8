/* test_overlay.c -- catalogs loaded from files, layer over layer.
 * Relies on data/overlay.yaml and on bookworm being a built-in release.
 * Never changes the built-in catalog. */
#include "io/fixture.h"

#include "catalog/catalog.h"

static const char overlay[] = "tests/unit/io/data/overlay.yaml";

static dfl_catalog *load(const char *path, const dfl_catalog *below) {
    dfl_catalog *catalog = NULL;
    dfl_io_error error = {0};
    if (dfl_io_catalog_load(path, below, &catalog, &error) != DFL_OK) fail_msg("%s", error.message);
    return catalog;
}

static uint32_t count_releases(const dfl_catalog *catalog, const char *name) {
    uint32_t found = 0;
    const dfl__release *release;
    for (uint32_t i = 0; (release = dfl__catalog_release(catalog, i)) != NULL; i++)
        found += strcmp(release->name, name) == 0;
    return found;
}

static void lies_over_the_builtin(void **state) {
    (void)state;
    const dfl_catalog *builtin = dfl_catalog_builtin();
    dfl_catalog *catalog = load(overlay, NULL);
    assert_int_equal(count_releases(builtin, "bookworm"), 1);
    assert_int_equal(count_releases(catalog, "bookworm"), 1);
    const dfl__release *release = dfl__catalog_find_release(catalog, dfl__str("bookworm"));
    assert_int_equal(release->order, UINT32_MAX); /* the overlay's */
    assert_int_equal(count_releases(catalog, "trixie"), 1);
    assert_string_equal(dfl__catalog_tool(catalog, 0)->name, "brew");
    assert_int_equal(catalog->facts->releases.count, builtin->facts->releases.count + 1);
    dfl__image_info info;
    dfl__catalog_describe(catalog, dfl__str("registry.example.com:5000/team/thing:1"), &info);
    assert_string_equal(info.image->name, "thing");
    assert_string_equal(info.release->name, "plan9");
    dfl_catalog_free(catalog);
}

static void stacks(void **state) {
    fixture *f = *state;
    put(f, "top.yaml", "tools:\n  - {name: brew, commands: brew2}\n");
    dfl_catalog *middle = load(overlay, NULL);
    dfl_catalog *top = load(at(f, "top.yaml"), middle);
    assert_int_equal(top->facts->tools.count, middle->facts->tools.count);
    assert_string_equal(dfl__catalog_tool(top, 0)->commands.items[0], "brew2");
    assert_string_equal(dfl__catalog_tool(middle, 0)->commands.items[0], "brew");
    assert_int_equal(count_releases(top, "plan9"), 1);
    dfl_catalog_free(top);
    dfl_catalog_free(middle);
}

static void fails_with_the_file_in_the_message(void **state) {
    fixture *f = *state;
    dfl_catalog *catalog = NULL;
    dfl_io_error error = {0};
    put(f, "bad.yaml", "tools:\n  - {name: a, comands: a}\n");
    assert_int_equal(dfl_io_catalog_load(at(f, "bad.yaml"), NULL, &catalog, &error), DFL_E_FORMAT);
    assert_error(&error, 2, 15, "bad.yaml:2:15: unknown key `comands`");
    assert_int_equal(dfl_io_catalog_load(at(f, "none.yaml"), NULL, &catalog, &error), DFL_E_IO);
    assert_error(&error, 0, 0, "none.yaml: cannot read: no such file");
    char *large = calloc(1, (1 << 20) + 2);
    assert_non_null(large);
    memset(large, '\n', (1 << 20) + 1);
    put(f, "large.yaml", large);
    free(large);
    assert_int_equal(dfl_io_catalog_load(at(f, "large.yaml"), NULL, &catalog, &error), DFL_E_LIMIT);
    assert_error(&error, 0, 0, "larger than 1048576 bytes");
    assert_int_equal(dfl_io_catalog_load(NULL, NULL, &catalog, NULL), DFL_E_ARG);
    assert_int_equal(dfl_io_catalog_load(overlay, NULL, NULL, NULL), DFL_E_ARG);
    assert_null(catalog);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lies_over_the_builtin),
        FIXTURE_TEST(stacks),
        FIXTURE_TEST(fails_with_the_file_in_the_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
