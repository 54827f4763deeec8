/* word.c -- see word.h.
 * Relies on pattern.c for wildcards and text.c for runes.
 * Never recurses: what is open is a stack of frames, each building its text at the end of one
 * buffer, so that a finished frame's text already stands where its opener wants it. */
#include "syntax/word.h"

#include <assert.h>
#include <string.h>

#include "diag/codes.h"
#include "syntax/pattern.h"

#define DEFAULT_DEPTH 64u
#define END UINT32_MAX /* the rune past the input */

/* What is open: "...", or the word, pattern or replacement of ${name...}. */
typedef struct {
    unsigned char quote;   /* 1 for "..." */
    unsigned char stop;    /* '}' or '/'; 0 in quotes and outside of everything */
    unsigned char raw;     /* escape characters are kept */
    unsigned char colon;   /* `:` stood before the modifier */
    unsigned char all;     /* `//` */
    unsigned char unknown; /* an unknown value took part in the text */
    uint32_t modifier;     /* rune after the name */
    uint32_t runs;         /* runs of provenance older than the frame */
    dfl_str name;
    size_t from;  /* of its `$` in the input */
    size_t start; /* in the text: of the whole group */
    size_t word;  /* of the word or pattern, past the echo of `${name` */
    size_t split; /* of the replacement; 0 while in the pattern */
} frame;

_Static_assert(sizeof(frame) <= DFL__WORD_FRAME, "what is said of a frame holds");

typedef struct {
    dfl_str src;
    size_t at;
    const dfl__word_options *options;
    dfl__buf *out;  /* what is finished */
    dfl__buf *text; /* what is being built: `out` in word mode, `scratch` in words mode */
    dfl__buf scratch;
    size_t base;        /* length of `out` at the start */
    size_t word;        /* words mode: start of the current word in `out` */
    dfl__offsets *ends; /* words mode; NULL in word mode */
    uint32_t ends_base;
    uint32_t depth; /* open ${...} */
    frame ground;   /* outside of everything */
    DFL__VEC(frame) frames;
    DFL__VEC(dfl__word_piece) runs; /* variables; literal text too where it is asked for */
    size_t steps;                   /* of pattern matching */
    dfl__word_result result;
} lexer;

/* --- errors and output */

/* BuildKit words every failure at the end of the input as a missing brace while one is open. */
static void fail(lexer *lx, dfl__word_error error) {
    if (lx->result.error != DFL__WORD_OK) return;
    int ours = error == DFL__WORD_NOMEM || error == DFL__WORD_LIMIT;
    if (!ours && lx->at >= lx->src.len && lx->depth > 0) error = DFL__WORD_BRACE;
    lx->result.error = error;
    lx->result.at = lx->at;
}

static void fail_buf(lexer *lx, const dfl__buf *buf) {
    if (buf->failed == DFL_OK) return;
    fail(lx, buf->failed == DFL_E_NOMEM ? DFL__WORD_NOMEM : DFL__WORD_LIMIT);
}

static void append(lexer *lx, dfl__buf *buf, dfl_str s) {
    size_t used = buf->len - (buf == lx->out ? lx->base : 0);
    size_t max = lx->options->max_bytes;
    lx->result.work += s.len;
    if (max != 0 && (used > max || s.len > max - used)) {
        fail(lx, DFL__WORD_LIMIT);
        return;
    }
    dfl__buf_add(buf, s);
    fail_buf(lx, buf);
}

static void append_rune(lexer *lx, dfl__buf *buf, uint32_t rune) {
    char bytes[4];
    dfl_str s = {bytes, dfl__rune_encode(rune, bytes)};
    append(lx, buf, s);
}

/* Runes of `s`, invalid bytes as U+FFFD. */
static void append_valid(lexer *lx, dfl__buf *buf, dfl_str s) {
    unsigned width;
    for (size_t at = 0; at < s.len && lx->result.error == DFL__WORD_OK; at += width) {
        append_rune(lx, buf, dfl__rune(s, at, &width));
    }
}

