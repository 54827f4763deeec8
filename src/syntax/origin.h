/* origin.h -- from where in a source each byte of a text came.
 * Relies on tree.h. Language specification, sections 1.7 and 1.8.
 * Never gives a place that is not the byte's: where none is exact, the whole part is the place. */
#ifndef DFL_SYNTAX_ORIGIN_H
#define DFL_SYNTAX_ORIGIN_H

#include "syntax/tree.h"

/* A run of the text, and the source it came from. */
typedef struct {
    uint32_t at, len;    /* in the text */
    uint32_t start, end; /* in the source */
    int exact;           /* byte for byte; else it came as a whole */
} dfl__stretch;

typedef struct {
    dfl_alloc alloc;
    DFL__VEC(dfl__stretch) items; /* tile the text */
} dfl__origins;

/* Append `len` bytes that came from `from`. 0 without memory. */
int dfl__origins_add(dfl__origins *origins, uint32_t len, dfl_range from, int exact);
void dfl__origins_free(dfl__origins *origins);
/* Source of [start, end) of the text; an empty one gives the place between. */
dfl_range dfl__origins_range(const dfl__origins *origins, uint32_t start, uint32_t end);
/* Where the value of a node came from; `out` is empty. DFL_E_NOMEM. */
dfl_status dfl__origins_of_node(const dfl_doc *doc, uint32_t node, dfl__origins *out);
/* Append the body of a heredoc without the leading tabs that `<<-` takes off its lines; `origins`
 * may be NULL. DFL_E_NOMEM, or what the buffer has failed with. */
dfl_status dfl__chomped_body(const dfl_doc *doc, uint32_t body, dfl__buf *text,
                             dfl__origins *origins);
/* Source of a part of the value of `node`. DFL_E_NOMEM. */
dfl_status dfl__part_range(const dfl_doc *doc, uint32_t node, dfl_range part,
                           const dfl_alloc *alloc, dfl_range *out);

#endif
