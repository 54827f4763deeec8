/* plan.c -- a plan, and plans of base swaps beside each other, as JSON, schema_version 1, and as
 * text for a person.
 * Relies on rewrite.h, on the plan's document for lines, and on writer.h.
 * Never judges: it says what the plan says. */
#include "dockerfile/print.h"

#include "print/writer.h"
#include "rewrite/rewrite.h"

static const char *const outcome_names[] = {[DFL_OUTCOME_CHANGED] = "changed",
                                            [DFL_OUTCOME_UNCHANGED] = "unchanged",
                                            [DFL_OUTCOME_REFUSED] = "refused"};
static const char *const risk_names[] = {
    [DFL_RISK_SAFE] = "safe", [DFL_RISK_LIKELY] = "likely", [DFL_RISK_REVIEW] = "review"};

static dfl_status json_edits(dfl__out *out, const dfl_plan *plan, size_t step, size_t count) {
    dfl__js_key(out, "edits");
    dfl__js_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        dfl_edit edit;
        dfl_status status = dfl_plan_edit(plan, step, i, &edit);
        if (status != DFL_OK) return status;
        dfl__js_edit(out, &edit);
    }
    dfl__js_close(out, ']');
    return DFL_OK;
}

static dfl_status json_step(dfl__out *out, const dfl_plan *plan, size_t index) {
    dfl_step step = {.size = sizeof step};
    dfl_status status = dfl_plan_step(plan, index, &step);
    if (status != DFL_OK) return status;
    dfl__js_open(out, '{');
    dfl__js_key(out, "code");
    dfl__js_str(out, dfl__str(step.code));
    dfl__js_key(out, "message");
    dfl__js_str(out, step.message);
    dfl__js_key(out, "risk");
    dfl__js_str(out, dfl__str(risk_names[step.risk]));
    dfl__js_range(out, "range", step.range);
    dfl__js_key(out, "assumptions");
    dfl__js_open(out, '[');
    for (size_t i = 0; i < step.assumption_count; i++)
        dfl__js_str(out, dfl_plan_assumption(plan, index, i));
    dfl__js_close(out, ']');
    status = json_edits(out, plan, index, step.edit_count);
    dfl__js_close(out, '}');
    return status;
}

static dfl_status json_refusal(dfl__out *out, const dfl_plan *plan, size_t index) {
    dfl_refusal refusal = {.size = sizeof refusal};
    dfl_status status = dfl_plan_refusal(plan, index, &refusal);
    if (status != DFL_OK) return status;
    dfl__js_open(out, '{');
    dfl__js_key(out, "code");
    dfl__js_str(out, dfl__str(refusal.code));
    dfl__js_key(out, "message");
    dfl__js_str(out, refusal.message);
    dfl__js_range(out, "range", refusal.range);
    dfl__js_close(out, '}');
    return DFL_OK;
}

/* The members of a plan's object. */
static dfl_status json_plan(dfl__out *out, const dfl_plan *plan) {
    dfl_status status = DFL_OK;
    dfl__js_key(out, "outcome");
    dfl__js_str(out, dfl__str(outcome_names[dfl_plan_outcome(plan)]));
    dfl__js_key(out, "steps");
    dfl__js_open(out, '[');
    size_t steps = dfl_plan_step_count(plan), refusals = dfl_plan_refusal_count(plan);
    for (size_t i = 0; i < steps && status == DFL_OK; i++)
        status = json_step(out, plan, i);
    dfl__js_close(out, ']');
    dfl__js_key(out, "refusals");
    dfl__js_open(out, '[');
    for (size_t i = 0; i < refusals && status == DFL_OK; i++)
        status = json_refusal(out, plan, i);
    dfl__js_close(out, ']');
    return status;
}

dfl_status dfl_print_plan_json(const dfl_plan *plan, const dfl_sink *sink) {
    dfl__out out;
    dfl_status status = plan != NULL ? dfl__out_init(&out, sink) : DFL_E_ARG;
    if (status != DFL_OK) return status;
    dfl__js_begin(&out);
    status = json_plan(&out, plan);
    dfl__js_end(&out);
    dfl_status sent = dfl__out_done(&out);
    return status != DFL_OK ? status : sent;
}

