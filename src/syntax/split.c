/* split.c -- name, flags and arguments of a logical line.
 * Relies on parser.h and args.c. Follows frontend/dockerfile/parser/split_command.go (1.7, 1.8).
 * Never rejects a line: what no lexer takes becomes an ERROR node. */
#include <string.h>

#include "syntax/parser.h"

#define INSTRUCTION_COUNT (DFL_NODE_WORKDIR - DFL_NODE_ADD + 1)

typedef void lexer(dfl__parser *p, dfl__span rest);

static const struct {
    const char *name;
    lexer *lex; /* NULL for ONBUILD, whose trigger is an instruction */
} instructions[INSTRUCTION_COUNT] = {
    {"ADD", dfl__list_or_json},      {"ARG", dfl__names_args},
    {"CMD", dfl__string_or_json},    {"COPY", dfl__list_or_json},
    {"ENTRYPOINT", dfl__string_or_json}, {"ENV", dfl__pairs},
    {"EXPOSE", dfl__space_list},     {"FROM", dfl__space_list},
    {"HEALTHCHECK", dfl__healthcheck}, {"LABEL", dfl__pairs},
    {"MAINTAINER", dfl__whole_string}, {"ONBUILD", NULL},
    {"RUN", dfl__string_or_json},    {"SHELL", dfl__string_or_json},
    {"STOPSIGNAL", dfl__whole_string}, {"USER", dfl__whole_string},
    {"VOLUME", dfl__list_or_json},   {"WORKDIR", dfl__whole_string},
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
    while (at < text.len && dfl__is_list_space((unsigned char)text.ptr[at])) at++;
    return at;
}

static uint32_t skip_name(dfl_str text, uint32_t at, uint32_t end) {
    while (at < end && !dfl__is_list_space((unsigned char)text.ptr[at])) at++;
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

/* Open the instruction that `line` spells; its flags are written, `*rest` are its arguments. */
static uint32_t open_instruction(dfl__parser *p, dfl__span line, dfl__span *rest) {
    uint32_t name_end = skip_name(p->text, line.start, line.end);
    uint16_t kind = kind_of(dfl__sub(p->text, line.start, name_end));
    uint32_t node = dfl__open_at(p, line.start, kind);
    dfl__set_slice(p, node, line.start, line.end);
    dfl__leaf(p, line.start, name_end, DFL_NODE_KEYWORD, DFL_TOKEN_KEYWORD);
    rest->start = skip_list_space(p->text, name_end);
    rest->end = line.end;
    if (rest->start > rest->end) rest->start = rest->end;
    dfl__flags(p, rest);
    *rest = trim(p->text, *rest);
    return node;
}

uint32_t dfl__instruction(dfl__parser *p) {
    dfl__span line = {0, (uint32_t)p->text.len}, rest;
    uint32_t opened = 1;
    dfl__begin_text(p);
    line = trim(p->text, line);
    uint32_t node = open_instruction(p, line, &rest);
    uint32_t inner = node;
    while (p->failed == DFL_OK && p->doc->nodes.items[inner].kind == DFL_NODE_ONBUILD &&
           rest.start < rest.end) {
        if (opened >= p->doc->limits.max_depth || opened >= 64) {
            dfl__report_slice(p, DFL_D_DEPTH_LIMIT, rest.start, rest.end, DFL__LIT(""));
            dfl__leaf(p, rest.start, rest.end, DFL_NODE_ERROR, DFL_TOKEN_JUNK);
            rest.start = rest.end;
            break;
        }
        inner = open_instruction(p, rest, &rest);
        if (p->failed == DFL_OK) p->doc->nodes.items[inner].flags |= DFL_NODE_F_NESTED;
        opened++;
    }
    if (p->failed == DFL_OK) {
        uint16_t kind = p->doc->nodes.items[inner].kind;
        lexer *lex = kind == DFL_NODE_UNKNOWN ? dfl__ignored : instructions[kind - DFL_NODE_ADD].lex;
        if (lex != NULL) lex(p, rest);
    }
    while (opened-- > 1) dfl__close(p);
    dfl__end_text(p);
    if (p->failed == DFL_OK) dfl__heredocs(p, node);
    dfl__close(p);
    return node;
}
