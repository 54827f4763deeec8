/* test_tree.c -- documents, handles, positions, tokens, diagnostics as callers see them.
 * Relies on cmocka and describe.h.
 * Never looks at what a file means: that is test_parse.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "describe.h"
#include "diag/codes.h"
#include "syntax/tree.h"

#define PARSE(source) parse_bytes((source), sizeof(source) - 1)

static int is_text(dfl_str got, const char *want) {
    if (!dfl__eqz(got, want)) print_error("got \"%.*s\"\n", (int)got.len, got.ptr);
    return dfl__eqz(got, want);
}

/* The first node of `kind` in preorder; the test fails when there is none. */
static dfl_node find(const dfl_doc *doc, uint32_t kind) {
    size_t count;
    (void)dfl_doc_nodes(doc, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (dfl_node_kind(dfl_doc_node(doc, i)) == kind) return dfl_doc_node(doc, i);
    }
    fail_msg("no node of kind %u", kind);
    return dfl_doc_node(doc, 0);
}

static void answers_nothing(dfl_node node) {
    assert_int_equal(dfl_node_is_null(node), 1);
    assert_int_equal(dfl_node_kind(node), DFL_NODE_NONE);
    assert_int_equal(dfl_node_is_instruction(node), 0);
    assert_int_equal(dfl_node_flags(node), 0);
    assert_int_equal(dfl_node_range(node).start, 0);
    assert_int_equal(dfl_node_range(node).end, 0);
    assert_true(is_text(dfl_node_text(node), "") && dfl_node_text(node).ptr != NULL);
    assert_true(is_text(dfl_node_value(node), "") && dfl_node_value(node).ptr != NULL);
    assert_int_equal(dfl_node_source_offset(node, 3), 0);
    assert_int_equal(dfl_node_is_null(dfl_node_parent(node)), 1);
    assert_int_equal(dfl_node_is_null(dfl_node_first(node)), 1);
    assert_int_equal(dfl_node_is_null(dfl_node_next(node)), 1);
    assert_int_equal(dfl_node_is_null(dfl_node_child(node, DFL_NODE_WORD)), 1);
}

static void null_nodes(void **state) {
    (void)state;
    dfl_doc *doc = PARSE("FROM a\n");
    size_t count;
    (void)dfl_doc_nodes(doc, &count);
    answers_nothing((dfl_node){NULL, 0, 0});
    answers_nothing((dfl_node){NULL, 7, 0});
    answers_nothing((dfl_node){doc, (uint32_t)count, 0});
    answers_nothing(dfl_doc_node(doc, (uint32_t)count));
    answers_nothing(dfl_doc_node(NULL, 0));
    answers_nothing(dfl_doc_root(NULL));
    answers_nothing(dfl_doc_node_at(NULL, 0));
    answers_nothing(dfl_node_parent(dfl_doc_root(doc)));
    answers_nothing(dfl_node_next(dfl_doc_root(doc)));
    dfl_doc_unref(doc);
}

static void null_documents(void **state) {
    (void)state;
    size_t count = 9;
    dfl_diag diag = {.size = sizeof diag};
    dfl_doc_unref(NULL);
    assert_null(dfl_doc_ref(NULL));
    assert_true(is_text(dfl_doc_source(NULL), ""));
    assert_int_equal(dfl_doc_escape(NULL), '\\');
    assert_int_equal(dfl_doc_pos(NULL, 5).byte, 0);
    assert_int_equal(dfl_doc_offset(NULL, 1, 1, 1), 0);
    assert_null(dfl_doc_nodes(NULL, &count));
    assert_int_equal(count, 0);
    count = 9;
    assert_null(dfl_doc_tokens(NULL, &count));
    assert_int_equal(count, 0);
    count = 9;
    assert_null(dfl_doc_diags(NULL, &count));
    assert_int_equal(count, 0);
    assert_null(dfl_doc_nodes(NULL, NULL));
    assert_int_equal(dfl_doc_diag_count(NULL), 0);
    assert_int_equal(dfl_doc_error_count(NULL), 0);
    assert_int_equal(dfl_doc_diag(NULL, 0, &diag), DFL_E_ARG);
}

