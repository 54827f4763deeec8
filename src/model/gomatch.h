/* gomatch.h -- Go's filepath.Match, by which COPY and ADD read wildcards.
 * Relies on base. Follows path/filepath of Go on Linux, and what fsutil makes of it.
 * Never looks at a file system. */
#ifndef DFL_MODEL_GOMATCH_H
#define DFL_MODEL_GOMATCH_H

#include "base/text.h"

/* Whether `pattern` matches the whole of `name`. A malformed pattern matches nothing. At most
 * pattern times name steps a star. */
int dfl__go_match(dfl_str pattern, dfl_str name);

/* Whether the pattern is well-formed. */
int dfl__go_valid(dfl_str pattern);

/* End of the piece of `pattern` that begins at `at`: the next star outside of a class, as naively
 * as Go. */
size_t dfl__go_piece_end(dfl_str pattern, size_t at);

/* Whether the text has a `*`, `?` or `[` with no backslash before it. */
int dfl__has_wildcards(dfl_str text);

/* Length of the leading elements of `path` that have no wildcard, without the slash behind them;
 * path.len when none has one. */
size_t dfl__literal_prefix(dfl_str path);

#endif
