/* args.c -- flags, and the argument lexers of the instructions.
 * Relies on parser.h and json.c. Follows frontend/dockerfile/parser/split_command.go and
 * line_parsers.go (specification 1.7, 1.8).
 * Never expands a variable. */
#include <string.h>

#include "syntax/parser.h"

/* The instruction that is being written. */
static uint32_t current(const dfl__parser *p) {
    return p->open[p->open_count - 1].node;
}

static void mark(dfl__parser *p, uint16_t flag) {
    if (p->failed == DFL_OK) p->doc->nodes.items[current(p)].flags |= flag;
}

/* One flag word: its extent, and its value with quotes and escapes removed. */
typedef struct {
    uint32_t start, end;
    uint32_t equals; /* text offset of the first `=` of the value; `end` when none */
    size_t value, name_end, value_end; /* in doc->values */
} flag;

/* Go appends the byte as a code point, so bytes from 0x80 become two. */
static void add_latin1(dfl__buf *out, char byte) {
    dfl__buf_rune(out, (unsigned char)byte);
}

int dfl__flag_byte(dfl__flag_reader *r, uint32_t *from, char *byte) {
    for (; r->at < r->text.len; r->at++) {
        char c = r->text.ptr[r->at];
        if (r->quote == 0 && dfl__is_byte_space((unsigned char)c)) return 0;
        if (r->quote == 0 && (c == '\'' || c == '"')) {
            r->quote = c;
            continue;
        }
        if (r->quote != 0 && c == r->quote) {
            r->quote = 0;
            continue;
        }
        *from = r->at;
        if ((unsigned char)c == r->escape) {
            if (r->at + 1 == r->text.len) continue;
            c = r->text.ptr[++r->at];
        }
        r->at++;
        *byte = c;
        return 1;
    }
    return 0;
}

static void lex_flag(dfl__parser *p, uint32_t at, uint32_t end, flag *out) {
    dfl__buf *values = &p->doc->values;
    dfl__flag_reader reader = {dfl__sub(p->text, 0, end), at, p->doc->escape, 0};
    uint32_t from;
    char c;
    out->start = at;
    out->equals = end;
    out->value = out->name_end = values->len;
    while (dfl__flag_byte(&reader, &from, &c)) {
        if (c == '=' && out->equals == end) {
            out->equals = reader.at - 1;
            out->name_end = values->len;
        }
        add_latin1(values, c);
    }
    out->end = reader.at;
    out->value_end = values->len;
    if (out->equals == end) out->equals = out->end, out->name_end = out->value_end;
}

static void value_at(dfl__parser *p, uint32_t node, size_t start, size_t end) {
    dfl__value value = {node, (uint32_t)start, (uint32_t)(end - start)};
    if (p->failed != DFL_OK || !DFL__PUSH(&p->doc->alloc, &p->doc->value_index, value)) {
        p->failed = DFL_E_NOMEM;
    } else {
        p->doc->nodes.items[node].flags |= DFL_NODE_F_VALUE;
    }
}

/* Whether the flag's value is its text: then nothing needs to be stored. */
static int is_plain(const dfl__parser *p, const flag *f) {
    size_t len = f->value_end - f->value;
    return p->text_value == UINT32_MAX && len == f->end - f->start &&
           memcmp(p->doc->values.ptr + f->value, p->text.ptr + f->start, len) == 0;
}

static void write_flag(dfl__parser *p, const flag *f) {
    int plain = is_plain(p, f);
    uint32_t node = dfl__open_at(p, f->start, f->end, DFL_NODE_FLAG);
    if (!plain) value_at(p, node, f->value, f->value_end);
    dfl__write(p, f->start + 2, DFL_TOKEN_FLAG);
    node = dfl__open_at(p, f->start + 2, f->equals, DFL_NODE_NAME);
    if (!plain) value_at(p, node, f->value + 2, f->name_end);
    dfl__write(p, f->equals, DFL_TOKEN_FLAG);
    dfl__close(p);
    if (f->equals < f->end) {
        dfl__write(p, f->equals + 1, DFL_TOKEN_PUNCT);
        node = dfl__open_at(p, f->equals + 1, f->end, DFL_NODE_VALUE);
        if (!plain) value_at(p, node, f->name_end + 1, f->value_end);
        dfl__write(p, f->end, DFL_TOKEN_TEXT);
        dfl__close(p);
    }
    dfl__close(p);
    if (plain) p->doc->values.len = f->value;
}

