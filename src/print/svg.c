/* svg.c -- the stage graph as a picture, drawn without help.
 * Relies on svg.h for the layout.
 * Never refers to a font, script or picture elsewhere; coordinates are whole numbers.
 *
 * Each box is <g data-node="s0"> (a stage) or "i0" (an image), each line <path data-from="i0"
 * data-to="s0">, so that programs can find them; all have a <title>. */
#include "print/svg.h"

#define LEGEND_TEXT 10 /* between a sample and what it means */
#define SAMPLE 34

/* How lines look, and what they are called. */
static const struct {
    const char *name, *color, *dashes;
} looks[DFL__LINES] = {
    [DFL__LINE_INVALID] = {"cannot be built", "#cf222e", " stroke-dasharray=\"3 3\""},
    [DFL__LINE_FROM] = {"FROM", "#424a53", ""},
    [DFL__LINE_COPY] = {"COPY --from", "#0969da", " stroke-dasharray=\"7 4\""},
    [DFL__LINE_MOUNT] = {"RUN --mount", "#8250df",
                         " stroke-dasharray=\"1 4\" stroke-linecap=\"round\" stroke-width=\"2\""},
    [DFL__LINE_PERHAPS] = {"perhaps", "#9a6700", " stroke-dasharray=\"10 3 2 3\""},
};
static const char unused_color[] = "#afb8c1";

/* An attribute with a number. */
static void write_number(dfl__out *out, const char *name, int32_t number) {
    dfl__out_c(out, ' ');
    dfl__out_z(out, name);
    dfl__out_z(out, "=\"");
    dfl__svg_int(out, number);
    dfl__out_c(out, '"');
}

static void write_point(dfl__out *out, char command, int32_t x, int32_t y) {
    dfl__out_c(out, command);
    dfl__svg_int(out, x);
    dfl__out_c(out, ' ');
    dfl__svg_int(out, y);
}

static void write_id(dfl__out *out, const dfl__drawing *d, const char *name, uint32_t node) {
    dfl__out_c(out, ' ');
    dfl__out_z(out, name);
    dfl__out_z(out, "=\"");
    dfl__out_c(out, node < d->stage_count ? 's' : 'i');
    dfl__out_u(out, node < d->stage_count ? node : node - d->stage_count);
    dfl__out_c(out, '"');
}

/* --- lines */

/* A pen that draws curves in channels and straight lines else. */
typedef struct {
    dfl__out *out;
    int32_t x, y;
    int32_t drawn; /* up to this x; the rest is straight */
} pen;

static void pen_down(pen *p, int32_t x, int32_t y) {
    write_point(p->out, 'M', x, y);
    p->x = p->drawn = x;
    p->y = y;
}

static void pen_flush(pen *p) {
    if (p->x == p->drawn) return;
    dfl__out_c(p->out, 'H');
    dfl__svg_int(p->out, p->x);
    p->drawn = p->x;
}

static void pen_across(pen *p, int32_t x) {
    p->x = x;
}

/* Through a channel, whose other side is at `x`. */
static void pen_curve(pen *p, int32_t x, int32_t y) {
    int32_t middle = p->x + (x - p->x) / 2;
    if (y != p->y) {
        pen_flush(p);
        write_point(p->out, 'C', middle, p->y);
        write_point(p->out, ' ', middle, y);
        write_point(p->out, ' ', x, y);
        p->drawn = x;
    }
    p->x = x;
    p->y = y;
}

static int32_t right_of(const dfl__svg *svg, uint32_t column) {
    return svg->columns[column].x + svg->columns[column].width;
}

