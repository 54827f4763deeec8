/* word.c -- the bytes of one word: quotes, escapes, expansions, quote removal.
 * Relies on lex.h.
 * Never reads a quote two ways: where dash and bash find different ends, the word is bad. */
#include "shell/lex.h"

#include <assert.h>
#include <string.h>

typedef enum { STEP_ON, STEP_END, STEP_OPEN, STEP_BAD } step_result;

enum {
    K_ORDINARY,
    K_END,
    K_ANGLE,
    K_DOUBLE,
    K_SINGLE,
    K_TICK,
    K_DOLLAR,
    K_ESCAPE,
    K_NAME,
    K_GLOB,
    K_TILDE,
    K_COUNT
};

/* Outside quotes. */
static const uint8_t kinds[256] = {
    [' '] = K_END,    ['\t'] = K_END,    ['\n'] = K_END, [';'] = K_END,    ['&'] = K_END,
    ['|'] = K_END,    ['('] = K_END,     [')'] = K_END,  ['<'] = K_ANGLE,  ['>'] = K_ANGLE,
    ['"'] = K_DOUBLE, ['\''] = K_SINGLE, ['`'] = K_TICK, ['$'] = K_DOLLAR, ['\\'] = K_ESCAPE,
    ['='] = K_NAME,   ['+'] = K_NAME,    ['*'] = K_GLOB, ['?'] = K_GLOB,   ['['] = K_GLOB,
    [']'] = K_GLOB,   ['{'] = K_GLOB,    ['}'] = K_GLOB, [','] = K_GLOB,   ['.'] = K_GLOB,
    ['~'] = K_TILDE,
};

/* Bytes that mean something inside: a bit for each dfl__quote_kind. */
static const uint8_t stops[256] = {
    ['"'] = 15, ['\\'] = 15, ['$'] = 15, ['`'] = 15, ['\''] = 6,
    ['}'] = 3,  ['<'] = 2,   ['>'] = 2,  ['('] = 15, [')'] = 15,
};

static step_result out_of_memory(dfl__lex *l) {
    l->status = DFL_E_NOMEM;
    return STEP_BAD;
}

static int here(const dfl__lex *l) {
    return dfl__lex_peek(l, l->at);
}

/* `n` bytes that are not part of the value. */
static step_result drop(dfl__lex *l, uint32_t n) {
    l->at += n;
    l->w.word.end = l->at;
    return STEP_ON;
}

/* `n` bytes that are. */
static step_result take(dfl__lex *l, uint32_t n) {
    dfl__buf_add(&l->value, dfl__sub(l->text, l->at, l->at + n));
    if (l->value.failed) return out_of_memory(l);
    return drop(l, n);
}

static dfl_str value_so_far(const dfl__lex *l) {
    return dfl__sub(dfl__buf_str(&l->value), l->w.value_from, l->value.len);
}

/* No longer like NAME=: part of it is quoted or expands. */
static void break_name(dfl__lex *l) {
    if (l->w.name != DFL__NAME_INDEX && l->w.name != DFL__NAME_DONE) l->w.name = DFL__NAME_NOT;
}

static int is_bare(const dfl__lex *l) {
    return l->quotes.count == l->w.quotes_from;
}

static dfl__quote *top(const dfl__lex *l) {
    assert(!is_bare(l));
    return &l->quotes.items[l->quotes.count - 1];
}

static int in_quotes(const dfl__lex *l) {
    return !is_bare(l) && top(l)->quoted;
}

static step_result push(dfl__lex *l, dfl__quote_kind kind) {
    const dfl__quote *outer = is_bare(l) ? NULL : top(l);
    dfl__quote quote = {.kind = kind};
    int deep = kind == DFL__IN_BRACE || kind == DFL__IN_ARITH;
    if (deep && !dfl__lex_enter(l)) return STEP_BAD;
    quote.quoted = kind != DFL__IN_BRACE || (outer != NULL && outer->quoted);
    quote.in_body = kind == DFL__IN_BODY || (outer != NULL && outer->in_body);
    quote.in_arith = kind == DFL__IN_ARITH || (outer != NULL && outer->in_arith);
    return DFL__PUSH(&l->alloc, &l->quotes, quote) ? STEP_ON : out_of_memory(l);
}