/* ASCII that means nothing to the lexer and is not white space. */
static int is_plain(unsigned char c) {
    static const char special[] = "\"$'/<\\`}";
    return c > ' ' && c < 0x7F && memchr(special, c, sizeof special - 1) == NULL;
}

static size_t plain_end(dfl_str s, size_t at) {
    while (at < s.len && is_plain((unsigned char)s.ptr[at]))
        at++;
    return at;
}

/* --- words mode */

/* Whether text goes to words, not into an open group. */
static int splits(const lexer *lx) {
    return lx->ends != NULL && lx->frames.count == 0;
}

static void end_word(lexer *lx) {
    if (lx->out->len == lx->word) return;
    if (lx->out->len >= UINT32_MAX) {
        fail(lx, DFL__WORD_LIMIT);
        return;
    }
    uint32_t end = (uint32_t)lx->out->len;
    if (!DFL__PUSH(&lx->out->alloc, lx->ends, end)) {
        fail(lx, DFL__WORD_NOMEM);
        return;
    }
    dfl__buf_addc(lx->out, '\0');
    fail_buf(lx, lx->out);
    lx->word = lx->out->len;
}

/* Add to the words, where white space ends one. */
static void add_split(lexer *lx, dfl_str s) {
    for (size_t at = 0; at < s.len && lx->result.error == DFL__WORD_OK;) {
        size_t end = plain_end(s, at);
        if (end > at) {
            append(lx, lx->out, dfl__sub(s, at, end));
            at = end;
            continue;
        }
        unsigned width;
        uint32_t rune = dfl__rune(s, at, &width);
        at += width;
        if (dfl__is_unicode_space(rune))
            end_word(lx);
        else
            append_rune(lx, lx->out, rune);
    }
}

/* --- where text goes */

/* Text that never splits a word. */
static void put_raw(lexer *lx, dfl_str s) {
    append(lx, splits(lx) ? lx->out : lx->text, s);
}

static void put_raw_rune(lexer *lx, uint32_t rune) {
    append_rune(lx, splits(lx) ? lx->out : lx->text, rune);
}

/* Text that may. */
static void put(lexer *lx, dfl_str s) {
    if (splits(lx))
        add_split(lx, s);
    else
        append(lx, lx->text, s);
}

/* --- input */

static uint32_t peek(const lexer *lx) {
    unsigned width;
    return lx->at < lx->src.len ? dfl__rune(lx->src, lx->at, &width) : END;
}

static uint32_t next(lexer *lx) {
    if (lx->at >= lx->src.len) return END;
    unsigned width;
    uint32_t rune = dfl__rune(lx->src, lx->at, &width);
    lx->at += width;
    return rune;
}

static frame *top(lexer *lx) {
    if (lx->frames.count == 0) return &lx->ground;
    assert(lx->frames.items != NULL);
    return &lx->frames.items[lx->frames.count - 1];
}

/* --- variables */

size_t dfl__name_end(dfl_str s, size_t at) {
    unsigned width;
    if (at == s.len) return at;
    uint32_t rune = dfl__rune(s, at, &width);
    int digits = dfl__is_unicode_digit(rune);
    if (dfl__is_any_of(rune, "@*#?-$!")) return at + 1;
    while (at < s.len) {
        rune = dfl__rune(s, at, &width);
        if (digits ? !dfl__is_unicode_digit(rune) : !dfl__is_unicode_word(rune)) break;
        at += width;
    }
    return at;
}

static dfl_str read_name(lexer *lx) {
    size_t start = lx->at;
    lx->at = dfl__name_end(lx->src, start);
    return dfl__sub(lx->src, start, lx->at);
}

static dfl__var look_up(lexer *lx, dfl_str name, dfl_str *value) {
    *value = DFL__LIT("");
    dfl__var found = DFL__VAR_UNSET;
    if (lx->options->lookup != NULL) found = lx->options->lookup(lx->options->ctx, name, value);
    if (found != DFL__VAR_UNSET) return found;
    lx->result.unmatched++;
    *value = DFL__LIT("");
    return found;
}

static void mark_unknown(lexer *lx) {
    top(lx)->unknown = 1;
}

/* Remember that what stands in the input from `from` on, variable `name`, produced the text from
 * `at` on. */
