/* sort.c -- see sort.h. A heap sort. */
#include "model/sort.h"

typedef int order(const void *ctx, uint32_t a, uint32_t b);

/* Let the element at `root` sink to its place in a heap of `count`. */
static void sink(uint32_t *items, uint32_t root, uint32_t count, order *before, const void *ctx) {
    uint32_t moved = items[root];
    for (uint32_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && before(ctx, items[child], items[child + 1])) child++;
        if (!before(ctx, moved, items[child])) break;
        items[root] = items[child];
    }
    items[root] = moved;
}

void dfl__sort(uint32_t *items, uint32_t count, order *before, const void *ctx) {
    for (uint32_t root = count / 2; root-- > 0;)
        sink(items, root, count, before, ctx);
    while (count > 1) {
        uint32_t last = items[0];
        items[0] = items[--count];
        items[count] = last;
        sink(items, 0, count, before, ctx);
    }
}