static step_result pop(dfl__lex *l, uint32_t bytes) {
    dfl__quote_kind kind = top(l)->kind;
    if (kind == DFL__IN_BRACE || kind == DFL__IN_ARITH) l->depth--;
    l->quotes.count--;
    drop(l, bytes);
    return is_bare(l) && (l->w.mode & DFL__LEX_ARITH) ? STEP_END : STEP_ON;
}

/* Suspend the word: what follows l->at are commands or the elements of an array. */
static step_result suspend(dfl__lex *l, dfl__open open, uint32_t bytes) {
    drop(l, bytes);
    l->w.open = open;
    l->w.limit = l->limit;
    l->w.pending_from = l->pending_from;
    if (!DFL__PUSH(&l->alloc, &l->saved, l->w)) return out_of_memory(l);
    if (open != DFL__OPEN_ARRAY) l->pending_from = l->pending.count;
    return STEP_OPEN;
}

static step_result single_quote(dfl__lex *l) {
    dfl_str read = {l->text.ptr, l->limit};
    size_t end = dfl__find(read, '\'', l->at + 1);
    if (end == read.len) return STEP_BAD;
    break_name(l);
    l->w.word.quoted = 1;
    l->at++;
    if (take(l, (uint32_t)end - l->at) == STEP_BAD) return STEP_BAD;
    return drop(l, 1);
}

static step_result double_quote(dfl__lex *l) {
    break_name(l);
    l->w.word.quoted = 1;
    drop(l, 1);
    return push(l, DFL__IN_DOUBLE);
}

/* $'...': the backslash escapes a quote for bash only. */
static step_result ansi_quote(dfl__lex *l, uint32_t at) {
    for (at++; at < l->limit && dfl__lex_peek(l, at) != '\''; at++) {
        if (dfl__lex_peek(l, at) == '\\') at++;
    }
    if (at >= l->limit) return STEP_BAD;
    l->w.word.quoted = 1;
    l->w.varies = 1;
    l->bash = 1;
    return drop(l, at + 1 - l->at);
}

/* Expansions. */

static uint32_t skip_name(const dfl__lex *l, uint32_t at) {
    int c = dfl__lex_peek(l, at);
    while (c >= 0 &&
           (dfl__is_alpha((unsigned char)c) || c == '_' || dfl__is_digit((unsigned char)c)))
        c = dfl__lex_peek(l, ++at);
    return at;
}

static int is_special(int c) {
    return c > 0 && strchr("@*#?-$!", c) != NULL;
}

/* Past the parameter at `at`: a name, a number, a special one; `at` when there is none. */
static uint32_t skip_parameter(const dfl__lex *l, uint32_t at, int braced) {
    int c = dfl__lex_peek(l, at);
    if (c < 0) return at;
    if (is_special(c)) return at + 1;
    if (!dfl__is_digit((unsigned char)c)) return skip_name(l, at);
    do
        c = dfl__lex_peek(l, ++at);
    while (braced && c >= 0 && dfl__is_digit((unsigned char)c));
    return at;
}

/* Past `#`, `!` and the parameter of ${; 0 in doubt. What follows is }, an operator or an index. */
static uint32_t skip_subject(dfl__lex *l, uint32_t at) {
    int c = dfl__lex_peek(l, at), next = dfl__lex_peek(l, at + 1);
    int length = c == '#' && next != '}', indirect = c == '!' && next != '}';
    if (indirect) l->bash = 1;
    if (length || indirect) at++;
    uint32_t end = skip_parameter(l, at, 1);
    int after = dfl__lex_peek(l, end);
    if (end == at || (length && after != '}' && after != '[')) return 0;
    return end;
}

