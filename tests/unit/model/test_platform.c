/* test_platform.c -- platform specifiers.
 * Relies on cmocka.
 * Never asks BuildKit itself: that is tests/conformance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/platform.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void same(const char *text, const char *what, dfl_str got, const char *want) {
    if (!dfl__eqz(got, want))
        fail_msg("%s: %s \"%.*s\", want \"%s\"", text, what, (int)got.len, got.ptr, want);
}

static const dfl__host host = {{"linux", 5}, {"amd64", 5}};

static const struct {
    const char *text, *parsed, *normal;
} platforms[] = {
    {"linux", "linux/amd64", "linux/amd64"},
    {"macos", "darwin/amd64", "darwin/amd64"},
    {"arm64", "linux/arm64", "linux/arm64"},
    {"armhf", "linux/arm", "linux/arm/v7"},
    {"armel", "linux/arm/v6", "linux/arm/v6"},
    {"Linux/AMD64", "linux/amd64", "linux/amd64"},
    {"linux/x86_64/v1", "linux/amd64", "linux/amd64"},
    {"linux/amd64/v2", "linux/amd64/v2", "linux/amd64/v2"},
    {"linux/i386/v1", "linux/386", "linux/386"},
    {"linux/aarch64", "linux/arm64", "linux/arm64"},
    {"linux/arm64/v8", "linux/arm64/v8", "linux/arm64"},
    {"linux/arm64/9.0", "linux/arm64/v9", "linux/arm64/v9"},
    {"linux/arm", "linux/arm", "linux/arm/v7"},
    {"linux/arm/7", "linux/arm/v7", "linux/arm/v7"},
    {"linux/arm/5", "linux/arm/v5", "linux/arm/v5"},
    {"any/thing/x", "any/thing/x", "any/thing/x"},
    {"windows(10.0+b+a%2B+b)/amd64", "windows(10.0+a%2B+b)/amd64", "windows(10.0+a%2B+b)/amd64"},
    {"windows(1%2f2)", "windows(1%2F2)/amd64", "windows(1%2F2)/amd64"},
    {"linux()/arm64", "linux/arm64", "linux/arm64"},
    {"linux/../x", "x", "x"},
    {"linux/../..", "..", ".."},
    {"linux/..", ".", "."},
    {"linux/./x", "linux/x", "linux/x"},
};

static void test_platforms(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(platforms); i++) {
        dfl__platform platform;
        dfl__arena arena;
        dfl__buf out;
        const char *text = platforms[i].text;
        dfl__arena_init(&arena, NULL);
        dfl__buf_init(&out, NULL, 0);
        assert_int_equal(dfl__platform_parse(dfl__str(text), &host, &arena, &platform),
                         DFL__PLATFORM_OK);
        dfl__platform_write(&platform, &out);
        same(text, "parsed", dfl__buf_str(&out), platforms[i].parsed);
        out.len = 0;
        dfl__platform_normalize(&platform);
        dfl__platform_write(&platform, &out);
        same(text, "normal", dfl__buf_str(&out), platforms[i].normal);
        dfl__buf_free(&out);
        dfl__arena_free(&arena);
    }
}

static void test_platforms_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        dfl__platform_error error;
    } cases[] = {
        {"*", DFL__PLATFORM_WILDCARD},
        {"linux/*", DFL__PLATFORM_WILDCARD},
        {"", DFL__PLATFORM_FORMAT},
        {"/amd64", DFL__PLATFORM_FORMAT},
        {"linux/", DFL__PLATFORM_FORMAT},
        {"a.b/c", DFL__PLATFORM_FORMAT},
        {"a/b/c/d", DFL__PLATFORM_FORMAT},
        {"a/b/c/d/e", DFL__PLATFORM_FORMAT},
        {"a b/c", DFL__PLATFORM_FORMAT},
        {"linux/a b", DFL__PLATFORM_FORMAT},
        {"linux(", DFL__PLATFORM_FORMAT},
        {"linux)", DFL__PLATFORM_FORMAT},
        {"linux(+)", DFL__PLATFORM_FORMAT},
        {"linux(a++b)", DFL__PLATFORM_FORMAT},
        {"linux(a%)", DFL__PLATFORM_FORMAT},
        {"linux(a%4)", DFL__PLATFORM_FORMAT},
        {"linux(+%zz)", DFL__PLATFORM_FORMAT},
        {"linux(a)b", DFL__PLATFORM_FORMAT},
        {"foo", DFL__PLATFORM_UNKNOWN},
        {"amd64(1)", DFL__PLATFORM_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__platform platform = {.feature_count = 42};
        dfl__arena arena;
        dfl__arena_init(&arena, NULL);
        dfl__platform_error error =
            dfl__platform_parse(dfl__str(cases[i].text), &host, &arena, &platform);
        if (error != cases[i].error) fail_msg("%s: %d", cases[i].text, (int)error);
        assert_int_equal(platform.feature_count, 42);
        dfl__arena_free(&arena);
    }
}

/* Many features are sorted, each kept once. */
static void test_many_features(void **state) {
    (void)state;
    dfl__platform platform;
    dfl__arena arena;
    dfl__buf text;
    dfl__arena_init(&arena, NULL);
    dfl__buf_init(&text, NULL, 0);
    dfl__buf_addz(&text, "linux(1");
    for (uint32_t i = 0; i < 20000; i++)
        dfl__buf_fmt(&text, "+f%u", i * 7919 % 10000);
    dfl__buf_addz(&text, ")/amd64");
    assert_int_equal(dfl__platform_parse(dfl__buf_str(&text), &host, &arena, &platform),
                     DFL__PLATFORM_OK);
    assert_int_equal(platform.feature_count, 10000);
    assert_true(dfl__eqz(platform.features[0], "f0"));
    assert_true(dfl__eqz(platform.features[1], "f1"));
    assert_true(dfl__eqz(platform.features[2], "f10"));
    assert_true(dfl__eqz(platform.features[9999], "f9999"));
    dfl__buf_free(&text);
    dfl__arena_free(&arena);
}

typedef struct {
    int countdown;
    int failed;
} failing;

static void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    failing *f = ctx;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    if (f->countdown-- == 0) {
        f->failed = 1;
        return NULL;
    }
    return realloc(ptr, new_size);
}

static void test_out_of_memory(void **state) {
    (void)state;
    dfl__buf text;
    dfl__buf_init(&text, NULL, 0);
    dfl__buf_addz(&text, "linux(1.0");
    for (uint32_t i = 0; i < 400; i++)
        dfl__buf_fmt(&text, "+feature-number-%u", i);
    dfl__buf_addz(&text, ")/arm64/v8");
    int k = 0;
    for (int failed = 1; failed; k++) {
        failing f = {k, 0};
        dfl_alloc alloc = {failing_resize, &f};
        dfl__platform platform = {.feature_count = 42};
        dfl__arena arena;
        dfl__arena_init(&arena, &alloc);
        dfl__platform_error error =
            dfl__platform_parse(dfl__buf_str(&text), &host, &arena, &platform);
        assert_int_equal(error, f.failed ? DFL__PLATFORM_NOMEM : DFL__PLATFORM_OK);
        assert_int_equal(platform.feature_count, f.failed ? 42 : 400);
        dfl__arena_free(&arena);
        failed = f.failed;
    }
    assert_true(k > 2);
    dfl__buf_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_platforms),
        cmocka_unit_test(test_platforms_refused),
        cmocka_unit_test(test_many_features),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
