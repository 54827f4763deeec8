/* heredoc.c -- heredocs of RUN, COPY, ADD: words that open them, bodies, terminators.
 * Relies on parser.h and word.h. Follows heredocsFromLine and heredocFromMatch of
 * frontend/dockerfile/parser/parser.go (specification 1.9).
 * Never lets an unclosed heredoc hide the rest: its body is then empty and the next line is read
 * as usual. */
#include <string.h>

#include "syntax/parser.h"

static void detection_options(dfl__word_options *o, int raw_quotes, int raw_escapes) {
    memset(o, 0, sizeof *o);
    o->escape = '\\';
    o->raw_quotes = raw_quotes;
    o->raw_escapes = raw_escapes;
    o->skip_unset = 1;
    o->max_depth = DFL__NAME_DEPTH;
    o->max_bytes = UINT32_MAX;
}

static size_t count_quotes(dfl_str s) {
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += s.ptr[i] == '\'' || s.ptr[i] == '"';
    return count;
}

/* Lex a delimiter; 0 unless it gives exactly one word, which is then in `out`. */
static int lex_delimiter(dfl_str text, int raw_quotes, dfl__buf *out, dfl__word_error *error) {
    dfl__word_options options;
    dfl__offsets ends = {NULL, 0, 0};
    detection_options(&options, raw_quotes, 0);
    dfl__word_result result = dfl__word_split(text, &options, out, &ends);
    *error = result.error;
    int one = *error == DFL__WORD_OK && ends.count == 1;
    if (*error == DFL__WORD_NOMEM) out->failed = DFL_E_NOMEM;
    if (one) out->len = ends.items[0];
    DFL__VEC_FREE(&out->alloc, &ends);
    return one;
}

/* What names the heredoc that `word` opens; empty when it opens none. */
static dfl_str delimiter(dfl_str word, uint16_t *flags) {
    dfl_str none = {"", 0};
    size_t at = 0;
    while (at < word.len && dfl__is_digit((unsigned char)word.ptr[at]))
        at++;
    if (word.len - at < 3 || memcmp(word.ptr + at, "<<", 2) != 0) return none;
    at += 2;
    *flags = word.ptr[at] == '-' ? DFL_NODE_F_CHOMP : 0;
    if (*flags != 0) at++;
    while (at < word.len && dfl__is_regexp_space((unsigned char)word.ptr[at]))
        at++;
    dfl_str rest = dfl__sub(word, at, word.len);
    return dfl__find(rest, '<', 0) < rest.len ? none : rest;
}

int dfl__heredoc_word(dfl_str word, dfl__buf *name, uint16_t *flags, dfl__word_error *error) {
    dfl__buf quoted;
    dfl__word_error ignored;
    dfl_str text = delimiter(word, flags);
    if (error == NULL) error = &ignored;
    *error = DFL__WORD_OK;
    if (text.len == 0) return 0;
    dfl__buf_init(&quoted, &name->alloc, 0);
    int found = lex_delimiter(text, 0, name, error) && name->len > 0 &&
                lex_delimiter(text, 1, &quoted, error);
    if (found && count_quotes(dfl__buf_str(name)) == count_quotes(dfl__buf_str(&quoted)))
        *flags |= DFL_NODE_F_EXPAND;
    if (quoted.failed == DFL_E_NOMEM) name->failed = DFL_E_NOMEM;
    dfl__buf_free(&quoted);
    return found;
}

dfl_str dfl__terminator(dfl_str line, int chomp) {
    size_t at = 0;
    while (chomp && at < line.len && line.ptr[at] == '\t')
        at++;
    return dfl__sub(line, at, line.len);
}

/* Find the line that ends heredoc `name`. Once one has not been found, it is known where each line
 * occurs last: a terminator that does not come is then not looked for to the end again, and many
 * unclosed heredocs do not take quadratic time. */
static int find_terminator(dfl__parser *p, dfl_str name, int chomp, dfl__line *line) {
    uint32_t from = p->next_line;
    if (p->occurrences[chomp].built && !dfl__occurs_from(p, name, from, chomp)) return 0;
    for (uint32_t at = from; dfl__next_line(p, at, line); at = line->end) {
        dfl_str content = dfl__sub(p->src, line->start, line->content);
        if (dfl__eq(dfl__terminator(content, chomp), name)) return 1;
    }
    dfl__occurrences_build(p, from, chomp);
    return 0;
}

static uint32_t write_body(dfl__parser *p, uint16_t kind, uint32_t start, uint32_t end,
                           uint16_t token) {
    uint32_t node = dfl__open(p, kind);
    if (end > start) dfl__token(p, start, token);
    dfl__close(p);
    return node;
}

