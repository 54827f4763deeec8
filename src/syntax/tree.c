/* tree.c -- documents as callers see them: references, records, handles, positions.
 * Relies on tree.h.
 * Never writes to a document but for its reference count. */
#include "syntax/tree.h"

#include <assert.h>
#include <string.h>

#include "diag/codes.h"

static const dfl_limits default_limits = {sizeof(dfl_limits), 4u << 20, 1000, 64, 10000, 1000,
                                          1u << 20,           16u << 20};
#define HARD_SOURCE (1u << 30)

static void resolve(uint32_t given, uint32_t *out) {
    if (given != 0) *out = given;
}

dfl_status dfl__limits_of(const dfl_limits *given, dfl_limits *out) {
    *out = default_limits;
    if (given == NULL) return DFL_OK;
    if (given->size != sizeof *given) return DFL_E_ABI;
    resolve(given->max_source_bytes, &out->max_source_bytes);
    resolve(given->max_diags, &out->max_diags);
    resolve(given->max_depth, &out->max_depth);
    resolve(given->max_stages, &out->max_stages);
    resolve(given->max_heredocs, &out->max_heredocs);
    resolve(given->max_expand_bytes, &out->max_expand_bytes);
    resolve(given->max_model_bytes, &out->max_model_bytes);
    if (out->max_source_bytes > HARD_SOURCE) out->max_source_bytes = HARD_SOURCE;
    return DFL_OK;
}

dfl_status dfl__text_limits(const char *text, size_t len, const dfl_parse_options *opt,
                            dfl_limits *out) {
    if (text == NULL && len != 0) return DFL_E_ARG;
    if (opt != NULL && opt->size != sizeof *opt) return DFL_E_ABI;
    if (opt != NULL && opt->flags != 0) return DFL_E_ARG;
    dfl_status status = dfl__limits_of(opt != NULL ? opt->limits : NULL, out);
    return status == DFL_OK && len > out->max_source_bytes ? DFL_E_LIMIT : status;
}

dfl_doc *dfl_doc_ref(const dfl_doc *doc) {
    dfl_doc *shared = (dfl_doc *)(uintptr_t)doc; /* only the count is written */
    if (shared != NULL) atomic_fetch_add_explicit(&shared->refs, 1, memory_order_relaxed);
    return shared;
}

void dfl_doc_unref(dfl_doc *doc) {
    if (doc == NULL) return;
    if (atomic_fetch_sub_explicit(&doc->refs, 1, memory_order_acq_rel) != 1) return;
    dfl_alloc alloc = doc->alloc;
    dfl__free(&alloc, doc, doc->size);
}

dfl_str dfl_doc_source(const dfl_doc *doc) {
    return doc != NULL ? doc->source : dfl__str("");
}

uint32_t dfl_doc_escape(const dfl_doc *doc) {
    return doc != NULL ? doc->escape : '\\';
}

uint32_t dfl__doc_line(const dfl_doc *doc, uint32_t offset) {
    uint32_t low = 0, high = doc->lines.count;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (doc->lines.items[mid] <= offset) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return low;
}

dfl_pos dfl__cursor_pos(dfl__cursor *cursor, uint32_t offset) {
    const dfl_doc *doc = cursor->doc;
    unsigned width;
    if (offset > doc->source.len) offset = (uint32_t)doc->source.len;
    uint32_t line = dfl__doc_line(doc, offset), start = doc->lines.items[line];
    if (line != cursor->pos.line || offset < cursor->offset) {
        cursor->pos = (dfl_pos){line, 0, 0, 0};
        cursor->offset = start;
    }
    for (; cursor->offset < offset; cursor->offset += width) {
        uint32_t rune = dfl__rune(doc->source, cursor->offset, &width);
        cursor->pos.utf8++;
        cursor->pos.utf16 += rune > 0xFFFF ? 2 : 1;
    }
    cursor->pos.byte = offset - start;
    return cursor->pos;
}

