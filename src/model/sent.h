/* sent.h -- which paths of a context reach the builder.
 * Relies on files.h and ignore.h. Follows followlinks.go and filter.go of tonistiigi/fsutil, by
 * which a BuildKit client sends its context.
 * Never judges a source: transfer.c does. */
#ifndef DFL_MODEL_SENT_H
#define DFL_MODEL_SENT_H

#include "model/files.h"
#include "model/ignore.h"

/* Mark what `ignore` (NULL = nothing) leaves out and what is sent. `wanted` are the paths that the
 * build asks for, below the root; NULL = all of it. `*sent` is DFL_SENT_*. DFL_E_NOMEM,
 * DFL_E_LIMIT.
 */
dfl_status dfl__send(dfl__files *files, const dfl_ignore *ignore, const dfl_str *wanted,
                     uint32_t count, uint32_t *sent);

#endif