/* ${: the head is read here, what follows its operator, or bash's index, is read as IN_BRACE. */
static step_result open_brace(dfl__lex *l, uint32_t at) {
    uint32_t end = skip_subject(l, at);
    int c = end == 0 ? -1 : dfl__lex_peek(l, end), next = dfl__lex_peek(l, end + 1);
    if (c <= 0 || strchr("}:-=?+#%/^,@*[", c) == NULL) return STEP_BAD;
    if ((c == ':' && (next <= 0 || strchr("-=?+", next) == NULL)) || strchr("/^,@*[", c) != NULL)
        l->bash = 1;
    l->w.word.has_var = 1;
    drop(l, end - l->at);
    if (push(l, DFL__IN_BRACE) == STEP_BAD) return STEP_BAD;
    top(l)->pattern = c == '#' || c == '%';
    return c == '}' ? STEP_ON : drop(l, 1);
}

static step_result open_paren(dfl__lex *l, uint32_t at) {
    l->w.word.has_subst = 1;
    if (dfl__lex_peek(l, at) != '(') return suspend(l, DFL__OPEN_PAREN, at - l->at);
    drop(l, at + 1 - l->at);
    return push(l, DFL__IN_ARITH);
}

static step_result dollar(dfl__lex *l) {
    uint32_t at = dfl__lex_joined(l, l->at + 1);
    int c = dfl__lex_peek(l, at);
    int bare = is_bare(l) || (top(l)->kind == DFL__IN_BRACE && !top(l)->quoted);
    if (c == '[') return STEP_BAD;
    if (c != '"' && c != '\'') break_name(l);
    if (c == '(') return open_paren(l, at + 1);
    if (c == '{') return open_brace(l, at + 1);
    if (bare && c == '\'') {
        break_name(l);
        return ansi_quote(l, at);
    }
    if (bare && c == '"') {
        l->w.varies = 1;
        l->bash = 1;
        return drop(l, at - l->at);
    }
    uint32_t end = skip_parameter(l, at, 0);
    if (end == at) return take(l, 1);
    l->w.word.has_var = 1;
    return drop(l, end - l->at);
}

/* Commands in back quotes whose escapes must be removed before they can be read: a job. */
static step_result escaped_tick(dfl__lex *l, uint32_t end) {
    dfl_str read = dfl__sub(l->text, l->at + 1, end);
    char *text = dfl__arena_get(l->arena, read.len + 1);
    if (text == NULL) return out_of_memory(l);
    const char *escapable = in_quotes(l) ? "$`\\\"" : "$`\\";
    size_t n = 0;
    for (size_t i = 0; i < read.len; i++) {
        char next = '\0';
        if (read.ptr[i] == '\\' && i + 1 < read.len) next = read.ptr[i + 1];
        if (next == '\n') {
            i++;
            continue;
        }
        if (dfl__is_any_of((unsigned char)next, escapable)) i++;
        text[n++] = read.ptr[i];
    }
    dfl__job job = {{text, n}, l->depth, 0};
    if (!DFL__PUSH(&l->alloc, &l->jobs, job)) return out_of_memory(l);
    return drop(l, end + 1 - l->at);
}

static step_result tick(dfl__lex *l) {
    int escaped = 0, quoted = in_quotes(l);
    uint32_t end = l->at + 1;
    for (; dfl__lex_peek(l, end) != '`'; end++) {
        if (end >= l->limit) return STEP_BAD;
        if (dfl__lex_peek(l, end) != '\\') continue;
        int c = dfl__lex_peek(l, ++end);
        escaped |= c == '$' || c == '`' || c == '\\' || c == '\n' || (quoted && c == '"');
    }
    break_name(l);
    l->w.word.has_subst = 1;
    if (escaped) return escaped_tick(l, end);
    if (suspend(l, DFL__OPEN_TICK, 1) == STEP_BAD) return STEP_BAD;
    l->limit = end;
    return STEP_OPEN;
}

