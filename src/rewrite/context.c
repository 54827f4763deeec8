/* context.c -- the file's manners and the facts a rewrite was given.
 * Relies on rewrite.h.
 * Never invents a manner: where the file shows none, the common one is used. */
#include <string.h>

#include "rewrite/rewrite.h"

static const char *eol_of(const dfl_doc *doc) {
    size_t lf = dfl__find(doc->source, '\n', 0);
    return lf > 0 && lf < doc->source.len && doc->source.ptr[lf - 1] == '\r' ? "\r\n" : "\n";
}

/* Blanks that open the first continued line of the file. */
static dfl_str indent_of(const dfl_doc *doc) {
    for (uint32_t i = 0; i + 1 < doc->tokens.count; i++) {
        uint32_t at = dfl__token_end(doc, i), end = at;
        if (doc->tokens.items[i].kind != DFL_TOKEN_CONTINUATION) continue;
        while (end < doc->source.len &&
               (doc->source.ptr[end] == ' ' || doc->source.ptr[end] == '\t'))
            end++;
        if (end > at) return dfl__sub(doc->source, at, end);
    }
    return DFL__LIT("    ");
}

/* Whether the first instruction is written in lower case. */
static int lower_of(const dfl_doc *doc) {
    for (uint32_t node = dfl__node_first(doc, 0); node != 0; node = doc->nodes.items[node].next) {
        uint32_t keyword = dfl__node_child(doc, node, DFL_NODE_KEYWORD);
        if (keyword == 0) continue;
        dfl_str word = dfl__node_value(doc, keyword);
        return word.len > 0 && word.ptr[0] >= 'a' && word.ptr[0] <= 'z';
    }
    return 0;
}

dfl__style dfl__style_of(const dfl_doc *doc) {
    dfl__style style;
    style.eol = eol_of(doc);
    style.lower = lower_of(doc);
    style.indent = indent_of(doc);
    style.final_newline = dfl__ends(doc->source, "\n");
    style.escape = (char)doc->escape;
    return style;
}

dfl_str dfl__keyword(dfl__rewrite *rw, const char *word) {
    dfl_str s = dfl__str(word);
    if (!rw->style.lower) return s;
    char *lower = dfl__arena_copy(rw->arena, s.ptr, s.len);
    if (lower == NULL) {
        rw->failed = DFL_E_NOMEM;
        return s;
    }
    for (size_t i = 0; i < s.len; i++)
        lower[i] = (char)dfl__lower((unsigned char)s.ptr[i]);
    s.ptr = lower;
    return s;
}

uint32_t dfl__origin_offset(const dfl__origin *origin, uint32_t at) {
    int64_t shift = 0;
    for (size_t i = 0; i < origin->count; i++) {
        const dfl__owned_edit *edit = &origin->edits[i];
        int64_t start = edit->range.start + shift, end = start + (int64_t)edit->text.len;
        if (at < start) break;
        if (at < end) return edit->range.start;
        shift += (int64_t)edit->text.len - (edit->range.end - edit->range.start);
    }
    return (uint32_t)(at - shift);
}

uint32_t dfl__line_of(const dfl__rewrite *rw, uint32_t offset) {
    if (rw->origin == NULL) return dfl_doc_pos(rw->doc, offset).line + 1;
    return dfl_doc_pos(rw->origin->doc, dfl__origin_offset(rw->origin, offset)).line + 1;
}

int dfl__fact(const dfl__rewrite *rw, const char *name, uint32_t n, dfl_str *value) {
    for (size_t i = 0; i < rw->opt->facts_count; i++) {
        if (!dfl__eqz(rw->opt->facts[i].name, name) || n-- > 0) continue;
        *value = rw->opt->facts[i].value;
        return 1;
    }
    return 0;
}

int dfl__has_context(const dfl__rewrite *rw) {
    return rw->opt->facts_count > 0;
}
