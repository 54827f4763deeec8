/* svg_place.c -- coordinates of boxes, bends and lanes.
 * Relies on svg.h, on the order of the columns and on ports.
 * Never lets items of a column overlap. Passes are a fixed number and linear.
 *
 * In turn, the items of each column get the places that are nearest, in the sum of the squares, to
 * where their lines would be straight: runs of items that want to be in one another's place move as
 * one block, so that the best places are found at once. */
#include <string.h>

#include "base/sort.h"
#include "print/svg.h"

#define GAP_BOXES 18 /* between boxes, from edge to edge */
#define GAP_BOX_BEND 14
#define GAP_BENDS 10
#define PASSES 12u
#define LANE_STEP 12
#define SNAP_PASSES 4u
#define SNAP_LINKS 12u /* items with more of them stay where they are */
#define SNAP_BOX 12    /* how far they may move */
#define SNAP_BEND 60
#define CHANNEL_LEAST 52
#define CHANNEL_MOST 150

/* Items that moved into each other: they keep their distances. */
typedef struct {
    int64_t sum; /* of weight times wanted place */
    int64_t weight;
    uint32_t end; /* place behind its last item */
} block;

typedef struct {
    dfl__svg *svg;
    block *blocks; /* [item_count] */
    int32_t
        *offsets; /* [item_count]: of an item, from the first of its column, if all stand close */
} placer;

static int is_box(const dfl__svg *svg, uint32_t item) {
    return item < svg->node_count;
}

/* Least distance of the centres of two items that follow each other. */
static int32_t distance(const dfl__svg *svg, uint32_t above, uint32_t below) {
    int boxes = is_box(svg, above) + is_box(svg, below);
    int32_t gap = boxes == 2 ? GAP_BOXES : boxes == 1 ? GAP_BOX_BEND : GAP_BENDS;
    return (svg->items[above].height + svg->items[below].height) / 2 + gap;
}

static void stack_columns(placer *p) {
    dfl__svg *svg = p->svg;
    for (uint32_t column = 0; column < svg->column_count; column++) {
        uint32_t begin = svg->begin[column], end = svg->begin[column + 1];
        p->offsets[begin] = 0;
        for (uint32_t i = begin + 1; i < end; i++)
            p->offsets[i] = p->offsets[i - 1] + distance(svg, svg->order[i - 1], svg->order[i]);
        for (uint32_t i = begin; i < end; i++)
            svg->items[svg->order[i]].y = p->offsets[i] - p->offsets[end - 1] / 2;
    }
}

