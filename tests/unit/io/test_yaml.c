/* test_yaml.c -- the guard, rule by rule, and the tree.
 * Relies on fixture.h for its includes.
 * Never reads files. */
#include "io/fixture.h"

#include "io/yaml.h"

static const dfl__yaml_options yaml = {"t.yaml", DFL__YAML_MAX_BYTES, 0};
static const dfl__yaml_options json = {"t.json", DFL__JSON_MAX_BYTES, 1};

static void refused(const dfl__yaml_options *options, dfl_str text, dfl_status status,
                    uint32_t line, uint32_t column, const char *want) {
    dfl__yaml tree = {.count = 77};
    dfl_io_error error = {0};
    dfl_status got = dfl__yaml_read(text, options, NULL, &tree, &error);
    if (got != status) fail_msg("status %d for <%.*s>", (int)got, (int)text.len, text.ptr);
    assert_error(&error, line, column, want);
    assert_int_equal(tree.count, 77);
    assert_int_equal(dfl__yaml_read(text, options, NULL, &tree, NULL), status);
}

static void accepted(const dfl__yaml_options *options, dfl_str text) {
    dfl__yaml tree;
    dfl_io_error error = {0};
    if (dfl__yaml_read(text, options, NULL, &tree, &error) != DFL_OK) fail_msg("%s", error.message);
    dfl__yaml_free(&tree);
}

static void refuses_bytes(void **state) {
    (void)state;
    refused(&yaml, DFL__LIT("a: b\nc: \xE0\n"), DFL_E_FORMAT, 2, 4, "UTF-8");
    refused(&yaml, DFL__LIT("%\xE0"), DFL_E_FORMAT, 1, 2, "UTF-8"); /* libfyaml would hang */
    refused(&yaml, DFL__LIT("a: \xED\xA0\x80"), DFL_E_FORMAT, 1, 4, "UTF-8");
    refused(&yaml, DFL__LIT("a: \0"), DFL_E_FORMAT, 1, 4, "NUL");
    refused(&yaml, DFL__LIT("a: \x01"), DFL_E_FORMAT, 1, 4, "control character");
    refused(&yaml, DFL__LIT("a: \x7F"), DFL_E_FORMAT, 1, 4, "control character");
    refused(&yaml, DFL__LIT("a: \xC2\x85 b"), DFL_E_FORMAT, 1, 4, "control character");
    refused(&yaml, DFL__LIT("a: b\rc: d\n"), DFL_E_FORMAT, 1, 5, "carriage return");
    refused(&yaml, DFL__LIT("a: \xEF\xBB\xBF"), DFL_E_FORMAT, 1, 4, "byte order mark");
    refused(&json, DFL__LIT("{\"a\": \"\x02\"}"), DFL_E_FORMAT, 1, 8, "control character");
    accepted(&yaml, DFL__LIT("\xEF\xBB\xBF"
                             "a:\tb\r\nc: \xC3\xA9\xE2\x82\xAC\r\n"));
}

