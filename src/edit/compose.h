/* compose.h -- two edit lists in a row as one.
 * Relies on edits.h; knows no document.
 * Never needs the old text: what both lists keep is not part of an edit. */
#ifndef DFL_EDIT_COMPOSE_H
#define DFL_EDIT_COMPOSE_H

#include "edit/edits.h"

/* Compose `a` (old to mid) and `b` (mid to new), both sorted and disjoint, into one such list from
 * old to new. Edits that only touch each other stay apart; those that overlap become one, owned by
 * the lowest owner among them. Insertions at one offset may follow each other: load the result
 * with dfl__edits_load. List and texts are arena-owned. DFL_E_NOMEM, DFL_E_LIMIT; the outputs are
 * then untouched. Linear time. */
dfl_status dfl__edits_compose(const dfl__owned_edit *a, size_t na, const dfl__owned_edit *b,
                              size_t nb, dfl__arena *arena, dfl__owned_edit **out, size_t *nout);

#endif
