/* tree.c -- the stage graph as a tree of what each stage needs, for a terminal.
 * Relies on drawing.h.
 * Never recurses; a stage is drawn once and referred to afterwards, so output is linear.
 *
 *   stage 1 "final" (target)
 *   ├─ from   alpine:3.20
 *   └─ copy   stage 0 "builder"
 *      └─ from   golang:1.22
 *
 * Marks after a stage: (unreachable) is not needed for the target; (above) and (below) are drawn
 * elsewhere; (itself) and (defined later) cannot be built, and every cycle holds one of them. An
 * image that depends on a value not given is followed by (unknown), and then by the stages that it
 * may mean: (perhaps). (named context) stands behind what such a context replaces. */
#include "print/drawing.h"

#include <string.h>

#define DEPTH_MAX 64u

typedef struct {
    uint32_t next; /* edge to draw next */
    uint32_t end;
} frame;

typedef struct {
    const dfl__drawing *d;
    dfl__out *out;
    uint8_t *drawn; /* [stage_count] */
    frame frames[DEPTH_MAX];
    uint32_t depth;
} walk;

static void write_stage(walk *w, uint32_t index) {
    dfl_stage stage = dfl__drawing_stage(w->d, index);
    dfl__out_z(w->out, "stage ");
    dfl__out_u(w->out, index);
    if (stage.name.len == 0) return;
    dfl__out_z(w->out, " \"");
    dfl__out_shown(w->out, stage.name);
    dfl__out_c(w->out, '"');
}

static void write_branch(walk *w, const dfl__drawing_edge *edge) {
    for (uint32_t i = 0; i + 1 < w->depth; i++)
        dfl__out_z(w->out, w->frames[i].next < w->frames[i].end ? "│  " : "   ");
    const frame *top = &w->frames[w->depth - 1];
    dfl__out_z(w->out, top->next < top->end ? "├─ " : "└─ ");
    dfl__out_z(w->out, dfl__edge_name(edge->kind));
    dfl__out_indent(w->out, (uint32_t)(7 - strlen(dfl__edge_name(edge->kind))));
}

static void enter(walk *w, uint32_t stage) {
    w->drawn[stage] = 1;
    w->frames[w->depth++] = (frame){w->d->first[stage], w->d->first[stage + 1]};
}

static const char *stage_mark(const walk *w, const dfl__drawing_edge *edge) {
    if (edge->node == edge->stage) return " (itself)";
    if (edge->node > edge->stage) return " (defined later)";
    if (w->drawn[edge->node]) return " (above)";
    return w->depth == DEPTH_MAX ? " (below)" : NULL;
}

static void draw_edge(walk *w, const dfl__drawing_edge *edge) {
    write_branch(w, edge);
    if (edge->node >= w->d->stage_count) {
        uint8_t flags = w->d->image_flags[edge->node - w->d->stage_count];
        dfl__out_shown(w->out, dfl__drawing_image(w->d, edge->node));
        if (!edge->known) dfl__out_z(w->out, " (unknown)");
        if ((flags & DFL__IMAGE_CONTEXT) != 0) dfl__out_z(w->out, " (named context)");
        dfl__out_c(w->out, '\n');
        return;
    }
    write_stage(w, edge->node);
    if (edge->perhaps) dfl__out_z(w->out, " (perhaps)");
    if (dfl__drawing_replaced(w->d, edge->node)) dfl__out_z(w->out, " (named context)");
    const char *mark = stage_mark(w, edge);
    dfl__out_z(w->out, mark != NULL ? mark : "");
    dfl__out_c(w->out, '\n');
    if (mark == NULL) enter(w, edge->node);
}

static void draw_root(walk *w, uint32_t stage) {
    if (w->out->last != '\0') dfl__out_c(w->out, '\n');
    write_stage(w, stage);
    if (stage == w->d->target) dfl__out_z(w->out, " (target)");
    if (w->d->needs[stage] == DFL_NEED_NO) dfl__out_z(w->out, " (unreachable)");
    if (w->d->needs[stage] == DFL_NEED_PERHAPS) dfl__out_z(w->out, " (perhaps)");
    if (dfl__drawing_replaced(w->d, stage)) dfl__out_z(w->out, " (named context)");
    dfl__out_c(w->out, '\n');
    enter(w, stage);
    while (w->depth > 0) {
        frame *top = &w->frames[w->depth - 1];
        if (top->next < top->end)
            draw_edge(w, &w->d->edges[top->next++]);
        else
            w->depth--;
    }
}

dfl_status dfl__drawing_tree(const dfl__drawing *drawing, dfl__out *out) {
    walk w = {.d = drawing, .out = out};
    dfl__arena arena;
    dfl__arena_init(&arena, &drawing->arena.alloc);
    w.drawn = dfl__arena_get(&arena, drawing->stage_count);
    if (w.drawn == NULL) return DFL_E_NOMEM;
    if (drawing->stage_count == 0) {
        dfl__out_z(out, "no stages\n");
    } else {
        memset(w.drawn, 0, drawing->stage_count);
        draw_root(&w, drawing->target);
    }
    /* What is left: needed but too deep for one tree, then what the target does not need. A stage
     * can only be needed by a later one, so the last comes first. */
    static const uint8_t rounds[] = {DFL_NEED_YES, DFL_NEED_PERHAPS, DFL_NEED_NO};
    for (size_t i = 0; i < sizeof rounds; i++) {
        for (uint32_t stage = drawing->stage_count; stage-- > 0;) {
            if (!w.drawn[stage] && drawing->needs[stage] == rounds[i]) draw_root(&w, stage);
        }
    }
    dfl__arena_free(&arena);
    return DFL_OK;
}
