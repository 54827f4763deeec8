/* explain.h -- what the codes of diagnostics, checks and rewrites mean.
 * Relies on base.h.
 * Never reuses a code: it keeps its meaning for ever. */
#ifndef DOCKERFILE_EXPLAIN_H
#define DOCKERFILE_EXPLAIN_H

#include "dockerfile/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DFL_CODE_DIAGNOSTIC 1 /**< of dfl_doc_diag */
#define DFL_CODE_CHECK 2      /**< a rule of dfl_lint_run */
#define DFL_CODE_STEP 4       /**< of dfl_plan_step */
#define DFL_CODE_REFUSAL 8    /**< of dfl_plan_refusal */

/** A code. Strings are static. */
typedef struct {
    uint32_t size;  /**< in: sizeof(dfl_code_info) */
    uint32_t kinds; /**< DFL_CODE_*, more than one where a code is both a step's and a refusal's */
    const char *name;    /**< as the other functions give it, such as "runtime.libc" */
    const char *meaning; /**< what it means, in one clause */
    const char *remedy;  /**< what to do, in one clause */
    const char *url;     /**< page about it; "" = none */
} dfl_code_info;

/**
 * Fill `*out` with the code at `index`: diagnostics, then checks, then rewrites. DFL_E_ARG behind
 * the last one, DFL_E_ABI for a bad size. Thread-safe. Since 0.1.
 */
DFL_API dfl_status dfl_code_at(size_t index, dfl_code_info *out);

/**
 * Fill `*out` with the code called `name`, letter for letter. DFL_E_ARG when there is none,
 * DFL_E_ABI for a bad size. Thread-safe. Since 0.1.
 */
DFL_API dfl_status dfl_code_explain(dfl_str name, dfl_code_info *out);

#ifdef __cplusplus
}
#endif
#endif
