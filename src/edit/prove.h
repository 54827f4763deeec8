/* prove.h -- the proof that edits did what they say and nothing else.
 * Relies on edits.h and place.h.
 * Never repairs: a result that fails is refused with a reason. */
#ifndef DFL_EDIT_PROVE_H
#define DFL_EDIT_PROVE_H

#include "edit/edits.h"

/* Whether `result`, parsed from `bytes`, is what the set makes of its document: DFL_OK,
 * DFL_E_REFUSED with the set's reason filled in, or DFL_E_NOMEM. Linear in both documents, but for
 * diagnostics at one place, which are compared pair by pair. */
dfl_status dfl__prove(dfl_edits *edits, const dfl_doc *result, dfl_str bytes);

#endif