static void bad_calls_of_parse(void **state) {
    (void)state;
    dfl_limits limits = DFL_LIMITS_INIT;
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *const untouched = (dfl_doc *)(uintptr_t)&limits;
    dfl_doc *doc = untouched;
    assert_int_equal(dfl_parse("", 0, NULL, NULL), DFL_E_ARG);
    assert_int_equal(dfl_parse(NULL, 1, NULL, &doc), DFL_E_ARG);
    options.flags = 1;
    assert_int_equal(dfl_parse("", 0, &options, &doc), DFL_E_ARG);
    options.flags = 0;
    options.size--;
    assert_int_equal(dfl_parse("", 0, &options, &doc), DFL_E_ABI);
    options.size++;
    options.limits = &limits;
    limits.size++;
    assert_int_equal(dfl_parse("", 0, &options, &doc), DFL_E_ABI);
    assert_ptr_equal(doc, untouched);
    limits.size--;
    assert_int_equal(dfl_parse(NULL, 0, &options, &doc), DFL_OK);
    assert_int_equal(dfl_doc_source(doc).len, 0);
    assert_non_null(dfl_doc_source(doc).ptr);
    dfl_doc_unref(doc);
}

static void sources_are_copied_and_shared(void **state) {
    (void)state;
    char source[] = "FROM a\n";
    dfl_doc *doc = parse_bytes(source, sizeof source - 1);
    memset(source, 'x', sizeof source - 1);
    assert_true(is_text(dfl_doc_source(doc), "FROM a\n"));
    assert_ptr_equal(dfl_doc_ref(doc), doc);
    dfl_doc_unref(doc);
    assert_true(is_text(dfl_node_value(find(doc, DFL_NODE_WORD)), "a"));
    dfl_doc_unref(doc);
}

static void links(void **state) {
    (void)state;
    dfl_doc *doc = PARSE("# c\nFROM --platform=p a\nENV A=1 B=2\n");
    size_t count;
    const dfl_node_rec *nodes = dfl_doc_nodes(doc, &count);
    dfl_node root = dfl_doc_root(doc), env = find(doc, DFL_NODE_ENV);
    assert_int_equal(dfl_node_kind(root), DFL_NODE_FILE);
    assert_int_equal(dfl_node_kind(dfl_node_first(root)), DFL_NODE_COMMENT);
    assert_true(is_text(dfl_node_text(dfl_node_first(root)), "# c"));
    assert_int_equal(dfl_node_kind(dfl_node_next(dfl_node_first(root))), DFL_NODE_FROM);
    assert_int_equal(dfl_node_is_instruction(env), 1);
    assert_int_equal(dfl_node_is_null(dfl_node_next(env)), 1);
    dfl_node first = dfl_node_child(env, DFL_NODE_PAIR);
    dfl_node second = dfl_node_next(first);
    assert_true(is_text(dfl_node_value(dfl_node_child(second, DFL_NODE_NAME)), "B"));
    assert_int_equal(dfl_node_parent(second).id, env.id);
    assert_int_equal(dfl_node_is_null(dfl_node_child(env, DFL_NODE_FLAG)), 1);
    for (uint32_t i = 1; i < count; i++) {
        dfl_node node = dfl_doc_node(doc, i);
        assert_int_equal(dfl_node_parent(node).id, nodes[i].parent);
        assert_int_equal(dfl_node_flags(node), nodes[i].flags);
        assert_int_equal(dfl_node_next(node).id, nodes[i].next);
        int has_child = i + 1 < count && nodes[i + 1].parent == i;
        assert_int_equal(dfl_node_first(node).id, has_child ? i + 1 : 0);
    }
    dfl_doc_unref(doc);
}

static void values_of_instructions(void **state) {
    (void)state;
    static const struct {
        uint32_t kind;
        const char *text, *value;
    } cases[] = {
        {DFL_NODE_FROM, "FROM a  ", "FROM a"},
        {DFL_NODE_RUN, "RUN b \\\n c ", "RUN b  c"},
        {DFL_NODE_USER, "USER d\t", "USER d"},
        {DFL_NODE_COPY, "COPY <<E /e\nf\nE", "COPY <<E /e"},
        {DFL_NODE_ONBUILD, "ONBUILD CMD h \\\n i ", "ONBUILD CMD h  i"},
        {DFL_NODE_CMD, "CMD h \\\n i", "CMD h  i"}, /* of the trigger */
        {DFL_NODE_WORKDIR, "WORKDIR /g", "WORKDIR /g"},
    };
    dfl_doc *doc = PARSE("FROM a  \nRUN b \\\n c \n\tUSER d\t\nCOPY <<E /e\nf\nE\nONBUILD CMD h "
                         "\\\n i \nWORKDIR /g");
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_node node = find(doc, cases[i].kind);
        assert_true(is_text(dfl_node_text(node), cases[i].text));
        assert_true(is_text(dfl_node_value(node), cases[i].value));
        int nested = (dfl_node_flags(node) & DFL_NODE_F_NESTED) != 0;
        assert_int_equal(nested, cases[i].kind == DFL_NODE_CMD);
    }
    dfl_doc_unref(doc);
}

