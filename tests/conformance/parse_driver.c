/* parse_driver.c -- parsed files for the comparers.
 * Relies on wire.h, the public face of trees and models, and syntax/parser.h for the tree check and
 * for what is read before a parse.
 * Never limits what BuildKit does not limit. */
#include <stdio.h>
#include <stdlib.h>

#include "diag/codes.h"
#include "dockerfile/model.h"
#include "syntax/parser.h"
#include "wire.h"

/* parse, source */
enum { SOURCE = 1 };

static dfl_doc *parse_source(dfl_str source) {
    dfl_limits limits = DFL_LIMITS_INIT;
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *doc = NULL;
    limits.max_source_bytes = limits.max_diags = limits.max_heredocs = limits.max_stages =
        limits.max_depth = UINT32_MAX;
    options.limits = &limits;
    if (dfl_parse(source.ptr, source.len, &options, &doc) != DFL_OK) {
        fputs("conformance driver: cannot parse\n", stderr);
        exit(1);
    }
    return doc;
}

/* Physical line, from 1, that holds `offset`. */
static uint32_t line_at(const dfl_doc *doc, uint32_t offset) {
    return dfl_doc_pos(doc, offset).line + 1;
}

static const dfl_diag_rec *first_of(const dfl_doc *doc, uint32_t code) {
    size_t count;
    const dfl_diag_rec *diags = dfl_doc_diags(doc, &count);
    for (size_t i = 0; i < count; i++) {
        if (diags[i].code == code) return &diags[i];
    }
    return NULL;
}

static void add_child_value(wire_message *answer, dfl_node node, uint32_t kind) {
    wire_add(answer, dfl_node_value(dfl_node_child(node, kind)));
}

/* Arguments as BuildKit lists them: three for each pair of ENV and LABEL, one word for ARG's. */
static void add_pair(wire_message *answer, dfl_node pair, uint32_t instruction) {
    dfl_node value = dfl_node_child(pair, DFL_NODE_VALUE);
    if (instruction != DFL_NODE_ARG) {
        add_child_value(answer, pair, DFL_NODE_NAME);
        wire_add(answer, dfl_node_value(value));
        wire_addz(answer, dfl_node_flags(pair) & DFL_NODE_F_LEGACY ? "" : "=");
        return;
    }
    dfl__buf word;
    dfl__buf_init(&word, NULL, 0);
    dfl__buf_add(&word, dfl_node_value(dfl_node_child(pair, DFL_NODE_NAME)));
    if (!dfl_node_is_null(value)) dfl__buf_addc(&word, '=');
    dfl__buf_add(&word, dfl_node_value(value));
    wire_add(answer, dfl__buf_str(&word));
    dfl__buf_free(&word);
}

static void add_strings(wire_message *answer, dfl_node form) {
    for (dfl_node n = dfl_node_first(form); !dfl_node_is_null(n); n = dfl_node_next(n)) {
        if (dfl_node_kind(n) == DFL_NODE_JSON_STRING) wire_add(answer, dfl_node_value(n));
    }
}

static void add_arguments(wire_message *answer, dfl_node instruction) {
    wire_message arguments = {0};
    for (dfl_node n = dfl_node_first(instruction); !dfl_node_is_null(n); n = dfl_node_next(n)) {
        switch (dfl_node_kind(n)) {
        case DFL_NODE_WORD:
        case DFL_NODE_SHELL_FORM: wire_add(&arguments, dfl_node_value(n)); break;
        case DFL_NODE_JSON_FORM: add_strings(&arguments, n); break;
        case DFL_NODE_PAIR: add_pair(&arguments, n, dfl_node_kind(instruction)); break;
        default: break; /* no argument */
        }
    }
    wire_add_number(answer, arguments.count);
    for (uint32_t i = 0; i < arguments.count; i++)
        wire_add(answer, arguments.items[i]);
    wire_free(&arguments);
}

static uint32_t count_children(dfl_node node, uint32_t kind) {
    uint32_t count = 0;
    for (dfl_node n = dfl_node_first(node); !dfl_node_is_null(n); n = dfl_node_next(n))
        count += dfl_node_kind(n) == kind;
    return count;
}

static void add_flags(wire_message *answer, dfl_node instruction) {
    wire_add_number(answer, count_children(instruction, DFL_NODE_FLAG));
    for (dfl_node n = dfl_node_first(instruction); !dfl_node_is_null(n); n = dfl_node_next(n)) {
        if (dfl_node_kind(n) == DFL_NODE_FLAG) wire_add(answer, dfl_node_value(n));
    }
}

