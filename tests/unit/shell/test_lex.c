/* test_lex.c -- tokens: kinds, ranges, suspended words, here-documents that wait.
 * Relies on cmocka and the scanner's internal headers.
 * Never follows a grammar: substitutions are resumed where the text says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/scan.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

typedef struct {
    dfl__arena arena;
    dfl__lex lex;
} fixture;

static void start(fixture *f, const char *text, uint32_t max_depth) {
    dfl__arena_init(&f->arena, NULL);
    dfl__lex_init(&f->lex, &f->arena, max_depth);
    dfl__lex_start(&f->lex, dfl__str(text), 0);
}

static void stop(fixture *f) {
    dfl__lex_free(&f->lex);
    dfl__arena_free(&f->arena);
}

/* A letter for each token and its text in []; a suspended word is resumed at the next token `)`. */
static void tokens(const char *text, const char *want) {
    static const char letters[] = "EnwrAOscbpLR(X";
    fixture f;
    dfl__buf out;
    dfl__tok tok;
    start(&f, text, 64);
    dfl__buf_init(&out, NULL, 0);
    do {
        dfl__lex_next(&f.lex, DFL__LEX_ASSIGN, &tok);
        if (tok.kind == DFL__TOK_RPAREN && f.lex.saved.count > 0) dfl__lex_resume(&f.lex, &tok);
        dfl__buf_addc(&out, letters[tok.kind]);
        dfl__buf_addc(&out, '[');
        dfl__buf_add(&out, dfl__sub(f.lex.text, tok.start, tok.end));
        dfl__buf_addc(&out, ']');
    } while (tok.kind != DFL__TOK_EOF && tok.kind != DFL__TOK_BAD);
    dfl_str got = dfl__buf_str(&out);
    if (!dfl__eqz(got, want)) fail_msg("%s: %.*s", text, (int)got.len, got.ptr);
    dfl__buf_free(&out);
    stop(&f);
}

static void splits_tokens(void **state) {
    (void)state;
    tokens("", "E[]");
    tokens(" a  b\t", "w[a]w[b]E[]");
    tokens("a&&b||c;d&e|f|&g", "w[a]A[&&]w[b]O[||]w[c]s[;]w[d]b[&]w[e]p[|]w[f]p[|&]w[g]E[]");
    tokens("a;;b;&c;;&", "w[a]c[;;]w[b]c[;&]w[c]c[;;&]E[]");
    tokens("a\n\n#b\nc#d", "w[a]n[\n]n[\n]n[\n]w[c#d]E[]");
    tokens("(a)", "L[(]w[a]R[)]E[]");
    tokens("a>b>>c<d<>e>|f<&g>&h",
           "w[a]r[>]w[b]r[>>]w[c]r[<]w[d]r[<>]w[e]r[>|]w[f]r[<&]w[g]r[>&]w[h]E[]");
    tokens("2>&1 a2>b &>c &>>d <<<e", "r[2>&]w[1]w[a2]r[>]w[b]r[&>]w[c]r[&>>]w[d]r[<<<]w[e]E[]");
    tokens("a&\\\n&b", "w[a]A[&\\\n&]w[b]E[]");
    tokens("a\\\nb \\\n c\\\n", "w[a\\\nb]w[c]E[]");
    tokens("a$(b c)d e", "([]w[b]w[c]w[a$(b c)d]w[e]E[]");
    tokens("a=(b)", "([]w[b]w[a=(b)]E[]");
    tokens("'a", "X[]");
}

static void counts_digits(void **state) {
    (void)state;
    fixture f;
    dfl__tok tok;
    start(&f, "2>a >b", 64);
    dfl__lex_next(&f.lex, 0, &tok);
    assert_int_equal(tok.kind, DFL__TOK_REDIR);
    assert_int_equal(tok.fd, 2);
    assert_string_equal(tok.op, ">");
    dfl__lex_next(&f.lex, 0, &tok);
    dfl__lex_next(&f.lex, 0, &tok);
    assert_int_equal(tok.fd, DFL__NONE);
    stop(&f);
}

static void joins_lines(void **state) {
    (void)state;
    fixture f;
    start(&f, "a\\\n\\\nb\\", 64);
    assert_int_equal(dfl__lex_joined(&f.lex, 0), 0);
    assert_int_equal(dfl__lex_joined(&f.lex, 1), 5);
    assert_int_equal(dfl__lex_joined(&f.lex, 6), 6);
    assert_int_equal(dfl__lex_peek(&f.lex, 5), 'b');
    assert_int_equal(dfl__lex_peek(&f.lex, 7), -1);
    stop(&f);
}

