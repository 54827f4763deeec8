/* lex.c -- see lex.h: blanks, comments, operators; the rest is word.c and heredoc.c.
 * Relies on base.
 * Never looks at a byte beyond the limit. */
#include "shell/lex.h"

#include <assert.h>
#include <string.h>

typedef struct {
    char text[4];
    uint8_t kind;
    uint8_t bash;
} operator_row;

/* Longer ones first. */
static const operator_row operators[] = {
    {";;&", DFL__TOK_ITEM_END, 1}, {"&>>", DFL__TOK_REDIR, 1},   {"<<<", DFL__TOK_REDIR, 1},
    {"<<-", DFL__TOK_REDIR, 0},    {";;", DFL__TOK_ITEM_END, 0}, {";&", DFL__TOK_ITEM_END, 1},
    {"&&", DFL__TOK_AND, 0},       {"||", DFL__TOK_OR, 0},       {"|&", DFL__TOK_PIPE, 1},
    {"&>", DFL__TOK_REDIR, 1},     {">>", DFL__TOK_REDIR, 0},    {">&", DFL__TOK_REDIR, 0},
    {">|", DFL__TOK_REDIR, 0},     {"<<", DFL__TOK_REDIR, 0},    {"<&", DFL__TOK_REDIR, 0},
    {"<>", DFL__TOK_REDIR, 0},     {";", DFL__TOK_SEMI, 0},      {"&", DFL__TOK_BG, 0},
    {"|", DFL__TOK_PIPE, 0},       {"(", DFL__TOK_LPAREN, 0},    {")", DFL__TOK_RPAREN, 0},
    {"<", DFL__TOK_REDIR, 0},      {">", DFL__TOK_REDIR, 0},
};

void dfl__lex_init(dfl__lex *l, dfl__arena *arena, uint32_t max_depth) {
    memset(l, 0, sizeof *l);
    l->arena = arena;
    l->alloc = arena->alloc;
    l->max_depth = max_depth;
    dfl__buf_init(&l->value, &l->alloc, 0);
}

void dfl__lex_free(dfl__lex *l) {
    dfl__buf_free(&l->value);
    DFL__VEC_FREE(&l->alloc, &l->saved);
    DFL__VEC_FREE(&l->alloc, &l->quotes);
    DFL__VEC_FREE(&l->alloc, &l->pending);
    DFL__VEC_FREE(&l->alloc, &l->bodies);
    DFL__VEC_FREE(&l->alloc, &l->jobs);
}

void dfl__lex_start(dfl__lex *l, dfl_str text, uint32_t depth) {
    assert(text.len <= UINT32_MAX);
    l->text = text;
    l->at = 0;
    l->limit = (uint32_t)text.len;
    l->depth = depth;
    l->value.len = 0;
    l->saved.count = l->quotes.count = l->pending.count = l->pending_from = 0;
}

int dfl__lex_enter(dfl__lex *l) {
    if (l->depth >= l->max_depth) {
        l->status = DFL_E_LIMIT;
        return 0;
    }
    l->depth++;
    return 1;
}

int dfl__sh_is_name(dfl_str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (!dfl__is_alpha(c) && c != '_' && (i == 0 || !dfl__is_digit(c))) return 0;
    }
    return s.len > 0;
}

int dfl__lex_peek(const dfl__lex *l, uint32_t at) {
    return at < l->limit ? (unsigned char)l->text.ptr[at] : -1;
}

uint32_t dfl__lex_joined(const dfl__lex *l, uint32_t at) {
    while (dfl__lex_peek(l, at) == '\\' && dfl__lex_peek(l, at + 1) == '\n')
        at += 2;
    return at;
}

/* Where `text` ends when it stands at `at`, continuations inside it allowed; 0 when it does not. */
static uint32_t match(const dfl__lex *l, uint32_t at, const char *text) {
    for (uint32_t i = 0; text[i] != '\0'; i++) {
        if (i > 0) at = dfl__lex_joined(l, at);
        if (dfl__lex_peek(l, at) != (unsigned char)text[i]) return 0;
        at++;
    }
    return at;
}

int dfl__lex_operator(dfl__lex *l, dfl__tok *out) {
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        uint32_t end = match(l, l->at, operators[i].text);
        if (end == 0) continue;
        out->kind = (dfl__tok_kind)operators[i].kind;
        memcpy(out->op, operators[i].text, sizeof out->op);
        out->end = end;
        l->bash |= operators[i].bash;
        l->at = end;
        return 1;
    }
    return 0;
}

static void skip_blanks(dfl__lex *l) {
    for (;;) {
        l->at = dfl__lex_joined(l, l->at);
        int c = dfl__lex_peek(l, l->at);
        if (c != ' ' && c != '\t') break;
        l->at++;
    }
    if (dfl__lex_peek(l, l->at) != '#') return;
    dfl_str read = {l->text.ptr, l->limit};
    l->at = (uint32_t)dfl__find(read, '\n', l->at);
}

static void newline(dfl__lex *l, dfl__tok *out) {
    out->kind = DFL__TOK_NEWLINE;
    out->end = ++l->at;
    out->bodies = l->pending.count > l->pending_from;
    if (!dfl__lex_bodies(l)) out->kind = DFL__TOK_BAD;
}

void dfl__lex_next(dfl__lex *l, unsigned mode, dfl__tok *out) {
    memset(out, 0, sizeof *out);
    skip_blanks(l);
    int c = dfl__lex_peek(l, l->at);
    out->start = out->end = l->at;
    out->fd = DFL__NONE;
    if (c < 0) return;
    if (c == '\n') {
        newline(l, out);
        return;
    }
    int word = (c == '<' || c == '>') && dfl__lex_peek(l, l->at + 1) == '(';
    if (mode & DFL__LEX_REGEX) word = c == '(' || c == '|';
    if (word || !dfl__lex_operator(l, out)) dfl__lex_word(l, mode, out);
}

/* Past a quoted part of the parentheses `((`; `at` is its opening. */
static uint32_t skip_quoted(const dfl__lex *l, uint32_t at) {
    int quote = dfl__lex_peek(l, at++);
    while (at < l->limit && dfl__lex_peek(l, at) != quote)
        at += quote != '\'' && dfl__lex_peek(l, at) == '\\' ? 2 : 1;
    return at + 1;
}

/* Called once for each `((`, and reads to its match: at most text times depth steps in all. */
dfl__parens dfl__lex_parens(const dfl__lex *l, uint32_t at) {
    uint32_t open = 0;
    at += 2;
    while (at < l->limit) {
        int c = dfl__lex_peek(l, at);
        if (c == ')' && open == 0) break;
        if (c == '(') open++;
        if (c == ')') open--;
        if (c == '"' || c == '\'' || c == '`')
            at = skip_quoted(l, at);
        else
            at += c == '\\' ? 2 : 1;
    }
    int next = dfl__lex_peek(l, at + 1);
    if (next == '\n') return DFL__PARENS_DOUBT;
    return next == ')' ? DFL__PARENS_ARITH : DFL__PARENS_SUBSHELLS;
}
