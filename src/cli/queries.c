/* queries.c -- parse, graph, config and args: what a file says, unchanged.
 * Relies on cli.h and the printers of the library.
 * Never fails on what a file holds: its errors are shown beside the answer. */
#include "cli/cli.h"

#include <string.h>

enum { PARSE_JSON = 1, PARSE_SEXP = 2 };

static uint32_t format_of(const options *opt) {
    if (opt->format != 0) return opt->format;
    for (const choice *c = opt->command->formats; opt->json && c->word != NULL; c++)
        if (strcmp(c->word, "json") == 0) return c->value;
    return opt->command->formats[0].value;
}

static int print_json(const session *s, const input *in) {
    dfl_model *model = NULL;
    int status = model_open(s, in, &model);
    if (status != STATUS_DONE) return status;
    output *out = output_new();
    if (out == NULL) {
        status = STATUS_USAGE;
    } else {
        dfl_sink sink = output_sink(out);
        status = output_finish(out, in->name, dfl_print_json(model, &sink));
    }
    dfl_model_free(model);
    return status;
}

static int print_sexp(const input *in) {
    output *out = output_new();
    if (out == NULL) return STATUS_USAGE;
    dfl_sink sink = output_sink(out);
    return output_finish(out, in->name, dfl_print_sexp(in->doc, &sink));
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

/* An answer that is too large is not the file's fault. */
static int finish_query(const session *s, const input *in, output *out, dfl_status status) {
    if (status != DFL_E_LIMIT) return output_finish(out, in->name, status);
    output_drop(out);
    say("dockerfile: %s: the answer is larger than the library's limits allow%s", in->name,
        s->opt->target == NULL ? "; --target NAME asks about fewer stages" : "");
    return STATUS_USAGE;
}

int query_open(const session *s, const char *path, query *out) {
    query q = {.target = DFL_NO_STAGE};
    int status = input_open(path, &q.in);
    if (status != STATUS_DONE) return status;
    status = model_open(s, &q.in, &q.model);
    if (status == STATUS_DONE) status = model_target(&q.in, s->opt, q.model, &q.target);
    if (status != STATUS_DONE) {
        query_close(&q);
        return status;
    }
    say_diags(&q.in, SIZE_MAX, 0);
    say_model_errors(&q.in, q.model);
    say_unused(&q.in, s, q.model);
    *out = q;
    return STATUS_DONE;
}

void query_close(query *q) {
    dfl_model_free(q->model);
    input_close(&q->in);
}

int run_query(const session *s, const char *path, query_print *print) {
    query q;
    int status = query_open(s, path, &q);
    if (status != STATUS_DONE) return status;
    output *out = output_new();
    if (out == NULL) {
        status = STATUS_USAGE;
    } else {
        dfl_sink sink = output_sink(out);
        status = finish_query(s, &q.in, out, print(s, q.model, q.target, &sink));
    }
    query_close(&q);
    return status;
}

static dfl_status print_graph(const session *s, const dfl_model *model, uint32_t target,
                              const dfl_sink *sink) {
    return dfl_print_graph(model, target, format_of(s->opt), sink);
}

int run_graph(const session *s, const char *path) {
    return run_query(s, path, print_graph);
}

static dfl_status print_config(const session *s, const dfl_model *model, uint32_t target,
                               const dfl_sink *sink) {
    return s->opt->json ? dfl_print_config_json(model, target, sink)
                        : dfl_print_config_text(model, target, sink);
}

int run_config(const session *s, const char *path) {
    return run_query(s, path, print_config);
}

static dfl_status print_args(const session *s, const dfl_model *model, uint32_t target,
                             const dfl_sink *sink) {
    if (s->opt->target == NULL) target = DFL_NO_STAGE;
    return s->opt->json ? dfl_print_args_json(model, target, sink)
                        : dfl_print_args_text(model, target, sink);
}

int run_args(const session *s, const char *path) {
    return run_query(s, path, print_args);
}
