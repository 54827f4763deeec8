/* vars.c -- a balanced tree that is copied along the path of each write.
 * Relies on vars.h.
 * Never recurses, never frees: the arena does. */
#include "lint/vars.h"

#include <assert.h>
#include <string.h>

static int compare(dfl_str a, dfl_str b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;
    if (order != 0) return order;
    return (a.len > b.len) - (a.len < b.len);
}

const dfl__var_node *dfl__vars_find(const dfl__vars *vars, dfl_str name) {
    const dfl__var_node *at = vars->root;
    while (at != NULL) {
        int order = compare(name, at->name);
        if (order == 0) return at;
        at = order < 0 ? at->left : at->right;
    }
    return NULL;
}

static uint32_t height(const dfl__var_node *node) {
    return node != NULL ? node->height : 0;
}

static void measure(dfl__var_node *node) {
    uint32_t left = height(node->left), right = height(node->right);
    node->height = (left > right ? left : right) + 1;
}

static dfl__var_node *copy_of(const dfl__var_node *node, dfl__arena *arena) {
    dfl__var_node *copy = dfl__arena_get(arena, sizeof *copy);
    if (copy != NULL) *copy = *node;
    return copy;
}

/* Bring the child on one side up over `node`; both are new or copied here. */
static dfl__var_node *rotate(dfl__var_node *node, int left_up, dfl__arena *arena) {
    dfl__var_node *up = copy_of(left_up ? node->left : node->right, arena);
    if (up == NULL) return NULL;
    if (left_up) {
        node->left = up->right;
        up->right = node;
    } else {
        node->right = up->left;
        up->left = node;
    }
    measure(node);
    measure(up);
    return up;
}

/* Balance `node`, whose sides differ by two at most. NULL without memory. */
static dfl__var_node *balance(dfl__var_node *node, dfl__arena *arena) {
    uint32_t left = height(node->left), right = height(node->right);
    measure(node);
    if (left <= right + 1 && right <= left + 1) return node;
    int left_up = left > right;
    const dfl__var_node *child = left_up ? node->left : node->right;
    uint32_t inner = height(left_up ? child->right : child->left);
    uint32_t outer = height(left_up ? child->left : child->right);
    if (inner > outer) {
        dfl__var_node *own = copy_of(child, arena);
        if (own == NULL) return NULL;
        own = rotate(own, !left_up, arena);
        if (own == NULL) return NULL;
        if (left_up)
            node->left = own;
        else
            node->right = own;
    }
    return rotate(node, left_up, arena);
}

/* The way from the root to where `name` is or belongs. */
static uint32_t find_path(const dfl__vars *vars, dfl_str name, const dfl__var_node **path,
                          const dfl__var_node **found) {
    uint32_t depth = 0;
    const dfl__var_node *at = vars->root;
    *found = NULL;
    while (at != NULL) {
        int order = compare(name, at->name);
        if (order == 0) {
            *found = at;
            return depth;
        }
        assert(depth < DFL__VARS_DEPTH);
        path[depth++] = at;
        at = order < 0 ? at->left : at->right;
    }
    return depth;
}

static dfl__var_node *new_node(dfl__arena *arena, dfl_str name) {
    dfl__var_node *node = dfl__arena_get(arena, sizeof *node);
    const char *copy = node != NULL ? dfl__arena_copy(arena, name.ptr, name.len) : NULL;
    if (copy == NULL) return NULL;
    memset(node, 0, sizeof *node);
    node->name.ptr = copy;
    node->name.len = name.len;
    node->height = 1;
    return node;
}

int dfl__vars_set(dfl__vars *vars, dfl__arena *arena, dfl_str name, dfl_str value,
                  uint32_t number) {
    const dfl__var_node *path[DFL__VARS_DEPTH], *found;
    uint32_t depth = find_path(vars, name, path, &found);
    dfl__var_node *below = found != NULL ? copy_of(found, arena) : new_node(arena, name);
    if (below == NULL) return 0;
    below->value = value;
    below->number = number;
    while (depth > 0) {
        dfl__var_node *node = copy_of(path[--depth], arena);
        if (node == NULL) return 0;
        if (compare(name, node->name) < 0)
            node->left = below;
        else
            node->right = below;
        below = balance(node, arena);
        if (below == NULL) return 0;
    }
    vars->root = below;
    return 1;
}

static void descend(dfl__vars_walk *walk, const dfl__var_node *node) {
    for (; node != NULL; node = node->left) {
        assert(walk->depth < DFL__VARS_DEPTH);
        walk->path[walk->depth++] = node;
    }
}

const dfl__var_node *dfl__vars_next(const dfl__vars *vars, dfl__vars_walk *walk) {
    if (!walk->started) {
        walk->started = 1;
        descend(walk, vars->root);
    }
    if (walk->depth == 0) return NULL;
    const dfl__var_node *node = walk->path[--walk->depth];
    descend(walk, node->right);
    return node;
}
