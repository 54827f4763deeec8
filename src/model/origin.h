/* origin.h -- where each byte of a node's value stands in the source.
 * Relies on syntax/tree.h. Language specification, sections 1.7 and 1.8.
 * Never guesses: what cannot be placed byte for byte has the node's whole range. */
#ifndef DFL_MODEL_ORIGIN_H
#define DFL_MODEL_ORIGIN_H

#include "syntax/tree.h"

typedef struct {
    dfl_range range;   /* of the node */
    uint32_t len;      /* of the value */
    dfl_range *places; /* [len]; NULL when the value is the text itself */
    int exact;         /* every byte of the value stands in the source as it is */
} dfl__origin;

/* For the value of `node`; of a heredoc's body after its leading tabs were removed if `chomp`.
 * DFL_E_NOMEM. */
dfl_status dfl__origin_of(const dfl_doc *doc, uint32_t node, int chomp, dfl__arena *arena,
                          dfl__origin *out);
/* Source bytes of [from, to) of the value. */
dfl_range dfl__origin_range(const dfl__origin *origin, size_t from, size_t to);

#endif
