/* ignore.h -- the stored form of a .dockerignore.
 * Relies on ignore_pattern.h and ignore_regexp.h. Public face in dockerfile/ignore.h.
 * Never changes once it is made, so that threads may share it. */
#ifndef DFL_MODEL_IGNORE_H
#define DFL_MODEL_IGNORE_H

#include "dockerfile/ignore.h"
#include "model/ignore_pattern.h"
#include "model/ignore_regexp.h"

typedef struct {
    dfl_str text; /* in the arena */
    dfl_range range;
    uint32_t line;
    uint16_t exception;
    uint16_t error; /* DFL_IGNORE_* */
    dfl__ignore_kind kind;
    dfl__regexp regexp;
} dfl__ignored;

struct dfl_ignore {
    dfl_alloc alloc;
    dfl__arena arena;
    dfl__regexps regexps;
    DFL__VEC(dfl__ignored) patterns;
    uint32_t refused; /* index, or DFL_NO_PATTERN */
    size_t scratch;   /* words the largest expression needs */
};

#endif
