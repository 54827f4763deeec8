/* env.h -- variables by name, as they are at one point of a file.
 * Relies on base and syntax/word.h.
 * Never changes what a copy of a dfl__env shows: writing makes new nodes along one path of a
 * balanced tree, so a copy of the struct is a snapshot, and hostile names cannot make a lookup
 * slow. */
#ifndef DFL_MODEL_ENV_H
#define DFL_MODEL_ENV_H

#include "base/memory.h"
#include "base/text.h"
#include "syntax/word.h"

/* Who wrote a value. Images inherit what ENV writes; what ARG writes is seen by later stages only
 * where no ENV of that name is. */
typedef enum {
    DFL__LAYER_ENV,     /* ENV, and the configuration of an image */
    DFL__LAYER_ARG,     /* ARG with a value */
    DFL__LAYER_DECLARED /* ARG without one */
} dfl__layer;
#define DFL__LAYERS 3

typedef struct {
    dfl_str name;
    dfl_str value;
    dfl__var state;      /* UNSET in the layer of declarations only */
    uint32_t definition; /* the caller's: where it comes from */
    uint32_t stage;      /* in which it was written */
    uint32_t order;      /* of the write among all of the env */
    uint32_t first;      /* of the first write of this name to this layer */
} dfl__binding;

typedef struct dfl__env_node dfl__env_node;

typedef struct {
    dfl__arena *arena; /* owns names and values */
    const dfl__env_node *root;
    uint32_t stage; /* in which writes and lookups happen */
    uint32_t order; /* of the next write */
    int open;       /* names that are not bound may be set, nobody knows to what */
} dfl__env;

void dfl__env_init(dfl__env *env, dfl__arena *arena);
/* Set in the layer of ENV; the texts are copied into the arena. 0 without memory. */
int dfl__env_set(dfl__env *env, dfl_str name, dfl_str value, dfl__var state);
/* Write `binding`, whose texts are the arena's or outlive it. 0 without memory. */
int dfl__env_put(dfl__env *env, dfl__layer layer, const dfl__binding *binding);
dfl__var dfl__env_get(const dfl__env *env, dfl_str name, dfl_str *value);
/* The binding in force, NULL when there is none; a declaration only when there is no value. */
const dfl__binding *dfl__env_find(const dfl__env *env, dfl_str name);
/* The same for `name` in lower case. */
const dfl__binding *dfl__env_find_lower(const dfl__env *env, dfl_str name);
/* The binding in one layer; NULL when there is none. */
const dfl__binding *dfl__env_layer(const dfl__env *env, dfl__layer layer, dfl_str name);

/* Names in the order of their bytes: zero-initialise, then take one after the other. */
#define DFL__ENV_DEPTH 48 /* of a balanced tree with 2^32 names */
typedef struct {
    const dfl__env_node *path[DFL__ENV_DEPTH];
    uint32_t depth;
    int started;
} dfl__env_walk;
/* The next name's bindings: in force, and in each layer (NULL where there is none). 0 at the end.
 */
typedef struct {
    dfl_str name;
    const dfl__binding *binding;
    const dfl__binding *layers[DFL__LAYERS];
} dfl__env_entry;
int dfl__env_next(const dfl__env *env, dfl__env_walk *walk, dfl__env_entry *entry);

#endif
