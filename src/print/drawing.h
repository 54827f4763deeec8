/* drawing.h -- the stage graph as it is drawn: stages, images, and edges without repetition.
 * Relies on the public graph.h.
 * Never outlives the model, from which its strings are borrowed. */
#ifndef DFL_PRINT_DRAWING_H
#define DFL_PRINT_DRAWING_H

#include "base/memory.h"
#include "base/text.h"
#include "dockerfile/graph.h"
#include "print/writer.h"

/* What a stage needs. Several references of one kind to one node are one edge. */
typedef struct {
    uint32_t stage; /* the stage that needs */
    uint32_t node;  /* what it needs: a stage, or stage_count + index of an image */
    uint32_t kind;  /* DFL_EDGE_* */
    int32_t known;
    int32_t cyclic;
    int32_t perhaps; /* one of the stages that a reference may mean which is not known */
} dfl__drawing_edge;

#define DFL__IMAGE_UNKNOWN 1u /* the reference depends on a value that is not given */
#define DFL__IMAGE_CONTEXT 2u /* a named context stands in for it */

typedef struct {
    const dfl_model *model;
    dfl__arena arena;
    uint32_t target; /* a stage; DFL_NO_STAGE when there are none */
    uint32_t stage_count;
    uint32_t image_count;
    uint32_t edge_count;
    uint32_t model_edge_count;
    int vague;                      /* there are too many possible targets to list them */
    const uint8_t *needs;           /* [stage_count]: DFL_NEED_* */
    const dfl_str *images;          /* [image_count], sorted, each once */
    const uint8_t *image_flags;     /* [image_count]: DFL__IMAGE_* */
    const dfl__drawing_edge *edges; /* by stage, then in source order */
    const uint32_t *first;          /* [stage_count + 1]: where the edges of a stage begin */
    const uint32_t *possible;       /* stages that edges of the model may mean */
    const uint32_t *possible_first; /* [model_edge_count + 1]: where those of an edge begin; NULL
                                       when nothing is unknown or too much */
} dfl__drawing;

/* `target` as in dfl_model_reachable; a model without stages has no target to check. */
dfl_status dfl__drawing_make(const dfl_model *model, uint32_t target, dfl__drawing *out);
void dfl__drawing_free(dfl__drawing *drawing);
dfl_stage dfl__drawing_stage(const dfl__drawing *drawing, uint32_t index);
/* What to call the image that is node `node`. */
dfl_str dfl__drawing_image(const dfl__drawing *drawing, uint32_t node);
/* Whether a named context stands in for the stage. */
int dfl__drawing_replaced(const dfl__drawing *drawing, uint32_t index);
const char *dfl__edge_name(uint32_t kind); /* from, copy, mount */

/* tree.c: DFL_GRAPH_TEXT */
dfl_status dfl__drawing_tree(const dfl__drawing *drawing, dfl__out *out);
/* graph_json.c: DFL_GRAPH_JSON */
dfl_status dfl__drawing_json(const dfl__drawing *drawing, dfl__out *out);
/* svg.c: DFL_GRAPH_SVG */
dfl_status dfl__drawing_svg(const dfl__drawing *drawing, dfl__out *out);

#endif