static void draw_route(const dfl__svg *svg, dfl__out *out, const dfl__svg_route *route) {
    const dfl__svg_item *left = &svg->items[route->left], *right = &svg->items[route->right];
    const dfl__svg_trunk *trunk = &svg->trunks[(size_t)route->left * DFL__LINES + route->line];
    pen p = {.out = out};
    pen_down(&p, left->x + left->width, left->y + trunk->port);
    pen_across(&p, right_of(svg, left->column));
    if (route->in_lane) {
        pen_curve(&p, svg->columns[left->column + 1].x, trunk->lane);
        pen_across(&p, right_of(svg, right->column - 1));
    }
    for (uint32_t i = left->column + 1; i < right->column && !route->in_lane; i++) {
        pen_curve(&p, svg->columns[i].x, svg->items[trunk->first + (i - left->column - 1)].y);
        pen_across(&p, right_of(svg, i));
    }
    pen_curve(&p, svg->columns[right->column].x, right->y + route->port);
    pen_across(&p, right->x);
    pen_flush(&p);
}

static void draw_loop(const dfl__svg *svg, dfl__out *out, const dfl__svg_route *route) {
    const dfl__svg_item *item = &svg->items[route->left];
    int32_t x = item->x + item->width, from = item->y + route->back;
    int32_t to = item->y + route->port, far = x + DFL__SVG_MARGIN + 4;
    write_point(out, 'M', x, from);
    write_point(out, 'C', far, from);
    write_point(out, ' ', far, to);
    write_point(out, ' ', x, to);
}

/* The head of the arrow, at the stage that needs. */
static void draw_head(const dfl__svg *svg, dfl__out *out, const dfl__svg_route *route) {
    int leftwards = route->line == DFL__LINE_INVALID, loop = route->left == route->right;
    const dfl__svg_item *item = &svg->items[leftwards ? route->left : route->right];
    const dfl__svg_trunk *trunk = &svg->trunks[(size_t)route->left * DFL__LINES + route->line];
    int32_t port = leftwards && !loop ? trunk->port : route->port;
    int32_t x = leftwards ? item->x + item->width : item->x;
    write_point(out, 'M', x, item->y + port);
    dfl__out_z(out, leftwards ? "l8-4v8z" : "l-8-4v8z");
}

static void draw_line(const dfl__svg *svg, dfl__out *out, const dfl__svg_route *route) {
    const dfl__drawing_edge *edge = &svg->d->edges[route->edge];
    dfl__out_z(out, "<path");
    write_id(out, svg->d, "data-from", edge->node);
    write_id(out, svg->d, "data-to", edge->stage);
    dfl__out_z(out, " d=\"");
    if (route->left == route->right)
        draw_loop(svg, out, route);
    else
        draw_route(svg, out, route);
    dfl__out_z(out, "\"><title>");
    dfl__svg_name(out, svg->d, edge->node);
    dfl__out_z(out, " → ");
    dfl__svg_name(out, svg->d, edge->stage);
    dfl__out_z(out, ": ");
    dfl__out_z(out, looks[route->line].name);
    dfl__out_z(out, "</title></path>\n");
}

static int is_unused(const dfl__svg *svg, const dfl__svg_route *route) {
    return svg->d->needs[svg->d->edges[route->edge].stage] == DFL_NEED_NO;
}

/* All lines of a look; nothing when there are none. */
static void draw_lines(const dfl__svg *svg, dfl__out *out, uint32_t line, int unused) {
    const char *color = unused && line != DFL__LINE_INVALID ? unused_color : looks[line].color;
    uint32_t count = 0;
    for (uint32_t i = 0; i < svg->route_count; i++) {
        const dfl__svg_route *route = &svg->routes[i];
        if (route->line != line || is_unused(svg, route) != unused) continue;
        if (count++ == 0) {
            dfl__out_z(out, "<g fill=\"none\" stroke=\"");
            dfl__out_z(out, color);
            dfl__out_c(out, '"');
            dfl__out_z(out, looks[line].dashes);
            dfl__out_z(out, ">\n");
        }
        draw_line(svg, out, route);
    }
    if (count == 0) return;
    dfl__out_z(out, "</g>\n<path fill=\"");
    dfl__out_z(out, color);
    dfl__out_z(out, "\" d=\"");
    for (uint32_t i = 0; i < svg->route_count; i++)
        if (svg->routes[i].line == line && is_unused(svg, &svg->routes[i]) == unused)
            draw_head(svg, out, &svg->routes[i]);
    dfl__out_z(out, "\"/>\n");
}