static void names_and_values_of_flags(void **state) {
    (void)state;
    static const struct {
        const char *source, *flag, *name, *value; /* value is NULL when there is none */
    } cases[] = {
        {"FROM --platform=p a", "--platform=p", "platform", "p"},
        {"FROM --platform= a", "--platform=", "platform", ""},
        {"FROM --plat'form=p q' a", "--platform=p q", "platform", "p q"},
        {"FROM --p\\lat\\\nform=\"p\" a", "--platform=p", "platform", "p"},
        {"FROM --platform a", "--platform", "platform", NULL},
        {"FROM --plat\"form\" a", "--platform", "platform", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_doc *doc = parse_bytes(cases[i].source, strlen(cases[i].source));
        dfl_node flag = find(doc, DFL_NODE_FLAG), value = dfl_node_child(flag, DFL_NODE_VALUE);
        assert_true(is_text(dfl_node_value(flag), cases[i].flag));
        assert_true(is_text(dfl_node_value(dfl_node_child(flag, DFL_NODE_NAME)), cases[i].name));
        assert_int_equal(dfl_node_is_null(value), cases[i].value == NULL);
        if (cases[i].value != NULL) assert_true(is_text(dfl_node_value(value), cases[i].value));
        dfl_doc_unref(doc);
    }
}

static void arguments_and_operands(void **state) {
    (void)state;
    dfl_doc *doc = PARSE("FROM --platform=p a AS b\nCOPY [\"x\", \"y\"]\nENV A=1 B=2\n"
                         "ONBUILD RUN c\n");
    static const struct {
        uint32_t kind, arguments, operands;
    } cases[] = {{DFL_NODE_FROM, 3, 3},
                 {DFL_NODE_COPY, 2, 2},
                 {DFL_NODE_ENV, 2, 2},
                 {DFL_NODE_ONBUILD, 0, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t node = find(doc, cases[i].kind).id, arguments = 0, operands = 0;
        for (uint32_t a = dfl__next_argument(doc, node, 0); a != 0;
             a = dfl__next_argument(doc, node, a))
            arguments++;
        for (uint32_t a = dfl__next_operand(doc, node, 0); a != 0;
             a = dfl__next_operand(doc, node, a))
            operands++;
        assert_int_equal(arguments, cases[i].arguments);
        assert_int_equal(operands, cases[i].operands);
    }
    dfl_doc_unref(doc);
}

static void names_of_kinds(void **state) {
    (void)state;
    assert_string_equal(dfl_node_kind_name(DFL_NODE_NONE), "none");
    assert_string_equal(dfl_node_kind_name(DFL_NODE_FILE), "file");
    assert_string_equal(dfl_node_kind_name(DFL_NODE_ERROR), "error");
    assert_string_equal(dfl_node_kind_name(DFL_NODE_ERROR + 1), "");
    assert_string_equal(dfl_node_kind_name(DFL_NODE_ADD), "ADD");
    assert_string_equal(dfl_node_kind_name(DFL_NODE_UNKNOWN), "UNKNOWN");
    assert_string_equal(dfl_node_kind_name(DFL_NODE_WORKDIR + 1), "");
    assert_string_equal(dfl_node_kind_name(UINT32_MAX), "");
    assert_string_equal(dfl_instruction_name(DFL_NODE_WORKDIR), "WORKDIR");
    assert_string_equal(dfl_instruction_name(DFL_NODE_UNKNOWN), "");
    assert_string_equal(dfl_instruction_name(DFL_NODE_FILE), "");
    for (uint32_t kind = DFL_NODE_FILE; kind <= DFL_NODE_ERROR; kind++)
        assert_true(dfl_node_kind_name(kind)[0] != '\0');
}

/* a, e acute, whale, a bad byte, CR LF, b; the whale is two units of UTF-16. */
#define LINES "a\xC3\xA9\xF0\x9F\x90\xB3\xFF\r\nb"

static void positions(void **state) {
    (void)state;
    static const struct {
        uint32_t offset;
        dfl_pos want;
    } cases[] = {
        {0, {0, 0, 0, 0}},  {1, {0, 1, 1, 1}}, {3, {0, 3, 2, 2}},  {7, {0, 7, 3, 4}},
        {8, {0, 8, 4, 5}},  {9, {0, 9, 5, 6}}, {10, {1, 0, 0, 0}}, {11, {1, 1, 1, 1}},
        {12, {1, 1, 1, 1}}, {2, {0, 2, 2, 2}}, /* inside a code point: the one begun counts */
    };
    dfl_doc *doc = PARSE(LINES);
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_pos pos = dfl_doc_pos(doc, cases[i].offset);
        assert_memory_equal(&pos, &cases[i].want, sizeof pos);
    }
    dfl_doc_unref(doc);
}

/* The last code point of one unit of UTF-16, and the first of two. */
static void units_of_utf16(void **state) {
    (void)state;
    dfl_doc *doc = PARSE("\xEF\xBF\xBF\xF0\x90\x80\x80");
    assert_int_equal(dfl_doc_offset(doc, 0, 1, 3), 3);
    assert_int_equal(dfl_doc_offset(doc, 0, 2, 3), 7); /* inside: it is begun */
    assert_int_equal(dfl_doc_offset(doc, 0, 3, 3), 7);
    dfl_pos pos = dfl_doc_pos(doc, 3), want = {0, 3, 1, 1};
    assert_memory_equal(&pos, &want, sizeof pos);
    pos = dfl_doc_pos(doc, 7), want = (dfl_pos){0, 7, 2, 3};
    assert_memory_equal(&pos, &want, sizeof pos);
    dfl_doc_unref(doc);
}

static void a_cursor_says_the_same(void **state) {
    dfl_doc *doc = PARSE(LINES);
    uint32_t len = (uint32_t)dfl_doc_source(doc).len;
    (void)state;
    for (uint32_t step = 1; step <= len + 1; step++) {
        dfl__cursor forth = {doc, 0, {0, 0, 0, 0}}, back = forth;
        for (uint32_t at = 0; at <= len + 1; at += step) {
            dfl_pos want = dfl_doc_pos(doc, at), pos = dfl__cursor_pos(&forth, at);
            assert_memory_equal(&pos, &want, sizeof pos);
            want = dfl_doc_pos(doc, len - at % (len + 1));
            pos = dfl__cursor_pos(&back, len - at % (len + 1));
            assert_memory_equal(&pos, &want, sizeof pos);
        }
    }
    dfl_doc_unref(doc);
}

static void offsets(void **state) {
    (void)state;
    static const struct {
        uint32_t line, column, unit, want;
    } cases[] = {
        {0, 0, 1, 0},  {0, 3, 1, 3},  {0, 9, 1, 9},  {0, 10, 1, 9},          {0, UINT32_MAX, 1, 9},
        {0, 2, 2, 3},  {0, 3, 2, 7},  {0, 4, 2, 8},  {0, 99, 2, 9},          {0, 2, 3, 3},
        {0, 3, 3, 7},  {0, 4, 3, 7},  {0, 5, 3, 8},  {0, 99, 3, 9},          {1, 0, 1, 10},
        {1, 1, 2, 11}, {1, 9, 3, 11}, {2, 0, 1, 11}, {UINT32_MAX, 0, 1, 11},
    };
    dfl_doc *doc = PARSE(LINES);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(dfl_doc_offset(doc, cases[i].line, cases[i].column, cases[i].unit),
                         cases[i].want);
    dfl_doc_unref(doc);
    doc = PARSE("");
    assert_int_equal(dfl_doc_offset(doc, 0, 5, 1), 0);
    assert_int_equal(dfl_doc_pos(doc, 5).line, 0);
    dfl_doc_unref(doc);
    doc = PARSE("FROM a\n");
    assert_int_equal(dfl_doc_pos(doc, 7).line, 1);
    assert_int_equal(dfl_doc_offset(doc, 1, 0, 1), 7);
    dfl_doc_unref(doc);
}

#define SAMPLE(text)                                                                               \
    { text, sizeof(text) - 1 }

/* Files with every kind of node and of break inside them. */
static const dfl_str samples[] = {
    SAMPLE(""),
    SAMPLE("\n"),
    SAMPLE(LINES),
    SAMPLE("# escape=`\n\nFROM a `\n # c\n AS b\nRUN x `\n\n y"),
    SAMPLE("FROM a\nRUN ec\\\nho \\\n# c\n  \n  hi\\\n\n"),
    SAMPLE("FR\\\nOM a\nEN\\\nV A\\\nB=\"c\\\n # x\nd\" E=\\\nf\\\n\nARG g\\\n=h\\\ni"),
    SAMPLE("\\\n\\\n  FROM \\\n a\\\nb\n  # c\n\nLABEL k v \\\n\t# c\n w\n"),
    SAMPLE("\xEF\xBB\xBF"
           "FROM a\r\nCOPY --from=b \\\r\n [\"x\\u0041\", \\\r\n # c\r\n\"y\"]\r\n"),
    SAMPLE("FROM a\nRUN <<A cat <<-'B'\na\nA\n\tb\n\tB\nRUN <<E\nx"),
    SAMPLE("FROM a\nONBUILD HEALTHCHECK --timeout=1s \\\n CMD c\\\nd\nNOPE e\\\nf\nENV\n\\"),
};

static int covers(const dfl_doc *doc, uint32_t id, uint32_t offset) {
    dfl_range range = dfl_node_range(dfl_doc_node(doc, id));
    return offset >= range.start && offset < range.end;
}

static void nodes_at_offsets(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        dfl_doc *doc = parse_bytes(samples[i].ptr, samples[i].len);
        size_t count;
        (void)dfl_doc_nodes(doc, &count);
        for (uint32_t at = 0; at <= samples[i].len + 1; at++) {
            uint32_t deepest = 0; /* children follow their parents */
            for (uint32_t id = 0; id < count; id++)
                if (covers(doc, id, at)) deepest = id;
            assert_int_equal(dfl_doc_node_at(doc, at).id, deepest);
        }
        dfl_doc_unref(doc);
    }
}

