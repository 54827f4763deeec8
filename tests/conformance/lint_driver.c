/* lint_driver.c -- build checks for the comparers.
 * Relies on wire.h and the public headers.
 * Never tells notes: BuildKit has none. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "dockerfile/lint.h"
#include "syntax/reference.h"
#include "wire.h"

/* lint, source, target, name, value, name, value... */
enum { SOURCE = 1, TARGET, ARGUMENTS };

/* The images of the oracle: all are like `other`, but for shell and arm. */
static const dfl_binding environment[] = {{{"PATH", 4}, {"/image", 6}},
                                          {{"OF_IMAGE", 8}, {"a b", 3}}};
static const dfl_str shell[] = {{"/bin/x", 6}};
#define IMAGE .env = environment, .env_count = 2, .os = {"linux", 5}
static const dfl_image_config other = {IMAGE, .architecture = {"amd64", 5}};
static const dfl_image_config with_shell = {IMAGE, .architecture = {"amd64", 5}, .shell = shell,
                                            .shell_count = 1};
static const dfl_image_config arm = {IMAGE, .architecture = {"arm64", 5}};

static void require(dfl_status status) {
    if (status == DFL_OK) return;
    fprintf(stderr, "conformance driver: %s\n", dfl_status_name(status));
    exit(1);
}

/* What the oracle's images are, by the names that the stages of `model` have them under. */
static dfl_base_image *bases_of(const dfl_model *model, size_t *count) {
    size_t stages = dfl_model_stage_count(model);
    dfl_base_image *bases = calloc(stages + 2, sizeof *bases);
    if (bases == NULL) require(DFL_E_NOMEM);
    bases[0] = (dfl_base_image){{"shell", 5}, &with_shell};
    bases[1] = (dfl_base_image){{"arm", 3}, &arm};
    *count = 2;
    for (size_t i = 0; i < stages; i++) {
        dfl_stage stage = {.size = sizeof stage};
        dfl__reference ref;
        require(dfl_model_stage(model, i, &stage));
        if (dfl__reference_parse(stage.base, &ref) == DFL__REF_OK)
            bases[(*count)++] = (dfl_base_image){stage.base, &other};
    }
    return bases;
}

/* The model in a build with the arguments of the request, on the images of the oracle. */
static dfl_model *model_of(const wire_message *request, const dfl_doc *doc, dfl_str target) {
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
    options.flags = DFL_MODEL_F_ALL_ARGS;
    options.target_platform = options.build_platform = DFL__LIT("linux/amd64");
    require(dfl_model_new(doc, &options, &model));
    dfl_base_image *bases = bases_of(model, &options.bases_count);
    options.bases = bases;
    if (dfl_model_stage_find(model, target) != DFL_NO_STAGE) options.target = target;
    dfl_model *based = NULL;
    require(dfl_model_new(doc, &options, &based));
    dfl_model_free(model);
    free(bases);
    free(args);
    return based;
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
 * a target that is not there counts as none. */
void lint_answer(const wire_message *request, wire_message *answer) {
    dfl_str source = wire_get(request, SOURCE);
    dfl_doc *doc = NULL;
    dfl_lint *lint = NULL;
    require(dfl_parse(source.ptr, source.len, NULL, &doc));
    dfl_model *model = model_of(request, doc, wire_get(request, TARGET));
    require(dfl_lint_run(model, NULL, &lint));
    wire_add_number(answer, fixes_hold(doc, lint));
    add_findings(answer, doc, lint);
    dfl_lint_free(lint);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}
