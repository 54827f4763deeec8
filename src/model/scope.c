/* scope.c -- ARG, ENV, WORKDIR and USER along the instructions of a stage.
 * Relies on model.h. Follows frontend/dockerfile/dockerfile2llb/convert.go (specification 4, 6.1).
 * Never looks into an image: the caller seeds `env`, `workdir` and `user`. */
#include <string.h>

#include "model/model.h"

void dfl__scope_init(dfl__scope *scope, const dfl_model *model, dfl__arena *arena) {
    memset(scope, 0, sizeof *scope);
    scope->model = model;
    scope->arena = arena;
    dfl__env_init(&scope->env, arena);
    scope->workdir = DFL__LIT("/");
    scope->user = DFL__LIT("");
    scope->workdir_known = scope->user_known = 1;
}

void dfl__scope_free(dfl__scope *scope) {
    dfl__env_free(&scope->env);
}

static dfl__var look_up(void *ctx, dfl_str name, dfl_str *value) {
    return dfl__env_get(ctx, name, value);
}

static dfl__word_result expand(const dfl_model *model, const dfl__env *env, dfl_str word,
                               size_t max, dfl__buf *out) {
    dfl__word_options options;
    memset(&options, 0, sizeof options);
    options.escape = model->doc->escape;
    options.max_depth = model->limits.max_depth;
    options.max_bytes = max;
    options.lookup = look_up;
    options.ctx = (void *)(uintptr_t)env;
    return dfl__word_expand(word, &options, out);
}

dfl_status dfl__expand(const dfl_model *model, const dfl__env *env, dfl_str word, dfl__buf *out,
                       int *known) {
    dfl__word_result result = expand(model, env, word, model->limits.max_expand_bytes, out);
    *known = result.error == DFL__WORD_OK && !result.unknown;
    return result.error == DFL__WORD_NOMEM ? DFL_E_NOMEM : DFL_OK;
}

/* Bytes that a word may still grow to; what is as long as the word itself is always left. */
static size_t room_for(const dfl_model *model, size_t spent, dfl_str word) {
    size_t left = spent < model->limits.max_model_bytes ? model->limits.max_model_bytes - spent : 0;
    size_t max = model->limits.max_expand_bytes;
    if (left < max) max = left;
    return max > word.len ? max : word.len;
}

dfl_status dfl__expand_text(const dfl_model *model, const dfl__env *env, dfl__arena *arena,
                            size_t *spent, dfl_str word, dfl_str *out, int *known) {
    dfl__buf buf;
    dfl__buf_init(&buf, &arena->alloc, 0);
    size_t max = room_for(model, *spent, word);
    dfl__word_result result = expand(model, env, word, max, &buf);
    *known = result.error == DFL__WORD_OK && !result.unknown;
    /* A word that hits the limit leaves nothing, but has cost as much. */
    *spent += result.error == DFL__WORD_LIMIT ? max : buf.len;
    dfl_str text = *known ? dfl__buf_str(&buf) : word;
    dfl_str copy = {NULL, text.len};
    if (result.error != DFL__WORD_NOMEM) copy.ptr = dfl__arena_copy(arena, text.ptr, text.len);
    dfl__buf_free(&buf);
    if (copy.ptr == NULL) return DFL_E_NOMEM;
    *out = copy;
    return DFL_OK;
}

static dfl_status expand_text(dfl__scope *scope, dfl_str word, dfl_str *out, int *known) {
    return dfl__expand_text(scope->model, &scope->env, scope->arena, &scope->spent, word, out,
                            known);
}

/* Append the parts of `path` to `out`, a clean absolute path; ".." takes one off. */
static void add_parts(char *out, size_t *len, dfl_str path) {
    size_t at = 0;
    while (at < path.len) {
        size_t end = dfl__find(path, '/', at);
        dfl_str part = dfl__sub(path, at, end);
        at = end + 1;
        if (part.len == 0 || dfl__eqz(part, ".")) continue;
        if (dfl__eqz(part, "..")) {
            while (*len > 0 && out[--*len] != '/')
                continue;
            continue;
        }
        out[(*len)++] = '/';
        memcpy(out + *len, part.ptr, part.len);
        *len += part.len;
    }
}

dfl_str dfl__path_join(dfl__arena *arena, dfl_str workdir, dfl_str path) {
    dfl_str result = {NULL, 0};
    char *out = dfl__arena_get(arena, workdir.len + path.len + 3);
    if (out == NULL) return result;
    if (path.len == 0 || path.ptr[0] != '/') add_parts(out, &result.len, workdir);
    add_parts(out, &result.len, path);
    if (result.len == 0) out[result.len++] = '/';
    result.ptr = out;
    return result;
}