static int is_joined_text(uint32_t kind, uint32_t parent) {
    return kind == DFL_NODE_WORD || kind == DFL_NODE_SHELL_FORM || kind == DFL_NODE_KEYWORD ||
           ((kind == DFL_NODE_NAME || kind == DFL_NODE_VALUE) && parent == DFL_NODE_PAIR);
}

static void values_come_from_the_source(void **state) {
    (void)state;
    unsigned checked = 0;
    for (size_t i = 0; i < COUNT(samples); i++) {
        dfl_doc *doc = parse_bytes(samples[i].ptr, samples[i].len);
        size_t count;
        (void)dfl_doc_nodes(doc, &count);
        for (uint32_t id = 0; id < count; id++) {
            dfl_node node = dfl_doc_node(doc, id);
            if (!is_joined_text(dfl_node_kind(node), dfl_node_kind(dfl_node_parent(node))))
                continue;
            dfl_str value = dfl_node_value(node);
            for (uint32_t at = 0; at < value.len; at++, checked++)
                assert_int_equal(samples[i].ptr[dfl_node_source_offset(node, at)], value.ptr[at]);
            dfl_range range = dfl_node_range(node);
            uint32_t end = dfl_node_source_offset(node, (uint32_t)value.len);
            assert_true(end >= range.start && end <= range.end);
            if (value.len > 0)
                assert_int_equal(dfl_node_source_offset(node, (uint32_t)value.len - 1) + 1, end);
        }
        dfl_doc_unref(doc);
    }
    assert_true(checked > 80);
}

