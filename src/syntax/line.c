/* line.c -- physical lines, and how continued ones join into a logical line.
 * Relies on parser.h. Follows frontend/dockerfile/parser/parser.go (specification 1.2, 1.6).
 * Never copies a line that stands alone. */
#include <string.h>

#include "syntax/parser.h"

#define LINE_MAX_BYTES 65536u

int dfl__next_line(const dfl__parser *p, uint32_t at, dfl__line *line) {
    if (at >= p->src.len) return 0;
    size_t lf = dfl__find(p->src, '\n', at);
    line->start = at;
    line->end = (uint32_t)(lf < p->src.len ? lf + 1 : lf);
    line->content = line->end;
    while (line->content > at) {
        char c = p->src.ptr[line->content - 1];
        if (c != '\n' && c != '\r') break;
        line->content--;
    }
    return 1;
}

/* The scanner's buffer is 64 KiB and must hold the line end, or the wish for more. */
int dfl__is_too_long(dfl_str src, uint32_t start, uint32_t end) {
    int ended = end > start && src.ptr[end - 1] == '\n';
    return end - start + (ended ? 0 : 1) > LINE_MAX_BYTES;
}

void dfl__check_length(dfl__parser *p, dfl__line line) {
    dfl_range range = {line.start, line.content};
    if (dfl__is_too_long(p->src, line.start, line.end))
        dfl__report(p, DFL_D_LINE_TOO_LONG, range, DFL__LIT(""), NULL);
}

/* End of what a line gives to the joined text; `*continued` when the next line goes on. */
static uint32_t kept_end(const dfl__parser *p, uint32_t start, uint32_t end, int *continued) {
    uint32_t last = end;
    while (last > start && (p->src.ptr[last - 1] == ' ' || p->src.ptr[last - 1] == '\t'))
        last--;
    char escape = (char)p->doc->escape;
    *continued = last > start && p->src.ptr[last - 1] == escape &&
                 (last - 1 == start || p->src.ptr[last - 2] != escape);
    return *continued ? last - 1 : end;
}

static void add_segment(dfl__parser *p, uint32_t at, uint32_t raw) {
    dfl__segment segment = {at, raw};
    if (!DFL__PUSH(&p->doc->alloc, &p->segs, segment)) p->failed = DFL_E_NOMEM;
}

/* Lexers look at the joined text while they add values, so it has a place of its own; a copy is the
 * value that slices of it are taken from. */
static void settle(dfl__parser *p) {
    dfl__buf *values = &p->doc->values;
    p->text = dfl__buf_str(&p->joined);
    p->text_value = (uint32_t)values->len;
    dfl__buf_add(values, p->text);
    if (p->joined.failed != DFL_OK || values->failed != DFL_OK) p->failed = DFL_E_NOMEM;
}

void dfl__join(dfl__parser *p, dfl__line first, uint32_t content) {
    int continued, blank = 0;
    uint32_t end = kept_end(p, content, first.content, &continued);
    dfl__line line = first;
    p->segs.count = 0;
    p->joined.len = 0;
    p->text = dfl__sub(p->src, content, end);
    p->text_value = UINT32_MAX;
    add_segment(p, 0, content);
    while (continued && p->failed == DFL_OK && dfl__next_line(p, line.end, &line)) {
        dfl_str text = dfl__sub(p->src, line.start, line.content);
        size_t lead = dfl__space_prefix(text);
        if (lead == text.len) {
            blank = 1;
            continue;
        }
        if (text.ptr[lead] == '#') continue;
        if (p->segs.count == 1) dfl__buf_add(&p->joined, p->text);
        end = kept_end(p, line.start, line.content, &continued);
        add_segment(p, (uint32_t)p->joined.len, line.start);
        dfl__buf_add(&p->joined, dfl__sub(p->src, line.start, end));
    }
    if (p->segs.count > 1) settle(p);
    p->raw_end = line.content;
    p->next_line = line.end;
    if (blank) {
        dfl_range range = {line.start, line.content};
        dfl__report(p, DFL_D_EMPTY_CONTINUATION, range, DFL__LIT(""), NULL);
    }
}
