/* test_json.c -- a document as JSON.
 * Relies on cmocka and the model.
 * Never checks the wording of diagnostics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "print/print_support.h"

static void print_to(dfl__buf *buf, dfl_str source) {
    dfl_sink sink = capture_to(buf);
    dfl_doc *doc = doc_of(source.ptr, source.len);
    dfl_model *model = model_of(doc);
    assert_int_equal(dfl_print_json(model, &sink), DFL_OK);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

static void expect_json(dfl_str source, const char *want) {
    dfl__buf buf;
    print_to(&buf, source);
    expect_text(&buf, want);
    dfl__buf_free(&buf);
}

static void expect_part(dfl_str source, const char *part) {
    dfl__buf buf;
    print_to(&buf, source);
    dfl_str got = dfl__buf_str(&buf);
    if (dfl__find_str(got, part) == got.len)
        print_message("no %s in %.*s\n", part, (int)got.len, got.ptr);
    assert_true(dfl__find_str(got, part) < got.len);
    dfl__buf_free(&buf);
}

static void the_whole_form(void **state) {
    (void)state;
    expect_json(
        DFL__LIT("ARG V\nfrom --platform=x alpine As Fin\nRUN [\"a\", \"\\n\"]\n"),
        "{\"schema_version\":1,"
        "\"stages\":[{\"name\":\"fin\",\"index\":0,\"base\":\"alpine\","
        "\"range\":{\"start\":6,\"end\":53}}],"
        "\"instructions\":["
        "{\"name\":\"ARG\",\"range\":{\"start\":0,\"end\":5},\"lines\":{\"start\":1,\"end\":1},"
        "\"flags\":[],\"arguments\":[\"V\"],\"json\":false,\"heredocs\":[],\"stage\":null},"
        "{\"name\":\"FROM\",\"range\":{\"start\":6,\"end\":37},"
        "\"lines\":{\"start\":2,\"end\":2},"
        "\"flags\":[{\"name\":\"platform\",\"value\":\"x\"}],"
        "\"arguments\":[\"alpine\",\"As\",\"Fin\"],\"json\":false,\"heredocs\":[],\"stage\":0},"
        "{\"name\":\"RUN\",\"range\":{\"start\":38,\"end\":53},"
        "\"lines\":{\"start\":3,\"end\":3},"
        "\"flags\":[],\"arguments\":[\"a\",\"\\n\"],\"json\":true,\"heredocs\":[],\"stage\":0}],"
        "\"diagnostics\":[]}\n");
}

static void no_input_gives_no_lists(void **state) {
    (void)state;
    expect_part(DFL__LIT(""), "{\"schema_version\":1,\"stages\":[],\"instructions\":[],"
                              "\"diagnostics\":[{\"code\":\"");
}

static void arguments_of_each_kind(void **state) {
    (void)state;
    static const struct {
        dfl_str source;
        const char *part;
    } cases[] = {
        {{"ENV a=\"b c\" d=", 14}, "\"arguments\":[\"a=\\\"b c\\\"\",\"d=\"]"},
        {{"ENV a  b  c ", 12}, "\"arguments\":[\"a=b  c\"]"},
        {{"LABEL \"k y\"=v", 13}, "\"arguments\":[\"\\\"k y\\\"=v\"]"},
        {{"ARG a b=", 8}, "\"arguments\":[\"a\",\"b=\"]"},
        {{"RUN a \\\n# c\n\n b", 15}, "\"arguments\":[\"a  b\"]"},
        {{"RUN", 3}, "\"arguments\":[]"},
        {{"CMD []", 6}, "\"arguments\":[],\"json\":true"},
        {{"EXPOSE 80  81", 13}, "\"arguments\":[\"80\",\"81\"]"},
        {{"HEALTHCHECK NONE", 16}, "\"arguments\":[\"NONE\"]"},
        {{"HEALTHCHECK CMD a b", 19}, "\"arguments\":[\"CMD\",\"a b\"]"},
        {{"HEALTHCHECK CMD [\"a\"]", 21}, "\"arguments\":[\"CMD\",\"a\"],\"json\":true"},
        {{"ONBUILD RUN a \\\n b", 18}, "\"arguments\":[\"RUN a  b\"]"},
        {{"ONBUILD copy --from=x a b", 25}, "\"flags\":[],\"arguments\":[\"copy --from=x a b\"]"},
        {{"foo\xff\xC3\xA9 bar  z", 13}, "{\"name\":\"FOO\xEF\xBF\xBD\xC3\xA9\""},
        {{"foo bar  z", 10}, "\"arguments\":[\"bar  z\"]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_part(cases[i].source, cases[i].part);
}

static void flags_with_and_without_value(void **state) {
    (void)state;
    expect_part(DFL__LIT("COPY --link --chown= --from=a=b x y"),
                "\"flags\":[{\"name\":\"link\",\"value\":null},{\"name\":\"chown\",\"value\":\"\"},"
                "{\"name\":\"from\",\"value\":\"a=b\"}]");
}

static void heredocs_and_lines(void **state) {
    (void)state;
    expect_part(DFL__LIT("FROM a\r\nRUN <<A cat <<-'B'\r\nx\r\nA\r\n\ty\r\n\tB\r\n"),
                "\"lines\":{\"start\":2,\"end\":6}");
    expect_part(DFL__LIT("FROM a\r\nRUN <<A cat <<-'B'\r\nx\r\nA\r\n\ty\r\n\tB\r\n"),
                "\"heredocs\":[{\"name\":\"A\",\"content\":\"x\\r\\n\",\"expand\":true},"
                "{\"name\":\"B\",\"content\":\"\\ty\\r\\n\",\"expand\":false}]");
}

static void diagnostics(void **state) {
    (void)state;
    expect_part(DFL__LIT("FROM a\nNOPE\n"),
                "\"diagnostics\":[{\"code\":\"unknown-instruction\",\"severity\":\"error\",");
    expect_part(DFL__LIT("FROM a\nNOPE\n"), "\"range\":{\"start\":7,\"end\":11}}]}");
}

/* What is written is UTF-8 without control bytes, whatever is read. */
static void every_byte(void **state) {
    (void)state;
    char source[3 * 256 + 16] = "FROM a\nRUN ";
    size_t len = strlen(source);
    for (int c = 0; c < 256; c++) {
        if (c == '\n') continue;
        source[len++] = (char)c;
        source[len++] = 'x';
    }
    dfl__buf buf;
    dfl_str s = {source, len};
    print_to(&buf, s);
    dfl_str got = dfl__buf_str(&buf);
    unsigned width;
    for (size_t at = 0; at < got.len; at += width) {
        uint32_t rune = dfl__rune(got, at, &width);
        assert_false(rune == DFL__RUNE_ERROR && width == 1);
        assert_false(rune < 0x20 && rune != '\n');
    }
    assert_int_equal(got.ptr[got.len - 1], '\n');
    dfl__buf_free(&buf);
}

static void bad_arguments(void **state) {
    (void)state;
    dfl_sink broken = {refuse, NULL};
    dfl_doc *doc = doc_of("FROM a\n", 7);
    dfl_model *model = model_of(doc);
    assert_int_equal(dfl_print_json(NULL, &broken), DFL_E_ARG);
    assert_int_equal(dfl_print_json(model, NULL), DFL_E_ARG);
    assert_int_equal(dfl_print_json(model, &broken), DFL_E_IO);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_form),
        cmocka_unit_test(no_input_gives_no_lists),
        cmocka_unit_test(arguments_of_each_kind),
        cmocka_unit_test(flags_with_and_without_value),
        cmocka_unit_test(heredocs_and_lines),
        cmocka_unit_test(diagnostics),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(bad_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
