/* writer.c -- tokens, nodes, values and diagnostics of a parse.
 * Relies on parser.h.
 * Never leaves a byte of a logical line without a token, never decides what a byte means. */
#include <assert.h>
#include <string.h>

#include "syntax/parser.h"

static void fail(dfl__parser *p, dfl_status status) {
    if (p->failed == DFL_OK) p->failed = status;
}

void dfl__token(dfl__parser *p, uint32_t start, uint16_t kind) {
    dfl_token_rec token = {start, kind, 0};
    if (!DFL__PUSH(&p->doc->alloc, &p->doc->tokens, token)) fail(p, DFL_E_NOMEM);
}

uint32_t dfl__open(dfl__parser *p, uint16_t kind) {
    dfl_doc *doc = p->doc;
    assert(p->open_count < DFL__OPEN_MAX);
    uint32_t parent = p->open_count > 0 ? p->open[p->open_count - 1].node : 0;
    dfl_node_rec node = {kind, 0, doc->tokens.count, doc->tokens.count, 0, parent};
    uint32_t id = doc->nodes.count;
    if (p->failed != DFL_OK || !DFL__PUSH(&doc->alloc, &doc->nodes, node)) {
        fail(p, DFL_E_NOMEM);
        id = 0;
    } else if (p->open_count > 0) {
        uint32_t *last = &p->open[p->open_count - 1].last_child;
        if (*last != 0) doc->nodes.items[*last].next = id;
        *last = id;
    }
    p->open[p->open_count].node = id;
    p->open[p->open_count].last_child = 0;
    p->open_count++;
    return id;
}

void dfl__close(dfl__parser *p) {
    assert(p->open_count > 0);
    uint32_t id = p->open[--p->open_count].node;
    if (p->failed == DFL_OK) p->doc->nodes.items[id].end_token = p->doc->tokens.count;
}

/* Tokens of one skipped line inside an instruction: blank or a comment. */
static void write_skipped_line(dfl__parser *p, dfl__line line) {
    dfl_str content = dfl__sub(p->src, line.start, line.content);
    uint32_t text = line.start + (uint32_t)dfl__space_prefix(content);
    if (text > line.start) dfl__token(p, line.start, DFL_TOKEN_WHITESPACE);
    if (text < line.content) {
        dfl__open(p, DFL_NODE_COMMENT);
        dfl__token(p, text, DFL_TOKEN_COMMENT);
        dfl__close(p);
    }
    if (line.end > line.content) dfl__token(p, line.content, DFL_TOKEN_NEWLINE);
}

static uint32_t segment_end(const dfl__parser *p, uint32_t seg) {
    return seg + 1 < p->segs.count ? p->segs.items[seg + 1].at : (uint32_t)p->text.len;
}

/* Tokens between segment `seg` and the next one, or the end of the instruction's last line. */
static void write_gap(dfl__parser *p, uint32_t seg) {
    const dfl__segment *s = &p->segs.items[seg];
    uint32_t at = s->raw + (segment_end(p, seg) - s->at);
    uint32_t to = seg + 1 < p->segs.count ? p->segs.items[seg + 1].raw : p->raw_end;
    if (at >= to) return;
    dfl__token(p, at, DFL_TOKEN_CONTINUATION);
    dfl__line line;
    if (!dfl__next_line(p, at, &line)) return;
    for (at = line.end; at < to && dfl__next_line(p, at, &line); at = line.end) {
        if (line.end > to) line.end = line.content = to;
        write_skipped_line(p, line);
    }
}

void dfl__begin_text(dfl__parser *p) {
    p->doc->written = p->segs.items[0].raw;
    p->pos = 0;
    p->seg = 0;
}

/* Put the gaps that lie right before `pos` into the tokens. */
static void write_gaps(dfl__parser *p) {
    while (p->seg + 1 < p->segs.count && segment_end(p, p->seg) <= p->pos) {
        write_gap(p, p->seg);
        p->seg++;
    }
}

void dfl__write(dfl__parser *p, uint32_t to, uint16_t kind) {
    assert(to <= p->text.len);
    while (p->pos < to) {
        write_gaps(p);
        const dfl__segment *s = &p->segs.items[p->seg];
        uint32_t end = segment_end(p, p->seg);
        dfl__token(p, s->raw + (p->pos - s->at), kind);
        p->pos = end < to ? end : to;
        p->doc->written = s->raw + (p->pos - s->at);
    }
}

uint32_t dfl__open_at(dfl__parser *p, uint32_t start, uint32_t end, uint16_t kind) {
    dfl__write(p, start, DFL_TOKEN_WHITESPACE);
    if (start < end) write_gaps(p);
    return dfl__open(p, kind);
}

