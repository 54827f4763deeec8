/* svg_order.c -- the order of the items of each column, so that few lines cross.
 * Relies on svg.h.
 * Never makes more than a fixed number of passes, each O(n log n): columns are sorted in turn by
 * the mean place of what their items are connected with, and the best order met is kept. */
#include <string.h>

#include "base/sort.h"
#include "print/svg.h"

#define PASSES 24u      /* over all columns */
#define PASSES_BIG 8u   /* the same of a big graph */
#define PASSES_IDLE 6u  /* without a better order, before it is enough */
#define BIG 4000u       /* items */
#define SWAPS_MAX 1500u /* items up to which neighbours are tried in the other order */
#define SWAP_PASSES 6u
#define SCALE 4096u /* of mean places, which are whole numbers */

typedef struct {
    dfl__svg *svg;
    uint64_t *key;   /* [item_count]: mean place of what an item is connected with */
    uint32_t *moved; /* [item_count]: items to be sorted */
    uint32_t *slots; /* [item_count]: the places they share */
    uint32_t *tree;  /* [item_count + 1]: counts of links that end at a place, for sums */
    uint32_t *best;  /* [item_count]: the best order met */
    uint64_t crossings;
} sorter;

static uint32_t other_end(const dfl__svg *svg, uint32_t link, int left) {
    return left ? svg->links[link].from : svg->links[link].to;
}

/* --- crossings */

static void tree_add(uint32_t *tree, uint32_t count, uint32_t place) {
    for (uint32_t i = place + 1; i <= count; i += i & (~i + 1))
        tree[i]++;
}

/* How many were added at places up to `place`. */
static uint32_t tree_sum(const uint32_t *tree, uint32_t place) {
    uint32_t sum = 0;
    for (uint32_t i = place + 1; i > 0; i -= i & (~i + 1))
        sum += tree[i];
    return sum;
}

/* Of links between a column and the next: those that begin higher and end lower. */
static uint64_t column_crossings(const sorter *s, uint32_t column) {
    const dfl__svg *svg = s->svg;
    uint32_t count = svg->begin[column + 2] - svg->begin[column + 1], added = 0;
    uint64_t crossings = 0;
    memset(s->tree, 0, ((size_t)count + 1) * sizeof *s->tree);
    for (uint32_t i = svg->begin[column]; i < svg->begin[column + 1]; i++) {
        uint32_t item = svg->order[i], first = svg->out.first[item], end = svg->out.first[item + 1];
        for (uint32_t k = first; k < end; k++)
            crossings +=
                added - tree_sum(s->tree, svg->items[svg->links[svg->out.items[k]].to].place);
        for (uint32_t k = first; k < end; k++)
            tree_add(s->tree, count, svg->items[svg->links[svg->out.items[k]].to].place);
        added += end - first;
    }
    return crossings;
}

static uint64_t all_crossings(const sorter *s) {
    uint64_t crossings = 0;
    for (uint32_t i = 0; i + 1 < s->svg->column_count; i++)
        crossings += column_crossings(s, i);
    return crossings;
}

/* --- sorting a column */

static int before(const void *ctx, const void *x, const void *y) {
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    const sorter *s = ctx;
    if (s->key[a] != s->key[b]) return s->key[a] < s->key[b];
    return s->svg->items[a].place < s->svg->items[b].place;
}

/* 0 when the item is connected with nothing on that side. */
static int find_key(const sorter *s, uint32_t item, int left) {
    const dfl__svg *svg = s->svg;
    const dfl__svg_lists *lists = left ? &svg->in : &svg->out;
    uint32_t first = lists->first[item], end = lists->first[item + 1];
    uint64_t sum = 0;
    if (first == end) return 0;
    for (uint32_t i = first; i < end; i++)
        sum += svg->items[other_end(svg, lists->items[i], left)].place;
    s->key[item] = sum * SCALE / (end - first);
    return 1;
}