static int64_t floor_div(int64_t a, int64_t b) {
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* Straight lines matter most where lines are long, least between boxes. */
static int64_t weight_of(const dfl__svg *svg, const dfl__svg_link *link) {
    return 1 + (is_box(svg, link->from) ? 0 : 3) + (is_box(svg, link->to) ? 0 : 3);
}

/* What the lines on a side want: add to the sum and the weight. */
static void add_wishes(const dfl__svg *svg, uint32_t item, int left, int64_t *sum,
                       int64_t *weight) {
    const dfl__svg_lists *lists = left ? &svg->in : &svg->out;
    for (uint32_t i = lists->first[item]; i < lists->first[item + 1]; i++) {
        const dfl__svg_link *link = &svg->links[lists->items[i]];
        int32_t slope = dfl__svg_from_port(svg, link) - dfl__svg_to_port(svg, link);
        int32_t y = left ? svg->items[link->from].y + slope : svg->items[link->to].y - slope;
        *sum += weight_of(svg, link) * y;
        *weight += weight_of(svg, link);
    }
}

static block wish(const placer *p, uint32_t at, int left, int right) {
    const dfl__svg *svg = p->svg;
    block b = {0, 0, at + 1};
    uint32_t item = svg->order[at];
    if (left) add_wishes(svg, item, 1, &b.sum, &b.weight);
    if (right) add_wishes(svg, item, 0, &b.sum, &b.weight);
    if (b.weight == 0) {
        b.sum = svg->items[item].y;
        b.weight = 1;
    }
    b.sum -= b.weight * p->offsets[at];
    return b;
}

static void place_column(placer *p, uint32_t column, int left, int right) {
    dfl__svg *svg = p->svg;
    uint32_t count = 0, begin = svg->begin[column], at = begin;
    for (uint32_t i = begin; i < svg->begin[column + 1]; i++) {
        block b = wish(p, i, left, right);
        /* A block stays where its mean wish is, unless the one above wants to be lower. */
        for (; count > 0 && floor_div(p->blocks[count - 1].sum, p->blocks[count - 1].weight) >
                                floor_div(b.sum, b.weight);
             count--) {
            b.sum += p->blocks[count - 1].sum;
            b.weight += p->blocks[count - 1].weight;
        }
        p->blocks[count++] = b;
    }
    for (uint32_t i = 0; i < count; i++) {
        int32_t y = (int32_t)floor_div(p->blocks[i].sum, p->blocks[i].weight);
        for (; at < p->blocks[i].end; at++)
            svg->items[svg->order[at]].y = y + p->offsets[at];
    }
}

/* Lines first follow what is before them, then what is behind; at last both count. */
static void place_items(placer *p) {
    uint32_t columns = p->svg->column_count;
    for (uint32_t pass = 0; pass < PASSES; pass++) {
        int from_left = pass % 2 == 0, both = pass >= 4;
        for (uint32_t i = 0; i < columns; i++)
            place_column(p, from_left ? i : columns - 1 - i, from_left || both, !from_left || both);
    }
}

/* --- what is nearly straight becomes straight */

/* The room that its neighbours leave to an item. */
static void find_room(const dfl__svg *svg, uint32_t item, int32_t *top, int32_t *bottom) {
    const dfl__svg_item *it = &svg->items[item];
    uint32_t begin = svg->begin[it->column], end = svg->begin[it->column + 1];
    uint32_t at = begin + it->place;
    int32_t reach = is_box(svg, item) ? SNAP_BOX : SNAP_BEND;
    *top = it->y - reach;
    *bottom = it->y + reach;
    if (at > begin) {
        uint32_t above = svg->order[at - 1];
        int32_t least = svg->items[above].y + distance(svg, above, item);
        if (least > *top) *top = least;
    }
    if (at + 1 < end) {
        uint32_t below = svg->order[at + 1];
        int32_t most = svg->items[below].y - distance(svg, item, below);
        if (most < *bottom) *bottom = most;
    }
}

/* The place at which link `index` of an item, those to the left first, is straight. */
static int32_t straight_at(const dfl__svg *svg, uint32_t item, uint32_t index, int64_t *weight) {
    uint32_t left = svg->in.first[item + 1] - svg->in.first[item];
    const dfl__svg_link *link =
        &svg->links[index < left ? svg->in.items[svg->in.first[item] + index]
                                 : svg->out.items[svg->out.first[item] + index - left]];
    int32_t slope = dfl__svg_from_port(svg, link) - dfl__svg_to_port(svg, link);
    *weight = weight_of(svg, link);
    return index < left ? svg->items[link->from].y + slope : svg->items[link->to].y - slope;
}

static int64_t straightness(const dfl__svg *svg, uint32_t item, uint32_t count, int32_t y) {
    int64_t sum = 0, weight;
    for (uint32_t i = 0; i < count; i++)
        if (straight_at(svg, item, i, &weight) == y) sum += weight;
    return sum;
}

/* Move an item a little when more of its lines get straight. */
static void snap(dfl__svg *svg, uint32_t item) {
    uint32_t count = svg->in.first[item + 1] - svg->in.first[item] + svg->out.first[item + 1] -
                     svg->out.first[item];
    int32_t top, bottom, best = svg->items[item].y;
    int64_t most, weight;
    if (count > SNAP_LINKS) return;
    find_room(svg, item, &top, &bottom);
    most = straightness(svg, item, count, best);
    for (uint32_t i = 0; i < count; i++) {
        int32_t y = straight_at(svg, item, i, &weight);
        if (y < top || y > bottom) continue;
        int64_t sum = straightness(svg, item, count, y);
        if (sum <= most) continue;
        most = sum;
        best = y;
    }
    svg->items[item].y = best;
}

static void straighten(dfl__svg *svg) {
    for (uint32_t pass = 0; pass < SNAP_PASSES; pass++) {
        for (uint32_t i = 0; i < svg->item_count; i++)
            snap(svg, svg->order[pass % 2 == 0 ? i : svg->item_count - 1 - i]);
    }
}

/* --- lanes, and the frame */

static uint32_t lane_length(const dfl__svg *svg, uint32_t trunk) {
    return svg->trunks[trunk].reach - svg->items[trunk / DFL__LINES].column;
}

/* Longer ones lie below shorter ones, so that few of their ends cross. */
static int lane_before(const void *ctx, const void *x, const void *y) {
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    const dfl__svg *svg = ctx;
    uint32_t length_a = lane_length(svg, a), length_b = lane_length(svg, b);
    return length_a != length_b ? length_a < length_b : a < b;
}

/* `*bottom` is that of the boxes, and then that of the lanes. */
static dfl_status place_lanes(dfl__svg *svg, int32_t *bottom) {
    uint32_t count = 0, all = svg->node_count * DFL__LINES;
    uint32_t *order = dfl__svg_get(svg, all, sizeof *order);
    if (order == NULL) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < all; i++)
        if (svg->trunks[i].reach != 0) order[count++] = i;
    dfl__sort(order, count, sizeof(uint32_t), lane_before, svg);
    for (uint32_t i = 0; i < count; i++)
        svg->trunks[order[i]].lane = *bottom += i == 0 ? GAP_BOXES : LANE_STEP;
    return DFL_OK;
}

