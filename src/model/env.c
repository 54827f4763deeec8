/* env.c -- variables by name.
 * Relies on model.h.
 * Never frees a text: the arena does. */
#include <string.h>

#include "model/model.h"

void dfl__env_init(dfl__env *env, dfl__arena *arena) {
    memset(env, 0, sizeof *env);
    env->arena = arena;
}

void dfl__env_free(dfl__env *env) {
    const dfl_alloc *alloc = &env->arena->alloc;
    DFL__VEC_FREE(alloc, &env->items);
    dfl__free(alloc, env->slots, env->slot_count * sizeof *env->slots);
    env->slots = NULL;
    env->slot_count = 0;
}

static uint32_t hash(dfl_str s) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * 16777619u;
    return h;
}

/* The slot of `name`, or the empty one where it belongs. */
static uint32_t slot_of(const dfl__env *env, dfl_str name) {
    uint32_t mask = env->slot_count - 1, slot = hash(name) & mask;
    while (env->slots[slot] != 0 && !dfl__eq(env->items.items[env->slots[slot] - 1].name, name))
        slot = (slot + 1) & mask;
    return slot;
}

static int widen(dfl__env *env) {
    const dfl_alloc *alloc = &env->arena->alloc;
    uint32_t old = env->slot_count, count = old == 0 ? 16 : old * 2;
    if (env->items.count + 1 <= old / 2) return 1;
    uint32_t *slots = dfl__calloc(alloc, count * sizeof *slots);
    if (slots == NULL) return 0;
    dfl__free(alloc, env->slots, old * sizeof *slots);
    env->slots = slots;
    env->slot_count = count;
    for (uint32_t i = 0; i < env->items.count; i++)
        slots[slot_of(env, env->items.items[i].name)] = i + 1;
    return 1;
}

int dfl__env_set(dfl__env *env, dfl_str name, dfl_str value, dfl__var state) {
    if (!widen(env)) return 0;
    dfl__binding binding = {name, value, state};
    binding.value.ptr = dfl__arena_copy(env->arena, value.ptr, value.len);
    if (binding.value.ptr == NULL) return 0;
    uint32_t slot = slot_of(env, name);
    if (env->slots[slot] != 0) {
        dfl__binding *old = &env->items.items[env->slots[slot] - 1];
        old->value = binding.value;
        old->state = state;
        return 1;
    }
    binding.name.ptr = dfl__arena_copy(env->arena, name.ptr, name.len);
    if (binding.name.ptr == NULL || !DFL__PUSH(&env->arena->alloc, &env->items, binding)) return 0;
    env->slots[slot] = env->items.count;
    return 1;
}

dfl__var dfl__env_get(const dfl__env *env, dfl_str name, dfl_str *value) {
    if (env->slot_count == 0) return DFL__VAR_UNSET;
    uint32_t slot = slot_of(env, name);
    if (env->slots[slot] == 0) return DFL__VAR_UNSET;
    const dfl__binding *binding = &env->items.items[env->slots[slot] - 1];
    *value = binding->value;
    return binding->state;
}
