/* lint_driver.c -- build checks for the comparers.
 * Relies on wire.h and the public headers.
 * Never tells notes: BuildKit has none. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "dockerfile/lint.h"
#include "wire.h"

/* lint, source, target, name, value, name, value... */
enum { SOURCE = 1, TARGET, ARGUMENTS };

/* The images of the oracle. */
static const dfl_binding environment[] = {{{"PATH", 4}, {"/image", 6}},
                                          {{"OF_IMAGE", 8}, {"a b", 3}}};
static const dfl_lint_image images[] = {
    {{"shell", 5}, {"linux/amd64", 11}, environment, 2, 1, 0},
    {{"arm", 3}, {"linux/arm64", 11}, environment, 2, 0, 0},
    {{"", 0}, {"linux/amd64", 11}, environment, 2, 0, 0},
};

static void require(dfl_status status) {
    if (status == DFL_OK) return;
    fprintf(stderr, "conformance driver: %s\n", dfl_status_name(status));
    exit(1);
}

static dfl_model *model_of(const wire_message *request, const dfl_doc *doc) {
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_model *model = NULL;
    uint32_t count = request->count > ARGUMENTS ? (request->count - ARGUMENTS) / 2 : 0;
    dfl_binding *args = calloc(count + 1, sizeof *args);
    if (args == NULL) require(DFL_E_NOMEM);
    for (uint32_t i = 0; i < count; i++) {
        args[i].name = wire_get(request, ARGUMENTS + 2 * i);
        args[i].value = wire_get(request, ARGUMENTS + 2 * i + 1);
    }
    options.args = args;
    options.args_count = count;
    require(dfl_model_new(doc, &options, &model));
    free(args);
    return model;
}

static void add_findings(wire_message *answer, const dfl_doc *doc, const dfl_lint *lint) {
    uint32_t warnings = 0;
    dfl_finding finding = {.size = sizeof finding};
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) wire_add_number(answer, warnings);
        for (size_t i = 0; i < dfl_lint_count(lint); i++) {
            require(dfl_lint_finding(lint, i, &finding));
            if (finding.severity != DFL_SEVERITY_WARNING) continue;
            warnings++;
            if (pass == 0) continue;
            wire_addz(answer, finding.rule);
            wire_add_number(answer, dfl_doc_pos(doc, finding.lines.start).line + 1);
        }
    }
}

/* Apply the fix of a finding and see that it is gone: 1 when all fixes do. */
static uint32_t fixes_hold(const dfl_doc *doc, const dfl_lint *lint) {
    for (size_t i = 0; i < dfl_lint_count(lint); i++) {
        dfl_finding finding = {.size = sizeof finding};
        dfl_edits *edits = NULL;
        dfl_edit edit;
        dfl_doc *fixed = NULL;
        require(dfl_lint_finding(lint, i, &finding));
        if (finding.edits == 0) continue;
        require(dfl_edits_new(doc, &edits));
        for (uint32_t e = 0; e < finding.edits; e++) {
            require(dfl_lint_edit(lint, i, e, &edit));
            require(dfl_edits_replace(edits, edit.range, edit.text));
        }
        dfl_status status = dfl_edits_apply(edits, &fixed);
        dfl_edits_free(edits);
        if (status != DFL_OK) return 0;
        dfl_doc_unref(fixed);
    }
    return 1;
}

/* Answers whether the fixes can be applied, and rule and line of each finding behind their count;
 * a target that is not there finds nothing. */
void lint_answer(const wire_message *request, wire_message *answer) {
    dfl_lint_options options = DFL_LINT_OPTIONS_INIT;
    dfl_str source = wire_get(request, SOURCE);
    dfl_doc *doc = NULL;
    dfl_lint *lint = NULL;
    require(dfl_parse(source.ptr, source.len, NULL, &doc));
    dfl_model *model = model_of(request, doc);
    options.images = images;
    options.images_count = sizeof images / sizeof *images;
    options.target = wire_get(request, TARGET);
    dfl_status status = dfl_lint_run(model, &options, &lint);
    if (status == DFL_E_ARG) {
        options.target.len = 0;
        status = dfl_lint_run(model, &options, &lint);
    }
    require(status);
    wire_add_number(answer, fixes_hold(doc, lint));
    add_findings(answer, doc, lint);
    dfl_lint_free(lint);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}
