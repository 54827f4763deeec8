/* cache_env.c -- ENV pairs that switch caches off, and the frontend that RUN --mount needs.
 * Relies on cache.h, and on model/features.h for what a frontend knows.
 * Never removes a pair that a RUN without a mount, or another instruction, still goes by. */
#include <string.h>

#include "model/features.h"
#include "rewrite/cache.h"

static void no_memory(dfl__caching *c) {
    c->rw->failed = DFL_E_NOMEM;
}

/* --- ENV */

static int switches_off(const dfl__caching *c, dfl_str name) {
    const dfl__tool *tool;
    for (uint32_t i = 0; (tool = dfl__catalog_tool(c->rw->catalog, i)) != NULL; i++) {
        if (dfl__names_has(tool->drop_env, name, 0)) return 1;
    }
    return 0;
}

/* Whether the file reads the variable: $NAME or ${NAME. */
static int is_referred_to(const dfl__caching *c, dfl_str name) {
    dfl_str source = c->rw->doc->source;
    for (size_t at = dfl__find(source, '$', 0); at < source.len;
         at = dfl__find(source, '$', at + 1)) {
        size_t from = at + 1;
        if (from < source.len && source.ptr[from] == '{') from++;
        if (dfl__starts(dfl__sub(source, from, source.len), "!")) from++;
        if (from + name.len <= source.len && dfl__eq(dfl__sub(source, from, from + name.len), name))
            return 1;
    }
    return 0;
}

/* Whether an instruction that goes as a whole would take a comment along. */
static int has_comment(const dfl_doc *doc, uint32_t node) {
    const dfl_node_rec *rec = &doc->nodes.items[node];
    for (uint32_t t = rec->first_token; t < rec->end_token; t++) {
        if (doc->tokens.items[t].kind == DFL_TOKEN_COMMENT) return 1;
    }
    return 0;
}

static int is_droppable(const dfl__caching *c, uint32_t instruction) {
    const dfl_doc *doc = c->rw->doc;
    if (!has_comment(doc, instruction)) return 1;
    for (uint32_t a = dfl__next_argument(doc, instruction, 0); a != 0;
         a = dfl__next_argument(doc, instruction, a)) {
        uint32_t name = dfl__node_child(doc, a, DFL_NODE_NAME);
        if (name != 0 && !switches_off(c, dfl__node_value(doc, name))) return 1;
    }
    return 0;
}

/* Number of the group of `name` in the family, made when it is new. */
static uint32_t group_of(dfl__caching *c, uint32_t root, dfl_str name) {
    uint32_t number = dfl__cache_noted(c, 'E', root, name);
    dfl__env_group group = {name, root, 0, 0};
    if (number != 0) return number - 1;
    if (dfl__cache_noted(c, 'V', 0, name) == 0)
        dfl__cache_note(c, 'V', 0, name, is_referred_to(c, name) ? 2 : 1);
    group.kept = dfl__cache_noted(c, 'V', 0, name) == 2;
    if (!DFL__PUSH(&c->arena.alloc, &c->groups, group)) no_memory(c);
    dfl__cache_note(c, 'E', root, name, c->groups.count);
    return c->groups.count - 1;
}

void dfl__cache_see_env(dfl__caching *c, const dfl__instr *instr) {
    const dfl_doc *doc = c->rw->doc;
    uint32_t root = c->stages[instr->stage].root;
    for (uint32_t a = dfl__next_argument(doc, instr->node, 0); a != 0 && c->rw->failed == DFL_OK;
         a = dfl__next_argument(doc, instr->node, a)) {
        uint32_t name = dfl__node_child(doc, a, DFL_NODE_NAME);
        if (name == 0 || !switches_off(c, dfl__node_value(doc, name))) continue;
        dfl__env_pair pair = {group_of(c, root, dfl__node_value(doc, name)), a, instr->node};
        if (c->rw->failed != DFL_OK) return;
        if (!is_droppable(c, instr->node)) c->groups.items[pair.group].kept = 1;
        if (!DFL__PUSH(&c->arena.alloc, &c->pairs, pair)) no_memory(c);
    }
}

static int goes(const dfl__caching *c, const dfl__env_pair *pair) {
    const dfl__env_group *group = &c->groups.items[pair->group];
    return group->used && !group->kept;
}

static uint32_t count_pairs(const dfl_doc *doc, uint32_t instruction) {
    uint32_t count = 0;
    for (uint32_t a = dfl__next_argument(doc, instruction, 0); a != 0;
         a = dfl__next_argument(doc, instruction, a))
        count++;
    return count;
}

static uint32_t add_step(dfl__caching *c, const dfl__env_pair *pair) {
    dfl_range range = dfl__node_range(c->rw->doc, pair->node);
    const dfl_str *name = &c->groups.items[pair->group].name;
    return dfl__plan_add_step(c->rw, "cache.env", DFL_RISK_SAFE, range,
                              "%S switches off the cache that is now mounted, so that the "
                              "RUNs that go by it would not use it; the image no longer sets it",
                              name);
}

