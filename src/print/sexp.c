/* sexp.c -- the tree as an S-expression, for tests and people.
 * Relies on tree.h of the public API and on writer.h.
 * Never recurses, never drops a byte: what a JSON string could not tell apart is written as \xNN.
 *
 *   node  = "(" kind start ".." end [value] *flag *node ")"     one a line, two blanks a level
 *   value = string         of a leaf: its text, when it is not empty
 *         | "=" string     of any node: its value, when it differs from the text
 *   flag  = error | missing | json | legacy | expand | chomp | nested
 *
 *   (file 0..12
 *     (FROM 0..11
 *       (keyword 0..4 "FROM")
 *       (word 5..11 ="ab")))
 *
 * Kinds are those of dfl_node_kind_name, offsets are bytes of the source. */
#include "dockerfile/print.h"

#include <assert.h>

#include "print/writer.h"

static const struct {
    uint32_t flag;
    const char *name;
} flag_names[] = {
    {DFL_NODE_F_ERROR, " error"},   {DFL_NODE_F_MISSING, " missing"}, {DFL_NODE_F_JSON, " json"},
    {DFL_NODE_F_LEGACY, " legacy"}, {DFL_NODE_F_EXPAND, " expand"},   {DFL_NODE_F_CHOMP, " chomp"},
    {DFL_NODE_F_NESTED, " nested"},
};

static void write_value(dfl__out *out, dfl_node node) {
    if ((dfl_node_flags(node) & DFL_NODE_F_VALUE) != 0) {
        dfl__out_z(out, " =");
        dfl__out_quoted(out, dfl_node_value(node));
    } else if (dfl_node_is_null(dfl_node_first(node)) && dfl_node_text(node).len != 0) {
        dfl__out_c(out, ' ');
        dfl__out_quoted(out, dfl_node_text(node));
    }
}

static void write_node(dfl__out *out, dfl_node node) {
    dfl_range range = dfl_node_range(node);
    dfl__out_c(out, '(');
    dfl__out_z(out, dfl_node_kind_name(dfl_node_kind(node)));
    dfl__out_c(out, ' ');
    dfl__out_u(out, range.start);
    dfl__out_z(out, "..");
    dfl__out_u(out, range.end);
    write_value(out, node);
    uint32_t flags = dfl_node_flags(node);
    for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++)
        if ((flags & flag_names[i].flag) != 0) dfl__out_z(out, flag_names[i].name);
}

/* Close what ends with node `id` when a child of `parent` follows; returns how deep that stands. */
static uint32_t close_nodes(dfl__out *out, const dfl_node_rec *nodes, uint32_t id, uint32_t parent,
                            uint32_t depth) {
    if (parent == id) return depth + 1;
    for (uint32_t at = id;; at = nodes[at].parent, depth--) {
        assert(depth > 0);
        dfl__out_c(out, ')');
        if (nodes[at].parent == parent) return depth;
    }
}

dfl_status dfl_print_sexp(const dfl_doc *doc, const dfl_sink *sink) {
    dfl__out out;
    dfl_status status = doc != NULL ? dfl__out_init(&out, sink) : DFL_E_ARG;
    if (status != DFL_OK) return status;
    size_t count;
    const dfl_node_rec *nodes = dfl_doc_nodes(doc, &count);
    uint32_t depth = 0;
    for (uint32_t id = 0; id < count; id++) {
        if (id != 0) {
            depth = close_nodes(&out, nodes, id - 1, nodes[id].parent, depth);
            dfl__out_c(&out, '\n');
            dfl__out_indent(&out, depth * 2);
        }
        write_node(&out, dfl_doc_node(doc, id));
    }
    for (uint32_t i = 0; i <= depth; i++)
        dfl__out_c(&out, ')');
    dfl__out_c(&out, '\n');
    return dfl__out_done(&out);
}