static void refuses_directives_anchors_and_tags(void **state) {
    (void)state;
    refused(&yaml, DFL__LIT("%YAML 1.2\n---\na: b\n"), DFL_E_FORMAT, 1, 1, "directives");
    refused(&yaml, DFL__LIT("a: b\n%x\n"), DFL_E_FORMAT, 2, 1, "directives");
    static const struct {
        const char *text;
        uint32_t line, column;
    } cases[] = {
        {"a: &x b", 1, 4},
        {"a: *x", 1, 4},
        {"a: !t b", 1, 4},
        {"- *x", 1, 3},
        {"*x", 1, 1},
        {"&x a: b", 1, 1},
        {"[a, *b]", 1, 5},
        {"{a: *b}", 1, 5},
        {"{*a : b}", 1, 2},
        {"a:\n  - b\n  - !c", 3, 5},
        {"? *x\n", 1, 3},
        {"- - *x", 1, 5},
        {"\"a\": *x", 1, 6},
        {"{\"a\":*x}", 1, 6},
        {"a: |\n  *fine\nb: *x", 3, 4},
        {"- a: |\n    *fine\n  b: *x", 3, 6},
        {"- |\n *fine\n- *x", 3, 3},
        {"a: 'b\n  c' \nd: &x", 3, 4},
        {"# *fine\na: !x", 2, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused(&yaml, dfl__str(cases[i].text), DFL_E_FORMAT, cases[i].line, cases[i].column,
                "not supported");
    /* what the guard takes for a text of the document start, the events still tell */
    refused(&yaml, DFL__LIT("--- *x\n"), DFL_E_FORMAT, 1, 5, "");
}

static void allows_them_inside_texts(void **state) {
    (void)state;
    static const char *const cases[] = {
        "a: \"*x\"\n",
        "a: '&x !y'\n",
        "a: b *c & d !e\n",
        "a: b&c\nd: e*\nf: g!\n",
        "a: \"x\n  *y\"\n",
        "a: 'it''s\n  *y'\n",
        "a: \"\\\"*\"\n",
        "a: |\n  *x\n  %y\n\n  &z\nb: c\n",
        "a: >-\n  !x\nb: c\n",
        "- a: |\n    *x\n  b: c\n",
        "- |\n *x\n- b\n",
        "# %x *y\na: b # *c\n",
        "a: [\"*\", 'b', c*d]\n",
        "a: http://x/*y\n",
        "[a:*b]\n",
        "a#b: c\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        accepted(&yaml, dfl__str(cases[i]));
    accepted(&json, DFL__LIT("{\"a\": \"*.js\", \"&b\": [\"!c\"]}"));
}

/* `lead`, then `unit` so often, then `tail`. */
static dfl_str repeat(const char *lead, const char *unit, size_t times, const char *tail) {
    size_t a = strlen(lead), b = strlen(unit), c = strlen(tail);
    char *text = malloc(a + b * times + c + 1);
    assert_non_null(text);
    memcpy(text, lead, a);
    for (size_t i = 0; i < times; i++)
        memcpy(text + a + i * b, unit, b);
    memcpy(text + a + b * times, tail, c + 1);
    return (dfl_str){text, a + b * times + c};
}

static void drop(dfl_str text) {
    char *owned;
    memcpy(&owned, &text.ptr, sizeof owned);
    free(owned);
}

static void limits_lines(void **state) {
    (void)state;
    dfl_str text = repeat("a: |\n  b\n", "\n", 256, "  c\n");
    accepted(&yaml, text);
    drop(text);
    text = repeat("a: |\n  b\n", " \n", 257, "  c\n");
    refused(&yaml, text, DFL_E_FORMAT, 259, 1, "blank lines");
    drop(text);
    text = repeat("a: ", "b", 65533, "\nc: d\n");
    accepted(&yaml, text);
    drop(text);
    text = repeat("x: y\na: ", "b", 65534, "\n");
    refused(&yaml, text, DFL_E_FORMAT, 2, 1, "longer than 65536");
    drop(text);
}

static void limits_size(void **state) {
    (void)state;
    dfl_str text = repeat("", "# comment line\n", 69905, ""); /* 1 MiB less one byte */
    assert_int_equal(text.len, DFL__YAML_MAX_BYTES - 1);
    accepted(&yaml, text);
    drop(text);
    text = repeat("#\n", "# comment line\n", 69905, "");
    assert_int_equal(text.len, DFL__YAML_MAX_BYTES + 1);
    refused(&yaml, text, DFL_E_LIMIT, 0, 0, "1048576 bytes");
    drop(text);
    text = repeat("[1000000000", ",\n123456789012345", 246723, "]"); /* 4 MiB less one byte */
    assert_int_equal(text.len, DFL__JSON_MAX_BYTES - 1);
    accepted(&json, text);
    drop(text);
    text = repeat("[100000000000", ",\n123456789012345", 246723, "]");
    refused(&json, text, DFL_E_LIMIT, 0, 0, "4194304 bytes");
    drop(text);
}

static void limits_depth(void **state) {
    (void)state;
    for (size_t depth = 31; depth <= 33; depth++) {
        dfl_str opens = repeat("", "[", depth, "");
        dfl_str flow = repeat(opens.ptr, "]", depth, "");
        dfl_str block = repeat("", "- ", depth, "a");
        if (depth <= DFL__YAML_MAX_DEPTH) {
            accepted(&yaml, flow);
            accepted(&json, flow);
            accepted(&yaml, block);
        } else {
            refused(&yaml, flow, DFL_E_FORMAT, 1, 33, "deeper than 32");
            refused(&json, flow, DFL_E_FORMAT, 1, 33, "deeper than 32");
            refused(&yaml, block, DFL_E_FORMAT, 1, 65, "deeper than 32");
        }
        drop(opens);
        drop(flow);
        drop(block);
    }
}

static void refuses_structure(void **state) {
    (void)state;
    refused(&yaml, DFL__LIT("a: 1\nb: 2\n\"a\": 3\n"), DFL_E_FORMAT, 3, 1, "given twice");
    refused(&yaml, DFL__LIT("x: {b: 1, c: 2, b: 3}"), DFL_E_FORMAT, 1, 17, "`b` is given twice");
    refused(&yaml, DFL__LIT("{b: 1, c: 2, c: 3, b: 3}"), DFL_E_FORMAT, 1, 14, "`c`");
    refused(&yaml, DFL__LIT("[a]: b"), DFL_E_FORMAT, 1, 1, "single text");
    refused(&yaml, DFL__LIT("? {a: b}\n: c\n"), DFL_E_FORMAT, 1, 3, "single text");
    refused(&yaml, DFL__LIT("a: b\n---\nc: d\n"), DFL_E_FORMAT, 2, 1, "second document");
    refused(&yaml, DFL__LIT("a: b\n  c: d\n"), DFL_E_FORMAT, 1, 4, "not valid YAML");
    refused(&yaml, DFL__LIT("a: \"b\n"), DFL_E_FORMAT, 1, 5, "not valid YAML");
    refused(&yaml, DFL__LIT("\xC3\xA9: [\n"), DFL_E_FORMAT, 2, 1, "not valid YAML");
    refused(&json, DFL__LIT("{\"a\": 1,\n \"a\": 2}"), DFL_E_FORMAT, 2, 2, "given twice");
    refused(&json, DFL__LIT("{\"a\": 1,}"), DFL_E_FORMAT, 1, 8, "not valid JSON");
    refused(&json, DFL__LIT("{'a': 1}"), DFL_E_FORMAT, 1, 2, "not valid JSON");
    refused(&json, DFL__LIT("{\"\xC3\xA9\xC3\xA9\": x}"), DFL_E_FORMAT, 1, 10, "not valid JSON");
    refused(&json, DFL__LIT("{\"a\": \"b\n\"}"), DFL_E_FORMAT, 1, 8, "not valid JSON");
}

static void refuses_text_after_quotes(void **state) {
    (void)state;
    refused(&yaml, DFL__LIT("a: \"b\"c\n"), DFL_E_FORMAT, 1, 7, "after a closing quote");
    refused(&yaml, DFL__LIT("a: 'b'#c\n"), DFL_E_FORMAT, 1, 7, "after a closing quote");
    refused(&yaml, DFL__LIT("a: 'b\n  c''d'\"\n"), DFL_E_FORMAT, 2, 8, "after a closing quote");
    refused(&json, DFL__LIT("{\"a\"\"b\"}"), DFL_E_FORMAT, 1, 5, "after a closing quote");
    accepted(&yaml, DFL__LIT("{'a':1,\"b\":[\"c\"],d: 'e'}\n"));
    accepted(&yaml, DFL__LIT("a: 'b' # c\nd: \"e\"\r\n'f': g\n"));
}

/* libfyaml 0.7.12 takes the lines after a block text without lines for its own. */
static void refuses_empty_block_texts(void **state) {
    (void)state;
    refused(&yaml, DFL__LIT("a:\n  b: |\n  c: d\n"), DFL_E_FORMAT, 3, 3, "has no lines");
    refused(&yaml, DFL__LIT("- >-\n\n- b\n"), DFL_E_FORMAT, 3, 1, "has no lines");
    refused(&yaml, DFL__LIT("a: |\n# b\n  c\n"), DFL_E_FORMAT, 2, 1, "has no lines");
    accepted(&yaml, DFL__LIT("a: |\n\n  b\n\nc: >\n  d\n# e\nf: g\n"));
    accepted(&yaml, DFL__LIT("a: |\n"));
    refused(&yaml, DFL__LIT("a: |\n "), DFL_E_FORMAT, 2, 2, "not a readable text");
    accepted(&yaml, DFL__LIT("a: |\n  b\n "));
}

/* libfyaml 0.7.12 reads two doubled quotes in a row as three, and leaks. */
static void reads_doubled_quotes_rightly_or_not_at_all(void **state) {
    (void)state;
    refused(&yaml, DFL__LIT("a: 'b''''c'\n"), DFL_E_FORMAT, 1, 8, "doubled quotes in a row");
    refused(&yaml, DFL__LIT("''''''"), DFL_E_FORMAT, 1, 4, "doubled quotes in a row");
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"''''", "'"}, {"'''a'''", "'a'"}, {"'a''b''c'''", "a'b'c'"}, {"'a'' ''b'", "a' 'b"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dfl__yaml tree;
        assert_int_equal(dfl__yaml_read(dfl__str(cases[i].text), &yaml, NULL, &tree, NULL), DFL_OK);
        assert_string_equal(tree.nodes[0].text.ptr, cases[i].want);
        dfl__yaml_free(&tree);
    }
}

static void check_text(const dfl__yaml *tree, uint32_t node, const char *text, uint32_t line,
                       uint32_t column) {
    assert_int_equal(tree->nodes[node].kind, DFL__YAML_TEXT);
    assert_string_equal(tree->nodes[node].text.ptr, text);
    assert_int_equal(tree->nodes[node].text.len, strlen(text));
    assert_int_equal(tree->nodes[node].line, line);
    assert_int_equal(tree->nodes[node].column, column);
}

static void builds_a_tree(void **state) {
    (void)state;
    dfl__yaml tree;
    dfl_str text = DFL__LIT("\xC3\xA9: [1, \"x\\n\"]\nb:\n  c: |\n    d\n    e\nf:\ng: ''\n");
    assert_int_equal(dfl__yaml_read(text, &yaml, NULL, &tree, NULL), DFL_OK);
    assert_int_equal(tree.count, 13);
    assert_int_equal(tree.nodes[0].kind, DFL__YAML_MAP);
    assert_int_equal(tree.nodes[0].count, 8);
    check_text(&tree, 1, "\xC3\xA9", 1, 1);
    assert_int_equal(tree.nodes[2].kind, DFL__YAML_LIST);
    assert_int_equal(tree.nodes[2].count, 2);
    assert_int_equal(tree.nodes[2].column, 5); /* bytes, not characters */
    check_text(&tree, 3, "1", 1, 6);
    check_text(&tree, 4, "x\n", 1, 9);
    assert_true(tree.nodes[3].plain);
    assert_false(tree.nodes[4].plain);
    assert_int_equal(tree.nodes[3].next, 4);
    assert_int_equal(tree.nodes[4].next, 0);
    assert_int_equal(tree.nodes[2].next, 5);
    check_text(&tree, 5, "b", 2, 1);
    check_text(&tree, 8, "d\ne\n", 4, 5);
    check_text(&tree, 9, "f", 6, 1);
    assert_int_equal(tree.nodes[10].line, 6); /* a value that is left out stands at its key */
    assert_true(dfl__yaml_is_null(&tree.nodes[10]));
    assert_int_equal(dfl__yaml_get(&tree, 0, "b"), 6);
    assert_int_equal(dfl__yaml_get(&tree, 6, "c"), 8);
    uint32_t quoted = dfl__yaml_get(&tree, 0, "g");
    assert_false(dfl__yaml_is_null(&tree.nodes[quoted]));
    assert_int_equal(dfl__yaml_get(&tree, 0, "nothing"), 0);
    assert_int_equal(dfl__yaml_get(&tree, 3, "b"), 0);
    dfl__yaml_free(&tree);
}

static void reads_nothing_as_nothing(void **state) {
    (void)state;
    static const char *const cases[] = {"", "\n\n", "# only\n# comments\n", "\xEF\xBB\xBF"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dfl__yaml tree;
        assert_int_equal(dfl__yaml_read(dfl__str(cases[i]), &yaml, NULL, &tree, NULL), DFL_OK);
        assert_int_equal(tree.count, 0);
        assert_int_equal(dfl__yaml_get(&tree, 0, "a"), 0);
        dfl__yaml_free(&tree);
    }
}

static void decodes_json(void **state) {
    (void)state;
    dfl__yaml tree;
    dfl_str text =
        DFL__LIT("{\t\"a\\/b\": \"\\u00e9\\ud83d\\ude00\\t\",\n\"n\": [true, null, -1.5e3]}");
    assert_int_equal(dfl__yaml_read(text, &json, NULL, &tree, NULL), DFL_OK);
    check_text(&tree, 1, "a/b", 1, 3);
    check_text(&tree, 2, "\xC3\xA9\xF0\x9F\x98\x80\t", 1, 11);
    check_text(&tree, 7, "-1.5e3", 2, 19);
    assert_true(dfl__yaml_is_null(&tree.nodes[6]));
    dfl__yaml_free(&tree);
}

static void survives_want_of_memory(void **state) {
    (void)state;
    dfl_str text = repeat("a:\n", "  - {b: 1, c: [x, y], d: \"z\"}\n", 30, "");
    int ended = 0;
    for (unsigned k = 1; !ended && k < 200; k++) {
        failing f = {k, 0};
        dfl_alloc alloc = {fail_resize, &f};
        dfl__yaml tree;
        dfl_status status = dfl__yaml_read(text, &yaml, &alloc, &tree, NULL);
        ended = f.left > 0;
        assert_int_equal(status, ended ? DFL_OK : DFL_E_NOMEM);
        if (status == DFL_OK) dfl__yaml_free(&tree);
        assert_int_equal(f.live, 0);
    }
    assert_true(ended);
    drop(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_bytes),
        cmocka_unit_test(refuses_directives_anchors_and_tags),
        cmocka_unit_test(allows_them_inside_texts),
        cmocka_unit_test(limits_lines),
        cmocka_unit_test(limits_size),
        cmocka_unit_test(limits_depth),
        cmocka_unit_test(refuses_structure),
        cmocka_unit_test(refuses_text_after_quotes),
        cmocka_unit_test(refuses_empty_block_texts),
        cmocka_unit_test(reads_doubled_quotes_rightly_or_not_at_all),
        cmocka_unit_test(builds_a_tree),
        cmocka_unit_test(reads_nothing_as_nothing),
        cmocka_unit_test(decodes_json),
        cmocka_unit_test(survives_want_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