static void note_run(lexer *lx, dfl_str name, size_t from, size_t at) {
    if (lx->options->piece == NULL || lx->ends != NULL) return;
    dfl__word_piece made = {name, at, lx->text->len - at, from, lx->at};
    if (!DFL__PUSH(&lx->out->alloc, &lx->runs, made)) fail(lx, DFL__WORD_NOMEM);
}

/* The same of literal text. What goes on in the input where the last run ended has no group between
 * and joins it. */
static void note_literal(lexer *lx, size_t from, size_t at) {
    size_t len = lx->text->len - at;
    if (lx->options->piece == NULL || lx->ends != NULL || len == 0) return;
    dfl__word_piece *last = lx->runs.count > 0 ? &lx->runs.items[lx->runs.count - 1] : NULL;
    if (last != NULL && last->name.ptr == NULL && last->to == from && len == lx->at - from &&
        last->len == last->to - last->from) {
        last->len += len;
        last->to = lx->at;
    } else {
        note_run(lx, (dfl_str){NULL, 0}, from, at);
    }
}

/* The value of a variable as it is. */
static void put_value(lexer *lx, dfl_str name, size_t from, dfl__var found, dfl_str value) {
    size_t at = lx->text->len;
    put(lx, value);
    note_run(lx, name, from, at);
    if (found == DFL__VAR_UNKNOWN) mark_unknown(lx);
}

/* `$name` or `${name}`, which stands at `from`. */
static void plain_variable(lexer *lx, dfl_str name, size_t from) {
    dfl_str value;
    dfl__var found = look_up(lx, name, &value);
    size_t at = lx->text->len;
    if (found != DFL__VAR_UNSET) {
        put_value(lx, name, from, found, value);
    } else if (lx->options->skip_unset) {
        put(lx, dfl__sub(lx->src, from, lx->at));
        note_literal(lx, from, at);
    }
}

/* --- ${name...}: opening */

static void push(lexer *lx, frame opened) {
    if (!DFL__PUSH(&lx->out->alloc, &lx->frames, opened)) fail(lx, DFL__WORD_NOMEM);
}

/* Write the group as it may have to stay: `${name` and the modifier. */
static void echo(lexer *lx, const frame *group) {
    append(lx, lx->text, DFL__LIT("${"));
    append(lx, lx->text, group->name);
    if (group->colon) append(lx, lx->text, DFL__LIT(":"));
    append_rune(lx, lx->text, group->modifier);
}

static void open_group(lexer *lx, dfl_str name, size_t from, uint32_t modifier, int colon) {
    frame group = {.modifier = modifier, .colon = (unsigned char)colon, .name = name, .from = from};
    uint32_t max = lx->options->max_depth != 0 ? lx->options->max_depth : DEFAULT_DEPTH;
    if (lx->depth >= max) {
        fail(lx, DFL__WORD_LIMIT);
        return;
    }
    group.stop = modifier == '/' && !colon ? '/' : '}';
    group.raw = group.stop == '/' || modifier == '#' || modifier == '%';
    if (group.stop == '/' && peek(lx) == '/') {
        group.all = 1;
        lx->at++;
    }
    group.start = lx->text->len;
    group.runs = lx->runs.count;
    if (lx->options->skip_unset) echo(lx, &group);
    group.word = lx->text->len;
    /* BuildKit collects the word in the buffer of the current word: what stood there is lost. */
    if (lx->ends != NULL) lx->out->len = lx->word;
    push(lx, group);
    lx->depth++;
}

/* After the name, whose group began at `start`. */
static void read_modifier(lexer *lx, size_t start, dfl_str name) {
    uint32_t rune = next(lx);
    int colon = rune == ':';
    lx->result.name = name;
    if (rune == '}') {
        plain_variable(lx, name, start);
        return;
    }
    if (colon) {
        rune = next(lx);
        if (rune != '#' && rune != '%') {
            open_group(lx, name, start, rune, 1);
            return;
        }
    } else if (dfl__is_any_of(rune, "+-?#%/")) {
        open_group(lx, name, start, rune, 0);
        return;
    }
    fail(lx, DFL__WORD_MODIFIER);
}

