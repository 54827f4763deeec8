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

/** A dependency of stage `stage`. Strings are borrowed from the model. */
typedef struct {
    uint32_t size;   /**< in: sizeof(dfl_edge) */
    uint32_t kind;   /**< DFL_EDGE_* */
    uint32_t stage;  /**< the stage that depends */
    uint32_t target; /**< the stage it depends on, or DFL_NO_STAGE for an image */
    dfl_range range; /**< bytes of the reference */
    dfl_str image;   /**< the image reference when target is DFL_NO_STAGE */
    int32_t known;   /**< 0 when the reference depends on a value that is not given */
    int32_t cyclic;  /**< 1 when the edge lies on a cycle or points forward */
} dfl_edge;

/** Number of edges, in source order. Since 0.1. */
DFL_API size_t dfl_model_edge_count(const dfl_model *model);

/** Fill `*out` with edge `index`. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_model_edge(const dfl_model *model, size_t index, dfl_edge *out);

/**
 * Set `reachable[i]` to 1 for each stage that building `target` needs, itself included, else 0.
 * `count` must be the number of stages. DFL_E_ARG for a bad target or count. Since 0.1.
 */
DFL_API dfl_status dfl_model_reachable(const dfl_model *model, uint32_t target,
                                       uint8_t *reachable, size_t count);

#ifdef __cplusplus
}
#endif
#endif
