/* again.c -- a model of another document, or under other flags, in the same build.
 * Relies on model.h.
 * Never carries over what is known of base images: no reference in a file depends on that. */
#include <string.h>

#include "model/model.h"

static dfl_status copy_args(const dfl_model *model, dfl__arena *arena, dfl_model_options *opt) {
    dfl__env_walk walk = {{NULL}, 0, 0};
    dfl__env_entry entry;
    DFL__VEC(dfl_binding) args = {NULL, 0, 0};
    int failed = 0;
    while (!failed && dfl__env_next(&model->args, &walk, &entry)) {
        dfl_binding arg = {entry.name, entry.binding->value};
        if (entry.binding->state == DFL__VAR_SET) failed = !DFL__PUSH(&arena->alloc, &args, arg);
    }
    dfl_binding *copy = dfl__arena_get(arena, args.count * sizeof *copy);
    if (copy == NULL) failed = 1;
    if (!failed && args.count > 0) memcpy(copy, args.items, args.count * sizeof *copy);
    opt->args = copy;
    opt->args_count = args.count;
    DFL__VEC_FREE(&arena->alloc, &args);
    return failed ? DFL_E_NOMEM : DFL_OK;
}

static dfl_status copy_contexts(const dfl_model *model, dfl__arena *arena, dfl_model_options *opt) {
    uint32_t count = model->contexts.count;
    dfl_binding *copy = dfl__arena_get(arena, count * sizeof *copy);
    if (copy == NULL) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        copy[i] = (dfl_binding){model->contexts.items[i].name, model->contexts.items[i].source};
    opt->contexts = copy;
    opt->contexts_count = count;
    return DFL_OK;
}

static dfl_status copy_platform(const dfl__platform *platform, dfl__arena *arena, dfl_str *out) {
    dfl__buf buf;
    if (platform->os.len == 0) return DFL_OK;
    dfl__buf_init(&buf, &arena->alloc, 0);
    dfl__platform_write(platform, &buf);
    out->ptr = dfl__arena_copy(arena, dfl__buf_str(&buf).ptr, buf.len);
    out->len = buf.len;
    dfl_status status = buf.failed != DFL_OK || out->ptr == NULL ? DFL_E_NOMEM : DFL_OK;
    dfl__buf_free(&buf);
    return status;
}

dfl_status dfl__model_again(const dfl_model *model, const dfl_doc *doc, uint32_t flags,
                            dfl_model **out) {
    dfl_model_options opt = DFL_MODEL_OPTIONS_INIT;
    dfl__arena arena;
    dfl__arena_init(&arena, &model->arena.alloc);
    opt.alloc = &model->arena.alloc;
    opt.limits = &model->limits;
    opt.flags = model->flags | flags;
    opt.target = model->target;
    dfl_status status = copy_args(model, &arena, &opt);
    if (status == DFL_OK) status = copy_contexts(model, &arena, &opt);
    if (status == DFL_OK)
        status = copy_platform(&model->target_platform, &arena, &opt.target_platform);
    if (status == DFL_OK)
        status = copy_platform(&model->build_platform, &arena, &opt.build_platform);
    if (status == DFL_OK) status = dfl_model_new(doc, &opt, out);
    dfl__arena_free(&arena);
    return status;
}
