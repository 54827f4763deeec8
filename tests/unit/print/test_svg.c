/* test_svg.c -- the layout of the picture, step by step.
 * Relies on cmocka and the model.
 * Never looks at what is written: the spec cases and tests/property/svg_geometry.py do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "print/print_support.h"
#include "print/svg.h"

/* A file and how far its picture is laid out. */
typedef struct {
    dfl_doc *doc;
    dfl_model *model;
    dfl__drawing drawing;
    dfl__svg svg;
} picture;

typedef dfl_status step(dfl__svg *svg);
static step *const steps[] = {dfl__svg_layers, dfl__svg_order, dfl__svg_ports, dfl__svg_place};

static void open_picture(picture *p, dfl_str source, size_t steps_count) {
    p->doc = doc_of(source.ptr, source.len);
    p->model = model_of(p->doc);
    uint32_t target = dfl_model_stage_find(p->model, dfl__str(""));
    assert_int_equal(dfl__drawing_make(p->model, target, &p->drawing), DFL_OK);
    p->svg = (dfl__svg){.d = &p->drawing};
    dfl__arena_init(&p->svg.arena, NULL);
    for (size_t i = 0; i < steps_count; i++)
        assert_int_equal(steps[i](&p->svg), DFL_OK);
}

static void close_picture(picture *p) {
    dfl__arena_free(&p->svg.arena);
    dfl__drawing_free(&p->drawing);
    dfl_model_free(p->model);
    dfl_doc_unref(p->doc);
}

static uint32_t crossings(const dfl__svg *svg) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < svg->link_count; i++) {
        for (uint32_t k = 0; k < svg->link_count; k++) {
            const dfl__svg_link *a = &svg->links[i], *b = &svg->links[k];
            if (svg->items[a->from].column != svg->items[b->from].column) continue;
            count += svg->items[a->from].place < svg->items[b->from].place &&
                     svg->items[a->to].place > svg->items[b->to].place;
        }
    }
    return count;
}

static void what_is_needed_stands_to_the_left(void **state) {
    (void)state;
    picture p;
    open_picture(&p,
                 DFL__LIT("FROM alpine AS a\nFROM a AS b\nFROM debian AS c\nFROM b\n"
                          "COPY --from=a / /\nCOPY --from=c / /\n"),
                 1);
    const dfl__svg *svg = &p.svg;
    /* stages 0 to 3, then alpine and debian; c and its image stand next to what reads c */
    static const uint32_t columns[] = {1, 2, 2, 3, 0, 1};
    assert_int_equal(svg->node_count, COUNT(columns));
    for (uint32_t i = 0; i < svg->node_count; i++)
        assert_int_equal(svg->items[i].column, columns[i]);
    assert_int_equal(svg->column_count, 4);
    assert_int_equal(svg->item_count, 7); /* the line from a to stage 3 bends once */
    assert_int_equal(svg->items[6].column, 2);
    assert_int_equal(svg->route_count, 6);
    assert_int_equal(svg->link_count, 7);
    for (uint32_t i = 0; i < svg->link_count; i++)
        assert_int_equal(svg->items[svg->links[i].from].column + 1,
                         svg->items[svg->links[i].to].column);
    close_picture(&p);
}

static void what_cannot_be_built_points_back(void **state) {
    (void)state;
    picture p;
    open_picture(&p,
                 DFL__LIT("FROM a AS x\nCOPY --from=y / /\nRUN --mount=from=y,target=/m true\n"
                          "COPY --from=x / /\nFROM b AS y\nCOPY --from=x / /\n"),
                 1);
    const dfl__svg *svg = &p.svg;
    uint32_t back = 0, loops = 0;
    assert_true(svg->items[0].column < svg->items[1].column);
    for (uint32_t i = 0; i < svg->route_count; i++) {
        const dfl__svg_route *route = &svg->routes[i];
        loops += route->left == route->right;
        back += route->line == DFL__LINE_INVALID && route->left == 0 && route->right == 1;
    }
    assert_int_equal(loops, 1);
    assert_int_equal(back, 1); /* COPY and mount in one */
    close_picture(&p);
}

static void chain(dfl__buf *source, uint32_t stages) {
    dfl__buf_init(source, NULL, 0);
    dfl__buf_addz(source, "FROM a AS s0\n");
    for (uint32_t i = 1; i < stages; i++)
        dfl__buf_fmt(source, "FROM s%u AS s%u\nCOPY --from=s%u / /\n", i - 1, i, i / 2);
}

static void the_longest_lines_take_lanes(void **state) {
    (void)state;
    enum { STAGES = 2000 };
    picture p;
    dfl__buf source;
    uint32_t in_lane = 0, bent = 0;
    chain(&source, STAGES);
    open_picture(&p, dfl__buf_str(&source), COUNT(steps));
    const dfl__svg *svg = &p.svg;
    int32_t bottom = 0;
    for (uint32_t i = 0; i < svg->item_count; i++)
        if (svg->items[i].y + svg->items[i].height / 2 > bottom)
            bottom = svg->items[i].y + svg->items[i].height / 2;
    for (uint32_t i = 0; i < svg->route_count; i++) {
        const dfl__svg_route *route = &svg->routes[i];
        const dfl__svg_trunk *trunk = &svg->trunks[route->left * DFL__LINES + route->line];
        in_lane += route->in_lane != 0;
        bent +=
            svg->items[route->right].column - svg->items[route->left].column > 1 && !route->in_lane;
        if (route->in_lane) assert_true(trunk->lane > bottom && trunk->lane < svg->height);
    }
    assert_true(bent > 0 && in_lane > STAGES / 2);
    assert_true(svg->item_count < 16 * STAGES);
    dfl__buf_free(&source);
    close_picture(&p);
}

