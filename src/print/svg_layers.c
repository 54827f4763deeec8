/* svg_layers.c -- columns of the picture: which box stands in which, and what passes them.
 * Relies on svg.h.
 * Never makes more bends than a multiple of stages and edges: longer lines take a lane. */
#include "print/svg.h"

#include <string.h>

#define NODES_MAX (1u << 22) /* boxes and edges together: coordinates stay in 32 bits */
#define BENDS_PER_NODE 6u

void *dfl__svg_get(dfl__svg *svg, size_t count, size_t size) {
    return dfl__arena_get(&svg->arena, count * size);
}

static int get_zeroed(dfl__svg *svg, void *out, size_t count, size_t size) {
    void *block = dfl__svg_get(svg, count, size);
    if (block != NULL) memset(block, 0, count * size);
    memcpy(out, &block, sizeof block);
    return block != NULL;
}

/* --- routes */

static uint32_t line_of(const dfl__drawing_edge *edge) {
    if (edge->cyclic) return DFL__LINE_INVALID;
    return edge->perhaps ? DFL__LINE_PERHAPS : edge->kind;
}

/* Sources and users change sides where a stage needs a later one; such an edge may have several
 * kinds, which are one line. */
static dfl_status make_routes(dfl__svg *svg) {
    const dfl__drawing *d = svg->d;
    uint32_t *last;
    svg->routes = dfl__svg_get(svg, d->edge_count, sizeof *svg->routes);
    if (svg->routes == NULL || !get_zeroed(svg, &last, svg->node_count, sizeof *last))
        return DFL_E_NOMEM;
    for (uint32_t i = 0; i < d->edge_count; i++) {
        const dfl__drawing_edge *edge = &d->edges[i];
        int backwards = edge->cyclic;
        if (backwards && last[edge->node] == edge->stage + 1) continue;
        if (backwards) last[edge->node] = edge->stage + 1;
        svg->routes[svg->route_count++] = (dfl__svg_route){backwards ? edge->stage : edge->node,
                                                           backwards ? edge->node : edge->stage,
                                                           line_of(edge),
                                                           i,
                                                           0,
                                                           0,
                                                           0};
    }
    return DFL_OK;
}

/* --- columns */

typedef struct {
    uint32_t *first; /* [node_count + 1] */
    uint32_t *items; /* routes, by the box they leave */
} leaving;

static dfl_status list_leaving(dfl__svg *svg, leaving *l) {
    if (!get_zeroed(svg, &l->first, (size_t)svg->node_count + 2, sizeof *l->first) ||
        (l->items = dfl__svg_get(svg, svg->route_count, sizeof *l->items)) == NULL)
        return DFL_E_NOMEM;
    for (uint32_t i = 0; i < svg->route_count; i++)
        l->first[svg->routes[i].left + 2]++;
    for (uint32_t i = 0; i < svg->node_count; i++)
        l->first[i + 2] += l->first[i + 1];
    for (uint32_t i = 0; i < svg->route_count; i++)
        l->items[l->first[svg->routes[i].left + 1]++] = i;
    return DFL_OK;
}

static void push_right(dfl__svg *svg, const leaving *l, uint32_t node) {
    for (uint32_t i = l->first[node]; i < l->first[node + 1]; i++) {
        const dfl__svg_route *route = &svg->routes[l->items[i]];
        uint32_t *column = &svg->items[route->right].column;
        if (route->left == route->right) continue;
        if (*column <= svg->items[node].column) *column = svg->items[node].column + 1;
    }
}

/* The last column in which `node` stands to the left of all it leads to. */
static uint32_t rightmost(const dfl__svg *svg, const leaving *l, uint32_t node) {
    uint32_t best = UINT32_MAX;
    for (uint32_t i = l->first[node]; i < l->first[node + 1]; i++) {
        const dfl__svg_route *route = &svg->routes[l->items[i]];
        uint32_t column = svg->items[route->right].column;
        if (route->left != route->right && column - 1 < best) best = column - 1;
    }
    return best == UINT32_MAX ? svg->items[node].column : best;
}

