/* run.c -- one run of the checks over a model, and what it gave.
 * Relies on lint.h. Follows toDispatchState of frontend/dockerfile/dockerfile2llb/convert.go.
 * Never hands out a result that is not complete. */
#include <string.h>

#include "lint/lint.h"
#include "model/graph.h"
#include "syntax/parser.h"

#define TRIGGERS_MAX 100000u /* of all stages together, each time one is pulled */

/* The instruction inside ONBUILD; 0 when there is none. */
static uint32_t trigger_of(const dfl__linter *l, uint32_t node) {
    const dfl_node_rec *nodes = l->doc->nodes.items;
    for (uint32_t n = dfl__node_first(l->doc, node); n != 0; n = nodes[n].next)
        if (dfl__kind_is_instruction(nodes[n].kind)) return n;
    return 0;
}

/* The triggers of the stage that this one is built on. */
static void pull_triggers(dfl__linter *l, uint32_t index, uint32_t base) {
    const dfl__stage *from = &l->model->stages.items[base];
    for (uint32_t i = from->first; i < from->end && l->status == DFL_OK; i++) {
        const dfl__instr *instr = &l->model->instrs.items[i];
        if (instr->kind != DFL_NODE_ONBUILD) continue;
        dfl__site site = {trigger_of(l, instr->node), l->model->stages.items[index].node, 0};
        if (site.node == 0 || l->pulled == TRIGGERS_MAX) continue;
        l->pulled++;
        dfl__lint_step(l, &site, &l->stages[index]);
    }
}

/* The base of a stage among the earlier ones, by what dfl__lint_start will find. */
static uint32_t base_of(dfl__linter *l, uint32_t index) {
    uint32_t node = dfl__lint_argument(l, l->model->stages.items[index].node, 0);
    dfl__lint_word word = dfl__lint_word_of(l, &l->globals, node);
    dfl__expanded_word out;
    dfl__lint_expand(l, &word, &out);
    const dfl__binding *base = dfl__env_find(&l->stage_names, out.text);
    return base != NULL ? base->definition : DFL_NO_STAGE;
}

static void check_stage(dfl__linter *l, uint32_t index, int with_triggers) {
    const dfl__stage *stage = &l->model->stages.items[index];
    uint32_t base = base_of(l, index);
    dfl__lint_start(l, index);
    if (with_triggers && base != DFL_NO_STAGE) pull_triggers(l, index, base);
    for (uint32_t i = stage->first + 1; i < stage->end && l->status == DFL_OK; i++) {
        dfl__site site = dfl__lint_site(l, i);
        dfl__lint_step(l, &site, &l->stages[index]);
    }
    dfl__lint_end(l, index);
}

/* Whether a mount names no source. */
static int is_sourceless(dfl__linter *l, uint32_t value) {
    dfl_range range;
    dfl__buf from;
    dfl__buf_init(&from, &l->arena->alloc, 0);
    if (dfl__mount_from(l->doc, value, l->arena, &from, &range) == DFL_E_NOMEM) dfl__lint_nomem(l);
    int named = from.len > 0;
    dfl__buf_free(&from);
    return !named;
}

static int has_own_mount(dfl__linter *l, uint32_t index) {
    const dfl__stage *stage = &l->model->stages.items[index];
    for (uint32_t i = stage->first; i < stage->end; i++) {
        uint32_t flag = 0, value, node = l->model->instrs.items[i].node;
        if (l->model->instrs.items[i].kind != DFL_NODE_RUN) continue;
        do {
            value = dfl__flag_value(l->doc, node, "mount", &flag);
            if (value != 0 && is_sourceless(l, value)) return 1;
        } while (flag != 0);
    }
    return 0;
}

/* A mount that names no source is built on `scratch`, which may be the name of a stage. */
static void need_scratch(dfl__linter *l, uint8_t *needed, uint32_t count) {
    uint32_t scratch = dfl__stage_named(l->model, DFL__LIT("scratch")), i = 0;
    if (scratch == DFL_NO_STAGE || l->status != DFL_OK) return;
    while (i < count && (!needed[i] || !has_own_mount(l, i)))
        i++;
    if (i == count) return;
    uint8_t *more = dfl__alloc(&l->arena->alloc, count);
    if (more == NULL) {
        dfl__lint_nomem(l);
        return;
    }
    l->status = dfl_model_reachable(l->model, scratch, more, count);
    for (i = 0; i < count && l->status == DFL_OK; i++)
        needed[i] = needed[i] || more[i];
    dfl__free(&l->arena->alloc, more, count);
}

/* Without a target every stage is checked, but only those that the last one needs get triggers. */
static void check_stages(dfl__linter *l) {
    uint32_t count = l->model->stages.count;
    const dfl_alloc *alloc = &l->arena->alloc;
    if (count == 0 || l->status != DFL_OK) return;
    uint8_t *needed = dfl__alloc(alloc, count);
    uint32_t target = dfl_model_stage_find(l->model, l->model->target);
    l->stages = dfl__calloc(alloc, count * sizeof *l->stages);
    if (needed == NULL || l->stages == NULL) {
        dfl__lint_nomem(l);
    } else if (target == DFL_NO_STAGE) {
        l->status = DFL_E_ARG;
    } else {
        l->status = dfl_model_reachable(l->model, target, needed, count);
        need_scratch(l, needed, count);
    }
    for (uint32_t i = 0; i < count && l->status == DFL_OK; i++) {
        dfl__env_init(&l->stages[i].env, l->arena);
        dfl__env_init(&l->stages[i].config, l->arena);
        dfl__env_init(&l->stages[i].shadowed, l->arena);
        dfl__env_init(&l->stages[i].declared, l->arena);
        dfl__lint_from(l, i);
    }
    for (uint32_t i = 0; i < count && l->status == DFL_OK; i++) {
        if (l->model->target.len == 0 || needed[i]) check_stage(l, i, needed[i]);
    }
    dfl__free(alloc, l->stages, count * sizeof *l->stages);
    dfl__free(alloc, needed, count);
}

