/* optimize.c -- split, base to distroless and cache as one plan.
 * Relies on rewrite.h, split.h, base.h, cache.h and edit/compose.h.
 * Never lets one part's refusal undo another part's result. */
#include <string.h>

#include "edit/compose.h"
#include "rewrite/base.h"
#include "rewrite/cache.h"
#include "rewrite/rewrite.h"
#include "rewrite/split.h"

/* A language's own slim runtime is the first choice for it: it is kept, and the way to distroless
 * is told. */
static void gentle_base(dfl__rewrite *rw) {
    dfl__image_info info;
    uint32_t stage = rw->model->stages.count - 1;
    if (rw->model->stages.count == 0 || !dfl__stage_image(rw, stage, 0, &info)) return;
    if (info.image->no_shell) return;
    if (!info.is_runtime || info.image->language[0] == '\0') {
        dfl__base_body(rw);
        return;
    }
    dfl_range range = dfl__node_range(rw->doc, rw->model->stages.items[stage].node);
    dfl__plan_refuse(rw, "optimize.language-runtime", range,
                     "the final stage stays on %S, the %s runtime that its dependencies were made "
                     "for. `dockerfile base --to distroless` tells what moving it would take",
                     &rw->model->stages.items[stage].base, info.image->language);
}

static dfl__rewrite_body *const parts[] = {dfl__split_body, gentle_base, dfl__cache_body};
#define PART_COUNT (sizeof parts / sizeof *parts)

/* The plan being merged: edits from the original to `now`. */
typedef struct {
    dfl_plan *plan;
    const dfl_doc *now; /* one reference */
    dfl__origin origin; /* the edits so far */
    uint32_t refused, changed;
} merge;

static dfl_range range_back(const merge *m, dfl_range range) {
    dfl_range back = {dfl__origin_offset(&m->origin, range.start),
                      dfl__origin_offset(&m->origin, range.end)};
    if (back.end < back.start) back.end = back.start;
    return back;
}

static dfl_str keep(merge *m, dfl_str s, dfl_status *status) {
    dfl_str copy = {dfl__arena_copy(&m->plan->arena, s.ptr, s.len), s.len};
    if (copy.ptr != NULL) return copy;
    *status = DFL_E_NOMEM;
    return dfl__str("");
}

/* Copy a step or refusal of a part; its evidence is moved to the original text. */
static dfl_status copy_step(merge *m, const dfl__step *from, dfl__step *to) {
    dfl_status status = DFL_OK;
    memset(to, 0, sizeof *to);
    to->code = keep(m, dfl__str(from->code), &status).ptr; /* may lie in the part */
    to->risk = from->risk;
    to->range = range_back(m, from->range);
    to->message = keep(m, from->message, &status);
    for (uint32_t i = 0; i < from->assumptions.count && status == DFL_OK; i++) {
        dfl_str text = keep(m, from->assumptions.items[i], &status);
        if (!DFL__PUSH(&m->plan->alloc, &to->assumptions, text)) status = DFL_E_NOMEM;
    }
    return status;
}

static dfl_status add_steps(merge *m, const dfl_plan *part) {
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < part->steps.count && status == DFL_OK; i++) {
        dfl__step step;
        status = copy_step(m, &part->steps.items[i], &step);
        if (!DFL__PUSH(&m->plan->alloc, &m->plan->steps, step)) {
            DFL__VEC_FREE(&m->plan->alloc, &step.assumptions);
            status = DFL_E_NOMEM;
        }
    }
    return status;
}

/* Whether another part refused for the same reason. */
static int is_known(const merge *m, const dfl__step *refusal) {
    for (uint32_t i = 0; i < m->plan->refusals.count; i++) {
        const dfl__step *known = &m->plan->refusals.items[i];
        if (dfl__same(known->code, refusal->code) && dfl__eq(known->message, refusal->message))
            return 1;
    }
    return 0;
}

