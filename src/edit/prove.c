/* prove.c -- see prove.h.
 * Relies on edits being sorted, so that each check is one pass over both documents.
 * Never compares what an edit touched, except for the values that were set. */
#include "edit/prove.h"

#include "edit/place.h"

#define DETAIL_MAX 80u

/* Say why in the set's reason. `%u` of the text is the line, counted from 1, `%S` the detail. */
static dfl_status refuse(dfl_edits *edits, const char *format, const dfl_doc *doc, uint32_t offset,
                         dfl_str detail) {
    if (detail.len > DETAIL_MAX) {
        detail.len = DETAIL_MAX;
        while (detail.len > 0 && ((unsigned char)detail.ptr[detail.len] & 0xC0) == 0x80)
            detail.len--;
    }
    dfl__buf_fmt(&edits->reason, format, dfl_doc_pos(doc, offset).line + 1, &detail);
    return edits->reason.failed != DFL_OK ? DFL_E_NOMEM : DFL_E_REFUSED;
}

/* --- no new error */

static uint32_t kept_errors(const dfl_doc *doc) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < doc->diags.count; i++)
        count += doc->diags.items[i].severity == DFL_SEVERITY_ERROR;
    return count;
}

/* Whether the old document has the error `rec` of the new one: the same code at the place it moved
 * to, or inside the text that replaced that place. `*from` is the first diagnostic worth a look. */
static int was_there(const dfl_edits *edits, const dfl_diag_rec *rec, uint32_t *from) {
    const dfl_doc *old = edits->doc;
    while (*from < old->diags.count &&
           dfl_edits_map(edits, old->diags.items[*from].start, 1) < rec->start)
        ++*from;
    for (uint32_t i = *from; i < old->diags.count; i++) {
        const dfl_diag_rec *was = &old->diags.items[i];
        if (dfl_edits_map(edits, was->start, 0) > rec->start) return 0;
        if (was->code == rec->code) return 1;
    }
    return 0;
}

static dfl_status refuse_error(dfl_edits *edits, const dfl_doc *result, uint32_t index) {
    dfl_diag diag = {.size = sizeof diag};
    if (dfl_doc_diag(result, index, &diag) != DFL_OK) return DFL_E_REFUSED;
    return refuse(edits, "line %u of the result has a new error: %S", result, diag.range.start,
                  diag.message);
}

/* Errors beyond the limit are only counted; then the counts decide. */
static dfl_status prove_errors(dfl_edits *edits, const dfl_doc *result) {
    const dfl_doc *old = edits->doc;
    uint32_t from = 0;
    if (kept_errors(old) == old->error_count) {
        for (uint32_t i = 0; i < result->diags.count; i++) {
            const dfl_diag_rec *rec = &result->diags.items[i];
            if (rec->severity != DFL_SEVERITY_ERROR) continue;
            if (!was_there(edits, rec, &from)) return refuse_error(edits, result, i);
        }
    }
    if (result->error_count <= old->error_count) return DFL_OK;
    dfl__buf_fmt(&edits->reason, "the result has %u errors, the original %u", result->error_count,
                 old->error_count);
    return edits->reason.failed != DFL_OK ? DFL_E_NOMEM : DFL_E_REFUSED;
}

/* --- untouched instructions */

/* Both documents, instruction by instruction. */
typedef struct {
    const dfl_edits *edits;
    const dfl_doc *old, *new;
    uint32_t edit;      /* first edit that does not end before the instruction's lines */
    uint32_t candidate; /* child of the new root, 0 = none left */
} pass;

static int ends_line(dfl_str source, int64_t at) {
    return (size_t)at >= source.len || source.ptr[at] == '\n' || source.ptr[at] == '\r';
}

static int begins_line(dfl_str source, int64_t at) {
    return at == 0 || source.ptr[at - 1] == '\n';
}

/* Whether an edit changes the instruction's lines [start, end). What is put right before or behind
 * them does so when no line end keeps it apart. `*shift` receives how far the lines move. */
static int touched(pass *p, uint32_t start, uint32_t end, int64_t *shift) {
    const dfl_edits *edits = p->edits;
    uint32_t count = edits->list.count;
    while (p->edit < count && edits->list.items[p->edit].range.end < start)
        p->edit++;
    *shift = p->edit > 0 ? dfl__edits_shift_after(edits, p->edit - 1) : 0;
    for (uint32_t i = p->edit; i < count && edits->list.items[i].range.start <= end; i++) {
        dfl_range range = edits->list.items[i].range;
        if (range.end <= start) {
            *shift = dfl__edits_shift_after(edits, i);
            continue;
        }
        if (range.start < end) return 1;
        if (ends_line(p->new->source, (int64_t)end + edits->shifts.items[i])) break;
        return 1;
    }
    int moved = p->edit < count && edits->list.items[p->edit].range.end == start;
    return moved && !begins_line(p->new->source, (int64_t)start + *shift);
}

