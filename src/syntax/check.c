/* check.c -- the invariants of a stored tree.
 * Relies on tree.h.
 * Never repairs: a 0 means a defect of the parser. */
#include "syntax/tree.h"

/* Tokens are in order, none is empty, and they cover the source from its first byte. */
static int tokens_tile(const dfl_doc *doc) {
    uint32_t expected = 0;
    for (uint32_t i = 0; i < doc->tokens.count; i++) {
        if (doc->tokens.items[i].start != expected) return 0;
        if (doc->tokens.items[i].kind == 0) return 0;
        expected = dfl__token_end(doc, i);
        if (expected <= doc->tokens.items[i].start) return 0;
    }
    return expected == doc->source.len;
}

/* A node lies inside its parent; siblings follow each other without overlap. */
static int links_hold(const dfl_doc *doc, uint32_t id) {
    const dfl_node_rec *rec = &doc->nodes.items[id];
    if (rec->first_token > rec->end_token || rec->end_token > doc->tokens.count) return 0;
    if (id == 0) return rec->kind == DFL_NODE_FILE && rec->parent == 0 && rec->next == 0;
    const dfl_node_rec *parent = &doc->nodes.items[rec->parent];
    if (rec->parent >= id) return 0;
    if (rec->first_token < parent->first_token || rec->end_token > parent->end_token) return 0;
    if (rec->next == 0) return 1;
    if (rec->next <= id || rec->next >= doc->nodes.count) return 0;
    const dfl_node_rec *next = &doc->nodes.items[rec->next];
    return next->parent == rec->parent && next->first_token >= rec->end_token;
}

/* Preorder: the node after this one is its child, or the next sibling of it or of an ancestor. */
static int preorder_holds(const dfl_doc *doc, uint32_t id) {
    uint32_t next = id + 1;
    if (next == doc->nodes.count) return 1;
    if (doc->nodes.items[next].parent == id) return 1;
    for (uint32_t at = id; at != 0; at = doc->nodes.items[at].parent) {
        if (doc->nodes.items[at].next != 0) return doc->nodes.items[at].next == next;
    }
    return 0;
}

/* A node over more than one line has a value of its own, unless it is made of nodes that have. */
static int lines_are_joined(const dfl_doc *doc, uint32_t id) {
    const dfl_node_rec *rec = &doc->nodes.items[id];
    if ((rec->flags & DFL_NODE_F_VALUE) != 0 || id == 0 || rec->kind == DFL_NODE_PAIR) return 1;
    for (uint32_t i = rec->first_token; i < rec->end_token; i++) {
        if (doc->tokens.items[i].kind == DFL_TOKEN_CONTINUATION) return 0;
    }
    return 1;
}

static int values_hold(const dfl_doc *doc) {
    for (uint32_t i = 0; i < doc->value_index.count; i++) {
        const dfl__value *value = &doc->value_index.items[i];
        if (i > 0 && doc->value_index.items[i - 1].node >= value->node) return 0;
        if (value->node >= doc->nodes.count) return 0;
        if ((doc->nodes.items[value->node].flags & DFL_NODE_F_VALUE) == 0) return 0;
        if (value->start > doc->values.len || value->len > doc->values.len - value->start) return 0;
    }
    return 1;
}

static int diags_hold(const dfl_doc *doc) {
    for (uint32_t i = 0; i < doc->diags.count; i++) {
        const dfl_diag_rec *rec = &doc->diags.items[i];
        if (rec->start > rec->end || rec->end > doc->source.len) return 0;
        if (i > 0 && doc->diags.items[i - 1].start > rec->start) return 0;
    }
    return doc->diags.count == doc->diag_messages.count;
}

int dfl__tree_check(const dfl_doc *doc) {
    if (doc->nodes.count == 0 || !tokens_tile(doc)) return 0;
    if (doc->nodes.items[0].first_token != 0 || doc->nodes.items[0].end_token != doc->tokens.count)
        return 0;
    for (uint32_t id = 0; id < doc->nodes.count; id++) {
        if (!links_hold(doc, id) || !preorder_holds(doc, id) || !lines_are_joined(doc, id))
            return 0;
    }
    return values_hold(doc) && diags_hold(doc);
}