/* Text stands indented below the line that names the file; a step's assumptions below the step. */
static void text_line(dfl__out *out, const dfl_plan *plan, dfl_range range) {
    dfl__out_z(out, "  line ");
    dfl__out_u(out, dfl_doc_pos(plan->doc, range.start).line + 1);
    dfl__out_z(out, ": ");
}

static dfl_status text_step(dfl__out *out, const dfl_plan *plan, size_t index) {
    dfl_step step = {.size = sizeof step};
    dfl_status status = dfl_plan_step(plan, index, &step);
    if (status != DFL_OK) return status;
    text_line(out, plan, step.range);
    dfl__out_shown(out, step.message);
    dfl__out_z(out, " [");
    dfl__out_z(out, risk_names[step.risk]);
    dfl__out_z(out, "]\n");
    for (size_t i = 0; i < step.assumption_count; i++) {
        dfl__out_indent(out, 6);
        dfl__out_shown(out, dfl_plan_assumption(plan, index, i));
        dfl__out_c(out, '\n');
    }
    return DFL_OK;
}

static dfl_status text_refusal(dfl__out *out, const dfl_plan *plan, size_t index) {
    dfl_refusal refusal = {.size = sizeof refusal};
    dfl_status status = dfl_plan_refusal(plan, index, &refusal);
    if (status != DFL_OK) return status;
    text_line(out, plan, refusal.range);
    dfl__out_z(out, "refused: ");
    dfl__out_z(out, refusal.code);
    dfl__out_z(out, ": ");
    dfl__out_shown(out, refusal.message);
    dfl__out_c(out, '\n');
    return DFL_OK;
}

static void text_outcome(dfl__out *out, const dfl_plan *plan, dfl_str path) {
    size_t steps = dfl_plan_step_count(plan);
    uint32_t outcome = dfl_plan_outcome(plan);
    dfl__out_shown(out, path);
    dfl__out_z(out, ": ");
    dfl__out_z(out, outcome_names[outcome]);
    if (outcome == DFL_OUTCOME_CHANGED) {
        dfl__out_z(out, ", ");
        dfl__out_u(out, (uint32_t)steps);
        dfl__out_z(out, steps == 1 ? " step" : " steps");
    } else if (outcome == DFL_OUTCOME_UNCHANGED) {
        dfl__out_z(out, ", nothing is left to do");
    }
    dfl__out_c(out, '\n');
}

dfl_status dfl_print_plan_text(const dfl_plan *plan, dfl_str path, const dfl_sink *sink) {
    dfl__out out;
    dfl_status status = plan != NULL ? dfl__out_init(&out, sink) : DFL_E_ARG;
    if (status != DFL_OK) return status;
    text_outcome(&out, plan, path);
    size_t steps = dfl_plan_step_count(plan), refusals = dfl_plan_refusal_count(plan);
    for (size_t i = 0; i < steps && status == DFL_OK; i++)
        status = text_step(&out, plan, i);
    for (size_t i = 0; i < refusals && status == DFL_OK; i++)
        status = text_refusal(&out, plan, i);
    dfl_status sent = dfl__out_done(&out);
    return status != DFL_OK ? status : sent;
}

/* --- a swap to each target, beside each other */

/* The new base as the plan writes it; empty when the plan has none. */
static dfl_str new_base(const dfl_plan *plan) {
    dfl_edit edit = {.text = {"", 0}};
    dfl_step step = {.size = sizeof step};
    for (size_t i = 0; i < dfl_plan_step_count(plan); i++) {
        if (dfl_plan_step(plan, i, &step) == DFL_OK && dfl__same(step.code, "base.image") &&
            dfl_plan_edit(plan, i, 0, &edit) == DFL_OK)
            break;
    }
    return edit.text;
}

typedef dfl_status print_target(dfl__out *out, const char *target, const dfl_plan *plan);

