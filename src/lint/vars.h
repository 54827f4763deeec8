/* vars.h -- texts by name, as they are at one point of a file.
 * Relies on base.
 * Never changes what a copy shows: writing makes new nodes along one path of a balanced tree, so a
 * copy of the struct is a snapshot, and hostile names cannot make a lookup slow. */
#ifndef DFL_LINT_VARS_H
#define DFL_LINT_VARS_H

#include "base/memory.h"
#include "base/text.h"

typedef struct dfl__var_node dfl__var_node;
struct dfl__var_node {
    const dfl__var_node *left, *right;
    dfl_str name; /* followed by a NUL */
    dfl_str value;
    uint32_t number; /* the caller's */
    uint32_t height;
};

typedef struct {
    const dfl__var_node *root;
} dfl__vars;

/* The entry of `name`; NULL when there is none. */
const dfl__var_node *dfl__vars_find(const dfl__vars *vars, dfl_str name);
/* Set; `name` is copied into the arena, `value` outlives it. 0 without memory. */
int dfl__vars_set(dfl__vars *vars, dfl__arena *arena, dfl_str name, dfl_str value, uint32_t number);

/* Entries in the order of their names' bytes: zero-initialise, then take one after the other. */
#define DFL__VARS_DEPTH 48 /* of a balanced tree with 2^32 names */
typedef struct {
    const dfl__var_node *path[DFL__VARS_DEPTH];
    uint32_t depth;
    int started;
} dfl__vars_walk;
const dfl__var_node *dfl__vars_next(const dfl__vars *vars, dfl__vars_walk *walk);

#endif
