/* svg.h -- a picture of the stage graph while it is laid out.
 * Relies on drawing.h.
 * Never crosses a box: lines run in the channels between columns, through places of their own in
 * columns they pass, or in lanes below all boxes.
 *
 * Content flows from left to right. Each stage or image is a box in a column to the right of all it
 * needs. A line that passes columns has a bend in each: an item of the column as a box is. Lines of
 * one class from one box share bends, which make its trunk. As a stage needs only earlier ones, but
 * for edges that cannot be built, and these are drawn backwards, nothing has to be done about
 * cycles. All is O(n log n) in stages and edges: bends are bounded, longer lines take lanes. */
#ifndef DFL_PRINT_SVG_H
#define DFL_PRINT_SVG_H

#include "print/drawing.h"

#define DFL__SVG_NONE UINT32_MAX

/* What a line says. Only the first points to the left. */
enum {
    DFL__LINE_INVALID,
    DFL__LINE_FROM,
    DFL__LINE_COPY,
    DFL__LINE_MOUNT,
    DFL__LINE_PERHAPS,
    DFL__LINES
};

/* A box, or a bend of a trunk. The first items are the nodes of the drawing. */
typedef struct {
    uint32_t column;
    uint32_t place; /* in the column, from the top */
    int32_t x;      /* of the left side of a box */
    int32_t width;  /* of a box: its column may be wider */
    int32_t y;      /* of the centre */
    int32_t height; /* 0 for a bend */
} dfl__svg_item;

/* The lines of one class that leave a box to the right. */
typedef struct {
    uint32_t bends; /* how many: in the columns behind the box, in order */
    uint32_t first; /* item that is the first bend */
    uint32_t reach; /* the last column before a box that is reached by the lane, 0 = no lane */
    int32_t lane;   /* y of the lane */
    int32_t port;   /* where lines leave the box, from its centre */
    int used;
} dfl__svg_trunk;

/* A line from one box to another. */
typedef struct {
    uint32_t left, right; /* nodes; equal when a stage needs itself */
    uint32_t line;        /* DFL__LINE_* */
    uint32_t edge;        /* of the drawing */
    int32_t port;         /* where it enters `right`, from its centre */
    int32_t back;         /* where it leaves `left`, when that is the same box */
    int in_lane;
} dfl__svg_route;

/* What connects items of neighbouring columns. */
typedef struct {
    uint32_t from, to; /* items */
    uint32_t trunk;    /* in dfl__svg.trunks */
    uint32_t route;    /* the one that ends with it; DFL__SVG_NONE between bends */
} dfl__svg_link;

/* Lists of links, one for each item. */
typedef struct {
    uint32_t *first; /* [item_count + 1] */
    uint32_t *items; /* [link_count] */
} dfl__svg_lists;

typedef struct {
    int32_t x, width;
} dfl__svg_column;

typedef struct {
    const dfl__drawing *d;
    dfl__arena arena;
    uint32_t node_count, item_count, link_count, route_count, column_count;
    dfl__svg_item *items;
    dfl__svg_trunk *trunks; /* [node_count][DFL__LINES] */
    dfl__svg_route *routes; /* in the order of the drawing's edges */
    dfl__svg_link *links;
    dfl__svg_lists in, out;   /* links that end at, begin at an item */
    uint32_t *order;          /* [item_count]: items, column by column, from the top */
    uint32_t *begin;          /* [column_count + 1]: where a column begins in `order` */
    dfl__svg_column *columns; /* [column_count] */
    int32_t width, height;    /* of the whole, without the legend */
} dfl__svg;

/* Room for `count` elements of `size` bytes; NULL without memory. */
void *dfl__svg_get(dfl__svg *svg, size_t count, size_t size);

/* svg_layers.c: columns, bends, links, and a first order. DFL_E_NOMEM, DFL_E_LIMIT. */
dfl_status dfl__svg_layers(dfl__svg *svg);
/* svg_order.c: an order with few crossings. DFL_E_NOMEM. */
dfl_status dfl__svg_order(dfl__svg *svg);
/* svg_ports.c: where lines touch boxes, and how high these must be. DFL_E_NOMEM. */
dfl_status dfl__svg_ports(dfl__svg *svg);
/* svg_place.c: coordinates. DFL_E_NOMEM. */
dfl_status dfl__svg_place(dfl__svg *svg);

/* Offsets from the centres of the two items at which a link touches them. */
int32_t dfl__svg_from_port(const dfl__svg *svg, const dfl__svg_link *link);
int32_t dfl__svg_to_port(const dfl__svg *svg, const dfl__svg_link *link);

/* svg_text.c: the text of boxes. */

/* Columns of a fixed-width font that `s` takes; at least as many as are drawn. */
uint32_t dfl__svg_columns(dfl_str s);
/* Write `s` as text of XML, at most `max` columns of it: an ellipsis stands for the middle. What
 * XML cannot hold, and what would change the direction of text, is replaced. */
void dfl__svg_text(dfl__out *out, dfl_str s, uint32_t max);

/* What stands in a box. */
typedef struct {
    dfl_str name;       /* empty: a stage without one */
    uint32_t stage;     /* DFL__SVG_NONE for an image */
    const char *prefix; /* of the detail */
    dfl_str detail;
    const char *tag;
} dfl__svg_label;
dfl__svg_label dfl__svg_label_of(const dfl__drawing *d, uint32_t node);
/* Width of a box that holds the label. */
int32_t dfl__svg_label_width(const dfl__svg_label *label);
/* Write the texts of a box. */
void dfl__svg_label_write(dfl__out *out, const dfl__drawing *d, uint32_t node,
                          const dfl__svg_item *box);
/* Write the name of a stage or image in full. */
void dfl__svg_name(dfl__out *out, const dfl__drawing *d, uint32_t node);
void dfl__svg_int(dfl__out *out, int32_t number);

#define DFL__SVG_MARGIN 20     /* around everything */
#define DFL__SVG_PAD 12        /* in a box, left and right */
#define DFL__SVG_BOX_HEIGHT 46 /* of a stage, or of anything with a detail */
#define DFL__SVG_IMAGE_HEIGHT 32

#endif