static void configure(dfl__linter *l) {
    dfl__detected found;
    dfl__env_init(&l->automatic, l->arena);
    dfl__env_init(&l->globals, l->arena);
    dfl__env_init(&l->global_names, l->arena);
    dfl__env_init(&l->stage_names, l->arena);
    l->target_platform = l->model->target_platform;
    if (l->target_platform.os.len == 0)
        l->target_platform = (dfl__platform){.os = DFL__LIT("linux"), .arch = DFL__LIT("amd64")};
    if (l->opt->options.ptr != NULL) {
        if (!dfl__check_read(l->opt->options, &l->file)) l->status = DFL_E_FORMAT;
    } else if (dfl__detect_check(l->doc->source, &found)) {
        (void)dfl__check_read(found.value, &l->file);
    }
    l->out->is_error = l->file.error;
    for (uint32_t i = 0; i < l->model->instrs.count && l->status == DFL_OK; i++)
        if (!DFL__PUSH(&l->arena->alloc, &l->check_of, 0)) dfl__lint_nomem(l);
}

static void check(dfl__linter *l) {
    configure(l);
    if (l->status == DFL_OK) dfl__lint_comments(l);
    if (l->status == DFL_OK) dfl__lint_names(l);
    if (l->status == DFL_OK) dfl__lint_globals(l);
    if (l->status == DFL_OK) check_stages(l);
    if (l->status == DFL_OK) dfl__lint_unused(l);
    if (l->status == DFL_OK) dfl__lint_settle(l);
}

dfl_status dfl_lint_run(const dfl_model *model, const dfl_lint_options *opt, dfl_lint **out) {
    static const dfl_lint_options none = DFL_LINT_OPTIONS_INIT;
    dfl__linter l;
    if (model == NULL || out == NULL) return DFL_E_ARG;
    if (opt != NULL && opt->size != sizeof *opt) return DFL_E_ABI;
    if (opt != NULL && opt->flags != 0) return DFL_E_ARG;
    dfl_alloc alloc = dfl__alloc_of(opt != NULL ? opt->alloc : NULL);
    dfl_lint *lint = dfl__calloc(&alloc, sizeof *lint);
    if (lint == NULL) return DFL_E_NOMEM;
    lint->doc = dfl_doc_ref(model->doc);
    dfl__arena_init(&lint->arena, &alloc);
    memset(&l, 0, sizeof l);
    l.model = model;
    l.doc = model->doc;
    l.opt = opt != NULL ? opt : &none;
    l.out = lint;
    l.arena = &lint->arena;
    l.budget = model->limits.max_model_bytes;
    l.file.text = DFL__LIT("");
    l.origins.alloc = alloc;
    check(&l);
    dfl__origins_free(&l.origins);
    DFL__VEC_FREE(&alloc, &l.checks);
    DFL__VEC_FREE(&alloc, &l.check_of);
    if (l.status != DFL_OK) {
        dfl_lint_free(lint);
        return l.status;
    }
    *out = lint;
    return DFL_OK;
}

void dfl_lint_free(dfl_lint *lint) {
    if (lint == NULL) return;
    dfl_alloc alloc = lint->arena.alloc;
    DFL__VEC_FREE(&alloc, &lint->found);
    DFL__VEC_FREE(&alloc, &lint->edits);
    dfl__arena_free(&lint->arena);
    dfl_doc_unref((dfl_doc *)(uintptr_t)lint->doc);
    dfl__free(&alloc, lint, sizeof *lint);
}

size_t dfl_lint_count(const dfl_lint *lint) {
    return lint != NULL ? lint->found.count : 0;
}

size_t dfl_lint_dropped(const dfl_lint *lint) {
    return lint != NULL ? lint->dropped : 0;
}

int32_t dfl_lint_failed(const dfl_lint *lint) {
    return lint != NULL ? lint->failed : 0;
}

dfl_status dfl_lint_finding(const dfl_lint *lint, size_t index, dfl_finding *out) {
    if (lint == NULL || out == NULL || index >= lint->found.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const dfl__found *found = &lint->found.items[index];
    out->severity = found->severity;
    out->rule = dfl__rules[found->rule].name;
    out->url = dfl__rules[found->rule].url;
    out->range = found->range;
    out->lines = found->lines;
    out->related = found->related;
    out->node = found->node;
    out->edits = found->edits;
    out->message = found->message;
    return DFL_OK;
}

dfl_status dfl_lint_edit(const dfl_lint *lint, size_t index, size_t edit, dfl_edit *out) {
    if (lint == NULL || out == NULL || index >= lint->found.count) return DFL_E_ARG;
    if (edit >= lint->found.items[index].edits) return DFL_E_ARG;
    *out = lint->edits.items[lint->found.items[index].first_edit + edit];
    return DFL_OK;
}
