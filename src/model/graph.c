/* graph.c -- edges between stages and images.
 * Relies on model.h. Follows buildStageDependencyGraph and resolveTarget of
 * frontend/dockerfile/dockerfile2llb/convert.go and convert_runmount.go (specification 5.4 to 5.7).
 * Never lists an edge that leads nowhere: `scratch`, unless a stage is called so. */
#include "model/graph.h"

#include <string.h>

#include "diag/codes.h"
#include "syntax/csv.h"
#include "syntax/number.h"
#include "syntax/origin.h"

dfl_status dfl__model_target(dfl_model *model) {
    dfl_str best = {"", 0};
    uint32_t least = 3;
    if (model->target.len == 0 || dfl__stage_named(model, model->target) != DFL_NO_STAGE)
        return DFL_OK;
    for (uint32_t i = 0; i < model->stages.count; i++) {
        uint32_t distance = dfl__distance(model->target, model->stages.items[i].name);
        if (model->stages.items[i].name.len == 0 || distance >= least) continue;
        least = distance;
        best = model->stages.items[i].name;
    }
    dfl__report_args args = {.code = DFL_D_TARGET_UNKNOWN,
                             .stage = DFL_NO_STAGE,
                             .detail = model->target,
                             .suggestion = best};
    return dfl__model_report(model, &args);
}

/* All stages are linked in one pass, then images are looked at; triggers come after that, and their
 * images last. */
static dfl_status report(const dfl__linker *l, uint32_t code, dfl_range range, dfl_str detail) {
    dfl__report_args args = {
        .code = code, .stage = DFL_NO_STAGE, .pass = 70, .range = range, .detail = detail};
    if (code == DFL_D_REF_BAD) args.pass = 80;
    if (l->trigger) {
        args.pass = code == DFL_D_REF_BAD ? 82 : 81;
        args.stage = l->stage;
        args.at_once = (l->trigger & DFL_EDGE_F_AT_ONCE) != 0;
        args.range = l->place;
    }
    return dfl__model_report(l->model, &args);
}

/* --- what a name means */

static dfl_status add_state(dfl_model *model, uint32_t stage, dfl_str name) {
    dfl__state state = {stage, name};
    return DFL__PUSH(&model->arena.alloc, &model->states, state) ? DFL_OK : DFL_E_NOMEM;
}

/* The image is checked and looked up as a named context. */
static dfl_status check_image(const dfl__linker *l, dfl__edge *edge) {
    const dfl_model *model = l->model;
    dfl__stage *stage = &l->model->stages.items[edge->stage];
    const dfl__platform *platform = edge->kind == DFL_EDGE_FROM ? stage->parsed : NULL;
    uint32_t context;
    dfl__reference ref;
    if (dfl__reference_parse(edge->image, &ref) != DFL__REF_OK)
        return report(l, DFL_D_REF_BAD, edge->range, edge->image);
    if (platform == NULL && model->target_platform.os.len > 0) platform = &model->target_platform;
    dfl_status status = dfl__context_find(model, edge->image, platform, &context);
    if (status == DFL_OK && context != 0) edge->flags |= DFL_EDGE_F_CONTEXT;
    if (edge->kind == DFL_EDGE_FROM) stage->base_context = context;
    return status == DFL_E_ARG ? DFL_OK : status;
}

