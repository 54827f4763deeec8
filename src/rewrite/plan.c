/* plan.c -- plans: steps, refusals, edits, proof, and what callers read of them.
 * Relies on rewrite.h.
 * Never gives out a changed plan whose result was not proved. */
#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "rewrite/codes.h"
#include "rewrite/rewrite.h"

static void fail(dfl__rewrite *rw, dfl_status status) {
    if (rw->failed == DFL_OK) rw->failed = status;
}

dfl_str dfl__rewrite_text(dfl__rewrite *rw, dfl_str s) {
    dfl_str copy = {dfl__arena_copy(rw->arena, s.ptr, s.len), s.len};
    if (copy.ptr != NULL) return copy;
    fail(rw, DFL_E_NOMEM);
    return dfl__str("");
}

dfl_str dfl__rewrite_join(dfl__rewrite *rw, dfl_str workdir, dfl_str path) {
    dfl_str joined = dfl__path_join(rw->arena, workdir, path);
    if (joined.ptr != NULL) return joined;
    fail(rw, DFL_E_NOMEM);
    return dfl__str("");
}

const char *dfl__rewrite_z(dfl__rewrite *rw, dfl_str s) {
    const char *z = dfl__arena_copy(rw->arena, s.ptr, s.len);
    if (z == NULL) fail(rw, DFL_E_NOMEM);
    return z != NULL ? z : "";
}

static dfl_str format_text(dfl__rewrite *rw, const char *format, va_list args) {
    dfl__buf buf;
    dfl__buf_init(&buf, &rw->arena->alloc, 0);
    dfl__buf_vfmt(&buf, format, args);
    if (buf.failed != DFL_OK) fail(rw, buf.failed);
    dfl_str text = dfl__rewrite_text(rw, dfl__buf_str(&buf));
    dfl__buf_free(&buf);
    return text;
}

dfl_str dfl__rewrite_fmt(dfl__rewrite *rw, const char *format, ...) {
    va_list args;
    va_start(args, format);
    dfl_str text = format_text(rw, format, args);
    va_end(args);
    return text;
}

uint32_t dfl__plan_add_step(dfl__rewrite *rw, const char *code, uint32_t risk, dfl_range range,
                            const char *format, ...) {
    dfl__step step = {code, risk, {"", 0}, range, {NULL, 0, 0}};
    va_list args;
    assert(dfl__rewrite_code_is(code, DFL__CODE_STEP));
    va_start(args, format);
    step.message = format_text(rw, format, args);
    va_end(args);
    if (!DFL__PUSH(&rw->plan->alloc, &rw->plan->steps, step)) {
        fail(rw, DFL_E_NOMEM);
        return 0;
    }
    return rw->plan->steps.count - 1;
}

void dfl__plan_assume(dfl__rewrite *rw, uint32_t step, const char *format, ...) {
    va_list args;
    va_start(args, format);
    dfl_str text = format_text(rw, format, args);
    va_end(args);
    text = dfl__rewrite_fmt(rw, "assumes that %S", &text);
    if (rw->failed != DFL_OK || step >= rw->plan->steps.count) return;
    dfl__step *s = &rw->plan->steps.items[step];
    if (s->risk < DFL_RISK_LIKELY) s->risk = DFL_RISK_LIKELY;
    if (!DFL__PUSH(&rw->plan->alloc, &s->assumptions, text)) fail(rw, DFL_E_NOMEM);
}

void dfl__plan_refuse(dfl__rewrite *rw, const char *code, dfl_range range, const char *format,
                      ...) {
    dfl__step refusal = {code, 0, {"", 0}, range, {NULL, 0, 0}};
    va_list args;
    assert(dfl__rewrite_code_is(code, DFL__CODE_REFUSAL));
    va_start(args, format);
    refusal.message = format_text(rw, format, args);
    va_end(args);
    if (!DFL__PUSH(&rw->plan->alloc, &rw->plan->refusals, refusal)) fail(rw, DFL_E_NOMEM);
}

/* A conflict between a rewrite's own edits is a defect; the plan is then refused as unproved. */
static void note_edit(dfl__rewrite *rw, dfl_status status) {
    if (status != DFL_OK) fail(rw, status == DFL_E_CONFLICT ? DFL_E_REFUSED : status);
}

void dfl__plan_replace(dfl__rewrite *rw, uint32_t step, dfl_range range, dfl_str text) {
    if (rw->failed != DFL_OK) return;
    dfl__edits_set_owner(rw->plan->edits, step);
    note_edit(rw, dfl_edits_replace(rw->plan->edits, range, text));
}

