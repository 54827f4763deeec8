/* test_explain.c -- the codes of all layers as one list.
 * Relies on cmocka.
 * Never holds what a code means: that is the tables'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "diag/codes.h"
#include "dockerfile/explain.h"
#include "lint/lint.h"
#include "rewrite/codes.h"

static void every_code_is_explained(void **state) {
    dfl_code_info info = {.size = sizeof info}, again = {.size = sizeof again};
    size_t i = 0;
    uint32_t kinds = 0;
    (void)state;
    for (; dfl_code_at(i, &info) == DFL_OK; i++) {
        assert_true(info.meaning[0] != '\0' && info.remedy[0] != '\0');
        assert_int_equal(dfl_code_explain(dfl__str(info.name), &again), DFL_OK);
        assert_ptr_equal(again.name, info.name); /* so no two are called the same */
        assert_int_equal(again.kinds, info.kinds);
        kinds |= info.kinds;
    }
    assert_int_equal(kinds,
                     DFL_CODE_DIAGNOSTIC | DFL_CODE_CHECK | DFL_CODE_STEP | DFL_CODE_REFUSAL);
    assert_int_equal(dfl_code_at(i + 1, &info), DFL_E_ARG);
    assert_int_equal(dfl_code_at(SIZE_MAX, &info), DFL_E_ARG);
}

static void lists_are_whole(void **state) {
    dfl_code_info info = {.size = sizeof info};
    const dfl__code *code;
    const dfl__rewrite_code *rewrite;
    (void)state;
    for (size_t i = 0; (code = dfl__code_at(i)) != NULL; i++)
        assert_int_equal(dfl_code_explain(dfl__str(code->name), &info), DFL_OK);
    for (size_t i = 0; i < DFL__RULE_END; i++) {
        assert_int_equal(dfl_code_explain(dfl__str(dfl__rules[i].name), &info), DFL_OK);
        assert_string_equal(info.url, dfl__rules[i].url);
    }
    for (size_t i = 0; (rewrite = dfl__rewrite_code_at(i)) != NULL; i++) {
        assert_int_equal(dfl_code_explain(dfl__str(rewrite->name), &info), DFL_OK);
        assert_int_equal(dfl__rewrite_code_is(rewrite->name, rewrite->kinds), 1);
    }
    assert_int_equal(dfl__rewrite_code_is("cache.mount", DFL__CODE_REFUSAL), 0);
    assert_int_equal(dfl__rewrite_code_is("runtime.libc", DFL__CODE_STEP), 0);
    assert_int_equal(dfl__rewrite_code_is("no.code", ~0u), 0);
}

static void bad_calls(void **state) {
    dfl_code_info info = {.size = sizeof info - 1, .name = "kept"};
    (void)state;
    assert_int_equal(dfl_code_at(0, NULL), DFL_E_ARG);
    assert_int_equal(dfl_code_explain(DFL__LIT("runtime.libc"), NULL), DFL_E_ARG);
    assert_int_equal(dfl_code_at(0, &info), DFL_E_ABI);
    assert_int_equal(dfl_code_explain(DFL__LIT("runtime.libc"), &info), DFL_E_ABI);
    info.size = sizeof info;
    assert_int_equal(dfl_code_explain(DFL__LIT("runtime.lib"), &info), DFL_E_ARG);
    assert_int_equal(dfl_code_explain(DFL__LIT(""), &info), DFL_E_ARG);
    assert_int_equal(dfl_code_explain((dfl_str){NULL, 1}, &info), DFL_E_ARG);
    assert_string_equal(info.name, "kept");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_is_explained),
        cmocka_unit_test(lists_are_whole),
        cmocka_unit_test(bad_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
