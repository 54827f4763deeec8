/* expand.c -- words with their variables put in, and what was looked up on the way.
 * Relies on lint.h, syntax/origin.h and syntax/word.h. Follows reportUnmatchedVariables of
 * frontend/dockerfile/dockerfile2llb/validations.go (specification 3, 8.2).
 * Never spends more than the model's limit on all words together: later ones are then skipped. */
#include <string.h>

#include "diag/codes.h"
#include "lint/lint.h"

typedef struct {
    dfl__linter *l;
    const dfl__lint_word *word;
    dfl__expanded_word *out;
} lookup_state;

static dfl__var look_up(void *ctx, dfl_str name, dfl_str *value) {
    lookup_state *state = ctx;
    dfl__expanded_word *out = state->out;
    const dfl__binding *found = dfl__env_find(state->word->env, name);
    dfl__env *seen = found != NULL ? &out->matched : &out->unmatched;
    if (dfl__env_find(seen, name) == NULL) {
        uintptr_t start = (uintptr_t)state->word->word.ptr, at = (uintptr_t)name.ptr;
        int inside = at >= start && at - start < state->word->word.len;
        uint32_t offset = inside ? (uint32_t)(at - start) : UINT32_MAX;
        dfl__lint_set(state->l, seen, name, DFL__LIT(""), offset);
        if (found != NULL)
            out->matched_count++;
        else
            out->unmatched_count++;
    }
    if (found == NULL) return DFL__VAR_UNSET;
    *value = found->value;
    return DFL__VAR_SET;
}

void dfl__lint_expand(dfl__linter *l, const dfl__lint_word *word, dfl__expanded_word *out) {
    dfl__word_options options;
    dfl__buf buf;
    lookup_state state = {l, word, out};
    memset(out, 0, sizeof *out);
    dfl__env_init(&out->matched, l->arena);
    dfl__env_init(&out->unmatched, l->arena);
    memset(&options, 0, sizeof options);
    out->text = DFL__LIT("");
    if (l->budget < word->word.len || l->status != DFL_OK) return;
    options.escape = (word->flags & DFL__EXPAND_HEREDOC) != 0 ? '\\' : l->doc->escape;
    options.skip_quotes = (word->flags & DFL__EXPAND_HEREDOC) != 0;
    options.max_depth = l->model->limits.max_depth;
    options.max_bytes = l->model->limits.max_expand_bytes;
    options.lookup = look_up;
    options.ctx = &state;
    dfl__buf_init(&buf, &l->arena->alloc, 0);
    dfl__word_result result = dfl__word_expand(word->word, &options, &buf);
    size_t cost = result.work + word->word.len + buf.len;
    l->budget = cost < l->budget ? l->budget - cost : 0;
    if (result.error == DFL__WORD_NOMEM) dfl__lint_nomem(l);
    out->ok = result.error == DFL__WORD_OK;
    if (out->ok) out->text = dfl__lint_keep(l, dfl__buf_str(&buf));
    dfl__buf_free(&buf);
}

dfl__lint_word dfl__lint_word_of(const dfl__linter *l, const dfl__env *env, uint32_t node) {
    dfl__lint_word word = {env, node, {"", 0}, 0, 0};
    if (node != 0) word.word = dfl__node_value(l->doc, node);
    return word;
}

/* Source of [start, end) of the value of `node`. Findings of one word come one after another. */
static dfl_range source_of(dfl__linter *l, uint32_t node, uint32_t start, uint32_t end) {
    if (l->placed != node) {
        dfl__origins_free(&l->origins);
        l->origins = (dfl__origins){l->arena->alloc, {NULL, 0, 0}};
        l->placed = node;
        if (dfl__origins_of_node(l->doc, node, &l->origins) != DFL_OK) dfl__lint_nomem(l);
    }
    return dfl__origins_range(&l->origins, start, end);
}

dfl_range dfl__lint_place(dfl__linter *l, const dfl__lint_word *word, const dfl__binding *name) {
    dfl_range whole = dfl__node_range(l->doc, word->node);
    dfl_str text = word->word;
    size_t start = name->definition, end = start + name->name.len;
    /* A finding that is only counted needs no place. */
    if (l->out->found.count >= l->doc->limits.max_diags) return whole;
    if (word->at == UINT32_MAX || name->definition == UINT32_MAX || end > text.len) return whole;
    int brace = start > 1 && text.ptr[start - 1] == '{';
    start -= brace ? 2 : 1;
    if (name->definition == 0 || text.ptr[start] != '$') return whole;
    if (brace && end < text.len && text.ptr[end] == '}') end++;
    return source_of(l, word->node, word->at + (uint32_t)start, word->at + (uint32_t)end);
}

#define MOST_COMPARED 100000u /* names, for all suggestions together */

dfl_str dfl__lint_nearest(dfl__linter *l, const dfl__env *vars, dfl_str name) {
    DFL__VEC(const char *) names = {NULL, 0, 0};
    dfl__env_walk walk = {{NULL}, 0, 0};
    dfl__env_entry entry;
    int more = 1;
    if (l->out->found.count >= l->doc->limits.max_diags) return DFL__LIT("");
    while ((more = dfl__env_next(vars, &walk, &entry)) && l->compared < MOST_COMPARED) {
        l->compared++;
        if (!DFL__PUSH(&l->arena->alloc, &names, entry.name.ptr)) dfl__lint_nomem(l);
    }
    const char *near = !more ? dfl__suggest(name, names.items, names.count, 0) : NULL;
    DFL__VEC_FREE(&l->arena->alloc, &names);
    return dfl__str(near);
}

static int is_hidden(dfl_str name) {
    return dfl__eqz(name, "BUILDKIT_SBOM_SCAN_CONTEXT") ||
           dfl__eqz(name, "BUILDKIT_SBOM_SCAN_STAGE");
}

static void report_undefined(dfl__linter *l, const dfl__site *site, const dfl__lint_stage *stage,
                             const dfl__lint_word *word, const dfl__binding *name) {
    if (dfl__env_find(&stage->declared, name->name) != NULL || is_hidden(name->name)) return;
    dfl__lint_item report = {.rule = DFL__RULE_UNDEFINED_VAR,
                             .severity = stage->open ? DFL_SEVERITY_NOTE : DFL_SEVERITY_WARNING,
                             .range = dfl__lint_place(l, word, name),
                             .a = name->name,
                             .hint = dfl__lint_nearest(l, &stage->env, name->name)};
    dfl__lint_report(l, site, &report);
}

dfl_str dfl__stage_expand(dfl__linter *l, const dfl__site *site, dfl__lint_stage *stage,
                          const dfl__lint_word *word) {
    dfl__expanded_word out;
    dfl__env_walk walk = {{NULL}, 0, 0};
    dfl__env_entry entry;
    dfl__lint_expand(l, word, &out);
    while (dfl__env_next(&out.unmatched, &walk, &entry))
        report_undefined(l, site, stage, word, entry.binding);
    return out.text;
}