void dfl__plan_insert(dfl__rewrite *rw, uint32_t step, uint32_t offset, dfl_str text) {
    if (rw->failed != DFL_OK || text.len == 0) return;
    dfl__edits_set_owner(rw->plan->edits, step);
    note_edit(rw, dfl_edits_insert(rw->plan->edits, offset, text));
}

void dfl__plan_delete(dfl__rewrite *rw, uint32_t step, uint32_t node, int comments) {
    if (rw->failed != DFL_OK) return;
    dfl__edits_set_owner(rw->plan->edits, step);
    note_edit(rw, dfl_edits_delete(rw->plan->edits, dfl_doc_node(rw->doc, node), comments));
}

dfl_status dfl__plan_new(const dfl_doc *doc, const dfl_alloc *given, dfl_plan **out) {
    dfl_alloc alloc = dfl__alloc_of(given);
    dfl_plan *plan = dfl__calloc(&alloc, sizeof *plan);
    if (plan == NULL) return DFL_E_NOMEM;
    plan->alloc = alloc;
    dfl__arena_init(&plan->arena, &alloc);
    plan->doc = dfl_doc_ref(doc);
    dfl_status status = dfl_edits_new(doc, &plan->edits);
    if (status != DFL_OK) {
        dfl_plan_free(plan);
        return status;
    }
    *out = plan;
    return DFL_OK;
}

static void refuse_error(dfl__rewrite *rw, const dfl_diag *diag) {
    dfl__plan_refuse(rw, "syntax-error", diag->range,
                     "%S [%s]. Correct it first: a file that does not build is not rewritten",
                     &diag->message, diag->name);
}

/* The first error of the document, or else that for which BuildKit rejects its last stage. */
static dfl_status refuse_errors(dfl__rewrite *rw) {
    dfl_diag diag = {.size = sizeof diag};
    size_t verdict;
    for (size_t i = 0; dfl_doc_diag(rw->doc, i, &diag) == DFL_OK; i++) {
        if (diag.severity != DFL_SEVERITY_ERROR) continue;
        refuse_error(rw, &diag);
        return DFL_OK;
    }
    dfl_status status = dfl_model_verdict(rw->model, DFL_NO_STAGE, &verdict);
    if (status == DFL_OK && dfl_model_diag(rw->model, verdict, &diag) == DFL_OK)
        refuse_error(rw, &diag);
    return status;
}

/* Nothing is done: drop the edits, keep why. */
static dfl_status drop_edits(dfl_plan *plan) {
    dfl_edits *none;
    dfl_status status = dfl_edits_new(plan->doc, &none);
    if (status != DFL_OK) return status;
    dfl_edits_free(plan->edits);
    plan->edits = none;
    return DFL_OK;
}

static void refuse_unproved(dfl__rewrite *rw) {
    dfl_str reason = dfl_edits_reason(rw->plan->edits);
    dfl_range range = {0, 0};
    if (reason.len == 0) reason = DFL__LIT("its edits conflict");
    dfl__plan_refuse(rw, "plan.unproved", range,
                     "the result could not be proved: %S. Please report this file", &reason);
}

/* Join edit `next`, which starts where `edit` does, to it. */
static dfl_status join_edit(dfl_plan *plan, dfl__owned_edit *edit, const dfl__owned_edit *next) {
    dfl__buf text;
    dfl__buf_init(&text, &plan->alloc, 0);
    dfl__buf_add(&text, edit->text);
    dfl__buf_add(&text, next->text);
    edit->text.len = text.len;
    edit->text.ptr = dfl__arena_copy(&plan->arena, text.ptr, text.len);
    edit->range.end = next->range.end;
    dfl__buf_free(&text);
    return text.failed == DFL_OK && edit->text.ptr != NULL ? DFL_OK : DFL_E_NOMEM;
}

/* Make one edit of those that start at one offset, so that whoever carries a plan out needs no rule
 * for their order. It belongs to the step whose text comes first. */
