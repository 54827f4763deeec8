/* expand.h -- the stored form of an expansion.
 * Relies on model.h and syntax/origin.h. Public face in dockerfile/scope.h.
 * Never shared with the model: it has its own memory. */
#ifndef DFL_MODEL_EXPAND_H
#define DFL_MODEL_EXPAND_H

#include "model/model.h"
#include "syntax/origin.h"

struct dfl_expansion {
    const dfl_model *model;
    const dfl_doc *doc;
    dfl__arena arena;
    uint32_t node;
    uint32_t mode;
    uint32_t error;
    int known;
    dfl_str value;        /* what is expanded */
    dfl__origins origins; /* of that */
    dfl__buf chomped;     /* what it is of a body with `<<-` */
    dfl__env env;         /* at the node */
    dfl__env missing;     /* names that were looked up in vain */
    dfl__buf text;
    DFL__VEC(dfl_piece) pieces;
    DFL__VEC(dfl_undefined) undefined;
    dfl__offsets words; /* end of each */
};

/* Expand the text of `node`, of a PAIR its value. As dfl_model_expand without flags. */
dfl_status dfl__expansion_new(const dfl_model *model, uint32_t node, dfl_expansion **out);
/* trace.c: replace pieces that are values by the pieces of those values, down to what was typed.
 * The pieces stay as they are on failure: DFL_E_LIMIT when the budget is spent, DFL_E_NOMEM. */
dfl_status dfl__expansion_trace(dfl_expansion *expansion, dfl__budget *budget);
/* trace.c: what expanding `node` costs besides its length: bytes that are read and written for it,
 * and for what stands before it in its ARG. */
size_t dfl__opening(const dfl_model *model, uint32_t node);
/* trace.c: the definition whose typed text is the value of `definition`; DFL_NO_DEFINITION when
 * none in the file is. */
uint32_t dfl__definition_holder(const dfl_model *model, uint32_t definition);

#endif
