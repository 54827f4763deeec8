/* model.c -- stages and global scope of a document.
 * Relies on model.h. Follows buildMetaArgs and buildDispatchStates of
 * frontend/dockerfile/dockerfile2llb/convert.go (specification 4.1, 5.1, 5.2).
 * Never drops an instruction that has errors: its parts that can be read are used. */
#include <string.h>

#include "diag/codes.h"
#include "model/features.h"
#include "model/model.h"

uint32_t dfl__flag_value(const dfl_doc *doc, uint32_t instruction, const char *name,
                         uint32_t *flag) {
    const dfl_node_rec *nodes = doc->nodes.items;
    uint32_t at = *flag == 0 ? dfl__node_first(doc, instruction) : nodes[*flag].next;
    for (; at != 0; at = nodes[at].next) {
        if (nodes[at].kind != DFL_NODE_FLAG) continue;
        uint32_t n = dfl__node_child(doc, at, DFL_NODE_NAME);
        if (n == 0 || !dfl__eqz(dfl__node_value(doc, n), name)) continue;
        *flag = at;
        return dfl__node_child(doc, at, DFL_NODE_VALUE);
    }
    *flag = 0;
    return 0;
}

/* --- stages (BuildKit's pass 5) */

dfl_str dfl__lower_name(dfl__arena *arena, dfl_str name) {
    dfl_str lower = {NULL, 0};
    dfl__buf buf;
    unsigned width;
    dfl__buf_init(&buf, &arena->alloc, 0);
    for (size_t at = 0; at < name.len; at += width)
        dfl__buf_rune(&buf, dfl__rune_lower(dfl__rune(name, at, &width)));
    lower.len = buf.len;
    if (buf.failed == DFL_OK) lower.ptr = dfl__arena_copy(arena, dfl__buf_str(&buf).ptr, buf.len);
    dfl__buf_free(&buf);
    return lower;
}

/* Remember which stage `name` is. */
static dfl_status name_stage(dfl_model *model, dfl_str name, uint32_t index) {
    const dfl__binding *older = dfl__env_find(&model->names, name);
    dfl__binding binding = {name, {"", 0}, DFL__VAR_SET, index, 0, 0, 0};
    if (name.len == 0) return DFL_OK;
    if (older != NULL) model->stages.items[older->definition].next_of_name = index;
    return dfl__env_put(&model->names, DFL__LAYER_ENV, &binding) ? DFL_OK : DFL_E_NOMEM;
}

/* The last stage called `name` before `stage`. */
static uint32_t earlier_stage(const dfl_model *model, const dfl__stage *stage, dfl_str name) {
    dfl__env names = model->names;
    names.root = stage->earlier;
    const dfl__binding *binding = dfl__env_find(&names, name);
    return binding != NULL ? binding->definition : DFL_NO_STAGE;
}

uint32_t dfl__stage_named(const dfl_model *model, dfl_str name) {
    const dfl__binding *binding = dfl__env_find_lower(&model->names, name);
    return binding != NULL ? binding->definition : DFL_NO_STAGE;
}

uint32_t dfl_model_stage_find(const dfl_model *model, dfl_str name) {
    if (model == NULL || model->stages.count == 0) return DFL_NO_STAGE;
    return name.len == 0 ? model->stages.count - 1 : dfl__stage_named(model, name);
}

