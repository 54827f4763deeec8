/* cache_text.c -- words taken out of a text of several lines.
 * Relies on cache.h; works on bytes of the source, whatever shell or instruction they belong to.
 * Never cuts a comment, and never leaves a continuation that nothing follows. */
#include <string.h>

#include "rewrite/cache.h"

static int is_blank(char c) {
    return c == ' ' || c == '\t';
}

static void no_memory(dfl__caching *c) {
    c->rw->failed = DFL_E_NOMEM;
}

/* Trim the blanks around the line's text. */
static void trim_line(dfl_str source, dfl__cache_line *l) {
    l->text = l->from;
    l->end = l->eol;
    while (l->text < l->end && is_blank(source.ptr[l->text]))
        l->text++;
    while (l->end > l->text && is_blank(source.ptr[l->end - 1]))
        l->end--;
    l->kept = l->end;
}

static void add_line(dfl__caching *c, dfl__cache_text *out, dfl__cache_line line) {
    trim_line(c->rw->doc->source, &line);
    if (!DFL__PUSH(&c->arena.alloc, &out->lines, line)) no_memory(c);
}

/* First byte of the line end that [start, end) closes with. */
static uint32_t newline_of(dfl_str source, uint32_t start, uint32_t end) {
    while (end > start && (source.ptr[end - 1] == '\n' || source.ptr[end - 1] == '\r'))
        end--;
    return end;
}

/* Lines of an instruction: what a continuation or a line end closes. */
static void instruction_lines(dfl__caching *c, uint32_t first, uint32_t end, dfl__cache_text *out) {
    const dfl_doc *doc = c->rw->doc;
    uint32_t value = 0, start = out->start;
    int is_text = 1;
    for (uint32_t i = first; i < end && c->rw->failed == DFL_OK; i++) {
        uint16_t kind = doc->tokens.items[i].kind;
        uint32_t at = doc->tokens.items[i].start, after = dfl__token_end(doc, i);
        int ends = kind == DFL_TOKEN_CONTINUATION || kind == DFL_TOKEN_NEWLINE;
        if (kind == DFL_TOKEN_COMMENT || kind == DFL_TOKEN_NEWLINE) is_text = 0;
        if (!ends && i + 1 < end) continue;
        dfl__cache_line line = {.line = start, .from = start, .value = value};
        line.eol = ends ? at : after;
        line.newline = ends ? newline_of(doc->source, at, after) : after;
        line.next = after;
        line.is_text = is_text != 0;
        line.continues = kind == DFL_TOKEN_CONTINUATION;
        if (is_text) value += line.eol - start;
        add_line(c, out, line);
        start = after;
        is_text = 1;
    }
}

/* A line of a shell script goes on when LF follows an escape that is not escaped itself. */
static int body_continues(dfl_str source, const dfl__cache_line *l) {
    uint32_t n = 0;
    if (l->text < l->end && source.ptr[l->text] == '#') return 0;
    if (l->newline == l->next || source.ptr[l->newline] != '\n') return 0;
    while (l->newline - n > l->line && source.ptr[l->newline - n - 1] == '\\')
        n++;
    return n % 2 == 1;
}

static void body_lines(dfl__caching *c, dfl__cache_text *out) {
    dfl_str source = c->rw->doc->source;
    for (uint32_t at = out->start; at < out->end && c->rw->failed == DFL_OK;) {
        dfl__cache_line line = {.line = at, .from = at, .value = at - out->start, .is_text = 1};
        line.next = (uint32_t)dfl__find(dfl__sub(source, 0, out->end), '\n', at) + 1;
        if (line.next > out->end) line.next = out->end;
        line.newline = line.eol = newline_of(source, at, line.next);
        trim_line(source, &line);
        line.continues = body_continues(source, &line) != 0;
        if (line.continues) line.eol--;
        add_line(c, out, line);
        at = line.next;
    }
}

static uint32_t skip_blanks(dfl_str source, uint32_t at) {
    while (at < source.len && is_blank(source.ptr[at]))
        at++;
    return at;
}

/* One past what is behind the last line: blanks, and a continuation that nothing follows. They go
 * with it, and are no part of the instruction. */
static uint32_t after_line(const dfl_doc *doc, uint32_t end) {
    dfl_str source = doc->source;
    uint32_t at = skip_blanks(source, end);
    if (at < source.len && (unsigned char)source.ptr[at] == doc->escape)
        at = skip_blanks(source, at + 1);
    return at == source.len || source.ptr[at] == '\n' || source.ptr[at] == '\r' ? at : end;
}