static void draw_all_lines(const dfl__svg *svg, dfl__out *out) {
    static const uint32_t from_below[] = {DFL__LINE_PERHAPS, DFL__LINE_MOUNT, DFL__LINE_COPY,
                                          DFL__LINE_FROM, DFL__LINE_INVALID};
    for (int unused = 1; unused >= 0; unused--)
        for (uint32_t i = 0; i < DFL__LINES; i++)
            draw_lines(svg, out, from_below[i], unused);
}

/* --- boxes */

static const char *box_look(const dfl__drawing *d, uint32_t node) {
    static const char *const stages[] = {[DFL_NEED_NO] = "\" fill=\"#fff\" stroke=\"#d0d7de\"",
                                         [DFL_NEED_YES] = "\" fill=\"#f6f8fa\" stroke=\"#57606a\"",
                                         [DFL_NEED_PERHAPS] =
                                             "\" fill=\"#fff8c5\" stroke=\"#bf8700\""};
    if (node >= d->stage_count)
        return "\" fill=\"#fff\" stroke=\"#6e7781\" stroke-dasharray=\"5 3\"";
    if (node == d->target) return "\" fill=\"#ddf4ff\" stroke=\"#0969da\" stroke-width=\"2\"";
    return stages[d->needs[node]];
}

static void write_box_title(dfl__out *out, const dfl__drawing *d, uint32_t node) {
    dfl__svg_label label = dfl__svg_label_of(d, node);
    dfl__out_z(out, "<title>");
    dfl__svg_name(out, d, node);
    if (label.prefix != NULL) {
        dfl__out_z(out, ": ");
        dfl__out_z(out, label.prefix);
        dfl__svg_text(out, label.detail, UINT32_MAX);
    }
    if (label.tag[0] != '\0') {
        dfl__out_z(out, ", ");
        dfl__out_z(out, label.tag);
    }
    dfl__out_z(out, "</title>");
}

static void draw_box(const dfl__svg *svg, dfl__out *out, uint32_t node) {
    const dfl__svg_item *item = &svg->items[node];
    dfl__out_z(out, "<g");
    write_id(out, svg->d, "data-node", node);
    dfl__out_c(out, '>');
    write_box_title(out, svg->d, node);
    dfl__out_z(out, "<rect");
    write_number(out, "x", item->x);
    write_number(out, "y", item->y - item->height / 2);
    write_number(out, "width", item->width);
    write_number(out, "height", item->height);
    dfl__out_z(out, " rx=\"6");
    dfl__out_z(out, box_look(svg->d, node));
    dfl__out_z(out, "/>");
    dfl__svg_label_write(out, svg->d, node, item);
    dfl__out_z(out, "</g>\n");
}

/* --- the legend: which lines there are, when there is more to tell than FROM */

typedef struct {
    int shown[DFL__LINES];
    int32_t x[DFL__LINES], y[DFL__LINES];
    int32_t width, height;
} legend;

static const uint32_t legend_order[] = {DFL__LINE_FROM, DFL__LINE_COPY, DFL__LINE_MOUNT,
                                        DFL__LINE_PERHAPS, DFL__LINE_INVALID};

static legend make_legend(const dfl__svg *svg) {
    legend l = {{0}, {0}, {0}, svg->width, 0};
    int useful = 0;
    int32_t x = DFL__SVG_MARGIN, y = svg->height + 8;
    for (uint32_t i = 0; i < svg->route_count; i++) {
        l.shown[svg->routes[i].line] = 1;
        useful |= svg->routes[i].line != DFL__LINE_FROM;
    }
    for (uint32_t i = 0; i < DFL__LINES; i++) {
        uint32_t line = legend_order[i];
        int32_t width = SAMPLE + LEGEND_TEXT + 7 * (int32_t)dfl__str(looks[line].name).len;
        l.shown[line] = l.shown[line] && useful;
        if (!l.shown[line]) continue;
        if (x > DFL__SVG_MARGIN && x + width + DFL__SVG_MARGIN > svg->width) {
            x = DFL__SVG_MARGIN;
            y += 20;
        }
        l.x[line] = x;
        l.y[line] = y;
        l.height = y + DFL__SVG_MARGIN - svg->height;
        x += width + DFL__SVG_MARGIN;
        if (x > l.width) l.width = x;
    }
    return l;
}