static void dollar(lexer *lx) {
    size_t start = lx->at++;
    if (peek(lx) != '{') {
        dfl_str name = read_name(lx);
        size_t at = lx->text->len;
        if (name.len != 0) {
            plain_variable(lx, name, start);
            return;
        }
        put(lx, DFL__LIT("$"));
        note_literal(lx, start, at);
        return;
    }
    lx->at++;
    switch (peek(lx)) {
    case END: fail(lx, DFL__WORD_BRACE); return;
    case '{':
    case '}':
    case ':': fail(lx, DFL__WORD_BAD); return;
    default: break;
    }
    dfl_str name = read_name(lx);
    read_modifier(lx, start, name);
}

/* --- ${name...}: closing */

/* Replace what the group built so far by what stands in the text from `from` on. */
static void keep_from(lexer *lx, const frame *group, size_t from) {
    dfl__buf *text = lx->text;
    size_t shift = from - group->start;
    if (shift == 0) return;
    memmove(text->ptr + group->start, text->ptr + from, text->len - from);
    text->len -= shift;
    for (uint32_t i = group->runs; i < lx->runs.count; i++)
        lx->runs.items[i].at -= shift;
}

static void keep_nothing(lexer *lx, const frame *group) {
    lx->text->len = group->start;
    lx->runs.count = group->runs;
}

static void keep_word(lexer *lx, const frame *group) {
    keep_from(lx, group, group->word);
    if (group->unknown) mark_unknown(lx);
}

/* Into the text, whatever is open: a group in words mode is split only when it is complete. */
static void keep_value(lexer *lx, const frame *group, dfl__var found, dfl_str value) {
    keep_nothing(lx, group);
    append(lx, lx->text, value);
    note_run(lx, group->name, group->from, group->start);
    if (found == DFL__VAR_UNKNOWN) mark_unknown(lx);
}

/* `${x?w}`: fails with w, or with BuildKit's own words. */
static void require(lexer *lx, const frame *group, dfl__var found) {
    if (lx->text->len == group->word) {
        append(lx, lx->text,
               found == DFL__VAR_UNSET ? DFL__LIT("is not allowed to be unset")
                                       : DFL__LIT("is not allowed to be empty"));
    }
    keep_from(lx, group, group->word);
    lx->result.name = group->name;
    fail(lx, DFL__WORD_REQUIRED);
    if (lx->result.error != DFL__WORD_REQUIRED) return;
    /* the message alone stays, at the end of the text */
    lx->word = group->start;
}

static void compile(lexer *lx, dfl__pattern *pattern, dfl_str text, int reversed) {
    dfl_status status = dfl__pattern_compile(pattern, text, reversed);
    if (status == DFL_E_NOMEM) fail(lx, DFL__WORD_NOMEM);
    if (status == DFL_E_ARG) fail(lx, DFL__WORD_PATTERN);
}

/* `${x#p}`, `${x%p}`; the pattern is the word. */
static void trim(lexer *lx, const frame *group, dfl__pattern *pattern, dfl_str value) {
    dfl_str word = dfl__sub(dfl__buf_str(lx->text), group->word, lx->text->len);
    int suffix = group->modifier == '%';
    int greedy = word.len != 0 && (unsigned char)word.ptr[0] == group->modifier;
    size_t drop = 0;
    compile(lx, pattern, dfl__sub(word, (size_t)greedy, word.len), suffix);
    if (lx->result.error != DFL__WORD_OK) return;
    keep_nothing(lx, group);
    if (!suffix) {
        dfl__pattern_match(pattern, value, 0, greedy, &drop);
        append(lx, lx->text, dfl__sub(value, drop, value.len));
        return;
    }
    if (dfl__pattern_suffix(pattern, value, greedy, &drop) != DFL_OK) fail(lx, DFL__WORD_NOMEM);
    append_valid(lx, lx->text, value);
    if (lx->result.error == DFL__WORD_OK) lx->text->len -= drop;
}

/* The text from `from` to `to`; borrowed until the text grows. */
static dfl_str text_between(const lexer *lx, size_t from, size_t to) {
    return dfl__sub(dfl__buf_str(lx->text), from, to);
}