static dfl_status merge_starts(dfl_plan *plan) {
    size_t count, merged = 0;
    dfl_edits *edits = NULL;
    const dfl__owned_edit *list = dfl__edits_list(plan->edits, &count);
    dfl__owned_edit *out = dfl__arena_get(&plan->arena, count * sizeof *out);
    dfl_status status = out != NULL ? DFL_OK : DFL_E_NOMEM;
    for (size_t i = 0; i < count && status == DFL_OK; i++) {
        if (merged > 0 && out[merged - 1].range.start == list[i].range.start)
            status = join_edit(plan, &out[merged - 1], &list[i]);
        else
            out[merged++] = list[i];
    }
    if (status != DFL_OK || merged == count) return status;
    status = dfl_edits_new(plan->doc, &edits);
    if (status == DFL_OK) status = dfl__edits_load(edits, out, merged);
    if (status == DFL_OK) {
        dfl_edits *old = plan->edits;
        plan->edits = edits;
        edits = old;
    }
    dfl_edits_free(edits);
    return status;
}

/* Counting sort of the edits by the step that owns them. */
static dfl_status index_edits(dfl_plan *plan) {
    size_t count;
    dfl_status status = merge_starts(plan);
    if (status != DFL_OK) return status;
    const dfl__owned_edit *list = dfl__edits_list(plan->edits, &count);
    uint32_t steps = plan->steps.count;
    uint32_t *first = dfl__arena_get(&plan->arena, (steps + 2) * sizeof *first);
    uint32_t *order = dfl__arena_get(&plan->arena, count * sizeof *order);
    if (first == NULL || order == NULL) return DFL_E_NOMEM;
    memset(first, 0, (steps + 2) * sizeof *first);
    for (size_t i = 0; i < count; i++)
        first[list[i].owner + 2]++;
    for (uint32_t s = 2; s < steps + 2; s++)
        first[s] += first[s - 1];
    for (size_t i = 0; i < count; i++)
        order[first[list[i].owner + 1]++] = (uint32_t)i;
    plan->edit_first = first;
    plan->edit_order = order;
    return DFL_OK;
}

dfl_status dfl__plan_prove(dfl_plan *plan, const dfl_doc *expected) {
    dfl_status status = DFL_OK;
    if (dfl_edits_count(plan->edits) > 0) {
        status = dfl_edits_apply(plan->edits, &plan->result);
        if (status == DFL_OK && !dfl__eq(plan->result->source, expected->source))
            status = DFL_E_REFUSED;
        plan->outcome = DFL_OUTCOME_CHANGED;
    } else {
        plan->result = dfl_doc_ref(plan->doc);
    }
    return status == DFL_OK ? index_edits(plan) : status;
}

/* Give the plan its outcome; apply and prove the edits. */
static dfl_status finish(dfl__rewrite *rw) {
    dfl_plan *plan = rw->plan;
    dfl_status status = rw->failed;
    if (status == DFL_OK && dfl_edits_count(plan->edits) > 0)
        status = dfl_edits_apply(plan->edits, &plan->result);
    if (status == DFL_E_REFUSED) {
        rw->failed = DFL_OK;
        refuse_unproved(rw);
        status = rw->failed;
    }
    if (status != DFL_OK) return status;
    plan->outcome = DFL_OUTCOME_CHANGED;
    if (plan->result == NULL) {
        plan->outcome = plan->refusals.count > 0 ? DFL_OUTCOME_REFUSED : DFL_OUTCOME_UNCHANGED;
        plan->result = dfl_doc_ref(plan->doc);
        status = drop_edits(plan);
    }
    return status == DFL_OK ? index_edits(plan) : status;
}

static dfl_status run_body(dfl__rewrite *rw, dfl__rewrite_body *body) {
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    options.args = rw->opt->args;
    options.args_count = (uint32_t)rw->opt->args_count;
    options.alloc = rw->opt->alloc;
    dfl_status status = dfl_model_new(rw->doc, &options, &rw->model);
    if (status != DFL_OK) return status;
    status = refuse_errors(rw);
    if (status == DFL_OK && rw->plan->refusals.count == 0) body(rw);
    dfl_model_free(rw->model);
    return status == DFL_OK ? finish(rw) : status;
}

/* Whether the text is made of ASCII letters, digits, `.`, `_` and `-`. */
static int is_word(dfl_str text) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char b = (unsigned char)text.ptr[i];
        if (!dfl__is_alpha(b) && !dfl__is_digit(b) && b != '.' && b != '_' && b != '-') return 0;
    }
    return 1;
}

dfl_status dfl__rewrite_run(const dfl_doc *doc, const dfl_rewrite_options *opt,
                            dfl__rewrite_body *body, dfl_plan **out) {
    return dfl__rewrite_part(doc, NULL, opt, body, out);
}

