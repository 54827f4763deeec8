/* test_limits.c -- depth, size, allocation failures, growth: where a scan ends instead of breaking.
 * Relies on cmocka.
 * Never measures time: growth is counted in allocated bytes and commands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/shell.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Text that nests: `open` n times, `middle`, `close` n times. */
static const struct {
    const char *open, *middle, *close;
} nests[] = {
    {"( ", "a", " )"},
    {"{ ", "a;", " }"},
    {"if ", "a;", " then b; fi;"},
    {"if a; then ", "a;", " fi;"},
    {"while ", "a;", " do b; done;"},
    {"for x in y; do ", "a;", " done;"},
    {"case x in y) ", "a", " ;; esac"},
    {"x $(", "a", ")"},
    {"x \"$(", "a", ")\""},
    {"x <(", "a", ")"},
    {"${x:-", "a", "}"},
    {"\"${x:-", "a", "}\""},
    {"$(( ", "1", " ))"},
};

static void repeat(dfl__buf *out, const char *text, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        dfl__buf_addz(out, text);
}

static dfl_status scan_nest(size_t index, uint32_t n, uint32_t max_depth, int *opaque) {
    dfl__buf text;
    dfl__shell shell;
    dfl__buf_init(&text, NULL, 0);
    repeat(&text, nests[index].open, n);
    dfl__buf_addz(&text, nests[index].middle);
    repeat(&text, nests[index].close, n);
    dfl_status status = dfl__shell_scan(dfl__buf_str(&text), max_depth, NULL, &shell);
    if (status == DFL_OK) {
        *opaque = shell.opaque;
        dfl__shell_free(&shell);
    }
    dfl__buf_free(&text);
    return status;
}

static void limits_depth(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(nests); i++) {
        for (uint32_t limit = 1; limit < 10; limit += 4) {
            int opaque = 0;
            if (scan_nest(i, limit - 1, limit, &opaque) != DFL_OK || opaque)
                fail_msg("%s below the limit of %u", nests[i].open, limit);
            if (scan_nest(i, limit, limit, &opaque) != DFL_OK || opaque)
                fail_msg("%s at the limit of %u", nests[i].open, limit);
            if (scan_nest(i, limit + 1, limit, &opaque) != DFL_E_LIMIT)
                fail_msg("%s beyond the limit of %u", nests[i].open, limit);
        }
    }
}

static void limits_depth_by_default(void **state) {
    (void)state;
    int opaque = 0;
    assert_int_equal(scan_nest(0, 64, 0, &opaque), DFL_OK);
    assert_int_equal(scan_nest(0, 65, 0, &opaque), DFL_E_LIMIT);
    assert_int_equal(scan_nest(0, 2000, UINT32_MAX, &opaque), DFL_OK);
    assert_int_equal(opaque, 0);
}

/* Functions are two levels; back quotes inside back quotes and bodies of here-documents count. */
static void limits_other_depths(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t depth;
    } cases[] = {
        {"f() { a; }", 2},
        {"f() (g() { a; })", 4},
        {"x `a`", 1},
        {"x `a \\`b\\``", 2},
        {"x `a \\`b \\\\\\`c\\\\\\`\\``", 3},
        {"a <<E\n$(b)\nE\n", 1},
        {"a <<E\n${x:-$(b)}\nE\n", 2},
        {"(a <<E\n$(b)\nE\n)", 2},
        {"a=(1 $(b))", 2},
        {"[[ $(a) ]]", 2},
        {"((a))", 2},
        {"case x in y) a;; esac", 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__shell shell;
        dfl_str text = dfl__str(cases[i].text);
        if (dfl__shell_scan(text, cases[i].depth, NULL, &shell) != DFL_OK)
            fail_msg("%s at %u", cases[i].text, cases[i].depth);
        assert_int_equal(shell.opaque, 0);
        dfl__shell_free(&shell);
        if (cases[i].depth < 2) continue;
        assert_int_equal(dfl__shell_scan(text, cases[i].depth - 1, NULL, &shell), DFL_E_LIMIT);
    }
}

static void limits_size(void **state) {
    (void)state;
    dfl__shell shell;
    dfl_str text = {"a", (size_t)UINT32_MAX};
    assert_int_equal(dfl__shell_scan(text, 0, NULL, &shell), DFL_E_LIMIT);
}

/* An allocator that counts, and fails at the n-th call, or from it on. */
typedef struct {
    size_t live, calls, bytes;
    size_t fail_at;
    int for_ever;
} counter;

static void *counted(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    counter *c = ctx;
    if (new_size == 0) {
        c->live -= old_size;
        free(ptr);
        return NULL;
    }
    c->calls++;
    if (c->fail_at != 0 && (c->calls == c->fail_at || (c->for_ever && c->calls > c->fail_at)))
        return NULL;
    void *grown = realloc(ptr, new_size);
    c->live += new_size - old_size;
    c->bytes += new_size;
    return grown;
}