int dfl__cache_text_of(dfl__caching *c, uint32_t first, uint32_t end, dfl__cache_text *out) {
    const dfl_doc *doc = c->rw->doc;
    memset(out, 0, sizeof *out);
    if (first >= end) return 0;
    out->start = doc->tokens.items[first].start;
    out->end = dfl__token_end(doc, end - 1);
    out->is_body = doc->tokens.items[first].kind == DFL_TOKEN_HEREDOC_BODY;
    if (out->is_body) {
        body_lines(c, out);
    } else {
        instruction_lines(c, first, end, out);
        out->end = after_line(doc, out->end);
    }
    out->gone = dfl__calloc(&c->arena.alloc, out->end - out->start);
    out->cut = dfl__calloc(&c->arena.alloc, out->end - out->start);
    if (out->end > out->start && (out->gone == NULL || out->cut == NULL)) no_memory(c);
    return c->rw->failed == DFL_OK && out->lines.count > 0;
}

void dfl__cache_text_free(dfl__caching *c, dfl__cache_text *text) {
    DFL__VEC_FREE(&c->arena.alloc, &text->lines);
    dfl__free(&c->arena.alloc, text->gone, text->end - text->start);
    dfl__free(&c->arena.alloc, text->cut, text->end - text->start);
    memset(text, 0, sizeof *text);
}

/* Index of the last line of the value that begins at or before value offset `at`. */
static uint32_t line_of_value(const dfl__cache_text *text, uint32_t at) {
    uint32_t low = 0, high = text->lines.count;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (text->lines.items[mid].value <= at) {
            low = mid;
        } else {
            high = mid;
        }
    }
    /* Comment lines have the offset of the text line after them. */
    while (low > 0 && !text->lines.items[low].is_text)
        low--;
    return low;
}

uint32_t dfl__cache_source(const dfl__cache_text *text, uint32_t at) {
    const dfl__cache_line *l = &text->lines.items[line_of_value(text, at)];
    return l->from + (at - l->value);
}

const dfl__cache_line *dfl__cache_line_at(const dfl__cache_text *text, uint32_t at) {
    uint32_t low = 0, high = text->lines.count;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (text->lines.items[mid].line <= at) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return &text->lines.items[low];
}

void dfl__cache_mark(dfl__cache_text *text, uint32_t start, uint32_t end, unsigned why) {
    for (uint32_t i = line_of_value(text, start); i < text->lines.count && start < end; i++) {
        const dfl__cache_line *l = &text->lines.items[i];
        uint32_t stop = l->next - l->from + l->value;
        if (!l->is_text) continue;
        if (!text->is_body) stop = l->eol - l->from + l->value;
        for (; start < end && start < stop; start++)
            text->gone[l->from + (start - l->value) - text->start] = (unsigned char)why;
    }
}

int dfl__cache_marked(const dfl__cache_text *text, uint32_t at) {
    return text->gone[at - text->start] != 0;
}

static void cut(dfl__cache_text *text, uint32_t start, uint32_t end, unsigned char why) {
    if (start < end) memset(text->cut + (start - text->start), why, end - start);
}

/* First byte in [at, end) that goes, or the first that stays. */
static uint32_t skip(const dfl__cache_text *text, uint32_t at, uint32_t end, int gone) {
    while (at < end && (dfl__cache_marked(text, at) != 0) != gone)
        at++;
    return at;
}

/* Cut bytes [a, b), which go, with the blanks that would be left over beside them. */
static void cut_part(dfl_str source, dfl__cache_text *text, dfl__cache_line *l, uint32_t a,
                     uint32_t b) {
    unsigned char why = text->gone[a - text->start];
    uint32_t left = a, right = b;
    while (left > l->text && is_blank(source.ptr[left - 1]))
        left--;
    while (right < l->end && is_blank(source.ptr[right]))
        right++;
    if (right == l->end) {
        cut(text, left, right, why);
        l->kept = left;
    } else if (right > b || a == l->text) {
        cut(text, a, right, why);
    } else {
        cut(text, left, b, why);
    }
}

