/* quote.h -- writing a value so that its place reads it back unchanged.
 * Relies on place.h.
 * Never writes what the place would read differently: that is DFL_E_UNSUPPORTED. */
#ifndef DFL_EDIT_QUOTE_H
#define DFL_EDIT_QUOTE_H

#include "edit/place.h"

/* Append the text that makes `node` mean `value`, in the quote style of what stands there now.
 * DFL_E_UNSUPPORTED when the place cannot hold the value, DFL_E_NOMEM. */
dfl_status dfl__quote(const dfl_doc *doc, uint32_t node, const dfl__place *place, dfl_str value,
                      dfl__buf *out);

#endif
