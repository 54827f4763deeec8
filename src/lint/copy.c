/* copy.c -- words and heredocs of COPY and ADD, and sources the context does not hold.
 * Relies on lint.h. Follows dispatchCopy and validateCopySourcePath of frontend/dockerfile
 * (specification 2.2, 8.2).
 * Never opens a file: the ignore file is the caller's. */
#include "lint/lint.h"
#include "model/remote.h"
#include "syntax/parser.h"

/* Whether it is a path of the context, and no URL. */
static int is_local(dfl__linter *l, dfl_str s) {
    dfl__source source;
    if (dfl__source_read(s, l->arena, &source) == DFL_OK)
        return source.kind == DFL__SOURCE_LOCAL && !source.bad_query;
    dfl__lint_nomem(l);
    return 0;
}

/* The context as a whole is left out by these patterns only. */
static int ignores_root(const dfl_ignore *ignore) {
    for (size_t i = 0; i < dfl_ignore_pattern_count(ignore); i++) {
        dfl_pattern pattern = {.size = sizeof pattern};
        if (dfl_ignore_pattern(ignore, i, &pattern) != DFL_OK) continue;
        if (dfl__eqz(pattern.text, "*") || dfl__eqz(pattern.text, "**") ||
            dfl__eqz(pattern.text, "**/*"))
            return 1;
    }
    return 0;
}

static int has_exceptions(const dfl_ignore *ignore) {
    for (size_t i = 0; i < dfl_ignore_pattern_count(ignore); i++) {
        dfl_pattern pattern = {.size = sizeof pattern};
        if (dfl_ignore_pattern(ignore, i, &pattern) == DFL_OK && pattern.exception) return 1;
    }
    return 0;
}

/* BuildKit holds the cleaned text against the patterns: a path from the root, or one that leaves
 * it, matches none that names a place. The file is left out all the same, which makes it a note. */
static void check_source(dfl__linter *l, const dfl__site *site, uint32_t node, dfl_str source) {
    const dfl_ignore *ignore = l->opt->ignore;
    int32_t excluded = 0;
    if (ignore == NULL || has_exceptions(ignore) || !is_local(l, source)) return;
    dfl_str path = dfl__path_join(l->arena, DFL__LIT("/"), source);
    if (path.ptr == NULL) {
        dfl__lint_nomem(l);
        return;
    }
    int beyond = dfl__starts(source, "/") || dfl__starts(source, "..");
    if (path.len == 1) {
        excluded = ignores_root(ignore);
        beyond = dfl__starts(source, "..");
    } else if (dfl_ignore_match(ignore, path, DFL_IGNORE_PATH, &excluded, NULL) == DFL_E_NOMEM) {
        dfl__lint_nomem(l);
    }
    if (!excluded) return;
    dfl__lint_item report = {
        .rule = DFL__RULE_COPY_IGNORED,
        .severity = beyond ? DFL_SEVERITY_NOTE : DFL_SEVERITY_WARNING,
        .range = dfl__node_range(l->doc, node),
        .a = dfl__str(dfl_instruction_name(l->doc->nodes.items[site->node].kind)),
        .b = source};
    dfl__lint_report(l, site, &report);
}

static void expand_flag(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage,
                        const char *name) {
    uint32_t flag = 0, value = dfl__flag_value(l->doc, site->node, name, &flag);
    dfl__lint_word word = dfl__lint_word_of(l, &stage->env, value);
    if (value != 0) dfl__stage_expand(l, site, stage, &word);
}

/* Bodies of heredocs by name, the last of each: the number is the node, 0 when none was collected.
 */
typedef struct {
    dfl__env own, outer; /* of the instruction, and of the ONBUILD that it is the trigger of */
} bodies;

static void collect(dfl__linter *l, uint32_t instruction, dfl__env *out) {
    const dfl_node_rec *nodes = l->doc->nodes.items;
    if (!dfl__kind_is_instruction(nodes[instruction].kind)) return;
    for (uint32_t n = dfl__node_first(l->doc, instruction); n != 0; n = nodes[n].next) {
        if (nodes[n].kind != DFL_NODE_HEREDOC) continue;
        uint32_t body = dfl__node_child(l->doc, n, DFL_NODE_HEREDOC_BODY);
        dfl__lint_set(l, out, dfl__node_value(l->doc, n), DFL__LIT(""), body);
    }
}

static uint32_t body_of(const bodies *b, dfl_str name) {
    const dfl__binding *found = dfl__env_find(&b->own, name);
    if (found == NULL || found->definition == 0) found = dfl__env_find(&b->outer, name);
    return found != NULL ? found->definition : 0;
}

/* If `node` is a heredoc, expand its body. */
static int is_heredoc(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage,
                      const bodies *known, uint32_t node) {
    dfl__buf name;
    uint16_t flags = 0;
    dfl__buf_init(&name, &l->arena->alloc, 0);
    int found = dfl__heredoc_word(dfl__node_value(l->doc, node), &name, &flags, NULL);
    if (name.failed != DFL_OK) dfl__lint_nomem(l);
    if (found && (flags & DFL_NODE_F_EXPAND) != 0) {
        uint32_t body = body_of(known, dfl__buf_str(&name));
        dfl__lint_word word = dfl__lint_word_of(l, &stage->env, body);
        word.flags = DFL__EXPAND_HEREDOC;
        if (body != 0) dfl__stage_expand(l, site, stage, &word);
    }
    dfl__buf_free(&name);
    return found;
}

static int is_from_elsewhere(const dfl__linter *l, uint32_t node) {
    uint32_t flag = 0;
    if (l->doc->nodes.items[node].kind != DFL_NODE_COPY) return 0;
    uint32_t value = dfl__flag_value(l->doc, node, "from", &flag);
    return value != 0 && dfl__node_value(l->doc, value).len > 0;
}

void dfl__lint_copy(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage) {
    uint32_t argument = dfl__next_argument(l->doc, site->node, 0), next;
    int elsewhere = is_from_elsewhere(l, site->node);
    bodies known;
    dfl__env_init(&known.own, l->arena);
    dfl__env_init(&known.outer, l->arena);
    collect(l, site->node, &known.own);
    collect(l, l->doc->nodes.items[site->node].parent, &known.outer);
    expand_flag(l, site, stage, "chown");
    expand_flag(l, site, stage, "chmod");
    if (l->doc->nodes.items[site->node].kind == DFL_NODE_ADD)
        expand_flag(l, site, stage, "checksum");
    for (; argument != 0 && l->status == DFL_OK; argument = next) {
        next = dfl__next_argument(l->doc, site->node, argument);
        if (next != 0 && is_heredoc(l, site, stage, &known, argument)) continue;
        dfl__lint_word word = dfl__lint_word_of(l, &stage->env, argument);
        dfl_str text = dfl__stage_expand(l, site, stage, &word);
        if (next != 0 && !elsewhere) check_source(l, site, argument, text);
    }
}
