/* model.c -- stages and global scope of a document.
 * Relies on model.h. Follows buildMetaArgs and buildDispatchStates of
 * frontend/dockerfile/dockerfile2llb/convert.go (specification 4.1, 5.1, 5.2).
 * Never drops an instruction that has errors: its parts that can be read are used. */
#include <string.h>

#include "model/model.h"

uint32_t dfl__next_argument(const dfl_doc *doc, uint32_t instruction, uint32_t argument) {
    const dfl_node_rec *nodes = doc->nodes.items;
    uint32_t at = argument == 0 ? dfl__node_first(doc, instruction) : nodes[argument].next;
    if (argument != 0 && nodes[argument].kind == DFL_NODE_JSON_STRING) {
        while (at != 0 && nodes[at].kind != DFL_NODE_JSON_STRING)
            at = nodes[at].next;
        if (at != 0) return at;
        at = nodes[nodes[argument].parent].next;
    }
    for (; at != 0; at = nodes[at].next) {
        uint16_t kind = nodes[at].kind;
        if (kind == DFL_NODE_WORD || kind == DFL_NODE_SHELL_FORM || kind == DFL_NODE_PAIR)
            return at;
        if (kind != DFL_NODE_JSON_FORM) continue;
        uint32_t string = dfl__node_child(doc, at, DFL_NODE_JSON_STRING);
        if (string != 0) return string;
    }
    return 0;
}

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

/* Variables that BuildKit sets by itself: their values depend on the build. */
static const char *const automatic[] = {"BUILDPLATFORM", "BUILDOS",         "BUILDOSVERSION",
                                        "BUILDARCH",     "BUILDVARIANT",    "TARGETPLATFORM",
                                        "TARGETOS",      "TARGETOSVERSION", "TARGETARCH",
                                        "TARGETVARIANT", "TARGETSTAGE"};

static dfl_status copy_args(dfl_model *model, const dfl_model_options *opt) {
    for (uint32_t i = 0; i < (opt != NULL ? opt->args_count : 0); i++) {
        if (!dfl__env_set(&model->args, opt->args[i].name, opt->args[i].value, DFL__VAR_SET))
            return DFL_E_NOMEM;
    }
    for (size_t i = 0; i < sizeof automatic / sizeof *automatic; i++) {
        dfl_str name = dfl__str(automatic[i]), value = {"", 0};
        dfl__var given = dfl__env_get(&model->args, name, &value);
        dfl__var state = given == DFL__VAR_SET ? DFL__VAR_SET : DFL__VAR_UNKNOWN;
        if (!dfl__env_set(&model->globals, name, value, state)) return DFL_E_NOMEM;
    }
    return DFL_OK;
}

/* Expand against the global scope into the arena; as written when not known. */
static dfl_status expand_global(dfl_model *model, dfl_str word, dfl_str *out, int *known) {
    return dfl__expand_text(model, &model->globals, &model->arena, &model->spent, word, out, known);
}

