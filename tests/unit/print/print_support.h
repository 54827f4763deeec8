/* print_support.h -- what the tests of the printers share: a document, its model, a captured
 * output. Relies on cmocka, which each test includes first. Never checks anything by itself but
 * that the input can be parsed. */
#ifndef DFL_TESTS_PRINT_SUPPORT_H
#define DFL_TESTS_PRINT_SUPPORT_H

#include <string.h>

#include "base/text.h"
#include "dockerfile/print.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static inline dfl_doc *doc_of(const char *source, size_t len) {
    dfl_doc *doc = NULL;
    assert_int_equal(dfl_parse(source, len, NULL, &doc), DFL_OK);
    return doc;
}

static inline dfl_model *model_of(const dfl_doc *doc) {
    dfl_model *model = NULL;
    assert_int_equal(dfl_model_new(doc, NULL, &model), DFL_OK);
    return model;
}

static inline int32_t capture(void *ctx, const char *ptr, size_t len) {
    dfl_str s = {ptr, len};
    dfl__buf_add(ctx, s);
    return 0;
}

static inline int32_t refuse(void *ctx, const char *ptr, size_t len) {
    (void)ctx;
    (void)ptr;
    (void)len;
    return 1;
}

static inline dfl_sink capture_to(dfl__buf *buf) {
    dfl_sink sink = {capture, buf};
    dfl__buf_init(buf, NULL, 0);
    return sink;
}

static inline void expect_text(const dfl__buf *buf, const char *want) {
    dfl_str got = dfl__buf_str(buf);
    if (!dfl__eqz(got, want)) print_message("got:\n%.*s\nwant:\n%s\n", (int)got.len, got.ptr, want);
    assert_true(dfl__eqz(got, want));
}

#endif