dfl_pos dfl_doc_pos(const dfl_doc *doc, uint32_t offset) {
    dfl__cursor cursor = {doc, 0, {0, 0, 0, 0}};
    return doc != NULL ? dfl__cursor_pos(&cursor, offset) : cursor.pos;
}

static uint32_t rune_units(uint32_t rune, unsigned width, uint32_t unit) {
    if (unit == 1) return width;
    return unit == 3 && rune > 0xFFFF ? 2 : 1;
}

uint32_t dfl_doc_offset(const dfl_doc *doc, uint32_t line, uint32_t column, uint32_t unit) {
    unsigned width;
    if (doc == NULL || line >= doc->lines.count) return doc != NULL ? (uint32_t)doc->source.len : 0;
    uint32_t at = doc->lines.items[line], passed = 0;
    uint32_t end =
        line + 1 < doc->lines.count ? doc->lines.items[line + 1] - 1 : (uint32_t)doc->source.len;
    if (unit <= 1) return column < end - at ? at + column : end;
    for (; at < end && passed < column; at += width) {
        uint32_t rune = dfl__rune(doc->source, at, &width);
        passed += rune_units(rune, width, unit);
    }
    return at;
}

const dfl_node_rec *dfl_doc_nodes(const dfl_doc *doc, size_t *count) {
    if (count != NULL) *count = doc != NULL ? doc->nodes.count : 0;
    return doc != NULL ? doc->nodes.items : NULL;
}

const dfl_token_rec *dfl_doc_tokens(const dfl_doc *doc, size_t *count) {
    if (count != NULL) *count = doc != NULL ? doc->tokens.count : 0;
    return doc != NULL ? doc->tokens.items : NULL;
}

const dfl_diag_rec *dfl_doc_diags(const dfl_doc *doc, size_t *count) {
    if (count != NULL) *count = doc != NULL ? doc->diags.count : 0;
    return doc != NULL ? doc->diags.items : NULL;
}

size_t dfl_doc_diag_count(const dfl_doc *doc) {
    return doc != NULL ? doc->diags.count : 0;
}

size_t dfl_doc_error_count(const dfl_doc *doc) {
    return doc != NULL ? doc->error_count : 0;
}

dfl_status dfl_doc_diag(const dfl_doc *doc, size_t index, dfl_diag *out) {
    if (doc == NULL || out == NULL || index >= doc->diags.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const dfl_diag_rec *rec = &doc->diags.items[index];
    const dfl__message *message = &doc->diag_messages.items[index];
    out->code = rec->code;
    out->severity = rec->severity;
    out->range.start = rec->start;
    out->range.end = rec->end;
    out->name = dfl_diag_name(rec->code);
    out->message =
        dfl__sub(dfl__buf_str(&doc->messages), message->start, message->start + message->len);
    return DFL_OK;
}

uint32_t dfl__token_end(const dfl_doc *doc, uint32_t i) {
    return i + 1 < doc->tokens.count ? doc->tokens.items[i + 1].start : doc->written;
}

int dfl__token_is_text(uint16_t kind) {
    return kind != DFL_TOKEN_CONTINUATION && kind != DFL_TOKEN_COMMENT &&
           kind != DFL_TOKEN_NEWLINE && kind != DFL_TOKEN_BOM;
}

int dfl__kind_is_instruction(uint32_t kind) {
    return kind >= 64 && kind <= 95;
}

static uint32_t token_start(const dfl_doc *doc, uint32_t i) {
    return i < doc->tokens.count ? doc->tokens.items[i].start : doc->written;
}

dfl_range dfl__node_range(const dfl_doc *doc, uint32_t id) {
    const dfl_node_rec *rec = &doc->nodes.items[id];
    dfl_range range = {token_start(doc, rec->first_token), token_start(doc, rec->end_token)};
    return range;
}

dfl_str dfl__node_value(const dfl_doc *doc, uint32_t id) {
    dfl_range range = dfl__node_range(doc, id);
    uint32_t low = 0, high = doc->value_index.count;
    if ((doc->nodes.items[id].flags & DFL_NODE_F_VALUE) == 0)
        return dfl__sub(doc->source, range.start, range.end);
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (doc->value_index.items[mid].node <= id) {
            low = mid;
        } else {
            high = mid;
        }
    }
    const dfl__value *value = &doc->value_index.items[low];
    assert(value->node == id);
    return dfl__sub(dfl__buf_str(&doc->values), value->start, value->start + value->len);
}

