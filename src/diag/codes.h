/* codes.h -- the registry of diagnostic codes.
 * Relies on base; the list is codes.def.
 * Never knows a document: diagnostics are stored by syntax/tree.h. */
#ifndef DFL_DIAG_CODES_H
#define DFL_DIAG_CODES_H

#include "base/text.h"
#include "dockerfile/diag.h"

#define CODE(number, id, name, severity, pass, message) DFL_D_##id = number,
enum {
#include "diag/codes.def"
    DFL_D_NONE = 0
};
#undef CODE

typedef struct {
    uint16_t number;
    uint8_t severity; /* DFL_SEVERITY_* */
    uint8_t pass;     /* BuildKit pass that raises it, specification section 0 */
    const char *name;
    const char *message;
} dfl__code;

/* Bytes of a message beside the text it is about, the name of an instruction and a suggestion
 * included; at most. */
#define DFL__MESSAGE_MAX 128u

const dfl__code *dfl__code_of(uint32_t number); /* NULL when unknown */
/* The pass that raises an error of a parse: what else expansion (9) reports, the parser (2) reports
 * of the names of heredocs, which it lexes. */
static inline uint32_t dfl__code_parse_pass(const dfl__code *code) {
    return code->pass == 9 ? 2 : code->pass;
}
/* The code at `index`, in the order of the list; NULL behind the last. */
const dfl__code *dfl__code_at(size_t index);

/* What a code means, and what to do; explain.def. */
typedef struct {
    const char *meaning;
    const char *remedy;
} dfl__explanation;
dfl__explanation dfl__code_explanation(const dfl__code *code);

/* The candidate nearest to `word` by edit distance over code points, if that is less than 3 and no
 * candidate equals it; NULL otherwise. As BuildKit's util/suggest; of equally near ones, the first
 * that begins with the word's first letter, or else the first. */
const char *dfl__suggest(dfl_str word, const char *const *candidates, size_t count,
                         int ignore_case);
/* That distance, with regard to case; UINT32_MAX for words too long to be suggested. */
uint32_t dfl__distance(dfl_str a, dfl_str b);

#endif
