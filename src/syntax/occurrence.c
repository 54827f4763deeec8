/* occurrence.c -- where a line that could end a heredoc occurs last.
 * Relies on parser.h.
 * Never hashes: hostile text cannot make a lookup slower than a binary search. */
#include <string.h>

#include "syntax/parser.h"

static dfl_str text_of(const dfl__parser *p, dfl_range line) {
    return dfl__sub(p->src, line.start, line.end);
}

static int compare(dfl_str a, dfl_str b) {
    if (a.len != b.len) return a.len < b.len ? -1 : 1;
    return memcmp(a.ptr, b.ptr, a.len);
}

/* Whether line `a` is sorted before line `b`: by text, then by position. */
static int before(const dfl__parser *p, dfl_range a, dfl_range b) {
    int order = compare(text_of(p, a), text_of(p, b));
    return order != 0 ? order < 0 : a.start < b.start;
}

/* Let the line at `root` sink to its place in a heap of `count` lines. */
static void sink(const dfl__parser *p, dfl_range *lines, uint32_t root, uint32_t count) {
    dfl_range moved = lines[root];
    for (uint32_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && before(p, lines[child], lines[child + 1])) child++;
        if (!before(p, moved, lines[child])) break;
        lines[root] = lines[child];
    }
    lines[root] = moved;
}

static void sort(const dfl__parser *p, dfl_range *lines, uint32_t count) {
    for (uint32_t root = count / 2; root-- > 0;)
        sink(p, lines, root, count);
    while (count-- > 1) {
        dfl_range last = lines[0];
        lines[0] = lines[count];
        lines[count] = last;
        sink(p, lines, 0, count);
    }
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
    sort(p, p->occurrences[chomp].lines.items, p->occurrences[chomp].lines.count);
}

int dfl__occurs_from(const dfl__parser *p, dfl_str name, uint32_t from, int chomp) {
    const dfl_range *lines = p->occurrences[chomp].lines.items;
    uint32_t low = 0, high = p->occurrences[chomp].lines.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (compare(text_of(p, lines[mid]), name) <= 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    if (low == 0 || lines[low - 1].start < from) return 0;
    return dfl__eq(text_of(p, lines[low - 1]), name);
}
