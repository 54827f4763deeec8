/* test_path.c -- paths as text: parts, what lies below, lists.
 * Relies on cmocka.
 * Never touches a file system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/path.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_text(dfl_str got, const char *want) {
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.ptr, want, got.len);
}

static void parts(void **state) {
    static const struct {
        const char *path, *dir, *base;
    } cases[] = {
        {"", "", ""},        {"a", "", "a"},    {"/", "/", ""},      {"/a", "/", "a"},
        {"a/", "a", ""},     {"a/b", "a", "b"}, {"/a/b", "/a", "b"}, {"/a/b/", "/a/b", ""},
        {"a//b", "a/", "b"}, {"//", "/", ""},   {"../x", "..", "x"}, {".", "", "."},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_text(dfl__path_dir(dfl__str(cases[i].path)), cases[i].dir);
        assert_text(dfl__path_base(dfl__str(cases[i].path)), cases[i].base);
    }
}

static void below(void **state) {
    static const struct {
        const char *path, *dir;
        int want;
    } cases[] = {
        {"/", "/", 1},          {"/a", "/", 1},    {"a", "/", 0},    {"", "/", 0},
        {"/a", "/a", 1},        {"/a/b", "/a", 1}, {"/ab", "/a", 0}, {"/a", "/a/b", 0},
        {"/b", "/a", 0},        {"a/b", "a", 1},   {"/a/", "/a", 1}, {"/a/b/c", "/a/b", 1},
        {"/usr/lib", "/us", 0}, {"/x/a", "/a", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(dfl__path_is_below(dfl__str(cases[i].path), dfl__str(cases[i].dir)),
                         cases[i].want);
}

static void lists(void **state) {
    static const struct {
        const char *list, *dir;
        int want;
    } cases[] = {
        {"/bin", "/bin", 1},   {"/a:/bin", "/bin", 1}, {"/bin:/a", "/bin", 1}, {"/bin2", "/bin", 0},
        {"/a:/b:/c", "/b", 1}, {"/a:/b:/c", "/", 0},   {"/a/bin", "/bin", 0},  {"", "/bin", 0},
        {"", "", 1},           {"/a:", "", 1},         {"/a::/b", "", 1},      {":/a", "", 1},
        {"/a:/b", "", 0},      {"/a:/b", "/a:/b", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(dfl__path_list_has(dfl__str(cases[i].list), dfl__str(cases[i].dir)),
                         cases[i].want);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts),
        cmocka_unit_test(below),
        cmocka_unit_test(lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
