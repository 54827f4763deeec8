/* rewrite.h -- rewrites: plans of minimal edits with reasons, or refusals.
 * Relies on catalog.h and edit.h.
 * Never changes a document: a plan holds the edits and the proved result. */
#ifndef DOCKERFILE_REWRITE_H
#define DOCKERFILE_REWRITE_H

#include "dockerfile/catalog.h"
#include "dockerfile/edit.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a rewrite wants to do. Immutable; thread-safe to read. */
typedef struct dfl_plan dfl_plan;

#define DFL_OUTCOME_CHANGED 1   /**< there are edits and they are proved */
#define DFL_OUTCOME_UNCHANGED 2 /**< nothing is left to do */
/** Nothing is done; dfl_plan_refusal says why: `syntax-error` where the file, or a build of its
 * last stage, has an error for which BuildKit rejects it. */
#define DFL_OUTCOME_REFUSED 3

#define DFL_RISK_SAFE 1   /**< follows from the file and the catalog alone */
#define DFL_RISK_LIKELY 2 /**< rests on an assumption that nearly always holds */
#define DFL_RISK_REVIEW 3 /**< a person should look */

#define DFL_USER_AUTO 0    /**< keep, or a nonroot user where nothing hints at root */
#define DFL_USER_KEEP 1    /**< keep the user of the original */
#define DFL_USER_NONROOT 2 /**< the base image's nonroot user */

#define DFL_BUILDER_BUILDKIT 0 /**< BuildKit: docker build, docker buildx build, buildctl */
#define DFL_BUILDER_BUILDAH 1  /**< buildah build, podman build: no sharing=private */
#define DFL_BUILDER_KANIKO 2   /**< kaniko: no cache mounts, so that cache refuses */
#define DFL_BUILDER_CLASSIC 3  /**< docker build without BuildKit: no cache mounts either */

#define DFL_SHARING_CATALOG 0 /**< what the catalog says of each tool, and why */
#define DFL_SHARING_SHARED 1  /**< any number of writers at once */
#define DFL_SHARING_PRIVATE 2 /**< a second writer gets a directory of its own */
#define DFL_SHARING_LOCKED 3  /**< a second writer waits */

/**
 * Options of every rewrite; each reads the members that concern it. All strings are read during
 * the call only.
 */
typedef struct {
    uint32_t size;              /**< sizeof(dfl_rewrite_options) */
    uint32_t user;              /**< split, base: DFL_USER_* */
    const dfl_catalog *catalog; /**< NULL = the built-in one */
    const dfl_binding *facts;   /**< what is known of the build context; see io.h for the keys */
    size_t facts_count;
    const dfl_binding *args; /**< build arguments */
    size_t args_count;
    dfl_str to;             /**< base: a word of dfl_base_target, or an image */
    dfl_str stage;          /**< base: name or index; empty = the final stage */
    dfl_str runtime;        /**< split: as `to`; empty or "auto" = the catalog's choice */
    dfl_str artifact;       /**< split: path of what runs; empty = traced */
    const dfl_alloc *alloc; /**< NULL = the C library's */
    uint32_t builder;       /**< cache: DFL_BUILDER_*, what will read the file */
    uint32_t sharing;       /**< cache: DFL_SHARING_*, of the mounts that are written */
    dfl_str id;             /**< cache: ids of the mounts that are written: "none"; "tool", the
                                 name of the tool; "platform", and of the release or C library
                                 that its files depend on; any other word stands before those,
                                 of ASCII letters, digits, `.`, `_` and `-`; empty or "auto" =
                                 as platform where stages of the file would mix, else none */
} dfl_rewrite_options;
#define DFL_REWRITE_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(dfl_rewrite_options), 0, NULL, NULL, 0, NULL, 0, {NULL, 0}, {NULL, 0}, {NULL, 0},   \
            {NULL, 0}, NULL, 0, 0, {                                                               \
            NULL, 0                                                                                \
        }                                                                                          \
    }

