/* env.c -- see env.h.
 * Relies on nothing but the arena.
 * Never recurses: a path of the tree is at most DFL__ENV_DEPTH long. */
#include "model/env.h"

#include <assert.h>
#include <string.h>

struct dfl__env_node {
    dfl_str name;
    const dfl__binding *layers[DFL__LAYERS];
    dfl__env_node *left, *right;
    int height;
};

void dfl__env_init(dfl__env *env, dfl__arena *arena) {
    memset(env, 0, sizeof *env);
    env->arena = arena;
}

/* As dfl__compare, `a` in lower case. */
static int compare_lower(dfl_str a, dfl_str b) {
    size_t at = 0, done = 0;
    unsigned width;
    for (; at < a.len; at += width) {
        char bytes[4];
        unsigned n = dfl__rune_encode(dfl__rune_lower(dfl__rune(a, at, &width)), bytes);
        for (unsigned i = 0; i < n; i++, done++) {
            if (done == b.len) return 1;
            int order = (unsigned char)bytes[i] - (unsigned char)b.ptr[done];
            if (order != 0) return order;
        }
    }
    return done < b.len ? -1 : 0;
}

static const dfl__env_node *node_of(const dfl__env *env, dfl_str name,
                                    int (*order_of)(dfl_str a, dfl_str b)) {
    const dfl__env_node *at = env->root;
    while (at != NULL) {
        int order = order_of(name, at->name);
        if (order == 0) break;
        at = order < 0 ? at->left : at->right;
    }
    return at;
}

/* --- the balanced tree (AVL): nodes along the path of a write are new, so they may be changed */

static int height(const dfl__env_node *node) {
    return node != NULL ? node->height : 0;
}

static void measure(dfl__env_node *node) {
    int left = height(node->left), right = height(node->right);
    node->height = (left > right ? left : right) + 1;
}

static dfl__env_node *rotate_right(dfl__env_node *node) {
    dfl__env_node *top = node->left;
    node->left = top->right;
    top->right = node;
    measure(node);
    measure(top);
    return top;
}

static dfl__env_node *rotate_left(dfl__env_node *node) {
    dfl__env_node *top = node->right;
    node->right = top->left;
    top->left = node;
    measure(node);
    measure(top);
    return top;
}

/* One child has grown by at most one; the nodes that turn lie on the path of the write. */
static dfl__env_node *balance(dfl__env_node *node) {
    int tilt = height(node->left) - height(node->right);
    if (tilt > 1) {
        if (height(node->left->left) < height(node->left->right))
            node->left = rotate_left(node->left);
        return rotate_right(node);
    }
    if (tilt < -1) {
        if (height(node->right->right) < height(node->right->left))
            node->right = rotate_right(node->right);
        return rotate_left(node);
    }
    measure(node);
    return node;
}

static dfl__env_node *copy_of(dfl__arena *arena, const dfl__env_node *node) {
    dfl__env_node *copy = dfl__arena_get(arena, sizeof *copy);
    if (copy == NULL) return NULL;
    if (node != NULL) {
        *copy = *node;
    } else {
        memset(copy, 0, sizeof *copy);
        copy->height = 1;
    }
    return copy;
}

static int insert(dfl__env *env, dfl__layer layer, const dfl__binding *binding) {
    const dfl__env_node *path[DFL__ENV_DEPTH], *at = env->root;
    int order = 0, depth = 0, right[DFL__ENV_DEPTH];
    while (at != NULL && (order = dfl__compare(binding->name, at->name)) != 0) {
        assert(depth < DFL__ENV_DEPTH);
        right[depth] = order > 0;
        path[depth++] = at;
        at = order < 0 ? at->left : at->right;
    }
    dfl__env_node *made = copy_of(env->arena, at);
    if (made == NULL) return 0;
    made->name = binding->name;
    made->layers[layer] = binding;
    while (depth-- > 0) {
        dfl__env_node *above = copy_of(env->arena, path[depth]);
        if (above == NULL) return 0;
        *(right[depth] ? &above->right : &above->left) = made;
        made = balance(above);
    }
    env->root = made;
    return 1;
}

