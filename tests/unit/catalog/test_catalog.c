/* test_catalog.c -- entries by number and by name, command patterns, packages.
 * Relies on a small catalog of its own.
 * Never reads the built-in facts but to see that they are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/catalog.h"

#define NAMES(...)                                                                                 \
    {                                                                                              \
        (const char *const[]){__VA_ARGS__},                                                        \
            (uint32_t)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))          \
    }
#define COUNT(array) (uint32_t)(sizeof(array) / sizeof *(array))

static const dfl__release releases[] = {
    {.name = "alpine", .aliases = NAMES("alpine3.*"), .family = "alpine"},
    {.name = "alpine3.20", .aliases = NAMES("v3.20"), .family = "alpine"},
    {.name = "trixie", .family = "debian"},
    {.name = "noble", .family = "ubuntu"},
};
static const dfl__package packages[] = {
    {.name = "lib*", .family = "", .role = "both"},
    {.name = "lib*-dev", .family = "debian", .role = "build"},
    {.name = "libpq-dev", .family = "debian", .role = "build"},
    {.name = "libssl-dev", .family = "debian", .role = "build"},
    {.name = "libssl-dev", .family = "debian", .releases = NAMES("noble"), .role = "both"},
    {.name = "curl", .family = "", .role = "both"},
    {.name = "curl", .family = "alpine", .role = "runtime"},
};
static const dfl__facts facts = {.releases = {releases, COUNT(releases)},
                                 .packages = {packages, COUNT(packages)}};
static const dfl_catalog catalog = {.facts = &facts};

static void goes_through_entries(void **state) {
    (void)state;
    assert_ptr_equal(dfl__catalog_release(&catalog, 0), &releases[0]);
    assert_ptr_equal(dfl__catalog_release(&catalog, 3), &releases[3]);
    assert_null(dfl__catalog_release(&catalog, 4));
    assert_ptr_equal(dfl__catalog_package(&catalog, 6), &packages[6]);
    assert_null(dfl__catalog_package(&catalog, UINT32_MAX));
    assert_null(dfl__catalog_tool(&catalog, 0));
    assert_null(dfl__catalog_image(&catalog, 0));
    assert_null(dfl__catalog_ecosystem(&catalog, 0));
    assert_null(dfl__catalog_program(&catalog, 0));
}

static void finds_releases(void **state) {
    (void)state;
    static const struct {
        const char *name, *want;
    } cases[] = {
        {"trixie", "trixie"},     {"alpine3.20", "alpine3.20"}, /* a name before a pattern */
        {"alpine3.19", "alpine"}, {"v3.20", "alpine3.20"},      {"sid", NULL}, {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const dfl__release *found = dfl__catalog_find_release(&catalog, dfl__str(cases[i].name));
        if (cases[i].want == NULL) {
            assert_null(found);
        } else {
            assert_string_equal(found->name, cases[i].want);
        }
    }
}

static void prefers_specific_packages(void **state) {
    (void)state;
    static const struct {
        const char *name, *release;
        int want; /* index; -1 = none */
    } cases[] = {
        {"libpq-dev", "trixie", 2}, {"libfoo-dev", "trixie", 1}, {"libfoo", "trixie", 0},
        {"libfoo-dev", NULL, 0},    {"libfoo-dev", "alpine", 0}, {"libssl-dev", "trixie", 3},
        {"libssl-dev", "noble", 4}, {"curl", "alpine", 6},       {"curl", "trixie", 5},
        {"curl", NULL, 5},          {"make", "trixie", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const dfl__release *release =
            cases[i].release != NULL
                ? dfl__catalog_find_release(&catalog, dfl__str(cases[i].release))
                : NULL;
        const dfl__package *found =
            dfl__catalog_find_package(&catalog, dfl__str(cases[i].name), release);
        assert_ptr_equal(found, cases[i].want < 0 ? NULL : &packages[cases[i].want]);
    }
}

static void names_has(void **state) {
    (void)state;
    dfl__names names = NAMES("a*", "b");
    assert_true(dfl__names_has(names, dfl__str("b"), 0));
    assert_false(dfl__names_has(names, dfl__str("ab"), 0));
    assert_true(dfl__names_has(names, dfl__str("ab"), 1));
    assert_true(dfl__names_has(names, dfl__str("a*"), 0));
    assert_false(dfl__names_has(names, dfl__str("ba"), 1));
    assert_false(dfl__names_has((dfl__names){NULL, 0}, dfl__str(""), 1));
}

static uint32_t split(const char *text, dfl_str words[16]) {
    dfl_str all = dfl__str(text);
    uint32_t count = 0;
    for (size_t at = 0; at < all.len; count++) {
        size_t end = dfl__find(all, ' ', at);
        words[count] = dfl__sub(all, at, end);
        at = end + 1;
    }
    return count;
}

static const struct {
    const char *pattern, *command;
    uint32_t want; /* words matched; 0 = no match */
} commands[] = {
    {"npm", "npm", 1},
    {"npm", "npm ci", 1},
    {"npm ci", "npm ci --omit=dev", 2},
    {"npm ci", "npm --silent --no-fund ci", 4},
    {"npm ci", "npm run ci", 0},
    {"npm ci", "npm", 0},
    {"npm ci", "npm --silent", 0},
    {"npm ci", "npm cinema", 0},
    {"npm  run   build", "npm run build", 3},
    {"npm run *", "npm run --silent build", 4},
    {"npm run build*", "npm run build:prod", 3},
    {"pip?", "pip3 install", 1},
    {"pip?", "pip install", 0},
    {"python* -m pip install", "python3.12 -m pip install x", 4},
    {"python -m pip", "python -u -m pip", 4},
    {"python -m pip", "python pip", 0},
    {"tini --", "tini -g -- app", 3},
    {"go build", "/usr/local/go/bin/go build .", 2},
    {"./mvnw package", "./mvnw -B package", 3},
    {"./mvnw package", "mvnw package", 0},
    {"mvnw package", "./mvnw package", 2},
    {"npm ci", "-n npm ci", 0},
    {"cat", "cat -", 1},
    {"cat *", "cat -", 2}, /* a single dash is an operand */
    {"", "npm", 0},
    {"npm", "", 0},
};

static void matches_commands(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        dfl_str words[16];
        uint32_t count = split(commands[i].command, words), matched = 99;
        int match = dfl__command_matches(commands[i].pattern, words, count, &matched);
        assert_int_equal(match, commands[i].want != 0);
        assert_int_equal(matched, commands[i].want != 0 ? commands[i].want : 99);
        assert_int_equal(dfl__command_matches(commands[i].pattern, words, count, NULL), match);
    }
}