static dfl_status frame_height(dfl__svg *svg) {
    int32_t top = INT32_MAX, bottom = INT32_MIN;
    for (uint32_t i = 0; i < svg->item_count; i++) {
        const dfl__svg_item *item = &svg->items[i];
        if (item->y - item->height / 2 < top) top = item->y - item->height / 2;
        if (item->y + item->height / 2 > bottom) bottom = item->y + item->height / 2;
    }
    for (uint32_t i = 0; i < svg->item_count; i++)
        svg->items[i].y += DFL__SVG_MARGIN - top;
    bottom += DFL__SVG_MARGIN - top;
    dfl_status status = place_lanes(svg, &bottom);
    svg->height = bottom + DFL__SVG_MARGIN;
    return status;
}

/* The steeper the lines of a channel, the wider it is. */
static int32_t channel_width(const dfl__svg *svg, uint32_t column) {
    int32_t width = CHANNEL_LEAST;
    for (uint32_t i = svg->begin[column]; i < svg->begin[column + 1]; i++) {
        uint32_t item = svg->order[i];
        for (uint32_t k = svg->out.first[item]; k < svg->out.first[item + 1]; k++) {
            const dfl__svg_link *link = &svg->links[svg->out.items[k]];
            int32_t rise = svg->items[link->to].y - svg->items[item].y;
            int32_t want = CHANNEL_LEAST + (rise < 0 ? -rise : rise) / 6;
            if (want > width) width = want;
        }
    }
    return width < CHANNEL_MOST ? width : CHANNEL_MOST;
}

static void widen(int32_t *width, int32_t to) {
    if (*width < to) *width = to;
}

/* Stages of a column are equally wide; images, whose lines leave to the right only, as wide as they
 * have to be. */
static dfl_status measure_boxes(dfl__svg *svg) {
    int32_t *stages = dfl__svg_get(svg, svg->column_count, sizeof *stages);
    svg->columns = dfl__svg_get(svg, svg->column_count, sizeof *svg->columns);
    if (svg->columns == NULL || stages == NULL) return DFL_E_NOMEM;
    memset(stages, 0, svg->column_count * sizeof *stages);
    memset(svg->columns, 0, svg->column_count * sizeof *svg->columns);
    for (uint32_t i = 0; i < svg->node_count; i++) {
        dfl__svg_item *item = &svg->items[i];
        dfl__svg_label label = dfl__svg_label_of(svg->d, i);
        item->width = dfl__svg_label_width(&label);
        if (i < svg->d->stage_count) widen(&stages[item->column], item->width);
        widen(&svg->columns[item->column].width, item->width);
    }
    for (uint32_t i = 0; i < svg->d->stage_count; i++)
        svg->items[i].width = stages[svg->items[i].column];
    return DFL_OK;
}

static dfl_status place_columns(dfl__svg *svg) {
    int32_t x = DFL__SVG_MARGIN;
    dfl_status status = measure_boxes(svg);
    if (status != DFL_OK) return status;
    for (uint32_t i = 0; i < svg->column_count; i++) {
        svg->columns[i].x = x;
        x += svg->columns[i].width;
        svg->width = x + DFL__SVG_MARGIN;
        x += channel_width(svg, i);
    }
    for (uint32_t i = 0; i < svg->node_count; i++) {
        dfl__svg_item *item = &svg->items[i];
        int32_t free = svg->columns[item->column].width - item->width;
        item->x = svg->columns[item->column].x + (i < svg->d->stage_count ? free / 2 : free);
    }
    return DFL_OK;
}

dfl_status dfl__svg_place(dfl__svg *svg) {
    placer p = {svg, dfl__svg_get(svg, svg->item_count, sizeof *p.blocks),
                dfl__svg_get(svg, svg->item_count, sizeof *p.offsets)};
    if (p.blocks == NULL || p.offsets == NULL) return DFL_E_NOMEM;
    stack_columns(&p);
    place_items(&p);
    straighten(svg);
    dfl_status status = frame_height(svg);
    return status == DFL_OK ? place_columns(svg) : status;
}
