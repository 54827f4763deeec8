/* sort.c -- see sort.h. A heap sort. */
#include "base/sort.h"

#include <assert.h>
#include <string.h>

typedef struct {
    char *items;
    size_t size;
    dfl__before *before;
    const void *ctx;
} sorter;

static char *at(const sorter *s, uint32_t index) {
    return s->items + index * s->size;
}

/* Let the element at `root` sink to its place in a heap of `count`. */
static void sink(const sorter *s, uint32_t root, uint32_t count) {
    _Alignas(max_align_t) char moved[DFL__SORT_SIZE];
    memcpy(moved, at(s, root), s->size);
    for (uint32_t child; root < count / 2; root = child) {
        child = 2 * root + 1;
        if (child + 1 < count && s->before(s->ctx, at(s, child), at(s, child + 1))) child++;
        if (!s->before(s->ctx, moved, at(s, child))) break;
        memcpy(at(s, root), at(s, child), s->size);
    }
    memcpy(at(s, root), moved, s->size);
}

void dfl__sort(void *items, uint32_t count, size_t size, dfl__before *before, const void *ctx) {
    const sorter s = {items, size, before, ctx};
    assert(size <= DFL__SORT_SIZE);
    for (uint32_t root = count / 2; root-- > 0;)
        sink(&s, root, count);
    while (count > 1) {
        char last[DFL__SORT_SIZE];
        count--;
        memcpy(last, items, size);
        memcpy(items, at(&s, count), size);
        memcpy(at(&s, count), last, size);
        sink(&s, 0, count);
    }
}