/* A run of bytes that go, blanks between them included. */
static uint32_t end_of_part(dfl_str source, const dfl__cache_text *text, const dfl__cache_line *l,
                            uint32_t a) {
    uint32_t b = skip(text, a, l->end, 0);
    for (;;) {
        uint32_t at = b;
        while (at < l->end && is_blank(source.ptr[at]))
            at++;
        if (at == b || at == l->end || !dfl__cache_marked(text, at) ||
            text->gone[at - text->start] != text->gone[a - text->start])
            return b;
        b = skip(text, at, l->end, 0);
    }
}

static unsigned char first_reason(const dfl__cache_text *text, const dfl__cache_line *l) {
    return text->gone[skip(text, l->text, l->end, 1) - text->start];
}

static void cut_line(dfl_str source, dfl__cache_text *text, dfl__cache_line *l) {
    uint32_t a = skip(text, l->text, l->end, 1), stays = l->text;
    if (!l->is_text || a == l->end) return;
    while (stays < l->end && (dfl__cache_marked(text, stays) || is_blank(source.ptr[stays])))
        stays++;
    if (stays == l->end) {
        l->gone = 1;
        return;
    }
    while (a < l->end) {
        uint32_t b = end_of_part(source, text, l, a);
        cut_part(source, text, l, a, b);
        a = skip(text, b, l->end, 1);
    }
}

/* Whether nothing but blanks stands before the text on its physical line. */
static int has_own_line(dfl_str source, uint32_t text) {
    while (text > 0 && is_blank(source.ptr[text - 1]))
        text--;
    return text == 0 || source.ptr[text - 1] == '\n';
}

/* The first line of an instruction: the first text that stays moves up to where it begins. Comments
 * in between hold their place; a keyword before them needs the continuation. */
static void cut_first(dfl_str source, dfl__cache_text *text, uint32_t kept) {
    const dfl__cache_line *l = &text->lines.items[0];
    uint32_t to = text->lines.items[kept].text;
    for (uint32_t i = 1; i < kept; i++) {
        if (!text->lines.items[i].is_text) to = has_own_line(source, l->text) ? l->next : l->end;
    }
    cut(text, l->text, to, first_reason(text, l));
}

/* Nothing continues a line that goes: then line `before`, the last that stays, must not go on. */
static void close_before(dfl__cache_text *text, uint32_t before, const dfl__cache_line *gone) {
    if (before == DFL__CACHE_NONE || gone->continues) return;
    const dfl__cache_line *l = &text->lines.items[before];
    if (l->continues) cut(text, l->kept, l->newline, first_reason(text, gone));
}

/* The last line of an instruction goes with the line end before it. */
static void cut_last(dfl__cache_text *text) {
    uint32_t i = text->lines.count - 1, p = i;
    while (p > 0 && text->lines.items[p].gone)
        p--;
    cut(text, text->lines.items[p].newline, text->end, first_reason(text, &text->lines.items[i]));
}

/* Index of the first line of text that stays; the count when there is none. */
static uint32_t first_kept(const dfl__cache_text *text) {
    uint32_t i = 0;
    while (i < text->lines.count && (text->lines.items[i].gone || !text->lines.items[i].is_text))
        i++;
    return i;
}

int dfl__cache_cut(const dfl_doc *doc, dfl__cache_text *text) {
    uint32_t count = text->lines.count, before = DFL__CACHE_NONE;
    for (uint32_t i = 0; i < count; i++)
        cut_line(doc->source, text, &text->lines.items[i]);
    uint32_t kept = first_kept(text);
    if (kept == count) return 0;
    for (uint32_t i = 0; i < count; i++) {
        const dfl__cache_line *l = &text->lines.items[i];
        if (l->is_text && !l->gone) before = i;
        if (!l->gone) continue;
        close_before(text, before, l);
        if (text->is_body || (i > 0 && i + 1 < count)) {
            cut(text, l->line, l->next, first_reason(text, l));
        } else if (i == 0) {
            cut_first(doc->source, text, kept);
        } else {
            cut_last(text);
        }
    }
    return 1;
}

void dfl__cache_rest(const dfl_doc *doc, const dfl__cache_text *text, dfl__buf *out) {
    for (uint32_t i = 0; i < text->lines.count; i++) {
        const dfl__cache_line *l = &text->lines.items[i];
        uint32_t stop = text->is_body ? l->next : l->eol;
        if (!l->is_text) continue;
        for (uint32_t at = l->from; at < stop; at++) {
            if (!text->cut[at - text->start]) dfl__buf_addc(out, doc->source.ptr[at]);
        }
    }
}
