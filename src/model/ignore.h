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

/* Patterns as moby/patternmatcher takes them from a list: `--exclude`, `--parents`, and the paths a
 * build asks the context for. Freed by dfl_ignore_free. DFL_E_NOMEM, DFL_E_LIMIT. */
dfl_status dfl__ignore_list(const dfl_str *patterns, uint32_t count, const dfl_alloc *alloc,
                            dfl_ignore **out);

/* A walk from the root down, in which each directory is judged once. One row of marks a level. */
typedef struct {
    const dfl_ignore *ignore; /* NULL: there are no patterns */
    uint32_t *scratch;
    DFL__VEC(unsigned char) held;
} dfl__ignore_walk;

dfl_status dfl__ignore_walk_init(dfl__ignore_walk *walk, const dfl_ignore *ignore);
void dfl__ignore_walk_free(dfl__ignore_walk *walk);
/* Judge `path`, `level` elements deep, counted from 0; its parent was judged last on the level
 * above. Fails as dfl_ignore_match does; DFL_E_LIMIT when the marks become too many. */
dfl_status dfl__ignore_walk_enter(dfl__ignore_walk *walk, uint32_t level, dfl_str path,
                                  int *matched);

#endif
