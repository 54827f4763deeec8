/* test_sexp.c -- the tree as an S-expression.
 * Relies on cmocka and the parser.
 * Never checks what the parser makes of a file beyond what the form shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "print/print_support.h"

static void expect_sexp(dfl_str source, const char *want) {
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf);
    dfl_doc *doc = doc_of(source.ptr, source.len);
    assert_int_equal(dfl_print_sexp(doc, &sink), DFL_OK);
    expect_text(&buf, want);
    dfl__buf_free(&buf);
    dfl_doc_unref(doc);
}

static void an_empty_file_is_a_root(void **state) {
    (void)state;
    expect_sexp(DFL__LIT(""), "(file 0..0)\n");
}

static void values_flags_and_levels(void **state) {
    (void)state;
    expect_sexp(DFL__LIT("# c\"\nFROM al\\\npine\nENV a b\n"), "(file 0..27\n"
                                                               "  (comment 0..4 \"# c\\\"\")\n"
                                                               "  (FROM 5..18 =\"FROM alpine\"\n"
                                                               "    (keyword 5..9 \"FROM\")\n"
                                                               "    (word 10..18 =\"alpine\"))\n"
                                                               "  (ENV 19..26\n"
                                                               "    (keyword 19..22 \"ENV\")\n"
                                                               "    (pair 23..26 legacy\n"
                                                               "      (name 23..24 \"a\")\n"
                                                               "      (value 25..26 \"b\"))))\n");
}

static void nesting_closes_where_it_ends(void **state) {
    (void)state;
    expect_sexp(DFL__LIT("ONBUILD COPY <<-E /x\n\tq\nE\nFROM a\n"),
                "(file 0..33\n"
                "  (ONBUILD 0..25 =\"ONBUILD COPY <<-E /x\" error\n"
                "    (keyword 0..7 \"ONBUILD\")\n"
                "    (COPY 8..20 nested\n"
                "      (keyword 8..12 \"COPY\")\n"
                "      (word 13..17 \"<<-E\")\n"
                "      (word 18..20 \"/x\"))\n"
                "    (heredoc 21..25 =\"E\" expand chomp\n"
                "      (heredoc-body 21..24 \"\\tq\\n\")\n"
                "      (heredoc-end 24..25 \"E\")))\n"
                "  (FROM 26..32\n"
                "    (keyword 26..30 \"FROM\")\n"
                "    (word 31..32 \"a\")))\n");
}

static void bytes_that_are_not_text(void **state) {
    (void)state;
    expect_sexp(DFL__LIT("FROM a\xff\0b\n"), "(file 0..10\n"
                                             "  (FROM 0..9\n"
                                             "    (keyword 0..4 \"FROM\")\n"
                                             "    (word 5..9 \"a\\xff\\x00b\")))\n");
}

static void errors_are_flags(void **state) {
    (void)state;
    expect_sexp(DFL__LIT("FROM a\nNOPE x\n"), "(file 0..14\n"
                                              "  (FROM 0..6\n"
                                              "    (keyword 0..4 \"FROM\")\n"
                                              "    (word 5..6 \"a\"))\n"
                                              "  (UNKNOWN 7..13 error\n"
                                              "    (keyword 7..11 \"NOPE\")\n"
                                              "    (error 12..13 \"x\")))\n");
    expect_sexp(DFL__LIT("FROM a\nRUN <<E\n"), "(file 0..15\n"
                                               "  (FROM 0..6\n"
                                               "    (keyword 0..4 \"FROM\")\n"
                                               "    (word 5..6 \"a\"))\n"
                                               "  (RUN 7..14\n"
                                               "    (keyword 7..10 \"RUN\")\n"
                                               "    (shell-form 11..14 \"<<E\")\n"
                                               "    (heredoc 14..14 =\"E\" expand\n"
                                               "      (heredoc-body 14..14)\n"
                                               "      (heredoc-end 14..14 missing))))\n");
}

static void bad_arguments(void **state) {
    (void)state;
    dfl_sink broken = {refuse, NULL};
    dfl_doc *doc = doc_of("FROM a\n", 7);
    assert_int_equal(dfl_print_sexp(NULL, &broken), DFL_E_ARG);
    assert_int_equal(dfl_print_sexp(doc, NULL), DFL_E_ARG);
    assert_int_equal(dfl_print_sexp(doc, &broken), DFL_E_IO);
    dfl_doc_unref(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_is_a_root),
        cmocka_unit_test(values_flags_and_levels),
        cmocka_unit_test(nesting_closes_where_it_ends),
        cmocka_unit_test(bytes_that_are_not_text),
        cmocka_unit_test(errors_are_flags),
        cmocka_unit_test(bad_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