dfl_status dfl__rewrite_part(const dfl_doc *doc, const dfl__origin *origin,
                             const dfl_rewrite_options *opt, dfl__rewrite_body *body,
                             dfl_plan **out) {
    static const dfl_rewrite_options defaults = DFL_REWRITE_OPTIONS_INIT;
    dfl__rewrite rw;
    if (opt == NULL) opt = &defaults;
    if (doc == NULL || out == NULL || opt->args_count > UINT32_MAX) return DFL_E_ARG;
    if (opt->size != sizeof *opt) return DFL_E_ABI;
    if ((opt->facts == NULL && opt->facts_count > 0) || opt->user > DFL_USER_NONROOT)
        return DFL_E_ARG;
    if (opt->builder > DFL_BUILDER_CLASSIC || opt->sharing > DFL_SHARING_LOCKED ||
        !is_word(opt->id))
        return DFL_E_ARG;
    memset(&rw, 0, sizeof rw);
    dfl_status status = dfl__plan_new(doc, opt->alloc, &rw.plan);
    if (status != DFL_OK) return status;
    rw.doc = doc;
    rw.opt = opt;
    rw.catalog = opt->catalog != NULL ? opt->catalog : dfl_catalog_builtin();
    rw.style = dfl__style_of(doc);
    rw.origin = origin;
    rw.arena = &rw.plan->arena;
    status = run_body(&rw, body);
    if (status != DFL_OK) {
        dfl_plan_free(rw.plan);
        return status;
    }
    *out = rw.plan;
    return DFL_OK;
}

void dfl_plan_free(dfl_plan *plan) {
    if (plan == NULL) return;
    dfl_alloc alloc = plan->alloc;
    for (uint32_t i = 0; i < plan->steps.count; i++)
        DFL__VEC_FREE(&alloc, &plan->steps.items[i].assumptions);
    DFL__VEC_FREE(&alloc, &plan->steps);
    DFL__VEC_FREE(&alloc, &plan->refusals);
    dfl_edits_free(plan->edits);
    dfl_doc_unref(plan->result);
    dfl_doc_unref(plan->doc);
    dfl__arena_free(&plan->arena);
    dfl__free(&alloc, plan, sizeof *plan);
}

uint32_t dfl_plan_outcome(const dfl_plan *plan) {
    return plan != NULL ? plan->outcome : 0;
}

const dfl_doc *dfl_plan_result(const dfl_plan *plan) {
    return plan != NULL ? plan->result : NULL;
}

size_t dfl_plan_step_count(const dfl_plan *plan) {
    return plan != NULL ? plan->steps.count : 0;
}

dfl_status dfl_plan_step(const dfl_plan *plan, size_t index, dfl_step *out) {
    if (plan == NULL || out == NULL || index >= plan->steps.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const dfl__step *step = &plan->steps.items[index];
    out->risk = step->risk;
    out->code = step->code;
    out->message = step->message;
    out->range = step->range;
    out->assumption_count = step->assumptions.count;
    out->edit_count = plan->edit_first[index + 1] - plan->edit_first[index];
    return DFL_OK;
}

dfl_status dfl_plan_edit(const dfl_plan *plan, size_t step, size_t edit, dfl_edit *out) {
    if (plan == NULL || out == NULL || step >= plan->steps.count) return DFL_E_ARG;
    uint32_t first = plan->edit_first[step];
    if (edit >= plan->edit_first[step + 1] - first) return DFL_E_ARG;
    size_t count;
    const dfl__owned_edit *list = dfl__edits_list(plan->edits, &count);
    out->range = list[plan->edit_order[first + edit]].range;
    out->text = list[plan->edit_order[first + edit]].text;
    return DFL_OK;
}

dfl_str dfl_plan_assumption(const dfl_plan *plan, size_t step, size_t index) {
    if (plan == NULL || step >= plan->steps.count) return dfl__str("");
    const dfl__step *s = &plan->steps.items[step];
    return index < s->assumptions.count ? s->assumptions.items[index] : dfl__str("");
}

size_t dfl_plan_refusal_count(const dfl_plan *plan) {
    return plan != NULL ? plan->refusals.count : 0;
}

dfl_status dfl_plan_refusal(const dfl_plan *plan, size_t index, dfl_refusal *out) {
    if (plan == NULL || out == NULL || index >= plan->refusals.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const dfl__step *refusal = &plan->refusals.items[index];
    out->reserved = 0;
    out->code = refusal->code;
    out->message = refusal->message;
    out->range = refusal->range;
    return DFL_OK;
}