static dfl_status add_stage(dfl_model *model, uint32_t node) {
    const dfl_doc *doc = model->doc;
    dfl__stage stage;
    if (model->stages.count >= model->limits.max_stages) return DFL_E_LIMIT;
    memset(&stage, 0, sizeof stage);
    stage.node = node;
    stage.first = model->instrs.count;
    stage.base_stage = stage.next_of_name = DFL_NO_STAGE;
    stage.earlier = model->names.root;
    stage.name = stage.base = stage.platform = DFL__LIT("");
    uint32_t base = dfl__next_argument(doc, node, 0);
    uint32_t as = base != 0 ? dfl__next_argument(doc, node, base) : 0;
    uint32_t name = as != 0 ? dfl__next_argument(doc, node, as) : 0;
    if (name != 0) stage.name = dfl__lower_name(&model->arena, dfl__node_value(doc, name));
    if (stage.name.ptr == NULL) return DFL_E_NOMEM;
    if (!DFL__PUSH(&model->arena.alloc, &model->stages, stage)) return DFL_E_NOMEM;
    return name_stage(model, stage.name, model->stages.count - 1);
}

/* The instructions, and the stages by name. */
static dfl_status collect(dfl_model *model) {
    const dfl_node_rec *nodes = model->doc->nodes.items;
    for (uint32_t node = dfl__node_first(model->doc, 0); node != 0; node = nodes[node].next) {
        if (!dfl__kind_is_instruction(nodes[node].kind)) continue;
        if (nodes[node].kind == DFL_NODE_FROM) {
            dfl_status status = add_stage(model, node);
            if (status != DFL_OK) return status;
        }
        uint32_t count = model->stages.count;
        dfl__instr instr = {NULL, node, count > 0 ? count - 1 : DFL_NO_STAGE, 0, nodes[node].kind,
                            0,    0};
        if (!DFL__PUSH(&model->arena.alloc, &model->instrs, instr)) return DFL_E_NOMEM;
        if (count > 0) model->stages.items[count - 1].end = model->instrs.count;
    }
    return DFL_OK;
}

static dfl_status walk_globals(dfl_model *model, dfl__scope *scope) {
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < model->instrs.count && status == DFL_OK; i++) {
        dfl__instr *instr = &model->instrs.items[i];
        instr->definition = model->definitions.count; /* of the first FROM as well */
        if (instr->stage != DFL_NO_STAGE) break;
        instr->env = scope->env.root;
        if (instr->kind == DFL_NODE_ARG)
            status = dfl__scope_step(scope, model->doc, instr->node, instr->kind);
    }
    return status;
}

static dfl_status resolve_base(dfl__scope *scope, dfl__stage *stage) {
    const dfl_doc *doc = scope->model->doc;
    uint32_t node = dfl__next_argument(doc, stage->node, 0);
    if (node == 0) return DFL_OK;
    dfl_str word = dfl__node_value(doc, node);
    dfl_status status = dfl__scope_word(scope, node, word, &stage->base, &stage->base_known);
    if (status != DFL_OK || !stage->base_known) return status;
    if (stage->base.len == 0) return dfl__scope_report(scope, node, DFL_D_FROM_BLANK, word);
    stage->base_stage = earlier_stage(scope->model, stage, stage->base);
    return DFL_OK;
}

static dfl_status resolve_platform(dfl__scope *scope, dfl__stage *stage) {
    const dfl_doc *doc = scope->model->doc;
    uint32_t flag = 0, node = dfl__flag_value(doc, stage->node, "platform", &flag);
    dfl_str word = dfl__node_value(doc, node);
    if (node == 0 || word.len == 0) return DFL_OK;
    dfl_status status =
        dfl__scope_word(scope, node, word, &stage->platform, &stage->platform_known);
    if (status != DFL_OK || !stage->platform_known) return status;
    if (stage->platform.len == 0) return dfl__scope_report(scope, node, DFL_D_PLATFORM_EMPTY, word);
    /* its parts are copied */
    if (!dfl__spend(scope->budget, stage->platform.len)) {
        stage->platform_known = 0;
        return dfl__scope_spent(scope, node, word);
    }
    dfl__platform *parsed = dfl__arena_get(scope->arena, sizeof *parsed);
    if (parsed == NULL) return DFL_E_NOMEM;
    switch (dfl__model_platform(scope->model, stage->platform, scope->arena, parsed)) {
    case DFL__PLATFORM_OK: stage->parsed = parsed; return DFL_OK;
    case DFL__PLATFORM_NOMEM: return DFL_E_NOMEM;
    default: return dfl__scope_report(scope, node, DFL_D_PLATFORM_BAD, stage->platform);
    }
}