static void source_offsets(void **state) {
    (void)state;
    dfl_doc *doc = PARSE("FROM a\nRUN ec\\\n  # c\n\nho x\n");
    dfl_node form = find(doc, DFL_NODE_SHELL_FORM);
    assert_true(is_text(dfl_node_value(form), "echo x"));
    static const uint32_t want[] = {11, 12, 22, 23, 24, 25, 26};
    for (uint32_t at = 0; at < COUNT(want); at++)
        assert_int_equal(dfl_node_source_offset(form, at), want[at]);
    assert_int_equal(dfl_node_source_offset(form, 99), 26);
    dfl_doc_unref(doc);
}

static void expect_tokens(const dfl_doc *doc, const dfl_token_rec *want, size_t want_count) {
    size_t count;
    const dfl_token_rec *got = dfl_doc_tokens(doc, &count);
    assert_int_equal(count, want_count);
    for (size_t i = 0; i < count; i++) {
        if (got[i].start != want[i].start || got[i].kind != want[i].kind)
            fail_msg("token %zu: kind %u at %u", i, got[i].kind, got[i].start);
    }
}

static void tokens(void **state) {
    (void)state;
    static const dfl_token_rec want[] = {
        {0, DFL_TOKEN_BOM, 0},       {3, DFL_TOKEN_DIRECTIVE, 0},   {4, DFL_TOKEN_WHITESPACE, 0},
        {5, DFL_TOKEN_DIRECTIVE, 0}, {11, DFL_TOKEN_PUNCT, 0},      {12, DFL_TOKEN_DIRECTIVE, 0},
        {13, DFL_TOKEN_NEWLINE, 0},  {14, DFL_TOKEN_KEYWORD, 0},    {18, DFL_TOKEN_WHITESPACE, 0},
        {19, DFL_TOKEN_FLAG, 0},     {21, DFL_TOKEN_FLAG, 0},       {29, DFL_TOKEN_PUNCT, 0},
        {30, DFL_TOKEN_TEXT, 0},     {31, DFL_TOKEN_WHITESPACE, 0}, {32, DFL_TOKEN_CONTINUATION, 0},
        {34, DFL_TOKEN_COMMENT, 0},  {36, DFL_TOKEN_NEWLINE, 0},    {37, DFL_TOKEN_TEXT, 0},
        {38, DFL_TOKEN_NEWLINE, 0},
    };
    dfl_doc *doc = PARSE("\xEF\xBB\xBF# escape=`\nFROM --platform=p `\n#c\na\n");
    assert_int_equal(dfl_doc_escape(doc), '`');
    expect_tokens(doc, want, COUNT(want));
    dfl_doc_unref(doc);
}

