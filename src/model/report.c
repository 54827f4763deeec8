/* report.c -- diagnostics of a model, and the code for each way in which a word can be wrong.
 * Relies on diag/codes.h for the texts.
 * Never keeps more of them than the limits allow. */
#include "base/sort.h"
#include "diag/codes.h"
#include "model/graph.h"

#define DETAIL_MAX 200u

static dfl_status format(dfl_model *model, const dfl__code *code, const dfl__report_args *args,
                         dfl_str *out) {
    dfl_str detail = args->detail;
    dfl__buf buf;
    if (detail.len > DETAIL_MAX) detail.len = DETAIL_MAX;
    dfl__buf_init(&buf, &model->arena.alloc, 0);
    dfl__buf_fmt(&buf, code->message, &detail);
    if (args->suggestion.len > 0) dfl__buf_fmt(&buf, " (did you mean %S?)", &args->suggestion);
    out->ptr = dfl__arena_copy(&model->arena, dfl__buf_str(&buf).ptr, buf.len);
    out->len = buf.len;
    dfl_status status = buf.failed == DFL_OK && out->ptr != NULL ? DFL_OK : DFL_E_NOMEM;
    dfl__buf_free(&buf);
    return status;
}

dfl_status dfl__model_report(dfl_model *model, const dfl__report_args *args) {
    const dfl__code *code = dfl__code_of(args->code);
    if (model->issues.count >= model->limits.max_diags) return DFL_OK;
    dfl__issue issue = {.code = args->code,
                        .stage = args->stage,
                        .pass = args->pass != 0 ? args->pass : code->pass * 10u,
                        .at_once = args->at_once,
                        .range = args->range};
    dfl_status status = format(model, code, args, &issue.message);
    if (status != DFL_OK) return status;
    return DFL__PUSH(&model->arena.alloc, &model->issues, issue) ? DFL_OK : DFL_E_NOMEM;
}

/* --- in the order of positions */

static int before(const void *ctx, const void *x, const void *y) {
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    const dfl__issue *issues = ctx;
    if (issues[a].range.start != issues[b].range.start)
        return issues[a].range.start < issues[b].range.start;
    return a < b;
}

dfl_status dfl__model_settle(dfl_model *model) {
    for (uint32_t i = 0; i < model->issues.count; i++) {
        if (!DFL__PUSH(&model->arena.alloc, &model->issue_order, i)) return DFL_E_NOMEM;
    }
    dfl__sort(model->issue_order.items, model->issues.count, sizeof(uint32_t), before,
              model->issues.items);
    return DFL_OK;
}

static const dfl__issue *issue_at(const dfl_model *model, size_t index) {
    return &model->issues.items[model->issue_order.items[index]];
}

size_t dfl_model_diag_count(const dfl_model *model) {
    return model != NULL ? model->issues.count : 0;
}

dfl_status dfl_model_diag(const dfl_model *model, size_t index, dfl_diag *out) {
    if (model == NULL || out == NULL || index >= model->issues.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const dfl__issue *issue = issue_at(model, index);
    out->code = issue->code;
    out->severity = dfl__code_of(issue->code)->severity;
    out->range = issue->range;
    out->name = dfl_diag_name(issue->code);
    out->message = issue->message;
    return DFL_OK;
}

uint32_t dfl_model_diag_stage(const dfl_model *model, size_t index) {
    if (model == NULL || index >= model->issues.count) return DFL_NO_STAGE;
    return issue_at(model, index)->stage;
}

/* The first error of the first pass among those without a stage and those of the stages in
 * `needed`, which are marked as dfl__reach does. SIZE_MAX when there is none. */
static size_t first_error(const dfl_model *model, const uint8_t *needed) {
    const dfl__issue *first = NULL;
    for (size_t i = 0; i < model->issues.count; i++) {
        const dfl__issue *issue = &model->issues.items[i];
        if (dfl__code_of(issue->code)->severity != DFL_SEVERITY_ERROR) continue;
        if (issue->stage != DFL_NO_STAGE && needed[issue->stage] < 1 + issue->at_once) continue;
        if (first == NULL || issue->pass < first->pass) first = issue;
    }
    for (size_t i = 0; first != NULL && i < model->issues.count; i++)
        if (issue_at(model, i) == first) return i;
    return SIZE_MAX;
}

dfl_status dfl_model_verdict(const dfl_model *model, uint32_t target, size_t *index) {
    if (model == NULL || index == NULL) return DFL_E_ARG;
    const dfl_alloc *alloc = &model->arena.alloc;
    uint32_t count = model->stages.count;
    if (target != DFL_NO_STAGE && target >= count) return DFL_E_ARG;
    if (target == DFL_NO_STAGE) target = dfl_model_stage_find(model, model->target);
    uint8_t *needed = dfl__calloc(alloc, count);
    if (needed == NULL && count > 0) return DFL_E_NOMEM;
    dfl_status status = DFL_OK;
    if (target != DFL_NO_STAGE) status = dfl__reach(model, target, needed);
    if (status == DFL_OK) *index = first_error(model, needed);
    dfl__free(alloc, needed, count);
    return status;
}

dfl_str dfl__env_nearest(const dfl__env *env, dfl_str word) {
    dfl__env_walk walk = {{NULL}, 0, 0};
    dfl__env_entry entry;
    dfl_str best = {"", 0};
    uint32_t least = 3; /* BuildKit takes nothing that is further off */
    while (dfl__env_next(env, &walk, &entry)) {
        if (entry.binding == NULL || entry.binding->state == DFL__VAR_UNSET) continue;
        uint32_t distance = dfl__distance(word, entry.name);
        if (distance >= least) continue;
        least = distance;
        best = entry.name;
    }
    return best;
}