/* Write the heredoc `name`; its body begins at p->next_line. */
static void write_heredoc(dfl__parser *p, dfl_str name, uint16_t flags) {
    dfl__line line;
    int chomp = (flags & DFL_NODE_F_CHOMP) != 0;
    int closed = find_terminator(p, name, chomp, &line);
    if (p->failed != DFL_OK) return;
    if (closed && p->next_line > p->raw_end) dfl__token(p, p->raw_end, DFL_TOKEN_NEWLINE);
    uint32_t node = dfl__open(p, DFL_NODE_HEREDOC);
    if (p->failed == DFL_OK) p->doc->nodes.items[node].flags |= flags;
    dfl__set_value(p, node, name);
    if (closed) {
        write_body(p, DFL_NODE_HEREDOC_BODY, p->next_line, line.start, DFL_TOKEN_HEREDOC_BODY);
        write_body(p, DFL_NODE_HEREDOC_END, line.start, line.content, DFL_TOKEN_HEREDOC_END);
        p->raw_end = line.content;
        p->doc->written = p->raw_end;
        p->next_line = line.end;
    } else {
        write_body(p, DFL_NODE_HEREDOC_BODY, 0, 0, DFL_TOKEN_HEREDOC_BODY);
        uint32_t end = write_body(p, DFL_NODE_HEREDOC_END, 0, 0, DFL_TOKEN_HEREDOC_END);
        if (p->failed == DFL_OK) p->doc->nodes.items[end].flags |= DFL_NODE_F_MISSING;
    }
    dfl__close(p);
    if (!closed) dfl__report_slice(p, DFL_D_HEREDOC_OPEN, 0, (uint32_t)p->text.len, name);
}

/* Whether heredocs are looked for: ADD, COPY, RUN without JSON form, or such a direct trigger. */
static int takes_heredocs(const dfl__parser *p, uint32_t node) {
    const dfl_node_rec *rec = &p->doc->nodes.items[node];
    if (rec->kind == DFL_NODE_ONBUILD) {
        uint32_t child = dfl__node_first(p->doc, node);
        while (child != 0 && !dfl__kind_is_instruction(p->doc->nodes.items[child].kind))
            child = p->doc->nodes.items[child].next;
        if (child == 0) return 0;
        rec = &p->doc->nodes.items[child];
    }
    return (rec->kind == DFL_NODE_ADD || rec->kind == DFL_NODE_COPY || rec->kind == DFL_NODE_RUN) &&
           (rec->flags & DFL_NODE_F_JSON) == 0;
}

/* The instruction is still being written: it has no range yet, its line has. */
static void report_line(dfl__parser *p, uint32_t code, uint32_t instruction, dfl_str detail) {
    if (p->failed != DFL_OK) return;
    p->doc->nodes.items[instruction].flags |= DFL_NODE_F_ERROR;
    dfl__report_slice(p, code, 0, (uint32_t)p->text.len, detail);
}

/* The words of an instruction that may open heredocs. */
typedef struct {
    dfl_str words; /* each with a byte behind it */
    dfl__offsets ends;
    dfl__buf name; /* of the heredoc that the last word read opens */
} openers;

static dfl_str word_of(const openers *o, uint32_t i) {
    return dfl__sub(o->words, i > 0 ? o->ends.items[i - 1] + 1 : 0, o->ends.items[i]);
}

/* BuildKit rejects a file in which the name of a heredoc cannot be lexed, `COPY ${X: <<\'} /b`, and
 * sees so before it reads a body. Here the word opens none. */
static void report_words(dfl__parser *p, uint32_t instruction, openers *o) {
    for (uint32_t i = 0; i < o->ends.count; i++) {
        uint16_t flags;
        dfl__word_error error;
        o->name.len = 0;
        dfl__heredoc_word(word_of(o, i), &o->name, &flags, &error);
        uint32_t code = error == DFL__WORD_LIMIT ? DFL_D_DEPTH_LIMIT : dfl__word_code(error);
        if (code != 0) report_line(p, code, instruction, word_of(o, i));
    }
}

static void write_heredocs(dfl__parser *p, uint32_t instruction, openers *o) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < o->ends.count && p->failed == DFL_OK; i++) {
        uint16_t flags;
        o->name.len = 0;
        if (!dfl__heredoc_word(word_of(o, i), &o->name, &flags, NULL)) continue;
        if (count++ == p->doc->limits.max_heredocs) {
            report_line(p, DFL_D_HEREDOC_LIMIT, instruction, DFL__LIT(""));
            break;
        }
        write_heredoc(p, dfl__buf_str(&o->name), flags);
    }
}

void dfl__heredocs(dfl__parser *p, uint32_t instruction) {
    if (!takes_heredocs(p, instruction) || dfl__find_str(p->text, "<<") == p->text.len) return;
    dfl__word_options options;
    openers o;
    dfl__buf words;
    memset(&o, 0, sizeof o);
    detection_options(&options, 1, 1);
    options.max_depth = p->doc->limits.max_depth;
    dfl__buf_init(&words, &p->doc->alloc, 0);
    dfl__buf_init(&o.name, &p->doc->alloc, 0);
    dfl__word_result result = dfl__word_split(p->text, &options, &words, &o.ends);
    o.words = dfl__buf_str(&words);
    if (result.error == DFL__WORD_LIMIT)
        report_line(p, DFL_D_DEPTH_LIMIT, instruction, DFL__LIT(""));
    report_words(p, instruction, &o);
    write_heredocs(p, instruction, &o);
    if (result.error == DFL__WORD_NOMEM || o.name.failed == DFL_E_NOMEM) p->failed = DFL_E_NOMEM;
    DFL__VEC_FREE(&p->doc->alloc, &o.ends);
    dfl__buf_free(&o.name);
    dfl__buf_free(&words);
}
