/* model.h -- the stored form of a model, and scopes that walk along instructions.
 * Relies on syntax. Public face in dockerfile/model.h and graph.h.
 * Never knows images: a caller that knows a base image's configuration seeds the scope with it. */
#ifndef DFL_MODEL_MODEL_H
#define DFL_MODEL_MODEL_H

#include "dockerfile/graph.h"
#include "dockerfile/model.h"
#include "syntax/tree.h"
#include "syntax/word.h"

/* Variables by name; the last write wins. */
typedef struct {
    dfl_str name;
    dfl_str value;
    dfl__var state; /* DFL__VAR_SET or DFL__VAR_UNKNOWN */
} dfl__binding;

typedef struct {
    dfl__arena *arena; /* owns names and values */
    DFL__VEC(dfl__binding) items;
    uint32_t *slots; /* open addressing: index + 1, 0 = empty */
    uint32_t slot_count;
} dfl__env;

void dfl__env_init(dfl__env *env, dfl__arena *arena);
void dfl__env_free(dfl__env *env);
/* Set; the texts are copied into the arena. 0 without memory. */
int dfl__env_set(dfl__env *env, dfl_str name, dfl_str value, dfl__var state);
dfl__var dfl__env_get(const dfl__env *env, dfl_str name, dfl_str *value);

typedef struct {
    uint32_t node;
    uint32_t stage; /* DFL_NO_STAGE before the first FROM */
    uint16_t kind;  /* DFL_NODE_* */
} dfl__instr;

typedef struct {
    uint32_t node;       /* its FROM */
    uint32_t first, end; /* its instructions in dfl_model.instrs, FROM included */
    uint32_t base_stage; /* DFL_NO_STAGE for an image */
    dfl_str name;        /* lower case; empty */
    dfl_str base;
    dfl_str platform;
    int base_known;
} dfl__stage;

typedef struct {
    uint32_t kind; /* DFL_EDGE_* */
    uint32_t stage, target;
    dfl_range range;
    dfl_str image;
    int known;
    int cyclic;
} dfl__edge;

struct dfl_model {
    const dfl_doc *doc; /* one reference */
    dfl_limits limits;  /* the caller's; the document's where none are given */
    dfl__arena arena;
    dfl__env args;    /* build arguments of the caller */
    size_t spent;     /* bytes that expansions of the global scope have worked on */
    dfl__env globals; /* ARGs before the first FROM, automatic ones included */
    DFL__VEC(dfl__instr) instrs;
    DFL__VEC(dfl__stage) stages;
    DFL__VEC(dfl__edge) edges;
};

/* graph.c: fill the edges; DFL_E_NOMEM. */
dfl_status dfl__model_link(dfl_model *model);
/* Stage by lower-cased name among all stages, last one first; DFL_NO_STAGE. */
uint32_t dfl__stage_named(const dfl_model *model, dfl_str name);

/* What is in force at a point of a stage. */
typedef struct {
    const dfl_model *model;
    dfl__arena *arena;
    dfl__env env;
    dfl_str workdir; /* absolute; "/" at the start */
    dfl_str user;    /* as expanded; empty = root by default */
    int workdir_known;
    int user_known;
    size_t spent;   /* bytes that expansions have worked on */
    uint32_t shell; /* the SHELL instruction in force, 0 = the default */
} dfl__scope;

void dfl__scope_init(dfl__scope *scope, const dfl_model *model, dfl__arena *arena);
void dfl__scope_free(dfl__scope *scope);
/* Step over an instruction of the stage. DFL_E_NOMEM. */
dfl_status dfl__scope_apply(dfl__scope *scope, const dfl__instr *instr);
/* Expand `word` into `out` against `env`; `*known` is 0 when the result is not known or the word is
 * malformed. DFL_E_NOMEM. */
dfl_status dfl__expand(const dfl_model *model, const dfl__env *env, dfl_str word, dfl__buf *out,
                       int *known);
/* Expand into the arena; as written when the value is not known. `*spent` counts the bytes that
 * expansions have worked on: beyond max_model_bytes words no longer grow, and are not known. */
dfl_status dfl__expand_text(const dfl_model *model, const dfl__env *env, dfl__arena *arena,
                            size_t *spent, dfl_str word, dfl_str *out, int *known);
/* `path` below `workdir`, lexically cleaned; arena-owned. NULL ptr without memory. */
dfl_str dfl__path_join(dfl__arena *arena, dfl_str workdir, dfl_str path);

/* Nodes of an instruction's arguments in order (WORD, SHELL_FORM, JSON_STRING, PAIR); start with 0.
 * 0 at the end. */
uint32_t dfl__next_argument(const dfl_doc *doc, uint32_t instruction, uint32_t argument);
/* Value node of flag `name` of the instruction, searched after flag `*flag` (0 = the first), which
 * is moved to it; 0 when there is none. */
uint32_t dfl__flag_value(const dfl_doc *doc, uint32_t instruction, const char *name,
                         uint32_t *flag);

#endif
