/* graph_json.c -- the stage graph as JSON, schema_version 1.
 * Relies on drawing.h for what is needed and what is possible; edges are the model's, each
 * reference one.
 * Never leaves out a field; what does not apply is null. */
#include "print/drawing.h"
#include "syntax/tree.h"

/* What is said of the build of the target. */
typedef struct {
    const dfl__drawing *d;
    dfl__out *out;
    uint32_t *order;  /* [stage_count] */
    uint32_t *levels; /* [stage_count] */
    uint32_t *cycle;  /* [edges of the model]: those of one */
    size_t ordered;
} report;

static void write_place(const report *r, dfl_range range) {
    dfl__js_range(r->out, "range", range);
    dfl__js_key(r->out, "line");
    dfl__js_uint(r->out, dfl__doc_line(dfl_model_doc(r->d->model), range.start) + 1);
}

static void write_stage(const report *r, uint32_t index) {
    static const char *const needs[] = {
        [DFL_NEED_NO] = "no", [DFL_NEED_YES] = "yes", [DFL_NEED_PERHAPS] = "perhaps"};
    dfl__out *out = r->out;
    dfl_stage stage = dfl__drawing_stage(r->d, index);
    dfl__js_open(out, '{');
    dfl__js_key(out, "name");
    dfl__js_name(out, stage.name);
    dfl__js_key(out, "index");
    dfl__js_uint(out, index);
    dfl__js_key(out, "base");
    dfl__js_str(out, stage.base);
    dfl__js_flag(out, "reachable", r->d->needs[index] == DFL_NEED_YES);
    dfl__js_key(out, "needed");
    dfl__js_str(out, dfl__str(needs[r->d->needs[index]]));
    dfl__js_flag(out, "base_known", stage.base_known);
    dfl__js_index(out, "base_stage", stage.base_stage);
    dfl__js_flag(out, "context", dfl__drawing_replaced(r->d, index));
    dfl__js_index(out, "level", r->levels[index]);
    write_place(r, stage.range);
    dfl__js_close(out, '}');
}

static const struct {
    uint32_t flag;
    const char *name;
} flag_names[] = {{DFL_EDGE_F_CYCLE, "cycle"},     {DFL_EDGE_F_FORWARD, "forward"},
                  {DFL_EDGE_F_CONTEXT, "context"}, {DFL_EDGE_F_IMPLICIT, "implicit"},
                  {DFL_EDGE_F_TRIGGER, "trigger"}, {DFL_EDGE_F_INDIRECT, "indirect"},
                  {DFL_EDGE_F_AT_ONCE, "at_once"}};

static void write_flags(dfl__out *out, uint32_t flags) {
    dfl__js_key(out, "flags");
    dfl__js_open(out, '[');
    for (size_t i = 0; i < sizeof flag_names / sizeof flag_names[0]; i++)
        if ((flags & flag_names[i].flag) != 0) dfl__js_str(out, dfl__str(flag_names[i].name));
    dfl__js_close(out, ']');
}

/* The stages that an unknown reference may mean; null when there are too many to say. */
static void write_possible(const report *r, size_t index, const dfl_edge *edge) {
    const dfl__drawing *d = r->d;
    dfl__js_key(r->out, "possible");
    if (!edge->known && d->vague) {
        dfl__js_word(r->out, "null");
        return;
    }
    dfl__js_open(r->out, '[');
    if (edge->target != DFL_NO_STAGE) dfl__js_uint(r->out, edge->target);
    for (uint32_t i = edge->known ? 0 : d->possible_first[index];
         !edge->known && i < d->possible_first[index + 1]; i++)
        if (d->possible[i] != edge->target) dfl__js_uint(r->out, d->possible[i]);
    dfl__js_close(r->out, ']');
}