/* A context of the stage's name replaces it. */
static dfl_status resolve_context(dfl__scope *scope, dfl__stage *stage) {
    const dfl_doc *doc = scope->model->doc;
    const dfl__platform *platform = stage->parsed;
    int reserved = dfl__eqz(stage->name, "scratch") || dfl__eqz(stage->name, "context");
    if (stage->name.len == 0 || reserved) return DFL_OK;
    if (platform == NULL && scope->model->target_platform.os.len > 0)
        platform = &scope->model->target_platform;
    dfl_status status = dfl__context_find(scope->model, stage->name, platform, &stage->context);
    if (stage->context != 0) stage->base_stage = DFL_NO_STAGE;
    if (status != DFL_E_ARG) return status;
    uint32_t base = dfl__next_argument(doc, stage->node, 0);
    uint32_t name =
        dfl__next_argument(doc, stage->node, dfl__next_argument(doc, stage->node, base));
    if ((doc->nodes.items[name].flags & DFL_NODE_F_ERROR) != 0) return DFL_OK;
    return dfl__scope_report(scope, name, DFL_D_CONTEXT_NAME, stage->name);
}

static dfl_status resolve_stages(dfl_model *model, dfl__scope *scope) {
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < model->stages.count && status == DFL_OK; i++) {
        dfl__stage *stage = &model->stages.items[i];
        status = resolve_base(scope, stage);
        if (status == DFL_OK) status = resolve_platform(scope, stage);
        if (status == DFL_OK) status = resolve_context(scope, stage);
        stage->bottom = i;
        if (stage->base_stage != DFL_NO_STAGE)
            stage->bottom = model->stages.items[stage->base_stage].bottom;
    }
    return status;
}

/* --- the whole */

/* BuildKit's passes one after the other, each over the whole file. */
static dfl_status build(dfl_model *model, const dfl_model_options *opt) {
    dfl__scope scope;
    dfl__record record = {model, 40, {0, 0}, 0, 0};
    dfl_status status = collect(model);
    if (status != DFL_OK) return status;
    uint32_t count = model->stages.count;
    dfl_str last = count > 0 ? model->stages.items[count - 1].name : dfl__str("");
    dfl__scope_init(&scope, model, &model->arena);
    scope.budget = &model->budget;
    scope.record = &record;
    scope.env.stage = DFL_NO_STAGE;
    status = dfl__globals_begin(model, opt, last, &scope);
    if (status == DFL_OK) status = walk_globals(model, &scope);
    if (status == DFL_OK) status = dfl__globals_end(model, &scope);
    model->globals = scope.env;
    record.pass = 50;
    if (status == DFL_OK) status = resolve_stages(model, &scope);
    if (status == DFL_OK) status = dfl__model_target(model);
    if (status == DFL_OK) status = dfl__model_link(model);
    if (status == DFL_OK) status = dfl__model_walk(model);
    if (status == DFL_OK) status = dfl__frontend_lacks(model);
    return status == DFL_OK ? dfl__model_settle(model) : status;
}

/* --- options */

dfl__platform_error dfl__model_platform(const dfl_model *model, dfl_str text, dfl__arena *arena,
                                        dfl__platform *out) {
    dfl__host host = {DFL__LIT("linux"), DFL__LIT("amd64")};
    if (model->build_platform.os.len > 0) {
        host.os = model->build_platform.os;
        host.arch = model->build_platform.arch;
    }
    return dfl__platform_parse(text, &host, arena, out);
}

