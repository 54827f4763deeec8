/* compound.c -- the small grammars: for, case, functions, bash's [[ and ((.
 * Relies on scan.h.
 * Never evaluates a pattern or an expression. */
#include "shell/scan.h"

#include <assert.h>
#include <string.h>

/* Names that dash refuses for a function. */
static const char *const special_builtins[] = {".",    ":",     "break",  "continue", "eval",
                                               "exec", "exit",  "export", "return",   "readonly",
                                               "set",  "shift", "times",  "trap",     "unset"};

/* Operators of [[ that take words on both sides. */
static const char *const binary_tests[] = {"=",   "==",  "!=",  "=~",  "-nt", "-ot", "-ef",
                                           "-eq", "-ne", "-lt", "-le", "-gt", "-ge"};

static dfl__step become(dfl__scan *s, dfl__part part) {
    dfl__scan_top(s)->part = (uint8_t)part;
    return DFL__TOOK;
}

static dfl__reserved word_of(const dfl__tok *t) {
    return t->kind == DFL__TOK_WORD ? dfl__scan_reserved(&t->word) : DFL__WORD_NONE;
}

static int is_bare_name(const dfl__tok *t) {
    return t->kind == DFL__TOK_WORD && t->word.literal && !t->word.quoted &&
           dfl__sh_is_name(t->word.value);
}

/* for and select. */

static dfl__step on_for(dfl__scan *s, dfl__tok *t) {
    if (is_bare_name(t)) return become(s, DFL__PART_FOR_IN);
    int arith = t->kind == DFL__TOK_LPAREN && dfl__lex_peek(&s->lex, t->end) == '(';
    if (!arith || dfl__lex_parens(&s->lex, t->start) != DFL__PARENS_ARITH) return DFL__BAD;
    s->lex.bash = 1;
    return become(s, DFL__PART_FOR_ARITH);
}

/* Three expressions, whose semicolons are the only ones. */
static dfl__step on_for_arith(dfl__scan *s, dfl__tok *t) {
    uint32_t semis = 0;
    if (t->kind != DFL__TOK_WORD) return DFL__BAD;
    for (uint32_t at = t->word.start; at < t->word.end; at++) {
        if (s->lex.text.ptr[at] == '\\') return DFL__BAD;
        semis += s->lex.text.ptr[at] == ';';
    }
    return semis == 2 ? become(s, DFL__PART_FOR_SEMI) : DFL__BAD;
}

static dfl__step on_for_do(dfl__scan *s, dfl__tok *t) {
    if (t->kind == DFL__TOK_NEWLINE) return DFL__TOOK;
    return word_of(t) == DFL__WORD_DO ? dfl__scan_list(s, DFL__PART_DO) : DFL__BAD;
}

static dfl__step on_for_line(dfl__scan *s, dfl__tok *t) {
    return word_of(t) == DFL__WORD_IN ? become(s, DFL__PART_FOR_WORDS) : on_for_do(s, t);
}

static dfl__step on_for_in(dfl__scan *s, dfl__tok *t) {
    if (t->kind == DFL__TOK_SEMI) return become(s, DFL__PART_FOR_DO);
    if (t->kind == DFL__TOK_NEWLINE) return become(s, DFL__PART_FOR_LINE);
    return on_for_line(s, t);
}

static dfl__step on_for_words(dfl__scan *s, dfl__tok *t) {
    if (t->kind == DFL__TOK_WORD) return DFL__TOOK;
    int ends = t->kind == DFL__TOK_SEMI || t->kind == DFL__TOK_NEWLINE;
    return ends ? become(s, DFL__PART_FOR_DO) : DFL__BAD;
}

static dfl__step on_for_semi(dfl__scan *s, dfl__tok *t) {
    return t->kind == DFL__TOK_SEMI ? become(s, DFL__PART_FOR_DO) : on_for_do(s, t);
}

/* case. */

static dfl__step on_case(dfl__scan *s, dfl__tok *t) {
    return t->kind == DFL__TOK_WORD ? become(s, DFL__PART_CASE_IN) : DFL__BAD;
}

static dfl__step on_case_in(dfl__scan *s, dfl__tok *t) {
    if (t->kind == DFL__TOK_NEWLINE) return DFL__TOOK;
    return word_of(t) == DFL__WORD_IN ? become(s, DFL__PART_PATTERN) : DFL__BAD;
}

