/* lint.h -- build checks: BuildKit's rules about a file that builds, with places and fixes.
 * Relies on model.h, edit.h for fixes, ignore.h for what is known beside the file.
 * Never reports what BuildKit would not: names and verdicts are those of its linter. */
#ifndef DOCKERFILE_LINT_H
#define DOCKERFILE_LINT_H

#include "dockerfile/diag.h"
#include "dockerfile/edit.h"
#include "dockerfile/ignore.h"
#include "dockerfile/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the checks found in one model. Immutable; may be read from several threads. */
typedef struct dfl_lint dfl_lint;

/** Options of dfl_lint_run. */
typedef struct {
    uint32_t size;            /**< sizeof(dfl_lint_options) */
    uint32_t flags;           /**< must be 0 */
    const dfl_alloc *alloc;   /**< NULL = the C library's */
    const dfl_ignore *ignore; /**< the context's ignore file; NULL = there is none */
    dfl_str options; /**< replaces `# check=` of the file unless `ptr` is NULL; the grammar is
                          the directive's: `skip=Rule,Rule;experimental=all;error=true` */
} dfl_lint_options;
#define DFL_LINT_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(dfl_lint_options), 0, NULL, NULL, {                                                 \
            NULL, 0                                                                                \
        }                                                                                          \
    }

/**
 * Check `model`, in the build it was made for: what its options do not give counts as not given,
 * and the platform as linux/amd64; without a target all stages are checked. What a base image sets
 * is what the model knows of it: give it bases or a catalog. Goes on where BuildKit stops at an
 * error, so a file in error may have more findings than BuildKit tells. Names that were meant are
 * looked for until 100,000 were compared. `opt` may be NULL. The result holds a reference on the
 * model's document, is freed by dfl_lint_free and does not need the model any more. Fails with
 * DFL_E_NOMEM, DFL_E_ABI, DFL_E_FORMAT (`options` is malformed), DFL_E_ARG (no model; it has no
 * stage of its target's name); `*out` is then untouched. Thread-safe. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_lint_run(const dfl_model *model, const dfl_lint_options *opt,
                                              dfl_lint **out);

/** Free it; NULL is accepted. Since 0.1. */
DFL_API void dfl_lint_free(dfl_lint *lint);

/** Something a check found. Strings are borrowed from the dfl_lint or static. */
typedef struct {
    uint32_t size;     /**< in: sizeof(dfl_finding) */
    uint32_t severity; /**< DFL_SEVERITY_WARNING; _NOTE for what BuildKit might not say */
    const char *rule;  /**< BuildKit's name, such as "StageNameCasing"; or "UnusedSuppression" and
                            "UnknownRule", which are ours and always notes */
    const char *url;   /**< where BuildKit's documentation explains it; empty when nowhere */
    dfl_range range;   /**< the bytes it is about; empty and 0 for the caller's `options` */
    dfl_range lines;   /**< what BuildKit points at: the instruction, or the last line of one */
    dfl_range related; /**< another place that takes part, such as the first stage of a name; empty
                            when there is none */
    uint32_t node;     /**< instruction it is about; 0 = none */
    uint32_t edits;    /**< number of edits of its fix; 0 = no fix is certain */
    dfl_str message;   /**< one sentence */
} dfl_finding;

/** Findings kept, notes included, in the order of their positions. Since 0.1. */
DFL_API size_t dfl_lint_count(const dfl_lint *lint);

/** Findings left out beyond the document's limit of diagnostics. Since 0.1. */
DFL_API size_t dfl_lint_dropped(const dfl_lint *lint);

/**
 * Whether BuildKit fails the build for what was found: `error=true` is in force and there is a
 * finding that is no note. 1 or 0. Since 0.1.
 */
DFL_API int32_t dfl_lint_failed(const dfl_lint *lint);

/** Fill `*out` with finding `index`. DFL_E_ARG when there is none, DFL_E_ABI. Since 0.1. */
DFL_API dfl_status dfl_lint_finding(const dfl_lint *lint, size_t index, dfl_finding *out);

/**
 * Fill `*out` with edit `edit` of the fix of finding `index`; all of them together remove the
 * finding and leave the image as it is. Text is borrowed from the dfl_lint. DFL_E_ARG. Since 0.1.
 */
DFL_API dfl_status dfl_lint_edit(const dfl_lint *lint, size_t index, size_t edit, dfl_edit *out);

#ifdef __cplusplus
}
#endif
#endif