static dfl_status read_platform(dfl_model *model, dfl_str text, dfl__platform *out) {
    char *copy = dfl__arena_copy(&model->arena, text.ptr, text.len);
    if (copy == NULL) return DFL_E_NOMEM;
    dfl__platform parsed;
    dfl_str kept = {copy, text.len};
    switch (dfl__model_platform(model, kept, &model->arena, &parsed)) {
    case DFL__PLATFORM_OK: break;
    case DFL__PLATFORM_NOMEM: return DFL_E_NOMEM;
    default: return DFL_E_FORMAT;
    }
    dfl__platform_normalize(&parsed);
    *out = parsed;
    return DFL_OK;
}

/* Without a platform asked for, BuildKit builds for its own. */
static dfl_status read_platforms(dfl_model *model, const dfl_model_options *opt) {
    dfl_status status = DFL_OK;
    if (opt->build_platform.len > 0)
        status = read_platform(model, opt->build_platform, &model->build_platform);
    model->target_platform = model->build_platform;
    if (status == DFL_OK && opt->target_platform.len > 0)
        status = read_platform(model, opt->target_platform, &model->target_platform);
    return status;
}

static dfl_status read_contexts(dfl_model *model, const dfl_model_options *opt) {
    for (uint32_t i = 0; i < opt->contexts_count; i++) {
        dfl_str name = opt->contexts[i].name, source = opt->contexts[i].value;
        dfl__context context = {
            {dfl__arena_copy(&model->arena, name.ptr, name.len), name.len},
            {dfl__arena_copy(&model->arena, source.ptr, source.len), source.len}};
        dfl__binding binding = {context.name, {"", 0}, DFL__VAR_SET, i, 0, 0, 0};
        if (context.name.ptr == NULL || context.source.ptr == NULL ||
            !DFL__PUSH(&model->arena.alloc, &model->contexts, context) ||
            !dfl__env_put(&model->context_names, DFL__LAYER_ENV, &binding))
            return DFL_E_NOMEM;
    }
    return DFL_OK;
}

static dfl_status read_options(dfl_model *model, const dfl_model_options *opt) {
    model->flags = opt->flags;
    model->target.ptr = dfl__arena_copy(&model->arena, opt->target.ptr, opt->target.len);
    model->target.len = opt->target.len;
    if (model->target.ptr == NULL) return DFL_E_NOMEM;
    dfl_status status = read_platforms(model, opt);
    if (status == DFL_OK) status = read_contexts(model, opt);
    model->catalog = opt->catalog;
    return status == DFL_OK ? dfl__bases_copy(model, opt) : status;
}

/* Options of an older caller lack what was added since: that is then zero. */
static dfl_status check_options(const dfl_model_options *given, dfl_model_options *out) {
    const size_t oldest = offsetof(dfl_model_options, flags);
    memset(out, 0, sizeof *out);
    if (given == NULL) return DFL_OK;
    if (given->size != sizeof *out && given->size != oldest) return DFL_E_ABI;
    memcpy(out, given, given->size);
    if ((out->args == NULL && out->args_count > 0) ||
        (out->bases == NULL && out->bases_count > 0) ||
        (out->contexts == NULL && out->contexts_count > 0) ||
        (out->flags & ~(uint32_t)DFL_MODEL_F_ALL_ARGS) != 0)
        return DFL_E_ARG;
    return DFL_OK;
}

static dfl_model *allocate(const dfl_doc *doc, const dfl_alloc *alloc, const dfl_limits *limits) {
    dfl_model *model = dfl__calloc(alloc, sizeof *model);
    if (model == NULL) return NULL;
    model->doc = dfl_doc_ref(doc);
    model->limits = *limits;
    dfl__arena_init(&model->arena, alloc);
    dfl__env_init(&model->args, &model->arena);
    dfl__env_init(&model->globals, &model->arena);
    dfl__env_init(&model->names, &model->arena);
    dfl__env_init(&model->context_names, &model->arena);
    dfl__env_init(&model->base_names, &model->arena);
    model->budget.left = dfl__budget_of(model);
    model->target = model->target_platform.os = model->build_platform.os = DFL__LIT("");
    model->target_platform.arch = model->target_platform.variant = DFL__LIT("");
    return model;
}