/* Items that are connected with nothing keep their places. */
static void sort_column(const sorter *s, uint32_t column, int left) {
    dfl__svg *svg = s->svg;
    uint32_t count = 0;
    for (uint32_t i = svg->begin[column]; i < svg->begin[column + 1]; i++) {
        if (!find_key(s, svg->order[i], left)) continue;
        s->slots[count] = i;
        s->moved[count++] = svg->order[i];
    }
    dfl__sort(s->moved, count, sizeof(uint32_t), before, s);
    for (uint32_t i = 0; i < count; i++) {
        svg->order[s->slots[i]] = s->moved[i];
        svg->items[s->moved[i]].place = s->slots[i] - svg->begin[column];
    }
}

/* Whether the order is the best so far. */
static int keep_best(sorter *s) {
    uint64_t crossings = all_crossings(s);
    if (crossings >= s->crossings) return 0;
    s->crossings = crossings;
    memcpy(s->best, s->svg->order, s->svg->item_count * sizeof *s->best);
    return 1;
}

static void take_best(const sorter *s) {
    dfl__svg *svg = s->svg;
    memcpy(svg->order, s->best, svg->item_count * sizeof *s->best);
    for (uint32_t column = 0; column < svg->column_count; column++)
        for (uint32_t i = svg->begin[column]; i < svg->begin[column + 1]; i++)
            svg->items[svg->order[i]].place = i - svg->begin[column];
}

static void sweep(sorter *s) {
    uint32_t columns = s->svg->column_count;
    uint32_t passes = s->svg->item_count > BIG ? PASSES_BIG : PASSES;
    uint32_t idle = 0;
    for (uint32_t pass = 0; pass < passes && idle < PASSES_IDLE && s->crossings != 0; pass++) {
        int left = pass % 2 == 0;
        for (uint32_t i = 1; i < columns; i++)
            sort_column(s, left ? i : columns - 1 - i, left);
        idle = keep_best(s) ? 0 : idle + 1;
    }
    take_best(s);
}

/* --- neighbours in the other order, in small graphs */

/* Crossings between the links of two items when `above` stands above `below`. */
static uint32_t pair_crossings(const dfl__svg *svg, uint32_t above, uint32_t below, int left) {
    const dfl__svg_lists *lists = left ? &svg->in : &svg->out;
    uint32_t crossings = 0;
    for (uint32_t i = lists->first[above]; i < lists->first[above + 1]; i++) {
        uint32_t place = svg->items[other_end(svg, lists->items[i], left)].place;
        for (uint32_t k = lists->first[below]; k < lists->first[below + 1]; k++)
            crossings += svg->items[other_end(svg, lists->items[k], left)].place < place;
    }
    return crossings;
}

static int swap_if_better(dfl__svg *svg, uint32_t at) {
    uint32_t above = svg->order[at], below = svg->order[at + 1];
    uint32_t now = pair_crossings(svg, above, below, 0) + pair_crossings(svg, above, below, 1);
    uint32_t then = pair_crossings(svg, below, above, 0) + pair_crossings(svg, below, above, 1);
    if (then >= now) return 0;
    svg->order[at] = below;
    svg->order[at + 1] = above;
    svg->items[below].place--;
    svg->items[above].place++;
    return 1;
}

static void swap_neighbours(dfl__svg *svg) {
    int changed = svg->item_count + svg->link_count <= SWAPS_MAX;
    for (uint32_t pass = 0; pass < SWAP_PASSES && changed; pass++) {
        changed = 0;
        for (uint32_t column = 0; column < svg->column_count; column++)
            for (uint32_t i = svg->begin[column]; i + 1 < svg->begin[column + 1]; i++)
                changed |= swap_if_better(svg, i);
    }
}

dfl_status dfl__svg_order(dfl__svg *svg) {
    size_t count = svg->item_count;
    sorter s = {svg,
                dfl__svg_get(svg, count, sizeof *s.key),
                dfl__svg_get(svg, count, sizeof *s.moved),
                dfl__svg_get(svg, count, sizeof *s.slots),
                dfl__svg_get(svg, count + 1, sizeof *s.tree),
                dfl__svg_get(svg, count, sizeof *s.best),
                UINT64_MAX};
    if (s.key == NULL || s.moved == NULL || s.slots == NULL || s.tree == NULL || s.best == NULL)
        return DFL_E_NOMEM;
    (void)keep_best(&s);
    sweep(&s);
    swap_neighbours(svg);
    return DFL_OK;
}