static void add_heredocs(wire_message *answer, dfl_node instruction) {
    wire_add_number(answer, count_children(instruction, DFL_NODE_HEREDOC));
    for (dfl_node n = dfl_node_first(instruction); !dfl_node_is_null(n); n = dfl_node_next(n)) {
        if (dfl_node_kind(n) != DFL_NODE_HEREDOC) continue;
        wire_add(answer, dfl_node_value(n));
        wire_add(answer, dfl_node_text(dfl_node_child(n, DFL_NODE_HEREDOC_BODY)));
        wire_add_number(answer, (dfl_node_flags(n) & DFL_NODE_F_EXPAND) != 0);
        wire_add_number(answer, (dfl_node_flags(n) & DFL_NODE_F_CHOMP) != 0);
    }
}

/* The instruction inside this one; null when there is none. */
static dfl_node trigger_of(dfl_node instruction) {
    dfl_node n = dfl_node_first(instruction);
    while (!dfl_node_is_null(n) && !dfl_node_is_instruction(n))
        n = dfl_node_next(n);
    return n;
}

/* Logical line, name, kind, JSON form, flags, arguments, heredocs; then 1 and the trigger, or 0. */
static void add_instruction(wire_message *answer, dfl_node instruction) {
    for (;;) {
        wire_add(answer, dfl_node_value(instruction));
        add_child_value(answer, instruction, DFL_NODE_KEYWORD);
        wire_addz(answer, dfl_node_kind_name(dfl_node_kind(instruction)));
        wire_add_number(answer, (dfl_node_flags(instruction) & DFL_NODE_F_JSON) != 0);
        add_flags(answer, instruction);
        add_arguments(answer, instruction);
        add_heredocs(answer, instruction);
        instruction = trigger_of(instruction);
        wire_add_number(answer, !dfl_node_is_null(instruction));
        if (dfl_node_is_null(instruction)) return;
    }
}

/* The first error of the instruction parser between two offsets, "" when there is none, and whether
 * a name is suggested. */
static void add_error_between(wire_message *answer, const dfl_doc *doc, uint32_t start,
                              uint32_t end) {
    dfl_diag diag = {.size = sizeof diag};
    for (size_t i = 0; dfl_doc_diag(doc, i, &diag) == DFL_OK; i++) {
        if (diag.range.start < start || diag.range.start > end) continue;
        if (dfl__code_of(diag.code)->pass != 3 || diag.severity != DFL_SEVERITY_ERROR) continue;
        wire_addz(answer, diag.name);
        wire_add_number(answer, dfl__find_str(diag.message, "did you mean") < diag.message.len);
        return;
    }
    wire_addz(answer, "");
    wire_add_number(answer, 0);
}

/* Each instruction: its first and last line, its first error and 1 if a name is suggested, its
 * parts. */
static void add_instructions(wire_message *answer, const dfl_doc *doc) {
    uint32_t count = 0;
    dfl_node first = dfl_node_first(dfl_doc_root(doc));
    for (dfl_node n = first; !dfl_node_is_null(n); n = dfl_node_next(n))
        count += dfl_node_is_instruction(n) != 0;
    wire_add_number(answer, count);
    for (dfl_node n = first; !dfl_node_is_null(n); n = dfl_node_next(n)) {
        dfl_range range = dfl_node_range(n);
        if (!dfl_node_is_instruction(n)) continue;
        wire_add_number(answer, line_at(doc, range.start));
        wire_add_number(answer, line_at(doc, range.end));
        add_error_between(answer, doc, range.start, range.end);
        add_instruction(answer, n);
    }
}

/* First line of the instruction that holds `offset`, or of the offset itself outside of any. */
static uint32_t line_of_instruction(const dfl_doc *doc, uint32_t offset) {
    for (dfl_node n = dfl_node_first(dfl_doc_root(doc)); !dfl_node_is_null(n);
         n = dfl_node_next(n)) {
        dfl_range range = dfl_node_range(n);
        if (dfl_node_is_instruction(n) && offset >= range.start && offset <= range.end)
            return line_at(doc, range.start);
    }
    return line_at(doc, offset);
}

/* The first error of the parser (passes 0 and 2) but long lines: category and line. */
static void add_failure(wire_message *answer, const dfl_doc *doc) {
    size_t count;
    const dfl_diag_rec *diags = dfl_doc_diags(doc, &count);
    for (size_t i = 0; i < count; i++) {
        const dfl__code *code = dfl__code_of(diags[i].code);
        uint32_t pass = dfl__code_parse_pass(code);
        if (pass > 2 || pass == 1 || code->severity != DFL_SEVERITY_ERROR) continue;
        if (diags[i].code == DFL_D_LINE_TOO_LONG) continue;
        wire_addz(answer, code->name);
        wire_add_number(answer, line_of_instruction(doc, diags[i].start));
        return;
    }
    wire_addz(answer, "");
    wire_add_number(answer, 0);
}

