/* onbuild.c -- ONBUILD triggers: as text, and read again.
 * Relies on the parser. Follows parseOnBuild of frontend/dockerfile/instructions/parse.go and
 * initOnBuildTriggers of frontend/dockerfile/dockerfile2llb/convert.go (specification 2.10, 5.6).
 * Never reads a trigger twice, however many stages take it over. */
#include "diag/codes.h"
#include "model/walk.h"

static dfl_str skip_blanks(dfl_str s) {
    size_t at = 0;
    while (at < s.len && dfl__is_regexp_space((unsigned char)s.ptr[at]))
        at++;
    return dfl__sub(s, at, s.len);
}

/* The line without what a regular expression of BuildKit's takes off. */
static dfl_str expression(dfl_str line) {
    const size_t keyword = sizeof "ONBUILD" - 1;
    dfl_str rest = skip_blanks(line);
    if (rest.len < keyword || !dfl__ieqz(dfl__sub(rest, 0, keyword), "ONBUILD")) return line;
    return skip_blanks(dfl__sub(rest, keyword, rest.len));
}

static int is_heredoc(uint16_t kind) {
    return kind == DFL_TOKEN_HEREDOC_BODY || kind == DFL_TOKEN_HEREDOC_END;
}

/* Blanks behind the line are no part of its value, but BuildKit stores them. */
static void add_blanks(const dfl_doc *doc, uint32_t node, dfl__buf *out) {
    const dfl_node_rec *rec = &doc->nodes.items[node];
    const dfl_token_rec *tokens = doc->tokens.items;
    uint32_t end = rec->first_token, last = end;
    for (; end < rec->end_token && !is_heredoc(tokens[end].kind); end++)
        if (dfl__token_is_text(tokens[end].kind) && tokens[end].kind != DFL_TOKEN_WHITESPACE)
            last = end;
    for (uint32_t i = last + 1; i < end; i++) {
        uint16_t after = i + 1 < doc->tokens.count ? tokens[i + 1].kind : DFL_TOKEN_CONTINUATION;
        int blank_line = tokens[i - 1].kind == DFL_TOKEN_NEWLINE && after == DFL_TOKEN_NEWLINE;
        if (tokens[i].kind != DFL_TOKEN_WHITESPACE || after == DFL_TOKEN_COMMENT || blank_line)
            continue;
        dfl__buf_add(out, dfl__sub(doc->source, tokens[i].start, dfl__token_end(doc, i)));
    }
}

/* Each heredoc follows with its name on a line of its own, whatever stood before the terminator. */
static void add_heredocs(const dfl_doc *doc, uint32_t node, dfl__buf *out) {
    const dfl_node_rec *nodes = doc->nodes.items;
    for (uint32_t at = dfl__node_first(doc, node); at != 0; at = nodes[at].next) {
        if (nodes[at].kind != DFL_NODE_HEREDOC) continue;
        uint32_t body = dfl__node_child(doc, at, DFL_NODE_HEREDOC_BODY);
        dfl__buf_addc(out, '\n');
        if (body != 0) dfl__buf_add(out, dfl__node_value(doc, body));
        dfl__buf_add(out, dfl__node_value(doc, at));
    }
}

dfl_str dfl__trigger_text(dfl_model *model, const dfl_doc *doc, uint32_t node) {
    dfl_str text = {NULL, 0};
    dfl__buf buf;
    dfl__buf_init(&buf, &model->arena.alloc, 0);
    dfl__buf_add(&buf, expression(dfl__node_value(doc, node)));
    add_blanks(doc, node, &buf);
    add_heredocs(doc, node, &buf);
    text.len = buf.len;
    if (buf.failed == DFL_OK)
        text.ptr = dfl__arena_copy(&model->arena, dfl__buf_str(&buf).ptr, buf.len);
    dfl__buf_free(&buf);
    return text;
}

/* The first error that an instruction alone can have; 0 when there is none. */
static uint32_t first_error(const dfl_doc *doc) {
    uint32_t found = 0, pass = UINT32_MAX;
    for (uint32_t i = 0; i < doc->diags.count; i++) {
        const dfl__code *code = dfl__code_of(doc->diags.items[i].code);
        if (code->severity != DFL_SEVERITY_ERROR || dfl__code_parse_pass(code) >= pass) continue;
        if (code->number == DFL_D_NO_STAGE || code->number == DFL_D_NO_STAGES) continue;
        found = code->number;
        pass = dfl__code_parse_pass(code);
    }
    return found == DFL_D_EMPTY_FILE ? DFL_D_NO_INSTRUCTIONS : found;
}

static uint32_t check(const dfl_doc *doc, uint32_t *node) {
    const dfl_node_rec *nodes = doc->nodes.items;
    uint32_t count = 0, error = first_error(doc);
    for (uint32_t at = dfl__node_first(doc, 0); at != 0; at = nodes[at].next) {
        if (!dfl__kind_is_instruction(nodes[at].kind)) continue;
        *node = at;
        count++;
    }
    /* BuildKit counts the instructions before it reads them */
    if (error != 0 && dfl__code_parse_pass(dfl__code_of(error)) <= 2) return error;
    if (count != 1) return DFL_D_ONBUILD_TRIGGER;
    if (error != 0) return error;
    return nodes[*node].kind == DFL_NODE_FROM ? DFL_D_ONBUILD_TRIGGER : 0;
}

dfl_status dfl__trigger_read(dfl_model *model, uint32_t index) {
    dfl__trigger *trigger = &model->triggers.items[index];
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    if (trigger->read) return DFL_OK;
    trigger->read = 1;
    options.alloc = &model->arena.alloc;
    options.limits = &model->limits;
    dfl_status status = dfl_parse(trigger->text.ptr, trigger->text.len, &options, &trigger->doc);
    if (status == DFL_E_LIMIT) {
        trigger->code = DFL_D_ONBUILD_TRIGGER;
        return DFL_OK;
    }
    if (status == DFL_OK) trigger->code = check(trigger->doc, &trigger->node);
    return status;
}
