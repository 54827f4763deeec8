/* check.c -- build checks of a file, as text or JSON.
 * Relies on cli.h and the library's checks.
 * Never fails for a warning alone: only where the file or the caller asks for it. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ignore file that --ignore names. */
static int read_ignore(const options *opt, dfl_io_file **file, dfl_ignore **out) {
    dfl_io_error error = {0};
    if (opt->ignore == NULL) return STATUS_DONE;
    if (dfl_io_read(opt->ignore, 0, file, &error) != DFL_OK) {
        say("dockerfile: %s", error.message);
        return STATUS_USAGE;
    }
    dfl_str bytes = dfl_io_file_bytes(*file);
    dfl_status status = dfl_ignore_new(bytes.ptr, bytes.len, NULL, out);
    return status == DFL_OK ? STATUS_DONE : say_status(opt->ignore, status);
}

static void write_shown(FILE *to, dfl_str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x20 || c == 0x7F)
            fprintf(to, "\\x%02X", (unsigned)c);
        else
            fputc(c, to);
    }
}

static dfl_status print_text(const input *in, const dfl_lint *lint, const dfl_sink *sink) {
    for (size_t i = 0; i < dfl_lint_count(lint); i++) {
        dfl_finding finding = {.size = sizeof finding};
        char *line = NULL;
        size_t len = 0;
        FILE *to = open_memstream(&line, &len);
        if (to == NULL || dfl_lint_finding(lint, i, &finding) != DFL_OK) return DFL_E_NOMEM;
        dfl_pos pos = dfl_doc_pos(in->doc, finding.range.start);
        fprintf(to, "%s:%u:%u: %s: ", in->name, (unsigned)pos.line + 1, (unsigned)pos.utf8 + 1,
                finding.severity == DFL_SEVERITY_WARNING ? "warning" : "note");
        write_shown(to, finding.message);
        fprintf(to, " [%s]%s\n", finding.rule, finding.edits != 0 ? " (a fix is certain)" : "");
        int failed = fclose(to) != 0 || sink->write(sink->ctx, line, len) != 0;
        free(line);
        if (failed) return DFL_E_NOMEM;
    }
    return DFL_OK;
}

static int print_lint(const session *s, const input *in, const dfl_model *model,
                      const dfl_lint *lint) {
    output *out = output_new();
    if (out == NULL) return STATUS_USAGE;
    dfl_sink sink = output_sink(out);
    dfl_status status = s->opt->json ? dfl_print_lint_json(lint, model, text_of(in->name), &sink)
                                     : print_text(in, lint, &sink);
    return output_finish(out, in->name, status);
}

static int say_lint_status(const session *s, const input *in, dfl_status status) {
    if (status == DFL_E_FORMAT) {
        say("dockerfile: --rules: \"%s\" is malformed; write skip=RULE,RULE;experimental=all;"
            "error=true",
            s->opt->rules);
        return STATUS_USAGE;
    }
    return say_status(in->name, status);
}

static int check(const session *s, const input *in, const dfl_model *model,
                 const dfl_ignore *ignore) {
    dfl_lint_options opt = DFL_LINT_OPTIONS_INIT;
    dfl_lint *lint = NULL;
    opt.ignore = ignore;
    opt.options = text_of(s->opt->rules);
    dfl_status status = dfl_lint_run(model, &opt, &lint);
    if (status != DFL_OK) return say_lint_status(s, in, status);
    int result = print_lint(s, in, model, lint);
    if (result == STATUS_DONE && dfl_lint_failed(lint)) result = STATUS_REFUSED;
    dfl_lint_free(lint);
    return result;
}

int run_check(const session *s, const char *path) {
    input in;
    dfl_model *model = NULL;
    dfl_io_file *file = NULL;
    dfl_ignore *ignore = NULL;
    uint32_t target;
    int status = input_open(path, &in);
    if (status != STATUS_DONE) return status;
    status = read_ignore(s->opt, &file, &ignore);
    if (status == STATUS_DONE) status = model_open(s, &in, &model);
    if (status == STATUS_DONE) status = model_target(&in, s->opt, model, &target);
    if (status == STATUS_DONE) {
        say_diags(&in, SIZE_MAX, 1);
        say_unused(&in, s, model);
        size_t errors = dfl_doc_error_count(in.doc) + say_model_errors(&in, model);
        status = check(s, &in, model, ignore);
        if (status <= STATUS_REFUSED && errors != 0) status = STATUS_SYNTAX;
    }
    dfl_model_free(model);
    dfl_ignore_free(ignore);
    dfl_io_file_free(file);
    input_close(&in);
    return status;
}
