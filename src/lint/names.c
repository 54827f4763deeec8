/* names.c -- how things are written: casing of instructions, names of stages, empty lines.
 * Relies on lint.h. Follows instructions/parse.go and dockerfile2llb/validations.go.
 * Never needs a value: these rules look at the text alone. */
#include "diag/codes.h"
#include "lint/lint.h"

int dfl__is_lower(dfl_str s) {
    unsigned width;
    for (size_t at = 0; at < s.len; at += width) {
        uint32_t rune = dfl__rune(s, at, &width);
        if (dfl__rune_lower(rune) != rune || (rune == DFL__RUNE_ERROR && width == 1)) return 0;
    }
    return 1;
}

/* How far before a lower-case letter its upper-case one stands, in the scripts that have cases. */
static int has_upper(uint32_t rune) {
    static const uint32_t steps[] = {1, 2, 8, 16, 26, 28, 32, 37, 38, 40, 48, 63, 64, 80};
    if (rune < 0x80) return rune >= 'a' && rune <= 'z';
    if (rune == 0xB5 || rune == 0xFF || rune == 0x17F) return 1;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (dfl__rune_lower(rune - steps[i]) == rune) return 1;
    return 0;
}

int dfl__is_upper(dfl_str s) {
    unsigned width;
    for (size_t at = 0; at < s.len; at += width) {
        uint32_t rune = dfl__rune(s, at, &width);
        if (has_upper(rune) || (rune == DFL__RUNE_ERROR && width == 1)) return 0;
    }
    return 1;
}

dfl_str dfl__lint_cased(dfl__linter *l, dfl_str s, int upper) {
    char *copy = dfl__arena_copy(l->arena, s.ptr, s.len);
    if (copy == NULL) {
        dfl__lint_nomem(l);
        return DFL__LIT("");
    }
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)copy[i];
        copy[i] = (char)(upper ? dfl__upper(c) : dfl__lower(c));
    }
    return (dfl_str){copy, s.len};
}

int dfl__is_verbatim(const dfl__linter *l, uint32_t node) {
    dfl_range range = dfl__node_range(l->doc, node);
    return dfl__eq(dfl__sub(l->doc->source, range.start, range.end), dfl__node_value(l->doc, node));
}

static int is_ascii(dfl_str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80) return 0;
    return 1;
}

/* Report a word that is in the wrong case; the fix is the same word in the right one. */
static void report_case(dfl__linter *l, const dfl__site *site, uint32_t node, int upper,
                        dfl__lint_item *report) {
    dfl_str word = dfl__node_value(l->doc, node);
    dfl_edit edit = {dfl__node_range(l->doc, node), {"", 0}};
    report->range = edit.range;
    report->a = word;
    if (is_ascii(word) && dfl__is_verbatim(l, node)) {
        edit.text = dfl__lint_cased(l, word, upper);
        report->edits = &edit;
        report->edit_count = 1;
    }
    dfl__lint_report(l, site, report);
}

static void check_from(dfl__linter *l, const dfl__site *site) {
    uint32_t as = dfl__lint_argument(l, site->node, 1), name = dfl__lint_argument(l, site->node, 2);
    if (name == 0) return;
    dfl__lint_item casing = {.rule = DFL__RULE_STAGE_NAME_CASING};
    if (dfl__lint_argument(l, site->node, 3) == 0 && !dfl__is_lower(dfl__node_value(l->doc, name)))
        report_case(l, site, name, 0, &casing);
    uint32_t keyword = dfl__node_child(l->doc, site->node, DFL_NODE_KEYWORD);
    dfl_str from = dfl__node_value(l->doc, keyword), word = dfl__node_value(l->doc, as);
    int lower = dfl__is_lower(from);
    if (!lower && !dfl__is_upper(from)) return;
    dfl__lint_item match = {
        .rule = DFL__RULE_FROM_AS_CASING, .related = dfl__node_range(l->doc, keyword), .b = from};
    if (lower ? !dfl__is_lower(word) : !dfl__is_upper(word))
        report_case(l, site, as, !lower, &match);
}

static void check_text(dfl__linter *l) {
    for (uint32_t i = 0; i < l->model->instrs.count; i++) {
        dfl__site site = dfl__lint_site(l, i);
        dfl__lint_item report = {.rule = DFL__RULE_MAINTAINER};
        uint16_t kind = l->model->instrs.items[i].kind;
        if (kind == DFL_NODE_FROM) check_from(l, &site);
        if (kind != DFL_NODE_MAINTAINER) continue;
        report.range =
            dfl__node_range(l->doc, dfl__node_child(l->doc, site.node, DFL_NODE_KEYWORD));
        dfl__lint_report(l, &site, &report);
    }
}

/* The name of an instruction of a stage; 0 for what is none. */
static uint32_t keyword_of(const dfl__linter *l, uint32_t instr) {
    const dfl__instr *i = &l->model->instrs.items[instr];
    if (i->stage == DFL_NO_STAGE || i->kind == DFL_NODE_UNKNOWN) return 0;
    return dfl__node_child(l->doc, i->node, DFL_NODE_KEYWORD);
}