uint32_t dfl__node_first(const dfl_doc *doc, uint32_t id) {
    uint32_t child = id + 1;
    if (child >= doc->nodes.count || doc->nodes.items[child].parent != id) return 0;
    return child;
}

uint32_t dfl__node_child(const dfl_doc *doc, uint32_t id, uint32_t kind) {
    uint32_t child = dfl__node_first(doc, id);
    while (child != 0 && doc->nodes.items[child].kind != kind)
        child = doc->nodes.items[child].next;
    return child;
}

static int is_argument(uint32_t kind) {
    return kind == DFL_NODE_WORD || kind == DFL_NODE_SHELL_FORM || kind == DFL_NODE_JSON_STRING ||
           kind == DFL_NODE_PAIR;
}

static int is_operand(uint32_t kind) {
    return is_argument(kind) || kind == DFL_NODE_ERROR || dfl__kind_is_instruction(kind);
}

/* The first of `at` and its later siblings that is wanted; strings of a JSON form count one by one.
 */
static uint32_t wanted_from(const dfl_doc *doc, uint32_t at, int is_wanted(uint32_t kind)) {
    const dfl_node_rec *nodes = doc->nodes.items;
    for (; at != 0; at = nodes[at].next) {
        if (is_wanted(nodes[at].kind)) return at;
        if (nodes[at].kind != DFL_NODE_JSON_FORM) continue;
        uint32_t string = dfl__node_child(doc, at, DFL_NODE_JSON_STRING);
        if (string != 0) return string;
    }
    return 0;
}

static uint32_t next_wanted(const dfl_doc *doc, uint32_t instruction, uint32_t after,
                            int is_wanted(uint32_t kind)) {
    const dfl_node_rec *nodes = doc->nodes.items;
    if (after == 0) return wanted_from(doc, dfl__node_first(doc, instruction), is_wanted);
    uint32_t found = wanted_from(doc, nodes[after].next, is_wanted);
    if (found != 0 || nodes[after].kind != DFL_NODE_JSON_STRING) return found;
    return wanted_from(doc, nodes[nodes[after].parent].next, is_wanted);
}

uint32_t dfl__next_argument(const dfl_doc *doc, uint32_t instruction, uint32_t argument) {
    return next_wanted(doc, instruction, argument, is_argument);
}

uint32_t dfl__next_operand(const dfl_doc *doc, uint32_t instruction, uint32_t operand) {
    return next_wanted(doc, instruction, operand, is_operand);
}

static dfl_node handle(const dfl_doc *doc, uint32_t id) {
    dfl_node node = {doc, id, 0};
    return node;
}

static dfl_node null_node(void) {
    return handle(NULL, 0);
}

/* Handle of a link: 0 is none. */
static dfl_node linked(const dfl_doc *doc, uint32_t id) {
    return id != 0 ? handle(doc, id) : null_node();
}

static const dfl_node_rec *record(dfl_node node) {
    return node.doc != NULL && node.id < node.doc->nodes.count ? &node.doc->nodes.items[node.id]
                                                               : NULL;
}

dfl_node dfl_doc_root(const dfl_doc *doc) {
    return handle(doc, 0);
}

dfl_node dfl_doc_node(const dfl_doc *doc, uint32_t id) {
    return doc != NULL && id < doc->nodes.count ? handle(doc, id) : null_node();
}

/* Nodes stand in the order of their starts: of those at or before the offset, the last one or one
 * of its ancestors is the deepest that covers it. */