/* `${x/p/r}` */
static void replace(lexer *lx, const frame *group, dfl__pattern *pattern, dfl_str value) {
    size_t echoed = lx->options->skip_unset ? 1 : 0; /* the `/` between */
    dfl__buf made;
    compile(lx, pattern, text_between(lx, group->word, group->split - echoed), 0);
    if (lx->result.error != DFL__WORD_OK) return;
    dfl__buf_init(&made, &lx->out->alloc, lx->options->max_bytes);
    dfl__pattern_replace(pattern, value, text_between(lx, group->split, lx->text->len), group->all,
                         &made);
    fail_buf(lx, &made);
    keep_nothing(lx, group);
    append(lx, lx->text, dfl__buf_str(&made));
    dfl__buf_free(&made);
}

/* A value changed by a pattern. */
static void keep_changed(lexer *lx, const frame *group, dfl__var found, dfl_str value) {
    dfl__pattern pattern;
    dfl__pattern_init(&pattern, &lx->out->alloc);
    pattern.steps = lx->steps;
    if (group->unknown) {
        /* no telling what an unknown pattern matches, nor whether it is a pattern */
        keep_nothing(lx, group);
        append(lx, lx->text, value);
    } else if (group->modifier == '/') {
        replace(lx, group, &pattern, value);
    } else {
        trim(lx, group, &pattern, value);
    }
    if (dfl__pattern_spent(&pattern)) fail(lx, DFL__WORD_LIMIT);
    lx->result.work += pattern.steps - lx->steps;
    lx->steps = pattern.steps;
    dfl__pattern_free(&pattern);
    if (lx->result.error != DFL__WORD_OK) return;
    lx->runs.count = group->runs;
    if (found == DFL__VAR_UNKNOWN)
        lx->text->len = group->start; /* of nothing, it may make something */
    note_run(lx, group->name, group->from, group->start);
    if (group->unknown || found == DFL__VAR_UNKNOWN) mark_unknown(lx);
}

/* What the complete group stands for. The frame is off the stack. */
static void resolve(lexer *lx, const frame *group) {
    dfl_str value;
    dfl__var found = look_up(lx, group->name, &value);
    if (found == DFL__VAR_UNSET && lx->options->skip_unset) {
        append(lx, lx->text, DFL__LIT("}"));
        if (group->unknown) mark_unknown(lx);
        return;
    }
    int known = found == DFL__VAR_SET && value.len == 0;
    int absent = found == DFL__VAR_UNSET || (group->colon && known);
    lx->result.name = group->name;
    switch (group->modifier) {
    case '-':
        if (absent)
            keep_word(lx, group);
        else
            keep_value(lx, group, found, value);
        return;
    case '+':
        if (found == DFL__VAR_UNKNOWN)
            keep_value(lx, group, found, DFL__LIT("")); /* all of the word hangs on it */
        else if (absent)
            keep_nothing(lx, group);
        else
            keep_word(lx, group);
        return;
    case '?':
        if (absent)
            require(lx, group, found);
        else
            keep_value(lx, group, found, value);
        return;
    default: break;
    }
    if (group->colon)
        fail(lx, DFL__WORD_MODIFIER);
    else
        keep_changed(lx, group, found, value);
}

/* Words mode: a piece is complete at the top level, it joins the words. */
static void finish_piece(lexer *lx, int raw) {
    if (!splits(lx) || lx->result.error != DFL__WORD_OK) return;
    dfl_str piece = dfl__buf_str(&lx->scratch);
    if (raw)
        append(lx, lx->out, piece);
    else
        add_split(lx, piece);
    lx->scratch.len = 0;
}

/* The stop character of the innermost group was read. */
static void close_group(lexer *lx) {
    frame *open = top(lx);
    if (open->stop == '/') {
        if (lx->options->skip_unset) append(lx, lx->text, DFL__LIT("/"));
        open->stop = '}';
        open->split = lx->text->len;
        return;
    }
    frame group = *open;
    lx->frames.count--;
    lx->depth--;
    resolve(lx, &group);
    finish_piece(lx, 0);
}