static dfl_status add_refusals(merge *m, const dfl_plan *part) {
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < part->refusals.count && status == DFL_OK; i++) {
        dfl__step refusal;
        if (is_known(m, &part->refusals.items[i])) continue;
        status = copy_step(m, &part->refusals.items[i], &refusal);
        if (!DFL__PUSH(&m->plan->alloc, &m->plan->refusals, refusal)) status = DFL_E_NOMEM;
    }
    return status;
}

/* The part's edits behind those there are; its steps are numbered on. */
static dfl_status add_edits(merge *m, const dfl_plan *part, uint32_t first_step) {
    size_t count;
    const dfl__owned_edit *list = dfl__edits_list(part->edits, &count);
    dfl__owned_edit *renumbered = dfl__arena_get(&m->plan->arena, count * sizeof *renumbered);
    if (renumbered == NULL) return DFL_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        renumbered[i] = list[i];
        renumbered[i].owner += first_step;
    }
    dfl__owned_edit *composed;
    size_t composed_count;
    dfl_status status = dfl__edits_compose(m->origin.edits, m->origin.count, renumbered, count,
                                           &m->plan->arena, &composed, &composed_count);
    if (status != DFL_OK) return status;
    m->origin.edits = composed;
    m->origin.count = composed_count;
    return DFL_OK;
}

static dfl_status add_part(merge *m, const dfl_plan *part) {
    uint32_t first_step = m->plan->steps.count;
    dfl_status status = add_refusals(m, part);
    if (part->outcome == DFL_OUTCOME_REFUSED) m->refused++;
    if (status != DFL_OK || part->outcome != DFL_OUTCOME_CHANGED) return status;
    m->changed++;
    status = add_steps(m, part);
    if (status == DFL_OK) status = add_edits(m, part, first_step);
    if (status != DFL_OK) return status;
    dfl_doc_unref((dfl_doc *)(uintptr_t)m->now);
    m->now = dfl_doc_ref(part->result);
    return DFL_OK;
}

static dfl_status run_parts(merge *m, const dfl_rewrite_options *opt) {
    dfl_status status = DFL_OK;
    size_t runs = dfl_doc_error_count(m->now) > 0 ? 1 : PART_COUNT;
    for (size_t i = 0; i < runs && status == DFL_OK; i++) {
        dfl_plan *part;
        status = dfl__rewrite_part(m->now, &m->origin, opt, parts[i], &part);
        if (status != DFL_OK) break;
        status = add_part(m, part);
        dfl_plan_free(part);
    }
    if (m->refused == runs && status == DFL_OK) m->plan->outcome = DFL_OUTCOME_REFUSED;
    return status;
}

static dfl_status optimize(merge *m, const dfl_rewrite_options *opt) {
    m->plan->outcome = DFL_OUTCOME_UNCHANGED;
    dfl_status status = run_parts(m, opt);
    if (status == DFL_OK && m->changed > 0)
        status = dfl__edits_load(m->plan->edits, m->origin.edits, m->origin.count);
    if (status == DFL_OK) status = dfl__plan_prove(m->plan, m->now);
    return status;
}

dfl_status dfl_rewrite_optimize(const dfl_doc *doc, const dfl_rewrite_options *opt,
                                dfl_plan **out) {
    merge m;
    if (doc == NULL || out == NULL) return DFL_E_ARG;
    if (opt != NULL && opt->size != sizeof *opt) return DFL_E_ABI;
    dfl_rewrite_options part = DFL_REWRITE_OPTIONS_INIT;
    if (opt != NULL) part = *opt;
    part.to = DFL__LIT("distroless");
    part.stage = dfl__str("");
    memset(&m, 0, sizeof m);
    dfl_status status = dfl__plan_new(doc, part.alloc, &m.plan);
    if (status != DFL_OK) return status;
    m.now = dfl_doc_ref(doc);
    m.origin.doc = doc;
    status = optimize(&m, &part);
    dfl_doc_unref((dfl_doc *)(uintptr_t)m.now);
    if (status != DFL_OK) {
        dfl_plan_free(m.plan);
        return status;
    }
    *out = m.plan;
    return DFL_OK;
}
