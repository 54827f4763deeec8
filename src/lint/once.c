/* once.c -- CMD, ENTRYPOINT and HEALTHCHECK: of several in a stage the last one counts.
 * Relies on lint.h. Follows validateUsedOnce and dispatchCmd of frontend/dockerfile.
 * Never looks at the base stage: what it holds is replaced, not repeated. */
#include "lint/lint.h"

/* The instruction with its line end; empty when something else stands on its lines or above it. */
static dfl_range whole_lines(const dfl__linter *l, uint32_t node) {
    dfl_range range = dfl__node_range(l->doc, node), none = {0, 0};
    dfl_str src = l->doc->source;
    if (range.start > 0 && src.ptr[range.start - 1] != '\n') return none;
    if (range.end < src.len && src.ptr[range.end] == '\r') range.end++;
    if (range.end < src.len && src.ptr[range.end] != '\n') return none;
    if (range.end < src.len) range.end++;
    return range;
}

static int has_comment_above(const dfl__linter *l, uint32_t node) {
    const dfl_node_rec *nodes = l->doc->nodes.items;
    uint32_t first = nodes[node].first_token;
    while (first > 0 && (l->doc->tokens.items[first - 1].kind == DFL_TOKEN_NEWLINE ||
                         l->doc->tokens.items[first - 1].kind == DFL_TOKEN_WHITESPACE))
        first--;
    return first > 0 && l->doc->tokens.items[first - 1].kind == DFL_TOKEN_COMMENT;
}

static void report_earlier(dfl__linter *l, const dfl__site *site, const dfl__site *earlier) {
    dfl_range lines = dfl__node_range(l->doc, earlier->place);
    dfl_edit edit = {whole_lines(l, earlier->node), {"", 0}};
    dfl__site at = {earlier->node, earlier->place, site->check};
    dfl__lint_item report = {
        .rule = DFL__RULE_MULTIPLE,
        .range = dfl__node_range(l->doc, earlier->node),
        .related = dfl__node_range(l->doc, site->node),
        .lines = lines,
        .a = dfl__str(dfl_instruction_name(l->doc->nodes.items[site->node].kind))};
    int own = earlier->node == earlier->place && site->node == site->place;
    if (own && edit.range.end > 0 && !has_comment_above(l, earlier->node)) {
        report.edits = &edit;
        report.edit_count = 1;
    }
    dfl__lint_report(l, &at, &report);
}

void dfl__lint_once(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage) {
    const dfl_node_rec *rec = &l->doc->nodes.items[site->node];
    dfl__site *earlier = rec->kind == DFL_NODE_CMD          ? &stage->cmd
                         : rec->kind == DFL_NODE_ENTRYPOINT ? &stage->entrypoint
                                                            : &stage->health;
    if (earlier->node != 0) report_earlier(l, site, earlier);
    *earlier = *site;
    if (rec->kind == DFL_NODE_HEALTHCHECK || (rec->flags & DFL_NODE_F_JSON) != 0) return;
    if (stage->has_shell) return;
    dfl__lint_item report = {.rule = DFL__RULE_JSON_ARGS,
                             .range = dfl__node_range(l->doc, site->node),
                             .a = dfl__str(dfl_instruction_name(rec->kind))};
    dfl__lint_report(l, site, &report);
}