/**
 * Plan a rewrite of `doc`. `opt` may be NULL. A refusal is DFL_OK with DFL_OUTCOME_REFUSED.
 * Fails with DFL_E_NOMEM, DFL_E_ARG, DFL_E_ABI or DFL_E_LIMIT; `*out` is then untouched.
 * The plan holds references on both documents; freed by dfl_plan_free. Thread-safe. Since 0.1.
 *
 *  - cache: `RUN --mount=type=cache` for the package managers that the catalog knows;
 *  - base: move a stage to another base image;
 *  - split: one stage into a builder and a runtime stage;
 *  - optimize: split, base to distroless, cache, merged into one plan.
 */
DFL_API DFL_NODISCARD dfl_status dfl_rewrite_cache(const dfl_doc *doc,
                                                   const dfl_rewrite_options *opt, dfl_plan **out);
DFL_API DFL_NODISCARD dfl_status dfl_rewrite_base(const dfl_doc *doc,
                                                  const dfl_rewrite_options *opt, dfl_plan **out);
DFL_API DFL_NODISCARD dfl_status dfl_rewrite_split(const dfl_doc *doc,
                                                   const dfl_rewrite_options *opt, dfl_plan **out);
DFL_API DFL_NODISCARD dfl_status dfl_rewrite_optimize(const dfl_doc *doc,
                                                      const dfl_rewrite_options *opt,
                                                      dfl_plan **out);

/**
 * The words that `to` of dfl_rewrite_base takes beside images, one by one: "distroless", "slim",
 * "alpine", "scratch", "wolfi", "dhi", "ubi-micro"; NULL at the end. A loop over them that calls
 * dfl_rewrite_base compares them for a file. Static. Thread-safe. Since 0.1.
 */
DFL_API const char *dfl_base_target(size_t index);

/** Free a plan; NULL is accepted. Since 0.1. */
DFL_API void dfl_plan_free(dfl_plan *plan);

/** DFL_OUTCOME_*. Since 0.1. */
DFL_API uint32_t dfl_plan_outcome(const dfl_plan *plan);

/** The proved result; the original document unless the outcome is changed. Borrowed. Since 0.1. */
DFL_API const dfl_doc *dfl_plan_result(const dfl_plan *plan);

/** One step of a plan. Strings are borrowed from the plan. */
typedef struct {
    uint32_t size;           /**< in: sizeof(dfl_step) */
    uint32_t risk;           /**< DFL_RISK_* */
    const char *code;        /**< permanent code, such as "cache.mount" */
    dfl_str message;         /**< one sentence: what and why */
    dfl_range range;         /**< evidence in the original source */
    size_t edit_count;       /**< edits of this step; may be 0 for a note */
    size_t assumption_count; /**< assumptions a reader can check */
} dfl_step;

/** Number of steps. Since 0.1. */
DFL_API size_t dfl_plan_step_count(const dfl_plan *plan);

/** Fill `*out` with step `index`. DFL_E_ARG, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_plan_step(const dfl_plan *plan, size_t index, dfl_step *out);

/** Edit `edit` of step `step`, against the original source. DFL_E_ARG. Since 0.1. */
DFL_API dfl_status dfl_plan_edit(const dfl_plan *plan, size_t step, size_t edit, dfl_edit *out);

/** Assumption `index` of step `step`; empty when there is none. Since 0.1. */
DFL_API dfl_str dfl_plan_assumption(const dfl_plan *plan, size_t step, size_t index);

/** A refusal. Strings are borrowed from the plan. */
typedef struct {
    uint32_t size; /**< in: sizeof(dfl_refusal) */
    uint32_t reserved;
    const char *code; /**< permanent code, such as "split.artifact-unknown" */
    dfl_str message;  /**< why, and what would make it possible */
    dfl_range range;  /**< evidence in the original source */
} dfl_refusal;

/** Number of refusals; a plan of dfl_rewrite_optimize may be changed and hold some. Since 0.1. */
DFL_API size_t dfl_plan_refusal_count(const dfl_plan *plan);

/** Fill `*out` with refusal `index`. DFL_E_ARG, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_plan_refusal(const dfl_plan *plan, size_t index, dfl_refusal *out);

#ifdef __cplusplus
}
#endif
#endif
