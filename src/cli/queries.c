/* queries.c -- parse and graph: what a file says, unchanged.
 * Relies on cli.h and the printers of the library.
 * Never fails on what a file holds: its errors are shown beside the answer. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARSE_JSON = 1, PARSE_SEXP = 2 };

static uint32_t format_of(const options *opt) {
    if (opt->format != 0) return opt->format;
    for (const choice *c = opt->command->formats; opt->json && c->word != NULL; c++)
        if (strcmp(c->word, "json") == 0) return c->value;
    return opt->command->formats[0].value;
}

/* Hand complete output on, or drop it when the printer failed. */
static int finish(output *out, const char *name, dfl_status status) {
    if (status == DFL_OK) return output_send(out);
    output_drop(out);
    return say_status(name, status);
}

static int print_json(const session *s, const input *in) {
    dfl_model *model = NULL;
    int status = input_model(in, s->opt, &model);
    if (status != STATUS_DONE) return status;
    output *out = output_new();
    if (out == NULL) {
        status = STATUS_USAGE;
    } else {
        dfl_sink sink = output_sink(out);
        status = finish(out, in->name, dfl_print_json(model, &sink));
    }
    dfl_model_free(model);
    return status;
}

static int print_sexp(const input *in) {
    output *out = output_new();
    if (out == NULL) return STATUS_USAGE;
    dfl_sink sink = output_sink(out);
    return finish(out, in->name, dfl_print_sexp(in->doc, &sink));
}

int run_parse(const session *s, const char *path) {
    input in;
    int status = input_open(path, &in);
    if (status != STATUS_DONE) return status;
    if (format_of(s->opt) == PARSE_JSON) {
        status = print_json(s, &in);
    } else {
        status = print_sexp(&in);
        say_diags(&in, SIZE_MAX, 0);
    }
    input_close(&in);
    return status;
}

static void say_unknown_target(const input *in, const dfl_model *model, const char *target) {
    char *known = NULL;
    size_t len = 0, count = 0;
    FILE *list = open_memstream(&known, &len);
    for (size_t i = 0; list != NULL && i < dfl_model_stage_count(model); i++) {
        dfl_stage stage = {.size = sizeof stage};
        if (dfl_model_stage(model, i, &stage) != DFL_OK || stage.name.len == 0) continue;
        fprintf(list, "%s%.*s", count++ != 0 ? ", " : "", (int)stage.name.len, stage.name.ptr);
    }
    if (list != NULL) fclose(list);
    if (count != 0)
        say("dockerfile: %s: there is no stage \"%s\"; targets: %s", in->name, target, known);
    else
        say("dockerfile: %s: there is no stage \"%s\": no stage has a name", in->name, target);
    free(known);
}

/* Edges that no build can follow: every cycle holds one. */
static void say_cycles(const input *in, const dfl_model *model) {
    for (size_t i = 0; i < dfl_model_edge_count(model); i++) {
        dfl_edge edge = {.size = sizeof edge};
        if (dfl_model_edge(model, i, &edge) != DFL_OK || !edge.cyclic) continue;
        dfl_pos pos = dfl_doc_pos(in->doc, edge.range.start);
        say("%s:%u:%u: error: stage %u needs %s %u%s", in->name, pos.line + 1, pos.utf8 + 1,
            edge.stage, edge.target == edge.stage ? "itself, stage" : "stage", edge.target,
            edge.target == edge.stage ? "" : ", which is defined later");
    }
}

static int print_graph(const session *s, const input *in, const dfl_model *model) {
    const char *name = s->opt->target != NULL ? s->opt->target : "";
    dfl_str wanted = {name, strlen(name)};
    uint32_t target = dfl_model_stage_find(model, wanted);
    if (target == DFL_NO_STAGE && s->opt->target != NULL) {
        say_unknown_target(in, model, name);
        return STATUS_USAGE;
    }
    output *out = output_new();
    if (out == NULL) return STATUS_USAGE;
    dfl_sink sink = output_sink(out);
    return finish(out, in->name, dfl_print_graph(model, target, format_of(s->opt), &sink));
}

int run_graph(const session *s, const char *path) {
    input in;
    dfl_model *model = NULL;
    int status = input_open(path, &in);
    if (status != STATUS_DONE) return status;
    status = input_model(&in, s->opt, &model);
    if (status == STATUS_DONE) {
        say_diags(&in, SIZE_MAX, 0);
        say_cycles(&in, model);
        status = print_graph(s, &in, model);
    }
    dfl_model_free(model);
    input_close(&in);
    return status;
}
