/* explain.c -- the codes of all layers as one list.
 * Relies on the lists of diag, lint and rewrite.
 * Never allocates. */
#include "dockerfile/explain.h"

#include "base/text.h"
#include "diag/codes.h"
#include "lint/lint.h"
#include "rewrite/codes.h"

_Static_assert(DFL__CODE_STEP << 2 == DFL_CODE_STEP && DFL__CODE_REFUSAL << 2 == DFL_CODE_REFUSAL,
               "kinds of rewrite codes are public ones, shifted");

static void of_diagnostic(const dfl__code *code, dfl_code_info *out) {
    dfl__explanation text = dfl__code_explanation(code);
    out->kinds = DFL_CODE_DIAGNOSTIC;
    out->name = code->name;
    out->meaning = text.meaning;
    out->remedy = text.remedy;
}

static void of_rule(size_t index, dfl_code_info *out) {
    out->kinds = DFL_CODE_CHECK;
    out->name = dfl__rules[index].name;
    out->url = dfl__rules[index].url;
    out->meaning = dfl__rule_explanations[index].meaning;
    out->remedy = dfl__rule_explanations[index].remedy;
}

static void of_rewrite(const dfl__rewrite_code *code, dfl_code_info *out) {
    out->kinds = code->kinds << 2;
    out->name = code->name;
    out->meaning = code->meaning;
    out->remedy = code->remedy;
}

static size_t diagnostics(void) {
    size_t count = 0;
    while (dfl__code_at(count) != NULL)
        count++;
    return count;
}

dfl_status dfl_code_at(size_t index, dfl_code_info *out) {
    if (out == NULL) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    dfl_code_info info = {.size = sizeof info, .url = ""};
    size_t first_rule = diagnostics(), first_rewrite = first_rule + DFL__RULE_END;
    if (index < first_rule) {
        of_diagnostic(dfl__code_at(index), &info);
    } else if (index < first_rewrite) {
        of_rule(index - first_rule, &info);
    } else {
        const dfl__rewrite_code *code = dfl__rewrite_code_at(index - first_rewrite);
        if (code == NULL) return DFL_E_ARG;
        of_rewrite(code, &info);
    }
    *out = info;
    return DFL_OK;
}

dfl_status dfl_code_explain(dfl_str name, dfl_code_info *out) {
    if (out == NULL || (name.ptr == NULL && name.len > 0)) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    dfl_code_info info = {.size = sizeof info};
    for (size_t i = 0; dfl_code_at(i, &info) == DFL_OK; i++) {
        if (!dfl__eqz(name, info.name)) continue;
        *out = info;
        return DFL_OK;
    }
    return DFL_E_ARG;
}
