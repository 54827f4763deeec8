/* test_config.c -- what the printers of configurations and variables refuse, and how they stop.
 * Relies on cmocka. What they print is in tests/spec/config.dft and variables.dft.
 * Never repeats those cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "print/print_support.h"

typedef dfl_status printer(const dfl_model *model, uint32_t stage, const dfl_sink *sink);
static printer *const printers[] = {dfl_print_config_text, dfl_print_config_json,
                                    dfl_print_args_text, dfl_print_args_json};

static void bad_calls_are_refused(void **state) {
    static const char source[] = "FROM a\nENV A=1\n";
    dfl_doc *doc = doc_of(source, sizeof source - 1);
    dfl_model *model = model_of(doc);
    dfl_sink deaf = {refuse, NULL}, none = {NULL, NULL};
    (void)state;
    for (size_t i = 0; i < COUNT(printers); i++) {
        dfl__buf out;
        dfl_sink sink = capture_to(&out);
        assert_int_equal(printers[i](NULL, 0, &sink), DFL_E_ARG);
        assert_int_equal(printers[i](model, 1, &sink), DFL_E_ARG);
        assert_int_equal(printers[i](model, 0, NULL), DFL_E_ARG);
        assert_int_equal(printers[i](model, 0, &none), DFL_E_ARG);
        assert_int_equal(printers[i](model, 0, &deaf), DFL_E_IO);
        assert_int_equal(out.len, 0);
        assert_int_equal(printers[i](model, 0, &sink), DFL_OK);
        assert_true(out.len > 0);
        dfl__buf_free(&out);
    }
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

/* Each stage shows what the first one sets: that must end somewhere. */
static void inherited_values_are_limited(void **state) {
    enum { STAGES = 2000, VALUE = 40000 };
    dfl__buf source;
    (void)state;
    dfl__buf_init(&source, NULL, 0);
    dfl__buf_addz(&source, "FROM scratch AS a\nENV A=");
    for (int i = 0; i < VALUE; i++)
        dfl__buf_addc(&source, 'x');
    dfl__buf_addc(&source, '\n');
    for (int i = 0; i < STAGES; i++)
        dfl__buf_addz(&source, "FROM a\n");
    dfl_doc *doc = doc_of(source.ptr, source.len);
    dfl_model *model = model_of(doc);
    dfl__buf out;
    dfl_sink sink = capture_to(&out);
    assert_int_equal(dfl_print_args_text(model, DFL_NO_STAGE, &sink), DFL_E_LIMIT);
    out.len = 0;
    assert_int_equal(dfl_print_args_text(model, STAGES, &sink), DFL_OK);
    dfl__buf_free(&out);
    dfl__buf_free(&source);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

/* A name cannot end a JSON string or drive a terminal. */
static void names_are_quoted(void **state) {
    static const char source[] = "FROM scratch\nLABEL \"a\\\"b\x1b\"=\"\x07\"\n";
    dfl_doc *doc = doc_of(source, sizeof source - 1);
    dfl_model *model = model_of(doc);
    dfl__buf out;
    dfl_sink sink = capture_to(&out);
    (void)state;
    assert_int_equal(dfl_print_config_json(model, 0, &sink), DFL_OK);
    dfl__buf_addc(&out, '\0');
    assert_non_null(strstr(out.ptr, "\"Labels\":{\"a\\\"b\\u001b\":\"\\u0007\"}"));
    assert_non_null(strstr(out.ptr, "\"Labels.a\\\"b\\u001b\":{"));
    out.len = 0;
    assert_int_equal(dfl_print_config_text(model, 0, &sink), DFL_OK);
    dfl__buf_addc(&out, '\0');
    assert_non_null(strstr(out.ptr, "Labels        a\"b\\x1b=\"\\x07\"  # line 2\n"));
    dfl__buf_free(&out);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_calls_are_refused),
        cmocka_unit_test(inherited_values_are_limited),
        cmocka_unit_test(names_are_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
