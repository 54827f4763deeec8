/* parse.c -- dfl_parse: the loop over a file's lines.
 * Relies on every other file of syntax. Follows frontend/dockerfile/parser/parser.go.
 * Never stops before the last byte: an error is reported and the next line is read. */
#include <assert.h>
#include <string.h>

#include "syntax/parser.h"

/* White space before `text` and the line end behind `end` belong to nothing. */
static void write_indent(dfl__parser *p, uint32_t start, uint32_t text) {
    if (text > start) dfl__token(p, start, DFL_TOKEN_WHITESPACE);
}

static void write_line_end(dfl__parser *p, dfl__line line) {
    if (line.end > line.content) dfl__token(p, line.content, DFL_TOKEN_NEWLINE);
}

static void write_part(dfl__parser *p, uint16_t node, uint32_t start) {
    dfl__open(p, node);
    dfl__token(p, start, DFL_TOKEN_DIRECTIVE);
    dfl__close(p);
}

static void write_blank(dfl__parser *p, uint32_t start, uint32_t end) {
    if (end > start) dfl__token(p, start, DFL_TOKEN_WHITESPACE);
}

static void write_directive(dfl__parser *p, dfl__line line, uint32_t hash,
                            const dfl__directive *d) {
    write_indent(p, line.start, hash);
    dfl__open(p, DFL_NODE_DIRECTIVE);
    dfl__token(p, hash, DFL_TOKEN_DIRECTIVE);
    write_blank(p, hash + 1, d->key);
    write_part(p, DFL_NODE_NAME, d->key);
    write_blank(p, d->key_end, d->equals);
    dfl__token(p, d->equals, DFL_TOKEN_PUNCT);
    write_blank(p, d->equals + 1, d->value);
    write_part(p, DFL_NODE_VALUE, d->value);
    dfl__close(p);
    write_blank(p, d->value_end, line.content);
    write_line_end(p, line);
}

static void set_escape(dfl__parser *p, dfl_str value, dfl_range range) {
    if (value.len == 1 && (value.ptr[0] == '`' || value.ptr[0] == '\\')) {
        p->doc->escape = (unsigned char)value.ptr[0];
    } else {
        dfl__report(p, DFL_D_BAD_ESCAPE, range, value, NULL);
    }
}

/* Handle a directive; 0 when the line is none and the directive section ends. */
static int directive(dfl__parser *p, dfl__line line, uint32_t hash, unsigned *seen) {
    dfl__directive d;
    if (!dfl__directive_read(p->src, hash + 1, line.content, &d)) return 0;
    unsigned which = dfl__directive_key(p->src, &d);
    if (which == DFL__DIRECTIVES) return 0;
    dfl_str value = dfl__sub(p->src, d.value, d.value_end);
    dfl_range range = {d.value, d.value_end};
    write_directive(p, line, hash, &d);
    if (*seen & 1u << which) {
        dfl__report(p, DFL_D_DUP_DIRECTIVE, range, dfl__sub(p->src, d.key, d.key_end), NULL);
    } else if (which == DFL__ESCAPE) {
        set_escape(p, value, range);
    }
    *seen |= 1u << which;
    return 1;
}

static void comment(dfl__parser *p, dfl__line line, uint32_t text) {
    write_indent(p, line.start, text);
    dfl__open(p, DFL_NODE_COMMENT);
    dfl__token(p, text, DFL_TOKEN_COMMENT);
    dfl__close(p);
    write_line_end(p, line);
}

static void instruction(dfl__parser *p, dfl__line line, uint32_t text) {
    write_indent(p, line.start, text);
    dfl__join(p, line, text);
    if (p->failed != DFL_OK) return;
    uint32_t node = dfl__instruction(p);
    p->instruction_count++;
    if (p->failed == DFL_OK) dfl__verify(p, node);
    if (p->failed == DFL_OK && p->doc->nodes.items[node].kind == DFL_NODE_FROM) p->from_count++;
    if (p->next_line > p->raw_end) dfl__token(p, p->raw_end, DFL_TOKEN_NEWLINE);
    p->at = p->next_line;
}

static void read_lines(dfl__parser *p) {
    unsigned seen = 0;
    int directives = 1;
    dfl__line line;
    while (p->failed == DFL_OK && dfl__next_line(p, p->at, &line)) {
        uint32_t text =
            line.start + (uint32_t)dfl__space_prefix(dfl__sub(p->src, line.start, line.content));
        int is_comment = text < line.content && p->src.ptr[text] == '#';
        p->at = line.end;
        if (directives && is_comment && directive(p, line, text, &seen)) continue;
        directives = 0;
        if (is_comment) {
            comment(p, line, text);
        } else if (text < line.content) {
            instruction(p, line, text);
        } else {
            write_indent(p, line.start, line.content);
            write_line_end(p, line);
        }
    }
}

