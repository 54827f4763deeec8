/* test_origin.c -- where the bytes of values stand in the source.
 * Relies on cmocka.
 * Never looks at values themselves: test_parse.c and the spec cases do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/origin.h"

/* What gives `text`, in the order of its bytes: the source of an exact run as it is, of another one
 * in braces with the bytes that it gives. */
static void describe(const dfl_doc *doc, const dfl__origins *origins, dfl_str text, dfl__buf *out) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < origins->items.count; i++) {
        const dfl__stretch *s = &origins->items.items[i];
        dfl_str from = dfl__sub(doc->source, s->start, s->end);
        dfl_str gives = dfl__sub(text, s->at, s->at + s->len);
        assert_int_equal(s->at, at); /* they tile it */
        at += s->len;
        if (s->exact && !dfl__eq(from, gives))
            fail_msg("%.*s", (int)doc->source.len, doc->source.ptr);
        dfl__buf_fmt(out, s->exact ? "%S|" : "{%S}%S|", &from, &gives);
    }
    assert_int_equal(at, text.len);
}

static dfl_doc *parse(const char *source) {
    dfl_doc *doc = NULL;
    assert_int_equal(dfl_parse(source, strlen(source), NULL, &doc), DFL_OK);
    return doc;
}

/* The last node of the kind. */
static uint32_t last_of(const dfl_doc *doc, uint16_t kind) {
    uint32_t node = doc->nodes.count;
    while (node-- > 0 && doc->nodes.items[node].kind != kind) {
    }
    return node;
}