/* --- quotes, escapes, heredocs */

static void single_quote(lexer *lx) {
    size_t start = lx->at + 1, end = dfl__find(lx->src, '\'', start);
    if (end == lx->src.len) {
        lx->at = end;
        fail(lx, DFL__WORD_QUOTE);
        return;
    }
    dfl__buf *buf = splits(lx) ? lx->out : lx->text;
    if (lx->options->raw_quotes) append(lx, buf, DFL__LIT("'"));
    size_t at = lx->text->len;
    append_valid(lx, buf, dfl__sub(lx->src, start, end));
    lx->at = end;
    note_literal(lx, start, at);
    if (lx->options->raw_quotes) append(lx, buf, DFL__LIT("'"));
    lx->at = end + 1;
}

static void open_quote(lexer *lx) {
    frame quote = {.quote = 1, .raw = top(lx)->raw};
    lx->at++;
    push(lx, quote);
    if (lx->options->raw_quotes) append(lx, lx->text, DFL__LIT("\""));
}

static void close_quote(lexer *lx) {
    int unknown = top(lx)->unknown;
    lx->at++;
    if (lx->options->raw_quotes) append(lx, lx->text, DFL__LIT("\""));
    lx->frames.count--;
    if (unknown) mark_unknown(lx);
    finish_piece(lx, 1);
}

/* One step inside "...". */
static void quoted_step(lexer *lx) {
    size_t end = plain_end(lx->src, lx->at), from = lx->at, at = lx->text->len;
    if (end > lx->at) {
        append(lx, lx->text, dfl__sub(lx->src, lx->at, end));
        lx->at = end;
        note_literal(lx, from, at);
        return;
    }
    uint32_t rune = peek(lx), escape = lx->options->escape;
    if (rune == '"') {
        close_quote(lx);
        return;
    }
    if (rune == '$') {
        dollar(lx);
        return;
    }
    next(lx);
    if (rune == escape) {
        if (top(lx)->raw) append_rune(lx, lx->text, rune);
        if (peek(lx) == '"' || peek(lx) == '$' || peek(lx) == escape) rune = next(lx);
    }
    append_rune(lx, lx->text, rune);
    note_literal(lx, from, at);
}

/* `<`, or `<<` with the blanks after it, which then do not split. */
static void less(lexer *lx) {
    size_t start = lx->at++, at = lx->text->len;
    if (peek(lx) == '<') {
        lx->at++;
        while (peek(lx) == '\t' || peek(lx) == '\r' || peek(lx) == ' ')
            lx->at++;
    }
    put_raw(lx, dfl__sub(lx->src, start, lx->at));
    note_literal(lx, start, at);
}

static void escaped(lexer *lx) {
    size_t from = lx->at, at = lx->text->len;
    uint32_t rune = next(lx);
    if (top(lx)->raw) put_raw_rune(lx, rune);
    rune = next(lx);
    if (rune != END) put_raw_rune(lx, rune);
    note_literal(lx, from, at);
}

/* One step outside "...". */
static void step(lexer *lx) {
    size_t end = plain_end(lx->src, lx->at), from = lx->at, at = lx->text->len;
    if (end > lx->at) {
        put_raw(lx, dfl__sub(lx->src, lx->at, end));
        lx->at = end;
        note_literal(lx, from, at);
        return;
    }
    frame *open = top(lx);
    unsigned char c = (unsigned char)lx->src.ptr[lx->at];
    int quotes = !lx->options->skip_quotes;
    if (open->stop != 0 && c == open->stop) {
        lx->at++;
        close_group(lx);
    } else if (c == '$') {
        dollar(lx);
    } else if (quotes && c == '\'') {
        single_quote(lx);
    } else if (quotes && c == '"') {
        open_quote(lx);
    } else if (c == '<') {
        less(lx);
    } else if (c == lx->options->escape) {
        escaped(lx);
    } else {
        uint32_t rune = next(lx);
        if (splits(lx) && dfl__is_unicode_space(rune))
            end_word(lx);
        else
            put_raw_rune(lx, rune);
        note_literal(lx, from, at);
    }
}

