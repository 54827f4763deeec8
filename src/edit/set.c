/* set.c -- edits by node: setting a value, deleting an instruction.
 * Relies on quote.c for the text, and on edits.c for what conflicts.
 * Never adds an edit for a value that stands there already. */
#include "edit/edits.h"
#include "edit/quote.h"

/* DFL_OK when the node is one of the set's document. */
static dfl_status check_node(const dfl_edits *edits, dfl_node node) {
    if (edits == NULL || dfl_node_is_null(node)) return DFL_E_ARG;
    return node.doc == edits->doc ? DFL_OK : DFL_E_STALE;
}

/* Replace the node's text by one that means `value`. */
static dfl_status replace_value(dfl_edits *edits, uint32_t node, const dfl__place *place,
                                dfl_str value) {
    dfl__buf text;
    dfl__buf_init(&text, &edits->alloc, 0);
    dfl_status status = dfl__quote(edits->doc, node, place, value, &text);
    if (status == DFL_OK)
        status = dfl_edits_replace(edits, dfl__node_range(edits->doc, node), dfl__buf_str(&text));
    dfl__buf_free(&text);
    return status;
}

dfl_status dfl_edits_set_value(dfl_edits *edits, dfl_node node, dfl_str value) {
    dfl__place place;
    dfl_status status = check_node(edits, node);
    if (status != DFL_OK) return status;
    if (value.ptr == NULL && value.len != 0) return DFL_E_ARG;
    if (!dfl__place_of(edits->doc, node.id, &place)) return DFL_E_UNSUPPORTED;
    int means = dfl__place_means(edits->doc, node.id, &place, value);
    dfl__set_value set = {node.id,
                          {dfl__arena_copy(&edits->arena, value.ptr, value.len), value.len}};
    if (means < 0 || set.value.ptr == NULL || !DFL__RESERVE(&edits->alloc, &edits->sets, 1))
        return DFL_E_NOMEM;
    if (!means) status = replace_value(edits, node.id, &place, value);
    if (status == DFL_OK) edits->sets.items[edits->sets.count++] = set;
    return status;
}

/* Start of the line that holds `at`. The byte order mark belongs to no line. */
static uint32_t line_start(dfl_str source, uint32_t at) {
    uint32_t first = dfl__starts(source, "\xEF\xBB\xBF") ? 3 : 0;
    while (at > first && source.ptr[at - 1] != '\n')
        at--;
    return at;
}

static uint32_t line_end(dfl_str source, uint32_t at) {
    size_t lf = dfl__find(source, '\n', at);
    return (uint32_t)(lf < source.len ? lf + 1 : lf);
}

/* The child of the root before `node`, 0 when there is none. */
static uint32_t sibling_before(const dfl_doc *doc, uint32_t node) {
    uint32_t before = node - 1;
    while (before != 0 && doc->nodes.items[before].parent != 0)
        before = doc->nodes.items[before].parent;
    return before;
}

/* Start of the run of comment lines that ends right above `start`, else `start`. */
static uint32_t comments_start(const dfl_doc *doc, uint32_t node, uint32_t start) {
    for (node = sibling_before(doc, node); node != 0; node = sibling_before(doc, node)) {
        dfl_range range = dfl__node_range(doc, node);
        if (doc->nodes.items[node].kind != DFL_NODE_COMMENT) break;
        if (line_end(doc->source, range.end) != start) break;
        start = line_start(doc->source, range.start);
    }
    return start;
}

dfl_status dfl_edits_delete(dfl_edits *edits, dfl_node node, int32_t comments) {
    dfl_status status = check_node(edits, node);
    if (status != DFL_OK) return status;
    const dfl_doc *doc = edits->doc;
    if (!dfl_node_is_instruction(node) || (dfl_node_flags(node) & DFL_NODE_F_NESTED) != 0)
        return DFL_E_UNSUPPORTED;
    dfl_range range = dfl__node_range(doc, node.id);
    range.start = line_start(doc->source, range.start);
    range.end = line_end(doc->source, range.end);
    if (comments != 0) range.start = comments_start(doc, node.id, range.start);
    return dfl_edits_replace(edits, range, DFL__LIT(""));
}
