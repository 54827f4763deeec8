/* ignore_regexp.h -- the part of Go's regular expressions that a .dockerignore can reach.
 * Relies on base. Language specification, section 7.3.
 * Never backtracks and never recurses: a match takes at most program times text steps. */
#ifndef DFL_MODEL_IGNORE_REGEXP_H
#define DFL_MODEL_IGNORE_REGEXP_H

#include "base/memory.h"
#include "base/text.h"

typedef enum {
    DFL__REGEXP_OK,
    DFL__REGEXP_NOMEM,
    DFL__REGEXP_BAD,   /* no regular expression */
    DFL__REGEXP_CLASS, /* a Unicode class, `\p` */
    DFL__REGEXP_LARGE  /* past the pool's limit */
} dfl__regexp_error;

typedef struct {
    uint32_t op;
    int32_t arg; /* a rune, a class, or where to go, counted from here */
} dfl__regexp_step;

typedef struct {
    uint32_t low, high;
} dfl__regexp_range;

typedef struct {
    uint32_t first, count; /* in ranges: ascending, apart from each other */
} dfl__regexp_class;

/* Programs, one after the other. */
typedef struct {
    dfl_alloc alloc;
    uint32_t limit; /* steps of all programs together */
    DFL__VEC(dfl__regexp_step) steps;
    DFL__VEC(dfl__regexp_class) classes;
    DFL__VEC(dfl__regexp_range) ranges;
} dfl__regexps;

typedef struct {
    uint32_t first, end; /* in steps */
} dfl__regexp;

void dfl__regexps_init(dfl__regexps *pool, const dfl_alloc *alloc, uint32_t limit);
void dfl__regexps_free(dfl__regexps *pool);

/* Compile `text`. Groups are those of the translation only: `(.*` `/)?`. On failure the pool is as
 * it was and `*out` untouched. */
dfl__regexp_error dfl__regexp_compile(dfl__regexps *pool, dfl_str text, dfl__regexp *out);

/* Words of scratch memory that a match needs. */
size_t dfl__regexp_scratch(dfl__regexp regexp);

/* Whether the expression matches anywhere in `text`; invalid bytes are read as U+FFFD. */
int dfl__regexp_match(const dfl__regexps *pool, dfl__regexp regexp, dfl_str text,
                      uint32_t *scratch);

#endif
