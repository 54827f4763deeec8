/* test_reference.c -- image references and digests.
 * Relies on cmocka.
 * Never asks BuildKit itself: that is tests/conformance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "syntax/reference.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define HEX32 "0123456789abcdef0123456789abcdef"
#define HEX64 HEX32 HEX32
#define SHA "sha256:" HEX64

static void same(const char *text, const char *what, dfl_str got, const char *want) {
    if (!dfl__eqz(got, want))
        fail_msg("%s: %s \"%.*s\", want \"%s\"", text, what, (int)got.len, got.ptr, want);
}

static const struct {
    const char *text, *domain, *path, *familiar, *tag, *digest, *full;
} references[] = {
    {"alpine", "docker.io", "alpine", "alpine", "", "", "docker.io/library/alpine:latest"},
    {"alpine:3.20", "docker.io", "alpine", "alpine", "3.20", "", "docker.io/library/alpine:3.20"},
    {"a/b", "docker.io", "a/b", "a/b", "", "", "docker.io/a/b:latest"},
    {"docker.io/a", "docker.io", "a", "a", "", "", "docker.io/library/a:latest"},
    {"index.docker.io/library/a", "docker.io", "library/a", "a", "", "",
     "docker.io/library/a:latest"},
    {"library/a/b", "docker.io", "library/a/b", "library/a/b", "", "",
     "docker.io/library/a/b:latest"},
    {"ghcr.io/o/i:1@" SHA, "ghcr.io", "o/i", "ghcr.io/o/i", "1", SHA, "ghcr.io/o/i:1@" SHA},
    {"a@" SHA, "docker.io", "a", "a", "", SHA, "docker.io/library/a@" SHA},
    {"localhost:5000", "docker.io", "localhost", "localhost", "5000", "",
     "docker.io/library/localhost:5000"},
    {"localhost:5000/x", "localhost:5000", "x", "localhost:5000/x", "", "",
     "localhost:5000/x:latest"},
    {"localhost/x", "localhost", "x", "localhost/x", "", "", "localhost/x:latest"},
    {"Foo/bar", "Foo", "bar", "Foo/bar", "", "", "Foo/bar:latest"},
    {"a:80/b:C", "a:80", "b", "a:80/b", "C", "", "a:80/b:C"},
    {"foo_bar.com/x", "", "foo_bar.com/x", "foo_bar.com/x", "", "", "foo_bar.com/x:latest"},
    {"[::1]:5000/x", "[::1]:5000", "x", "[::1]:5000/x", "", "", "[::1]:5000/x:latest"},
    {"docker.io", "docker.io", "docker.io", "docker.io", "", "",
     "docker.io/library/docker.io:latest"},
    {"a.b/c__d/e---f.g", "a.b", "c__d/e---f.g", "a.b/c__d/e---f.g", "", "",
     "a.b/c__d/e---f.g:latest"},
};

static void test_parts(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(references); i++) {
        dfl__reference ref;
        dfl__buf full;
        dfl__buf_init(&full, NULL, 0);
        const char *text = references[i].text;
        assert_int_equal(dfl__reference_parse(dfl__str(text), &ref), DFL__REF_OK);
        dfl__reference_split split = dfl__reference_split_of(dfl__str(text));
        assert_true(dfl__eq(ref.name, split.name));
        same(text, "domain", ref.domain, references[i].domain);
        same(text, "path", ref.path, references[i].path);
        same(text, "familiar", ref.familiar, references[i].familiar);
        same(text, "tag", ref.tag, references[i].tag);
        same(text, "digest", ref.digest, references[i].digest);
        dfl__reference_write(&ref, &full);
        same(text, "full", dfl__buf_str(&full), references[i].full);
        dfl__buf_free(&full);
    }
}

static void test_separators(void **state) {
    (void)state;
    static const struct {
        const char *text, *name, *tag, *digest;
        int has_tag, has_digest;
    } cases[] = {
        {"", "", "", "", 0, 0},
        {"a", "a", "", "", 0, 0},
        {"a:", "a", "", "", 1, 0},
        {":a", "", "a", "", 1, 0},
        {"a@", "a", "", "", 0, 1},
        {"a:@", "a", "", "", 1, 1},
        {"a:b:c", "a:b", "c", "", 1, 0},
        {"h:5/a", "h:5/a", "", "", 0, 0},
        {"h:5/a:b@c:d@e", "h:5/a", "b", "c:d@e", 1, 1},
        {"a@b:c/d:e", "a", "", "b:c/d:e", 0, 1},
        {"$R/A b:${T}-x", "$R/A b", "${T}-x", "", 1, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__reference_split split = dfl__reference_split_of(dfl__str(cases[i].text));
        same(cases[i].text, "name", split.name, cases[i].name);
        same(cases[i].text, "tag", split.tag, cases[i].tag);
        same(cases[i].text, "digest", split.digest, cases[i].digest);
        assert_int_equal(split.has_tag, cases[i].has_tag);
        assert_int_equal(split.has_digest, cases[i].has_digest);
    }
}

static const struct {
    const char *text;
    dfl__reference_error error;
} refused[] = {
    {"", DFL__REF_FORMAT},
    {"a..b", DFL__REF_FORMAT},
    {"a___b", DFL__REF_FORMAT},
    {"-a", DFL__REF_FORMAT},
    {"a-", DFL__REF_FORMAT},
    {"a/", DFL__REF_FORMAT},
    {"/a", DFL__REF_FORMAT},
    {"a:", DFL__REF_FORMAT},
    {"a:-x", DFL__REF_FORMAT},
    {"a b", DFL__REF_FORMAT},
    {"http://x/y", DFL__REF_FORMAT},
    {"a.b:/c", DFL__REF_FORMAT},
    {"[]/a", DFL__REF_FORMAT},
    {"[::1/a", DFL__REF_FORMAT},
    {"a-.b/c", DFL__REF_FORMAT},
    {"a@", DFL__REF_FORMAT},
    {"a@sha256", DFL__REF_FORMAT},
    {"a@sha256:abc", DFL__REF_FORMAT},
    {"a@sha256+:" HEX64, DFL__REF_FORMAT},
    {"a@" SHA "/b", DFL__REF_FORMAT},
    {"a\n", DFL__REF_FORMAT},
    {"foo/Bar", DFL__REF_CASE},
    {"Alpine", DFL__REF_CASE},
    {"a\xff", DFL__REF_CASE},
    {"a\xC3\x89", DFL__REF_CASE},
    {"Foo_bar.x/y", DFL__REF_CASE},
    {"a:8/b:\xE2\x84\xAA", DFL__REF_CASE}, /* KELVIN SIGN: its lower case is ASCII */
    {HEX64, DFL__REF_HEX},
    {"a@" SHA "0", DFL__REF_DIGEST_LENGTH},
    {"a@sha256:" HEX32, DFL__REF_DIGEST_LENGTH},
    {"a@sha256:" HEX32 "ABCDEF6789abcdef0123456789abcdef", DFL__REF_DIGEST_FORMAT},
    {"a@md5:" HEX32, DFL__REF_DIGEST_ALGORITHM},
    {"a@MD5:" HEX32, DFL__REF_CASE},
    {"a:x@MD5:" HEX32, DFL__REF_DIGEST_FORMAT},
};

