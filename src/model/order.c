/* order.c -- what needs what: reachability, order, levels, cycles.
 * Relies on graph.h. Follows validateCircularDependency and allReachableStages of
 * frontend/dockerfile/dockerfile2llb (specification 5.7).
 * Never recurses; every walk is linear in stages and edges. */
#include <string.h>

#include "diag/codes.h"
#include "model/graph.h"

/* --- cycles: strongly connected groups of stages (Tarjan) */

#define NONE UINT32_MAX

typedef struct {
    uint32_t found; /* order of being found; NONE = not yet */
    uint32_t low;   /* the least one that can be reached */
    uint32_t group; /* NONE = not decided */
    uint32_t edge;  /* the next edge to follow; later: by which the stage was reached */
    uint32_t above; /* from where it was found */
} mark;

typedef struct {
    dfl_model *model;
    mark *marks;
    uint32_t *stack; /* stages whose group is not decided; later: a queue */
    uint32_t top;
    uint32_t found;
    uint32_t groups;
} search;

/* BuildKit looks for cycles along these edges only. */
static int counts(const dfl__edge *edge) {
    return edge->kind != DFL_EDGE_FROM && edge->target != DFL_NO_STAGE;
}

static void enter(search *s, uint32_t stage, uint32_t above) {
    uint32_t end;
    mark *m = &s->marks[stage];
    m->found = m->low = s->found++;
    m->above = above;
    dfl__stage_edges(s->model, stage, &m->edge, &end);
    s->stack[s->top++] = stage;
}

/* All that can be reached is known: what is left on the stack above `stage` is its group. */
static void leave(search *s, uint32_t stage) {
    mark *m = &s->marks[stage];
    if (m->low == m->found) {
        uint32_t member;
        do {
            member = s->stack[--s->top];
            s->marks[member].group = s->groups;
        } while (member != stage);
        s->groups++;
    }
    if (m->above != NONE && s->marks[m->above].low > m->low) s->marks[m->above].low = m->low;
}

static void find_groups(search *s, uint32_t root) {
    uint32_t stage = root;
    enter(s, root, NONE);
    while (stage != NONE) {
        mark *m = &s->marks[stage];
        const dfl__edge *edges = s->model->edges.items;
        if (m->edge < s->model->edges.count && edges[m->edge].stage == stage) {
            const dfl__edge *edge = &edges[m->edge++];
            if (!counts(edge)) continue;
            const mark *other = &s->marks[edge->target];
            if (other->found == NONE) {
                enter(s, edge->target, stage);
                stage = edge->target;
            } else if (other->group == NONE && other->found < m->low) {
                m->low = other->found;
            }
        } else {
            uint32_t above = m->above;
            leave(s, stage);
            stage = above;
        }
    }
}

static int lies_on_cycle(const search *s, const dfl__edge *edge) {
    return counts(edge) && s->marks[edge->stage].group == s->marks[edge->target].group;
}

/* The edges that lead from `first` back to it, found backwards from the last one. */
static dfl_status keep_cycle(search *s, uint32_t first, uint32_t last) {
    dfl_model *model = s->model;
    uint32_t begin = model->cycle_edges.count;
    if (!DFL__PUSH(&model->arena.alloc, &model->cycles, begin)) return DFL_E_NOMEM;
    for (uint32_t edge = last;; edge = s->marks[model->edges.items[edge].stage].edge) {
        if (!DFL__PUSH(&model->arena.alloc, &model->cycle_edges, edge)) return DFL_E_NOMEM;
        if (model->edges.items[edge].stage == first) break;
    }
    uint32_t *low = model->cycle_edges.items + begin;
    uint32_t *high = model->cycle_edges.items + model->cycle_edges.count - 1;
    for (; low < high; low++, high--) {
        uint32_t swapped = *low;
        *low = *high;
        *high = swapped;
    }
    return DFL_OK;
}