static dfl_status write_edge(const report *r, size_t index) {
    dfl__out *out = r->out;
    dfl_edge edge = {.size = sizeof edge};
    dfl_status status = dfl_model_edge(r->d->model, index, &edge);
    if (status != DFL_OK) return status;
    dfl__js_open(out, '{');
    dfl__js_key(out, "from");
    if (edge.target == DFL_NO_STAGE)
        dfl__js_str(out, edge.image);
    else
        dfl__js_uint(out, edge.target);
    dfl__js_key(out, "to");
    dfl__js_uint(out, edge.stage);
    dfl__js_key(out, "kind");
    dfl__js_str(out, dfl__str(dfl__edge_name(edge.kind)));
    dfl__js_flag(out, "known", edge.known);
    write_possible(r, index, &edge);
    dfl__js_flag(out, "cyclic", edge.cyclic);
    write_flags(out, edge.flags);
    write_place(r, edge.range);
    dfl__js_close(out, '}');
    return DFL_OK;
}

static dfl_status write_edges(const report *r) {
    dfl_status status = DFL_OK;
    dfl__js_key(r->out, "edges");
    dfl__js_open(r->out, '[');
    for (uint32_t i = 0; i < r->d->model_edge_count && status == DFL_OK; i++)
        status = write_edge(r, i);
    dfl__js_close(r->out, ']');
    return status;
}

static void write_items(dfl__out *out, const uint32_t *items, size_t count) {
    for (size_t i = 0; i < count; i++)
        dfl__js_uint(out, items[i]);
}

/* Edges of each cycle, by their index. */
static dfl_status write_cycles(const report *r) {
    size_t count = dfl_model_cycle_count(r->d->model), length = 0;
    dfl__js_key(r->out, "cycles");
    dfl__js_open(r->out, '[');
    for (size_t i = 0; i < count; i++) {
        dfl_status status =
            dfl_model_cycle(r->d->model, i, r->cycle, r->d->model_edge_count, &length);
        if (status != DFL_OK) return status;
        dfl__js_open(r->out, '[');
        write_items(r->out, r->cycle, length);
        dfl__js_close(r->out, ']');
    }
    dfl__js_close(r->out, ']');
    return DFL_OK;
}

static dfl_status find_order(report *r, dfl__arena *arena) {
    const dfl__drawing *d = r->d;
    size_t size = (size_t)d->stage_count * sizeof *r->order;
    r->order = dfl__arena_get(arena, size);
    r->levels = dfl__arena_get(arena, size);
    r->cycle = dfl__arena_get(arena, (size_t)d->model_edge_count * sizeof *r->cycle);
    r->ordered = 0;
    if (r->order == NULL || r->levels == NULL || r->cycle == NULL) return DFL_E_NOMEM;
    if (d->stage_count == 0) return DFL_OK;
    dfl_status status = dfl_model_order(d->model, d->target, r->order, &r->ordered);
    return status == DFL_OK ? dfl_model_levels(d->model, d->target, r->levels, d->stage_count)
                            : status;
}

static dfl_status write_all(const report *r) {
    dfl__out *out = r->out;
    dfl__js_begin(out);
    dfl__js_key(out, "stages");
    dfl__js_open(out, '[');
    for (uint32_t i = 0; i < r->d->stage_count; i++)
        write_stage(r, i);
    dfl__js_close(out, ']');
    dfl_status status = write_edges(r);
    if (status != DFL_OK) return status;
    dfl__js_index(out, "target", r->d->stage_count != 0 ? r->d->target : DFL_NO_STAGE);
    dfl__js_key(out, "order");
    dfl__js_open(out, '[');
    write_items(out, r->order, r->ordered);
    dfl__js_close(out, ']');
    status = write_cycles(r);
    dfl__js_end(out);
    return status;
}

dfl_status dfl__drawing_json(const dfl__drawing *drawing, dfl__out *out) {
    report r = {.d = drawing, .out = out};
    dfl__arena arena;
    dfl__arena_init(&arena, &drawing->arena.alloc);
    dfl_status status = find_order(&r, &arena);
    if (status == DFL_OK) status = write_all(&r);
    dfl__arena_free(&arena);
    return status;
}
