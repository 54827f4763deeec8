/* test_status.c -- names of status codes, version of the library.
 * Relies on cmocka.
 * Never leaves out a code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dockerfile/base.h"

#define NAMED(code)                                                                                \
    { code, #code }
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct {
    dfl_status status;
    const char *name;
} codes[] = {
    NAMED(DFL_OK),         NAMED(DFL_E_NOMEM), NAMED(DFL_E_ARG),     NAMED(DFL_E_LIMIT),
    NAMED(DFL_E_CONFLICT), NAMED(DFL_E_STALE), NAMED(DFL_E_REFUSED), NAMED(DFL_E_UNSUPPORTED),
    NAMED(DFL_E_ABI),      NAMED(DFL_E_IO),    NAMED(DFL_E_FORMAT),
};

static void names(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++) {
        assert_int_equal(codes[i].status, i); /* frozen numbers */
        assert_string_equal(dfl_status_name(codes[i].status), codes[i].name);
    }
}

static void unknown_codes(void **state) {
    static const dfl_status unknown[] = {-1, (dfl_status)COUNT(codes), INT32_MIN, INT32_MAX};
    (void)state;
    for (size_t i = 0; i < COUNT(unknown); i++)
        assert_string_equal(dfl_status_name(unknown[i]), "DFL_E_?");
}

static void version(void **state) {
    (void)state;
    assert_int_equal(dfl_version() >> 16, DFL_VERSION_MAJOR);
    assert_int_equal(dfl_version() >> 8 & 0xFF, DFL_VERSION_MINOR);
    assert_int_equal(dfl_version() & 0xFF, DFL_VERSION_PATCH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(unknown_codes),
        cmocka_unit_test(version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
