/* test_args.c -- which bytes of a flag its value is made of.
 * Relies on cmocka.
 * Never looks at nodes: test_parse.c and the spec cases do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "syntax/parser.h"

/* Each byte of the value, with the text that gives it where that is another one. */
static void bytes_of_a_flag_have_a_place(void **state) {
    static const struct {
        const char *text;
        unsigned char escape;
        const char *bytes;
        uint32_t end;
    } cases[] = {
        {"--a=b c", '\\', "--a=b", 5},
        {"--a='b c' d", '\\', "--a=b c", 9},
        {"--a='b\"'\"'c\"", '\\', "--a=b\"'c", 12},
        {"--a=\\ b\\\\ c", '\\', "--a=<\\ >b<\\\\>", 9},
        {"--a='\\''", '\\', "--a=<\\'>", 8},
        {"--a=`\\ b", '\\', "--a=`<\\ >b", 8},
        {"--a=\\`'b", '`', "--a=\\<`'>b", 8},
        {"--\\a\\=b", '\\', "--<\\a><\\=>b", 7},
        {"--a=b\\", '\\', "--a=b", 6},
        {"--a=\"b\xC2\xA0\x85 c", '\\', "--a=b\xC2\xA0\x85 c", 11},
        {"--a=b\x85 c", '\\', "--a=b", 5},
        {"", '\\', "", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dfl__flag_reader reader = {dfl__str(cases[i].text), 0, cases[i].escape, 0};
        uint32_t from;
        char byte;
        dfl__buf got;
        dfl__buf_init(&got, NULL, 0);
        while (dfl__flag_byte(&reader, &from, &byte)) {
            dfl_str gives = dfl__sub(reader.text, from, reader.at);
            assert_int_equal(gives.ptr[gives.len - 1], byte);
            dfl__buf_fmt(&got, gives.len == 1 ? "%S" : "<%S>", &gives);
        }
        if (!dfl__eqz(dfl__buf_str(&got), cases[i].bytes) || reader.at != cases[i].end)
            fail_msg("%s: %.*s up to %u", cases[i].text, (int)got.len, dfl__buf_str(&got).ptr,
                     reader.at);
        dfl__buf_free(&got);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_of_a_flag_have_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
