/* possible.c -- what a reference may mean when values are not given.
 * Relies on expand.h for what is known of its text.
 * Never narrows further than the known parts allow. At most stages times the pattern's length for
 * one reference; for all of them together within the budget of the model. */
#include <string.h>

#include "model/expand.h"
#include "model/graph.h"

/* A pattern for names: known parts as they are, `*` for others. 0 when no name can match. */
static int add_part(dfl__buf *pattern, dfl_str part) {
    for (size_t i = 0; i < part.len; i++)
        if (part.ptr[i] == '*' || part.ptr[i] == '?' || part.ptr[i] == '\0') return 0;
    dfl__buf_add(pattern, part);
    return 1;
}

static int write_pattern(const dfl_expansion *e, dfl__buf *pattern) {
    dfl_str text = dfl__buf_str(&e->text);
    int possible = e->error == 0;
    for (uint32_t i = 0; i < e->pieces.count && possible; i++) {
        const dfl_piece *piece = &e->pieces.items[i];
        if ((piece->flags & DFL_PIECE_F_UNKNOWN) != 0)
            dfl__buf_addc(pattern, '*');
        else
            possible = add_part(pattern, dfl__sub(text, piece->start, piece->end));
    }
    dfl__buf_addc(pattern, '\0');
    return possible;
}

/* Told of each stage that an edge may lead to. */
typedef struct {
    void (*found)(void *ctx, uint32_t stage);
    void *ctx;
} target_sink;

/* The earlier stages whose names match: of a name, the last one before `stage` counts. */
static void match_names(const dfl_model *model, uint32_t stage, const char *pattern,
                        const target_sink *sink) {
    for (uint32_t i = stage; i-- > 0;) {
        const dfl__stage *s = &model->stages.items[i];
        int shadowed = s->next_of_name != DFL_NO_STAGE && s->next_of_name < stage;
        if (s->name.len == 0 || shadowed || !dfl__glob(pattern, s->name)) continue;
        sink->found(sink->ctx, i);
    }
}

/* What it costs to hold a name against a pattern. */
#define COMPARISON 16u

/* FROM alone may depend on a value: --from and from= reject variables. `*cost` receives what was
 * looked at. */
static dfl_status each_target(const dfl_model *model, const dfl__edge *edge,
                              const target_sink *sink, int32_t *image, size_t *cost) {
    dfl_expansion *e = NULL;
    dfl__buf pattern;
    *cost = 0;
    *image = edge->known && edge->target == DFL_NO_STAGE;
    if (edge->target != DFL_NO_STAGE) sink->found(sink->ctx, edge->target);
    if (edge->known || edge->kind != DFL_EDGE_FROM) return DFL_OK;
    uint32_t base = dfl__next_argument(model->doc, edge->node, 0);
    dfl_status status = dfl__expansion_new(model, base, &e);
    if (status != DFL_OK) return status;
    dfl__buf_init(&pattern, &model->arena.alloc, 0);
    *image = e->error == 0;
    if (write_pattern(e, &pattern) && pattern.failed == DFL_OK)
        match_names(model, edge->stage, pattern.ptr, sink);
    if (pattern.failed != DFL_OK) status = DFL_E_NOMEM;
    *cost = e->value.len + e->text.len + (size_t)edge->stage * COMPARISON;
    dfl__buf_free(&pattern);
    dfl_expansion_free(e);
    return status;
}

typedef struct {
    uint32_t *stages;
    size_t cap, count;
} list;

static void add_to_list(void *ctx, uint32_t stage) {
    list *l = ctx;
    if (l->count < l->cap) l->stages[l->count] = stage;
    l->count++;
}

dfl_status dfl_model_edge_targets(const dfl_model *model, size_t index, uint32_t *stages,
                                  size_t cap, size_t *count, int32_t *image) {
    if (model == NULL || count == NULL || index >= model->edges.count) return DFL_E_ARG;
    if (stages == NULL && cap > 0) return DFL_E_ARG;
    list l = {stages, cap, 0};
    target_sink collect = {add_to_list, &l};
    int32_t may_be_image = 0;
    size_t cost;
    dfl_status status =
        each_target(model, &model->edges.items[index], &collect, &may_be_image, &cost);
    if (status != DFL_OK) return status;
    *count = l.count;
    if (image != NULL) *image = may_be_image;
    return DFL_OK;
}

/* --- what a target may need */

typedef struct {
    uint8_t *needs;
    uint32_t *stack;
    uint32_t top;
    uint32_t below; /* all stages with a name before it are marked */
    dfl__budget budget;
} spread;

static void add_perhaps(void *ctx, uint32_t stage) {
    spread *s = ctx;
    if (s->needs[stage] != DFL_NEED_NO) return;
    s->needs[stage] = DFL_NEED_PERHAPS;
    s->stack[s->top++] = stage;
}

/* Mark what the edge may lead to; any earlier stage when there are too many of them to look at. */
static dfl_status follow(const dfl_model *model, spread *s, const dfl__edge *edge) {
    target_sink mark = {add_perhaps, s};
    dfl_status status = DFL_OK;
    int32_t image;
    size_t cost;
    if (edge->known || s->budget.left > 0) {
        status = each_target(model, edge, &mark, &image, &cost);
        (void)dfl__spend(&s->budget, cost);
        return status;
    }
    if (edge->kind != DFL_EDGE_FROM) return DFL_OK;
    for (; s->below < edge->stage; s->below++)
        if (model->stages.items[s->below].name.len > 0) add_perhaps(s, s->below);
    return DFL_OK;
}

/* Follow what is not known from the stages that are needed, then all from those that may be. */
static dfl_status spread_perhaps(const dfl_model *model, spread *s) {
    uint32_t count = model->stages.count;
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < count; i++)
        if (s->needs[i] == DFL_NEED_YES) s->stack[s->top++] = i;
    while (s->top > 0 && status == DFL_OK) {
        uint32_t at, end;
        dfl__stage_edges(model, s->stack[--s->top], &at, &end);
        for (; at < end && status == DFL_OK; at++)
            status = follow(model, s, &model->edges.items[at]);
    }
    return status;
}

dfl_status dfl_model_needs(const dfl_model *model, uint32_t target, uint8_t *needs, size_t count) {
    dfl_status status = dfl_model_reachable(model, target, needs, count);
    if (status != DFL_OK) return status;
    const dfl_alloc *alloc = &model->arena.alloc;
    spread s = {needs, dfl__alloc(alloc, count * sizeof *s.stack), 0, 0, {dfl__budget_of(model)}};
    if (s.stack == NULL) return DFL_E_NOMEM;
    status = spread_perhaps(model, &s);
    dfl__free(alloc, s.stack, count * sizeof *s.stack);
    return status;
}
