/* print.h -- output: one sink for every printer.
 * Relies on rewrite.h, graph.h and images.h.
 * Never buffers more than a few bytes; never writes anywhere but to the sink. */
#ifndef DOCKERFILE_PRINT_H
#define DOCKERFILE_PRINT_H

#include "dockerfile/catalog.h"
#include "dockerfile/context.h"
#include "dockerfile/diag.h"
#include "dockerfile/graph.h"
#include "dockerfile/images.h"
#include "dockerfile/lint.h"
#include "dockerfile/rewrite.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where output goes. `write` returns 0 to go on; anything else stops with DFL_E_IO. */
typedef struct {
    int32_t (*write)(void *ctx, const char *ptr, size_t len);
    void *ctx;
} dfl_sink;

/** The document as JSON, schema_version 1: stages, instructions, diagnostics. Since 0.1. */
DFL_API dfl_status dfl_print_json(const dfl_model *model, const dfl_sink *sink);

/** The tree as an S-expression, one node a line, for tests and people. Since 0.1. */
DFL_API dfl_status dfl_print_sexp(const dfl_doc *doc, const dfl_sink *sink);

/**
 * The configuration of the image that `stage` gives, one value a line, each with where it comes
 * from; what is not known is said to be. Of a file without stages: that. As dfl_model_config, or
 * what the sink's refusal gives. Since 0.1.
 */
DFL_API dfl_status dfl_print_config_text(const dfl_model *model, uint32_t stage,
                                         const dfl_sink *sink);

/**
 * The same as JSON, schema_version 1: `config` is an OCI image configuration, which dfl_io's reader
 * takes; `unknown` names what is not known and therefore left out; `sources` says where each value
 * comes from. Since 0.1.
 */
DFL_API dfl_status dfl_print_config_json(const dfl_model *model, uint32_t stage,
                                         const dfl_sink *sink);

/**
 * The variables of the global scope and at the end of the stages that `target` needs, of all stages
 * for DFL_NO_STAGE, one a line, each with the definitions that lead to it. DFL_E_ARG, DFL_E_NOMEM,
 * DFL_E_LIMIT (names and values of more than 64 MiB), or what the sink's refusal gives. Since 0.1.
 */
DFL_API dfl_status dfl_print_args_text(const dfl_model *model, uint32_t target,
                                       const dfl_sink *sink);

/** The same as JSON, schema_version 1, with every definition. Since 0.1. */
DFL_API dfl_status dfl_print_args_json(const dfl_model *model, uint32_t target,
                                       const dfl_sink *sink);

#define DFL_GRAPH_TEXT 1
#define DFL_GRAPH_JSON 2
#define DFL_GRAPH_DOT 3
#define DFL_GRAPH_MERMAID 4
#define DFL_GRAPH_SVG 5

/**
 * The stage graph in a DFL_GRAPH_* format; `target` as in dfl_model_reachable. The same model gives
 * the same bytes everywhere. DFL_E_ARG; DFL_E_NOMEM, of the model's allocator, or DFL_E_LIMIT (more
 * than 4 million stages, images and edges as SVG), before anything is written; or what the sink's
 * refusal gives. Thread-safe. Since 0.1.
 */
DFL_API dfl_status dfl_print_graph(const dfl_model *model, uint32_t target, uint32_t format,
                                   const dfl_sink *sink);

#define DFL_IMAGES_TEXT 1
#define DFL_IMAGES_JSON 2 /**< schema_version 1 */

/**
 * The images in a DFL_IMAGES_* format; `target` as in dfl_model_reachable tells which of them are
 * needed. DFL_E_ARG, DFL_E_NOMEM, or what the sink's refusal gives. Since 0.1.
 */
DFL_API dfl_status dfl_print_images(const dfl_images *images, uint32_t target, uint32_t format,
                                    const dfl_sink *sink);

#define DFL_LISTING_TEXT 1
#define DFL_LISTING_JSON 2

/**
 * The entries of a catalog in a DFL_LISTING_* format: kinds, names, and in JSON (schema_version 1)
 * families and sources. `catalog` may be NULL for the built-in one; `kind` is a DFL_CATALOG_* or 0
 * for all. DFL_E_ARG for another kind or format. Since 0.1.
 */
DFL_API dfl_status dfl_print_catalog(const dfl_catalog *catalog, uint32_t kind, uint32_t format,
                                     const dfl_sink *sink);

/** A plan as JSON, schema_version 1. Since 0.1. */
DFL_API dfl_status dfl_print_plan_json(const dfl_plan *plan, const dfl_sink *sink);

/** A plan as text for a person: steps, assumptions, refusals; `path` names the file. Since 0.1. */
DFL_API dfl_status dfl_print_plan_text(const dfl_plan *plan, dfl_str path, const dfl_sink *sink);

/**
 * What dfl_rewrite_base does to `doc` for each word of dfl_base_target, as JSON, schema_version 1:
 * the word, the new image or null, and the plan. `opt` may be NULL; its `to` is not read.
 * DFL_E_ARG, DFL_E_ABI, what dfl_rewrite_base or the sink's refusal gives. Since 0.1.
 */
DFL_API dfl_status dfl_print_base_report_json(const dfl_doc *doc, const dfl_rewrite_options *opt,
                                              const dfl_sink *sink);

/** The same as text for a person; `path` names the file. Since 0.1. */
DFL_API dfl_status dfl_print_base_report_text(const dfl_doc *doc, const dfl_rewrite_options *opt,
                                              dfl_str path, const dfl_sink *sink);

/**
 * What the checks found in `model`, and the diagnostics of its document and its own, as JSON,
 * schema_version 1; `path` names the file. DFL_E_ARG, or what the sink's refusal gives. Since 0.1.
 */
DFL_API dfl_status dfl_print_lint_json(const dfl_lint *lint, const dfl_model *model, dfl_str path,
                                       const dfl_sink *sink);

/**
 * A unified diff from `before` to `after` that `git apply` takes; nothing when they are equal.
 * `path` is written after `a/` and `b/`. Since 0.1.
 */
DFL_API dfl_status dfl_print_diff(const dfl_doc *before, const dfl_doc *after, dfl_str path,
                                  const dfl_sink *sink);

#define DFL_CONTEXT_TEXT 1
#define DFL_CONTEXT_JSON 2 /**< schema_version 1 */

/**
 * What a build reads of its context, in a DFL_CONTEXT_* format; `context` was made of `model`.
 * DFL_E_ARG, DFL_E_NOMEM, or what the sink's refusal gives. Since 0.1.
 */
DFL_API dfl_status dfl_print_context(const dfl_context *context, const dfl_model *model,
                                     uint32_t format, const dfl_sink *sink);

#ifdef __cplusplus
}
#endif
#endif