/* The shortest cycle through `first`, breadth first within its group. */
static dfl_status find_cycle(search *s, uint32_t first) {
    uint32_t head = 0, tail = 0, at, end;
    s->stack[tail++] = first;
    s->marks[first].found = NONE; /* reached */
    while (head < tail) {
        uint32_t stage = s->stack[head++];
        dfl__stage_edges(s->model, stage, &at, &end);
        for (; at < end; at++) {
            const dfl__edge *edge = &s->model->edges.items[at];
            if (!lies_on_cycle(s, edge)) continue;
            if (edge->target == first) return keep_cycle(s, first, at);
            mark *m = &s->marks[edge->target];
            if (m->found == NONE) continue;
            m->found = NONE;
            m->edge = at;
            s->stack[tail++] = edge->target;
        }
    }
    return DFL_OK;
}

static dfl_status report_cycle(dfl_model *model, uint32_t first) {
    uint32_t edge = model->cycle_edges.items[model->cycles.items[model->cycles.count - 1]];
    char number[24] = "stage-";
    size_t len = 6;
    dfl_str name = model->stages.items[first].name;
    if (name.len == 0) {
        uint32_t digits = 1, scale = 1;
        for (; first / scale >= 10; scale *= 10)
            digits++;
        for (; digits > 0; digits--, scale /= 10)
            number[len++] = (char)('0' + first / scale % 10);
        name = (dfl_str){number, len};
    }
    dfl__report_args args = {.code = DFL_D_CYCLE,
                             .stage = DFL_NO_STAGE,
                             .range = model->edges.items[edge].range,
                             .detail = name};
    return dfl__model_report(model, &args);
}

/* Mark edges; then, of each group, follow one cycle through its first stage. */
static dfl_status keep_cycles(search *s) {
    dfl_model *model = s->model;
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < model->edges.count; i++) {
        dfl__edge *edge = &model->edges.items[i];
        if (lies_on_cycle(s, edge)) edge->flags |= DFL_EDGE_F_CYCLE;
        if (edge->target != DFL_NO_STAGE && edge->target > edge->stage)
            edge->flags |= DFL_EDGE_F_FORWARD;
    }
    for (uint32_t i = 0; i < model->edges.count && status == DFL_OK; i++) {
        const dfl__edge *edge = &model->edges.items[i];
        uint32_t *done = &s->marks[s->marks[edge->stage].group].low; /* used up by the groups */
        if ((edge->flags & DFL_EDGE_F_CYCLE) == 0 || *done == NONE) continue;
        *done = NONE;
        uint32_t count = model->cycles.count, first = edge->stage;
        status = find_cycle(s, first);
        if (status == DFL_OK && model->cycles.count > count) status = report_cycle(model, first);
    }
    return status;
}

dfl_status dfl__model_cycles(dfl_model *model) {
    const dfl_alloc *alloc = &model->arena.alloc;
    uint32_t count = model->stages.count;
    search s = {model, NULL, NULL, 0, 0, 0};
    s.marks = dfl__alloc(alloc, count * sizeof *s.marks);
    s.stack = dfl__alloc(alloc, count * sizeof *s.stack);
    dfl_status status = (s.marks == NULL || s.stack == NULL) && count > 0 ? DFL_E_NOMEM : DFL_OK;
    for (uint32_t i = 0; i < count && status == DFL_OK; i++)
        s.marks[i] = (mark){NONE, NONE, NONE, 0, NONE};
    for (uint32_t i = 0; i < count && status == DFL_OK; i++)
        if (s.marks[i].found == NONE) find_groups(&s, i);
    if (status == DFL_OK) status = keep_cycles(&s);
    dfl__free(alloc, s.marks, count * sizeof *s.marks);
    dfl__free(alloc, s.stack, count * sizeof *s.stack);
    return status;
}

size_t dfl_model_cycle_count(const dfl_model *model) {
    return model != NULL ? model->cycles.count : 0;
}

dfl_status dfl_model_cycle(const dfl_model *model, size_t index, uint32_t *edges, size_t cap,
                           size_t *count) {
    if (model == NULL || count == NULL || index >= model->cycles.count) return DFL_E_ARG;
    if (edges == NULL && cap > 0) return DFL_E_ARG;
    uint32_t begin = model->cycles.items[index];
    uint32_t end =
        index + 1 < model->cycles.count ? model->cycles.items[index + 1] : model->cycle_edges.count;
    for (uint32_t i = begin; i < end && i - begin < cap; i++)
        edges[i - begin] = model->cycle_edges.items[i];
    *count = end - begin;
    return DFL_OK;
}