/* Images first, then stages in the order of the file: each stands behind all that lead to it. */
static dfl_status find_columns(dfl__svg *svg) {
    leaving l;
    uint32_t *needs, *users, stages = svg->d->stage_count;
    dfl_status status = list_leaving(svg, &l);
    if (status != DFL_OK) return status;
    if (!get_zeroed(svg, &needs, svg->node_count, sizeof *needs) ||
        !get_zeroed(svg, &users, svg->node_count, sizeof *users))
        return DFL_E_NOMEM;
    for (uint32_t i = stages; i < svg->node_count; i++)
        push_right(svg, &l, i);
    for (uint32_t i = 0; i < stages; i++)
        push_right(svg, &l, i);
    for (uint32_t i = 0; i < svg->route_count; i++) {
        const dfl__svg_route *route = &svg->routes[i];
        users[route->left]++;
        if (route->left < stages) needs[route->right]++;
    }
    /* Lines get shorter when what has more users than needs stands next to its users. */
    for (uint32_t i = stages; i-- > 0;)
        if (users[i] > needs[i]) svg->items[i].column = rightmost(svg, &l, i);
    for (uint32_t i = stages; i < svg->node_count; i++)
        svg->items[i].column = rightmost(svg, &l, i);
    for (uint32_t i = 0; i < svg->node_count; i++)
        if (svg->items[i].column >= svg->column_count) svg->column_count = svg->items[i].column + 1;
    return DFL_OK;
}

/* --- bends and lanes */

static uint32_t span_of(const dfl__svg *svg, const dfl__svg_route *route) {
    return svg->items[route->right].column - svg->items[route->left].column;
}

/* The longest span whose lines, and all shorter ones, can have bends. */
static dfl_status longest_bent(dfl__svg *svg, uint32_t *longest) {
    uint64_t room = (uint64_t)BENDS_PER_NODE * (svg->node_count + svg->route_count) + 64;
    uint32_t *spans, span = 1;
    if (!get_zeroed(svg, &spans, (size_t)svg->column_count + 1, sizeof *spans)) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < svg->route_count; i++)
        spans[span_of(svg, &svg->routes[i])]++;
    for (; span < svg->column_count && (uint64_t)spans[span + 1] * span <= room; span++)
        room -= (uint64_t)spans[span + 1] * span;
    *longest = span;
    return DFL_OK;
}

static dfl__svg_trunk *trunk_of(const dfl__svg *svg, const dfl__svg_route *route) {
    return &svg->trunks[(size_t)route->left * DFL__LINES + route->line];
}

static dfl_status make_trunks(dfl__svg *svg) {
    uint32_t longest;
    if (!get_zeroed(svg, &svg->trunks, (size_t)svg->node_count * DFL__LINES, sizeof *svg->trunks))
        return DFL_E_NOMEM;
    dfl_status status = longest_bent(svg, &longest);
    if (status != DFL_OK) return status;
    for (uint32_t i = 0; i < svg->route_count; i++) {
        dfl__svg_route *route = &svg->routes[i];
        dfl__svg_trunk *trunk = trunk_of(svg, route);
        uint32_t span = span_of(svg, route), reach = svg->items[route->right].column - 1;
        if (span == 0) continue;
        trunk->used = 1;
        route->in_lane = span > longest;
        if (route->in_lane && reach > trunk->reach) trunk->reach = reach;
        if (!route->in_lane && span - 1 > trunk->bends) trunk->bends = span - 1;
    }
    for (size_t i = 0; i < (size_t)svg->node_count * DFL__LINES; i++) {
        svg->trunks[i].first = svg->item_count;
        svg->item_count += svg->trunks[i].bends;
    }
    return DFL_OK;
}

static void add_link(dfl__svg *svg, uint32_t from, uint32_t to, size_t trunk, uint32_t route) {
    svg->links[svg->link_count++] = (dfl__svg_link){from, to, (uint32_t)trunk, route};
}

static void link_trunk(dfl__svg *svg, size_t index) {
    const dfl__svg_trunk *trunk = &svg->trunks[index];
    uint32_t node = (uint32_t)(index / DFL__LINES), from = node;
    for (uint32_t i = 0; i < trunk->bends; i++) {
        svg->items[trunk->first + i].column = svg->items[node].column + 1 + i;
        add_link(svg, from, trunk->first + i, index, DFL__SVG_NONE);
        from = trunk->first + i;
    }
}

