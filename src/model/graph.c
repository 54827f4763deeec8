/* graph.c -- edges between stages and images, reachability, cycles.
 * Relies on model.h. Follows buildStageDependencyGraph and resolveTarget of
 * frontend/dockerfile/dockerfile2llb/convert.go (specification 5.4, 5.5, 5.7).
 * Never recurses: walks use explicit stacks. */
#include <string.h>

#include "model/model.h"
#include "syntax/csv.h"
#include "syntax/number.h"

/* Compare `name`, of any case, with a stage's lower-cased name. */
static int same_name(dfl_str name, dfl_str lower) {
    size_t at = 0, end = 0;
    unsigned width;
    for (; at < name.len; at += width) {
        char bytes[4];
        uint32_t rune = dfl__rune_lower(dfl__rune(name, at, &width));
        unsigned n = dfl__rune_encode(rune, bytes);
        if (lower.len - end < n || memcmp(lower.ptr + end, bytes, n) != 0) return 0;
        end += n;
    }
    return end == lower.len;
}

uint32_t dfl__stage_named(const dfl_model *model, dfl_str name) {
    for (uint32_t i = model->stages.count; name.len > 0 && i-- > 0;) {
        if (same_name(name, model->stages.items[i].name)) return i;
    }
    return DFL_NO_STAGE;
}

uint32_t dfl_model_stage_find(const dfl_model *model, dfl_str name) {
    if (model == NULL || model->stages.count == 0) return DFL_NO_STAGE;
    return name.len == 0 ? model->stages.count - 1 : dfl__stage_named(model, name);
}

static dfl_status add_edge(dfl_model *model, dfl__edge edge) {
    return DFL__PUSH(&model->arena.alloc, &model->edges, edge) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status link_from(dfl_model *model, uint32_t index) {
    const dfl__stage *stage = &model->stages.items[index];
    uint32_t base = dfl__next_argument(model->doc, stage->node, 0);
    if (base == 0 || (stage->base_stage == DFL_NO_STAGE && dfl__eqz(stage->base, "scratch")))
        return DFL_OK;
    dfl__edge edge = {
        DFL_EDGE_FROM,     index, stage->base_stage, dfl__node_range(model->doc, base), stage->base,
        stage->base_known, 0};
    return add_edge(model, edge);
}

/* `reference` of COPY --from or a mount: a stage, or an image. An index out of range names nothing.
 */
static dfl_status link_reference(dfl_model *model, dfl__edge edge, dfl_str reference, int indices) {
    int64_t index;
    if (reference.len == 0) return DFL_OK;
    edge.known = dfl__find(reference, '$', 0) == reference.len;
    if (indices && dfl__go_int(reference, 64, &index)) {
        if (index < 0 || index >= model->stages.count) return DFL_OK;
        edge.target = (uint32_t)index;
    } else {
        edge.target = dfl__stage_named(model, reference);
    }
    edge.image.ptr = dfl__arena_copy(&model->arena, reference.ptr, reference.len);
    edge.image.len = reference.len;
    if (edge.image.ptr == NULL) return DFL_E_NOMEM;
    if (edge.target == DFL_NO_STAGE && dfl__eqz(reference, "scratch")) return DFL_OK;
    return add_edge(model, edge);
}

static dfl_status link_copy(dfl_model *model, const dfl__instr *instr) {
    uint32_t flag = 0, value = dfl__flag_value(model->doc, instr->node, "from", &flag);
    if (value == 0) return DFL_OK;
    dfl__edge edge = {DFL_EDGE_COPY,
                      instr->stage,
                      DFL_NO_STAGE,
                      dfl__node_range(model->doc, value),
                      {"", 0},
                      1,
                      0};
    return link_reference(model, edge, dfl__node_value(model->doc, value), 1);
}

/* Narrow an edge's range from the flag's value to the bytes at `start` of it, `len` long. */
static void narrow(dfl_model *model, uint32_t value, size_t start, size_t len, dfl__edge *edge) {
    dfl_node node = {model->doc, value, 0};
    dfl_range range = {dfl_node_source_offset(node, (uint32_t)start),
                       dfl_node_source_offset(node, (uint32_t)(start + len))};
    if (range.start < range.end && range.end <= edge->range.end) edge->range = range;
}

static dfl_status link_mount(dfl_model *model, const dfl__instr *instr, uint32_t value) {
    dfl_str text = dfl__node_value(model->doc, value), key, from;
    size_t at = 0, before = 0;
    dfl_status status = DFL_OK;
    dfl__buf field;
    dfl__buf_init(&field, &model->arena.alloc, 0);
    while (status == DFL_OK && dfl__csv_next(text, &at, &field) > 0) {
        dfl__edge edge = {DFL_EDGE_MOUNT,
                          instr->stage,
                          DFL_NO_STAGE,
                          dfl__node_range(model->doc, value),
                          {"", 0},
                          1,
                          0};
        if (dfl__csv_pair(&field, &key, &from) && dfl__eqz(key, "from")) {
            if (field.len == at - 1 - before) narrow(model, value, before + 5, from.len, &edge);
            status = link_reference(model, edge, from, 0);
        }
        before = at;
    }
    if (field.failed != DFL_OK) status = DFL_E_NOMEM;
    dfl__buf_free(&field);
    return status;
}

static dfl_status link_run(dfl_model *model, const dfl__instr *instr) {
    dfl_status status = DFL_OK;
    uint32_t flag = 0, value;
    do {
        value = dfl__flag_value(model->doc, instr->node, "mount", &flag);
        if (value != 0) status = link_mount(model, instr, value);
    } while (flag != 0 && status == DFL_OK);
    return status;
}

/* Edges of each stage as slices of model->edges, which are in order of their stage. */
static void edge_slice(const dfl_model *model, uint32_t stage, uint32_t *first, uint32_t *end) {
    uint32_t low = 0, high = model->edges.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (model->edges.items[mid].stage < stage) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    *first = low;
    for (*end = low; *end < model->edges.count && model->edges.items[*end].stage == stage;)
        ++*end;
}

/* An edge that points to its own stage or to a later one can never be built: it closes a cycle or
 * names a stage before its definition. All other edges point backwards, so none of them is on a
 * cycle without such an edge. */
static void mark_cycles(dfl_model *model) {
    for (uint32_t i = 0; i < model->edges.count; i++) {
        dfl__edge *edge = &model->edges.items[i];
        edge->cyclic = edge->target != DFL_NO_STAGE && edge->target >= edge->stage;
    }
}

dfl_status dfl__model_link(dfl_model *model) {
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < model->instrs.count && status == DFL_OK; i++) {
        const dfl__instr *instr = &model->instrs.items[i];
        if (instr->stage == DFL_NO_STAGE) continue;
        if (instr->kind == DFL_NODE_FROM) status = link_from(model, instr->stage);
        if (instr->kind == DFL_NODE_COPY) status = link_copy(model, instr);
        if (instr->kind == DFL_NODE_RUN) status = link_run(model, instr);
    }
    mark_cycles(model);
    return status;
}

