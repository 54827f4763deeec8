/* test_facts_cargo.c -- Cargo.toml: package, declared and discovered binaries.
 * Relies on facts_support.h.
 * Never needs cargo. */
#include "io/facts_support.h"

typedef struct {
    const char *manifest, *want;
} manifest_case;

static void check(fixture *f, const manifest_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        put(f, "Cargo.toml", cases[i].manifest);
        assert_facts(f, "cargo.", cases[i].want);
    }
}
#define CHECK(cases) check(*state, cases, sizeof cases / sizeof *cases)

static void reads_the_package(void **state) {
    static const manifest_case cases[] = {
        {"", ""},
        {"[workspace]\nmembers = [\"a\", 'b', # x\n  \"]\"]\n", ""},
        {"[package]\nname = \"app\"\nversion = \"0.1.0\"\n", "cargo.package=app\n"},
        {"[package]\r\nname = 'app' # it\r\n", "cargo.package=app\n"},
        {"[ package ]\n\"name\" = \"app\"\n", "cargo.package=app\n"},
        {"package.name = \"app\"\n", "cargo.package=app\n"},
        {"package = {name = \"app\"}\n", ""},
        {"[package]\nname = \"\\u0061pp\"\n", ""},
        {"[package]\nname = \"\"\n", ""},
        {"[package.metadata]\nname = \"no\"\n[package]\nname = \"app\"\n", "cargo.package=app\n"},
        {"[dependencies]\nname = \"no\"\n", ""},
        {"[package]\ndescription = \"\"\"\nname = \"no\"\n\"\"\"\"\nname = \"app\"\n",
         "cargo.package=app\n"},
        {"[package]\nkeys = ['''\n[package]\n''', {a = [1, 2]}]\nname = \"app\"\n",
         "cargo.package=app\n"},
        {"[package]\nx = 1979-05-27 07:32:00\ny = true\nname = \"app\"\n", "cargo.package=app\n"},
    };
    CHECK(cases);
}

static void reads_binaries(void **state) {
    static const manifest_case cases[] = {
        {"[package]\nname = \"p\"\n[[bin]]\nname = \"a\"\npath = \"x.rs\"\n[[bin]]\nname = \"b\"\n",
         "cargo.package=p\ncargo.bin=a\ncargo.bin=b\n"},
        {"[package]\nname = \"p\"\ndefault-run = \"b\"\n[[bin]]\nname = \"a\"\n[[bin]]\nname = "
         "\"b\"\n",
         "cargo.package=p\ncargo.bin=b\ncargo.bin=a\n"},
        {"[package]\nname = \"p\"\n[[bin]]\nname = \"a\"\nrequired-features = [\"x\"]\n",
         "cargo.package=p\n"},
        {"[package]\nname = \"p\"\n[[bin]]\npath = \"a.rs\"\n", "cargo.package=p\n"},
        {"bin = [{name = \"a\"}]\n[package]\nname = \"p\"\n", "cargo.package=p\n"},
        {"[package]\nname = \"p\"\n[bin]\nname = \"a\"\n", "cargo.package=p\n"},
        {"[package]\nname = \"p\"\n[[bin]]\nname = \"a\"\n[[test]]\nname = \"t\"\n",
         "cargo.package=p\ncargo.bin=a\n"},
    };
    CHECK(cases);
}

static void discovers_binaries(void **state) {
    fixture *f = *state;
    put(f, "src/main.rs", "fn main() {}\n");
    put(f, "src/lib.rs", "");
    put(f, "src/bin/one.rs", "");
    put(f, "src/bin/two/main.rs", "");
    put(f, "src/bin/two/helper.rs", "");
    put(f, "src/bin/none/helper.rs", "");
    put(f, "src/bin/README.md", "");
    static const manifest_case cases[] = {
        {"[package]\nname = \"p\"\n",
         "cargo.package=p\ncargo.bin=p\ncargo.bin=one\ncargo.bin=two\n"},
        {"[package]\nname = \"p\"\nautobins = false\n", "cargo.package=p\n"},
        {"[package]\nname = \"p\"\ndefault-run = \"two\"\n",
         "cargo.package=p\ncargo.bin=two\ncargo.bin=p\ncargo.bin=one\n"},
        /* the 2015 edition, which is the default, discovers none beside declared ones */
        {"[package]\nname = \"p\"\n[[bin]]\nname = \"a\"\npath = \"a.rs\"\n",
         "cargo.package=p\ncargo.bin=a\n"},
        {"[package]\nname = \"p\"\nautobins = true\n[[bin]]\nname = \"a\"\npath = \"a.rs\"\n",
         "cargo.package=p\ncargo.bin=a\ncargo.bin=p\ncargo.bin=one\ncargo.bin=two\n"},
        {"[package]\nname = \"p\"\nedition = \"2021\"\n[[bin]]\nname = \"a\"\npath = "
         "\"src/main.rs\"\n",
         "cargo.package=p\ncargo.bin=a\ncargo.bin=one\ncargo.bin=two\n"},
        {"[package]\nname = \"p\"\nedition = \"2021\"\n[[bin]]\nname = \"one\"\n",
         "cargo.package=p\ncargo.bin=one\ncargo.bin=p\ncargo.bin=two\n"},
        /* an edition from elsewhere: fine without declared binaries, else not known */
        {"[package]\nname = \"p\"\nedition.workspace = true\n",
         "cargo.package=p\ncargo.bin=p\ncargo.bin=one\ncargo.bin=two\n"},
        {"[package]\nname = \"p\"\nedition = {workspace = true}\n[[bin]]\nname = \"a\"\n",
         "cargo.package=p\n"},
    };
    CHECK(cases);
}

static void tells_what_is_wrong(void **state) {
    fixture *f = *state;
    static const malformed cases[] = {
        {"[package\nname = \"a\"\n", 1, 1, "closing bracket"},
        {"[[bin]\n", 1, 1, "closing bracket"},
        {"[package]\nname \"a\"\n", 2, 6, "`=` is expected"},
        {"[package]\nname = \n", 2, 8, "a value is expected"},
        {"[package]\nname = \"a\n", 2, 8, "closing quote"},
        {"[package]\nname = '''a\n", 2, 8, "closing quote"},
        {"[package]\nname = \"a\" b\n", 2, 12, "line should end"},
        {"[package]\n= 1\n", 2, 1, "a key is expected"},
        {"a = [1,\n", 1, 5, "never closed"},
        {"a = [1}\n", 1, 7, "another kind"},
        {"[a] b\n", 1, 5, "line should end"},
    };
    ASSERT_MALFORMED(f, "Cargo.toml", cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(reads_the_package),
        FIXTURE_TEST(reads_binaries),
        FIXTURE_TEST(discovers_binaries),
        FIXTURE_TEST(tells_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
