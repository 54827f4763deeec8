/* lint.c -- findings of the build checks as JSON, schema_version 1.
 * Relies on lint.h and writer.h.
 * Never writes a byte that is not UTF-8. */
#include "dockerfile/lint.h"
#include "dockerfile/print.h"
#include "print/writer.h"
#include "syntax/tree.h"

static void write_place(dfl__out *out, dfl__cursor *at, dfl_range range) {
    dfl_pos pos = dfl__cursor_pos(at, range.start);
    dfl__js_key(out, "line");
    dfl__js_uint(out, pos.line + 1);
    dfl__js_key(out, "column");
    dfl__js_uint(out, pos.utf8 + 1);
}

static void write_edits(dfl__out *out, const dfl_lint *lint, size_t index, uint32_t count) {
    dfl__js_key(out, "edits");
    dfl__js_open(out, '[');
    for (uint32_t e = 0; e < count; e++) {
        dfl_edit edit;
        if (dfl_lint_edit(lint, index, e, &edit) != DFL_OK) continue;
        dfl__js_edit(out, &edit);
    }
    dfl__js_close(out, ']');
}

static void write_finding(dfl__out *out, const dfl_lint *lint, dfl__cursor *at, size_t index) {
    dfl_finding finding = {.size = sizeof finding};
    if (dfl_lint_finding(lint, index, &finding) != DFL_OK) return;
    dfl__js_open(out, '{');
    dfl__js_key(out, "rule");
    dfl__js_str(out, dfl__str(finding.rule));
    dfl__js_key(out, "severity");
    dfl__js_str(out, dfl__str(finding.severity == DFL_SEVERITY_WARNING ? "warning" : "note"));
    dfl__js_key(out, "message");
    dfl__js_str(out, finding.message);
    dfl__js_key(out, "url");
    dfl__js_name(out, dfl__str(finding.url));
    write_place(out, at, finding.range);
    dfl__js_range(out, "range", finding.range);
    dfl__js_range(out, "lines", finding.lines);
    if (finding.related.end > finding.related.start) dfl__js_range(out, "related", finding.related);
    write_edits(out, lint, index, finding.edits);
    dfl__js_close(out, '}');
}

static void write_diags(dfl__out *out, const dfl_model *model) {
    const dfl_doc *doc = dfl_model_doc(model);
    dfl_diag diag = {.size = sizeof diag};
    dfl__js_key(out, "diagnostics");
    dfl__js_open(out, '[');
    for (size_t i = 0; dfl_doc_diag(doc, i, &diag) == DFL_OK; i++)
        dfl__js_diag(out, &diag);
    for (size_t i = 0; dfl_model_diag(model, i, &diag) == DFL_OK; i++)
        dfl__js_diag(out, &diag);
    dfl__js_close(out, ']');
}

dfl_status dfl_print_lint_json(const dfl_lint *lint, const dfl_model *model, dfl_str path,
                               const dfl_sink *sink) {
    dfl__out out;
    if (lint == NULL || model == NULL) return DFL_E_ARG;
    dfl__cursor at = {dfl_model_doc(model), 0, {0, 0, 0, 0}};
    dfl_status status = dfl__out_init(&out, sink);
    if (status != DFL_OK) return status;
    dfl__js_begin(&out);
    dfl__js_key(&out, "file");
    dfl__js_str(&out, path);
    dfl__js_flag(&out, "failed", dfl_lint_failed(lint));
    dfl__js_key(&out, "findings");
    dfl__js_open(&out, '[');
    for (size_t i = 0; i < dfl_lint_count(lint); i++)
        write_finding(&out, lint, &at, i);
    dfl__js_close(&out, ']');
    dfl__js_key(&out, "dropped");
    dfl__js_uint(&out, (uint32_t)dfl_lint_dropped(lint));
    write_diags(&out, model);
    dfl__js_end(&out);
    return dfl__out_done(&out);
}
