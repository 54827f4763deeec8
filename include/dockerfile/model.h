/* model.h -- what a Dockerfile means: stages, scopes, expanded values.
 * Relies on tree.h.
 * Never opens files, pulls images or guesses: what cannot be known is "unknown". */
#ifndef DOCKERFILE_MODEL_H
#define DOCKERFILE_MODEL_H

#include "dockerfile/tree.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The meaning of one document under given build arguments. Immutable once made. */
typedef struct dfl_model dfl_model;

#define DFL_NO_STAGE UINT32_MAX /**< "no such stage" */

/** Options of dfl_model_new. */
typedef struct {
    uint32_t size;             /**< sizeof(dfl_model_options) */
    uint32_t args_count;       /**< number of build arguments */
    const dfl_binding *args;   /**< build arguments (`--build-arg`), copied */
    const dfl_alloc *alloc;    /**< NULL = the C library's */
    const dfl_limits *limits;  /**< NULL = defaults */
} dfl_model_options;
#define DFL_MODEL_OPTIONS_INIT {sizeof(dfl_model_options), 0, NULL, NULL, NULL}

/**
 * Build the model of `doc`, on which it holds a reference. `opt` may be NULL. Freed by
 * dfl_model_free. Fails with DFL_E_NOMEM, DFL_E_ARG, DFL_E_ABI or DFL_E_LIMIT (stages).
 * A model may be read from several threads. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_model_new(const dfl_doc *doc, const dfl_model_options *opt,
                                               dfl_model **out);

/** Free the model and its reference; NULL is accepted. Since 0.1. */
DFL_API void dfl_model_free(dfl_model *model);

/** The document, borrowed. Since 0.1. */
DFL_API const dfl_doc *dfl_model_doc(const dfl_model *model);

/** A stage. Strings are borrowed from the model. */
typedef struct {
    uint32_t size;       /**< in: sizeof(dfl_stage) */
    uint32_t index;      /**< 0-based */
    uint32_t node;       /**< its FROM instruction */
    uint32_t base_stage; /**< index of the earlier stage it is built on, or DFL_NO_STAGE */
    dfl_range range;     /**< from FROM to the end of its last instruction */
    dfl_str name;        /**< lower-cased name after AS; empty when unnamed */
    dfl_str base;        /**< base after expansion; as written when it is unknown */
    dfl_str platform;    /**< --platform after expansion; as written when it is unknown */
    int32_t base_known;  /**< 0 when the base depends on a value that is not given */
    int32_t reserved;
} dfl_stage;

/** Number of stages. Since 0.1. */
DFL_API size_t dfl_model_stage_count(const dfl_model *model);

/** Fill `*out` with stage `index`. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_model_stage(const dfl_model *model, size_t index, dfl_stage *out);

/**
 * Index of the stage that `name` (as in `--target`) means, DFL_NO_STAGE when none: names compare
 * lower-cased and the last duplicate wins, as in BuildKit's resolveTarget; an empty name is the
 * last stage. Since 0.1.
 */
DFL_API uint32_t dfl_model_stage_find(const dfl_model *model, dfl_str name);

/** Index of the stage that holds instruction `node`; DFL_NO_STAGE before the first FROM. */
DFL_API uint32_t dfl_model_stage_of(const dfl_model *model, dfl_node node);

/* Which frontend reads the document: what its `# syntax=` names. */
#define DFL_FRONTEND_BUILDER 1 /**< nothing is named: the builder's own, of unknown version */
#define DFL_FRONTEND_STABLE 2  /**< docker/dockerfile */
#define DFL_FRONTEND_LABS 3    /**< docker/dockerfile, -labs (or, before 1.2, -experimental) */
#define DFL_FRONTEND_OTHER 4   /**< another image: nothing is known of it */

/** "No version has it." */
#define DFL_FRONTEND_NEVER UINT32_MAX

/**
 * What a document asks of its frontend. A version is `(major << 16) | (minor << 8) | patch`.
 * Strings are borrowed from the document or static.
 */
typedef struct {
    uint32_t size;     /**< in: sizeof(dfl_frontend) */
    uint32_t channel;  /**< DFL_FRONTEND_* */
    dfl_str reference; /**< image after `syntax=`; empty */
    uint32_t oldest;   /**< oldest version the reference can mean; 0 when unknown */
    uint32_t newest;   /**< newest one, 255 for each part left open; 0 when unknown */
    uint32_t stable;   /**< least docker/dockerfile that has all the document uses; or NEVER */
    uint32_t labs;     /**< the same of the -labs channel */
    uint32_t node;     /**< the first node that asks for so much, 0 = the document asks for 1.0 */
    dfl_range range;   /**< of that node */
    int32_t enough;    /**< 1: the frontend has all of it, 0: it lacks something, -1: unknown */
    const char *feature; /**< permanent name of what that node uses, such as "heredoc"; or "" */
} dfl_frontend;

/**
 * Fill `*out`: the least version of the frontend that reads the document as this library does, the
 * node that asks for it, and whether the frontend which the document names is as new. When the
 * document names one of the -labs channel, `node` is about that channel. Features that only the
 * value of a variable would show are not seen. DFL_E_ARG, DFL_E_ABI, DFL_E_NOMEM; `*out` is then
 * untouched. Thread-safe. Since 0.1.
 */
DFL_API dfl_status dfl_model_frontend(const dfl_model *model, dfl_frontend *out);

#ifdef __cplusplus
}
#endif
#endif