static void blanks_of_a_directive(void **state) {
    (void)state;
    static const dfl_token_rec want[] = {
        {0, DFL_TOKEN_DIRECTIVE, 0},  {1, DFL_TOKEN_WHITESPACE, 0},  {2, DFL_TOKEN_DIRECTIVE, 0},
        {8, DFL_TOKEN_WHITESPACE, 0}, {9, DFL_TOKEN_PUNCT, 0},       {10, DFL_TOKEN_WHITESPACE, 0},
        {12, DFL_TOKEN_DIRECTIVE, 0}, {13, DFL_TOKEN_WHITESPACE, 0}, {15, DFL_TOKEN_NEWLINE, 0},
        {16, DFL_TOKEN_KEYWORD, 0},   {20, DFL_TOKEN_WHITESPACE, 0}, {21, DFL_TOKEN_TEXT, 0},
    };
    dfl_doc *doc = PARSE("#\tescape =\t `  \nFROM a");
    expect_tokens(doc, want, COUNT(want));
    dfl_doc_unref(doc);
}

static void diagnostics(void **state) {
    (void)state;
    dfl_doc *doc = PARSE("FROM a\nRNU x\nCOPY --frm=b c d\n\nWORKDIR\n");
    dfl_diag diag = {.size = sizeof diag};
    size_t count;
    const dfl_diag_rec *recs = dfl_doc_diags(doc, &count);
    assert_int_equal(count, 3);
    assert_int_equal(dfl_doc_diag_count(doc), 3);
    assert_int_equal(dfl_doc_error_count(doc), 3);
    assert_int_equal(dfl_doc_diag(doc, 0, &diag), DFL_OK);
    assert_int_equal(diag.code, DFL_D_UNKNOWN_INSTRUCTION);
    assert_int_equal(diag.severity, DFL_SEVERITY_ERROR);
    assert_int_equal(diag.range.start, 7);
    assert_int_equal(diag.range.end, 10);
    assert_string_equal(diag.name, "unknown-instruction");
    assert_true(is_text(diag.message, "unknown instruction \"RNU\" (did you mean RUN?)"));
    assert_int_equal(dfl_doc_diag(doc, 1, &diag), DFL_OK);
    assert_true(is_text(diag.message, "unknown flag \"--frm\" (did you mean from?)"));
    assert_int_equal(recs[2].code, DFL_D_ARITY_ONE);
    assert_true(dfl_node_flags(find(doc, DFL_NODE_UNKNOWN)) & DFL_NODE_F_ERROR);
    assert_true(dfl_node_flags(find(doc, DFL_NODE_WORKDIR)) & DFL_NODE_F_ERROR);
    assert_int_equal(dfl_doc_diag(doc, 3, &diag), DFL_E_ARG);
    assert_int_equal(dfl_doc_diag(doc, 0, NULL), DFL_E_ARG);
    diag.size--;
    assert_int_equal(dfl_doc_diag(doc, 0, &diag), DFL_E_ABI);
    assert_string_equal(dfl_diag_name(0), "");
    assert_string_equal(dfl_diag_name(UINT32_MAX), "");
    dfl_doc_unref(doc);
}

static void message_is(const dfl_doc *doc, size_t i, const char *want) {
    dfl_diag diag = {.size = sizeof diag};
    assert_int_equal(dfl_doc_diag(doc, i, &diag), DFL_OK);
    assert_true(is_text(diag.message, want));
}

/* The message of the first diagnostic of a file. */
static void says(const char *source, const char *want) {
    dfl_doc *doc = parse_bytes(source, strlen(source));
    message_is(doc, 0, want);
    dfl_doc_unref(doc);
}

/* Lines are measured when all is parsed: their diagnostics are the last that are made. */
static void messages_are_sorted_with_diagnostics(void **state) {
    (void)state;
    dfl__buf source;
    dfl__buf_init(&source, NULL, 0);
    dfl__buf_addz(&source, "FROM a\n# ");
    while (source.len < 66000)
        dfl__buf_addc(&source, 'x');
    dfl__buf_addz(&source, "\nNOPE1 b\nNOPE2 c\n");
    dfl_doc *doc = parse_bytes(source.ptr, source.len);
    assert_int_equal(dfl_doc_diag_count(doc), 3);
    message_is(doc, 0, "the line is longer than 65,535 bytes");
    message_is(doc, 1, "unknown instruction \"NOPE1\"");
    message_is(doc, 2, "unknown instruction \"NOPE2\"");
    dfl_doc_unref(doc);
    dfl__buf_free(&source);
}