/* `esac` is no pattern: whether it ends the command is not the same for all shells. */
static dfl__step on_pattern_word(dfl__scan *s, dfl__tok *t) {
    if (t->kind != DFL__TOK_WORD || word_of(t) == DFL__WORD_ESAC) return DFL__BAD;
    return become(s, DFL__PART_PATTERN_NEXT);
}

static dfl__step on_pattern(dfl__scan *s, dfl__tok *t) {
    if (t->kind == DFL__TOK_NEWLINE) return DFL__TOOK;
    if (t->kind == DFL__TOK_LPAREN) return become(s, DFL__PART_PATTERN_WORD);
    if (word_of(t) == DFL__WORD_ESAC) return dfl__scan_close(s, t->end);
    return on_pattern_word(s, t);
}

static dfl__step on_pattern_next(dfl__scan *s, dfl__tok *t) {
    if (t->kind == DFL__TOK_RPAREN) return dfl__scan_list(s, DFL__PART_ITEM);
    int more = t->kind == DFL__TOK_PIPE && t->op[1] == '\0';
    return more ? become(s, DFL__PART_PATTERN_WORD) : DFL__BAD;
}

/* Functions. */

/* A name that every shell takes, or at least bash (which is noted). */
static int is_function_name(dfl__scan *s, const dfl__sh_word *word) {
    if (!word->literal || word->quoted || word->value.len == 0) return 0;
    if (dfl__scan_reserved(word) != DFL__WORD_NONE) return 0;
    if (DFL__IS_ONE_OF(word->value, special_builtins)) return 0;
    if (dfl__sh_is_name(word->value)) return 1;
    for (size_t i = 0; i < word->value.len; i++) {
        unsigned char c = (unsigned char)word->value.ptr[i];
        if (!dfl__is_alpha(c) && !dfl__is_digit(c) && strchr("_-.:+@/", c) == NULL) return 0;
    }
    s->lex.bash = 1;
    return 1;
}

static dfl__step name_function(dfl__scan *s, const dfl__sh_word *name, dfl__part part) {
    dfl__sh_cmd *cmd = &s->entries.items[dfl__scan_top(s)->cmd].cmd;
    if (!is_function_name(s, name)) return DFL__BAD;
    cmd->kind = DFL__CMD_COMPOUND;
    cmd->function = 1;
    dfl__scan_top(s)->inherited = 1;
    return become(s, part);
}

/* The simple command on top is a name before `(`. It becomes a level of nesting now. */
dfl__step dfl__scan_function(dfl__scan *s) {
    dfl__sh_word name = s->words.items[--s->words.count];
    if (!dfl__lex_enter(&s->lex)) return DFL__BAD;
    return name_function(s, &name, DFL__PART_FUNCTION_CLOSE);
}

static dfl__step on_function(dfl__scan *s, dfl__tok *t) {
    if (t->kind != DFL__TOK_WORD) return DFL__BAD;
    return name_function(s, &t->word, DFL__PART_FUNCTION_OPEN);
}

static dfl__step on_function_close(dfl__scan *s, dfl__tok *t) {
    return t->kind == DFL__TOK_RPAREN ? become(s, DFL__PART_FUNCTION_BODY) : DFL__BAD;
}

static dfl__step on_function_body(dfl__scan *s, dfl__tok *t) {
    if (t->kind == DFL__TOK_NEWLINE) return DFL__TOOK;
    if (t->kind != DFL__TOK_LPAREN && t->kind != DFL__TOK_WORD) return DFL__BAD;
    become(s, DFL__PART_FUNCTION_DONE);
    return dfl__scan_open(s, t, 1);
}

static dfl__step on_function_open(dfl__scan *s, dfl__tok *t) {
    if (t->kind == DFL__TOK_LPAREN) return become(s, DFL__PART_FUNCTION_CLOSE);
    become(s, DFL__PART_FUNCTION_BODY);
    return DFL__AGAIN;
}

/* The body took its redirections; what follows it follows the definition. */
static dfl__step on_function_done(dfl__scan *s, dfl__tok *t) {
    (void)t;
    const dfl__frame *f = dfl__scan_top(s);
    dfl__list_state state = (dfl__list_state)f->state;
    s->entries.items[f->cmd].cmd.end = s->entries.items[f->last].cmd.end;
    return dfl__scan_finish(s, state);
}

/* (( )) and [[ ]]. */

static dfl__step on_arith(dfl__scan *s, dfl__tok *t) {
    return t->kind == DFL__TOK_WORD ? dfl__scan_close(s, t->end) : DFL__BAD;
}

