/* svg_ports.c -- where lines touch boxes.
 * Relies on svg.h.
 * Never lets two lines enter a box at one point; lines of one trunk leave it at one. */
#include "base/sort.h"
#include "print/svg.h"

#define PORT_STEP 14 /* between two ports of a box, where there is room */
#define PORT_LEAST 10
#define PORT_MARGIN 9 /* above the first and below the last one */

int32_t dfl__svg_from_port(const dfl__svg *svg, const dfl__svg_link *link) {
    return link->from < svg->node_count ? svg->trunks[link->trunk].port : 0;
}

int32_t dfl__svg_to_port(const dfl__svg *svg, const dfl__svg_link *link) {
    return link->route != DFL__SVG_NONE ? svg->routes[link->route].port : 0;
}

/* Where the ports of one side of a box are. */
typedef struct {
    int32_t first, step;
} spacing;

/* `middle` is the port that stands at the centre if there is room: chains of FROM are straight. */
static spacing space_ports(int32_t height, uint32_t count, uint32_t middle) {
    int32_t room = height - 2 * PORT_MARGIN, last = (int32_t)count - 1;
    int32_t above = (int32_t)middle, below = last - above;
    spacing s = {0, PORT_STEP};
    if (middle < count && 2 * PORT_STEP * (above > below ? above : below) <= room) {
        s.first = -PORT_STEP * above;
        return s;
    }
    if (count > 1 && PORT_STEP * last > room) s.step = room / last;
    s.first = -s.step * last / 2;
    return s;
}

static int32_t port_at(spacing s, uint32_t index) {
    return s.first + s.step * (int32_t)index;
}

static void make_room(dfl__svg *svg, uint32_t node, uint32_t ports) {
    int32_t height = 2 * PORT_MARGIN + PORT_LEAST * (int32_t)(ports - 1);
    if (ports > 1 && height > svg->items[node].height) svg->items[node].height = height;
}

/* --- to the left: routes that enter a box */

typedef struct {
    const dfl__svg *svg;
    uint32_t *from; /* [route_count]: the item before the box; DFL__SVG_NONE for a lane */
} entering;

/* By box, then from the top: in the order of the items they come from, lanes at the bottom. */
static int enters_before(const void *ctx, const void *x, const void *y) {
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    const entering *e = ctx;
    const dfl__svg_route *left = &e->svg->routes[a], *right = &e->svg->routes[b];
    uint32_t from_a = e->from[a], from_b = e->from[b];
    if (left->right != right->right) return left->right < right->right;
    if ((from_a == DFL__SVG_NONE) != (from_b == DFL__SVG_NONE)) return from_b == DFL__SVG_NONE;
    if (from_a != from_b && from_a != DFL__SVG_NONE)
        return e->svg->items[from_a].place < e->svg->items[from_b].place;
    if (left->line != right->line) return left->line < right->line;
    return a < b;
}

/* Routes but those from a box to itself, in the order of their ends. */
static dfl_status sort_entering(dfl__svg *svg, uint32_t *order, uint32_t *count) {
    entering e = {svg, dfl__svg_get(svg, svg->route_count, sizeof *e.from)};
    if (e.from == NULL) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < svg->route_count; i++) {
        e.from[i] = DFL__SVG_NONE;
        if (svg->routes[i].left != svg->routes[i].right) order[(*count)++] = i;
    }
    for (uint32_t i = 0; i < svg->link_count; i++)
        if (svg->links[i].route != DFL__SVG_NONE) e.from[svg->links[i].route] = svg->links[i].from;
    dfl__sort(order, *count, sizeof(uint32_t), enters_before, &e);
    return DFL_OK;
}

/* The end of the run of routes that enter the same box as the one at `start`. */
static uint32_t same_box(const dfl__svg *svg, const uint32_t *order, uint32_t count,
                         uint32_t start) {
    uint32_t end = start;
    while (end < count && svg->routes[order[end]].right == svg->routes[order[start]].right)
        end++;
    return end;
}

/* --- to the right: trunks that leave a box, and the two ends of a line to itself */

typedef struct {
    uint32_t line;
    uint64_t key; /* mean place of what is next */
} leaving;

static uint64_t mean_place(const dfl__svg *svg, uint32_t node, uint32_t line) {
    const dfl__svg_trunk *trunk = &svg->trunks[(size_t)node * DFL__LINES + line];
    uint64_t sum = 0;
    uint32_t count = 0;
    for (uint32_t i = svg->out.first[node]; i < svg->out.first[node + 1]; i++) {
        const dfl__svg_link *link = &svg->links[svg->out.items[i]];
        if (&svg->trunks[link->trunk] != trunk) continue;
        sum += svg->items[link->to].place;
        count++;
    }
    return count != 0 ? sum * 256 / count : UINT64_MAX;
}

