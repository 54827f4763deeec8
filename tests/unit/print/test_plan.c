/* test_plan.c -- plans as JSON and as text.
 * Relies on cmocka and on plans made by hand.
 * Never runs a rewrite: what they find is not this test's matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "print/print_support.h"
#include "rewrite/rewrite.h"

#define SOURCE "FROM a\nRUN b\nRUN c\n"

typedef dfl_status printer(const dfl_plan *plan, const dfl_sink *sink);

static dfl_status print_text(const dfl_plan *plan, const dfl_sink *sink) {
    return dfl_print_plan_text(plan, DFL__LIT("dir/D\x1b"), sink);
}

static dfl_plan *plan_of(const char *source, dfl__rewrite_body *body) {
    dfl_plan *plan = NULL;
    dfl_doc *doc = doc_of(source, strlen(source));
    assert_int_equal(dfl__rewrite_run(doc, NULL, body, &plan), DFL_OK);
    dfl_doc_unref(doc);
    return plan;
}

static void expect_plan(dfl__rewrite_body *body, printer *print, const char *want) {
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf);
    dfl_plan *plan = plan_of(SOURCE, body);
    assert_int_equal(print(plan, &sink), DFL_OK);
    expect_text(&buf, want);
    dfl__buf_free(&buf);
    dfl_plan_free(plan);
}

static void change_two(dfl__rewrite *rw) {
    dfl_range word = {11, 12}, line = {13, 18};
    uint32_t step = dfl__plan_add_step(rw, "cache.mount", DFL_RISK_SAFE, word, "Say \"B\".");
    dfl__plan_replace(rw, step, word, DFL__LIT("B"));
    dfl__plan_insert(rw, step, 19, DFL__LIT("RUN d\n"));
    step = dfl__plan_add_step(rw, "cache.env", DFL_RISK_REVIEW, line, "Look\tat c.");
    dfl__plan_assume(rw, step, "c is one");
    dfl__plan_assume(rw, step, "c is two");
    dfl__plan_replace(rw, step, (dfl_range){17, 18}, DFL__LIT("C"));
    dfl__plan_refuse(rw, "split.service", (dfl_range){0, 6}, "Not this part.");
}

static void change_one(dfl__rewrite *rw) {
    dfl_range word = {11, 12};
    uint32_t step = dfl__plan_add_step(rw, "cache.flag", DFL_RISK_LIKELY, word, "One.");
    dfl__plan_replace(rw, step, word, DFL__LIT("B"));
}

/* Steps whose edits start at one offset, the later step's text first. */
static void change_one_place(dfl__rewrite *rw) {
    dfl_range word = {11, 12};
    uint32_t first = dfl__plan_add_step(rw, "cache.mount", DFL_RISK_SAFE, word, "First.");
    uint32_t second = dfl__plan_add_step(rw, "cache.env", DFL_RISK_SAFE, word, "Second.");
    dfl__plan_insert(rw, second, 11, DFL__LIT("--mount=type=ssh "));
    dfl__plan_insert(rw, first, 11, DFL__LIT("A=1 "));
    dfl__plan_replace(rw, first, word, DFL__LIT("B"));
}

static void change_nothing(dfl__rewrite *rw) {
    (void)rw;
}

static void refuse_it(dfl__rewrite *rw) {
    dfl__plan_refuse(rw, "split.supervisor", (dfl_range){7, 12}, "Not \x07 this.");
}

static void as_json(void **state) {
    (void)state;
    expect_plan(change_two, dfl_print_plan_json,
                "{\"schema_version\":1,\"outcome\":\"changed\",\"steps\":["
                "{\"code\":\"cache.mount\",\"message\":\"Say \\\"B\\\".\",\"risk\":\"safe\","
                "\"range\":{\"start\":11,\"end\":12},\"assumptions\":[],\"edits\":["
                "{\"start\":11,\"end\":12,\"text\":\"B\"},"
                "{\"start\":19,\"end\":19,\"text\":\"RUN d\\n\"}]},"
                "{\"code\":\"cache.env\",\"message\":\"Look\\tat c.\",\"risk\":\"review\","
                "\"range\":{\"start\":13,\"end\":18},"
                "\"assumptions\":[\"assumes that c is one\",\"assumes that c is two\"],"
                "\"edits\":[{\"start\":17,\"end\":18,\"text\":\"C\"}]}],"
                "\"refusals\":[{\"code\":\"split.service\",\"message\":\"Not this part.\","
                "\"range\":{\"start\":0,\"end\":6}}]}\n");
    expect_plan(change_one_place, dfl_print_plan_json,
                "{\"schema_version\":1,\"outcome\":\"changed\",\"steps\":["
                "{\"code\":\"cache.mount\",\"message\":\"First.\",\"risk\":\"safe\","
                "\"range\":{\"start\":11,\"end\":12},\"assumptions\":[],\"edits\":[]},"
                "{\"code\":\"cache.env\",\"message\":\"Second.\",\"risk\":\"safe\","
                "\"range\":{\"start\":11,\"end\":12},\"assumptions\":[],\"edits\":["
                "{\"start\":11,\"end\":12,\"text\":\"--mount=type=ssh A=1 B\"}]}],"
                "\"refusals\":[]}\n");
    expect_plan(change_nothing, dfl_print_plan_json,
                "{\"schema_version\":1,\"outcome\":\"unchanged\",\"steps\":[],\"refusals\":[]}\n");
    expect_plan(refuse_it, dfl_print_plan_json,
                "{\"schema_version\":1,\"outcome\":\"refused\",\"steps\":[],\"refusals\":["
                "{\"code\":\"split.supervisor\",\"message\":\"Not \\u0007 this.\","
                "\"range\":{\"start\":7,\"end\":12}}]}\n");
}