void dfl__flags(dfl__parser *p, dfl__span *rest) {
    uint32_t at = rest->start;
    while (p->failed == DFL_OK) {
        flag f;
        while (at < rest->end && dfl__is_byte_space((unsigned char)p->text.ptr[at]))
            at++;
        if (rest->end - at < 2 || memcmp(p->text.ptr + at, "--", 2) != 0) break;
        lex_flag(p, at, rest->end, &f);
        if (p->doc->values.failed != DFL_OK) {
            p->failed = DFL_E_NOMEM;
            break;
        }
        at = f.end;
        if (f.value_end - f.value == 2) {
            p->doc->values.len = f.value;
            dfl__write(p, f.start, DFL_TOKEN_WHITESPACE);
            dfl__write(p, f.end, DFL_TOKEN_FLAG);
            break;
        }
        write_flag(p, &f);
    }
    rest->start = at;
}

void dfl__whole_string(dfl__parser *p, dfl__span rest) {
    if (rest.start < rest.end) dfl__leaf(p, rest.start, rest.end, DFL_NODE_WORD, DFL_TOKEN_TEXT);
}

void dfl__space_list(dfl__parser *p, dfl__span rest) {
    uint32_t at = rest.start;
    while (at < rest.end) {
        uint32_t start = at;
        while (at < rest.end && !dfl__is_list_space((unsigned char)p->text.ptr[at]))
            at++;
        dfl__leaf(p, start, at, DFL_NODE_WORD, DFL_TOKEN_TEXT);
        while (at < rest.end && dfl__is_list_space((unsigned char)p->text.ptr[at]))
            at++;
    }
}

/* Write `rest` if it is a JSON array; 0 when it is not. */
static int json_args(dfl__parser *p, dfl__span rest) {
    rest.start += (uint32_t)dfl__space_prefix(dfl__sub(p->text, rest.start, rest.end));
    if (rest.start == rest.end || p->text.ptr[rest.start] != '[') return 0;
    dfl__json json = dfl__json_check(dfl__sub(p->text, rest.start, rest.end));
    if (json == DFL__JSON_NONE) return 0;
    mark(p, DFL_NODE_F_JSON);
    if (json == DFL__JSON_STRINGS) {
        dfl__json_form(p, rest);
    } else {
        uint32_t node = dfl__leaf(p, rest.start, rest.end, DFL_NODE_ERROR, DFL_TOKEN_JUNK);
        dfl__report_node(p, DFL_D_JSON_NOT_STRINGS, node, DFL__LIT(""));
    }
    return 1;
}

void dfl__string_or_json(dfl__parser *p, dfl__span rest) {
    if (rest.start == rest.end || json_args(p, rest)) return;
    dfl__leaf(p, rest.start, rest.end, DFL_NODE_SHELL_FORM, DFL_TOKEN_TEXT);
}

void dfl__list_or_json(dfl__parser *p, dfl__span rest) {
    if (!json_args(p, rest)) dfl__space_list(p, rest);
}

void dfl__healthcheck(dfl__parser *p, dfl__span rest) {
    uint32_t at = rest.start;
    while (at < rest.end && !dfl__is_byte_space((unsigned char)p->text.ptr[at]))
        at++;
    if (at == rest.start) return;
    dfl__leaf(p, rest.start, at, DFL_NODE_WORD, DFL_TOKEN_TEXT);
    while (at < rest.end && dfl__is_byte_space((unsigned char)p->text.ptr[at]))
        at++;
    rest.start = at;
    dfl__string_or_json(p, rest);
}

void dfl__ignored(dfl__parser *p, dfl__span rest) {
    if (rest.start < rest.end) dfl__leaf(p, rest.start, rest.end, DFL_NODE_ERROR, DFL_TOKEN_JUNK);
}

/* A word of ARG, ENV or LABEL. An escape character that nothing follows is not `kept`. */
typedef struct {
    uint32_t start, kept, end;
} word;

/* The word at `at`: white space outside quotes and escapes ends it. */
static word word_at(const dfl__parser *p, uint32_t at, uint32_t end) {
    word w = {at, end, end};
    uint32_t quote = 0;
    unsigned width;
    for (; at < end; at += width) {
        uint32_t rune = dfl__rune(p->text, at, &width);
        if (quote == 0 && dfl__is_unicode_space(rune)) {
            w.kept = w.end = at;
            break;
        }
        if (rune == p->doc->escape && quote != '\'') {
            if (++at == end) {
                w.kept = end - 1;
                break;
            }
            (void)dfl__rune(p->text, at, &width);
        } else if (quote == 0 && (rune == '\'' || rune == '"')) {
            quote = rune;
        } else if (rune == quote) {
            quote = 0;
        }
    }
    return w;
}