/* Trunks of a box from the top. */
static uint32_t list_leaving(const dfl__svg *svg, uint32_t node, leaving list[DFL__LINES]) {
    uint32_t count = 0;
    for (uint32_t line = 0; line < DFL__LINES; line++) {
        if (!svg->trunks[(size_t)node * DFL__LINES + line].used) continue;
        leaving next = {line, mean_place(svg, node, line)};
        uint32_t at = count++;
        for (; at > 0 && list[at - 1].key > next.key; at--)
            list[at] = list[at - 1];
        list[at] = next;
    }
    return count;
}

static uint32_t count_leaving(const dfl__svg *svg, uint32_t node) {
    uint32_t count = 0;
    for (uint32_t line = 0; line < DFL__LINES; line++)
        count += svg->trunks[(size_t)node * DFL__LINES + line].used != 0;
    return count;
}

/* `loop` is the route from the box to itself, or DFL__SVG_NONE: it takes the last two ports. */
static void place_leaving(dfl__svg *svg, uint32_t node, uint32_t loop) {
    leaving list[DFL__LINES];
    int32_t height = svg->items[node].height;
    uint32_t count = list_leaving(svg, node, list);
    uint32_t ports = loop != DFL__SVG_NONE ? count + 2 : count, middle = 0;
    while (middle < count && list[middle].line != DFL__LINE_FROM)
        middle++;
    spacing s = space_ports(height, ports, middle < count ? middle : DFL__SVG_NONE);
    for (uint32_t i = 0; i < count; i++)
        svg->trunks[(size_t)node * DFL__LINES + list[i].line].port = port_at(s, i);
    if (loop == DFL__SVG_NONE) return;
    svg->routes[loop].port = port_at(s, count);
    svg->routes[loop].back = port_at(s, count + 1);
}

/* The base height of a box: one line of text or two. */
static void start_heights(dfl__svg *svg) {
    for (uint32_t i = 0; i < svg->node_count; i++) {
        dfl__svg_label label = dfl__svg_label_of(svg->d, i);
        int two = label.stage != DFL__SVG_NONE || label.prefix != NULL;
        svg->items[i].height = two ? DFL__SVG_BOX_HEIGHT : DFL__SVG_IMAGE_HEIGHT;
    }
}

/* The ports of a run of routes that enter the same box. */
static void enter_box(dfl__svg *svg, const uint32_t *order, uint32_t count) {
    int32_t height = svg->items[svg->routes[order[0]].right].height;
    uint32_t middle = 0;
    while (middle < count && svg->routes[order[middle]].line != DFL__LINE_FROM)
        middle++;
    spacing s = space_ports(height, count, middle < count ? middle : DFL__SVG_NONE);
    for (uint32_t i = 0; i < count; i++)
        svg->routes[order[i]].port = port_at(s, i);
}

/* The route of each stage to itself, or DFL__SVG_NONE. NULL without memory. */
static uint32_t *list_loops(dfl__svg *svg) {
    uint32_t *loops = dfl__svg_get(svg, svg->node_count, sizeof *loops);
    for (uint32_t i = 0; loops != NULL && i < svg->node_count; i++)
        loops[i] = DFL__SVG_NONE;
    for (uint32_t i = 0; loops != NULL && i < svg->route_count; i++)
        if (svg->routes[i].left == svg->routes[i].right) loops[svg->routes[i].left] = i;
    return loops;
}

dfl_status dfl__svg_ports(dfl__svg *svg) {
    uint32_t *order = dfl__svg_get(svg, svg->route_count, sizeof *order), count = 0;
    uint32_t *loops = list_loops(svg);
    if (order == NULL || loops == NULL) return DFL_E_NOMEM;
    dfl_status status = sort_entering(svg, order, &count);
    if (status != DFL_OK) return status;
    start_heights(svg);
    for (uint32_t i = 0, end; i < count; i = end) {
        end = same_box(svg, order, count, i);
        make_room(svg, svg->routes[order[i]].right, end - i);
    }
    for (uint32_t i = 0; i < svg->node_count; i++)
        make_room(svg, i, count_leaving(svg, i) + (loops[i] != DFL__SVG_NONE ? 2 : 0));
    for (uint32_t i = 0, end; i < count; i = end) {
        end = same_box(svg, order, count, i);
        enter_box(svg, order + i, end - i);
    }
    for (uint32_t i = 0; i < svg->node_count; i++)
        place_leaving(svg, i, loops[i]);
    return DFL_OK;
}
