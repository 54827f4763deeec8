/* json.c -- a document and its stages as JSON, schema_version 1.
 * Relies on model.h, diag.h and writer.h.
 * Never recurses, never writes a byte that is not UTF-8.
 *
 * Arguments are BuildKit's values, continuations removed and nothing expanded:
 *   words, JSON strings, shell forms   one argument each
 *   ENV, LABEL, ARG                    one `name=value` a pair; `name` alone where no value is
 * given HEALTHCHECK                        "NONE", or "CMD" and what follows it ONBUILD one
 * argument: the trigger, as written */
#include "dockerfile/print.h"

#include "print/writer.h"
#include "syntax/tree.h"

static void write_stage(dfl__out *out, const dfl_stage *stage) {
    dfl__js_open(out, '{');
    dfl__js_key(out, "name");
    dfl__js_name(out, stage->name);
    dfl__js_key(out, "index");
    dfl__js_uint(out, stage->index);
    dfl__js_key(out, "base");
    dfl__js_str(out, stage->base);
    dfl__js_range(out, "range", stage->range);
    dfl__js_close(out, '}');
}

static dfl_status write_stages(dfl__out *out, const dfl_model *model) {
    dfl__js_key(out, "stages");
    dfl__js_open(out, '[');
    size_t count = dfl_model_stage_count(model);
    for (size_t i = 0; i < count; i++) {
        dfl_stage stage = {.size = sizeof stage};
        dfl_status status = dfl_model_stage(model, i, &stage);
        if (status != DFL_OK) return status;
        write_stage(out, &stage);
    }
    dfl__js_close(out, ']');
    return DFL_OK;
}

/* Upper case without a buffer: the name of an unknown instruction is the file's own text. */
static void write_name(dfl__out *out, dfl_node node) {
    dfl__js_key(out, "name");
    if (dfl_node_kind(node) != DFL_NODE_UNKNOWN) {
        dfl__js_str(out, dfl__str(dfl_instruction_name(dfl_node_kind(node))));
        return;
    }
    dfl_str name = dfl_node_value(dfl_node_child(node, DFL_NODE_KEYWORD));
    dfl__js_str_open(out);
    for (size_t i = 0; i < name.len;) {
        size_t start = i;
        char upper = (char)dfl__upper((unsigned char)name.ptr[i]);
        (void)dfl__next_rune(name, &i);
        dfl_str ascii = {&upper, 1};
        dfl__js_str_part(out, i == start + 1 ? ascii : dfl__sub(name, start, i));
    }
    dfl__js_str_close(out);
}

static void write_lines(dfl__out *out, dfl_node node) {
    dfl_range range = dfl_node_range(node);
    uint32_t last = range.end > range.start ? range.end - 1 : range.start;
    dfl__js_key(out, "lines");
    dfl__js_open(out, '{');
    dfl__js_key(out, "start");
    dfl__js_uint(out, dfl__doc_line(node.doc, range.start) + 1);
    dfl__js_key(out, "end");
    dfl__js_uint(out, dfl__doc_line(node.doc, last) + 1);
    dfl__js_close(out, '}');
}

static void write_flags(dfl__out *out, dfl_node node) {
    dfl__js_key(out, "flags");
    dfl__js_open(out, '[');
    for (dfl_node at = dfl_node_first(node); !dfl_node_is_null(at); at = dfl_node_next(at)) {
        if (dfl_node_kind(at) != DFL_NODE_FLAG) continue;
        dfl_str flag = dfl_node_value(at);
        if (dfl__starts(flag, "--")) flag = dfl__sub(flag, 2, flag.len);
        size_t equal = dfl__find(flag, '=', 0);
        dfl__js_open(out, '{');
        dfl__js_key(out, "name");
        dfl__js_str(out, dfl__sub(flag, 0, equal));
        dfl__js_key(out, "value");
        if (equal < flag.len)
            dfl__js_str(out, dfl__sub(flag, equal + 1, flag.len));
        else
            dfl__js_word(out, "null");
        dfl__js_close(out, '}');
    }
    dfl__js_close(out, ']');
}

static void write_pair(dfl__out *out, dfl_node pair) {
    dfl_node value = dfl_node_child(pair, DFL_NODE_VALUE);
    dfl__js_str_open(out);
    dfl__js_str_part(out, dfl_node_value(dfl_node_child(pair, DFL_NODE_NAME)));
    if (!dfl_node_is_null(value)) {
        dfl__js_str_part(out, DFL__LIT("="));
        dfl__js_str_part(out, dfl_node_value(value));
    }
    dfl__js_str_close(out);
}