/* A message quotes no more than 200 bytes. */
static void long_names_are_cut(void **state) {
    (void)state;
    for (size_t len = 199; len <= 201; len++) {
        dfl__buf source, want;
        dfl__buf_init(&source, NULL, 0);
        dfl__buf_init(&want, NULL, 0);
        dfl__buf_addz(&want, "unknown instruction \"");
        for (size_t i = 0; i < len; i++) {
            dfl__buf_addc(&source, 'Q');
            if (i < 200) dfl__buf_addc(&want, 'Q');
        }
        dfl__buf_addc(&want, '"');
        dfl__buf_addc(&want, '\0');
        dfl_doc *doc = parse_bytes(source.ptr, source.len);
        message_is(doc, 0, want.ptr);
        dfl_doc_unref(doc);
        dfl__buf_free(&source);
        dfl__buf_free(&want);
    }
}

static void equals_keep_their_order(void **state) {
    (void)state;
    dfl_doc *doc = PARSE("FROM a\nRUN <<A <<B\n");
    size_t count;
    const dfl_diag_rec *diags = dfl_doc_diags(doc, &count);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(diags[i].start, 7);
        assert_int_equal(diags[i].end, 18);
    }
    message_is(doc, 0, "heredoc \"A\" is never closed");
    message_is(doc, 1, "heredoc \"B\" is never closed");
    dfl_doc_unref(doc);
}

static void suggestions(void **state) {
    (void)state;
    says("FORM a", "unknown instruction \"FORM\" (did you mean FROM?)");
    says("form a", "unknown instruction \"form\" (did you mean from?)");
    says("HealthChek a", "unknown instruction \"HealthChek\" (did you mean healthcheck?)");
    says("ZZZZZZ a", "unknown instruction \"ZZZZZZ\"");
    says("FROM a\nCOPY --Link b c", "unknown flag \"--Link\" (did you mean link?)");
    says("FROM a\nCMD --x b", "unknown flag \"--x\"");
    says("FROM a\nRUN --device=a,nam=b c", "unexpected key \"nam\" (did you mean name?)");
    says("FROM a\nRUN --device=a,b c", "\"b\" must be key=value");
    says("FROM a\nRUN --device=required=b c", "\"b\" is neither true nor false");
    says("FROM a\nCOPY --=x b c", "unknown flag \"--\"");
}

/* Ways to damage the tree of DAMAGED; each must be found out, and where it can be, by one check
 * alone: a check that another one covers for would not be missed. */
#define DAMAGED "FROM a\nRUN b \\\nc\nNOPE d\nNOPE e\n"

