/* diag.h -- diagnostics about the user's file.
 * Relies on tree.h.
 * Never reuses a code: a code keeps its meaning for ever (src/diag/codes.def). */
#ifndef DOCKERFILE_DIAG_H
#define DOCKERFILE_DIAG_H

#include "dockerfile/tree.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DFL_SEVERITY_ERROR 1   /**< BuildKit rejects the file */
#define DFL_SEVERITY_WARNING 2 /**< BuildKit warns */
#define DFL_SEVERITY_NOTE 3    /**< information */

/** A diagnostic. Strings are borrowed from the document or static. */
typedef struct {
    uint32_t size;     /**< in: sizeof(dfl_diag) */
    uint32_t code;     /**< DFL_D_* number; permanent */
    uint32_t severity; /**< DFL_SEVERITY_* */
    dfl_range range;   /**< bytes of the source it is about */
    const char *name;  /**< permanent name, such as "unknown-instruction" */
    dfl_str message;   /**< one sentence */
} dfl_diag;

/** A diagnostic as stored. Bulk tier; frozen layout. */
typedef struct {
    uint32_t code;
    uint32_t severity;
    uint32_t start;
    uint32_t end;
} dfl_diag_rec;

/** Diagnostics kept, in the order of their position. Thread-safe. Since 0.1. */
DFL_API size_t dfl_doc_diag_count(const dfl_doc *doc);

/** Error diagnostics found, those beyond the limit included. Thread-safe. Since 0.1. */
DFL_API size_t dfl_doc_error_count(const dfl_doc *doc);

/**
 * Fill `*out` with diagnostic `index`. DFL_E_ARG when there is none, DFL_E_ABI for a bad size.
 * Thread-safe. Since 0.1.
 */
DFL_API dfl_status dfl_doc_diag(const dfl_doc *doc, size_t index, dfl_diag *out);

/** All diagnostics kept, borrowed from `doc`; `*count` receives their number. Since 0.1. */
DFL_API const dfl_diag_rec *dfl_doc_diags(const dfl_doc *doc, size_t *count);

/** Permanent name of a code; "" when unknown. Static. Since 0.1. */
DFL_API const char *dfl_diag_name(uint32_t code);

#ifdef __cplusplus
}
#endif
#endif
