/* derived.h -- what must hold for every case, whatever it expects.
 * Relies on dft.h and the library, its internal tree check included.
 * Never prints: the first thing that does not hold is told in `why`. */
#ifndef TESTS_SPEC_DERIVED_H
#define TESTS_SPEC_DERIVED_H

#include "dft.h"
#include "dockerfile/dockerfile.h"

/* A rewrite with its options. */
typedef struct {
    dfl_status (*run)(const dfl_doc *doc, const dfl_rewrite_options *opt, dfl_plan **out);
    dfl_rewrite_options options;
} rewrite;

/* Round trip, tree check, and the variants: line ends as CRLF, each prefix, the other escape
 * character, continuations put between words. 1 when all hold. */
int derived_parse(const bytes *input, bytes *why);

/* The laws of a plan: edits splice to the result, nothing else changes, the result has no new
 * error, a second run answers "unchanged", a CRLF file gives the same with CRLF. */
int derived_plan(const bytes *input, const rewrite *rw, const dfl_plan *plan, bytes *why);

#endif
