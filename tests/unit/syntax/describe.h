/* describe.h -- a parsed file in a line an instruction, for tables of cases.
 * Relies on cmocka, which each test includes first.
 * Never knows what is right.
 *
 *   `FROM 1 "a"`                        name as typed, line, arguments
 *   `RUN 2-4 [--x] json "a" "b" !code`  lines, flags, JSON form, errors and warnings
 *   `ENV 1 "k"="v" "l" _ "m"`           pairs; `_` where no `=` stands
 *   `RUN 1 "x" <<"E"+-"body"`           heredoc: + expands, - drops tabs, ? is not closed
 *   `ONBUILD 1 > RUN "x"`               trigger
 *   `# "escape"="`"`, `!code`           directives, what is said of the file
 */
#ifndef DFL_TESTS_SYNTAX_DESCRIBE_H
#define DFL_TESTS_SYNTAX_DESCRIBE_H

#include <string.h>

#include "base/text.h"
#include "dockerfile/diag.h"
#include "syntax/tree.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static inline void describe_bytes(dfl__buf *out, dfl_str s) {
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x20 && c < 0x7F) {
            dfl__buf_addc(out, (char)c);
        } else if (c == '\n') {
            dfl__buf_addz(out, "\\n");
        } else {
            dfl__buf_addz(out, "\\x");
            dfl__buf_addc(out, hex[c >> 4]);
            dfl__buf_addc(out, hex[c & 15]);
        }
    }
}

static inline void describe_quoted(dfl__buf *out, dfl_str s) {
    dfl__buf_addc(out, '"');
    describe_bytes(out, s);
    dfl__buf_addc(out, '"');
}

static inline void describe_pair(dfl__buf *out, dfl_node pair) {
    dfl_node value = dfl_node_child(pair, DFL_NODE_VALUE);
    describe_quoted(out, dfl_node_value(dfl_node_child(pair, DFL_NODE_NAME)));
    if (dfl_node_is_null(value)) return;
    dfl__buf_addz(out, dfl_node_flags(pair) & DFL_NODE_F_LEGACY ? " _ " : "=");
    describe_quoted(out, dfl_node_value(value));
}

static inline void describe_heredoc(dfl__buf *out, dfl_node heredoc) {
    uint32_t flags = dfl_node_flags(heredoc);
    dfl_node end = dfl_node_child(heredoc, DFL_NODE_HEREDOC_END);
    dfl__buf_addz(out, "<<");
    describe_quoted(out, dfl_node_value(heredoc));
    if (flags & DFL_NODE_F_EXPAND) dfl__buf_addc(out, '+');
    if (flags & DFL_NODE_F_CHOMP) dfl__buf_addc(out, '-');
    if (dfl_node_flags(end) & DFL_NODE_F_MISSING) dfl__buf_addc(out, '?');
    describe_quoted(out, dfl_node_text(dfl_node_child(heredoc, DFL_NODE_HEREDOC_BODY)));
}

static inline void describe_json(dfl__buf *out, dfl_node form) {
    dfl__buf_addz(out, "json");
    for (dfl_node n = dfl_node_first(form); !dfl_node_is_null(n); n = dfl_node_next(n)) {
        if (dfl_node_kind(n) != DFL_NODE_JSON_STRING) continue;
        dfl__buf_addc(out, ' ');
        describe_quoted(out, dfl_node_value(n));
    }
}

/* A part of an instruction; 0 for what is not described. */
static inline int describe_part(dfl__buf *out, dfl_node part) {
    size_t before = out->len;
    dfl__buf_addc(out, ' ');
    switch (dfl_node_kind(part)) {
    case DFL_NODE_FLAG:
        dfl__buf_addc(out, '[');
        describe_bytes(out, dfl_node_value(part));
        dfl__buf_addc(out, ']');
        return 1;
    case DFL_NODE_WORD:
    case DFL_NODE_SHELL_FORM: describe_quoted(out, dfl_node_value(part)); return 1;
    case DFL_NODE_JSON_FORM: describe_json(out, part); return 1;
    case DFL_NODE_PAIR: describe_pair(out, part); return 1;
    case DFL_NODE_HEREDOC: describe_heredoc(out, part); return 1;
    case DFL_NODE_ERROR:
        dfl__buf_addz(out, "?");
        describe_quoted(out, dfl_node_value(part));
        return 1;
    default: out->len = before; return 0;
    }
}

static inline void describe_diags(dfl__buf *out, const dfl_doc *doc, uint32_t start, uint32_t end) {
    size_t count;
    const dfl_diag_rec *diags = dfl_doc_diags(doc, &count);
    for (size_t i = 0; i < count; i++) {
        if (diags[i].start < start || diags[i].start >= end) continue;
        if (out->len > 0 && out->ptr[out->len - 1] != '\n') dfl__buf_addc(out, ' ');
        dfl__buf_addc(out, '!');
        dfl__buf_addz(out, dfl_diag_name(diags[i].code));
    }
}

static inline void describe_parts(dfl__buf *out, dfl_node instruction) {
    while (!dfl_node_is_null(instruction)) {
        dfl_node trigger = {NULL, 0, 0};
        for (dfl_node n = dfl_node_first(instruction); !dfl_node_is_null(n); n = dfl_node_next(n)) {
            if (dfl_node_is_instruction(n)) trigger = n;
            (void)describe_part(out, n);
        }
        if (!dfl_node_is_null(trigger)) {
            dfl__buf_addz(out, " > ");
            describe_bytes(out, dfl_node_value(dfl_node_child(trigger, DFL_NODE_KEYWORD)));
        }
        instruction = trigger;
    }
}

static inline void describe_instruction(dfl__buf *out, dfl_node n) {
    dfl_range range = dfl_node_range(n);
    uint32_t first = dfl_doc_pos(n.doc, range.start).line + 1;
    uint32_t last = dfl_doc_pos(n.doc, range.end).line + 1;
    describe_bytes(out, dfl_node_value(dfl_node_child(n, DFL_NODE_KEYWORD)));
    dfl__buf_addc(out, ' ');
    dfl__buf_addu(out, first);
    if (last > first) dfl__buf_fmt(out, "-%u", last);
    describe_parts(out, n);
}

/* The whole file; what stands between instructions is told with the line before it. */
static inline void describe(dfl__buf *out, const dfl_doc *doc) {
    uint32_t told = 0;
    for (dfl_node n = dfl_node_first(dfl_doc_root(doc)); !dfl_node_is_null(n);
         n = dfl_node_next(n)) {
        dfl_node next = dfl_node_next(n);
        if (dfl_node_kind(n) == DFL_NODE_COMMENT) continue;
        if (out->len > 0) dfl__buf_addc(out, '\n');
        if (dfl_node_kind(n) == DFL_NODE_DIRECTIVE) {
            dfl__buf_addz(out, "# ");
            describe_pair(out, n);
        } else {
            describe_instruction(out, n);
        }
        while (dfl_node_kind(next) == DFL_NODE_COMMENT)
            next = dfl_node_next(next);
        uint32_t end = dfl_node_is_null(next) ? UINT32_MAX : dfl_node_range(next).start;
        describe_diags(out, doc, told, end);
        told = end;
    }
    describe_diags(out, doc, told, UINT32_MAX);
}

static inline dfl_doc *parse_bytes(const char *source, size_t len) {
    dfl_doc *doc = NULL;
    assert_int_equal(dfl_parse(source, len, NULL, &doc), DFL_OK);
    assert_true(dfl__tree_check(doc));
    return doc;
}

#endif