static int is_valid_utf8(dfl_str s) {
    unsigned width;
    for (size_t at = 0; at < s.len; at += width) {
        if (dfl__rune(s, at, &width) == DFL__RUNE_ERROR && width == 1) return 0;
    }
    return 1;
}

/* A piece of a word up to `kept`, written up to `end`: runes are re-encoded, so bad bytes become
 * U+FFFD. */
static void word_leaf(dfl__parser *p, uint32_t start, uint32_t kept, uint32_t end, uint16_t kind) {
    dfl_str s = dfl__sub(p->text, start, kept);
    uint32_t node = dfl__open_at(p, start, end, kind);
    if (!is_valid_utf8(s)) {
        size_t at = p->doc->values.len;
        unsigned width;
        for (size_t i = 0; i < s.len; i += width)
            dfl__buf_rune(&p->doc->values, dfl__rune(s, i, &width));
        if (p->doc->values.failed != DFL_OK) p->failed = DFL_E_NOMEM;
        value_at(p, node, at, p->doc->values.len);
    } else if (kept < end) {
        dfl__set_joined(p, node, start, kept);
    } else {
        dfl__set_slice(p, node, start, end);
    }
    dfl__write(p, end, DFL_TOKEN_TEXT);
    dfl__close(p);
}

static void write_pair(dfl__parser *p, word w, uint32_t equals) {
    int has_value = equals < w.kept;
    dfl__open_at(p, w.start, w.end, DFL_NODE_PAIR);
    word_leaf(p, w.start, has_value ? equals : w.kept, has_value ? equals : w.end, DFL_NODE_NAME);
    if (has_value) {
        dfl__write(p, equals + 1, DFL_TOKEN_PUNCT);
        word_leaf(p, equals + 1, w.kept, w.end, DFL_NODE_VALUE);
    }
    dfl__close(p);
}

/* Next word at or after `*at`; 0 when there is none. One of a dangling escape alone is none. */
static int next_word(const dfl__parser *p, uint32_t *at, uint32_t end, word *w) {
    *at += (uint32_t)dfl__space_prefix(dfl__sub(p->text, *at, end));
    if (*at == end) return 0;
    *w = word_at(p, *at, end);
    *at = w->end;
    return w->kept > w->start;
}

/* Offset of the first `=` of what is kept of the word; `kept` when there is none. */
static uint32_t find_equals(const dfl__parser *p, word w) {
    return (uint32_t)dfl__find(dfl__sub(p->text, 0, w.kept), '=', w.start);
}

void dfl__names_args(dfl__parser *p, dfl__span rest) {
    uint32_t at = rest.start;
    word w;
    while (p->failed == DFL_OK && next_word(p, &at, rest.end, &w))
        write_pair(p, w, find_equals(p, w));
}

/* `ENV name value`: the value is the rest of the line as it stands. */
static void legacy_pair(dfl__parser *p, dfl__span rest) {
    uint32_t name_end = rest.start, value;
    while (name_end < rest.end && !dfl__is_list_space((unsigned char)p->text.ptr[name_end]))
        name_end++;
    value = name_end;
    while (value < rest.end && dfl__is_list_space((unsigned char)p->text.ptr[value]))
        value++;
    uint32_t node = dfl__open_at(p, rest.start, rest.end, DFL_NODE_PAIR);
    if (p->failed == DFL_OK) p->doc->nodes.items[node].flags |= DFL_NODE_F_LEGACY;
    dfl__leaf(p, rest.start, name_end, DFL_NODE_NAME, DFL_TOKEN_TEXT);
    if (name_end < rest.end) dfl__leaf(p, value, rest.end, DFL_NODE_VALUE, DFL_TOKEN_TEXT);
    dfl__close(p);
    if (name_end == rest.end)
        dfl__report_node(p, DFL_D_KV_ARITY, node, dfl__sub(p->text, rest.start, name_end));
}

void dfl__pairs(dfl__parser *p, dfl__span rest) {
    uint32_t at = rest.start;
    word w;
    for (int first = 1; p->failed == DFL_OK && next_word(p, &at, rest.end, &w); first = 0) {
        uint32_t equals = find_equals(p, w);
        if (equals < w.kept) {
            write_pair(p, w, equals);
        } else if (first) {
            legacy_pair(p, rest);
            return;
        } else {
            uint32_t node = dfl__leaf(p, w.start, w.end, DFL_NODE_ERROR, DFL_TOKEN_JUNK);
            dfl__report_node(p, DFL_D_KV_SYNTAX, node, dfl__sub(p->text, w.start, w.end));
        }
    }
}