size_t dfl_model_edge_count(const dfl_model *model) {
    return model != NULL ? model->edges.count : 0;
}

dfl_status dfl_model_edge(const dfl_model *model, size_t index, dfl_edge *out) {
    if (model == NULL || out == NULL || index >= model->edges.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const dfl__edge *edge = &model->edges.items[index];
    out->kind = edge->kind;
    out->stage = edge->stage;
    out->target = edge->target;
    out->range = edge->range;
    out->image = edge->target == DFL_NO_STAGE ? edge->image : dfl__str("");
    out->known = edge->known;
    out->cyclic = edge->cyclic;
    return DFL_OK;
}

dfl_status dfl_model_reachable(const dfl_model *model, uint32_t target, uint8_t *reachable,
                               size_t count) {
    if (model == NULL || reachable == NULL) return DFL_E_ARG;
    if (count != model->stages.count || target >= count) return DFL_E_ARG;
    const dfl_alloc *alloc = &model->arena.alloc;
    uint32_t top = 0;
    uint32_t *stack = dfl__alloc(alloc, count * sizeof *stack);
    if (stack == NULL) return DFL_E_NOMEM;
    memset(reachable, 0, count);
    reachable[target] = 1;
    stack[top++] = target;
    while (top > 0) {
        uint32_t first, end;
        edge_slice(model, stack[--top], &first, &end);
        for (uint32_t i = first; i < end; i++) {
            uint32_t next = model->edges.items[i].target;
            if (next == DFL_NO_STAGE || reachable[next]) continue;
            reachable[next] = 1;
            stack[top++] = next;
        }
    }
    dfl__free(alloc, stack, count * sizeof *stack);
    return DFL_OK;
}