static void whole_file_checks(dfl__parser *p) {
    dfl_range range = {(uint32_t)p->src.len, (uint32_t)p->src.len};
    if (p->src.len == 0) {
        dfl__report(p, DFL_D_EMPTY_FILE, range, DFL__LIT(""), NULL);
    } else if (p->instruction_count == 0) {
        dfl__report(p, DFL_D_NO_INSTRUCTIONS, range, DFL__LIT(""), NULL);
    } else if (p->from_count == 0) {
        dfl__report(p, DFL_D_NO_STAGES, range, DFL__LIT(""), NULL);
    }
}

/* Checks of an instruction follow those of its parts: order by position, keeping equals. */
static void sort_diags(dfl_doc *doc) {
    for (uint32_t i = 1; i < doc->diags.count; i++) {
        dfl_diag_rec rec = doc->diags.items[i];
        dfl__message message = doc->diag_messages.items[i];
        uint32_t j = i;
        for (; j > 0 && doc->diags.items[j - 1].start > rec.start; j--) {
            doc->diags.items[j] = doc->diags.items[j - 1];
            doc->diag_messages.items[j] = doc->diag_messages.items[j - 1];
        }
        doc->diags.items[j] = rec;
        doc->diag_messages.items[j] = message;
    }
}

/* Every physical line: where it begins, and whether BuildKit can read it. */
static void index_lines(dfl__parser *p) {
    dfl_doc *doc = p->doc;
    uint32_t at = 0;
    dfl__line line;
    for (; p->failed == DFL_OK && dfl__next_line(p, at, &line); at = line.end) {
        if (!DFL__PUSH(&doc->alloc, &doc->lines, at)) p->failed = DFL_E_NOMEM;
        dfl__check_length(p, line);
    }
    int ended = at == 0 || p->src.ptr[at - 1] == '\n';
    if (p->failed == DFL_OK && ended && !DFL__PUSH(&doc->alloc, &doc->lines, at))
        p->failed = DFL_E_NOMEM;
}

static void parse_file(dfl__parser *p) {
    dfl__open(p, DFL_NODE_FILE);
    if (dfl__starts(p->src, "\xEF\xBB\xBF")) {
        dfl__token(p, 0, DFL_TOKEN_BOM);
        p->at = 3;
    }
    dfl__check_options(p);
    if (p->failed == DFL_OK) read_lines(p);
    if (p->failed == DFL_OK) whole_file_checks(p);
    dfl__close(p);
    p->doc->written = (uint32_t)p->src.len;
    if (p->failed == DFL_OK) index_lines(p);
    if (p->failed == DFL_OK) sort_diags(p->doc);
}

/* Parse into a draft, whose memory is the parser's; what stays is copied out of it. */
static dfl_status parse_into(dfl_doc *draft, const dfl_alloc *alloc, dfl_doc **out) {
    dfl__parser p;
    memset(&p, 0, sizeof p);
    p.doc = draft;
    p.src = draft->source;
    if (!dfl__parser_init(&p, alloc)) p.failed = DFL_E_NOMEM;
    if (p.failed == DFL_OK) parse_file(&p);
    if (p.failed == DFL_OK) {
        dfl_doc *doc = dfl__doc_seal(draft, alloc);
        if (doc != NULL)
            *out = doc;
        else
            p.failed = DFL_E_NOMEM;
    }
    dfl__parser_free(&p);
    return p.failed;
}

dfl_status dfl_parse(const char *src, size_t len, const dfl_parse_options *opt, dfl_doc **out) {
    dfl_doc draft;
    memset(&draft, 0, sizeof draft);
    dfl_status status = out != NULL ? dfl__text_limits(src, len, opt, &draft.limits) : DFL_E_ARG;
    if (status != DFL_OK) return status;
    dfl_alloc alloc = dfl__alloc_of(opt != NULL ? opt->alloc : NULL);
    draft.escape = '\\';
    draft.source = (dfl_str){len > 0 ? src : "", len};
    status = parse_into(&draft, &alloc, out);
#ifdef DFL_CHECKS
    if (status == DFL_OK) assert(dfl__tree_check(*out));
#endif
    return status;
}
