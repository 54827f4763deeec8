/* codes.c -- see codes.h.
 * Relies on codes.def for the list, explain.def for what each means.
 * Never allocates: a suggestion looks at words of at most 64 code points. */
#include "diag/codes.h"

#include <string.h>

#define ERROR DFL_SEVERITY_ERROR
#define WARNING DFL_SEVERITY_WARNING
#define CODE(number, id, name, severity, pass, message) {number, severity, pass, name, message},
static const dfl__code codes[] = {
#include "diag/codes.def"
};
#undef CODE

#define EXPLAIN(id, meaning, remedy) [DFL_D_##id] = {meaning, remedy},
static const dfl__explanation explanations[] = {
#include "diag/explain.def"
};
#undef EXPLAIN

const dfl__code *dfl__code_at(size_t index) {
    return index < sizeof codes / sizeof *codes ? &codes[index] : NULL;
}

dfl__explanation dfl__code_explanation(const dfl__code *code) {
    static const dfl__explanation none = {"", ""};
    size_t count = sizeof explanations / sizeof *explanations;
    if (code->number >= count || explanations[code->number].meaning == NULL) return none;
    return explanations[code->number];
}

const dfl__code *dfl__code_of(uint32_t number) {
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].number == number) return &codes[i];
    }
    return NULL;
}

const char *dfl_diag_name(uint32_t code) {
    const dfl__code *found = dfl__code_of(code);
    return found != NULL ? found->name : "";
}

#define SUGGEST_MAX 64u

/* Code points of `s`, lower-cased if asked; SUGGEST_MAX + 1 when there are too many. */
static uint32_t runes_of(dfl_str s, int lower, uint32_t out[SUGGEST_MAX]) {
    uint32_t count = 0;
    unsigned width;
    for (size_t at = 0; at < s.len; at += width) {
        uint32_t rune = dfl__rune(s, at, &width);
        if (count == SUGGEST_MAX) return SUGGEST_MAX + 1;
        out[count++] = lower ? dfl__rune_lower(rune) : rune;
    }
    return count;
}

static uint32_t min3(uint32_t a, uint32_t b, uint32_t c) {
    uint32_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein distance with unit costs. */
static uint32_t distance(const uint32_t *a, uint32_t na, const uint32_t *b, uint32_t nb) {
    uint32_t row[SUGGEST_MAX + 1];
    for (uint32_t j = 0; j <= nb; j++)
        row[j] = j;
    for (uint32_t i = 1; i <= na; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= nb; j++) {
            uint32_t above = row[j];
            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[nb];
}

const char *dfl__suggest(dfl_str word, const char *const *candidates, size_t count,
                         int ignore_case) {
    uint32_t a[SUGGEST_MAX], b[SUGGEST_MAX];
    uint32_t na = runes_of(word, ignore_case, a);
    if (na > SUGGEST_MAX) return NULL;
    const char *best = NULL;
    uint32_t least = 3;
    int best_first = 0; /* whether it begins as the word does: that decides between equals */
    for (size_t i = 0; i < count; i++) {
        uint32_t nb = runes_of(dfl__str(candidates[i]), ignore_case, b);
        if (nb > SUGGEST_MAX) continue;
        uint32_t d = distance(a, na, b, nb);
        int first = na > 0 && nb > 0 && a[0] == b[0];
        if (d == 0) return NULL;
        if (d < least || (best != NULL && d == least && first && !best_first)) {
            least = d;
            best = candidates[i];
            best_first = first;
        }
    }
    return best;
}

uint32_t dfl__distance(dfl_str a, dfl_str b) {
    uint32_t runes_a[SUGGEST_MAX], runes_b[SUGGEST_MAX];
    uint32_t na = runes_of(a, 0, runes_a), nb = runes_of(b, 0, runes_b);
    if (na > SUGGEST_MAX || nb > SUGGEST_MAX) return UINT32_MAX;
    return distance(runes_a, na, runes_b, nb);
}