static void draw_legend(const legend *l, dfl__out *out) {
    for (uint32_t i = 0; i < DFL__LINES; i++) {
        uint32_t line = legend_order[i];
        if (!l->shown[line]) continue;
        dfl__out_z(out, "<path fill=\"none\" stroke=\"");
        dfl__out_z(out, looks[line].color);
        dfl__out_c(out, '"');
        dfl__out_z(out, looks[line].dashes);
        dfl__out_z(out, " d=\"");
        write_point(out, 'M', l->x[line], l->y[line]);
        dfl__out_z(out, "h34\"/><text fill=\"#57606a\"");
        write_number(out, "x", l->x[line] + SAMPLE + LEGEND_TEXT);
        write_number(out, "y", l->y[line] + 4);
        dfl__out_c(out, '>');
        dfl__out_z(out, looks[line].name);
        dfl__out_z(out, "</text>\n");
    }
}

/* --- the whole */

static void open_picture(dfl__out *out, int32_t width, int32_t height) {
    dfl__out_z(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
    write_number(out, "width", width);
    write_number(out, "height", height);
    dfl__out_z(out, " viewBox=\"0 0 ");
    dfl__svg_int(out, width);
    dfl__out_c(out, ' ');
    dfl__svg_int(out, height);
    dfl__out_z(out, "\" font-size=\"11\" font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,"
                    "'DejaVu Sans Mono','Liberation Mono',monospace\" stroke-width=\"1.5\">\n");
}

/* The frame is the background: the picture has its own, whatever it is shown on. Texts have no
 * outline, as they set no stroke. */
static void draw_frame(dfl__out *out, int32_t width, int32_t height) {
    dfl__out_z(out, "<rect x=\"1\" y=\"1\"");
    write_number(out, "width", width - 2);
    write_number(out, "height", height - 2);
    dfl__out_z(out, " rx=\"8\" fill=\"#fff\" stroke=\"#d0d7de\" stroke-width=\"1\"/>\n");
}

static void write_title(const dfl__drawing *d, dfl__out *out) {
    dfl__out_z(out, "<title>Stages of a Dockerfile: what ");
    dfl__svg_name(out, d, d->target);
    dfl__out_z(out, " needs</title>\n");
}

static void draw_empty(dfl__out *out) {
    open_picture(out, 160, 60);
    dfl__out_z(out, "<title>A Dockerfile without stages</title>\n");
    draw_frame(out, 160, 60);
    dfl__out_z(out, "<text x=\"80\" y=\"34\" fill=\"#57606a\" text-anchor=\"middle\">no stages"
                    "</text>\n</svg>\n");
}

static void draw(const dfl__svg *svg, dfl__out *out) {
    legend l = make_legend(svg);
    open_picture(out, l.width, svg->height + l.height);
    write_title(svg->d, out);
    draw_frame(out, l.width, svg->height + l.height);
    draw_all_lines(svg, out);
    for (uint32_t i = 0; i < svg->node_count; i++)
        draw_box(svg, out, i);
    draw_legend(&l, out);
    dfl__out_z(out, "</svg>\n");
}

dfl_status dfl__drawing_svg(const dfl__drawing *drawing, dfl__out *out) {
    dfl__svg svg = {.d = drawing};
    if (drawing->stage_count == 0) {
        draw_empty(out);
        return DFL_OK;
    }
    dfl__arena_init(&svg.arena, &drawing->arena.alloc);
    dfl_status status = dfl__svg_layers(&svg);
    if (status == DFL_OK) status = dfl__svg_order(&svg);
    if (status == DFL_OK) status = dfl__svg_ports(&svg);
    if (status == DFL_OK) status = dfl__svg_place(&svg);
    if (status == DFL_OK) draw(&svg, out);
    dfl__arena_free(&svg.arena);
    return status;
}