/* Outside quotes. */

static step_result plain_ordinary(dfl__lex *l) {
    uint32_t end = l->at + 1;
    while (end < l->limit && kinds[(unsigned char)l->text.ptr[end]] == K_ORDINARY)
        end++;
    if (l->w.name == DFL__NAME_INDEXED || l->w.name == DFL__NAME_PLUS) l->w.name = DFL__NAME_NOT;
    return take(l, end - l->at);
}

/* Is this a part of a regular expression or pattern? Blanks are, inside parentheses. */
static int in_pattern(dfl__lex *l, int c) {
    int regex = (l->w.mode & DFL__LEX_REGEX) != 0, inside = l->w.parens > 0;
    if (!regex && !(l->w.mode & DFL__LEX_PATTERN)) return 0;
    if (c == '(') {
        if (!regex && !inside && strchr("?*+@!", l->text.ptr[l->at - 1]) == NULL) return 0;
        l->w.parens++;
        return 1;
    }
    if (c == ')' && inside) l->w.parens--;
    if (c == '|') return regex || inside;
    return inside && (c == ')' || c == ' ' || c == '\t');
}

static step_result plain_end(dfl__lex *l) {
    int c = here(l);
    if (in_pattern(l, c)) return take(l, 1);
    int array = c == '(' && (l->w.mode & DFL__LEX_ASSIGN) && l->w.name == DFL__NAME_DONE;
    if (!array || l->w.assigned != value_so_far(l).len || l->text.ptr[l->at - 1] != '=')
        return STEP_END;
    l->w.varies = 1;
    l->bash = 1;
    return suspend(l, DFL__OPEN_ARRAY, 1);
}

static int all_digits(dfl_str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (!dfl__is_digit((unsigned char)s.ptr[i])) return 0;
    }
    return s.len > 0;
}

static step_result plain_angle(dfl__lex *l) {
    if (dfl__lex_peek(l, l->at + 1) != '(') return STEP_END;
    if (all_digits(value_so_far(l)) || (l->w.mode & DFL__LEX_REGEX)) return STEP_BAD;
    break_name(l);
    l->w.word.has_subst = 1;
    l->bash = 1;
    return suspend(l, DFL__OPEN_PAREN, 2);
}

static step_result plain_escape(dfl__lex *l) {
    int c = dfl__lex_peek(l, l->at + 1);
    if (c < 0) return STEP_BAD;
    if (c == '\n') {
        l->at += 2;
        return STEP_ON;
    }
    break_name(l);
    l->w.word.quoted = 1;
    l->at++;
    return take(l, 1);
}

/* `=` and `+`. */
static step_result plain_name(dfl__lex *l) {
    uint8_t *name = &l->w.name;
    int ready =
        *name == DFL__NAME_INDEXED || (*name == DFL__NAME_OPEN && dfl__sh_is_name(value_so_far(l)));
    if (*name != DFL__NAME_INDEX && *name != DFL__NAME_DONE) {
        l->w.assign_bash = *name == DFL__NAME_INDEXED || *name == DFL__NAME_PLUS;
        if (here(l) == '=')
            *name = ready || *name == DFL__NAME_PLUS ? DFL__NAME_DONE : DFL__NAME_NOT;
        else
            *name = ready ? DFL__NAME_PLUS : DFL__NAME_NOT;
    }
    if (take(l, 1) == STEP_BAD) return STEP_BAD;
    if (l->w.name == DFL__NAME_DONE && l->w.assigned == 0)
        l->w.assigned = (uint32_t)value_so_far(l).len;
    return STEP_ON;
}