static dfl_status make_links(dfl__svg *svg) {
    size_t count = (size_t)svg->item_count - svg->node_count + svg->route_count;
    dfl__svg_item *items;
    svg->links = dfl__svg_get(svg, count, sizeof *svg->links);
    if (svg->links == NULL || !get_zeroed(svg, &items, svg->item_count, sizeof *items))
        return DFL_E_NOMEM;
    memcpy(items, svg->items, svg->node_count * sizeof *items);
    svg->items = items;
    for (size_t i = 0; i < (size_t)svg->node_count * DFL__LINES; i++)
        link_trunk(svg, i);
    for (uint32_t i = 0; i < svg->route_count; i++) {
        const dfl__svg_route *route = &svg->routes[i];
        const dfl__svg_trunk *trunk = trunk_of(svg, route);
        uint32_t span = span_of(svg, route);
        if (span == 0 || route->in_lane) continue;
        add_link(svg, span == 1 ? route->left : trunk->first + span - 2, route->right,
                 (size_t)(trunk - svg->trunks), i);
    }
    return DFL_OK;
}

static dfl_status list_links(dfl__svg *svg, dfl__svg_lists *lists, int of_to) {
    if (!get_zeroed(svg, &lists->first, (size_t)svg->item_count + 2, sizeof *lists->first) ||
        (lists->items = dfl__svg_get(svg, svg->link_count, sizeof *lists->items)) == NULL)
        return DFL_E_NOMEM;
    for (uint32_t i = 0; i < svg->link_count; i++)
        lists->first[(of_to ? svg->links[i].to : svg->links[i].from) + 2]++;
    for (uint32_t i = 0; i < svg->item_count; i++)
        lists->first[i + 2] += lists->first[i + 1];
    for (uint32_t i = 0; i < svg->link_count; i++)
        lists->items[lists->first[(of_to ? svg->links[i].to : svg->links[i].from) + 1]++] = i;
    return DFL_OK;
}

/* --- the first order: stages as in the file, each behind images that it is the first to read */

static void append(dfl__svg *svg, uint32_t *filled, uint32_t item) {
    uint32_t column = svg->items[item].column;
    svg->items[item].place = filled[column]++;
    svg->order[svg->begin[column] + svg->items[item].place] = item;
}

static void append_node(dfl__svg *svg, uint32_t *filled, uint32_t node) {
    append(svg, filled, node);
    for (uint32_t line = 0; line < DFL__LINES; line++) {
        const dfl__svg_trunk *trunk = &svg->trunks[(size_t)node * DFL__LINES + line];
        for (uint32_t i = 0; i < trunk->bends; i++)
            append(svg, filled, trunk->first + i);
    }
}

static dfl_status first_order(dfl__svg *svg) {
    const dfl__drawing *d = svg->d;
    uint8_t *done;
    uint32_t *filled;
    svg->order = dfl__svg_get(svg, svg->item_count, sizeof *svg->order);
    if (svg->order == NULL ||
        !get_zeroed(svg, &svg->begin, (size_t)svg->column_count + 1, sizeof *svg->begin) ||
        !get_zeroed(svg, &filled, svg->column_count, sizeof *filled) ||
        !get_zeroed(svg, &done, svg->node_count, 1))
        return DFL_E_NOMEM;
    for (uint32_t i = 0; i < svg->item_count; i++)
        svg->begin[svg->items[i].column + 1]++;
    for (uint32_t i = 0; i < svg->column_count; i++)
        svg->begin[i + 1] += svg->begin[i];
    for (uint32_t stage = 0; stage < d->stage_count; stage++) {
        for (uint32_t i = d->first[stage]; i < d->first[stage + 1]; i++) {
            uint32_t node = d->edges[i].node;
            if (node < d->stage_count || done[node]) continue;
            done[node] = 1;
            append_node(svg, filled, node);
        }
        append_node(svg, filled, stage);
    }
    return DFL_OK;
}

dfl_status dfl__svg_layers(dfl__svg *svg) {
    const dfl__drawing *d = svg->d;
    uint64_t total = (uint64_t)d->stage_count + d->image_count + d->edge_count;
    if (total > NODES_MAX) return DFL_E_LIMIT;
    svg->node_count = svg->item_count = d->stage_count + d->image_count;
    if (!get_zeroed(svg, &svg->items, svg->node_count, sizeof *svg->items)) return DFL_E_NOMEM;
    dfl_status status = make_routes(svg);
    if (status == DFL_OK) status = find_columns(svg);
    if (status == DFL_OK) status = make_trunks(svg);
    if (status == DFL_OK) status = make_links(svg);
    if (status == DFL_OK) status = list_links(svg, &svg->in, 1);
    if (status == DFL_OK) status = list_links(svg, &svg->out, 0);
    return status == DFL_OK ? first_order(svg) : status;
}