static void values_have_places(void **state) {
    static const struct {
        const char *source;
        uint16_t kind;
        const char *want;
    } cases[] = {
        {"RUN a", DFL_NODE_SHELL_FORM, "a|"},
        {"RUN a\\\n# c\n\n b", DFL_NODE_SHELL_FORM, "a| b|"},
        {"ENV A=a\\\nb\\ c", DFL_NODE_VALUE, "a|b\\ c|"},
        {"ENV A=a\xFF\xC3\xA9\\\nb", DFL_NODE_VALUE, "a|{\xFF}\xEF\xBF\xBD|\xC3\xA9|b|"},
        {"ENV A=\xC3\\\n\xA9", DFL_NODE_VALUE, "\xC3|\xA9|"},
        {"RUN \xFF\\\nb", DFL_NODE_SHELL_FORM, "\xFF|b|"},
        {"CMD [\"a\"]", DFL_NODE_JSON_STRING, "a|"},
        {"CMD [\"\"]", DFL_NODE_JSON_STRING, ""},
        {"CMD [\"a\\\\b\\n\\u0041c\"]", DFL_NODE_JSON_STRING, "a|{\\\\}\\|b|{\\n}\n|{\\u0041}A|c|"},
        {"CMD [\"\\uD83D\\uDE00\\uD83Dx\"]", DFL_NODE_JSON_STRING,
         "{\\uD83D\\uDE00}\xF0\x9F\x98\x80|{\\uD83D}\xEF\xBF\xBD|x|"},
        {"CMD [\"\\uD83D\\u0041\"]", DFL_NODE_JSON_STRING, "{\\uD83D}\xEF\xBF\xBD|{\\u0041}A|"},
        {"CMD [\"\xC3\xA9\xFF\xEF\xBF\xBD\"]", DFL_NODE_JSON_STRING,
         "\xC3\xA9|{\xFF}\xEF\xBF\xBD|\xEF\xBF\xBD|"},
        {"# escape=`\nCMD [\"a`\n b\\u00`\n41\"]", DFL_NODE_JSON_STRING, "a| b|{\\u00`\n41}A|"},
        {"COPY --chown=a b c", DFL_NODE_VALUE, "a|"},
        {"COPY --chown=\"a\"b'c' b c", DFL_NODE_VALUE, "a|b|c|"},
        {"COPY '--chown=a' b c", DFL_NODE_WORD, "c|"},
        {"COPY --ch'own=a b' b c", DFL_NODE_NAME, "ch|own|"},
        {"COPY --ch'own=a b' b c", DFL_NODE_VALUE, "a b|"},
        {"COPY --chown=a\\\n  b c", DFL_NODE_VALUE, "a|"},
        {"COPY --chown=\"a\\\n  b\" b c", DFL_NODE_VALUE, "a|  b|"},
        {"COPY --chown=\\a=\\\"\\\\ b c", DFL_NODE_VALUE, "{\\a}a|=|{\\\"}\"|{\\\\}\\|"},
        {"COPY --chown='\xE9\\\xE9' b c", DFL_NODE_VALUE, "{\xE9}\xC3\xA9|{\\\xE9}\xC3\xA9|"},
        {"COPY --link='' b c", DFL_NODE_VALUE, ""},
        {"ONBUILD COPY --chown='a' b c", DFL_NODE_VALUE, "a|"},
        {"COPY <<A /b\nx\nA\n", DFL_NODE_HEREDOC_BODY, "x\n|"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dfl_doc *doc = parse(cases[i].source);
        dfl__origins origins = {doc->alloc, {NULL, 0, 0}};
        uint32_t node = last_of(doc, cases[i].kind);
        dfl__buf got;
        dfl__buf_init(&got, NULL, 0);
        assert_int_equal(dfl__origins_of_node(doc, node, &origins), DFL_OK);
        describe(doc, &origins, dfl__node_value(doc, node), &got);
        if (!dfl__eqz(dfl__buf_str(&got), cases[i].want))
            fail_msg("%s: %.*s", cases[i].source, (int)got.len, dfl__buf_str(&got).ptr);
        dfl__origins_free(&origins);
        dfl__buf_free(&got);
        dfl_doc_unref(doc);
    }
}

static void tabs_of_a_body_are_passed_over(void **state) {
    (void)state;
    dfl_doc *doc = parse("COPY <<-A /b\n\t\tx\ty\r\nz\n\t\n\n\tA\n");
    uint32_t body = last_of(doc, DFL_NODE_HEREDOC_BODY);
    dfl__origins origins = {doc->alloc, {NULL, 0, 0}};
    dfl__buf text, got;
    dfl__buf_init(&text, NULL, 0);
    dfl__buf_init(&got, NULL, 0);
    assert_int_equal(dfl__chomped_body(doc, body, &text, &origins), DFL_OK);
    assert_true(dfl__eqz(dfl__buf_str(&text), "x\ty\r\nz\n\n\n"));
    describe(doc, &origins, dfl__buf_str(&text), &got);
    assert_true(dfl__eqz(dfl__buf_str(&got), "x\ty\r\nz\n|\n\n|"));
    dfl__origins_free(&origins);
    dfl__buf_free(&got);
    dfl__buf_free(&text);
    dfl_doc_unref(doc);
}

static void parts_of_values_have_places(void **state) {
    static const struct {
        dfl_range part;
        const char *want;
    } cases[] = {
        {{0, 1}, "a"}, {{2, 4}, "\\ c"}, {{4, 6}, "d'\"e"}, {{3, 3}, ""}, {{6, 6}, ""},
    };
    (void)state;
    dfl_doc *doc = parse("COPY --chown='ab\\ cd'\"e\" f g");
    uint32_t node = last_of(doc, DFL_NODE_VALUE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dfl_range range = {0, 0};
        assert_int_equal(dfl__part_range(doc, node, cases[i].part, &doc->alloc, &range), DFL_OK);
        dfl_str source = dfl__sub(doc->source, range.start, range.end);
        if (!dfl__eqz(source, cases[i].want)) fail_msg("%zu: %.*s", i, (int)source.len, source.ptr);
    }
    dfl_doc_unref(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_places),
        cmocka_unit_test(tabs_of_a_body_are_passed_over),
        cmocka_unit_test(parts_of_values_have_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
