/* comments.c -- comments above an instruction: `check` for it alone, and descriptions.
 * Relies on lint.h and the directive grammar. Specification 1.5, 8.1.
 * Never looks at comments inside an instruction: BuildKit does not keep them. */
#include "lint/lint.h"
#include "syntax/parser.h"

typedef struct {
    DFL__VEC(dfl_range) items; /* texts of the comments since the last reset */
} comments;

/* BuildKit drops the first byte of the line, be it the mark or a blank before it. */
static dfl_range text_of(const dfl_doc *doc, uint32_t node) {
    dfl_range range = dfl__node_range(doc, node);
    dfl_str src = doc->source;
    uint32_t line = range.start;
    while (line > 0 && src.ptr[line - 1] != '\n')
        line--;
    if (line == 0 && dfl__starts(src, "\xEF\xBB\xBF")) line = 3;
    dfl_str text = dfl__sub(src, line + 1, range.end);
    range.start = line + 1 + (uint32_t)dfl__space_prefix(text);
    text = dfl__trim(text);
    range.end = range.start + (uint32_t)text.len;
    return range;
}

static void add_comment(dfl__linter *l, comments *c, uint32_t node) {
    dfl_range text = text_of(l->doc, node);
    if (text.start == text.end)
        c->items.count = 0;
    else if (!DFL__PUSH(&l->arena->alloc, &c->items, text))
        dfl__lint_nomem(l);
}

/* The first comment that reads as a `check` directive; a malformed one ends the search. */
static void read_check(dfl__linter *l, const comments *c, uint32_t instr) {
    dfl_str src = l->doc->source;
    for (uint32_t i = 0; i < c->items.count; i++) {
        dfl__directive directive;
        dfl__check check;
        dfl_range text = c->items.items[i];
        if (!dfl__directive_read(src, text.start, text.end, &directive)) continue;
        if (dfl__directive_key(src, &directive) != DFL__CHECK) continue;
        dfl_str value = dfl__sub(src, directive.value, directive.value_end);
        value = dfl__sub(value, 0, dfl__find(value, ' ', 0));
        if (!dfl__check_read(value, &check)) return;
        check.node = l->model->instrs.items[instr].node;
        if (!DFL__PUSH(&l->arena->alloc, &l->checks, check))
            dfl__lint_nomem(l);
        else
            l->check_of.items[instr] = l->checks.count;
        return;
    }
}

/* Whether one of the names that FROM or ARG defines is `word`; `*first` and `*count` are theirs. */
static int defines(dfl__linter *l, uint32_t instr, dfl_str word, dfl_str *first, uint32_t *count) {
    const dfl__instr *i = &l->model->instrs.items[instr];
    int found = 0;
    *count = 0;
    if (i->kind == DFL_NODE_FROM) {
        *first = l->model->stages.items[i->stage].name;
        *count = first->len > 0;
        return dfl__eq(*first, word);
    }
    for (uint32_t a = dfl__next_argument(l->doc, i->node, 0); a != 0;
         a = dfl__next_argument(l->doc, i->node, a)) {
        dfl_str name = dfl__node_value(l->doc, dfl__node_child(l->doc, a, DFL_NODE_NAME));
        if ((*count)++ == 0) *first = name;
        found = found || dfl__eq(name, word);
    }
    return found;
}

static void describe(dfl__linter *l, const comments *c, uint32_t instr) {
    const dfl__instr *i = &l->model->instrs.items[instr];
    dfl_str name = {"", 0};
    uint32_t count;
    if (c->items.count == 0 || (i->kind != DFL_NODE_FROM && i->kind != DFL_NODE_ARG)) return;
    dfl_range range = c->items.items[c->items.count - 1];
    dfl_str text = dfl__sub(l->doc->source, range.start, range.end);
    dfl_str word = dfl__sub(text, 0, dfl__find(text, ' ', 0));
    if (defines(l, instr, word, &name, &count) || count == 0) return;
    dfl__site site = dfl__lint_site(l, instr);
    dfl__lint_item report = {.rule = DFL__RULE_DESCRIPTION,
                             .range = range,
                             .related = dfl__node_range(l->doc, i->node),
                             .a = dfl__str(dfl_instruction_name(i->kind)),
                             .b = count > 1 ? DFL__LIT("<name>") : name};
    dfl__lint_report(l, &site, &report);
}

void dfl__lint_comments(dfl__linter *l) {
    const dfl_doc *doc = l->doc;
    comments c = {{NULL, 0, 0}};
    uint32_t instr = 0;
    for (uint32_t node = dfl__node_first(doc, 0); node != 0 && l->status == DFL_OK;
         node = doc->nodes.items[node].next) {
        uint16_t kind = doc->nodes.items[node].kind;
        if (kind == DFL_NODE_COMMENT) add_comment(l, &c, node);
        if (!dfl__kind_is_instruction(kind)) continue;
        read_check(l, &c, instr);
        describe(l, &c, instr);
        c.items.count = 0;
        instr++;
    }
    DFL__VEC_FREE(&l->arena->alloc, &c.items);
}
