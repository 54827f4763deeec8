/* test_limits.c -- every limit of a parse at one less, at it, and at one more.
 * Relies on cmocka and describe.h.
 * Never needs much memory: a limit is lowered where its default is large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "describe.h"
#include "diag/codes.h"

/* Parse what `source` holds, and forget it. */
static dfl_doc *parse_with(dfl__buf *source, const dfl_limits *limits) {
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *doc = NULL;
    options.limits = limits;
    assert_int_equal(source->failed, DFL_OK);
    assert_int_equal(dfl_parse(dfl__buf_str(source).ptr, source->len, &options, &doc), DFL_OK);
    assert_true(dfl__tree_check(doc));
    dfl__buf_free(source);
    return doc;
}

static void repeat(dfl__buf *out, const char *text, uint32_t times) {
    while (times-- > 0)
        dfl__buf_addz(out, text);
}

/* Diagnostics of `code` in a document, which is released. */
static size_t reports(dfl_doc *doc, uint32_t code) {
    size_t count, found = 0;
    const dfl_diag_rec *diags = dfl_doc_diags(doc, &count);
    for (size_t i = 0; i < count; i++)
        found += diags[i].code == code;
    dfl_doc_unref(doc);
    return found;
}

static void source_bytes(void **state) {
    (void)state;
    dfl_limits limits = DFL_LIMITS_INIT;
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *doc = NULL;
    options.limits = &limits;
    limits.max_source_bytes = 7;
    for (size_t len = 6; len <= 7; len++) {
        assert_int_equal(dfl_parse("FROM a\nx", len, &options, &doc), DFL_OK);
        dfl_doc_unref(doc);
    }
    doc = NULL;
    assert_int_equal(dfl_parse("FROM a\nx", 8, &options, &doc), DFL_E_LIMIT);
    limits.max_source_bytes = UINT32_MAX; /* the hard limit is judged before a byte is read */
    assert_int_equal(dfl_parse("x", ((size_t)1 << 30) + 1, &options, &doc), DFL_E_LIMIT);
    assert_null(doc);
}

static void default_source_bytes(void **state) {
    (void)state;
    const size_t most = (size_t)4 << 20;
    char *source = malloc(most + 1);
    assert_non_null(source);
    memset(source, '\n', most + 1);
    for (size_t len = most - 1; len <= most; len++)
        dfl_doc_unref(parse_bytes(source, len));
    dfl_doc *doc = NULL;
    assert_int_equal(dfl_parse(source, most + 1, NULL, &doc), DFL_E_LIMIT);
    assert_null(doc);
    free(source);
}

static void kept_diagnostics(void **state) {
    (void)state;
    static const uint32_t given[] = {0, 1, 5};
    for (size_t i = 0; i < COUNT(given); i++) {
        uint32_t most = given[i] != 0 ? given[i] : 1000;
        for (uint32_t n = most - 1; n <= most + 1; n++) {
            dfl_limits limits = DFL_LIMITS_INIT;
            limits.max_diags = given[i];
            dfl__buf source;
            dfl__buf_init(&source, NULL, 0);
            dfl__buf_addz(&source, "FROM a\n");
            repeat(&source, "NOPE\n", n);
            dfl_doc *doc = parse_with(&source, &limits);
            assert_int_equal(dfl_doc_diag_count(doc), n < most ? n : most);
            assert_int_equal(dfl_doc_error_count(doc), n);
            dfl_doc_unref(doc);
        }
    }
}

static void heredocs_of_an_instruction(void **state) {
    (void)state;
    static const uint32_t given[] = {0, 1, 3};
    for (size_t i = 0; i < COUNT(given); i++) {
        uint32_t most = given[i] != 0 ? given[i] : 1000;
        for (uint32_t n = most - 1; n <= most + 1; n++) {
            dfl_limits limits = DFL_LIMITS_INIT;
            limits.max_heredocs = given[i];
            dfl__buf source;
            dfl__buf_init(&source, NULL, 0);
            dfl__buf_addz(&source, "FROM a\nRUN");
            repeat(&source, " <<E", n);
            dfl__buf_addc(&source, '\n');
            repeat(&source, "E\n", most);
            dfl_doc *doc = parse_with(&source, &limits);
            assert_int_equal(reports(doc, DFL_D_HEREDOC_LIMIT), n > most);
        }
    }
}

static void triggers_in_triggers(void **state) {
    (void)state;
    static const uint32_t given[] = {0, 2, 5, 1000};
    for (size_t i = 0; i < COUNT(given); i++) {
        uint32_t most = given[i] == 0 || given[i] > 64 ? 64 : given[i];
        for (uint32_t n = most - 1; n <= most + 1; n++) {
            dfl_limits limits = DFL_LIMITS_INIT;
            limits.max_depth = given[i];
            dfl__buf source;
            dfl__buf_init(&source, NULL, 0);
            dfl__buf_addz(&source, "FROM a\n");
            repeat(&source, "ONBUILD ", n - 1);
            dfl__buf_addz(&source, "ENV A=b c=d\n");
            dfl_doc *doc = parse_with(&source, &limits);
            assert_int_equal(reports(doc, DFL_D_DEPTH_LIMIT), n > most);
        }
    }
}