/* --- bindings */

int dfl__env_put(dfl__env *env, dfl__layer layer, const dfl__binding *binding) {
    dfl__binding *made = dfl__arena_get(env->arena, sizeof *made);
    if (made == NULL) return 0;
    const dfl__binding *old = dfl__env_layer(env, layer, binding->name);
    *made = *binding;
    made->stage = env->stage;
    made->order = env->order++;
    made->first = old != NULL ? old->first : made->order;
    return insert(env, layer, made);
}

int dfl__env_set(dfl__env *env, dfl_str name, dfl_str value, dfl__var state) {
    dfl__binding binding = {name, value, state, UINT32_MAX, 0, 0, 0};
    binding.name.ptr = dfl__arena_copy(env->arena, name.ptr, name.len);
    binding.value.ptr = dfl__arena_copy(env->arena, value.ptr, value.len);
    if (binding.name.ptr == NULL || binding.value.ptr == NULL) return 0;
    return dfl__env_put(env, DFL__LAYER_ENV, &binding);
}

/* BuildKit has one map, into which both write, and writes an image's variables into it again when a
 * stage begins: what ARG wrote in an earlier stage then gives way to ENV. */
static const dfl__binding *in_force(const dfl__env_node *node, uint32_t stage) {
    const dfl__binding *env = node->layers[DFL__LAYER_ENV], *arg = node->layers[DFL__LAYER_ARG];
    if (arg != NULL && (env == NULL || (arg->stage == stage && arg->order > env->order)))
        return arg;
    return env != NULL ? env : node->layers[DFL__LAYER_DECLARED];
}

const dfl__binding *dfl__env_find(const dfl__env *env, dfl_str name) {
    const dfl__env_node *node = node_of(env, name, dfl__compare);
    return node != NULL ? in_force(node, env->stage) : NULL;
}

const dfl__binding *dfl__env_find_lower(const dfl__env *env, dfl_str name) {
    const dfl__env_node *node = node_of(env, name, compare_lower);
    return node != NULL ? in_force(node, env->stage) : NULL;
}

const dfl__binding *dfl__env_layer(const dfl__env *env, dfl__layer layer, dfl_str name) {
    const dfl__env_node *node = node_of(env, name, dfl__compare);
    return node != NULL ? node->layers[layer] : NULL;
}

dfl__var dfl__env_get(const dfl__env *env, dfl_str name, dfl_str *value) {
    const dfl__binding *binding = dfl__env_find(env, name);
    if (binding == NULL || binding->state == DFL__VAR_UNSET)
        return env->open ? DFL__VAR_UNKNOWN : DFL__VAR_UNSET;
    /* An image of which nobody knows may have an ENV before which the ARG gives way. */
    if (env->open && binding->stage != env->stage &&
        dfl__env_layer(env, DFL__LAYER_ENV, name) == NULL)
        return DFL__VAR_UNKNOWN;
    *value = binding->value;
    return binding->state;
}

/* --- in order */

static void push_left(dfl__env_walk *walk, const dfl__env_node *node) {
    for (; node != NULL; node = node->left) {
        assert(walk->depth < DFL__ENV_DEPTH);
        walk->path[walk->depth++] = node;
    }
}

int dfl__env_next(const dfl__env *env, dfl__env_walk *walk, dfl__env_entry *entry) {
    if (!walk->started) push_left(walk, env->root);
    walk->started = 1;
    if (walk->depth == 0) return 0;
    const dfl__env_node *node = walk->path[--walk->depth];
    push_left(walk, node->right);
    entry->name = node->name;
    entry->binding = in_force(node, env->stage);
    memcpy(entry->layers, node->layers, sizeof entry->layers);
    return 1;
}