/* --- reachability */

/* BuildKit looks for what triggers need once it knows what is needed without them. An edge of an
 * image's trigger counts only if the image itself was needed then. */
static int leads_on(const dfl__edge *edge, const uint8_t *marks, int triggers) {
    if (edge->target == DFL_NO_STAGE) return 0;
    if ((edge->flags & (DFL_EDGE_F_TRIGGER | DFL_EDGE_F_INDIRECT)) == 0) return 1;
    return triggers && ((edge->flags & DFL_EDGE_F_AT_ONCE) == 0 || marks[edge->stage] == 2);
}

/* Mark all that can be reached from the `top` stages on the stack. */
static void spread(const dfl_model *model, uint32_t *stack, uint32_t top, uint8_t *marks,
                   uint8_t as) {
    while (top > 0) {
        uint32_t at, end;
        dfl__stage_edges(model, stack[--top], &at, &end);
        for (; at < end; at++) {
            const dfl__edge *edge = &model->edges.items[at];
            if (!leads_on(edge, marks, as == 1) || marks[edge->target] != 0) continue;
            marks[edge->target] = as;
            stack[top++] = edge->target;
        }
    }
}

dfl_status dfl__reach(const dfl_model *model, uint32_t target, uint8_t *marks) {
    const dfl_alloc *alloc = &model->arena.alloc;
    uint32_t top = 0, count = model->stages.count;
    uint32_t *stack = dfl__alloc(alloc, count * sizeof *stack);
    if (stack == NULL) return DFL_E_NOMEM;
    memset(marks, 0, count);
    marks[target] = 2;
    stack[top++] = target;
    spread(model, stack, top, marks, 2);
    top = 0;
    for (uint32_t i = 0; i < count; i++)
        if (marks[i] != 0) stack[top++] = i;
    spread(model, stack, top, marks, 1);
    dfl__free(alloc, stack, count * sizeof *stack);
    return DFL_OK;
}

static dfl_status walk(const dfl_model *model, uint32_t target, uint8_t *reachable) {
    dfl_status status = dfl__reach(model, target, reachable);
    for (uint32_t i = 0; status == DFL_OK && i < model->stages.count; i++)
        reachable[i] = reachable[i] != 0;
    return status;
}

dfl_status dfl_model_reachable(const dfl_model *model, uint32_t target, uint8_t *reachable,
                               size_t count) {
    if (model == NULL || reachable == NULL) return DFL_E_ARG;
    if (count != model->stages.count || target >= count) return DFL_E_ARG;
    return walk(model, target, reachable);
}

/* --- order and levels */

/* Edges within the reachable part, as far as they count for the order. */
static int binds(const dfl__edge *edge, const uint8_t *reachable) {
    return edge->target != DFL_NO_STAGE && reachable[edge->target];
}

/* How many edges of each stage are not yet satisfied. */
static void count_needs(const dfl_model *model, const uint8_t *reachable, uint32_t *open,
                        uint32_t *users) {
    for (uint32_t i = 0; i < model->edges.count; i++) {
        const dfl__edge *edge = &model->edges.items[i];
        if (!reachable[edge->stage] || !binds(edge, reachable)) continue;
        open[edge->stage]++;
        users[edge->target + 1]++;
    }
}