static void add_warnings(wire_message *answer, const dfl_doc *doc) {
    size_t count;
    uint32_t warnings = 0;
    const dfl_diag_rec *diags = dfl_doc_diags(doc, &count);
    for (size_t i = 0; i < count; i++)
        warnings += diags[i].code == DFL_D_EMPTY_CONTINUATION;
    wire_add_number(answer, warnings);
    for (size_t i = 0; i < count; i++) {
        if (diags[i].code == DFL_D_EMPTY_CONTINUATION)
            wire_add_number(answer, line_at(doc, diags[i].start));
    }
}

static void add_directives(wire_message *answer, const dfl_doc *doc) {
    dfl_node root = dfl_doc_root(doc);
    wire_add_number(answer, count_children(root, DFL_NODE_DIRECTIVE));
    for (dfl_node n = dfl_node_first(root); !dfl_node_is_null(n); n = dfl_node_next(n)) {
        if (dfl_node_kind(n) != DFL_NODE_DIRECTIVE) continue;
        add_child_value(answer, n, DFL_NODE_NAME);
        add_child_value(answer, n, DFL_NODE_VALUE);
    }
}

static void add_stages(wire_message *answer, const dfl_doc *doc) {
    dfl_model *model = NULL;
    if (dfl_model_new(doc, NULL, &model) != DFL_OK) {
        fputs("conformance driver: no model\n", stderr);
        exit(1);
    }
    size_t count = dfl_model_stage_count(model);
    wire_add_number(answer, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        dfl_stage stage = {.size = sizeof stage};
        if (dfl_model_stage(model, i, &stage) != DFL_OK) exit(1);
        wire_add(answer, stage.name);
        wire_add_number(answer, line_at(doc, dfl_node_range(dfl_doc_node(doc, stage.node)).start));
    }
    dfl_model_free(model);
}

/* 1 or 0, the value, the whole value; a JSON member is told decoded. */
static void add_detected(wire_message *answer, int found, dfl_str source, dfl__detected detected) {
    dfl_str whole = dfl__sub(source, detected.range.start, detected.range.end);
    wire_add_number(answer, found != 0);
    wire_add(answer, detected.value);
    wire_add(answer, whole.len > 0 && whole.ptr[0] == '"' && detected.value.ptr != whole.ptr
                         ? detected.value
                         : whole);
}

/* What is read before the parse: the syntax and the check directive, and the error of the latter.
 */
static void add_detections(wire_message *answer, const dfl_doc *doc, dfl_str source) {
    dfl__detected syntax = {{"", 0}, {0, 0}}, check = syntax;
    dfl__buf scratch;
    dfl__buf_init(&scratch, NULL, 0);
    int found = dfl__detect_syntax(source, &scratch, &syntax);
    add_detected(answer, found, source, syntax);
    found = dfl__detect_check(source, &check);
    add_detected(answer, found, source, check);
    wire_addz(answer, first_of(doc, DFL_D_CHECK_OPTION) != NULL ? "check-option" : "");
    dfl__buf_free(&scratch);
}

/* Answers what is read before the parse; whether the tree is sound; the offset of the first line
 * that is too long, plus one, or 0. The rest is about what stands before that line, where BuildKit
 * stops reading: the parser's first error with its line, the escape character, and lists, each
 * after its count: lines of warnings, directives, stages, instructions. */
void parse_answer(const wire_message *request, wire_message *answer) {
    dfl_str source = wire_get(request, SOURCE);
    dfl_doc *doc = parse_source(source);
    int sound = dfl__tree_check(doc);
    add_detections(answer, doc, source);
    const dfl_diag_rec *too_long = first_of(doc, DFL_D_LINE_TOO_LONG);
    uint32_t cut = too_long != NULL ? too_long->start - dfl_doc_pos(doc, too_long->start).byte : 0;
    if (too_long != NULL) {
        dfl_doc_unref(doc);
        doc = parse_source(dfl__sub(source, 0, cut));
        sound = sound && dfl__tree_check(doc);
    }
    char escape = (char)dfl_doc_escape(doc);
    wire_add_number(answer, (uint32_t)sound);
    wire_add_number(answer, too_long != NULL ? cut + 1 : 0);
    add_failure(answer, doc);
    wire_add(answer, (dfl_str){&escape, 1});
    add_warnings(answer, doc);
    add_directives(answer, doc);
    add_stages(answer, doc);
    add_instructions(answer, doc);
    dfl_doc_unref(doc);
}
