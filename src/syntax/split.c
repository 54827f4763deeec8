/* split.c -- name, flags and arguments of a logical line.
 * Relies on parser.h and args.c. Follows frontend/dockerfile/parser/split_command.go (1.7, 1.8).
 * Never rejects a line: what no lexer takes becomes an ERROR node. */
#include <string.h>

#include "syntax/parser.h"

#define NESTED_MAX 64u /* an instruction and its triggers; DFL__OPEN_MAX has room for them */
#define INSTRUCTION_COUNT (DFL_NODE_WORKDIR - DFL_NODE_ADD + 1)

typedef void lexer(dfl__parser *p, dfl__span rest);

static const struct {
    const char *name;
    lexer *lex; /* NULL for ONBUILD, whose trigger is an instruction */
} instructions[INSTRUCTION_COUNT] = {
    {"ADD", dfl__list_or_json},          {"ARG", dfl__names_args},
    {"CMD", dfl__string_or_json},        {"COPY", dfl__list_or_json},
    {"ENTRYPOINT", dfl__string_or_json}, {"ENV", dfl__pairs},
    {"EXPOSE", dfl__space_list},         {"FROM", dfl__space_list},
    {"HEALTHCHECK", dfl__healthcheck},   {"LABEL", dfl__pairs},
    {"MAINTAINER", dfl__whole_string},   {"ONBUILD", NULL},
    {"RUN", dfl__string_or_json},        {"SHELL", dfl__string_or_json},
    {"STOPSIGNAL", dfl__whole_string},   {"USER", dfl__whole_string},
    {"VOLUME", dfl__list_or_json},       {"WORKDIR", dfl__whole_string},
};

const char *dfl_instruction_name(uint32_t kind) {
    uint32_t at = kind - DFL_NODE_ADD;
    return at < INSTRUCTION_COUNT ? instructions[at].name : "";
}

/* Kind of an instruction name; case folds as Go's strings.ToLower does, rune by rune. */
static uint16_t kind_of(dfl_str name) {
    char lower[16];
    unsigned width, len = 0;
    for (size_t at = 0; at < name.len; at += width) {
        uint32_t rune = dfl__rune_lower(dfl__rune(name, at, &width));
        if (rune >= 0x80 || len == sizeof lower) return DFL_NODE_UNKNOWN;
        lower[len++] = (char)rune;
    }
    for (uint32_t i = 0; i < INSTRUCTION_COUNT; i++) {
        dfl_str folded = {lower, len};
        if (dfl__ieqz(folded, instructions[i].name)) return (uint16_t)(DFL_NODE_ADD + i);
    }
    return DFL_NODE_UNKNOWN;
}

static uint32_t skip_list_space(dfl_str text, uint32_t at) {
    while (at < text.len && dfl__is_list_space((unsigned char)text.ptr[at]))
        at++;
    return at;
}

static uint32_t skip_name(dfl_str text, uint32_t at, uint32_t end) {
    while (at < end && !dfl__is_list_space((unsigned char)text.ptr[at]))
        at++;
    return at;
}

/* Trim `span` of Unicode white space. */
static dfl__span trim(dfl_str text, dfl__span span) {
    dfl_str s = dfl__sub(text, span.start, span.end);
    span.start += (uint32_t)dfl__space_prefix(s);
    s = dfl__sub(text, span.start, span.end);
    span.end -= (uint32_t)dfl__space_suffix(s);
    return span;
}

static uint32_t open_nested(dfl__parser *p, dfl__span line, uint16_t kind) {
    uint32_t node = dfl__open_at(p, line.start, line.end, kind);
    if (p->failed == DFL_OK) p->doc->nodes.items[node].flags |= DFL_NODE_F_NESTED;
    dfl__set_slice(p, node, line.start, line.end);
    return node;
}

/* Open the instruction that `line` spells; its flags are written, `*rest` are its arguments. One of
 * the file begins at its first physical line even if only a continuation stands there. */
static uint32_t open_instruction(dfl__parser *p, dfl__span line, int nested, dfl__span *rest) {
    uint32_t name_end = skip_name(p->text, line.start, line.end);
    uint16_t kind = kind_of(dfl__sub(p->text, line.start, name_end));
    uint32_t node = nested ? open_nested(p, line, kind) : dfl__open(p, kind);
    dfl__leaf(p, line.start, name_end, DFL_NODE_KEYWORD, DFL_TOKEN_KEYWORD);
    rest->start = skip_list_space(p->text, name_end);
    rest->end = line.end;
    if (rest->start > rest->end) rest->start = rest->end;
    dfl__flags(p, rest);
    *rest = trim(p->text, *rest);
    return node;
}

/* Open the triggers inside instruction `*inner`, which becomes the innermost one, and take its
 * arguments apart. Returns how many were opened. */
static uint32_t open_triggers(dfl__parser *p, uint32_t *inner, dfl__span *rest) {
    uint32_t most = p->doc->limits.max_depth < NESTED_MAX ? p->doc->limits.max_depth : NESTED_MAX;
    uint32_t opened = 0;
    while (p->failed == DFL_OK && p->doc->nodes.items[*inner].kind == DFL_NODE_ONBUILD &&
           rest->start < rest->end) {
        if (opened + 1 >= most) {
            uint32_t node = dfl__leaf(p, rest->start, rest->end, DFL_NODE_ERROR, DFL_TOKEN_JUNK);
            dfl__report_node(p, DFL_D_DEPTH_LIMIT, node, DFL__LIT(""));
            rest->start = rest->end;
            break;
        }
        *inner = open_instruction(p, *rest, 1, rest);
        opened++;
    }
    return opened;
}

static void lex_arguments(dfl__parser *p, uint32_t instruction, dfl__span rest) {
    if (p->failed != DFL_OK) return;
    uint16_t kind = p->doc->nodes.items[instruction].kind;
    lexer *lex = kind == DFL_NODE_UNKNOWN ? dfl__ignored : instructions[kind - DFL_NODE_ADD].lex;
    if (lex != NULL) lex(p, rest);
}

/* The value of an instruction of the file is its logical line, without heredocs. */
static void set_line(dfl__parser *p, uint32_t node, dfl__span line) {
    uint32_t end = p->segs.items[0].raw + line.end;
    if (line.start == 0 && p->segs.count == 1 && end == p->raw_end) return;
    dfl__set_joined(p, node, line.start, line.end);
    dfl__settle_value(p);
}

uint32_t dfl__instruction(dfl__parser *p) {
    dfl__span line = {0, (uint32_t)p->text.len}, rest;
    dfl__begin_text(p);
    line = trim(p->text, line);
    uint32_t node = open_instruction(p, line, 0, &rest);
    uint32_t inner = node, opened = open_triggers(p, &inner, &rest);
    lex_arguments(p, inner, rest);
    if (opened > 0) dfl__write(p, line.end, DFL_TOKEN_WHITESPACE);
    while (opened-- > 0)
        dfl__close(p);
    dfl__end_text(p);
    if (p->failed == DFL_OK) dfl__heredocs(p, node);
    if (p->failed == DFL_OK) set_line(p, node, line);
    dfl__close(p);
    return node;
}