/* Substitutions count where heredocs are looked for. */
static void nested_substitutions(void **state) {
    (void)state;
    static const uint32_t given[] = {0, 1, 5, 1000};
    for (size_t i = 0; i < COUNT(given); i++) {
        uint32_t most = given[i] != 0 ? given[i] : 64;
        for (uint32_t n = most - 1; n <= most + 1; n++) {
            dfl_limits limits = DFL_LIMITS_INIT;
            limits.max_depth = given[i];
            dfl__buf source;
            dfl__buf_init(&source, NULL, 0);
            dfl__buf_addz(&source, "FROM a\nRUN ");
            repeat(&source, "${A:-", n);
            repeat(&source, "}", n);
            dfl__buf_addz(&source, " <<E\nE\n");
            dfl_doc *doc = parse_with(&source, &limits);
            assert_int_equal(reports(doc, DFL_D_DEPTH_LIMIT), n > most);
        }
    }
}

/* What a line is told of that starts as `start` and ends as `end`, `length` bytes in all. */
static size_t too_long(const char *start, uint32_t length, const char *end) {
    dfl__buf source;
    dfl__buf_init(&source, NULL, 0);
    dfl__buf_addz(&source, "FROM a\n");
    dfl__buf_addz(&source, start);
    repeat(&source, "x", length - (uint32_t)(strlen(start) + strlen(end)));
    dfl__buf_addz(&source, end);
    return reports(parse_with(&source, NULL), DFL_D_LINE_TOO_LONG);
}

static void bytes_of_a_line(void **state) {
    (void)state;
    static const char *const starts[] = {"RUN ", "# ", "RUN a \\\nb ", "RUN <<E\n", "RUN a \\\n# "};
    for (size_t i = 0; i < COUNT(starts); i++) {
        const char *lf = strchr(starts[i], '\n');
        uint32_t before = lf != NULL ? (uint32_t)(lf - starts[i]) + 1 : 0;
        for (uint32_t n = 65535; n <= 65537; n++) {
            assert_int_equal(too_long(starts[i], before + n, "\n"), n > 65536);
            assert_int_equal(too_long(starts[i], before + n, "\r\n"), n > 65536);
            assert_int_equal(too_long(starts[i], before + n - 1, ""), n - 1 > 65535);
        }
    }
}

/* Logical lines and values have no limit of their own. */
static void long_logical_lines(void **state) {
    (void)state;
    dfl__buf source;
    dfl__buf_init(&source, NULL, 0);
    dfl__buf_addz(&source, "FROM a\nENV A=\\\n");
    repeat(&source, "0123456789abcdef\\\n", 20000);
    dfl_doc *doc = parse_with(&source, NULL);
    assert_int_equal(dfl_doc_diag_count(doc), 0);
    dfl_node env = dfl_node_next(dfl_node_first(dfl_doc_root(doc)));
    dfl_node pair = dfl_node_child(env, DFL_NODE_PAIR);
    assert_int_equal(dfl_node_value(dfl_node_child(pair, DFL_NODE_VALUE)).len, 320000);
    dfl_doc_unref(doc);
}

static void limits_are_resolved(void **state) {
    (void)state;
    dfl_limits given = DFL_LIMITS_INIT, out;
    given.max_stages = 7;
    assert_int_equal(dfl__limits_of(&given, &out), DFL_OK);
    assert_int_equal(out.max_stages, 7);
    assert_int_equal(out.max_depth, 64);
    assert_int_equal(out.max_source_bytes, 4u << 20);
    assert_int_equal(out.max_expand_bytes, 1u << 20);
    assert_int_equal(out.max_model_bytes, 16u << 20);
    given.max_source_bytes = UINT32_MAX;
    assert_int_equal(dfl__limits_of(&given, &out), DFL_OK);
    assert_int_equal(out.max_source_bytes, 1u << 30);
    given.size = 0;
    assert_int_equal(dfl__limits_of(&given, &out), DFL_E_ABI);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_bytes),         cmocka_unit_test(default_source_bytes),
        cmocka_unit_test(kept_diagnostics),     cmocka_unit_test(heredocs_of_an_instruction),
        cmocka_unit_test(triggers_in_triggers), cmocka_unit_test(nested_substitutions),
        cmocka_unit_test(bytes_of_a_line),      cmocka_unit_test(long_logical_lines),
        cmocka_unit_test(limits_are_resolved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