/* A heap of stages, the first of the file on top. */
static void heap_push(uint32_t *heap, uint32_t *count, uint32_t stage) {
    uint32_t at = (*count)++;
    for (; at > 0 && heap[(at - 1) / 2] > stage; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = stage;
}

static uint32_t heap_pop(uint32_t *heap, uint32_t *count) {
    uint32_t top = heap[0], moved = heap[--*count], at = 0;
    for (uint32_t child; (child = 2 * at + 1) < *count; at = child) {
        if (child + 1 < *count && heap[child + 1] < heap[child]) child++;
        if (heap[child] >= moved) break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
    return top;
}

typedef struct {
    uint32_t *open;   /* [stages] */
    uint32_t *first;  /* [stages + 2]: from 1 on, where the users of each stage begin */
    uint32_t *users;  /* [edges]: who needs each stage */
    uint32_t *heap;   /* [stages] */
    uint32_t *levels; /* [stages] */
} sorter;

static void list_users(const dfl_model *model, const uint8_t *reachable, sorter *s) {
    uint32_t count = model->stages.count;
    for (uint32_t i = 0; i < count; i++)
        s->first[i + 1] += s->first[i];
    s->first[count + 1] = s->first[count];
    for (uint32_t i = model->edges.count; i-- > 0;) {
        const dfl__edge *edge = &model->edges.items[i];
        if (reachable[edge->stage] && binds(edge, reachable))
            s->users[--s->first[edge->target + 1]] = edge->stage;
    }
}

static uint32_t sort(const dfl_model *model, const uint8_t *reachable, sorter *s, uint32_t *order) {
    uint32_t waiting = 0, done = 0, count = model->stages.count;
    count_needs(model, reachable, s->open, s->first);
    list_users(model, reachable, s);
    for (uint32_t i = 0; i < count; i++)
        if (reachable[i] && s->open[i] == 0) heap_push(s->heap, &waiting, i);
    while (waiting > 0) {
        uint32_t stage = heap_pop(s->heap, &waiting);
        order[done++] = stage;
        for (uint32_t i = s->first[stage + 1]; i < s->first[stage + 2]; i++) {
            uint32_t user = s->users[i];
            if (s->levels[user] <= s->levels[stage]) s->levels[user] = s->levels[stage] + 1;
            if (--s->open[user] == 0) heap_push(s->heap, &waiting, user);
        }
    }
    return done;
}

/* `order` and the levels of what stands in it, both of as many elements as there are stages. */
static dfl_status order_and_levels(const dfl_model *model, uint32_t target, uint32_t *order,
                                   uint32_t *levels, uint32_t *done) {
    const dfl_alloc *alloc = &model->arena.alloc;
    size_t count = model->stages.count, edges = model->edges.count;
    size_t words = 3 * count + 2 + edges + (count + 3) / 4;
    uint32_t *block = dfl__calloc(alloc, words * sizeof *block);
    if (block == NULL) return DFL_E_NOMEM;
    sorter s = {block, block + count, block + 2 * count + 2, NULL, levels};
    s.heap = s.users + edges;
    uint8_t *reachable = (uint8_t *)(s.heap + count);
    memset(levels, 0, count * sizeof *levels);
    dfl_status status = walk(model, target, reachable);
    if (status == DFL_OK) *done = sort(model, reachable, &s, order);
    dfl__free(alloc, block, words * sizeof *block);
    return status;
}

dfl_status dfl_model_order(const dfl_model *model, uint32_t target, uint32_t *order,
                           size_t *count) {
    if (model == NULL || order == NULL || count == NULL) return DFL_E_ARG;
    if (target >= model->stages.count) return DFL_E_ARG;
    const dfl_alloc *alloc = &model->arena.alloc;
    size_t size = model->stages.count * sizeof *order;
    uint32_t done = 0, *levels = dfl__alloc(alloc, size);
    if (levels == NULL) return DFL_E_NOMEM;
    dfl_status status = order_and_levels(model, target, order, levels, &done);
    if (status == DFL_OK) *count = done;
    dfl__free(alloc, levels, size);
    return status;
}

dfl_status dfl_model_levels(const dfl_model *model, uint32_t target, uint32_t *levels,
                            size_t count) {
    if (model == NULL || levels == NULL || count != model->stages.count) return DFL_E_ARG;
    if (target >= count) return DFL_E_ARG;
    const dfl_alloc *alloc = &model->arena.alloc;
    uint32_t done = 0, *block = dfl__alloc(alloc, 2 * count * sizeof *block);
    if (block == NULL) return DFL_E_NOMEM;
    uint32_t *order = block, *found = block + count;
    dfl_status status = order_and_levels(model, target, order, found, &done);
    for (size_t i = 0; status == DFL_OK && i < count; i++)
        levels[i] = DFL_NO_LEVEL;
    for (uint32_t i = 0; status == DFL_OK && i < done; i++)
        levels[order[i]] = found[order[i]];
    dfl__free(alloc, block, 2 * count * sizeof *block);
    return status;
}
