/* walk.h -- a walk through the stages as BuildKit's last pass makes it.
 * Relies on model.h.
 * Never stops at an error: what it leaves readable is used. */
#ifndef DFL_MODEL_WALK_H
#define DFL_MODEL_WALK_H

#include "model/graph.h"

typedef struct {
    dfl_model *model;
    dfl__scope scope;
    dfl__config config;
    dfl__record record;
    const dfl_doc *doc; /* of the instruction at hand: the file or a trigger */
    uint32_t stage;
    uint32_t instruction;    /* of the file: what it stands for; for ONBUILD lists */
    const dfl__edges *edges; /* where those of the instruction are */
    uint32_t edge;           /* and from which on */
    uint32_t first_edge;     /* of the document */
} dfl__walk;

/* Expand the value of `node`; see dfl__scope_word. */
dfl_status dfl__walk_word(dfl__walk *w, uint32_t node, dfl_str *out, int *known);
dfl_status dfl__walk_report(dfl__walk *w, uint32_t node, uint32_t code, dfl_str detail);
/* A source that is a stage must stand before this one. `value` is the flag's value, behind that of
 * the last call for the instruction; `implied`: the source is one that BuildKit fills in. */
dfl_status dfl__walk_order(dfl__walk *w, uint32_t value, int implied);

/* Keep a transfer with `count` sources. DFL_E_NOMEM. */
dfl_status dfl__walk_transfer(dfl__walk *w, dfl__transfer transfer, const dfl__taken *sources,
                              uint32_t count);

/* copy.c, run.c, settings.c: one instruction each. DFL_E_NOMEM. */
dfl_status dfl__walk_copy(dfl__walk *w, uint32_t node); /* ADD, too */
dfl_status dfl__walk_run(dfl__walk *w, uint32_t node);
dfl_status dfl__walk_command(dfl__walk *w, uint32_t node); /* CMD, ENTRYPOINT */
dfl_status dfl__walk_expose(dfl__walk *w, uint32_t node);
dfl_status dfl__walk_healthcheck(dfl__walk *w, uint32_t node);
dfl_status dfl__walk_label(dfl__walk *w, uint32_t node);
dfl_status dfl__walk_maintainer(dfl__walk *w, uint32_t node);
dfl_status dfl__walk_onbuild(dfl__walk *w, uint32_t node);
dfl_status dfl__walk_shell(dfl__walk *w, uint32_t node);
dfl_status dfl__walk_stopsignal(dfl__walk *w, uint32_t node);
dfl_status dfl__walk_volume(dfl__walk *w, uint32_t node);

/* onbuild.c: read trigger `index` of the model, once. DFL_E_NOMEM. */
dfl_status dfl__trigger_read(dfl_model *model, uint32_t index);
/* Text of an ONBUILD as it is stored in an image. NULL ptr without memory. */
dfl_str dfl__trigger_text(dfl_model *model, const dfl_doc *doc, uint32_t node);

#endif
