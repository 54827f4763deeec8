/* query.c -- definitions, and the variables at a node.
 * Relies on model.h. Public face in dockerfile/scope.h.
 * Never changes the model: what a question needs, it keeps in its own arena. */
#include <string.h>

#include "model/model.h"

size_t dfl_model_definition_count(const dfl_model *model) {
    return model != NULL ? model->definitions.count : 0;
}

dfl_status dfl_model_definition(const dfl_model *model, size_t index, dfl_definition *out) {
    if (model == NULL || out == NULL || index >= model->definitions.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const dfl__definition *d = &model->definitions.items[index];
    out->kind = d->kind;
    out->state = d->state;
    out->stage = d->stage;
    out->node = d->node;
    out->from = d->from;
    out->name = d->name;
    out->value = d->state == DFL__VAR_SET ? d->value : dfl__str("");
    return DFL_OK;
}

/* --- where a node stands */

/* Its ancestor among the children of the root. */
static uint32_t top_of(const dfl_doc *doc, uint32_t node) {
    while (node != 0 && doc->nodes.items[node].parent != 0)
        node = doc->nodes.items[node].parent;
    return node;
}

uint32_t dfl__instr_of(const dfl_model *model, uint32_t node) {
    uint32_t low = 0, high = model->instrs.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (model->instrs.items[mid].node < node) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < model->instrs.count && model->instrs.items[low].node == node ? low : UINT32_MAX;
}

/* The last definition that instruction `instr` made at `node` or before; NULL when there is none.
 */
static const dfl__definition *definition_at(const dfl_model *model, uint32_t instr, uint32_t node) {
    uint32_t next = model->definitions.count, low = model->instrs.items[instr].definition;
    const dfl__definition *items = model->definitions.items;
    uint32_t first = low;
    if (instr + 1 < model->instrs.count) next = model->instrs.items[instr + 1].definition;
    while (low < next) {
        uint32_t mid = low + (next - low) / 2;
        if (items[mid].node <= node) {
            low = mid + 1;
        } else {
            next = mid;
        }
    }
    return low > first ? &items[low - 1] : NULL;
}

/* The variables behind an instruction. */
static const dfl__env_node *behind(const dfl_model *model, uint32_t instr) {
    const dfl__instr *at = &model->instrs.items[instr], *next = at + 1;
    if (instr + 1 < model->instrs.count && next->stage == at->stage) return next->env;
    if (at->stage == DFL_NO_STAGE) return model->globals.root;
    return model->ends[at->stage].scope.env.root;
}

/* An ARG sees what stands before it in its own instruction. A pair without a name defines nothing:
 * what is behind the one before it is then found with the one after it. */
static const dfl__env_node *before_pair(const dfl_model *model, uint32_t instr, uint32_t node) {
    const dfl__definition *d = definition_at(model, instr, node);
    if (d == NULL) return model->instrs.items[instr].env;
    uint32_t end = model->doc->nodes.items[d->node].next;
    if (end == 0 || node < end) return d->before;
    const dfl__definition *after = d + 1, *last = model->definitions.items;
    last += instr + 1 < model->instrs.count ? model->instrs.items[instr + 1].definition
                                            : model->definitions.count;
    return after < last ? after->before : behind(model, instr);
}

void dfl__env_at(const dfl_model *model, uint32_t node, dfl__arena *arena, dfl__env *env) {
    uint32_t instruction = top_of(model->doc, node);
    uint32_t instr = dfl__instr_of(model, instruction);
    *env = model->globals;
    env->arena = arena;
    if (instr == UINT32_MAX) return;
    const dfl__instr *at = &model->instrs.items[instr];
    if (at->kind == DFL_NODE_FROM) return;
    env->root = at->env;
    env->stage = at->stage;
    env->open = at->open;
    env->order = UINT32_MAX / 2; /* behind all that was written */
    if (at->kind == DFL_NODE_ARG && node != instruction)
        env->root = before_pair(model, instr, node);
}

/* --- scopes */

struct dfl_scope {
    const dfl_model *model;
    dfl__arena arena;
    dfl__env env;
    DFL__VEC(dfl_variable) variables;
};

static uint32_t state_of(const dfl__binding *binding) {
    return binding->state == DFL__VAR_SET       ? DFL_VARIABLE_SET
           : binding->state == DFL__VAR_UNKNOWN ? DFL_VARIABLE_UNKNOWN
                                                : DFL_VARIABLE_UNSET;
}

static dfl_status list(dfl_scope *scope) {
    dfl__env_walk walk = {{NULL}, 0, 0};
    dfl__env_entry entry;
    while (dfl__env_next(&scope->env, &walk, &entry)) {
        dfl_variable v;
        memset(&v, 0, sizeof v);
        v.size = sizeof v;
        v.name = entry.name;
        v.value = dfl__str("");
        v.state = dfl__env_get(&scope->env, entry.name, &v.value);
        if (v.state != DFL__VAR_SET) v.value = dfl__str("");
        v.definition = entry.binding->definition;
        v.declared =
            entry.layers[DFL__LAYER_ARG] != NULL || entry.layers[DFL__LAYER_DECLARED] != NULL;
        if (entry.binding->state != DFL__VAR_UNSET || !scope->env.open)
            v.state = v.state == DFL__VAR_UNKNOWN ? DFL_VARIABLE_UNKNOWN : state_of(entry.binding);
        if (!DFL__PUSH(&scope->arena.alloc, &scope->variables, v)) return DFL_E_NOMEM;
    }
    return DFL_OK;
}

/* RUN sees proxies that are not set otherwise. */
static dfl_status add_predefined(dfl_scope *scope) {
    const dfl_model *model = scope->model;
    for (uint32_t i = 0; i < model->predefined; i++) {
        const dfl__definition *d = &model->definitions.items[i];
        dfl__binding binding = {d->name, d->value, d->state, i, 0, 0, 0};
        if (dfl__env_find(&scope->env, d->name) != NULL) continue;
        if (!dfl__env_put(&scope->env, DFL__LAYER_ENV, &binding)) return DFL_E_NOMEM;
    }
    return DFL_OK;
}

static dfl_scope *allocate(const dfl_model *model) {
    dfl_scope *scope = dfl__calloc(&model->arena.alloc, sizeof *scope);
    if (scope == NULL) return NULL;
    scope->model = model;
    dfl__arena_init(&scope->arena, &model->arena.alloc);
    return scope;
}

/* Hand the scope out, or free it. */
static dfl_status finish(dfl_scope *scope, dfl_scope **out) {
    dfl_status status = scope->env.stage != DFL_NO_STAGE ? add_predefined(scope) : DFL_OK;
    if (status == DFL_OK) status = list(scope);
    if (status == DFL_OK)
        *out = scope;
    else
        dfl_scope_free(scope);
    return status;
}

dfl_status dfl_model_scope(const dfl_model *model, dfl_node node, dfl_scope **out) {
    if (model == NULL || out == NULL || dfl_node_is_null(node)) return DFL_E_ARG;
    if (node.doc != model->doc) return DFL_E_STALE;
    dfl_scope *scope = allocate(model);
    if (scope == NULL) return DFL_E_NOMEM;
    dfl__env_at(model, node.id, &scope->arena, &scope->env);
    return finish(scope, out);
}

dfl_status dfl_model_scope_end(const dfl_model *model, uint32_t stage, dfl_scope **out) {
    if (model == NULL || out == NULL || stage >= model->stages.count) return DFL_E_ARG;
    dfl_scope *scope = allocate(model);
    if (scope == NULL) return DFL_E_NOMEM;
    scope->env = model->ends[stage].scope.env;
    scope->env.arena = &scope->arena;
    return finish(scope, out);
}

void dfl_scope_free(dfl_scope *scope) {
    if (scope == NULL) return;
    dfl_alloc alloc = scope->arena.alloc;
    DFL__VEC_FREE(&alloc, &scope->variables);
    dfl__arena_free(&scope->arena);
    dfl__free(&alloc, scope, sizeof *scope);
}

size_t dfl_scope_count(const dfl_scope *scope) {
    return scope != NULL ? scope->variables.count : 0;
}

int32_t dfl_scope_complete(const dfl_scope *scope) {
    return scope != NULL && !scope->env.open;
}

dfl_status dfl_scope_variable(const dfl_scope *scope, size_t index, dfl_variable *out) {
    if (scope == NULL || out == NULL || index >= scope->variables.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    *out = scope->variables.items[index];
    return DFL_OK;
}