dfl_node dfl_doc_node_at(const dfl_doc *doc, uint32_t offset) {
    if (doc == NULL) return null_node();
    uint32_t low = 0, high = doc->nodes.count;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (dfl__node_range(doc, mid).start <= offset) {
            low = mid;
        } else {
            high = mid;
        }
    }
    while (low != 0 && dfl__node_range(doc, low).end <= offset)
        low = doc->nodes.items[low].parent;
    return handle(doc, low);
}

int32_t dfl_node_is_null(dfl_node node) {
    return record(node) == NULL;
}

uint32_t dfl_node_kind(dfl_node node) {
    const dfl_node_rec *rec = record(node);
    return rec != NULL ? rec->kind : DFL_NODE_NONE;
}

int32_t dfl_node_is_instruction(dfl_node node) {
    return dfl__kind_is_instruction(dfl_node_kind(node));
}

uint32_t dfl_node_flags(dfl_node node) {
    const dfl_node_rec *rec = record(node);
    return rec != NULL ? rec->flags : 0;
}

dfl_range dfl_node_range(dfl_node node) {
    dfl_range empty = {0, 0};
    return record(node) != NULL ? dfl__node_range(node.doc, node.id) : empty;
}

dfl_str dfl_node_text(dfl_node node) {
    if (record(node) == NULL) return dfl__str("");
    dfl_range range = dfl__node_range(node.doc, node.id);
    return dfl__sub(node.doc->source, range.start, range.end);
}

dfl_str dfl_node_value(dfl_node node) {
    return record(node) != NULL ? dfl__node_value(node.doc, node.id) : dfl__str("");
}

int dfl__token_is_of_value(const dfl_doc *doc, uint32_t i) {
    uint16_t kind = doc->tokens.items[i].kind;
    if (kind != DFL_TOKEN_WHITESPACE || i + 1 == doc->tokens.count) return dfl__token_is_text(kind);
    uint16_t after = doc->tokens.items[i + 1].kind;
    return after != DFL_TOKEN_COMMENT && after != DFL_TOKEN_NEWLINE;
}

uint32_t dfl_node_source_offset(dfl_node node, uint32_t at) {
    const dfl_node_rec *rec = record(node);
    if (rec == NULL) return 0;
    const dfl_doc *doc = node.doc;
    uint32_t passed = 0, end = token_start(doc, rec->first_token);
    for (uint32_t i = rec->first_token; i < rec->end_token; i++) {
        if (!dfl__token_is_of_value(doc, i)) continue;
        uint32_t start = doc->tokens.items[i].start;
        end = dfl__token_end(doc, i);
        if (at - passed < end - start) return start + (at - passed);
        passed += end - start;
    }
    return end;
}

dfl_node dfl_node_parent(dfl_node node) {
    const dfl_node_rec *rec = record(node);
    return rec != NULL && node.id != 0 ? handle(node.doc, rec->parent) : null_node();
}

dfl_node dfl_node_first(dfl_node node) {
    return record(node) != NULL ? linked(node.doc, dfl__node_first(node.doc, node.id))
                                : null_node();
}

dfl_node dfl_node_next(dfl_node node) {
    const dfl_node_rec *rec = record(node);
    return rec != NULL ? linked(node.doc, rec->next) : null_node();
}

dfl_node dfl_node_child(dfl_node node, uint32_t kind) {
    return record(node) != NULL ? linked(node.doc, dfl__node_child(node.doc, node.id, kind))
                                : null_node();
}

static const char *const kind_names[] = {
    "none",    "file",    "directive",    "comment",     "name",      "value",
    "keyword", "flag",    "word",         "shell-form",  "json-form", "json-string",
    "pair",    "heredoc", "heredoc-body", "heredoc-end", "error",
};

const char *dfl_node_kind_name(uint32_t kind) {
    if (kind < sizeof kind_names / sizeof *kind_names) return kind_names[kind];
    return kind == DFL_NODE_UNKNOWN ? "UNKNOWN" : dfl_instruction_name(kind);
}