static int is_unary_test(const dfl__sh_word *word) {
    dfl_str v = word->value;
    return word->literal && !word->quoted && v.len == 2 && v.ptr[0] == '-' &&
           strchr("abcdefghknoprstuvwxzGLNORS", v.ptr[1]) != NULL;
}

/* The index of a binary operator, or -1. */
static int binary_test(const dfl__sh_word *word) {
    int count = (int)(sizeof binary_tests / sizeof binary_tests[0]);
    for (int i = 0; i < count && !word->quoted; i++) {
        if (dfl__eqz(word->value, binary_tests[i])) return i;
    }
    return -1;
}

static dfl__step on_test(dfl__scan *s, dfl__tok *t) {
    if (t->kind == DFL__TOK_NEWLINE || word_of(t) == DFL__WORD_BANG) return DFL__TOOK;
    if (t->kind == DFL__TOK_LPAREN) {
        dfl__scan_top(s)->parens++;
        return DFL__TOOK;
    }
    if (t->kind != DFL__TOK_WORD || word_of(t) == DFL__WORD_RTEST) return DFL__BAD;
    return become(s, is_unary_test(&t->word) ? DFL__PART_TEST_ARG : DFL__PART_TEST_NEXT);
}

static dfl__step on_test_arg(dfl__scan *s, dfl__tok *t) {
    if (t->kind != DFL__TOK_WORD || word_of(t) == DFL__WORD_RTEST) return DFL__BAD;
    return become(s, DFL__PART_TEST_DONE);
}

static dfl__step on_test_done(dfl__scan *s, dfl__tok *t) {
    dfl__frame *f = dfl__scan_top(s);
    if (t->kind == DFL__TOK_NEWLINE) return become(s, DFL__PART_TEST_DONE);
    if (t->kind == DFL__TOK_AND || t->kind == DFL__TOK_OR) return become(s, DFL__PART_TEST);
    if (t->kind == DFL__TOK_RPAREN && f->parens > 0) {
        f->parens--;
        return become(s, DFL__PART_TEST_DONE);
    }
    int closed = word_of(t) == DFL__WORD_RTEST && f->parens == 0;
    return closed ? dfl__scan_close(s, t->end) : DFL__BAD;
}

static dfl__step on_test_next(dfl__scan *s, dfl__tok *t) {
    int angle = t->kind == DFL__TOK_REDIR && t->op[1] == '\0' && t->fd == DFL__NONE;
    if (angle) return become(s, DFL__PART_TEST_RIGHT);
    if (t->kind != DFL__TOK_WORD || word_of(t) == DFL__WORD_RTEST) return on_test_done(s, t);
    int operator= binary_test(&t->word);
    if (operator<0) return DFL__BAD;
    int regex = dfl__eqz(t->word.value, "=~");
    return become(s, regex ? DFL__PART_TEST_REGEX : DFL__PART_TEST_RIGHT);
}

static dfl__handler *const handlers[DFL__PART_COUNT] = {
    [DFL__PART_FOR] = on_for,
    [DFL__PART_FOR_IN] = on_for_in,
    [DFL__PART_FOR_LINE] = on_for_line,
    [DFL__PART_FOR_WORDS] = on_for_words,
    [DFL__PART_FOR_ARITH] = on_for_arith,
    [DFL__PART_FOR_SEMI] = on_for_semi,
    [DFL__PART_FOR_DO] = on_for_do,
    [DFL__PART_CASE] = on_case,
    [DFL__PART_CASE_IN] = on_case_in,
    [DFL__PART_PATTERN] = on_pattern,
    [DFL__PART_PATTERN_WORD] = on_pattern_word,
    [DFL__PART_PATTERN_NEXT] = on_pattern_next,
    [DFL__PART_FUNCTION] = on_function,
    [DFL__PART_FUNCTION_OPEN] = on_function_open,
    [DFL__PART_FUNCTION_CLOSE] = on_function_close,
    [DFL__PART_FUNCTION_BODY] = on_function_body,
    [DFL__PART_FUNCTION_DONE] = on_function_done,
    [DFL__PART_ARITH] = on_arith,
    [DFL__PART_TEST] = on_test,
    [DFL__PART_TEST_ARG] = on_test_arg,
    [DFL__PART_TEST_NEXT] = on_test_next,
    [DFL__PART_TEST_RIGHT] = on_test_arg,
    [DFL__PART_TEST_REGEX] = on_test_arg,
    [DFL__PART_TEST_DONE] = on_test_done,
};

dfl__handler *dfl__scan_compound(dfl__part part) {
    assert(part < DFL__PART_COUNT && handlers[part] != NULL);
    return handlers[part];
}