/* Whether the `[` at hand is that of NAME[, or of an array's element. */
static int opens_index(const dfl__lex *l) {
    if (l->w.mode & DFL__LEX_ELEMENT) return l->at == l->w.word.start;
    return dfl__sh_is_name(value_so_far(l));
}

static void bracket(dfl__lex *l, int c) {
    uint8_t *name = &l->w.name;
    if (c == '[') {
        if (l->w.bracket == 0) l->w.bracket = l->at + 1;
        if (*name == DFL__NAME_OPEN) *name = opens_index(l) ? DFL__NAME_INDEX : DFL__NAME_NOT;
        if (*name == DFL__NAME_INDEX) l->w.index++;
    } else {
        if (l->w.bracket != 0 && l->at > l->w.bracket) l->w.word.has_glob = 1;
        if (*name == DFL__NAME_INDEX && --l->w.index == 0) *name = DFL__NAME_INDEXED;
    }
}

static step_result plain_glob(dfl__lex *l) {
    int c = here(l);
    if (c == '[' || c == ']') {
        bracket(l, c);
    } else if (c == '*' || c == '?') {
        l->w.word.has_glob = 1;
    } else if (c == '{') {
        if (l->w.brace == 0) l->w.brace = 1;
    } else if (c == '}') {
        if (l->w.brace == 2) l->w.word.has_glob = 1;
    } else if (l->w.brace == 1 && (c == ',' || l->text.ptr[l->at - 1] == '.')) {
        l->w.brace = 2;
    }
    if (c != ']' && (l->w.name == DFL__NAME_INDEXED || l->w.name == DFL__NAME_PLUS))
        l->w.name = DFL__NAME_NOT;
    return take(l, 1);
}

static step_result plain_tilde(dfl__lex *l) {
    dfl_str value = value_so_far(l);
    const dfl__sh_word *word = &l->w.word;
    char before = '\0';
    if (value.len > 0) before = value.ptr[value.len - 1];
    int first = value.len == 0 && !word->quoted && !word->has_var && !word->has_subst;
    if (first || (l->w.name == DFL__NAME_DONE && (before == '=' || before == ':')))
        l->w.word.has_tilde = 1;
    return take(l, 1);
}

static step_result (*const plain_steps[K_COUNT])(dfl__lex *) = {
    [K_ORDINARY] = plain_ordinary, [K_END] = plain_end,       [K_ANGLE] = plain_angle,
    [K_DOUBLE] = double_quote,     [K_SINGLE] = single_quote, [K_TICK] = tick,
    [K_DOLLAR] = dollar,           [K_ESCAPE] = plain_escape, [K_NAME] = plain_name,
    [K_GLOB] = plain_glob,         [K_TILDE] = plain_tilde,
};

/* Inside quotes. */

static uint32_t run_length(const dfl__lex *l, dfl__quote_kind kind) {
    uint32_t end = l->at + 1;
    while (end < l->limit && !(stops[(unsigned char)l->text.ptr[end]] & (1u << kind)))
        end++;
    return end - l->at;
}

static step_result double_escape(dfl__lex *l) {
    int c = dfl__lex_peek(l, l->at + 1);
    if (c < 0) return STEP_BAD;
    if (c == '\n') return drop(l, 2);
    int body = top(l)->kind == DFL__IN_BODY;
    if (strchr("$`\\", c) == NULL && (c != '"' || body)) return take(l, 2);
    l->at++;
    return take(l, 1);
}

static step_result double_step(dfl__lex *l) {
    int c = here(l);
    if (c == '"' && top(l)->kind == DFL__IN_DOUBLE) return pop(l, 1);
    if (c == '\\') return double_escape(l);
    if (c == '$') return dollar(l);
    if (c == '`') return tick(l);
    if (c == '}' && top(l)->in_body && top(l)->kind == DFL__IN_DOUBLE) return STEP_BAD;
    if ((c == '(' || c == ')') && top(l)->in_arith) return STEP_BAD;
    return take(l, run_length(l, top(l)->kind));
}