static dfl_status each_target(dfl__out *out, const dfl_doc *doc, const dfl_rewrite_options *given,
                              print_target *print) {
    dfl_rewrite_options opt = DFL_REWRITE_OPTIONS_INIT;
    dfl_status status = DFL_OK;
    if (given != NULL) opt = *given;
    for (size_t i = 0; status == DFL_OK && dfl_base_target(i) != NULL; i++) {
        dfl_plan *plan;
        opt.to = dfl__str(dfl_base_target(i));
        status = dfl_rewrite_base(doc, &opt, &plan);
        if (status != DFL_OK) break;
        status = print(out, dfl_base_target(i), plan);
        dfl_plan_free(plan);
    }
    return status;
}

static dfl_status json_target(dfl__out *out, const char *target, const dfl_plan *plan) {
    dfl__js_open(out, '{');
    dfl__js_key(out, "to");
    dfl__js_str(out, dfl__str(target));
    dfl__js_key(out, "image");
    dfl__js_name(out, new_base(plan));
    dfl_status status = json_plan(out, plan);
    dfl__js_close(out, '}');
    return status;
}

dfl_status dfl_print_base_report_json(const dfl_doc *doc, const dfl_rewrite_options *opt,
                                      const dfl_sink *sink) {
    dfl__out out;
    dfl_status status = doc != NULL ? dfl__out_init(&out, sink) : DFL_E_ARG;
    if (status != DFL_OK) return status;
    if (opt != NULL && opt->size != sizeof *opt) return DFL_E_ABI;
    dfl__js_begin(&out);
    dfl__js_key(&out, "targets");
    dfl__js_open(&out, '[');
    status = each_target(&out, doc, opt, json_target);
    dfl__js_close(&out, ']');
    dfl__js_end(&out);
    dfl_status sent = dfl__out_done(&out);
    return status != DFL_OK ? status : sent;
}

static uint32_t worst_risk(const dfl_plan *plan) {
    uint32_t worst = DFL_RISK_SAFE;
    dfl_step step = {.size = sizeof step};
    for (size_t i = 0; i < dfl_plan_step_count(plan); i++) {
        if (dfl_plan_step(plan, i, &step) == DFL_OK && step.risk > worst) worst = step.risk;
    }
    return worst;
}

static dfl_status text_target(dfl__out *out, const char *target, const dfl_plan *plan) {
    static const uint32_t width = 12;
    uint32_t outcome = dfl_plan_outcome(plan);
    size_t steps = dfl_plan_step_count(plan);
    dfl_status status = DFL_OK;
    dfl__out_indent(out, 2);
    dfl__out_z(out, target);
    dfl__out_indent(out, width - (uint32_t)dfl__str(target).len);
    dfl__out_z(out, outcome_names[outcome]);
    if (outcome == DFL_OUTCOME_CHANGED) {
        dfl__out_z(out, ": ");
        dfl__out_shown(out, new_base(plan));
        dfl__out_z(out, ", ");
        dfl__out_u(out, (uint32_t)steps);
        dfl__out_z(out, steps == 1 ? " step [" : " steps [");
        dfl__out_z(out, risk_names[worst_risk(plan)]);
        dfl__out_c(out, ']');
    }
    dfl__out_c(out, '\n');
    for (size_t i = 0; i < dfl_plan_refusal_count(plan) && status == DFL_OK; i++) {
        dfl__out_indent(out, 4);
        status = text_refusal(out, plan, i);
    }
    return status;
}

dfl_status dfl_print_base_report_text(const dfl_doc *doc, const dfl_rewrite_options *opt,
                                      dfl_str path, const dfl_sink *sink) {
    dfl__out out;
    dfl_status status = doc != NULL ? dfl__out_init(&out, sink) : DFL_E_ARG;
    if (status != DFL_OK) return status;
    if (opt != NULL && opt->size != sizeof *opt) return DFL_E_ABI;
    dfl__out_shown(&out, path);
    dfl__out_z(&out, ":\n");
    status = each_target(&out, doc, opt, text_target);
    dfl_status sent = dfl__out_done(&out);
    return status != DFL_OK ? status : sent;
}