static void as_text(void **state) {
    (void)state;
    expect_plan(change_two, print_text,
                "dir/D\\x1b: changed, 2 steps\n"
                "  line 2: Say \"B\". [safe]\n"
                "  line 3: Look\\x09at c. [review]\n"
                "      assumes that c is one\n"
                "      assumes that c is two\n"
                "  line 1: refused: split.service: Not this part.\n");
    expect_plan(change_one, print_text,
                "dir/D\\x1b: changed, 1 step\n"
                "  line 2: One. [likely]\n");
    expect_plan(change_nothing, print_text, "dir/D\\x1b: unchanged, nothing is left to do\n");
    expect_plan(refuse_it, print_text,
                "dir/D\\x1b: refused\n"
                "  line 2: refused: split.supervisor: Not \\x07 this.\n");
}

static void bad_arguments(void **state) {
    (void)state;
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf), broken = {refuse, NULL};
    printer *const printers[] = {dfl_print_plan_json, print_text};
    dfl_plan *plan = plan_of(SOURCE, change_two);
    for (size_t i = 0; i < COUNT(printers); i++) {
        assert_int_equal(printers[i](NULL, &sink), DFL_E_ARG);
        assert_int_equal(printers[i](plan, NULL), DFL_E_ARG);
        assert_int_equal(printers[i](plan, &broken), DFL_E_IO);
    }
    assert_int_equal(buf.len, 0);
    dfl_plan_free(plan);
}

#define NODE "FROM node:22\nCOPY . .\nCMD [\"node\", \"a.js\"]\n"

static dfl_status report_json(const dfl_doc *doc, const dfl_sink *sink) {
    return dfl_print_base_report_json(doc, NULL, sink);
}

static dfl_status report_text(const dfl_doc *doc, const dfl_sink *sink) {
    return dfl_print_base_report_text(doc, NULL, DFL__LIT("D\x1b"), sink);
}

static int holds(const dfl__buf *buf, const char *text) {
    dfl_str s = dfl__buf_str(buf);
    return dfl__find_str(s, text) < s.len;
}

static void base_reports(void **state) {
    (void)state;
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf);
    dfl_doc *doc = doc_of(NODE, strlen(NODE));
    assert_int_equal(report_json(doc, &sink), DFL_OK);
    assert_true(dfl__starts(dfl__buf_str(&buf), "{\"schema_version\":1,\"targets\":[{\"to\":"
                                                "\"distroless\",\"image\":\"gcr.io/distroless/"
                                                "nodejs22-debian13\",\"outcome\":\"changed\""));
    assert_true(holds(&buf, "{\"to\":\"scratch\",\"image\":null,\"outcome\":\"refused\""));
    buf.len = 0;
    assert_int_equal(report_text(doc, &sink), DFL_OK);
    assert_true(dfl__starts(dfl__buf_str(&buf), "D\\x1b:\n  distroless  changed: gcr.io/"));
    assert_true(holds(&buf, "\n  slim        changed: node:22-slim, 2 steps [likely]\n"));
    assert_true(holds(&buf, "\n  scratch     refused\n      line 1: refused: runtime.none: "));
    for (size_t i = 0; dfl_base_target(i) != NULL; i++)
        assert_true(holds(&buf, dfl_base_target(i)));
    assert_null(dfl_base_target(SIZE_MAX));
    dfl__buf_free(&buf);
    dfl_doc_unref(doc);
}

static void base_reports_of_nothing(void **state) {
    (void)state;
    dfl_rewrite_options options = DFL_REWRITE_OPTIONS_INIT;
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf), broken = {refuse, NULL};
    dfl_doc *doc = doc_of(NODE, strlen(NODE));
    assert_int_equal(report_json(NULL, &sink), DFL_E_ARG);
    assert_int_equal(report_text(NULL, &sink), DFL_E_ARG);
    assert_int_equal(report_json(doc, NULL), DFL_E_ARG);
    assert_int_equal(report_text(doc, &broken), DFL_E_IO);
    options.size--;
    assert_int_equal(dfl_print_base_report_json(doc, &options, &sink), DFL_E_ABI);
    assert_int_equal(dfl_print_base_report_text(doc, &options, DFL__LIT("D"), &sink), DFL_E_ABI);
    assert_int_equal(buf.len, 0);
    dfl_doc_unref(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_reports),  cmocka_unit_test(base_reports_of_nothing),
        cmocka_unit_test(as_json),       cmocka_unit_test(as_text),
        cmocka_unit_test(bad_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
