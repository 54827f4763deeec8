/* number.h -- numbers, booleans and durations as Go's standard library reads them.
 * Relies on base. Follows strconv.ParseBool, strconv.ParseInt and time.ParseDuration.
 * Never accepts what they reject. */
#ifndef DFL_SYNTAX_NUMBER_H
#define DFL_SYNTAX_NUMBER_H

#include "base/text.h"

/* 1 t T TRUE true True / 0 f F FALSE false False; 0 when `s` is neither. */
int dfl__go_bool(dfl_str s, int *value);
/* Decimal with optional sign that fits `bits`; 0 when it does not. */
int dfl__go_int(dfl_str s, unsigned bits, int64_t *value);
/* Nanoseconds; 0 when `s` is no duration. */
int dfl__go_duration(dfl_str s, int64_t *value);

#endif
