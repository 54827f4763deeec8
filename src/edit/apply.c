/* apply.c -- applying a set: splice, parse, prove.
 * Relies on prove.c.
 * Never hands out a document whose proof failed. */
#include "edit/prove.h"

static dfl_status parse_splice(const dfl_edits *edits, dfl_str bytes, dfl_doc **out) {
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    options.alloc = &edits->doc->alloc;
    options.limits = &edits->doc->limits;
    return dfl_parse(bytes.ptr, bytes.len, &options, out);
}

dfl_status dfl_edits_apply(dfl_edits *edits, dfl_doc **out) {
    if (edits == NULL || out == NULL) return DFL_E_ARG;
    dfl_doc *result = NULL;
    dfl__buf bytes;
    dfl__buf_free(&edits->reason);
    dfl__buf_init(&edits->reason, &edits->alloc, 0);
    dfl__buf_init(&bytes, &edits->alloc, edits->doc->limits.max_source_bytes);
    dfl__edits_splice(edits, &bytes);
    dfl_status status = bytes.failed;
    if (status == DFL_OK) status = parse_splice(edits, dfl__buf_str(&bytes), &result);
    if (status == DFL_OK) status = dfl__prove(edits, result, dfl__buf_str(&bytes));
    dfl__buf_free(&bytes);
    if (status != DFL_OK) {
        dfl_doc_unref(result);
        return status;
    }
    *out = result;
    return DFL_OK;
}
