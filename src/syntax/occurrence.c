/* occurrence.c -- where a line that could end a heredoc occurs last.
 * Relies on parser.h.
 * Never hashes: hostile text cannot make a lookup slower than a binary search. */
#include <string.h>

#include "syntax/parser.h"

/* The line at `start` as a terminator is compared: without its end, and without leading tabs where
 * `<<-` ignores them. */
static dfl_str key_at(const dfl__parser *p, uint32_t start, int chomp) {
    dfl__line line;
    if (!dfl__next_line(p, start, &line)) return DFL__LIT("");
    return dfl__terminator(dfl__sub(p->src, line.start, line.content), chomp);
}

static int compare(dfl_str a, dfl_str b) {
    if (a.len != b.len) return a.len < b.len ? -1 : 1;
    return memcmp(a.ptr, b.ptr, a.len);
}

/* Whether line `a` is sorted before line `b`: by text, then by position. */
static int before(const dfl__parser *p, uint32_t a, uint32_t b, int chomp) {
    int order = compare(key_at(p, a, chomp), key_at(p, b, chomp));
    return order != 0 ? order < 0 : a < b;
}

/* Let the line at `root` sink to its place in a heap of `count` lines. */
static void sink(const dfl__parser *p, uint32_t *lines, uint32_t root, uint32_t count, int chomp) {
    uint32_t moved = lines[root];
    for (uint32_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && before(p, lines[child], lines[child + 1], chomp)) child++;
        if (!before(p, moved, lines[child], chomp)) break;
        lines[root] = lines[child];
    }
    lines[root] = moved;
}

static void sort(const dfl__parser *p, uint32_t *lines, uint32_t count, int chomp) {
    for (uint32_t root = count / 2; root-- > 0;)
        sink(p, lines, root, count, chomp);
    while (count-- > 1) {
        uint32_t last = lines[0];
        lines[0] = lines[count];
        lines[count] = last;
        sink(p, lines, 0, count, chomp);
    }
}

/* All lines from `from` on that are not empty: no heredoc has an empty name. */
void dfl__occurrences_build(dfl__parser *p, uint32_t from, int chomp) {
    dfl__line line;
    if (p->occurrences[chomp].built) return;
    p->occurrences[chomp].built = 1;
    for (uint32_t at = from; dfl__next_line(p, at, &line); at = line.end) {
        if (key_at(p, at, chomp).len == 0) continue;
        if (DFL__PUSH(&p->doc->alloc, &p->occurrences[chomp].lines, at)) continue;
        p->failed = DFL_E_NOMEM;
        return;
    }
    sort(p, p->occurrences[chomp].lines.items, p->occurrences[chomp].lines.count, chomp);
}

int dfl__occurs_from(const dfl__parser *p, dfl_str name, uint32_t from, int chomp) {
    const uint32_t *lines = p->occurrences[chomp].lines.items;
    uint32_t low = 0, high = p->occurrences[chomp].lines.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (compare(key_at(p, lines[mid], chomp), name) <= 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low > 0 && lines[low - 1] >= from && dfl__eq(key_at(p, lines[low - 1], chomp), name);
}

void dfl__occurrences_free(dfl__parser *p) {
    for (int chomp = 0; chomp < 2; chomp++)
        DFL__VEC_FREE(&p->doc->alloc, &p->occurrences[chomp].lines);
}
