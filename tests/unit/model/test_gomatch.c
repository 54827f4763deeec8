/* test_gomatch.c -- Go's filepath.Match.
 * Relies on cmocka.
 * Never asks Go itself: tests/conformance does, by way of build contexts. */
#include "model/gomatch.h"

#include "model/models.h"

static const struct {
    const char *pattern, *name;
    int matches, valid;
} patterns[] = {
    {"", "", 1, 1},
    {"", "a", 0, 1},
    {"a", "a", 1, 1},
    {"a", "", 0, 1},
    {"*", "", 1, 1},
    {"*", "a.b", 1, 1},
    {"*", "a/b", 0, 1},
    {"*/*", "a/b", 1, 1},
    {"a*", "ab/c", 0, 1},
    {"*b", "aab", 1, 1},
    {"a*b*c", "a1b2b3c", 1, 1},
    {"a*b", "acd", 0, 1},
    {"**", "a", 1, 1},
    {"**", "a/b", 0, 1},
    {"?", "a", 1, 1},
    {"?", "/", 0, 1},
    {"?", "\xC3\xA9", 1, 1},
    {"?", "\xFF", 1, 1},
    {"??", "\xC3\xA9", 0, 1},
    {"[ab]", "b", 1, 1},
    {"[^ab]", "c", 1, 1},
    {"[^a]", "/", 1, 1},
    {"[!a]", "!", 1, 1},
    {"[a-c]x", "bx", 1, 1},
    {"[a-c]", "d", 0, 1},
    {"[\xC3\xA0-\xC3\xBF]", "\xC3\xA9", 1, 1},
    {"[\\]]", "]", 1, 1},
    {"[\\-x]", "-", 1, 1},
    {"\\*", "*", 1, 1},
    {"\\*", "a", 0, 1},
    {"\\a", "a", 1, 1},
    {"[*]", "*", 1, 1},
    {"a[", "a[", 0, 0},
    {"[]", "a", 0, 0},
    {"[]a]", "]", 0, 0},
    {"[a-]", "a", 0, 0},
    {"[-a]", "a", 0, 0},
    {"[", "[", 0, 0},
    {"x\\", "x", 0, 0},
    {"b*[", "a", 0, 0},
    {"*[", "a", 0, 0},
    {"[\xFF]", "\xFF", 0, 0},
};

static void matches(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(patterns); i++) {
        dfl_str pattern = dfl__str(patterns[i].pattern);
        int matched = dfl__go_match(pattern, dfl__str(patterns[i].name));
        if (matched != patterns[i].matches || dfl__go_valid(pattern) != patterns[i].valid)
            fail_msg("%s on %s", patterns[i].pattern, patterns[i].name);
    }
}

static void wildcards(void **state) {
    (void)state;
    static const struct {
        const char *path;
        int any;
        size_t literal;
    } cases[] = {
        {"", 0, 0},       {"a/b", 0, 3},   {"a/*", 1, 1},   {"*", 1, 0},     {"a/b?/c", 1, 1},
        {"a\\*/b", 0, 5}, {"a/[b]", 1, 1}, {"a/b\\", 0, 4}, {"\\\\*", 1, 0}, {"a]", 0, 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_str path = dfl__str(cases[i].path);
        assert_int_equal(dfl__has_wildcards(path), cases[i].any);
        assert_int_equal(dfl__literal_prefix(path), cases[i].literal);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches),
        cmocka_unit_test(wildcards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