static uint32_t subtree_end(const dfl_doc *doc, uint32_t child) {
    uint32_t next = doc->nodes.items[child].next;
    return next != 0 ? next : doc->nodes.count;
}

/* Whether two instructions are equal node by node: kinds, flags, places and values. An error may
 * have gone. */
static int same_instruction(const pass *p, uint32_t old, uint32_t new, int64_t shift) {
    uint32_t count = subtree_end(p->old, old) - old;
    if (subtree_end(p->new, new) - new != count) return 0;
    for (uint32_t i = 0; i < count; i++) {
        const dfl_node_rec *x = &p->old->nodes.items[old + i], *y = &p->new->nodes.items[new + i];
        dfl_range at = dfl__node_range(p->old, old + i), to = dfl__node_range(p->new, new + i);
        if (x->kind != y->kind) return 0;
        if (((x->flags ^ y->flags) & ~(unsigned)DFL_NODE_F_ERROR) != 0) return 0;
        if ((int64_t)at.start + shift != to.start || (int64_t)at.end + shift != to.end) return 0;
        if (!dfl__eq(dfl__node_value(p->old, old + i), dfl__node_value(p->new, new + i))) return 0;
    }
    return 1;
}

/* Find the child of the new root that starts at `start`; 0 when there is none. */
static uint32_t find_candidate(pass *p, int64_t start) {
    while (p->candidate != 0 && dfl__node_range(p->new, p->candidate).start < start)
        p->candidate = p->new->nodes.items[p->candidate].next;
    if (p->candidate == 0 || dfl__node_range(p->new, p->candidate).start != start) return 0;
    return p->candidate;
}

/* Start of the line on which the instruction begins: its indentation is not part of it. */
static uint32_t lines_start(dfl_str source, uint32_t at) {
    uint32_t first = dfl__starts(source, "\xEF\xBB\xBF") ? 3 : 0;
    while (at > first && source.ptr[at - 1] != '\n')
        at--;
    return at;
}

static dfl_str keyword(const dfl_doc *doc, uint32_t instruction) {
    uint32_t node = dfl__node_child(doc, instruction, DFL_NODE_KEYWORD);
    return node != 0 ? dfl__node_value(doc, node) : DFL__LIT("");
}

static dfl_status prove_untouched(dfl_edits *edits, const dfl_doc *result) {
    pass p = {edits, edits->doc, result, 0, dfl__node_first(result, 0)};
    uint32_t node = dfl__node_first(p.old, 0);
    for (; node != 0; node = p.old->nodes.items[node].next) {
        uint16_t kind = p.old->nodes.items[node].kind;
        dfl_range range = dfl__node_range(p.old, node);
        int64_t shift;
        if (!dfl__kind_is_instruction(kind)) continue;
        if (touched(&p, lines_start(p.old->source, range.start), range.end, &shift)) continue;
        uint32_t found = find_candidate(&p, (int64_t)range.start + shift);
        if (found != 0 && same_instruction(&p, node, found, shift)) continue;
        return refuse(edits, "line %u: no edit touches %S, but it would be read differently", p.old,
                      range.start, keyword(p.old, node));
    }
    return DFL_OK;
}

/* --- values that were set */

/* The node of `kind` that covers exactly `range`; 0 when there is none. Starts never decrease in
 * preorder. */
static uint32_t find_node(const dfl_doc *doc, uint16_t kind, dfl_range range) {
    uint32_t low = 0, high = doc->nodes.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (dfl__node_range(doc, mid).start < range.start) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    for (; low < doc->nodes.count; low++) {
        dfl_range at = dfl__node_range(doc, low);
        if (at.start != range.start) break;
        if (at.end == range.end && doc->nodes.items[low].kind == kind) return low;
    }
    return 0;
}

static dfl_status prove_set(dfl_edits *edits, const dfl_doc *result, const dfl__set_value *set) {
    dfl_range range = dfl__node_range(edits->doc, set->node);
    uint16_t kind = edits->doc->nodes.items[set->node].kind;
    uint32_t found = find_node(result, kind, dfl__edits_new_range(edits, range));
    dfl__place place;
    int means = 0;
    if (found != 0 && dfl__place_of(result, found, &place))
        means = dfl__place_means(result, found, &place, set->value);
    if (means < 0) return DFL_E_NOMEM;
    if (means) return DFL_OK;
    return refuse(edits, "line %u: the value set would not read back as \"%S\"", edits->doc,
                  range.start, set->value);
}

dfl_status dfl__prove(dfl_edits *edits, const dfl_doc *result, dfl_str bytes) {
    if (!dfl__eq(result->source, bytes))
        return refuse(edits, "line %u: the result is not what the edits make%S", result, 0,
                      DFL__LIT(""));
    dfl_status status = prove_errors(edits, result);
    if (status == DFL_OK) status = prove_untouched(edits, result);
    for (uint32_t i = 0; i < edits->sets.count && status == DFL_OK; i++)
        status = prove_set(edits, result, &edits->sets.items[i]);
    return status;
}
