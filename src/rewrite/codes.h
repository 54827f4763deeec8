/* codes.h -- the codes of steps and refusals.
 * Relies on base; the list is codes.def.
 * Never knows a plan. */
#ifndef DFL_REWRITE_CODES_H
#define DFL_REWRITE_CODES_H

#include "base/text.h"

#define DFL__CODE_STEP 1u
#define DFL__CODE_REFUSAL 2u

typedef struct {
    const char *name;
    uint32_t kinds; /* DFL__CODE_* */
    const char *meaning;
    const char *remedy;
} dfl__rewrite_code;

/* The code at `index`, in the order of the list; NULL behind the last. */
const dfl__rewrite_code *dfl__rewrite_code_at(size_t index);
/* Whether rewrites may use `name` for one of `kinds`. */
int dfl__rewrite_code_is(const char *name, uint32_t kinds);

#endif