static const char *const everything = "a \"b\\$c\" 'd e' && f() { g $(h `i \\`j\\``) >k 2>&1; } || "
                                      "case $x in y|z) [ -f \"${v:-$(w)}\" ];; esac\n"
                                      "cat <<E <<'F' | (n; { o; }) &\n$(p) ${q}\nE\nF\nfor r in s; "
                                      "do t=(u $((1 + 2))) v <(w); done; (";

static void survives_failures(void **state) {
    (void)state;
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        size_t failed = 0;
        for (size_t n = 1;; n++) {
            counter c = {.fail_at = n, .for_ever = for_ever};
            dfl_alloc alloc = {counted, &c};
            dfl__shell shell, before;
            memset(&before, 0x5a, sizeof before);
            shell = before;
            dfl_status status = dfl__shell_scan(dfl__str(everything), 0, &alloc, &shell);
            if (status == DFL_OK) {
                assert_true(c.calls < n);
                dfl__shell_free(&shell);
                assert_int_equal(c.live, 0);
                break;
            }
            failed++;
            assert_int_equal(status, DFL_E_NOMEM);
            assert_memory_equal(&shell, &before, sizeof shell);
            assert_int_equal(c.live, 0);
        }
        assert_true(failed > 15);
    }
}

static void argv_survives_failure(void **state) {
    (void)state;
    counter c = {.fail_at = 0};
    dfl_alloc alloc = {counted, &c};
    dfl__shell shell;
    dfl_str *argv = NULL;
    uint32_t argc = 0;
    dfl__buf text;
    dfl__buf_init(&text, NULL, 0);
    repeat(&text, "a ", 600);
    assert_int_equal(dfl__shell_scan(dfl__buf_str(&text), 0, &alloc, &shell), DFL_OK);
    c.fail_at = c.calls + 1;
    int calls = 0;
    while (dfl__shell_argv(&shell, &argv, &argc)) {
        assert_true(calls++ < 100);
        argv = NULL;
        argc = 0;
    }
    assert_true(argv == NULL && argc == 0);
    assert_int_equal(dfl__shell_argv(&shell, &argv, &argc), 1);
    assert_int_equal(argc, 600);
    dfl__buf_free(&text);
    dfl__shell_free(&shell);
    assert_int_equal(c.live, 0);
}

/* Memory grows with the text, whatever it repeats. */
static void grows_with_the_text(void **state) {
    (void)state;
    static const char *const parts[] = {
        "a b c; ",   "a && ",       "\"x\\y\"",    "a <<E\n$(b)\nE\n", "$(a) ", "`a \\`b\\`` ",
        "((a); b) ", "if a; then ", "${x:-\"y\"}", "a=(b) ",           "\\\n",  "'",
        "(",         "a[",          "{a,",
    };
    for (size_t i = 0; i < COUNT(parts); i++) {
        size_t bytes[2];
        for (uint32_t k = 0; k < 2; k++) {
            counter c = {.fail_at = 0};
            dfl_alloc alloc = {counted, &c};
            dfl__shell shell;
            dfl__buf text;
            dfl__buf_init(&text, NULL, 0);
            repeat(&text, parts[i], 4000u << k);
            dfl_status status = dfl__shell_scan(dfl__buf_str(&text), 0, &alloc, &shell);
            if (status == DFL_OK) dfl__shell_free(&shell);
            bytes[k] = c.bytes;
            assert_int_equal(c.live, 0);
            dfl__buf_free(&text);
        }
        if (bytes[1] > 3 * bytes[0]) fail_msg("%s: %zu, %zu", parts[i], bytes[0], bytes[1]);
    }
}

/* Every prefix of the text, and the text without each of its bytes. */
static void survives_cuts(void **state) {
    (void)state;
    size_t len = strlen(everything);
    char *text = malloc(len + 1);
    assert_non_null(text);
    for (size_t i = 0; i <= len; i++) {
        dfl__shell shell;
        assert_int_equal(dfl__shell_scan((dfl_str){everything, i}, 0, NULL, &shell), DFL_OK);
        assert_true(shell.opaque || i < len);
        dfl__shell_free(&shell);
        if (i == len) break;
        memcpy(text, everything, i);
        memcpy(text + i, everything + i + 1, len - i - 1);
        assert_int_equal(dfl__shell_scan((dfl_str){text, len - 1}, 0, NULL, &shell), DFL_OK);
        assert_true(shell.cmd_count > 0);
        dfl__shell_free(&shell);
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_depth),        cmocka_unit_test(limits_depth_by_default),
        cmocka_unit_test(limits_other_depths), cmocka_unit_test(limits_size),
        cmocka_unit_test(survives_failures),   cmocka_unit_test(argv_survives_failure),
        cmocka_unit_test(grows_with_the_text), cmocka_unit_test(survives_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
