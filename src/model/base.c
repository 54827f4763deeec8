/* base.c -- what the caller, or its catalog, knows of base images.
 * Relies on model.h.
 * Never keeps a pointer of the caller's: all is copied. */
#include <string.h>

#include "model/model.h"

dfl_str dfl__copy_text(dfl__arena *arena, dfl_str s, int *failed) {
    dfl_str copy = {dfl__arena_copy(arena, s.ptr != NULL ? s.ptr : "", s.len), s.len};
    if (copy.ptr == NULL) *failed = 1;
    return copy;
}

const dfl_str *dfl__copy_list(dfl__arena *arena, const dfl_str *items, size_t count, int *failed) {
    if (items == NULL) return NULL;
    dfl_str *copy = dfl__arena_get(arena, count * sizeof *copy);
    if (copy == NULL) *failed = 1;
    for (size_t i = 0; copy != NULL && i < count; i++)
        copy[i] = dfl__copy_text(arena, items[i], failed);
    return copy;
}

static const dfl_binding *copy_pairs(dfl__arena *arena, const dfl_binding *items, size_t count,
                                     int *failed) {
    dfl_binding *copy = dfl__arena_get(arena, count * sizeof *copy);
    if (copy == NULL) *failed = 1;
    for (size_t i = 0; copy != NULL && i < count; i++) {
        copy[i].name = dfl__copy_text(arena, items[i].name, failed);
        copy[i].value = dfl__copy_text(arena, items[i].value, failed);
    }
    return copy;
}

static int copy_config(dfl__arena *arena, const dfl_image_config *from, dfl_image_config *to) {
    int failed = 0;
    *to = *from;
    to->env = copy_pairs(arena, from->env, from->env_count, &failed);
    to->labels = copy_pairs(arena, from->labels, from->labels_count, &failed);
    to->entrypoint = dfl__copy_list(arena, from->entrypoint, from->entrypoint_count, &failed);
    to->cmd = dfl__copy_list(arena, from->cmd, from->cmd_count, &failed);
    to->shell = dfl__copy_list(arena, from->shell, from->shell_count, &failed);
    to->exposed_ports =
        dfl__copy_list(arena, from->exposed_ports, from->exposed_ports_count, &failed);
    to->volumes = dfl__copy_list(arena, from->volumes, from->volumes_count, &failed);
    to->onbuild = dfl__copy_list(arena, from->onbuild, from->onbuild_count, &failed);
    to->health_test = dfl__copy_list(arena, from->health_test, from->health_test_count, &failed);
    to->user = dfl__copy_text(arena, from->user, &failed);
    to->working_dir = dfl__copy_text(arena, from->working_dir, &failed);
    to->stop_signal = dfl__copy_text(arena, from->stop_signal, &failed);
    to->author = dfl__copy_text(arena, from->author, &failed);
    to->os = dfl__copy_text(arena, from->os, &failed);
    to->architecture = dfl__copy_text(arena, from->architecture, &failed);
    to->variant = dfl__copy_text(arena, from->variant, &failed);
    return !failed;
}

static dfl_status add_triggers(dfl_model *model, dfl__base *base) {
    base->first_trigger = model->triggers.count;
    for (size_t i = 0; i < base->config.onbuild_count; i++) {
        dfl__trigger trigger = {NULL, base->config.onbuild[i], 0, 0, 0};
        if (!DFL__PUSH(&model->arena.alloc, &model->triggers, trigger)) return DFL_E_NOMEM;
    }
    return DFL_OK;
}

/* Remember `base`, which is the arena's, under the name `key`. */
static dfl_status add_base(dfl_model *model, dfl_str key, dfl__base *base) {
    dfl__binding binding = {{dfl__arena_copy(&model->arena, key.ptr, key.len), key.len},
                            {"", 0},
                            DFL__VAR_SET,
                            model->bases.count,
                            0,
                            0,
                            0};
    if (binding.name.ptr == NULL) return DFL_E_NOMEM;
    dfl_status status = add_triggers(model, base);
    if (status != DFL_OK) return status;
    if (!DFL__PUSH(&model->arena.alloc, &model->bases, base)) return DFL_E_NOMEM;
    return dfl__env_put(&model->base_names, DFL__LAYER_ENV, &binding) ? DFL_OK : DFL_E_NOMEM;
}

static dfl__base *new_base(dfl_model *model) {
    dfl__base *base = dfl__arena_get(&model->arena, sizeof *base);
    if (base != NULL) memset(base, 0, sizeof *base);
    return base;
}

static dfl_status add_given(dfl_model *model, const dfl_base_image *given, dfl_str key) {
    if (dfl__env_find(&model->base_names, key) != NULL) return DFL_OK;
    dfl__base *base = new_base(model);
    if (base == NULL || !copy_config(&model->arena, given->config, &base->config))
        return DFL_E_NOMEM;
    return add_base(model, key, base);
}

dfl_status dfl__bases_copy(dfl_model *model, const dfl_model_options *opt) {
    dfl_status status = DFL_OK;
    dfl__buf key;
    dfl__buf_init(&key, &model->arena.alloc, 0);
    for (size_t i = 0; i < opt->bases_count && status == DFL_OK; i++) {
        key.len = 0;
        if (opt->bases[i].config == NULL)
            status = DFL_E_ARG;
        else if (!dfl__image_key(opt->bases[i].reference, &key))
            status = DFL_E_FORMAT;
        else
            status = add_given(model, &opt->bases[i], dfl__buf_str(&key));
    }
    if (key.failed != DFL_OK) status = DFL_E_NOMEM;
    dfl__buf_free(&key);
    return status;
}

static dfl__base *base_named(const dfl_model *model, dfl_str key) {
    const dfl__binding *binding = dfl__env_find(&model->base_names, key);
    return binding != NULL ? model->bases.items[binding->definition] : NULL;
}

static dfl_status add_from_catalog(dfl_model *model, dfl_str key, dfl__base **out) {
    dfl_status status;
    dfl__base *base = new_base(model);
    if (base == NULL) return DFL_E_NOMEM;
    if (!dfl__catalog_config(model->catalog, key, &model->arena, base, &status)) return status;
    status = add_base(model, key, base);
    if (status == DFL_OK) *out = base;
    return status;
}

dfl_status dfl__base_find(dfl_model *model, dfl_str reference, dfl__base **base) {
    dfl__buf key;
    dfl_status status = DFL_OK;
    *base = NULL;
    if (model->bases.count == 0 && model->catalog == NULL) return DFL_OK;
    dfl__buf_init(&key, &model->arena.alloc, 0);
    if (dfl__image_key(reference, &key) && key.failed == DFL_OK) {
        *base = base_named(model, dfl__buf_str(&key));
        if (*base == NULL && model->catalog != NULL)
            status = add_from_catalog(model, dfl__buf_str(&key), base);
    }
    if (key.failed != DFL_OK) status = key.failed;
    dfl__buf_free(&key);
    return status;
}

dfl_status dfl__base_known(const dfl_model *model, dfl_str reference, const dfl__base **base) {
    dfl__buf key;
    dfl__buf_init(&key, &model->arena.alloc, 0);
    *base = dfl__image_key(reference, &key) && key.failed == DFL_OK
                ? base_named(model, dfl__buf_str(&key))
                : NULL;
    dfl_status status = key.failed;
    dfl__buf_free(&key);
    return status;
}