/* Cut pairs [first, end) of one instruction out of it. */
static void cut_pairs(dfl__caching *c, uint32_t first, uint32_t end) {
    const dfl_doc *doc = c->rw->doc;
    const dfl__env_pair *pairs = c->pairs.items;
    const dfl_node_rec *rec = &doc->nodes.items[pairs[first].instruction];
    uint32_t argument = dfl__next_argument(doc, pairs[first].instruction, 0), step = 0;
    dfl__cache_text text;
    int ok = dfl__cache_text_of(c, doc->nodes.items[argument].first_token, rec->end_token, &text);
    for (uint32_t i = first; i < end && ok; i++) {
        if (!goes(c, &pairs[i])) continue;
        dfl_range range = dfl__node_range(doc, pairs[i].node);
        memset(text.gone + (range.start - text.start), DFL__GONE_CLEANUP, range.end - range.start);
        step = add_step(c, &pairs[i]);
    }
    if (ok && dfl__cache_cut(doc, &text)) dfl__cache_write_cuts(c, &text, DFL__GONE_CLEANUP, step);
    dfl__cache_text_free(c, &text);
}

void dfl__cache_write_env(dfl__caching *c) {
    const dfl_doc *doc = c->rw->doc;
    for (uint32_t i = 0, end; i < c->pairs.count && c->rw->failed == DFL_OK; i = end) {
        uint32_t count = 0;
        for (end = i; end < c->pairs.count &&
                      c->pairs.items[end].instruction == c->pairs.items[i].instruction;
             end++)
            count += goes(c, &c->pairs.items[end]) != 0;
        if (count == 0) continue;
        if (count < count_pairs(doc, c->pairs.items[i].instruction)) {
            cut_pairs(c, i, end);
        } else {
            uint32_t step = add_step(c, &c->pairs.items[i]);
            dfl__plan_delete(c->rw, step, c->pairs.items[i].instruction, 0);
        }
    }
}

/* --- # syntax= */

/* The image of the file's syntax directive: what stands before the first blank. */
static int find_syntax(const dfl_doc *doc, dfl_range *range) {
    for (uint32_t node = dfl__node_first(doc, 0); node != 0; node = doc->nodes.items[node].next) {
        if (doc->nodes.items[node].kind != DFL_NODE_DIRECTIVE) continue;
        uint32_t name = dfl__node_child(doc, node, DFL_NODE_NAME);
        uint32_t value = dfl__node_child(doc, node, DFL_NODE_VALUE);
        if (name == 0 || value == 0 || !dfl__ieqz(dfl__node_value(doc, name), "syntax")) continue;
        *range = dfl__node_range(doc, value);
        dfl_str text = dfl__sub(doc->source, range->start, range->end);
        range->end = range->start + (uint32_t)dfl__find(text, ' ', 0);
        return 1;
    }
    return 0;
}

typedef enum { SYNTAX_FITS, SYNTAX_OLD, SYNTAX_PINNED, SYNTAX_UNKNOWN } syntax;

/* What the frontend image knows; of an old one, `*name` is its name without tag and digest. */
static syntax judge_syntax(dfl_str image, dfl_str *name) {
    dfl__frontend frontend = dfl__frontend_of(image);
    dfl__reference ref;
    int has = dfl__frontend_has(&frontend, DFL__FEATURE_MOUNT);
    if (has > 0) return SYNTAX_FITS;
    if (has < 0 || dfl__reference_parse(image, &ref) != DFL__REF_OK) return SYNTAX_UNKNOWN;
    *name = ref.name;
    return ref.digest.len > 0 ? SYNTAX_PINNED : SYNTAX_OLD;
}

static int has_new_mount(const dfl__caching *c) {
    for (uint32_t i = 0; i < c->runs.count; i++) {
        for (uint32_t k = 0; k < c->runs.items[i].mounts.count; k++) {
            if (c->runs.items[i].mounts.items[k].state == DFL__MOUNT_NEW) return 1;
        }
    }
    return 0;
}

int dfl__cache_check_syntax(dfl__caching *c) {
    dfl_range range;
    dfl_str name;
    if (!has_new_mount(c) || !dfl__cache_has_frontend(c) || !find_syntax(c->rw->doc, &range))
        return 1;
    dfl_str image = dfl__sub(c->rw->doc->source, range.start, range.end);
    if (judge_syntax(image, &name) != SYNTAX_PINNED) return 1;
    dfl__plan_refuse(c->rw, "cache.syntax-pinned", range,
                     "RUN --mount needs frontend 1.2 or newer, and the syntax directive "
                     "pins %S by its digest. Change it to docker/dockerfile:1",
                     &image);
    return 0;
}

void dfl__cache_write_syntax(dfl__caching *c) {
    dfl_range range;
    dfl_str name;
    if (!has_new_mount(c) || !dfl__cache_has_frontend(c) || !find_syntax(c->rw->doc, &range))
        return;
    dfl_str image = dfl__sub(c->rw->doc->source, range.start, range.end);
    syntax found = judge_syntax(image, &name);
    if (found == SYNTAX_OLD) {
        uint32_t step = dfl__plan_add_step(c->rw, "cache.syntax", DFL_RISK_SAFE, range,
                                           "RUN --mount needs frontend 1.2 or newer, and "
                                           "%S is older",
                                           &image);
        dfl__plan_replace(c->rw, step, range, dfl__rewrite_fmt(c->rw, "%S:1", &name));
    } else if (found == SYNTAX_UNKNOWN) {
        uint32_t step = dfl__plan_add_step(c->rw, "cache.syntax", DFL_RISK_LIKELY, range,
                                           "The frontend %S is not known here", &image);
        dfl__plan_assume(c->rw, step, "%S knows RUN --mount, as docker/dockerfile does from 1.2 on",
                         &image);
    }
}