static void frees_nothing_of_the_builtin(void **state) {
    (void)state;
    const dfl_catalog *builtin = dfl_catalog_builtin();
    assert_ptr_equal(builtin->facts, &dfl__builtin_facts);
    dfl_catalog *same;
    memcpy(&same, &builtin, sizeof same);
    dfl_catalog_free(same);
    dfl_catalog_free(NULL);
    assert_ptr_equal(dfl_catalog_builtin()->facts, &dfl__builtin_facts);
}

static dfl_str text(const char *z) {
    return dfl__str(z);
}

static void entries_by_kind(void **state) {
    (void)state;
    static const char *const words[] = {NULL,        "tool",    "release", "image",
                                        "ecosystem", "program", "package", NULL};
    for (uint32_t kind = 0; kind < COUNT(words); kind++) {
        const char *word = dfl_catalog_kind_name(kind);
        assert_true(words[kind] == NULL ? word == NULL : strcmp(word, words[kind]) == 0);
    }
    assert_int_equal(dfl_catalog_count(&catalog, DFL_CATALOG_RELEASE), COUNT(releases));
    assert_int_equal(dfl_catalog_count(&catalog, DFL_CATALOG_PACKAGE), COUNT(packages));
    assert_int_equal(dfl_catalog_count(&catalog, DFL_CATALOG_TOOL), 0);
    assert_int_equal(dfl_catalog_count(&catalog, 0), 0);
    assert_int_equal(dfl_catalog_count(&catalog, 7), 0);
    assert_int_equal(dfl_catalog_count(NULL, DFL_CATALOG_IMAGE), dfl__builtin_facts.images.count);

    dfl_catalog_entry entry = {.size = sizeof entry};
    assert_int_equal(dfl_catalog_get(&catalog, DFL_CATALOG_PACKAGE, 6, &entry), DFL_OK);
    assert_int_equal(entry.kind, DFL_CATALOG_PACKAGE);
    assert_true(dfl__eq(entry.name, text("curl")) && dfl__eq(entry.family, text("alpine")));
    assert_int_equal(dfl_catalog_get(NULL, DFL_CATALOG_TOOL, 0, &entry), DFL_OK);
    assert_true(dfl__eqz(entry.name, dfl__builtin_facts.tools.items[0].name));
    assert_true(dfl__eqz(entry.sources, dfl__builtin_facts.tools.items[0].source));
    assert_int_equal(entry.family.len, 0);

    dfl_catalog_entry same = entry;
    assert_int_equal(dfl_catalog_get(&catalog, DFL_CATALOG_PACKAGE, 7, &entry), DFL_E_ARG);
    assert_int_equal(dfl_catalog_get(&catalog, 7, 0, &entry), DFL_E_ARG);
    assert_int_equal(dfl_catalog_get(&catalog, 0, 0, &entry), DFL_E_ARG);
    assert_int_equal(dfl_catalog_get(&catalog, DFL_CATALOG_PACKAGE, 0, NULL), DFL_E_ARG);
    entry.size = same.size = 4;
    assert_int_equal(dfl_catalog_get(&catalog, DFL_CATALOG_PACKAGE, 0, &entry), DFL_E_ABI);
    assert_memory_equal(&entry, &same, sizeof same);
}

/* Each of the built-in ones says where it comes from; what a program means is this project's. */
static void builtin_entries_have_sources(void **state) {
    (void)state;
    for (uint32_t kind = 1; dfl_catalog_kind_name(kind) != NULL; kind++) {
        for (size_t i = 0; i < dfl_catalog_count(NULL, kind); i++) {
            dfl_catalog_entry entry = {.size = sizeof entry};
            assert_int_equal(dfl_catalog_get(NULL, kind, i, &entry), DFL_OK);
            assert_int_not_equal(entry.name.len, 0);
            if (kind != DFL_CATALOG_PROGRAM && entry.sources.len == 0)
                fail_msg("%s %s has no source", dfl_catalog_kind_name(kind), entry.name.ptr);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_through_entries),      cmocka_unit_test(finds_releases),
        cmocka_unit_test(prefers_specific_packages), cmocka_unit_test(names_has),
        cmocka_unit_test(matches_commands),          cmocka_unit_test(frees_nothing_of_the_builtin),
        cmocka_unit_test(entries_by_kind),           cmocka_unit_test(builtin_entries_have_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