/* --- the whole */

static void lex(lexer *lx) {
    static const char bom[] = "\xEF\xBB\xBF";
    if (dfl__starts(lx->src, bom)) lx->at = sizeof bom - 1;
    while (lx->at < lx->src.len && lx->result.error == DFL__WORD_OK) {
        if (top(lx)->quote)
            quoted_step(lx);
        else
            step(lx);
    }
    if (lx->frames.count != 0) fail(lx, DFL__WORD_QUOTE); /* or a brace: fail() knows */
    if (lx->ends != NULL && lx->result.error == DFL__WORD_OK) end_word(lx);
}

/* Leave nothing behind, or the message of `${x?...}`. */
static void undo(lexer *lx) {
    dfl_str message = {NULL, 0};
    if (lx->result.error == DFL__WORD_REQUIRED) message = text_between(lx, lx->word, lx->text->len);
    if (lx->ends != NULL) {
        lx->ends->count = lx->ends_base;
        lx->out->len = lx->base;
        dfl__buf_add(lx->out, message);
        if (lx->out->failed == DFL_OK) return;
        lx->result.error = DFL__WORD_OK; /* no room for the message: that is what failed */
        fail_buf(lx, lx->out);
    } else {
        if (message.len != 0) memmove(lx->out->ptr + lx->base, message.ptr, message.len);
        lx->out->len = lx->base + message.len;
    }
}

uint32_t dfl__word_code(dfl__word_error error) {
    static const uint32_t codes[] = {
        [DFL__WORD_OK] = 0,
        [DFL__WORD_NOMEM] = 0,
        [DFL__WORD_LIMIT] = DFL_D_EXPAND_LIMIT,
        [DFL__WORD_BRACE] = DFL_D_SUBST_BRACE,
        [DFL__WORD_BAD] = DFL_D_SUBST_BAD,
        [DFL__WORD_MODIFIER] = DFL_D_SUBST_MODIFIER,
        [DFL__WORD_QUOTE] = DFL_D_SUBST_QUOTE,
        [DFL__WORD_REQUIRED] = DFL_D_SUBST_REQUIRED,
        [DFL__WORD_PATTERN] = DFL_D_SUBST_PATTERN,
    };
    return codes[error];
}

/* Only these are about one variable. */
static int blames_name(dfl__word_error error) {
    return error == DFL__WORD_MODIFIER || error == DFL__WORD_REQUIRED || error == DFL__WORD_PATTERN;
}

static void report_runs(const lexer *lx) {
    for (uint32_t i = 0; i < lx->runs.count; i++) /* there are none where nobody is told */
        lx->options->piece(lx->options->ctx, &lx->runs.items[i]);
}

static dfl__word_result run_lexer(dfl_str src, const dfl__word_options *options, dfl__buf *out,
                                  dfl__offsets *ends) {
    assert(options->escape == '\\' || options->escape == '`');
    lexer lx = {.src = src, .options = options, .out = out, .ends = ends, .base = out->len};
    dfl__buf_init(&lx.scratch, &out->alloc, 0);
    lx.text = ends != NULL ? &lx.scratch : out;
    lx.word = out->len;
    lx.ends_base = ends != NULL ? ends->count : 0;
    lx.ground.raw = options->raw_escapes != 0;
    lex(&lx);
    lx.result.unknown = lx.ground.unknown;
    if (lx.result.error != DFL__WORD_OK)
        undo(&lx);
    else
        report_runs(&lx);
    if (!blames_name(lx.result.error)) lx.result.name = DFL__LIT("");
    DFL__VEC_FREE(&out->alloc, &lx.frames);
    DFL__VEC_FREE(&out->alloc, &lx.runs);
    dfl__buf_free(&lx.scratch);
    return lx.result;
}

dfl__word_result dfl__word_expand(dfl_str word, const dfl__word_options *options, dfl__buf *out) {
    return run_lexer(word, options, out, NULL);
}

dfl__word_result dfl__word_split(dfl_str text, const dfl__word_options *options, dfl__buf *out,
                                 dfl__offsets *ends) {
    return run_lexer(text, options, out, ends);
}
