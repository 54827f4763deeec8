/* csv.h -- the comma-separated fields of --mount and --device.
 * Relies on base. Follows github.com/tonistiigi/go-csvvalue (specification 2.11.1).
 * Never trims blanks. */
#ifndef DFL_SYNTAX_CSV_H
#define DFL_SYNTAX_CSV_H

#include "base/text.h"

/* Next field of `s` at `*at` into `field` (emptied first). 1 when there is one, 0 at the end, -1
 * when the text is malformed. Start with *at = 0; an empty text is malformed. */
int dfl__csv_next(dfl_str s, size_t *at, dfl__buf *field);

/* Split "key=value" at the first "="; the key is lower-cased in place. 1 when there is an "=". */
int dfl__csv_pair(dfl__buf *field, dfl_str *key, dfl_str *value);

#endif