static void lines_are_untangled(void **state) {
    (void)state;
    picture p;
    dfl_str source =
        DFL__LIT("FROM a AS a\nFROM b AS b\nFROM c AS c\nFROM d AS d\nFROM scratch AS e\n"
                 "COPY --from=d / /\nFROM scratch AS f\nCOPY --from=c / /\nFROM scratch AS g\n"
                 "COPY --from=b / /\nFROM scratch AS h\nCOPY --from=a / /\n");
    open_picture(&p, source, 1);
    assert_int_equal(crossings(&p.svg), 6);
    close_picture(&p);
    open_picture(&p, source, 2);
    assert_int_equal(crossings(&p.svg), 0);
    for (uint32_t i = 0; i < p.svg.item_count; i++)
        assert_int_equal(p.svg.order[p.svg.begin[p.svg.items[i].column] + p.svg.items[i].place], i);
    close_picture(&p);
}

static void ports_are_apart_and_from_is_in_the_middle(void **state) {
    (void)state;
    picture p;
    open_picture(&p,
                 DFL__LIT("FROM a AS x\nFROM b AS y\nFROM x\n"
                          "COPY --from=y / /\nFROM c\nCOPY --from=0 / /\nCOPY --from=1 / /\n"
                          "COPY --from=2 / /\nRUN --mount=from=0,target=/m "
                          "--mount=from=1,target=/n --mount=from=2,target=/o true\n"),
                 3);
    const dfl__svg *svg = &p.svg;
    for (uint32_t i = 0; i < svg->route_count; i++) {
        const dfl__svg_route *a = &svg->routes[i];
        int32_t half = svg->items[a->right].height / 2;
        assert_in_range(a->port + half, 8, 2 * half - 8);
        if (a->line == DFL__LINE_FROM && a->right == 2) assert_int_equal(a->port, 0);
        for (uint32_t k = 0; k < i; k++)
            if (svg->routes[k].right == a->right)
                assert_true(abs(svg->routes[k].port - a->port) >= 9);
    }
    assert_true(svg->items[3].height > svg->items[2].height); /* seven lines need room */
    for (uint32_t i = 0; i < svg->link_count; i++) {
        const dfl__svg_link *link = &svg->links[i];
        if (link->from >= svg->node_count) assert_int_equal(dfl__svg_from_port(svg, link), 0);
        if (link->route == DFL__SVG_NONE) assert_int_equal(dfl__svg_to_port(svg, link), 0);
    }
    close_picture(&p);
}

static void a_chain_is_straight(void **state) {
    (void)state;
    picture p;
    open_picture(&p, DFL__LIT("FROM a AS s0\nFROM s0 AS s1\nFROM s1 AS s2\nFROM s2\n"), 4);
    for (uint32_t i = 1; i < p.svg.node_count; i++)
        assert_int_equal(p.svg.items[i].y, p.svg.items[0].y);
    assert_int_equal(p.svg.height, DFL__SVG_BOX_HEIGHT + 2 * DFL__SVG_MARGIN);
    close_picture(&p);
}

static void columns_keep_their_distance(void **state) {
    (void)state;
    picture p;
    dfl__buf source;
    chain(&source, 60);
    open_picture(&p, dfl__buf_str(&source), 4);
    const dfl__svg *svg = &p.svg;
    for (uint32_t column = 0; column < svg->column_count; column++) {
        for (uint32_t i = svg->begin[column]; i + 1 < svg->begin[column + 1]; i++) {
            const dfl__svg_item *a = &svg->items[svg->order[i]],
                                *b = &svg->items[svg->order[i + 1]];
            assert_true(a->y + a->height / 2 + 10 <= b->y - b->height / 2);
        }
        if (column == 0) continue;
        const dfl__svg_column *before = &svg->columns[column - 1];
        assert_true(before->x + before->width + 50 <= svg->columns[column].x);
    }
    for (uint32_t i = 0; i < svg->node_count; i++) {
        const dfl__svg_column *column = &svg->columns[svg->items[i].column];
        assert_true(svg->items[i].x >= column->x);
        assert_true(svg->items[i].x + svg->items[i].width <= column->x + column->width);
    }
    dfl__buf_free(&source);
    close_picture(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_needed_stands_to_the_left),
        cmocka_unit_test(what_cannot_be_built_points_back),
        cmocka_unit_test(the_longest_lines_take_lanes),
        cmocka_unit_test(lines_are_untangled),
        cmocka_unit_test(ports_are_apart_and_from_is_in_the_middle),
        cmocka_unit_test(a_chain_is_straight),
        cmocka_unit_test(columns_keep_their_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
