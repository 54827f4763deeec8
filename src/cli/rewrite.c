/* rewrite.c -- cache, base, split, optimize: a plan, shown or carried out.
 * Relies on cli.h.
 * Never prints a result that was refused, never writes a file that nothing changed. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define DIAGS_SHOWN 20

static int32_t write_stderr(void *ctx, const char *ptr, size_t len) {
    (void)ctx;
    return fwrite(ptr, 1, len, stderr) == len ? 0 : 1;
}

static void explain(const input *in, const dfl_plan *plan) {
    dfl_sink sink = {write_stderr, NULL};
    dfl_str name = {in->name, strlen(in->name)};
    if (dfl_print_plan_text(plan, name, &sink) != DFL_OK)
        say("dockerfile: %s: the plan could not be shown", in->name);
}

/* How the file is called in a diff: below a/ and b/, where `git apply` and `patch -p1` find it. */
static dfl_str diff_path(const input *in) {
    const char *path = strcmp(in->path, "-") == 0 ? "Dockerfile" : in->path;
    for (;;) {
        if (path[0] == '/')
            path++;
        else if (path[0] == '.' && path[1] == '/')
            path += 2;
        else
            break;
    }
    dfl_str s = {path, strlen(path)};
    return s;
}

static int print_diff(const input *in, const dfl_doc *result) {
    output *out = output_new();
    if (out == NULL) return STATUS_USAGE;
    dfl_sink sink = output_sink(out);
    return output_finish(out, in->name, dfl_print_diff(in->doc, result, diff_path(in), &sink));
}

static int print_plan(const input *in, const dfl_plan *plan) {
    output *out = output_new();
    if (out == NULL) return STATUS_USAGE;
    dfl_sink sink = output_sink(out);
    return output_finish(out, in->name, dfl_print_plan_json(plan, &sink));
}

/* A result that equals the file is not written. */
static int write_back(const input *in, const dfl_doc *result) {
    dfl_io_error error = {0};
    dfl_str before = dfl_doc_source(in->doc), after = dfl_doc_source(result);
    if (before.len == after.len && memcmp(before.ptr, after.ptr, after.len) == 0)
        return STATUS_DONE;
    if (dfl_io_replace(in->file, after, &error) == DFL_OK) return STATUS_DONE;
    say("dockerfile: %s", error.message);
    return STATUS_USAGE;
}

int deliver_result(const input *in, const dfl_doc *result, const options *opt) {
    int status = opt->write ? write_back(in, result) : STATUS_DONE;
    if (status == STATUS_DONE && opt->diff) return print_diff(in, result);
    if (status == STATUS_DONE && !opt->write) return output_bytes(dfl_doc_source(result));
    return status;
}

static int deliver(const input *in, const dfl_plan *plan, const options *opt) {
    int refused = dfl_plan_outcome(plan) == DFL_OUTCOME_REFUSED;
    int status = STATUS_DONE;
    if (!opt->json && !refused) status = deliver_result(in, dfl_plan_result(plan), opt);
    if (opt->json && opt->write) status = write_back(in, dfl_plan_result(plan));
    if (opt->json && status == STATUS_DONE) status = print_plan(in, plan);
    return status == STATUS_DONE && refused ? STATUS_REFUSED : status;
}

/* Why nothing, or not all, was done. Errors in the file are shown as
 * themselves. */
static void say_reasons(const input *in, const dfl_plan *plan, const options *opt) {
    if (dfl_plan_outcome(plan) == DFL_OUTCOME_REFUSED && dfl_doc_error_count(in->doc) != 0)
        say_diags(in, DIAGS_SHOWN, 1);
    if (opt->explain)
        explain(in, plan);
    else
        say_refusals(in, plan);
}

/* Whether the plan is refused because the file does not build as it is. */
static int is_broken(const dfl_plan *plan) {
    dfl_refusal refusal = {.size = sizeof refusal};
    return dfl_plan_outcome(plan) == DFL_OUTCOME_REFUSED &&
           dfl_plan_refusal(plan, 0, &refusal) == DFL_OK &&
           strcmp(refusal.code, "syntax-error") == 0;
}

/* Errors that no base makes good. */
static int say_broken(const session *s, const input *in) {
    dfl_plan *plan = NULL;
    dfl_rewrite_options opt;
    session_rewrite_options(s, &opt);
    dfl_status planned = dfl_rewrite_cache(in->doc, &opt, &plan);
    if (planned != DFL_OK) return say_status(in->name, planned);
    int status = is_broken(plan) ? STATUS_SYNTAX : STATUS_DONE;
    if (status == STATUS_SYNTAX) say_reasons(in, plan, s->opt);
    dfl_plan_free(plan);
    return status;
}

/* What each base would take. Errors in the file come before that. */
static int run_report(const session *s, const input *in) {
    dfl_rewrite_options opt;
    dfl_str name = {in->name, strlen(in->name)};
    session_rewrite_options(s, &opt);
    int broken = say_broken(s, in);
    if (broken != STATUS_DONE) return broken;
    output *out = output_new();
    if (out == NULL) return STATUS_USAGE;
    dfl_sink sink = output_sink(out);
    dfl_status status = s->opt->json ? dfl_print_base_report_json(in->doc, &opt, &sink)
                                     : dfl_print_base_report_text(in->doc, &opt, name, &sink);
    return output_finish(out, in->name, status);
}

static int run_plan(const session *s, const input *in) {
    dfl_plan *plan = NULL;
    dfl_rewrite_options opt;
    session_rewrite_options(s, &opt);
    dfl_status planned = s->opt->command->rewrite(in->doc, &opt, &plan);
    if (planned != DFL_OK) return say_status(in->name, planned);
    say_reasons(in, plan, s->opt);
    int status = deliver(in, plan, s->opt);
    if (status == STATUS_REFUSED && is_broken(plan)) status = STATUS_SYNTAX;
    dfl_plan_free(plan);
    return status;
}

int run_rewrite(const session *s, const char *path) {
    input in;
    int status = input_open(path, &in);
    if (status != STATUS_DONE) return status;
    status = s->opt->report ? run_report(s, &in) : run_plan(s, &in);
    input_close(&in);
    return status;
}
