/* test_pattern.c -- replacing what a wildcard matches.
 * Relies on cmocka.
 * Never goes through a word: test_word.c does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/pattern.h"

static void check(const char *pattern, const char *subject, const char *replacement, int all,
                  const char *want) {
    dfl__pattern p;
    dfl__buf out;
    dfl__pattern_init(&p, NULL);
    dfl__buf_init(&out, NULL, 0);
    assert_int_equal(dfl__pattern_compile(&p, dfl__str(pattern), 0), DFL_OK);
    dfl__buf_addz(&out, ">");
    dfl__pattern_replace(&p, dfl__str(subject), dfl__str(replacement), all, &out);
    dfl_str got = dfl__sub(dfl__buf_str(&out), 1, out.len);
    if (!dfl__eqz(got, want))
        fail_msg("%s in %s by %s: %.*s", pattern, subject, replacement, (int)got.len, got.ptr);
    dfl__buf_free(&out);
    dfl__pattern_free(&p);
}

static void matches_are_replaced(void **state) {
    (void)state;
    check("b", "abcb", "x", 0, "axcb");
    check("b", "abcb", "x", 1, "axcx");
    check("b", "acd", "x", 1, "acd");
    check("?", "a\nb", "x", 1, "x\nx");
    check("a*", "ba ab\na", "x", 1, "bx\nx");
    check("", "ab", "x", 0, "xab");
    check("", "ab", "x", 1, "xaxbx");
    check("*", "ab\n", "x", 1, "x\nx");
    check("*", "", "x", 1, "x");
    check("", "\xC3\xA9", "x", 1, "x\xC3\xA9x");
    check("b", "abc", "", 1, "ac");
}

static void the_replacement_of_all_is_a_template(void **state) {
    (void)state;
    check("?", "ab", "$0.", 0, "$0.b");
    check("?", "ab", "$0.", 1, "a.b.");
    check("?", "ab", "<${0}>", 1, "<a><b>");
    check("?", "a", "$$0$", 1, "$0$");
    check("?", "a", "$1$name${x}|", 1, "|");
    check("?", "a", "$00$0_|$\xC3\xA9.", 1, "|.");
    check("?", "a", "${0${}$-", 1, "${0${}$-");
}

static void a_result_has_a_maximum(void **state) {
    (void)state;
    for (size_t max = 1; max < 12; max++) {
        dfl__pattern p;
        dfl__buf out;
        dfl__pattern_init(&p, NULL);
        dfl__buf_init(&out, NULL, max);
        assert_int_equal(dfl__pattern_compile(&p, DFL__LIT("?"), 0), DFL_OK);
        dfl__pattern_replace(&p, DFL__LIT("abc"), DFL__LIT("$0$0$0"), 1, &out);
        assert_int_equal(out.failed, max < 9 ? DFL_E_LIMIT : DFL_OK);
        assert_true(out.len <= max);
        dfl__buf_free(&out);
        dfl__pattern_free(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_are_replaced),
        cmocka_unit_test(the_replacement_of_all_is_a_template),
        cmocka_unit_test(a_result_has_a_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
