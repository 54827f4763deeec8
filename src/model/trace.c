/* trace.c -- from a value to the bytes that were typed.
 * Relies on expand.h.
 * Never recurses: definitions that stand for one another are a stack, each older than the one that
 * names it. */
#include "model/expand.h"

#define NONE UINT32_MAX
/* Definitions that stand for one another: each has its expansion in memory. */
#define LEVELS 1024u
size_t dfl__opening(const dfl_model *model, uint32_t node) {
    const size_t always = 512, a_node = 16;
    uint32_t parent = model->doc->nodes.items[node].parent;
    return always + (parent != 0 ? a_node * (node - parent) : 0);
}

/* A definition's value, whose pieces are being followed. */
typedef struct {
    dfl_expansion *value; /* NULL for the expansion itself, at the bottom */
    uint32_t next;        /* its next piece */
    uint32_t at;          /* where its text stands in that of the bottom */
    uint32_t holder;      /* the definition */
} level;

typedef struct {
    dfl_expansion *bottom;
    DFL__VEC(level) levels;
    DFL__VEC(dfl_piece) pieces; /* what is done */
    dfl__budget *budget;
} tracer;

uint32_t dfl__definition_holder(const dfl_model *model, uint32_t definition) {
    while (definition < model->definitions.count &&
           model->definitions.items[definition].kind == DFL_DEFINITION_GLOBAL)
        definition = model->definitions.items[definition].from;
    if (definition >= model->definitions.count) return NONE;
    const dfl__definition *d = &model->definitions.items[definition];
    int typed = d->kind == DFL_DEFINITION_DEFAULT || d->kind == DFL_DEFINITION_ENV;
    if (!typed || model->doc->nodes.items[d->node].kind != DFL_NODE_PAIR) return NONE;
    return definition;
}

/* Open the value behind `piece`. 0 when it is to stay as it is. */
static dfl_status descend(tracer *t, const dfl_piece *piece, uint32_t at, int *opened) {
    const dfl_model *model = t->bottom->model;
    uint32_t holder = dfl__definition_holder(model, piece->definition);
    level l = {NULL, 0, at, holder};
    *opened = 0;
    if (holder == NONE || piece->flags != 0) return DFL_OK;
    size_t cost = dfl__opening(model, model->definitions.items[holder].node) +
                  (size_t)(piece->end - piece->start);
    if (t->levels.count > LEVELS || !dfl__spend(t->budget, cost)) return DFL_E_LIMIT;
    dfl_status status = dfl__expansion_new(model, model->definitions.items[holder].node, &l.value);
    if (status != DFL_OK) return status;
    dfl_str text = dfl__sub(dfl__buf_str(&t->bottom->text), at, at + (piece->end - piece->start));
    int fits =
        dfl__eq(dfl__buf_str(&l.value->text), text) && dfl__spend(t->budget, l.value->value.len);
    if (!fits || !DFL__PUSH(&t->bottom->arena.alloc, &t->levels, l)) {
        dfl_expansion_free(l.value);
        return fits ? DFL_E_NOMEM : DFL_OK;
    }
    *opened = 1;
    return DFL_OK;
}

/* The next piece of the innermost value, moved to where it stands in the bottom's text. */
static dfl_status step(tracer *t) {
    level *l = &t->levels.items[t->levels.count - 1];
    const dfl_expansion *e = l->value != NULL ? l->value : t->bottom;
    if (l->next == e->pieces.count) {
        if (l->value != NULL) dfl_expansion_free(l->value);
        t->levels.count--;
        return DFL_OK;
    }
    dfl_piece piece = e->pieces.items[l->next++];
    uint32_t at = l->at + piece.start;
    int opened, empty = piece.start == piece.end;
    dfl_status status = DFL_OK;
    if (empty && l->value != NULL) return DFL_OK;
    if (!empty) status = descend(t, &piece, at, &opened);
    if (status != DFL_OK || (!empty && opened)) return status;
    piece.end = at + (piece.end - piece.start);
    piece.start = at;
    /* literal text in a definition is told to be that definition's */
    if (piece.definition == DFL_NO_DEFINITION) piece.definition = l->holder;
    return DFL__PUSH(&t->bottom->arena.alloc, &t->pieces, piece) ? DFL_OK : DFL_E_NOMEM;
}

dfl_status dfl__expansion_trace(dfl_expansion *e, dfl__budget *budget) {
    const dfl_alloc *alloc = &e->arena.alloc;
    tracer t = {e, {NULL, 0, 0}, {NULL, 0, 0}, budget};
    level bottom = {NULL, 0, 0, NONE};
    dfl_status status = DFL__PUSH(alloc, &t.levels, bottom) ? DFL_OK : DFL_E_NOMEM;
    while (status == DFL_OK && t.levels.count > 0)
        status = step(&t);
    while (t.levels.count > 0)
        dfl_expansion_free(t.levels.items[--t.levels.count].value);
    DFL__VEC_FREE(alloc, &t.levels);
    if (status != DFL_OK) {
        DFL__VEC_FREE(alloc, &t.pieces);
        return status;
    }
    DFL__VEC_FREE(alloc, &e->pieces);
    e->pieces.items = t.pieces.items;
    e->pieces.count = t.pieces.count;
    e->pieces.cap = t.pieces.cap;
    return DFL_OK;
}
