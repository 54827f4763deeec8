/* edit.h -- conflict-free edits against one document, applied with proof.
 * Relies on tree.h and images.h.
 * Never touches a byte that no edit names. */
#ifndef DOCKERFILE_EDIT_H
#define DOCKERFILE_EDIT_H

#include "dockerfile/images.h"
#include "dockerfile/tree.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A set of edits against one document, on which it holds a reference. Not thread-safe. */
typedef struct dfl_edits dfl_edits;

/** One edit: replace `range` by `text`. Frozen layout. */
typedef struct {
    dfl_range range;
    dfl_str text;
} dfl_edit;

/** Make an empty set. DFL_E_NOMEM, DFL_E_ARG. Freed by dfl_edits_free. Since 0.1. */
DFL_API DFL_NODISCARD dfl_status dfl_edits_new(const dfl_doc *doc, dfl_edits **out);

/** Free the set; NULL is accepted. Since 0.1. */
DFL_API void dfl_edits_free(dfl_edits *edits);

/**
 * Add: replace bytes `range` by `text` (copied). An identical edit is accepted once; adjacent ones
 * are accepted. DFL_E_CONFLICT when it overlaps an earlier edit, inserts inside a replaced range,
 * at the offset of another insertion, or inside a CRLF pair or a UTF-8 sequence; the set is then
 * unchanged and dfl_edits_conflict tells the earlier edit. DFL_E_ARG (range), DFL_E_NOMEM.
 * Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_edits_replace(dfl_edits *edits, dfl_range range, dfl_str text);

/**
 * Insert at `offset`, after the insertions already made at that very offset: the explicit order
 * that dfl_edits_replace lacks. Otherwise as dfl_edits_replace. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_edits_insert(dfl_edits *edits, uint32_t offset, dfl_str text);

/**
 * Set the value of a WORD, VALUE, FLAG's VALUE, JSON_STRING or HEREDOC_BODY node; quoting and
 * escaping for its place are done here. `value` is literal: `$` is escaped where the place would
 * expand it. DFL_E_STALE for another document's node, DFL_E_UNSUPPORTED where the kind of place
 * cannot hold the value (such as a line end in a word), else as dfl_edits_replace. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_edits_set_value(dfl_edits *edits, dfl_node node,
                                                     dfl_str value);

/** Delete an instruction with its line end and, if `comments` is not 0, the comments right above.
 */
DFL_API DFL_NODISCARD dfl_status dfl_edits_delete(dfl_edits *edits, dfl_node node,
                                                  int32_t comments);

/** A new reference for an image. Frozen layout. */
typedef struct {
    dfl_str reference; /**< as BuildKit shall read it after expansion, such as "node:22-slim" */
    uint32_t image;    /**< its index among the images */
    uint32_t reserved;
} dfl_image_change;

#define DFL_SET_IMAGES_F_OTHERS 0x0001 /**< images that are not listed may change as well */

/**
 * Add the edits after which the images of `changes` have their new references: in the instruction,
 * or in the ARG default or `${NAME:-text}` that holds the part that changes. Variables, quotes,
 * flags and AS stay. Proved before anything is added: the edits are applied by themselves, and in
 * the same build each image listed reads as asked, and each other one as before, unless it had the
 * same reference as one listed and now has its new one. DFL_E_REFUSED, and dfl_edits_reason says
 * why: a reference is none, or names a stage; no text of the file decides (a build argument does,
 * or the builder, or an ONBUILD); it is not clear which of several texts holds what changes; or
 * another image would change. DFL_E_CONFLICT with earlier edits, DFL_E_STALE for images of another
 * document, DFL_E_ARG, DFL_E_NOMEM, DFL_E_LIMIT; the set is then unchanged. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_edits_set_images(dfl_edits *edits, const dfl_images *images,
                                                      const dfl_image_change *changes, size_t count,
                                                      uint32_t flags);

/** Number of edits. Since 0.1. */
DFL_API size_t dfl_edits_count(const dfl_edits *edits);

/** Edit `index` in source order; text borrowed from the set. DFL_E_ARG. Since 0.1. */
DFL_API dfl_status dfl_edits_get(const dfl_edits *edits, size_t index, dfl_edit *out);

/** The edit with which the last refused edit conflicted. Empty range when none. Since 0.1. */
DFL_API dfl_edit dfl_edits_conflict(const dfl_edits *edits);

/**
 * Apply: splice, parse with the document's options, and prove that the source equals the splice,
 * that there is no new error diagnostic, that instructions no edit touches are equal in kind and
 * value, and that each value set reads back. `*out` is a new document (one reference).
 * DFL_E_REFUSED when the proof fails (dfl_edits_reason says why), DFL_E_NOMEM, DFL_E_LIMIT;
 * `*out` is then untouched. Since 0.1.
 */
DFL_API DFL_NODISCARD dfl_status dfl_edits_apply(dfl_edits *edits, dfl_doc **out);

/**
 * Why the last apply, or setting of images, was refused; empty when it was not. Borrowed from the
 * set. Since 0.1.
 */
DFL_API dfl_str dfl_edits_reason(const dfl_edits *edits);

/**
 * Where byte `offset` of the old source stands in the new one. Inside a replaced range it goes to
 * the replacement's start, or its end if `after` is not 0. Since 0.1.
 */
DFL_API uint32_t dfl_edits_map(const dfl_edits *edits, uint32_t offset, int32_t after);

#ifdef __cplusplus
}
#endif
#endif