static void no_nodes(dfl_doc *doc) {
    doc->nodes.count = 0;
}
static void token_without_kind(dfl_doc *doc) {
    doc->tokens.items[1].kind = 0;
}
static void first_token_is_not_first(dfl_doc *doc) {
    doc->tokens.items[0].start = 1;
}
static void tokens_swapped(dfl_doc *doc) {
    doc->tokens.items[2].start = 0;
}
static void empty_token(dfl_doc *doc) {
    doc->tokens.items[2].start = doc->tokens.items[1].start;
}
static void tokens_end_early(dfl_doc *doc) {
    doc->written--;
}
static void root_begins_late(dfl_doc *doc) {
    doc->nodes.items[0].first_token = 1;
}
static void root_ends_early(dfl_doc *doc) {
    doc->nodes.items[0].end_token--;
}
static void root_is_no_file(dfl_doc *doc) {
    doc->nodes.items[0].kind = DFL_NODE_FROM;
}
static void root_has_a_sibling(dfl_doc *doc) {
    doc->nodes.items[0].next = 1;
}
static void node_ends_before_it_begins(dfl_doc *doc) {
    doc->nodes.items[3].first_token = doc->nodes.items[3].end_token + 1;
}
static void node_ends_behind_all(dfl_doc *doc) {
    doc->nodes.items[1].end_token = doc->tokens.count + 1;
}
static void node_ends_behind_its_parent(dfl_doc *doc) {
    doc->nodes.items[2].end_token += 5;
}
static void node_begins_before_its_parent(dfl_doc *doc) {
    doc->nodes.items[5].first_token = 0;
}
static void parent_follows(dfl_doc *doc) {
    doc->nodes.items[2].parent = 3;
}
static void wrong_parent(dfl_doc *doc) {
    doc->nodes.items[3].parent = 0;
}
/* What lies behind the last node is a node as good as any. */
static void sibling_behind_all(dfl_doc *doc) {
    doc->nodes.count--;
}
static void sibling_precedes(dfl_doc *doc) {
    doc->nodes.items[4].next = 1;
}
static void node_is_its_own_sibling(dfl_doc *doc) {
    uint32_t last = doc->nodes.count - 1;
    doc->nodes.items[last].first_token = doc->nodes.items[last].end_token;
    doc->nodes.items[last].next = last;
}
static void sibling_has_another_parent(dfl_doc *doc) {
    doc->nodes.items[1].next = 2;
}
static void siblings_overlap(dfl_doc *doc) {
    doc->nodes.items[1].end_token += 2;
}
static void sibling_is_lost(dfl_doc *doc) {
    doc->nodes.items[1].next = 0;
}
static void values_out_of_order(dfl_doc *doc) {
    doc->value_index.items[0].node = doc->value_index.items[1].node;
}
static void value_of_no_node(dfl_doc *doc) {
    uint32_t lost = --doc->nodes.count;
    doc->nodes.items[lost - 1].next = 0;
    doc->nodes.items[lost].flags = DFL_NODE_F_VALUE;
    doc->value_index.items[doc->value_index.count - 1].node = lost;
}
static void value_without_flag(dfl_doc *doc) {
    doc->nodes.items[doc->value_index.items[0].node].flags = 0;
}
static void value_begins_behind_all(dfl_doc *doc) {
    doc->value_index.items[0].start = (uint32_t)doc->values.len + 1;
}
static void value_ends_behind_all(dfl_doc *doc) {
    doc->value_index.items[0].len += 1000;
}
static void diag_ends_before_it_begins(dfl_doc *doc) {
    doc->diags.items[0].end = 0;
}
static void diag_ends_behind_all(dfl_doc *doc) {
    doc->diags.items[1].end = 1000;
}
static void diags_out_of_order(dfl_doc *doc) {
    doc->diags.items[0].start = doc->diags.items[0].end = (uint32_t)doc->source.len;
}
static void message_is_lost(dfl_doc *doc) {
    doc->diag_messages.count--;
}

static void (*const damages[])(dfl_doc *) = {
    no_nodes,
    token_without_kind,
    first_token_is_not_first,
    tokens_swapped,
    empty_token,
    tokens_end_early,
    root_begins_late,
    root_ends_early,
    root_is_no_file,
    root_has_a_sibling,
    node_ends_before_it_begins,
    node_ends_behind_all,
    node_ends_behind_its_parent,
    node_begins_before_its_parent,
    parent_follows,
    wrong_parent,
    sibling_behind_all,
    sibling_precedes,
    node_is_its_own_sibling,
    sibling_has_another_parent,
    siblings_overlap,
    sibling_is_lost,
    values_out_of_order,
    value_of_no_node,
    value_without_flag,
    value_begins_behind_all,
    value_ends_behind_all,
    diag_ends_before_it_begins,
    diag_ends_behind_all,
    diags_out_of_order,
    message_is_lost,
};

static void the_check_finds_damage(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(damages); i++) {
        dfl_doc *doc = PARSE(DAMAGED);
        assert_true(doc->value_index.count >= 2 && doc->diags.count == 2);
        damages[i](doc);
        if (dfl__tree_check(doc)) fail_msg("damage %zu is not found", i);
        dfl_doc_unref(doc);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_nodes),
        cmocka_unit_test(null_documents),
        cmocka_unit_test(bad_calls_of_parse),
        cmocka_unit_test(sources_are_copied_and_shared),
        cmocka_unit_test(links),
        cmocka_unit_test(values_of_instructions),
        cmocka_unit_test(names_and_values_of_flags),
        cmocka_unit_test(arguments_and_operands),
        cmocka_unit_test(names_of_kinds),
        cmocka_unit_test(positions),
        cmocka_unit_test(units_of_utf16),
        cmocka_unit_test(a_cursor_says_the_same),
        cmocka_unit_test(offsets),
        cmocka_unit_test(nodes_at_offsets),
        cmocka_unit_test(values_come_from_the_source),
        cmocka_unit_test(source_offsets),
        cmocka_unit_test(tokens),
        cmocka_unit_test(blanks_of_a_directive),
        cmocka_unit_test(diagnostics),
        cmocka_unit_test(messages_are_sorted_with_diagnostics),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(equals_keep_their_order),
        cmocka_unit_test(suggestions),
        cmocka_unit_test(the_check_finds_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