static void write_argument(dfl__out *out, dfl_node node) {
    dfl_node item = dfl_node_first(node);
    switch (dfl_node_kind(node)) {
    case DFL_NODE_WORD:
    case DFL_NODE_SHELL_FORM:
    case DFL_NODE_ERROR: dfl__js_str(out, dfl_node_value(node)); return;
    case DFL_NODE_PAIR: write_pair(out, node); return;
    case DFL_NODE_JSON_FORM:
        for (; !dfl_node_is_null(item); item = dfl_node_next(item))
            if (dfl_node_kind(item) == DFL_NODE_JSON_STRING) dfl__js_str(out, dfl_node_value(item));
        return;
    default: /* the value of a trigger is its whole line, joined */
        if (dfl_node_is_instruction(node)) dfl__js_str(out, dfl_node_value(node));
    }
}

static void write_arguments(dfl__out *out, dfl_node node) {
    dfl__js_key(out, "arguments");
    dfl__js_open(out, '[');
    for (dfl_node at = dfl_node_first(node); !dfl_node_is_null(at); at = dfl_node_next(at))
        write_argument(out, at);
    dfl__js_close(out, ']');
    dfl__js_flag(out, "json", (dfl_node_flags(node) & DFL_NODE_F_JSON) != 0);
}

static void write_heredocs(dfl__out *out, dfl_node node) {
    dfl__js_key(out, "heredocs");
    dfl__js_open(out, '[');
    for (dfl_node at = dfl_node_first(node); !dfl_node_is_null(at); at = dfl_node_next(at)) {
        if (dfl_node_kind(at) != DFL_NODE_HEREDOC) continue;
        dfl__js_open(out, '{');
        dfl__js_key(out, "name");
        dfl__js_str(out, dfl_node_value(at));
        dfl__js_key(out, "content");
        dfl__js_str(out, dfl_node_text(dfl_node_child(at, DFL_NODE_HEREDOC_BODY)));
        dfl__js_flag(out, "expand", (dfl_node_flags(at) & DFL_NODE_F_EXPAND) != 0);
        dfl__js_close(out, '}');
    }
    dfl__js_close(out, ']');
}

static void write_instruction(dfl__out *out, const dfl_model *model, dfl_node node) {
    uint32_t stage = dfl_model_stage_of(model, node);
    dfl__js_open(out, '{');
    write_name(out, node);
    dfl__js_range(out, "range", dfl_node_range(node));
    write_lines(out, node);
    write_flags(out, node);
    write_arguments(out, node);
    write_heredocs(out, node);
    dfl__js_index(out, "stage", stage);
    dfl__js_close(out, '}');
}

static void write_instructions(dfl__out *out, const dfl_model *model) {
    dfl_node at = dfl_node_first(dfl_doc_root(dfl_model_doc(model)));
    dfl__js_key(out, "instructions");
    dfl__js_open(out, '[');
    for (; !dfl_node_is_null(at); at = dfl_node_next(at))
        if (dfl_node_is_instruction(at)) write_instruction(out, model, at);
    dfl__js_close(out, ']');
}

static dfl_status write_diags(dfl__out *out, const dfl_doc *doc) {
    dfl__js_key(out, "diagnostics");
    dfl__js_open(out, '[');
    size_t count = dfl_doc_diag_count(doc);
    for (size_t i = 0; i < count; i++) {
        dfl_diag diag = {.size = sizeof diag};
        dfl_status status = dfl_doc_diag(doc, i, &diag);
        if (status != DFL_OK) return status;
        dfl__js_diag(out, &diag);
    }
    dfl__js_close(out, ']');
    return DFL_OK;
}

dfl_status dfl_print_json(const dfl_model *model, const dfl_sink *sink) {
    dfl__out out;
    dfl_status status = model != NULL ? dfl__out_init(&out, sink) : DFL_E_ARG;
    if (status != DFL_OK) return status;
    dfl__js_begin(&out);
    status = write_stages(&out, model);
    write_instructions(&out, model);
    if (status == DFL_OK) status = write_diags(&out, dfl_model_doc(model));
    dfl__js_end(&out);
    dfl_status sent = dfl__out_done(&out);
    return status != DFL_OK ? status : sent;
}