static dfl_status global_arg(dfl_model *model, uint32_t pair) {
    const dfl_doc *doc = model->doc;
    uint32_t name_node = dfl__node_child(doc, pair, DFL_NODE_NAME);
    uint32_t value_node = dfl__node_child(doc, pair, DFL_NODE_VALUE);
    dfl_str name = dfl__node_value(doc, name_node), value = {"", 0};
    int known = 1;
    dfl__var state = dfl__env_get(&model->args, name, &value);
    if (state == DFL__VAR_UNSET && value_node != 0) {
        dfl_status status = expand_global(model, dfl__node_value(doc, value_node), &value, &known);
        if (status != DFL_OK) return status;
        state = known ? DFL__VAR_SET : DFL__VAR_UNKNOWN;
    } else if (state == DFL__VAR_UNSET) {
        /* No value at all: the command line may give one, so it is unknown, unless an earlier ARG
         * of the same name holds one. */
        if (dfl__env_get(&model->globals, name, &value) != DFL__VAR_UNSET) return DFL_OK;
        state = DFL__VAR_UNKNOWN;
    }
    return dfl__env_set(&model->globals, name, value, state) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status global_args(dfl_model *model, uint32_t node) {
    dfl_status status = DFL_OK;
    for (uint32_t a = dfl__next_argument(model->doc, node, 0); a != 0 && status == DFL_OK;
         a = dfl__next_argument(model->doc, node, a)) {
        if (dfl__node_child(model->doc, a, DFL_NODE_NAME) != 0) status = global_arg(model, a);
    }
    return status;
}

static dfl_status lower_name(dfl_model *model, dfl_str name, dfl_str *out) {
    dfl__buf buf;
    unsigned width;
    dfl__buf_init(&buf, &model->arena.alloc, 0);
    for (size_t at = 0; at < name.len; at += width)
        dfl__buf_rune(&buf, dfl__rune_lower(dfl__rune(name, at, &width)));
    out->ptr = dfl__arena_copy(&model->arena, dfl__buf_str(&buf).ptr, buf.len);
    out->len = buf.len;
    dfl_status status = buf.failed != DFL_OK || out->ptr == NULL ? DFL_E_NOMEM : DFL_OK;
    dfl__buf_free(&buf);
    return status;
}

/* The latest earlier stage whose name is exactly `base`. */
static uint32_t earlier_stage(const dfl_model *model, dfl_str base) {
    for (uint32_t i = model->stages.count; base.len > 0 && i-- > 0;) {
        if (dfl__eq(model->stages.items[i].name, base)) return i;
    }
    return DFL_NO_STAGE;
}

static dfl_status add_stage(dfl_model *model, uint32_t node) {
    const dfl_doc *doc = model->doc;
    dfl__stage stage;
    uint32_t flag = 0;
    int platform_known;
    memset(&stage, 0, sizeof stage);
    stage.node = node;
    stage.first = model->instrs.count;
    stage.end = stage.first + 1;
    stage.name = stage.base = stage.platform = DFL__LIT("");
    uint32_t base = dfl__next_argument(doc, node, 0);
    uint32_t as = base != 0 ? dfl__next_argument(doc, node, base) : 0;
    uint32_t name = as != 0 ? dfl__next_argument(doc, node, as) : 0;
    uint32_t platform = dfl__flag_value(doc, node, "platform", &flag);
    dfl_status status = DFL_OK;
    if (base != 0)
        status = expand_global(model, dfl__node_value(doc, base), &stage.base, &stage.base_known);
    if (status == DFL_OK && platform != 0)
        status =
            expand_global(model, dfl__node_value(doc, platform), &stage.platform, &platform_known);
    if (status == DFL_OK && name != 0)
        status = lower_name(model, dfl__node_value(doc, name), &stage.name);
    stage.base_stage = stage.base_known ? earlier_stage(model, stage.base) : DFL_NO_STAGE;
    if (status == DFL_OK && !DFL__PUSH(&model->arena.alloc, &model->stages, stage))
        status = DFL_E_NOMEM;
    return status;
}

static dfl_status add_instruction(dfl_model *model, uint32_t node) {
    uint16_t kind = model->doc->nodes.items[node].kind;
    dfl_status status = DFL_OK;
    if (kind == DFL_NODE_FROM) {
        if (model->stages.count >= model->limits.max_stages) return DFL_E_LIMIT;
        status = add_stage(model, node);
    } else if (kind == DFL_NODE_ARG && model->stages.count == 0) {
        status = global_args(model, node);
    }
    uint32_t count = model->stages.count;
    dfl__instr instr = {node, count > 0 ? count - 1 : DFL_NO_STAGE, kind};
    if (status == DFL_OK && !DFL__PUSH(&model->arena.alloc, &model->instrs, instr))
        status = DFL_E_NOMEM;
    if (status == DFL_OK && count > 0) model->stages.items[count - 1].end = model->instrs.count;
    return status;
}

static dfl_status build(dfl_model *model) {
    dfl_status status = DFL_OK;
    for (uint32_t node = dfl__node_first(model->doc, 0); node != 0 && status == DFL_OK;
         node = model->doc->nodes.items[node].next) {
        if (dfl__kind_is_instruction(model->doc->nodes.items[node].kind))
            status = add_instruction(model, node);
    }
    return status == DFL_OK ? dfl__model_link(model) : status;
}

dfl_status dfl_model_new(const dfl_doc *doc, const dfl_model_options *opt, dfl_model **out) {
    if (doc == NULL || out == NULL) return DFL_E_ARG;
    if (opt != NULL && opt->size != sizeof *opt) return DFL_E_ABI;
    if (opt != NULL && opt->args == NULL && opt->args_count > 0) return DFL_E_ARG;
    dfl_limits limits = doc->limits;
    if (opt != NULL && opt->limits != NULL && dfl__limits_of(opt->limits, &limits) != DFL_OK)
        return DFL_E_ABI;
    dfl_alloc alloc = dfl__alloc_of(opt != NULL ? opt->alloc : NULL);
    dfl_model *model = dfl__calloc(&alloc, sizeof *model);
    if (model == NULL) return DFL_E_NOMEM;
    model->doc = dfl_doc_ref(doc);
    model->limits = limits;
    dfl__arena_init(&model->arena, &alloc);
    dfl__env_init(&model->args, &model->arena);
    dfl__env_init(&model->globals, &model->arena);
    dfl_status status = copy_args(model, opt);
    if (status == DFL_OK) status = build(model);
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
    dfl__env_free(&model->args);
    dfl__env_free(&model->globals);
    DFL__VEC_FREE(&alloc, &model->instrs);
    DFL__VEC_FREE(&alloc, &model->stages);
    DFL__VEC_FREE(&alloc, &model->edges);
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
