/* occurrence.c -- where a line that could end a heredoc occurs last.
 * Relies on parser.h.
 * Never hashes: hostile text cannot make a lookup slower than a binary search. */
#include <string.h>

#include "base/sort.h"
#include "syntax/parser.h"

static dfl_str text_of(const dfl__parser *p, dfl_range line) {
    return dfl__sub(p->src, line.start, line.end);
}

/* Whether line `a` is sorted before line `b`: by text, then by position. */
static int before(const void *parser, const void *a, const void *b) {
    const dfl_range *x = a, *y = b;
    int order = dfl__compare(text_of(parser, *x), text_of(parser, *y));
    return order != 0 ? order < 0 : x->start < y->start;
}

/* All lines from `from` on, as terminators are compared; no heredoc has an empty name. */
void dfl__occurrences_build(dfl__parser *p, uint32_t from, int chomp) {
    dfl__line line;
    if (p->occurrences[chomp].built) return;
    p->occurrences[chomp].built = 1;
    for (uint32_t at = from; dfl__next_line(p, at, &line); at = line.end) {
        dfl_str name = dfl__terminator(dfl__sub(p->src, line.start, line.content), chomp);
        dfl_range range = {line.content - (uint32_t)name.len, line.content};
        if (name.len == 0) continue;
        if (DFL__PUSH(&p->doc->alloc, &p->occurrences[chomp].lines, range)) continue;
        p->failed = DFL_E_NOMEM;
        return;
    }
    dfl__sort(p->occurrences[chomp].lines.items, p->occurrences[chomp].lines.count,
              sizeof(dfl_range), before, p);
}

int dfl__occurs_from(const dfl__parser *p, dfl_str name, uint32_t from, int chomp) {
    const dfl_range *lines = p->occurrences[chomp].lines.items;
    uint32_t low = 0, high = p->occurrences[chomp].lines.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (dfl__compare(text_of(p, lines[mid]), name) <= 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    if (low == 0 || lines[low - 1].start < from) return 0;
    return dfl__eq(text_of(p, lines[low - 1]), name);
}