static void test_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        dfl__reference ref = {.library = 42};
        dfl__reference_error error = dfl__reference_parse(dfl__str(refused[i].text), &ref);
        if (error != refused[i].error) fail_msg("%s: %d", refused[i].text, (int)error);
        assert_int_equal(ref.library, 42);
    }
}

/* A text of `len` times `c`, after `prefix`. */
static dfl__reference_error repeated(const char *prefix, char c, size_t len) {
    dfl__buf text;
    dfl__reference ref;
    dfl__buf_init(&text, NULL, 0);
    dfl__buf_addz(&text, prefix);
    for (size_t i = 0; i < len; i++)
        dfl__buf_addc(&text, c);
    dfl__reference_error error = dfl__reference_parse(dfl__buf_str(&text), &ref);
    dfl__buf_free(&text);
    return error;
}

static void test_lengths(void **state) {
    (void)state;
    assert_int_equal(repeated("", 'a', 247), DFL__REF_OK);
    assert_int_equal(repeated("", 'a', 248), DFL__REF_LONG);
    assert_int_equal(repeated("ghcr.io/", 'a', 255), DFL__REF_OK);
    assert_int_equal(repeated("ghcr.io/", 'a', 256), DFL__REF_LONG);
    assert_int_equal(repeated("a:", 't', 128), DFL__REF_OK);
    assert_int_equal(repeated("a:", 't', 129), DFL__REF_FORMAT);
    assert_int_equal(repeated("a_b.c/", 'a', 249), DFL__REF_OK);
    assert_int_equal(repeated("a_b.c/", 'a', 250), DFL__REF_LONG);
    assert_int_equal(repeated("a@sha256:", '0', 31), DFL__REF_FORMAT);
    assert_int_equal(repeated("a@sha256:", '0', 63), DFL__REF_DIGEST_LENGTH);
    assert_int_equal(repeated("a@sha256:", '0', 64), DFL__REF_OK);
    assert_int_equal(repeated("a@sha384:", '0', 96), DFL__REF_OK);
    assert_int_equal(repeated("a@sha512:", '0', 128), DFL__REF_OK);
}

static void test_digests(void **state) {
    (void)state;
    static const struct {
        const char *text;
        dfl__reference_error error;
    } cases[] = {
        {SHA, DFL__REF_OK},
        {"", DFL__REF_DIGEST_FORMAT},
        {"sha256", DFL__REF_DIGEST_FORMAT},
        {"sha256:", DFL__REF_DIGEST_FORMAT},
        {":" HEX64, DFL__REF_DIGEST_FORMAT},
        {"sha256:x", DFL__REF_DIGEST_LENGTH},
        {"sha512:" HEX64, DFL__REF_DIGEST_LENGTH},
        {"sha256:" HEX32 "0123456789abcdef0123456789abcdeF", DFL__REF_DIGEST_FORMAT},
        {"md5:x", DFL__REF_DIGEST_ALGORITHM},
        {"a+b.c:x-_=", DFL__REF_DIGEST_ALGORITHM},
        {"a+:x", DFL__REF_DIGEST_FORMAT},
        {"a:x:y", DFL__REF_DIGEST_FORMAT},
        {"SHA256:" HEX64, DFL__REF_DIGEST_FORMAT},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__reference_error error = dfl__digest_check(dfl__str(cases[i].text));
        if (error != cases[i].error) fail_msg("%s: %d", cases[i].text, (int)error);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),   cmocka_unit_test(test_separators),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
