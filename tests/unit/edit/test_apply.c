/* test_apply.c -- applying edits: what the proof lets pass and what it refuses; deletions.
 * Relies on support.h.
 * Never accepts a refusal without its reason. */
#include "edit/support.h"

#include "edit/edits.h"

/* One replacement, applied. `want` NULL: refused, and `reason` holds why. */
typedef struct {
    const char *source;
    uint32_t start, end;
    const char *text;
    const char *want;
    const char *reason;
} test_case;

static void check(const test_case *c) {
    dfl_edits *edits = edits_of(c->source);
    assert_int_equal(dfl_edits_replace(edits, range(c->start, c->end), str(c->text)), DFL_OK);
    if (c->want != NULL) {
        assert_applied(edits, c->want);
    } else {
        assert_refused(edits, c->reason);
    }
    dfl_edits_free(edits);
}

#define CHECK_ALL(cases)                                                                           \
    for (size_t i = 0; i < sizeof(cases) / sizeof *(cases); i++)                                   \
    check(&(cases)[i])

static void test_plain(void **state) {
    (void)state;
    static const test_case cases[] = {
        {"FROM a\nRUN b\n", 5, 6, "c", "FROM c\nRUN b\n", NULL},
        {"FROM a\nRUN b\n", 7, 7, "WORKDIR /\n", "FROM a\nWORKDIR /\nRUN b\n", NULL},
        {"FROM a\nRUN b\n", 6, 6, " AS x", "FROM a AS x\nRUN b\n", NULL},
        {"FROM a\nRUN b\n", 13, 13, "RUN c\n", "FROM a\nRUN b\nRUN c\n", NULL},
        {"FROM a\nRUN b", 12, 12, " && c", "FROM a\nRUN b && c", NULL},
        {"FROM a\nRUN b", 12, 12, "\nRUN c", "FROM a\nRUN b\nRUN c", NULL},
        {"FROM a\n  RUN b\n", 7, 7, "USER x\n", "FROM a\nUSER x\n  RUN b\n", NULL},
        {"FROM a\n  RUN b\n", 7, 9, "", "FROM a\nRUN b\n", NULL},
        {"FROM a\nRUN b\n", 0, 0, "# c\n", "# c\nFROM a\nRUN b\n", NULL},
        {"FROM a\nRUN b\n", 6, 7, "\r\n", "FROM a\r\nRUN b\n", NULL},
        {"\xEF\xBB\xBF"
         "FROM a\n",
         3, 3, "ARG x\n",
         "\xEF\xBB\xBF"
         "ARG x\nFROM a\n",
         NULL},
        {"", 0, 0, "FROM a\n", "FROM a\n", NULL},
        /* gluing two lines touches both */
        {"FROM a\nRUN b \\\nRUN c\n", 13, 15, "\n", "FROM a\nRUN b \nRUN c\n", NULL},
        {"FROM a\nRUN b\nRUN c\n", 12, 13, " && ", "FROM a\nRUN b && RUN c\n", NULL},
        {"FROM a\nRUN b\nRUN c\n", 13, 13, "ENV A=", "FROM a\nRUN b\nENV A=RUN c\n", "kv-"},
    };
    for (size_t i = 0; i + 1 < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
    test_case last = cases[sizeof cases / sizeof *cases - 1];
    last.want = NULL;
    last.reason = "new error";
    check(&last); /* `ENV A=RUN c`: c has no `=` */
}

static void test_new_errors(void **state) {
    (void)state;
    static const test_case cases[] = {
        {"FROM a\nRUN b\n", 7, 10, "RUNN", NULL, "line 2 of the result has a new error: unknown"},
        {"FROM a\nRUN b\n", 0, 7, "", NULL, "new error"},
        {"FROM a\nRUN b\n", 11, 12, "<<E", NULL, "new error: heredoc"},
        {"FROM a\nCMD [\"b\"]\n", 12, 15, "1", NULL, "new error"},
        /* errors that were there may stay, move or go */
        {"FROM a\nFOO b\nRUN c\n", 7, 7, "USER x\n", "FROM a\nUSER x\nFOO b\nRUN c\n", NULL},
        {"FROM a\nFOO b\nRUN c\n", 11, 12, "cc", "FROM a\nFOO cc\nRUN c\n", NULL},
        {"FROM a\nFOO b\nRUN c\n", 7, 10, "BAR", "FROM a\nBAR b\nRUN c\n", NULL},
        {"FROM a\nFOO b\nRUN c\n", 7, 10, "RUN", "FROM a\nRUN b\nRUN c\n", NULL},
        {"FROM a\nFOO b\nRUN c\n", 13, 14, "X", NULL, "line 3 of the result has a new error"},
        {"RUN c\n", 0, 0, "FROM a\n", "FROM a\nRUN c\n", NULL},
        {"FROM a\nCOPY --x --y b c\n", 16, 19, "--z", "FROM a\nCOPY --x --z b c\n", NULL},
        {"FROM a\nFOO b\nRUN c\nBAR d\n", 13, 14, "USER", NULL, "new error"},
        {"FROM a\nCOPY b\nRUN c\n", 7, 13, "COPI b", NULL, "line 2 of the result has a new error"},
    };
    CHECK_ALL(cases);
}

static void test_untouched(void **state) {
    (void)state;
    static const test_case cases[] = {
        /* a continuation swallows the next instruction */
        {"FROM a\nRUN b\nRUN c\n", 12, 12, " \\", NULL, "line 3: no edit touches RUN"},
        {"FROM a\nRUN b\nRUN c\n", 7, 7, "RUN x \\\n", NULL, "line 2: no edit touches RUN"},
        {"FROM a\nRUN b\n\nRUN c\n", 12, 12, " \\", NULL, "line 4: no edit touches RUN"},
        /* a heredoc does */
        {"FROM a\nRUN b\nRUN c\nE\n", 11, 12, "<<E", NULL, "no edit touches RUN"},
        /* another escape character changes what a file means */
        {"FROM a\nRUN b \\\nRUN d\n", 0, 0, "# escape=`\n", NULL, "line 2: no edit touches RUN"},
        {"FROM a\nRUN b \\\n c\nENV X=y\n", 0, 0, "# escape=\\\n",
         "# escape=\\\nFROM a\nRUN b \\\n c\nENV X=y\n", NULL},
        {"FROM a\nCOPY --chown=a\\ b c d\n", 0, 0, "# escape=`\n", NULL,
         "line 2: no edit touches COPY"},
        /* a continuation that the end of the file cut off goes on */
        {"FROM a\nRUN b \\", 14, 14, "\nc\n", NULL, "line 2: no edit touches RUN"},
        {"# c\nFROM a\n", 0, 4, "", "FROM a\n", NULL},
        {"# c\n\\\n\\\nFROM a\n", 0, 4, "", "\\\n\\\nFROM a\n", NULL},
        /* a terminator that comes too early */
        {"FROM a\nCOPY <<E /x\nb\nE\nRUN c\n", 19, 20, "E\nUSER z\n#",
         "FROM a\nCOPY <<E /x\nE\nUSER z\n#\nE\nRUN c\n", "unknown"},
    };
    for (size_t i = 0; i + 1 < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
    test_case last = cases[sizeof cases / sizeof *cases - 1];
    last.want = NULL;
    last.reason = "new error: unknown instruction \"E\"";
    check(&last);
}

static void test_several(void **state) {
    (void)state;
    dfl_edits *edits = edits_of("FROM a\nRUN b\nRUN c\nRUN d\n");
    assert_int_equal(dfl_edits_replace(edits, range(23, 24), str("dd")), DFL_OK);
    assert_int_equal(dfl_edits_replace(edits, range(7, 13), str("")), DFL_OK);
    assert_int_equal(dfl_edits_replace(edits, range(13, 13), str("USER x\n")), DFL_OK);
    assert_int_equal(dfl_edits_insert(edits, 13, str("USER y\n")), DFL_OK);
    assert_applied(edits, "FROM a\nUSER x\nUSER y\nRUN c\nRUN dd\n");
    dfl_edits_free(edits);
}

/* The set stays as it is: it can be applied again, and mended after a refusal. */
static void test_again(void **state) {
    (void)state;
    dfl_edits *edits = edits_of("FROM a\nRUN b\nRUN c\n");
    assert_int_equal(dfl_edits_insert(edits, 12, str(" \\")), DFL_OK);
    assert_refused(edits, "line 3");
    assert_refused(edits, "line 3");
    assert_int_equal(dfl_edits_insert(edits, 12, str("\n  x")), DFL_OK);
    assert_applied(edits, "FROM a\nRUN b \\\n  x\nRUN c\n");
    assert_applied(edits, "FROM a\nRUN b \\\n  x\nRUN c\n");
    dfl_edits_free(edits);
    assert_int_equal(dfl_edits_apply(NULL, NULL), DFL_E_ARG);
}

/* Past the limit of kept diagnostics the counts decide. */
static void test_many_errors(void **state) {
    (void)state;
    static const char source[] = "FROM a\nFOO\nFOO\nFOO\nFOO\nRUN b\n";
    dfl_limits limits = DFL_LIMITS_INIT;
    limits.max_diags = 2;
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    options.limits = &limits;
    dfl_doc *doc = NULL, *result = NULL;
    dfl_edits *edits = NULL;
    assert_int_equal(dfl_parse(source, strlen(source), &options, &doc), DFL_OK);
    assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
    assert_int_equal(dfl_edits_replace(edits, range(7, 10), str("RUN")), DFL_OK);
    assert_int_equal(dfl_edits_apply(edits, &result), DFL_OK);
    assert_int_equal(dfl_doc_error_count(result), 3);
    assert_int_equal(dfl_edits_replace(edits, range(28, 28), str("\nBAR\nBAR")), DFL_OK);
    assert_refused(edits, "the result has 5 errors, the original 4");
    dfl_doc_unref(result);
    dfl_edits_free(edits);
    dfl_doc_unref(doc);
}

/* --- deleting */

static void check_delete(const char *source, uint32_t kind, unsigned index, int32_t comments,
                         const char *want) {
    dfl_doc *doc = parse(source), *result = NULL;
    dfl_edits *edits = NULL;
    assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
    assert_int_equal(dfl_edits_delete(edits, nth(doc, kind, index), comments), DFL_OK);
    dfl_status status = dfl_edits_apply(edits, &result);
    assert_int_equal(status, DFL_OK);
    assert_str(dfl_doc_source(result), want);
    dfl_doc_unref(result);
    dfl_edits_free(edits);
    dfl_doc_unref(doc);
}

static void test_delete(void **state) {
    (void)state;
    check_delete("FROM a\nRUN b\nRUN c\n", DFL_NODE_RUN, 0, 0, "FROM a\nRUN c\n");
    check_delete("FROM a\nRUN b\nRUN c\n", DFL_NODE_RUN, 1, 0, "FROM a\nRUN b\n");
    check_delete("FROM a\nRUN b", DFL_NODE_RUN, 0, 0, "FROM a\n");
    check_delete("FROM a\r\n\tRUN b \\\r\n # c\r\n\r\n d  \r\nRUN c\r\n", DFL_NODE_RUN, 0, 0,
                 "FROM a\r\nRUN c\r\n");
    check_delete("FROM a\nRUN <<E\nx\nE\nRUN c\n", DFL_NODE_RUN, 0, 0, "FROM a\nRUN c\n");
    check_delete("FROM a\nCOPY <<E <<G /\nx\nE\nG\nRUN c\n", DFL_NODE_COPY, 0, 0,
                 "FROM a\nRUN c\n");
    check_delete("FROM a\nFOO b\nRUN c\n", DFL_NODE_UNKNOWN, 0, 0, "FROM a\nRUN c\n");
    check_delete("FROM a\nONBUILD RUN b\n", DFL_NODE_ONBUILD, 0, 0, "FROM a\n");
    check_delete("\xEF\xBB\xBF"
                 "ARG x\nFROM a\n",
                 DFL_NODE_ARG, 0, 0,
                 "\xEF\xBB\xBF"
                 "FROM a\n");
}

static void test_delete_comments(void **state) {
    (void)state;
    check_delete("FROM a\n# x\n# y\nRUN b\n", DFL_NODE_RUN, 0, 0, "FROM a\n# x\n# y\n");
    check_delete("FROM a\n# x\n  # y\nRUN b\n", DFL_NODE_RUN, 0, 1, "FROM a\n");
    check_delete("FROM a\n# x\n\n# y\nRUN b\n", DFL_NODE_RUN, 0, 1, "FROM a\n# x\n\n");
    check_delete("FROM a\n# x\n\nRUN b\n", DFL_NODE_RUN, 0, 1, "FROM a\n# x\n\n");
    check_delete("FROM a\nRUN \\\n# x\nb\nRUN c\n", DFL_NODE_RUN, 1, 1, "FROM a\nRUN \\\n# x\nb\n");
    check_delete("FROM a\r\n# x\r\nRUN b\r\n", DFL_NODE_RUN, 0, 1, "FROM a\r\n");
    check_delete("\xEF\xBB\xBF# x\nARG b\nFROM a\n", DFL_NODE_ARG, 0, 1,
                 "\xEF\xBB\xBF"
                 "FROM a\n");
    /* a directive is no comment */
    check_delete("# syntax=x\nARG b\nFROM a\n", DFL_NODE_ARG, 0, 1, "# syntax=x\nFROM a\n");
    check_delete("# syntax=x\n# y\nARG b\nFROM a\n", DFL_NODE_ARG, 0, 1, "# syntax=x\nFROM a\n");
}

static void test_delete_several(void **state) {
    (void)state;
    dfl_doc *doc = parse("FROM a\nRUN b\nRUN c");
    dfl_edits *edits = NULL;
    assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
    assert_int_equal(dfl_edits_delete(edits, nth(doc, DFL_NODE_RUN, 1), 1), DFL_OK);
    assert_int_equal(dfl_edits_delete(edits, nth(doc, DFL_NODE_RUN, 0), 1), DFL_OK);
    assert_int_equal(dfl_edits_delete(edits, nth(doc, DFL_NODE_RUN, 0), 1), DFL_OK);
    assert_int_equal(dfl_edits_count(edits), 2);
    assert_applied(edits, "FROM a\n");
    dfl_edits_free(edits);
    dfl_doc_unref(doc);
}

static void test_delete_refused(void **state) {
    (void)state;
    dfl_doc *doc = parse("# c\nFROM a\nONBUILD RUN b\n");
    dfl_edits *edits = NULL;
    assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
    assert_int_equal(dfl_edits_delete(edits, dfl_doc_root(doc), 0), DFL_E_UNSUPPORTED);
    assert_int_equal(dfl_edits_delete(edits, nth(doc, DFL_NODE_COMMENT, 0), 0), DFL_E_UNSUPPORTED);
    assert_int_equal(dfl_edits_delete(edits, nth(doc, DFL_NODE_RUN, 0), 0), DFL_E_UNSUPPORTED);
    assert_int_equal(dfl_edits_delete(edits, nth(doc, DFL_NODE_FROM, 0), 0), DFL_OK);
    assert_refused(edits, "new error");
    dfl_edits_free(edits);
    dfl_doc_unref(doc);
}

static const char spliced[] = "# c\nFROM a AS b\nRUN x \\\n  y\nCOPY <<E /f\nt\nE\nENV A=\"b\"\n"
                              "RUN z\n";

static void splice_at_random(dfl_edits *edits, uint32_t *seed) {
    static const char *const texts[] = {"",  "\n",       " \\\n",     "E\n",          "\"",
                                        "#", "USER u\n", "RUN <<E\n", "# escape=`\n", "\\"};
    *seed = *seed * 1664525u + 1013904223u;
    uint32_t start = (*seed >> 8) % sizeof spliced, length = (*seed >> 20) % 3;
    if (start + length >= sizeof spliced) length = 0;
    if ((*seed & 0x80) != 0) { /* more at the start of lines: chance makes few valid files */
        while (start > 0 && spliced[start - 1] != '\n')
            start--;
        length = 0;
    }
    const char *text = texts[(*seed >> 24) % (sizeof texts / sizeof *texts)];
    (void)!dfl_edits_replace(edits, range(start, start + length), str(text));
}

/* The last line is read as before unless an edit lies on it or right before it; 1 when it was
 * looked at. */
static unsigned check_last_line(const dfl_edits *edits, const dfl_doc *result) {
    size_t count = dfl_edits_count(edits);
    dfl_edit last = {{0, 0}, {"", 0}};
    if (count > 0) assert_int_equal(dfl_edits_get(edits, count - 1, &last), DFL_OK);
    uint32_t run = (uint32_t)(strstr(spliced, "RUN z") - spliced);
    if (last.range.end >= run) return 0;
    dfl_node node = dfl_doc_node_at(result, dfl_edits_map(edits, run, 0) + 4);
    assert_str(dfl_node_value(node), "z");
    return 1;
}

/* Whatever is spliced, a result means for untouched lines what the original meant. */
static void test_random(void **state) {
    (void)state;
    uint32_t seed = 3;
    unsigned accepted = 0, looked_at = 0;
    dfl_doc *doc = parse(spliced);
    for (unsigned round = 0; round < 20000; round++) {
        dfl_edits *edits = NULL;
        dfl_doc *result = NULL;
        assert_int_equal(dfl_edits_new(doc, &edits), DFL_OK);
        for (unsigned i = 0; i < 1 + round % 3; i++)
            splice_at_random(edits, &seed);
        dfl_status status = dfl_edits_apply(edits, &result);
        assert_true(status == DFL_OK || status == DFL_E_REFUSED);
        assert_int_equal(status == DFL_OK, dfl_edits_reason(edits).len == 0);
        if (status == DFL_OK) {
            accepted++;
            assert_int_equal(dfl_doc_error_count(result), 0);
            looked_at += check_last_line(edits, result);
        }
        dfl_doc_unref(result);
        dfl_edits_free(edits);
    }
    assert_true(accepted > 1000);
    assert_true(looked_at > 1000);
    dfl_doc_unref(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),          cmocka_unit_test(test_new_errors),
        cmocka_unit_test(test_untouched),      cmocka_unit_test(test_several),
        cmocka_unit_test(test_again),          cmocka_unit_test(test_many_errors),
        cmocka_unit_test(test_delete),         cmocka_unit_test(test_delete_comments),
        cmocka_unit_test(test_delete_several), cmocka_unit_test(test_delete_refused),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
