/* test_writer.c -- buffering, escaping and commas of the writer.
 * Relies on cmocka.
 * Never looks at what the printers make of it: each has its own test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "print/writer.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* A sink that remembers what it was given and may refuse from a call on. */
typedef struct {
    char bytes[8192];
    size_t len;
    unsigned calls;
    unsigned refuse_at; /* 0 = never */
} memory;

static int32_t remember(void *ctx, const char *ptr, size_t len) {
    memory *m = ctx;
    m->calls++;
    if (m->refuse_at != 0 && m->calls >= m->refuse_at) return 1;
    assert_true(len <= sizeof m->bytes - m->len);
    memcpy(m->bytes + m->len, ptr, len);
    m->len += len;
    return 0;
}

static dfl__out start(memory *m) {
    dfl__out out;
    dfl_sink sink = {remember, m};
    assert_int_equal(dfl__out_init(&out, &sink), DFL_OK);
    return out;
}

static void expect(const memory *m, const char *want, size_t len) {
    assert_int_equal(m->len, len);
    assert_memory_equal(m->bytes, want, len);
}

static void needs_a_sink(void **state) {
    (void)state;
    dfl__out out;
    dfl_sink none = {NULL, NULL};
    assert_int_equal(dfl__out_init(&out, NULL), DFL_E_ARG);
    assert_int_equal(dfl__out_init(&out, &none), DFL_E_ARG);
}

static void keeps_every_byte_in_order(void **state) {
    (void)state;
    static char big[1500];
    memory m = {0};
    dfl__out out = start(&m);
    memset(big, 'x', sizeof big);
    char want[4096];
    size_t len = 0;
    for (size_t size = 1; size <= 600;
         size += 199) { /* below, at and above what the buffer holds */
        dfl_str s = {big, size};
        dfl__out_c(&out, '<');
        dfl__out_str(&out, s);
        want[len++] = '<';
        memcpy(want + len, big, size);
        len += size;
    }
    dfl__out_u(&out, 0);
    dfl__out_u(&out, UINT32_MAX);
    dfl__out_indent(&out, 3);
    memcpy(want + len, "04294967295   ", 14);
    assert_int_equal(dfl__out_done(&out), DFL_OK);
    expect(&m, want, len + 14);
}

static void stops_at_the_first_refusal(void **state) {
    (void)state;
    memory m = {.refuse_at = 2};
    dfl__out out = start(&m);
    for (int i = 0; i < 5000; i++)
        dfl__out_c(&out, 'y');
    assert_int_equal(dfl__out_done(&out), DFL_E_IO);
    assert_int_equal(m.calls, 2);
    memory whole = {.refuse_at = 1};
    out = start(&whole);
    dfl_str s = {m.bytes, sizeof m.bytes};
    dfl__out_str(&out, s);
    dfl__out_str(&out, s);
    assert_int_equal(dfl__out_done(&out), DFL_E_IO);
    assert_int_equal(whole.calls, 1);
}

static const struct {
    dfl_str in;
    const char *json, *quoted, *shown;
} escaped_texts[] = {
    {{"", 0}, "\"\"", "\"\"", ""},
    {{"plain", 5}, "\"plain\"", "\"plain\"", "plain"},
    {{"a\"b\\c", 5}, "\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\"", "a\"b\\c"},
    {{"\n\t\r\b\f", 5}, "\"\\n\\t\\r\\b\\f\"", "\"\\n\\t\\r\\b\\f\"", "\\x0a\\x09\\x0d\\x08\\x0c"},
    {{"a\0b", 3}, "\"a\\u0000b\"", "\"a\\x00b\"", "a\\x00b"},
    {{"\x1b[1m\x7f", 5}, "\"\\u001b[1m\\u007f\"", "\"\\x1b[1m\\x7f\"", "\\x1b[1m\\x7f"},
    {{"\xC3\xA9\xF0\x9F\x90\x8B", 6},
     "\"\xC3\xA9\xF0\x9F\x90\x8B\"",
     "\"\xC3\xA9\xF0\x9F\x90\x8B\"",
     "\xC3\xA9\xF0\x9F\x90\x8B"},
    {{"\xFF\xC3", 2}, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"", "\"\\xff\\xc3\"", "\\xff\\xc3"},
    {{"\xEF\xBF\xBD", 3}, "\"\xEF\xBF\xBD\"", "\"\xEF\xBF\xBD\"", "\xEF\xBF\xBD"},
    {{"\xED\xA0\x80", 3},
     "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"",
     "\"\\xed\\xa0\\x80\"",
     "\\xed\\xa0\\x80"},
    {{"\xC2\x9B\xC2\xA0", 4},
     "\"\\u009b\xC2\xA0\"",
     "\"\\xc2\\x9b\xC2\xA0\"",
     "\\xc2\\x9b\xC2\xA0"},
};

static void escapes(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(escaped_texts); i++) {
        memory m = {0};
        dfl__out out = start(&m);
        dfl__js_str(&out, escaped_texts[i].in);
        dfl__out_c(&out, '|');
        dfl__out_quoted(&out, escaped_texts[i].in);
        dfl__out_c(&out, '|');
        dfl__out_shown(&out, escaped_texts[i].in);
        assert_int_equal(dfl__out_done(&out), DFL_OK);
        char want[256] = "";
        strcat(strcat(strcat(strcat(strcat(want, escaped_texts[i].json), "|"),
                             escaped_texts[i].quoted),
                      "|"),
               escaped_texts[i].shown);
        expect(&m, want, strlen(want));
    }
}

static void commas_where_they_are_due(void **state) {
    (void)state;
    memory m = {0};
    dfl__out out = start(&m);
    dfl_range range = {3, 9};
    dfl__js_open(&out, '{');
    dfl__js_key(&out, "empty");
    dfl__js_open(&out, '[');
    dfl__js_close(&out, ']');
    dfl__js_range(&out, "range", range);
    dfl__js_key(&out, "list");
    dfl__js_open(&out, '[');
    dfl__js_str(&out, DFL__LIT("["));
    dfl__js_str(&out, DFL__LIT(":"));
    dfl__js_uint(&out, 7);
    dfl__js_word(&out, "true");
    dfl__js_name(&out, DFL__LIT(""));
    dfl__js_name(&out, DFL__LIT("n"));
    dfl__js_open(&out, '{');
    dfl__js_close(&out, '}');
    dfl__js_str_open(&out);
    dfl__js_str_part(&out, DFL__LIT("a{"));
    dfl__js_str_part(&out, DFL__LIT("b"));
    dfl__js_str_close(&out);
    dfl__js_close(&out, ']');
    dfl__js_close(&out, '}');
    assert_int_equal(dfl__out_done(&out), DFL_OK);
    const char want[] = "{\"empty\":[],\"range\":{\"start\":3,\"end\":9},"
                        "\"list\":[\"[\",\":\",7,true,null,\"n\",{},\"a{b\"]}";
    expect(&m, want, sizeof want - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_a_sink),
        cmocka_unit_test(keeps_every_byte_in_order),
        cmocka_unit_test(stops_at_the_first_refusal),
        cmocka_unit_test(escapes),
        cmocka_unit_test(commas_where_they_are_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