/* A single quote inside "${...}" quotes for some shells only; for all of them after # and %. */
static step_result doubtful_quote(dfl__lex *l) {
    uint32_t at = l->at + 1;
    for (; dfl__lex_peek(l, at) != '\''; at++) {
        int c = dfl__lex_peek(l, at);
        if (c < 0 || strchr("}\"$`", c) != NULL) return STEP_BAD;
    }
    return drop(l, at + 1 - l->at);
}

static step_result brace_step(dfl__lex *l) {
    int c = here(l);
    if (c == '}') return pop(l, 1);
    if (c == '\'') return top(l)->quoted && !top(l)->pattern ? doubtful_quote(l) : single_quote(l);
    if (c == '"') return double_quote(l);
    if (c == '$') return dollar(l);
    if (c == '`') return tick(l);
    int next = dfl__lex_peek(l, l->at + 1);
    if (c == '\\') return next < 0 ? STEP_BAD : drop(l, 2);
    if ((c == '<' || c == '>') && next == '(') return STEP_BAD;
    if ((c == '(' || c == ')') && top(l)->in_arith) return STEP_BAD;
    return drop(l, run_length(l, DFL__IN_BRACE));
}

static step_result arith_paren(dfl__lex *l, int c) {
    dfl__quote *quote = top(l);
    if (quote->odd) return STEP_BAD;
    if (c == '(') {
        quote->parens++;
        return drop(l, 1);
    }
    if (quote->parens > 0) {
        quote->parens--;
        return drop(l, 1);
    }
    return dfl__lex_peek(l, l->at + 1) == ')' ? pop(l, 2) : STEP_BAD;
}

/* dash knows no quotes in here, bash does: they must not hide a parenthesis. */
static step_result arith_step(dfl__lex *l) {
    int c = here(l), next = dfl__lex_peek(l, l->at + 1);
    if (c == '(' || c == ')') return arith_paren(l, c);
    if (c == '$') return dollar(l);
    if (c == '`') return tick(l);
    if (c == '\'') return STEP_BAD;
    if (c == '\\') return next < 0 || strchr("()\"'", next) != NULL ? STEP_BAD : drop(l, 2);
    if (c != '"') return drop(l, run_length(l, DFL__IN_ARITH));
    top(l)->odd ^= 1;
    return drop(l, 1);
}

static step_result (*const quote_steps[])(dfl__lex *) = {
    [DFL__IN_DOUBLE] = double_step,
    [DFL__IN_BRACE] = brace_step,
    [DFL__IN_ARITH] = arith_step,
    [DFL__IN_BODY] = double_step,
};

static step_result step(dfl__lex *l) {
    if (l->at >= l->limit) return is_bare(l) || top(l)->kind == DFL__IN_BODY ? STEP_END : STEP_BAD;
    if (!is_bare(l)) return quote_steps[top(l)->kind](l);
    return plain_steps[kinds[(unsigned char)l->text.ptr[l->at]]](l);
}

/* The finished word. */

/* A number, or bash's {name}, right before < or >: returns 1 when the word is no word. */
static int redirect_prefix(dfl__lex *l, dfl_str value, dfl__tok *out) {
    const dfl__sh_word *w = &l->w.word;
    int next = here(l);
    if (next != '<' && next != '>') return 0;
    if (w->quoted || w->has_var || w->has_subst || l->w.varies) return 0;
    if (value.len > 2 && value.ptr[0] == '{' && value.ptr[value.len - 1] == '}') {
        out->kind = DFL__TOK_BAD;
        return 1;
    }
    if (!all_digits(value)) return 0;
    /* dash takes one digit only. */
    if (value.len > 1 || !dfl__lex_operator(l, out)) out->kind = DFL__TOK_BAD;
    out->fd = (uint32_t)(value.ptr[0] - '0');
    return 1;
}

