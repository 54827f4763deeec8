/* tree.h -- the stored form of a document, shared by the modules that read it.
 * Relies on base; public face in dockerfile/tree.h.
 * Never exposed: a program outside the library sees handles and records only. */
#ifndef DFL_SYNTAX_TREE_H
#define DFL_SYNTAX_TREE_H

#include <stdatomic.h>

#include "base/memory.h"
#include "base/text.h"
#include "dockerfile/diag.h"
#include "dockerfile/tree.h"

/* The value of a node whose value differs from its text; sorted by node. */
typedef struct {
    uint32_t node;
    uint32_t start; /* in dfl_doc.values */
    uint32_t len;
} dfl__value;

/* Where the message of the diagnostic of the same index stands in dfl_doc.messages. */
typedef struct {
    uint32_t start;
    uint32_t len;
} dfl__message;

/* A document is one block: the struct, then what it points to. While it is parsed, its arrays grow
 * on their own and `source` is the caller's. */
struct dfl_doc {
    atomic_uint refs;
    size_t size; /* of the block; 0 while it is parsed */
    dfl_alloc alloc;
    dfl_limits limits; /* resolved: no zeros */
    dfl_str source;
    uint32_t written; /* end of the last token: the whole source once parsed */
    unsigned char escape;
    uint32_t error_count;
    DFL__VEC(dfl_token_rec) tokens;
    DFL__VEC(dfl_node_rec) nodes;
    DFL__VEC(dfl__value) value_index;
    DFL__VEC(dfl_diag_rec) diags;
    DFL__VEC(dfl__message) diag_messages;
    DFL__VEC(uint32_t) lines; /* offset of each line's first byte */
    dfl__buf values;
    dfl__buf messages;
};

/* End offset of token `i`. */
uint32_t dfl__token_end(const dfl_doc *doc, uint32_t i);
/* Line that holds `offset`, from 0: the last one that starts at or before it. */
uint32_t dfl__doc_line(const dfl_doc *doc, uint32_t offset);
/* A place that moves on: columns are counted from where it was, not from where the line starts, so
 * that the places of a long line cost its length once. Starts with all but `doc` 0. */
typedef struct {
    const dfl_doc *doc;
    uint32_t offset;
    dfl_pos pos;
} dfl__cursor;
/* As dfl_doc_pos; offsets that grow are fast. */
dfl_pos dfl__cursor_pos(dfl__cursor *cursor, uint32_t offset);
/* Whether the token's bytes take part in joined values. */
int dfl__token_is_text(uint16_t kind);
/* The same where it stands: the indentation of a comment or of a blank line inside an instruction
 * is no part of a value. */
int dfl__token_is_of_value(const dfl_doc *doc, uint32_t token);
/* Records by id, without handles. */
dfl_range dfl__node_range(const dfl_doc *doc, uint32_t id);
dfl_str dfl__node_value(const dfl_doc *doc, uint32_t id);
uint32_t dfl__node_child(const dfl_doc *doc, uint32_t id, uint32_t kind); /* 0 = none */
uint32_t dfl__node_first(const dfl_doc *doc, uint32_t id);                /* 0 = none */
int dfl__kind_is_instruction(uint32_t kind);
/* Nodes of an instruction's arguments in order (WORD, SHELL_FORM, JSON_STRING, PAIR); start with 0.
 * 0 at the end. */
uint32_t dfl__next_argument(const dfl_doc *doc, uint32_t instruction, uint32_t argument);
/* The same, with what stands in an argument's place: ERROR nodes, and the trigger of ONBUILD. */
uint32_t dfl__next_operand(const dfl_doc *doc, uint32_t instruction, uint32_t operand);
/* Every invariant of design section 3; 1 when all hold. Used by tests, fuzzers, debug builds. */
int dfl__tree_check(const dfl_doc *doc);
/* Limits with zeros resolved and hard limits enforced. DFL_E_ABI on a bad size. */
dfl_status dfl__limits_of(const dfl_limits *given, dfl_limits *out);
/* Check a text and the options that a caller gives with it; `*out` are their limits, resolved.
 * DFL_E_ARG, DFL_E_ABI, DFL_E_LIMIT. */
dfl_status dfl__text_limits(const char *text, size_t len, const dfl_parse_options *opt,
                            dfl_limits *out);

#endif