static void tells_parentheses(void **state) {
    (void)state;
    static const struct {
        const char *text;
        dfl__parens parens;
    } cases[] = {
        {"((a))", DFL__PARENS_ARITH},         {"((a)b)", DFL__PARENS_SUBSHELLS},
        {"(((a)))", DFL__PARENS_ARITH},       {"((a) )", DFL__PARENS_SUBSHELLS},
        {"((\")\"))", DFL__PARENS_ARITH},     {"((')' ))", DFL__PARENS_ARITH},
        {"((\\)))", DFL__PARENS_ARITH},       {"((a)\nb)", DFL__PARENS_DOUBT},
        {"((a", DFL__PARENS_SUBSHELLS},       {"((`)`)b)", DFL__PARENS_SUBSHELLS},
        {"((\"\\\")\"))", DFL__PARENS_ARITH}, {"((\"", DFL__PARENS_SUBSHELLS},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        fixture f;
        start(&f, cases[i].text, 64);
        if (dfl__lex_parens(&f.lex, 0) != cases[i].parens) fail_msg("%s", cases[i].text);
        stop(&f);
    }
}

static void reads_arithmetic(void **state) {
    (void)state;
    fixture f;
    dfl__tok tok;
    start(&f, "((a+(1)))b", 64);
    dfl__lex_next(&f.lex, 0, &tok);
    assert_int_equal(tok.kind, DFL__TOK_LPAREN);
    dfl__lex_arith(&f.lex, &tok);
    assert_int_equal(tok.kind, DFL__TOK_WORD);
    assert_int_equal(tok.end, 9);
    dfl__lex_next(&f.lex, 0, &tok);
    assert_int_equal(tok.start, 9);
    stop(&f);
}

static void reads_bodies(void **state) {
    (void)state;
    fixture f;
    dfl__tok tok;
    start(&f, "E\na\nE\nb", 64);
    dfl__lex_next(&f.lex, 0, &tok);
    assert_int_equal(dfl__lex_heredoc(&f.lex, &tok.word, 0), 1);
    dfl__lex_next(&f.lex, 0, &tok);
    assert_int_equal(tok.kind, DFL__TOK_NEWLINE);
    assert_int_equal(tok.bodies, 1);
    assert_int_equal(tok.end, 2);
    assert_int_equal(f.lex.bodies.count, 1);
    assert_int_equal(f.lex.bodies.items[0].start, 2);
    assert_int_equal(f.lex.bodies.items[0].end, 6);
    assert_int_equal(f.lex.pending.count, 0);
    dfl__lex_next(&f.lex, 0, &tok);
    assert_int_equal(tok.start, 6);
    stop(&f);
    start(&f, "$x y", 64);
    dfl__lex_next(&f.lex, 0, &tok);
    assert_int_equal(dfl__lex_heredoc(&f.lex, &tok.word, 0), 0);
    assert_int_equal(f.lex.status, DFL_OK);
    stop(&f);
    start(&f, "a \"$b\" 'c", 64);
    dfl__lex_body(&f.lex, &tok);
    assert_int_equal(tok.kind, DFL__TOK_WORD);
    assert_int_equal(tok.end, 9);
    stop(&f);
}

static void counts_levels(void **state) {
    (void)state;
    fixture f;
    start(&f, "", 2);
    assert_int_equal(dfl__lex_enter(&f.lex), 1);
    assert_int_equal(dfl__lex_enter(&f.lex), 1);
    assert_int_equal(dfl__lex_enter(&f.lex), 0);
    assert_int_equal(f.lex.depth, 2);
    assert_int_equal(f.lex.status, DFL_E_LIMIT);
    stop(&f);
}

static void knows_names(void **state) {
    (void)state;
    static const char *const good[] = {"a", "_", "A1", "_1", "aZ09_"};
    static const char *const bad[] = {"", "1", "1a", "a-b", "a.", "\xc3\xa9", "a b"};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(dfl__sh_is_name(dfl__str(good[i])));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(dfl__sh_is_name(dfl__str(bad[i])));
}

static void knows_reserved_words(void **state) {
    (void)state;
    dfl__sh_word word = {.value = dfl__str("while")};
    assert_int_equal(dfl__scan_reserved(&word), DFL__WORD_WHILE);
    word.value = dfl__str("!");
    assert_int_equal(dfl__scan_reserved(&word), DFL__WORD_BANG);
    word.value = dfl__str("whilea");
    assert_int_equal(dfl__scan_reserved(&word), DFL__WORD_NONE);
    word.value = dfl__str("functions");
    assert_int_equal(dfl__scan_reserved(&word), DFL__WORD_NONE);
    word.value = dfl__str("function");
    assert_int_equal(dfl__scan_reserved(&word), DFL__WORD_FUNCTION);
    word.quoted = 1;
    assert_int_equal(dfl__scan_reserved(&word), DFL__WORD_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_tokens),        cmocka_unit_test(counts_digits),
        cmocka_unit_test(joins_lines),          cmocka_unit_test(tells_parentheses),
        cmocka_unit_test(reads_arithmetic),     cmocka_unit_test(reads_bodies),
        cmocka_unit_test(counts_levels),        cmocka_unit_test(knows_names),
        cmocka_unit_test(knows_reserved_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
