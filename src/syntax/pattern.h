/* pattern.h -- the wildcards of `${name#p}`, `${name%p}` and `${name/p/r}`.
 * Relies on base. Language specification, section 3.5.
 * Never recurses, never backtracks over more than one line of the subject. */
#ifndef DFL_SYNTAX_PATTERN_H
#define DFL_SYNTAX_PATTERN_H

#include "base/memory.h"
#include "base/text.h"

/* Steps one word may spend on matching; ordinary words need a few hundred. */
#define DFL__PATTERN_STEPS ((size_t)1 << 24)

/* A compiled pattern: runes, and the two wildcards as values no rune has. */
typedef struct {
    dfl_alloc alloc;
    DFL__VEC(uint32_t) code;
    size_t steps; /* spent so far; matching gives up past DFL__PATTERN_STEPS */
} dfl__pattern;

void dfl__pattern_init(dfl__pattern *pattern, const dfl_alloc *alloc);
void dfl__pattern_free(dfl__pattern *pattern);

/* Compile `text`, from its end to its start when `reversed`. DFL_E_NOMEM, or DFL_E_ARG for an
 * invalid escape. */
dfl_status dfl__pattern_compile(dfl__pattern *pattern, dfl_str text, int reversed);

/* Match at `start`; `*end` is the end of the longest match when `greedy`, of the shortest when not.
 * Returns 0 and leaves `*end` when nothing matches. */
int dfl__pattern_match(dfl__pattern *pattern, dfl_str subject, size_t start, int greedy,
                       size_t *end);

/* The leftmost match at or after `*start`, the longest there; sets both ends. Returns 0 and leaves
 * them when nothing matches. */
int dfl__pattern_find(dfl__pattern *pattern, dfl_str subject, size_t *start, size_t *end);

/* With a pattern compiled in reverse: how many bytes the match takes off the end of `subject`, its
 * invalid bytes counted as U+FFFD. 0 when nothing matches. DFL_E_NOMEM. */
dfl_status dfl__pattern_suffix(dfl__pattern *pattern, dfl_str subject, int greedy, size_t *drop);

/* Append `subject` with its first match replaced, of `all` every one, the way Go's regexp does: no
 * empty match right after another. For all, the replacement is a template of Go's: `$0` and `${0}`
 * are the match, the name of any other group is nothing, `$$` is a dollar. */
void dfl__pattern_replace(dfl__pattern *pattern, dfl_str subject, dfl_str replacement, int all,
                          dfl__buf *out);

/* Whether the steps ran out: the last answer then means nothing. */
int dfl__pattern_spent(const dfl__pattern *pattern);

#endif