/* Add an edge to a stage or to an image; none to the empty image. */
static dfl_status add_edge(const dfl__linker *l, dfl__edge edge) {
    dfl_status status = DFL_OK;
    if (l->trigger) {
        edge.flags |= l->trigger;
        edge.range = l->place;
        edge.node = l->model->stages.items[l->stage].node;
    }
    if (edge.target == DFL_NO_STAGE && edge.known) {
        if (dfl__eqz(edge.image, "scratch")) return DFL_OK;
        if (edge.image.len > 0) status = check_image(l, &edge);
    }
    if (status != DFL_OK) return status;
    return DFL__PUSH(&l->model->arena.alloc, l->edges, edge) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status add_reference(const dfl__linker *l, dfl__edge edge, dfl_str name) {
    edge.target = dfl__stage_named(l->model, name);
    edge.image.ptr = dfl__arena_copy(&l->model->arena, name.ptr, name.len);
    edge.image.len = name.len;
    if (edge.image.ptr == NULL) return DFL_E_NOMEM;
    if (edge.target == DFL_NO_STAGE) {
        dfl_status status = add_state(l->model, DFL_NO_STAGE, edge.image);
        if (status != DFL_OK) return status;
    }
    return add_edge(l, edge);
}

/* --- FROM */

static dfl_status link_from(const dfl__linker *l) {
    dfl_model *model = l->model;
    const dfl__stage *stage = &model->stages.items[l->stage];
    uint32_t base = dfl__next_argument(model->doc, stage->node, 0);
    if (base == 0) return DFL_OK;
    dfl__edge edge = {DFL_EDGE_FROM,
                      l->stage,
                      stage->base_stage,
                      dfl__node_range(model->doc, base),
                      stage->base,
                      stage->base_known,
                      0,
                      stage->node,
                      0};
    if (stage->context != 0) edge.flags = DFL_EDGE_F_CONTEXT;
    return add_edge(l, edge);
}

/* --- COPY --from */

static dfl__edge flag_edge(const dfl__linker *l, uint32_t kind, const dfl_doc *doc, uint32_t node,
                           uint32_t value) {
    dfl__edge edge = {.kind = kind,
                      .stage = l->stage,
                      .target = DFL_NO_STAGE,
                      .range = dfl__node_range(doc, value),
                      .image = {"", 0},
                      .known = 1,
                      .node = node,
                      .value = value};
    return edge;
}

/* BuildKit expands the text with nothing set and accepts only what that leaves as it is. */
static dfl_status check_literal(const dfl__linker *l, dfl_range range, dfl_str text, int *literal) {
    dfl__env nothing;
    dfl__buf buf;
    *literal = 1;
    if (dfl__word_is_plain(text, l->model->doc->escape)) return DFL_OK;
    dfl__env_init(&nothing, &l->model->arena);
    dfl__word_options options = dfl__expand_options(l->model, &nothing);
    dfl__buf_init(&buf, &l->model->arena.alloc, 0);
    dfl__word_result result = dfl__word_expand(text, &options, &buf);
    *literal = result.error == DFL__WORD_OK && dfl__eq(dfl__buf_str(&buf), text);
    uint32_t code = result.error != DFL__WORD_OK ? dfl__word_code(result.error) : DFL_D_FROM_VAR;
    dfl_status status = result.error == DFL__WORD_NOMEM ? DFL_E_NOMEM : DFL_OK;
    dfl__buf_free(&buf);
    if (status != DFL_OK || *literal) return status;
    return report(l, code, range, text);
}

static dfl_status link_index(const dfl__linker *l, dfl__edge edge, dfl_str text, int64_t index) {
    if (index < 0 || index >= l->model->states.count)
        return report(l, DFL_D_STAGE_INDEX, edge.range, text);
    dfl__state state = l->model->states.items[index];
    edge.target = state.stage;
    edge.image = state.name;
    /* an image is listed again each time that it is named, by its number too */
    dfl_status status = DFL_OK;
    if (state.stage == DFL_NO_STAGE) status = add_state(l->model, DFL_NO_STAGE, state.name);
    return status == DFL_OK ? add_edge(l, edge) : status;
}

static dfl_status link_copy(const dfl__linker *l, const dfl_doc *doc, uint32_t node) {
    uint32_t flag = 0, value = dfl__flag_value(doc, node, "from", &flag);
    dfl_str text = dfl__node_value(doc, value);
    int literal;
    int64_t index;
    if (value == 0 || text.len == 0) return DFL_OK;
    dfl__edge edge = flag_edge(l, DFL_EDGE_COPY, doc, node, value);
    dfl_status status = check_literal(l, edge.range, text, &literal);
    if (status != DFL_OK) return status;
    edge.known = literal;
    if (literal && dfl__go_int(text, 64, &index)) return link_index(l, edge, text, index);
    if (literal) return add_reference(l, edge, text);
    edge.image = text;
    return add_edge(l, edge);
}

/* --- RUN --mount */

dfl_status dfl__mount_from(const dfl_doc *doc, uint32_t value, dfl__arena *arena, dfl__buf *from,
                           dfl_range *range) {
    dfl_str text = dfl__node_value(doc, value), key, name;
    size_t at = 0, before = 0, place = 0;
    dfl__buf field;
    int more;
    dfl__buf_init(&field, &arena->alloc, 0);
    while ((more = dfl__csv_next(text, &at, &field)) > 0) {
        if (dfl__csv_pair(&field, &key, &name) && dfl__eqz(key, "from")) {
            from->len = 0;
            dfl__buf_add(from, name);
            /* a field in quotes is read without them, and has no place byte for byte */
            place = field.len == at - 1 - before ? before + sizeof "from=" - 1 : 0;
            *range = dfl__node_range(doc, value);
        }
        before = at;
    }
    dfl_status status = field.failed != DFL_OK || from->failed != DFL_OK ? DFL_E_NOMEM : DFL_OK;
    if (status == DFL_OK && place > 0) {
        dfl_range name_range = {(uint32_t)place, (uint32_t)(place + from->len)};
        status = dfl__part_range(doc, value, name_range, &arena->alloc, range);
    }
    if (more < 0) from->len = 0;
    if (status == DFL_OK && more < 0) status = DFL_E_FORMAT;
    dfl__buf_free(&field);
    return status;
}

/* BuildKit looks `scratch` up as the source of a mount that names none. */
static dfl_status link_source(const dfl__linker *l, dfl__edge edge, dfl_str from) {
    size_t dollar = dfl__find(from, '$', 0);
    if (from.len == 0) {
        edge.flags = DFL_EDGE_F_IMPLICIT;
        return add_reference(l, edge, DFL__LIT("scratch"));
    }
    edge.known = dollar + 1 >= from.len;
    if (edge.known) return add_reference(l, edge, from);
    edge.image.ptr = dfl__arena_copy(&l->model->arena, from.ptr, from.len);
    edge.image.len = from.len;
    return edge.image.ptr != NULL ? add_edge(l, edge) : DFL_E_NOMEM;
}

static dfl_status link_mount(const dfl__linker *l, const dfl_doc *doc, uint32_t node,
                             uint32_t value) {
    dfl__buf from;
    dfl__edge edge = flag_edge(l, DFL_EDGE_MOUNT, doc, node, value);
    dfl__buf_init(&from, &l->model->arena.alloc, 0);
    dfl_status status = dfl__mount_from(doc, value, &l->model->arena, &from, &edge.range);
    if (status == DFL_OK) status = link_source(l, edge, dfl__buf_str(&from));
    dfl__buf_free(&from);
    return status == DFL_E_FORMAT ? DFL_OK : status;
}

static dfl_status link_run(const dfl__linker *l, const dfl_doc *doc, uint32_t node) {
    dfl_status status = DFL_OK;
    uint32_t flag = 0, value;
    do {
        value = dfl__flag_value(doc, node, "mount", &flag);
        if (value != 0) status = link_mount(l, doc, node, value);
    } while (flag != 0 && status == DFL_OK);
    return status;
}

/* --- the whole */

dfl_status dfl__link_instruction(const dfl__linker *l, const dfl_doc *doc, uint32_t node) {
    switch (doc->nodes.items[node].kind) {
    case DFL_NODE_FROM: return link_from(l);
    case DFL_NODE_COPY: return link_copy(l, doc, node);
    case DFL_NODE_RUN: return link_run(l, doc, node);
    default: return DFL_OK;
    }
}

dfl_status dfl__model_link(dfl_model *model) {
    dfl__linker l = {model, DFL_NO_STAGE, 0, {0, 0}, &model->edges};
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < model->stages.count && status == DFL_OK; i++)
        status = add_state(model, i, dfl__str(""));
    for (uint32_t i = 0; i < model->instrs.count && status == DFL_OK; i++) {
        const dfl__instr *instr = &model->instrs.items[i];
        l.stage = instr->stage;
        if (l.stage != DFL_NO_STAGE) status = dfl__link_instruction(&l, model->doc, instr->node);
    }
    if (status == DFL_OK) status = dfl__model_cycles(model);
    return status;
}

/* Edges of each stage as slices of model->edges, which are in order of their stage. */
void dfl__stage_edges(const dfl_model *model, uint32_t stage, uint32_t *first, uint32_t *end) {
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

size_t dfl_model_edge_count(const dfl_model *model) {
    return model != NULL ? model->edges.count : 0;
}

dfl_status dfl_model_edge(const dfl_model *model, size_t index, dfl_edge *out) {
    const size_t oldest = offsetof(dfl_edge, flags);
    if (model == NULL || out == NULL || index >= model->edges.count) return DFL_E_ARG;
    if (out->size != sizeof *out && out->size != oldest) return DFL_E_ABI;
    const dfl__edge *edge = &model->edges.items[index];
    out->kind = edge->kind;
    out->stage = edge->stage;
    out->target = edge->target;
    out->range = edge->range;
    out->image = edge->target == DFL_NO_STAGE ? edge->image : dfl__str("");
    out->known = edge->known;
    out->cyclic = edge->target != DFL_NO_STAGE && edge->target >= edge->stage;
    if (out->size == oldest) return DFL_OK;
    out->flags = edge->flags;
    out->node = edge->node;
    return DFL_OK;
}