uint32_t dfl__leaf(dfl__parser *p, uint32_t start, uint32_t end, uint16_t node, uint16_t token) {
    uint32_t id = dfl__open_at(p, start, end, node);
    dfl__set_slice(p, id, start, end);
    dfl__write(p, end, token);
    dfl__close(p);
    return id;
}

void dfl__end_text(dfl__parser *p) {
    dfl__write(p, (uint32_t)p->text.len, DFL_TOKEN_WHITESPACE);
    write_gaps(p);
    write_gap(p, p->segs.count - 1);
    p->doc->written = p->raw_end;
}

static void push_value(dfl__parser *p, uint32_t node, size_t start, size_t len) {
    dfl__value value = {node, (uint32_t)start, (uint32_t)len};
    if (p->failed != DFL_OK) return;
    if (p->doc->values.failed != DFL_OK ||
        !DFL__PUSH(&p->doc->alloc, &p->doc->value_index, value)) {
        fail(p, DFL_E_NOMEM);
        return;
    }
    p->doc->nodes.items[node].flags |= DFL_NODE_F_VALUE;
}

void dfl__set_value(dfl__parser *p, uint32_t node, dfl_str value) {
    size_t start = p->doc->values.len;
    dfl__buf_add(&p->doc->values, value);
    push_value(p, node, start, value.len);
}

void dfl__settle_value(dfl__parser *p) {
    if (p->failed != DFL_OK) return;
    uint32_t i = p->doc->value_index.count - 1;
    dfl__value *values = p->doc->value_index.items, last = values[i];
    for (; i > 0 && values[i - 1].node > last.node; i--)
        values[i] = values[i - 1];
    values[i] = last;
}

/* Segment that holds offset `at` of the text. */
static uint32_t segment_of(const dfl__parser *p, uint32_t at) {
    uint32_t low = 0, high = p->segs.count;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (p->segs.items[mid].at <= at) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return low;
}

void dfl__set_joined(dfl__parser *p, uint32_t node, uint32_t start, uint32_t end) {
    if (p->text_value == UINT32_MAX) {
        dfl__set_value(p, node, dfl__sub(p->text, start, end));
    } else {
        push_value(p, node, p->text_value + start, end - start);
    }
}

void dfl__set_slice(dfl__parser *p, uint32_t node, uint32_t start, uint32_t end) {
    if (start < end && segment_of(p, start) != segment_of(p, end - 1))
        dfl__set_joined(p, node, start, end);
}

uint32_t dfl__raw_of(const dfl__parser *p, uint32_t at) {
    if (p->segs.count == 0) return p->at;
    const dfl__segment *s = &p->segs.items[segment_of(p, at)];
    return s->raw + (at - s->at);
}

void dfl__report(dfl__parser *p, uint32_t code, dfl_range range, dfl_str detail,
                 const char *suggestion) {
    dfl_doc *doc = p->doc;
    const dfl__code *known = dfl__code_of(code);
    assert(known != NULL);
    if (known->severity == DFL_SEVERITY_ERROR) doc->error_count++;
    if (doc->diags.count >= doc->limits.max_diags) return;
    dfl_diag_rec rec = {code, known->severity, range.start, range.end};
    dfl__message message = {(uint32_t)doc->messages.len, 0};
    if (detail.len > DFL__DETAIL_MAX) detail.len = DFL__DETAIL_MAX;
    dfl__buf_fmt(&doc->messages, known->message, &detail);
    if (suggestion != NULL) dfl__buf_fmt(&doc->messages, " (did you mean %s?)", suggestion);
    message.len = (uint32_t)doc->messages.len - message.start;
    if (doc->messages.failed != DFL_OK || !DFL__PUSH(&doc->alloc, &doc->diags, rec)) {
        fail(p, DFL_E_NOMEM);
    } else if (!DFL__PUSH(&doc->alloc, &doc->diag_messages, message)) {
        doc->diags.count--;
        fail(p, DFL_E_NOMEM);
    }
}

void dfl__report_node(dfl__parser *p, uint32_t code, uint32_t node, dfl_str detail) {
    if (p->failed != DFL_OK) return;
    p->doc->nodes.items[node].flags |= DFL_NODE_F_ERROR;
    dfl__report(p, code, dfl__node_range(p->doc, node), detail, NULL);
}

void dfl__report_slice(dfl__parser *p, uint32_t code, uint32_t start, uint32_t end,
                       dfl_str detail) {
    dfl_range range = {dfl__raw_of(p, start), dfl__raw_of(p, start)};
    if (end > start) range.end = dfl__raw_of(p, end - 1) + 1;
    dfl__report(p, code, range, detail, NULL);
}
