/* model.c -- makes a model of each file, asks it and checks it, for programs that count the cost.
 * Relies on the public faces of trees and models.
 * Never fails on content: its exit code tells of files that cannot be read or modelled. */
#include <stdio.h>
#include <stdlib.h>

#include "dockerfile/config.h"
#include "dockerfile/graph.h"
#include "dockerfile/lint.h"
#include "dockerfile/scope.h"
#include "read_file.h"

/* Limits beyond those that a hostile file of the sizes used here would meet first. */
static const dfl_limits limits = {
    sizeof limits, 64u << 20, 0, 0, 1u << 20, 1u << 20, 0, 0,
};

static int ask_graph(const dfl_model *model, uint32_t target) {
    size_t count = dfl_model_stage_count(model), verdict;
    uint32_t *numbers = malloc(count * sizeof *numbers);
    uint8_t *needs = malloc(count);
    int done = numbers != NULL && needs != NULL &&
               dfl_model_needs(model, target, needs, count) == DFL_OK &&
               dfl_model_levels(model, target, numbers, count) == DFL_OK &&
               dfl_model_order(model, target, numbers, &count) == DFL_OK &&
               dfl_model_verdict(model, target, &verdict) == DFL_OK;
    free(numbers);
    free(needs);
    return done;
}

/* The last text that variables can stand in, traced to where they were typed. */
static int ask_text(const dfl_model *model) {
    const dfl_doc *doc = dfl_model_doc(model);
    dfl_expansion *expansion = NULL;
    size_t count;
    (void)dfl_doc_nodes(doc, &count);
    for (dfl_status status = DFL_E_UNSUPPORTED; count > 0 && status == DFL_E_UNSUPPORTED;) {
        dfl_node node = dfl_doc_node(doc, (uint32_t)--count);
        status = dfl_model_expand(model, node, DFL_EXPAND_F_TRACE, &expansion);
        if (status != DFL_OK && status != DFL_E_UNSUPPORTED && status != DFL_E_LIMIT) return 0;
    }
    dfl_expansion_free(expansion);
    return 1;
}

int bench_ask(const dfl_model *model); /* not static: it is counted by its name */
int bench_ask(const dfl_model *model) {
    dfl_scope *scope = NULL;
    dfl_config *config = NULL;
    uint32_t count = (uint32_t)dfl_model_stage_count(model);
    int done = ask_text(model);
    if (count == 0) return done;
    done = done && ask_graph(model, count - 1) &&
           dfl_model_scope_end(model, count - 1, &scope) == DFL_OK &&
           dfl_model_config(model, count - 1, &config) == DFL_OK;
    dfl_scope_free(scope);
    dfl_config_free(config);
    return done;
}

static int check(const dfl_model *model) {
    dfl_lint *lint = NULL;
    int done = dfl_lint_run(model, NULL, &lint) == DFL_OK;
    dfl_lint_free(lint);
    return done;
}

static int model_file(const char *path) {
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    size_t len;
    dfl_doc *doc = NULL;
    dfl_model *model = NULL;
    char *bytes = read_file(path, &len);
    options.limits = &limits;
    int done = bytes != NULL && dfl_parse(bytes, len, &options, &doc) == DFL_OK &&
               dfl_model_new(doc, NULL, &model) == DFL_OK && bench_ask(model) && check(model);
    if (!done) fprintf(stderr, "%s: no model can be made of it\n", path);
    dfl_model_free(model);
    dfl_doc_unref(doc);
    free(bytes);
    return done;
}

int main(int argc, char **argv) {
    int done = 1;
    for (int i = 1; i < argc; i++)
        done &= model_file(argv[i]);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