dfl_status dfl_model_new(const dfl_doc *doc, const dfl_model_options *opt, dfl_model **out) {
    dfl_model_options options;
    if (doc == NULL || out == NULL) return DFL_E_ARG;
    dfl_status status = check_options(opt, &options);
    if (status != DFL_OK) return status;
    dfl_limits limits = doc->limits;
    if (options.limits != NULL && dfl__limits_of(options.limits, &limits) != DFL_OK)
        return DFL_E_ABI;
    dfl_alloc alloc = dfl__alloc_of(options.alloc);
    dfl_model *model = allocate(doc, &alloc, &limits);
    if (model == NULL) return DFL_E_NOMEM;
    status = read_options(model, &options);
    if (status == DFL_OK) status = build(model, &options);
    if (status != DFL_OK) {
        dfl_model_free(model);
        return status;
    }
    *out = model;
    return DFL_OK;
}

void dfl_model_free(dfl_model *model) {
    if (model == NULL) return;
    dfl_alloc alloc = model->arena.alloc;
    for (uint32_t i = 0; i < model->triggers.count; i++)
        dfl_doc_unref(model->triggers.items[i].doc);
    DFL__VEC_FREE(&alloc, &model->contexts);
    DFL__VEC_FREE(&alloc, &model->bases);
    DFL__VEC_FREE(&alloc, &model->trigger_edges);
    DFL__VEC_FREE(&alloc, &model->transfers);
    DFL__VEC_FREE(&alloc, &model->taken);
    DFL__VEC_FREE(&alloc, &model->instrs);
    DFL__VEC_FREE(&alloc, &model->stages);
    DFL__VEC_FREE(&alloc, &model->states);
    DFL__VEC_FREE(&alloc, &model->edges);
    DFL__VEC_FREE(&alloc, &model->cycle_edges);
    DFL__VEC_FREE(&alloc, &model->cycles);
    DFL__VEC_FREE(&alloc, &model->definitions);
    DFL__VEC_FREE(&alloc, &model->issues);
    DFL__VEC_FREE(&alloc, &model->issue_order);
    DFL__VEC_FREE(&alloc, &model->triggers);
    dfl__arena_free(&model->arena);
    dfl_doc_unref((dfl_doc *)(uintptr_t)model->doc);
    dfl__free(&alloc, model, sizeof *model);
}

const dfl_doc *dfl_model_doc(const dfl_model *model) {
    return model != NULL ? model->doc : NULL;
}

size_t dfl_model_stage_count(const dfl_model *model) {
    return model != NULL ? model->stages.count : 0;
}

dfl_status dfl_model_stage(const dfl_model *model, size_t index, dfl_stage *out) {
    if (model == NULL || out == NULL || index >= model->stages.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const dfl__stage *stage = &model->stages.items[index];
    out->index = (uint32_t)index;
    out->node = stage->node;
    out->base_stage = stage->base_stage;
    out->range.start = dfl__node_range(model->doc, stage->node).start;
    out->range.end = dfl__node_range(model->doc, model->instrs.items[stage->end - 1].node).end;
    out->name = stage->name;
    out->base = stage->base;
    out->platform = stage->platform;
    out->base_known = stage->base_known;
    out->reserved = 0;
    return DFL_OK;
}

uint32_t dfl_model_stage_of(const dfl_model *model, dfl_node node) {
    if (model == NULL || node.doc != model->doc || dfl_node_is_null(node)) return DFL_NO_STAGE;
    uint32_t found = DFL_NO_STAGE, start = dfl_node_range(node).start;
    uint32_t low = 0, high = model->stages.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (dfl__node_range(model->doc, model->stages.items[mid].node).start <= start) {
            found = mid;
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return found;
}
