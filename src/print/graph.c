/* graph.c -- the stage graph as DOT and Mermaid, and the choice of a form.
 * Relies on drawing.h; tree.c holds the text form, graph_json.c JSON, svg.c the picture.
 * Never lets a name end a string: each format has its own quoting.
 *
 * Arrows follow the content: from the image or stage that is read to the stage that reads it, which
 * is what `FROM x` and `--from=x` say. Lines are solid for FROM, dashed for COPY --from, dotted for
 * mounts; images have dashed borders; stages that the target does not need are grey and say so.
 * The drawings show an edge once, JSON has one for each reference. A reference that is not known
 * leads to the image as it is written, and perhaps to each stage that it may mean. */
#include "print/drawing.h"

/* How a drawing language spells what a label cannot hold as it stands. */
typedef struct {
    char c;
    const char *escape;
} escape;

static const escape dot_escapes[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\0', NULL}};
static const escape mermaid_escapes[] = {{'"', "#quot;"}, {'#', "#35;"}, {'&', "#amp;"},
                                         {'<', "#lt;"},   {'>', "#gt;"}, {'`', "#96;"},
                                         {'\\', "#92;"},  {'\0', NULL}};

static void write_escaped(dfl__out *out, const escape *escapes, dfl_str s) {
    for (size_t at = 0; at < s.len;) {
        size_t start = at;
        uint32_t rune = dfl__next_rune(s, &at);
        const escape *e = escapes;
        while (e->escape != NULL && e->c != s.ptr[start])
            e++;
        if (e->escape != NULL)
            dfl__out_z(out, e->escape);
        else
            dfl__out_rune(out, rune < 0x20 || rune == 0x7F ? DFL__RUNE_ERROR : rune);
    }
}

static void write_label(dfl__out *out, const dfl__drawing *d, const escape *escapes,
                        uint32_t node) {
    if (node >= d->stage_count) {
        uint8_t flags = d->image_flags[node - d->stage_count];
        write_escaped(out, escapes, dfl__drawing_image(d, node));
        if ((flags & DFL__IMAGE_CONTEXT) != 0) dfl__out_z(out, " (named context)");
        return;
    }
    dfl_stage stage = dfl__drawing_stage(d, node);
    if (stage.name.len != 0) {
        write_escaped(out, escapes, stage.name);
    } else {
        dfl__out_z(out, "stage ");
        dfl__out_u(out, node);
    }
    if (dfl__drawing_replaced(d, node)) dfl__out_z(out, " (named context)");
    if (d->needs[node] == DFL_NEED_NO) dfl__out_z(out, " (unreachable)");
    if (d->needs[node] == DFL_NEED_PERHAPS) dfl__out_z(out, " (perhaps)");
}

static void write_id(dfl__out *out, const dfl__drawing *d, uint32_t node) {
    dfl__out_c(out, node < d->stage_count ? 's' : 'i');
    dfl__out_u(out, node < d->stage_count ? node : node - d->stage_count);
}

/* A drawing language: what stands around ids, labels and edges. Indexed by class or kind. */
typedef struct {
    const char *head, *tail;
    const char *node_open[4], *node_close[4]; /* stage, target, unreachable, image */
    const char *edge[5], *edge_close[5]; /* one that cannot be built, from, copy, mount, perhaps */
    const escape *escapes;
} language;

static const language dot = {
    "digraph dockerfile {\n    rankdir=LR;\n    node [shape=box];\n",
    "}\n",
    {" [label=\"", " [label=\"", " [label=\"", " [label=\""},
    {"\"];\n", "\", penwidth=2];\n", "\", color=gray, fontcolor=gray];\n", "\", style=dashed];\n"},
    {" -> ", " -> ", " -> ", " -> ", " -> "},
    {" [label=invalid, color=red];\n", ";\n", " [label=copy, style=dashed];\n",
     " [label=mount, style=dotted];\n", " [label=perhaps, color=gray, style=dashed];\n"},
    dot_escapes,
};

static const language mermaid = {
    "flowchart LR\n",
    "    classDef target stroke-width:3px\n    classDef unreachable color:#888,stroke:#bbb\n"
    "    classDef image stroke-dasharray:5 5\n",
    {"[\"", "[\"", "[\"", "([\""},
    {"\"]\n", "\"]:::target\n", "\"]:::unreachable\n", "\"]):::image\n"},
    {" -. invalid .-x ", " --> ", " -. copy .-> ", " -. mount .-> ", " -. perhaps .-> "},
    {"\n", "\n", "\n", "\n", "\n"},
    mermaid_escapes,
};

static uint32_t node_class(const dfl__drawing *d, uint32_t node) {
    if (node >= d->stage_count) return 3;
    return node == d->target ? 1 : d->needs[node] != DFL_NEED_NO ? 0 : 2;
}

static dfl_status print_drawing(const dfl__drawing *d, const language *l, dfl__out *out) {
    dfl__out_z(out, l->head);
    for (uint32_t node = 0; node < d->stage_count + d->image_count; node++) {
        uint32_t class = node_class(d, node);
        dfl__out_indent(out, 4);
        write_id(out, d, node);
        dfl__out_z(out, l->node_open[class]);
        write_label(out, d, l->escapes, node);
        dfl__out_z(out, l->node_close[class]);
    }
    for (uint32_t i = 0; i < d->edge_count; i++) {
        const dfl__drawing_edge *edge = &d->edges[i];
        uint32_t kind = edge->cyclic ? 0 : edge->perhaps ? 4 : edge->kind;
        dfl__out_indent(out, 4);
        write_id(out, d, edge->node);
        dfl__out_z(out, l->edge[kind]);
        write_id(out, d, edge->stage);
        dfl__out_z(out, l->edge_close[kind]);
    }
    dfl__out_z(out, l->tail);
    return DFL_OK;
}

static dfl_status print_format(const dfl__drawing *d, uint32_t format, dfl__out *out) {
    switch (format) {
    case DFL_GRAPH_TEXT: return dfl__drawing_tree(d, out);
    case DFL_GRAPH_JSON: return dfl__drawing_json(d, out);
    case DFL_GRAPH_DOT: return print_drawing(d, &dot, out);
    case DFL_GRAPH_MERMAID: return print_drawing(d, &mermaid, out);
    case DFL_GRAPH_SVG: return dfl__drawing_svg(d, out);
    default: return DFL_E_ARG;
    }
}

dfl_status dfl_print_graph(const dfl_model *model, uint32_t target, uint32_t format,
                           const dfl_sink *sink) {
    dfl__out out;
    dfl__drawing drawing;
    if (model == NULL || format < DFL_GRAPH_TEXT || format > DFL_GRAPH_SVG) return DFL_E_ARG;
    dfl_status status = dfl__out_init(&out, sink);
    if (status == DFL_OK) status = dfl__drawing_make(model, target, &drawing);
    if (status != DFL_OK) return status;
    status = print_format(&drawing, format, &out);
    if (status == DFL_OK) status = dfl__out_done(&out);
    dfl__drawing_free(&drawing);
    return status;
}