static dfl_status apply_workdir(dfl__scope *scope, dfl_str word) {
    dfl_str path;
    int known;
    dfl_status status = expand_text(scope, word, &path, &known);
    if (status != DFL_OK) return status;
    int absolute = path.len > 0 && path.ptr[0] == '/';
    scope->workdir_known = known && (absolute || scope->workdir_known);
    if (!known || path.len == 0) return DFL_OK;
    scope->workdir = absolute ? path : dfl__path_join(scope->arena, scope->workdir, path);
    return scope->workdir.ptr != NULL ? DFL_OK : DFL_E_NOMEM;
}

/* All pairs of an ENV are expanded against what was in force before it. */
static dfl_status apply_env(dfl__scope *scope, uint32_t node) {
    const dfl_doc *doc = scope->model->doc;
    uint32_t count = 0;
    DFL__VEC(dfl__binding) pending = {NULL, 0, 0};
    dfl_status status = DFL_OK;
    for (uint32_t a = dfl__next_argument(doc, node, 0); a != 0 && status == DFL_OK;
         a = dfl__next_argument(doc, node, a)) {
        uint32_t name = dfl__node_child(doc, a, DFL_NODE_NAME);
        uint32_t value = dfl__node_child(doc, a, DFL_NODE_VALUE);
        dfl__binding binding = {{"", 0}, {"", 0}, DFL__VAR_SET};
        int name_known = 0, known = 0;
        if (name == 0 || value == 0) continue;
        status = expand_text(scope, dfl__node_value(doc, name), &binding.name, &name_known);
        if (status == DFL_OK)
            status = expand_text(scope, dfl__node_value(doc, value), &binding.value, &known);
        binding.state = known ? DFL__VAR_SET : DFL__VAR_UNKNOWN;
        if (status == DFL_OK && name_known && !DFL__PUSH(&scope->arena->alloc, &pending, binding))
            status = DFL_E_NOMEM;
    }
    for (; count < pending.count && status == DFL_OK; count++) {
        const dfl__binding *b = &pending.items[count];
        if (!dfl__env_set(&scope->env, b->name, b->value, b->state)) status = DFL_E_NOMEM;
    }
    DFL__VEC_FREE(&scope->arena->alloc, &pending);
    return status;
}

/* `ARG name[=default]`: build argument, default, global value, or what was there before. An ARG
 * that nothing gives a value may get one from the command line: it is unknown, not empty. */
static dfl_status apply_arg(dfl__scope *scope, uint32_t pair) {
    const dfl_model *model = scope->model;
    dfl_str name = dfl__node_value(model->doc, dfl__node_child(model->doc, pair, DFL_NODE_NAME));
    uint32_t default_node = dfl__node_child(model->doc, pair, DFL_NODE_VALUE);
    dfl_str value = {"", 0}, old;
    int known = 1;
    dfl__var state = dfl__env_get(&model->args, name, &value);
    if (state == DFL__VAR_UNSET && default_node != 0) {
        dfl_status status =
            expand_text(scope, dfl__node_value(model->doc, default_node), &value, &known);
        if (status != DFL_OK) return status;
        state = known ? DFL__VAR_SET : DFL__VAR_UNKNOWN;
    } else if (state == DFL__VAR_UNSET) {
        state = dfl__env_get(&model->globals, name, &value);
        if (state == DFL__VAR_UNSET) {
            if (dfl__env_get(&scope->env, name, &old) != DFL__VAR_UNSET) return DFL_OK;
            state = DFL__VAR_UNKNOWN;
        }
    }
    return dfl__env_set(&scope->env, name, value, state) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_status apply_args(dfl__scope *scope, uint32_t node) {
    const dfl_doc *doc = scope->model->doc;
    dfl_status status = DFL_OK;
    for (uint32_t a = dfl__next_argument(doc, node, 0); a != 0 && status == DFL_OK;
         a = dfl__next_argument(doc, node, a)) {
        if (dfl__node_child(doc, a, DFL_NODE_NAME) != 0) status = apply_arg(scope, a);
    }
    return status;
}

dfl_status dfl__scope_apply(dfl__scope *scope, const dfl__instr *instr) {
    const dfl_doc *doc = scope->model->doc;
    uint32_t argument = dfl__next_argument(doc, instr->node, 0);
    if (argument == 0) return DFL_OK;
    dfl_str word = dfl__node_value(doc, argument);
    switch (instr->kind) {
    case DFL_NODE_ARG: return apply_args(scope, instr->node);
    case DFL_NODE_ENV: return apply_env(scope, instr->node);
    case DFL_NODE_WORKDIR: return apply_workdir(scope, word);
    case DFL_NODE_USER: return expand_text(scope, word, &scope->user, &scope->user_known);
    case DFL_NODE_SHELL: scope->shell = instr->node; return DFL_OK;
    default: return DFL_OK;
    }
}
