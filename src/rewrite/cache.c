/* cache.c -- cache mounts for the tools that the catalog knows.
 * Relies on cache.h; the other cache files do the parts.
 * Never knows a tool by name: what is cached where, and what fights it, is the catalog's. */
#include "rewrite/cache.h"

#include <string.h>

static void no_memory(dfl__caching *c) {
    c->rw->failed = DFL_E_NOMEM;
}

/* Families: each stage with the one that its chain of base stages ends in. */
static void find_families(dfl__caching *c) {
    const dfl_model *model = c->rw->model;
    uint32_t count = model->stages.count;
    c->stages = dfl__arena_get(&c->arena, (count + 1) * sizeof *c->stages);
    if (c->stages == NULL) {
        no_memory(c);
        return;
    }
    for (uint32_t s = 0; s < count; s++) {
        dfl__cache_stage *stage = &c->stages[s];
        uint32_t base = model->stages.items[s].base_stage;
        memset(stage, 0, sizeof *stage);
        stage->root = base == DFL_NO_STAGE ? s : c->stages[base].root;
        stage->family_next = stage->readers = DFL__CACHE_NONE;
        if (stage->root == s) continue;
        stage->family_next = c->stages[stage->root].family_next;
        c->stages[stage->root].family_next = s;
    }
}

static void read_instruction(dfl__caching *c, const dfl__scope *scope, uint32_t index,
                             const dfl__image_info *image, int windows) {
    const dfl__instr *instr = &c->rw->model->instrs.items[index];
    if (instr->kind == DFL_NODE_RUN && windows) {
        dfl__cache_see_mounts(c, scope, index, NULL);
    } else if (instr->kind == DFL_NODE_RUN) {
        dfl__cache_read(c, scope, index, image);
    } else if (instr->kind == DFL_NODE_ENV) {
        dfl__cache_see_env(c, instr);
    } else {
        dfl__cache_see(c, scope, instr);
    }
}

/* Triggers run on top of the whole stage, with its configuration. */
static void read_triggers(dfl__caching *c, const dfl__scope *scope, const dfl__stage *stage,
                          const dfl__image_info *image) {
    for (uint32_t i = stage->first; i < stage->end && c->rw->failed == DFL_OK; i++) {
        if (c->rw->model->instrs.items[i].kind == DFL_NODE_ONBUILD)
            dfl__cache_read(c, scope, i, image);
    }
}

static void read_stage(dfl__caching *c, uint32_t stage) {
    dfl__rewrite *rw = c->rw;
    const dfl__stage *s = &rw->model->stages.items[stage];
    dfl__image_info image;
    dfl__scope scope;
    int windows = dfl__stage_is_windows(rw, stage);
    (void)dfl__stage_image(rw, stage, 1, &image);
    dfl__stage_scope(rw, stage, &scope);
    for (uint32_t i = s->first; i < s->end && rw->failed == DFL_OK; i++) {
        read_instruction(c, &scope, i, &image, windows);
        if (rw->failed == DFL_OK)
            rw->failed = dfl__scope_apply(&scope, &rw->model->instrs.items[i]);
    }
    if (rw->failed == DFL_OK && !windows) read_triggers(c, &scope, s, &image);
    if (rw->failed == DFL_OK) dfl__cache_see_start(c, stage);
}

/* The RUNs in the order of their instructions; those of triggers were read last of their stage. */
static void sort_runs(dfl__caching *c) {
    uint32_t count = c->rw->model->instrs.count, at = 0;
    uint32_t *run_at = dfl__arena_get(&c->arena, (count + 1) * sizeof *run_at);
    dfl__cache_run *copy = dfl__arena_get(&c->arena, (c->runs.count + 1) * sizeof *copy);
    if (run_at == NULL || copy == NULL) {
        no_memory(c);
        return;
    }
    memset(run_at, 0, (count + 1) * sizeof *run_at);
    for (uint32_t i = 0; i < c->runs.count; i++) {
        copy[i] = c->runs.items[i];
        run_at[copy[i].index] = i + 1;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (run_at[i] > 0) c->runs.items[at++] = copy[run_at[i] - 1];
    }
}

static void free_runs(dfl__caching *c) {
    const dfl_alloc *alloc = &c->arena.alloc;
    for (uint32_t i = 0; i < c->runs.count; i++) {
        dfl__cache_run *run = &c->runs.items[i];
        dfl__shell_free(&run->shell);
        dfl__cache_text_free(c, &run->lines);
        DFL__VEC_FREE(alloc, &run->uses);
        DFL__VEC_FREE(alloc, &run->mounts);
        DFL__VEC_FREE(alloc, &run->there);
        DFL__VEC_FREE(alloc, &run->cleanups);
        DFL__VEC_FREE(alloc, &run->made);
        DFL__VEC_FREE(alloc, &run->prepares);
    }
    DFL__VEC_FREE(alloc, &c->runs);
    DFL__VEC_FREE(alloc, &c->groups);
    DFL__VEC_FREE(alloc, &c->pairs);
    DFL__VEC_FREE(alloc, &c->readers);
    DFL__VEC_FREE(alloc, &c->users);
    DFL__VEC_FREE(alloc, &c->ids);
    DFL__VEC_FREE(alloc, &c->platforms);
}

void dfl__cache_body(dfl__rewrite *rw) {
    dfl__caching c;
    memset(&c, 0, sizeof c);
    c.rw = rw;
    dfl__arena_init(&c.arena, &rw->arena->alloc);
    dfl__env_init(&c.seen, &c.arena);
    dfl__buf_init(&c.key, &c.arena.alloc, 0);
    find_families(&c);
    for (uint32_t s = 0; s < rw->model->stages.count && rw->failed == DFL_OK; s++)
        read_stage(&c, s);
    if (rw->failed == DFL_OK) sort_runs(&c);
    if (rw->failed == DFL_OK) dfl__cache_decide(&c);
    if (rw->failed == DFL_OK && dfl__cache_check_builder(&c) && dfl__cache_check_syntax(&c))
        dfl__cache_write(&c);
    free_runs(&c);
    dfl__buf_free(&c.key);
    dfl__arena_free(&c.arena);
}

dfl_status dfl_rewrite_cache(const dfl_doc *doc, const dfl_rewrite_options *opt, dfl_plan **out) {
    return dfl__rewrite_run(doc, opt, dfl__cache_body, out);
}
