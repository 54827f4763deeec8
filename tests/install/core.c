/* core.c -- a program as a user of the core writes it: parse, count, rewrite.
 * Relies on what is installed.
 * Never uses libdockerfile-io. */
#include <dockerfile/dockerfile.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    static const char source[] = "FROM golang:1.22\nRUN go build .\n";
    dfl_doc *doc = NULL;
    dfl_model *model = NULL;
    dfl_plan *plan = NULL;
    uint32_t version = (DFL_VERSION_MAJOR << 16) | (DFL_VERSION_MINOR << 8) | DFL_VERSION_PATCH;
    int ok = dfl_version() == version && dfl_parse(source, strlen(source), NULL, &doc) == DFL_OK &&
             dfl_model_new(doc, NULL, &model) == DFL_OK && dfl_model_stage_count(model) == 1 &&
             dfl_rewrite_cache(doc, NULL, &plan) == DFL_OK &&
             dfl_plan_outcome(plan) == DFL_OUTCOME_CHANGED;
    if (ok) {
        dfl_str text = dfl_doc_source(dfl_plan_result(plan));
        ok = fwrite(text.ptr, 1, text.len, stdout) == text.len;
    }
    dfl_plan_free(plan);
    dfl_model_free(model);
    dfl_doc_unref(doc);
    return ok ? 0 : 1;
}