/* Keep the value: part of the text where nothing was removed from it, else a copy. */
static void keep_value(dfl__lex *l, dfl_str value) {
    dfl__sh_word *word = &l->w.word;
    word->value.ptr = l->text.ptr + word->start;
    word->value.len = value.len;
    if (value.len == word->end - word->start) return;
    word->value.ptr = dfl__arena_copy(l->arena, value.ptr, value.len);
    if (word->value.ptr == NULL) out_of_memory(l);
}

static void finish(dfl__lex *l, dfl__tok *out) {
    dfl__sh_word *word = &l->w.word;
    dfl_str value = value_so_far(l);
    int expands = word->has_var || word->has_subst;
    out->kind = DFL__TOK_WORD;
    out->end = word->end;
    if (l->w.parens > 0) out->kind = DFL__TOK_BAD;
    if (out->kind == DFL__TOK_WORD && !redirect_prefix(l, value, out)) {
        word->value = (dfl_str){"", 0};
        if (!expands) keep_value(l, value);
        word->literal = !expands && !word->has_glob && !word->has_tilde && !l->w.varies;
        out->word = *word;
        out->assign = l->w.name == DFL__NAME_DONE;
        out->assign_bash = out->assign && l->w.assign_bash;
        out->subscript = l->w.name == DFL__NAME_INDEX;
    }
    l->value.len = l->w.value_from;
}

static void drive(dfl__lex *l, dfl__tok *out) {
    step_result result;
    do
        result = step(l);
    while (result == STEP_ON);
    out->start = out->end = l->w.word.start;
    if (result == STEP_END) finish(l, out);
    if (result == STEP_OPEN) {
        out->kind = DFL__TOK_OPEN;
        out->open = l->w.open;
        out->word.start = l->w.word.start;
        for (uint32_t i = l->w.quotes_from; i < l->quotes.count; i++)
            if (l->quotes.items[i].kind == DFL__IN_BRACE) out->maybe = 1;
    }
    if (result == STEP_BAD || l->status != DFL_OK) out->kind = DFL__TOK_BAD;
}

static void begin(dfl__lex *l, unsigned mode) {
    const dfl__partial fresh = {.word = {.start = l->at, .end = l->at},
                                .value_from = (uint32_t)l->value.len,
                                .quotes_from = l->quotes.count,
                                .mode = (uint8_t)mode};
    l->w = fresh;
}

void dfl__lex_word(dfl__lex *l, unsigned mode, dfl__tok *out) {
    begin(l, mode);
    drive(l, out);
}

void dfl__lex_body(dfl__lex *l, dfl__tok *out) {
    memset(out, 0, sizeof *out);
    begin(l, 0);
    if (push(l, DFL__IN_BODY) == STEP_ON)
        drive(l, out);
    else
        out->kind = DFL__TOK_BAD;
}

void dfl__lex_arith(dfl__lex *l, dfl__tok *out) {
    memset(out, 0, sizeof *out);
    l->at--;
    begin(l, DFL__LEX_ARITH);
    drop(l, 2);
    if (push(l, DFL__IN_ARITH) == STEP_ON)
        drive(l, out);
    else
        out->kind = DFL__TOK_BAD;
}

void dfl__lex_resume(dfl__lex *l, dfl__tok *out) {
    assert(l->saved.count > 0);
    int unread = l->pending.count > l->pending_from;
    memset(out, 0, sizeof *out);
    out->fd = DFL__NONE;
    l->w = l->saved.items[--l->saved.count];
    l->limit = l->w.limit;
    l->pending_from = l->w.pending_from;
    if (l->w.open == DFL__OPEN_TICK) l->at++;
    l->w.word.end = l->at;
    int c = here(l);
    int glued = l->w.open == DFL__OPEN_ARRAY && c >= 0 && kinds[c] != K_END;
    if (unread || glued)
        out->kind = DFL__TOK_BAD;
    else
        drive(l, out);
}
