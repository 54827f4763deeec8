/* graph.h -- making the edges, and walking them.
 * Relies on model.h.
 * Never recurses: walks use explicit stacks. */
#ifndef DFL_MODEL_GRAPH_H
#define DFL_MODEL_GRAPH_H

#include "model/model.h"

/* Whose edges are being made. */
typedef struct {
    dfl_model *model;
    uint32_t stage;
    uint32_t trigger;  /* the instruction is an ONBUILD trigger that the stage takes over */
    dfl_range place;   /* of a trigger: where it is told of */
    dfl__edges *edges; /* to which they are added */
} dfl__linker;

/* The edges of an instruction, in the file or in a trigger. DFL_E_NOMEM. */
dfl_status dfl__link_instruction(const dfl__linker *l, const dfl_doc *doc, uint32_t node);
/* The source of one mount, the value of its flag: the last `from` is put into `from`, empty when
 * there is none, and its bytes into `*range`. DFL_E_FORMAT when the mount is malformed,
 * DFL_E_NOMEM.
 */
dfl_status dfl__mount_from(const dfl_doc *doc, uint32_t value, dfl__arena *arena, dfl__buf *from,
                           dfl_range *range);
/* The slice of model->edges that holds those of `stage`. */
void dfl__stage_edges(const dfl_model *model, uint32_t stage, uint32_t *first, uint32_t *end);
/* order.c: mark the edges that lie on cycles or point forward, and find the cycles. */
dfl_status dfl__model_cycles(dfl_model *model);

/* order.c: mark the stages that `target` needs with 1, with 2 if it does without any ONBUILD;
 * others with 0. DFL_E_NOMEM. */
dfl_status dfl__reach(const dfl_model *model, uint32_t target, uint8_t *marks);

#endif
