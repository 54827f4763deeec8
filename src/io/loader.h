/* loader.h -- catalog facts out of a YAML tree, as the schema describes them.
 * Relies on schema.h and yaml.h.
 * Never lets a key pass that it does not know. */
#ifndef DFL_IO_LOADER_H
#define DFL_IO_LOADER_H

#include "catalog/schema.h"
#include "io/yaml.h"

/* Load the facts in the YAML text `bytes`. All that `*out` points to lies in `arena`. Entries with
 * equal keys are refused, and so are names of releases and families that neither the text nor
 * `known` has; without `known` (NULL) they are not looked up. DFL_E_FORMAT with line and column,
 * DFL_E_LIMIT, DFL_E_NOMEM; `error` (may be NULL) is then filled and `*out` untouched. */
dfl_status dfl__facts_load(dfl_str bytes, const char *path, const dfl__facts *known,
                           dfl__arena *arena, dfl__facts *out, dfl_io_error *error);

#endif
