/* expand.h -- the stored form of an expansion.
 * Relies on model.h and origin.h. Public face in dockerfile/scope.h.
 * Never shared with the model: it has its own memory. */
#ifndef DFL_MODEL_EXPAND_H
#define DFL_MODEL_EXPAND_H

#include "model/model.h"
#include "model/origin.h"

struct dfl_expansion {
    const dfl_model *model;
    const dfl_doc *doc;
    dfl__arena arena;
    uint32_t node;
    uint32_t mode;
    uint32_t error;
    int known;
    dfl_str value; /* what is expanded */
    dfl__origin origin;
    dfl__env env;     /* at the node */
    dfl__env missing; /* names that were looked up in vain */
    dfl__buf text;
    DFL__VEC(dfl_piece) pieces;
    DFL__VEC(dfl_undefined) undefined;
    dfl__offsets words; /* end of each */
};

/* Expand the text of `node`, of a PAIR its value. As dfl_model_expand without flags. */
dfl_status dfl__expansion_new(const dfl_model *model, uint32_t node, dfl_expansion **out);
/* trace.c: replace pieces that are values by the pieces of those values, down to what was typed.
 * DFL_E_LIMIT, DFL_E_NOMEM. */
dfl_status dfl__expansion_trace(dfl_expansion *expansion);

#endif
