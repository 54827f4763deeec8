/* test_csv.c -- fields of --mount and --device.
 * Relies on cmocka.
 * Never gives a field a meaning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "syntax/csv.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Fields between bars; a `!` ends what is malformed. */
static const struct {
    const char *text, *want;
} records[] = {
    {"", "!"},
    {"a", "|a|"},
    {"a,b", "|a|b|"},
    {"a,,b", "|a||b|"},
    {"a,", "|a||"},
    {",", "|||"},
    {" a , b ", "| a | b |"},
    {"\"a\"", "|a|"},
    {"\"a,b\",c", "|a,b|c|"},
    {"\"a\"\"b\"", "|a\"b|"},
    {"\"\"", "||"},
    {"\"\"\"\"", "|\"|"},
    {"\"a\",", "|a||"},
    {"\"a", "!"},
    {"\"a\"b", "!"},
    {"\"a\" ,b", "!"},
    {"\"", "!"},
    {"a\"b", "!"},
    {"a\"", "!"},
    {"a,b\"", "|a!"},
    {"a,\"b", "|a!"},
    {" \"a\"", "!"},
};

static void fields(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(records); i++) {
        dfl__buf field, got, text;
        size_t at = 0;
        int more;
        dfl__buf_init(&field, NULL, 0);
        dfl__buf_init(&got, NULL, 0);
        dfl__buf_init(&text, NULL, 0);
        dfl__buf_addz(&text, records[i].text);
        dfl__buf_addc(&text, '"'); /* behind the record: would be seen if it were read */
        dfl_str record = dfl__sub(dfl__buf_str(&text), 0, text.len - 1);
        while ((more = dfl__csv_next(record, &at, &field)) > 0) {
            dfl__buf_addc(&got, '|');
            dfl__buf_add(&got, dfl__buf_str(&field));
        }
        dfl__buf_addc(&got, more < 0 ? '!' : '|');
        if (!dfl__eqz(dfl__buf_str(&got), records[i].want))
            fail_msg("%s: got %.*s", records[i].text, (int)got.len, got.ptr);
        dfl__buf_free(&field);
        dfl__buf_free(&got);
        dfl__buf_free(&text);
    }
}

static void pairs(void **state) {
    (void)state;
    static const struct {
        const char *field, *key, *value;
        int pair;
    } cases[] = {
        {"a=b", "a", "b", 1}, {"Ab=Cd", "ab", "Cd", 1}, {"a=", "a", "", 1},
        {"=b", "", "b", 1},   {"a=b=c", "a", "b=c", 1}, {"RO", "ro", "", 0},
        {"", "", "", 0},      {" A =", " a ", "", 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__buf field;
        dfl_str key, value;
        dfl__buf_init(&field, NULL, 0);
        dfl__buf_addz(&field, cases[i].field);
        assert_int_equal(dfl__csv_pair(&field, &key, &value), cases[i].pair);
        assert_true(dfl__eqz(key, cases[i].key));
        assert_true(dfl__eqz(value, cases[i].value));
        dfl__buf_free(&field);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields),
        cmocka_unit_test(pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