static void check_casing(dfl__linter *l) {
    uint32_t lower = 0, upper = 0;
    for (uint32_t i = 0; i < l->model->instrs.count; i++) {
        uint32_t keyword = keyword_of(l, i);
        dfl_str word = dfl__node_value(l->doc, keyword);
        if (keyword == 0) continue;
        if (dfl__is_lower(word))
            lower++;
        else if (dfl__is_upper(word))
            upper++;
    }
    int to_lower = lower > upper;
    for (uint32_t i = 0; i < l->model->instrs.count; i++) {
        uint32_t keyword = keyword_of(l, i);
        dfl_str word = dfl__node_value(l->doc, keyword);
        if (keyword == 0 || (to_lower ? dfl__is_lower(word) : dfl__is_upper(word))) continue;
        dfl__site site = dfl__lint_site(l, i);
        dfl__lint_item report = {.rule = DFL__RULE_CONSISTENT_CASING,
                                 .b = to_lower ? DFL__LIT("lower case") : DFL__LIT("upper case")};
        report_case(l, &site, keyword, !to_lower, &report);
    }
}

static void check_stage_names(dfl__linter *l) {
    dfl__env seen;
    dfl__env_init(&seen, l->arena);
    for (uint32_t i = 0; i < l->model->stages.count; i++) {
        const dfl__stage *stage = &l->model->stages.items[i];
        uint32_t name = dfl__lint_argument(l, stage->node, 2);
        if (stage->name.len == 0 || name == 0) continue;
        dfl__site site = dfl__lint_site(l, stage->first);
        dfl__lint_item report = {.rule = DFL__RULE_RESERVED_STAGE,
                                 .range = dfl__node_range(l->doc, name),
                                 .a = stage->name};
        if (dfl__eqz(stage->name, "scratch") || dfl__eqz(stage->name, "context"))
            dfl__lint_report(l, &site, &report);
        const dfl__binding *first = dfl__env_find(&seen, stage->name);
        if (first != NULL) {
            report.rule = DFL__RULE_DUPLICATE_STAGE;
            report.related = dfl__node_range(l->doc, first->definition);
            dfl__lint_report(l, &site, &report);
        } else {
            dfl__lint_set(l, &seen, stage->name, stage->name, name);
        }
    }
}

/* Empty lines inside an instruction: the first in `*first`, an edit for each in `edits`. */
typedef DFL__VEC(dfl_edit) edit_list;
static void empty_lines(dfl__linter *l, uint32_t node, dfl_range *first, edit_list *edits) {
    const dfl_node_rec *rec = &l->doc->nodes.items[node];
    dfl_str src = l->doc->source;
    for (uint32_t t = rec->first_token; t < rec->end_token && l->status == DFL_OK; t++) {
        const dfl_token_rec *token = &l->doc->tokens.items[t];
        if (token->kind != DFL_TOKEN_NEWLINE) continue;
        uint32_t start = token->start;
        if (t > rec->first_token && token[-1].kind == DFL_TOKEN_WHITESPACE) start = token[-1].start;
        if (start > 0 && src.ptr[start - 1] != '\n') continue;
        dfl_edit edit = {{start, dfl__token_end(l->doc, t)}, {"", 0}};
        if (edits->count == 0) *first = edit.range;
        if (!DFL__PUSH(&l->arena->alloc, edits, edit)) dfl__lint_nomem(l);
    }
}

static void check_continuations(dfl__linter *l) {
    uint32_t instr = 0;
    for (uint32_t d = 0; d < l->doc->diags.count; d++) {
        const dfl_diag_rec *diag = &l->doc->diags.items[d];
        edit_list edits = {NULL, 0, 0};
        if (diag->code != DFL_D_EMPTY_CONTINUATION) continue;
        while (instr + 1 < l->model->instrs.count &&
               dfl__node_range(l->doc, l->model->instrs.items[instr + 1].node).start <= diag->start)
            instr++;
        dfl__site site = {0, 0, 0};
        dfl_range range = {diag->start, diag->end};
        dfl__lint_item report = {.rule = DFL__RULE_NO_EMPTY_CONTINUATION, .lines = range};
        report.range = range;
        if (report.lines.start == report.lines.end) site.place = 0;
        if (instr < l->model->instrs.count) {
            site.node = l->model->instrs.items[instr].node;
            empty_lines(l, site.node, &report.range, &edits);
        }
        report.edits = edits.items;
        report.edit_count = edits.count;
        dfl__lint_report(l, &site, &report);
        DFL__VEC_FREE(&l->arena->alloc, &edits);
    }
}

void dfl__lint_names(dfl__linter *l) {
    check_continuations(l);
    check_text(l);
    check_stage_names(l);
    check_casing(l);
}
