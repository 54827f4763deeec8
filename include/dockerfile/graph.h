/* graph.h -- how stages and images depend on each other.
 * Relies on model.h.
 * Never pulls an image: a reference that names no stage is an image reference. */
#ifndef DOCKERFILE_GRAPH_H
#define DOCKERFILE_GRAPH_H

#include "dockerfile/model.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DFL_EDGE_FROM 1  /**< FROM */
#define DFL_EDGE_COPY 2  /**< COPY --from */
#define DFL_EDGE_MOUNT 3 /**< RUN --mount=...,from= */

#define DFL_EDGE_F_CYCLE 0x0001   /**< lies on a cycle of COPY and mount edges */
#define DFL_EDGE_F_FORWARD 0x0002 /**< the stage is defined later in the file */
#define DFL_EDGE_F_CONTEXT 0x0004 /**< a named context stands in for the image */
#define DFL_EDGE_F_IMPLICIT                                                                        \
    0x0008                        /**< a mount without `from=`, where a stage is called scratch    \
                                   */
#define DFL_EDGE_F_TRIGGER 0x0010 /**< an ONBUILD of what the stage is built on adds it */
#define DFL_EDGE_F_INDIRECT                                                                        \
    0x0020 /**< an ONBUILD of an image that is only copied from or mounted:                        \
                BuildKit builds the stage, though nothing of it is used */
#define DFL_EDGE_F_AT_ONCE                                                                         \
    0x0040 /**< with INDIRECT: only if `stage` is needed without any ONBUILD,                      \
                since BuildKit looks at such images once */

/** A dependency of stage `stage`. Strings are borrowed from the model. */
typedef struct {
    uint32_t size;   /**< in: sizeof(dfl_edge) */
    uint32_t kind;   /**< DFL_EDGE_* */
    uint32_t stage;  /**< the stage that depends */
    uint32_t target; /**< the stage it depends on, or DFL_NO_STAGE for an image */
    dfl_range range; /**< bytes of the reference */
    dfl_str image;   /**< the image reference when target is DFL_NO_STAGE */
    int32_t known;   /**< 0 when the reference depends on a value that is not given */
    int32_t cyclic;  /**< 1 when it points to its own stage or to a later one: no build follows it,
                          and every cycle holds such an edge */
    uint32_t flags;  /**< DFL_EDGE_F_* */
    uint32_t node;   /**< the instruction that says so; of a trigger, FROM */
} dfl_edge;

/** Number of edges, in source order. Since 0.1. */
DFL_API size_t dfl_model_edge_count(const dfl_model *model);

/** Fill `*out` with edge `index`. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_model_edge(const dfl_model *model, size_t index, dfl_edge *out);

/**
 * The stages that edge `index` may mean: its target; or, when its reference depends on a value that
 * is not given, each earlier stage whose name the known parts of it allow. The first `cap` of them
 * go to `stages`, which may be NULL when `cap` is 0; `*count` receives how many there are.
 * `*image`, unless NULL, is 1 when it may mean an image. DFL_E_ARG, DFL_E_NOMEM. Since 0.1.
 */
DFL_API dfl_status dfl_model_edge_targets(const dfl_model *model, size_t index, uint32_t *stages,
                                          size_t cap, size_t *count, int32_t *image);

/**
 * Set `reachable[i]` to 1 for each stage that building `target` needs, itself included, else 0.
 * `count` must be the number of stages. DFL_E_ARG for a bad target or count, DFL_E_NOMEM.
 * Since 0.1.
 */
DFL_API dfl_status dfl_model_reachable(const dfl_model *model, uint32_t target, uint8_t *reachable,
                                       size_t count);

#define DFL_NEED_NO 0      /**< building the target does not touch the stage */
#define DFL_NEED_YES 1     /**< it needs the stage */
#define DFL_NEED_PERHAPS 2 /**< it needs the stage if values that are not given say so */

/** As dfl_model_reachable, with DFL_NEED_*: edges that are not known count as perhaps. Where there
 * are very many of those, each may lead to any earlier stage that has a name. Since 0.1.
 */
DFL_API dfl_status dfl_model_needs(const dfl_model *model, uint32_t target, uint8_t *needs,
                                   size_t count);

/**
 * The stages that building `target` needs, in an order in which each stands behind those it needs;
 * where several could be next, the one that is first in the file. `order` has room for all stages;
 * `*count` receives their number. Stages on a cycle, and those that need them, are left out.
 * DFL_E_ARG, DFL_E_NOMEM. Since 0.1.
 */
DFL_API dfl_status dfl_model_order(const dfl_model *model, uint32_t target, uint32_t *order,
                                   size_t *count);

#define DFL_NO_LEVEL UINT32_MAX /**< the stage is not in the order */

/**
 * Set `levels[i]` to 0 for a stage that needs no other, else to one more than the highest level it
 * needs: stages of one level can be built at the same time. DFL_NO_LEVEL for stages that
 * dfl_model_order leaves out. `count` must be the number of stages. DFL_E_ARG, DFL_E_NOMEM.
 * Since 0.1.
 */
DFL_API dfl_status dfl_model_levels(const dfl_model *model, uint32_t target, uint32_t *levels,
                                    size_t count);

/**
 * Number of cycles of COPY and mount edges, BuildKit's validateCircularDependency
 * (frontend/dockerfile/dockerfile2llb/convert.go): one for each group of stages that need one
 * another. Since 0.1.
 */
DFL_API size_t dfl_model_cycle_count(const dfl_model *model);

/**
 * The edges of cycle `index`, each leading to the stage of the next: the shortest one through the
 * first stage of its group. The first `cap` of them go to `edges`; `*count` receives their number.
 * DFL_E_ARG when there is none. Since 0.1.
 */
DFL_API dfl_status dfl_model_cycle(const dfl_model *model, size_t index, uint32_t *edges,
                                   size_t cap, size_t *count);

#ifdef __cplusplus
}
#endif
#endif
