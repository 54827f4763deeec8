/* heredoc.c -- here-documents inside shell text: finding the end of a body, queueing its check.
 * Relies on lex.h.
 * Never expands a body. */
#include "shell/lex.h"

#include <string.h>

int dfl__lex_heredoc(dfl__lex *l, const dfl__sh_word *delimiter, int strip) {
    if (delimiter->has_var || delimiter->has_subst) return 0;
    if (dfl__find(delimiter->value, '\n', 0) < delimiter->value.len) return 0;
    dfl__heredoc heredoc = {delimiter->value, l->bodies.count, (int)delimiter->quoted, strip};
    dfl_range unread = {0, 0};
    int kept =
        DFL__PUSH(&l->alloc, &l->pending, heredoc) && DFL__PUSH(&l->alloc, &l->bodies, unread);
    if (!kept) l->status = DFL_E_NOMEM;
    return kept;
}

static int continues(dfl_str line) {
    size_t end = line.len;
    while (end > 0 && line.ptr[end - 1] == '\\')
        end--;
    return (line.len - end) % 2 == 1;
}

/* The line at l->at without its newline, and without leading tabs for `<<-`; moves past it. */
static dfl_str next_line(dfl__lex *l, int strip) {
    dfl_str read = {l->text.ptr, l->limit};
    size_t start = l->at, end = dfl__find(read, '\n', start);
    l->at = (uint32_t)(end < read.len ? end + 1 : end);
    while (strip && start < end && read.ptr[start] == '\t')
        start++;
    return dfl__sub(read, start, end);
}

/* Whether joining `line` with the next one could make a delimiter of it: shells differ there. */
static int begins_delimiter(dfl_str line, dfl_str delimiter) {
    size_t n = line.len - 1;
    return n > 0 && n <= delimiter.len && memcmp(line.ptr, delimiter.ptr, n) == 0;
}

/* Read one body; *text is what expands in it. 0 when it does not end, or in doubt. */
static int read_body(dfl__lex *l, const dfl__heredoc *heredoc, dfl_str *text) {
    uint32_t start = l->at;
    int joined = 0;
    while (l->at < l->limit) {
        uint32_t at = l->at;
        dfl_str line = next_line(l, heredoc->strip);
        if (dfl__eq(line, heredoc->delimiter)) {
            *text = dfl__sub(l->text, start, at);
            return !joined;
        }
        joined = !heredoc->quoted && continues(line);
        if (joined && begins_delimiter(line, heredoc->delimiter)) return 0;
    }
    return 0;
}

static int queue(dfl__lex *l, const dfl__heredoc *heredoc, dfl_str text) {
    if (heredoc->quoted) return 1;
    if (dfl__find(text, '$', 0) == text.len && dfl__find(text, '`', 0) == text.len) return 1;
    dfl__job job = {text, l->depth - 1, 1};
    if (!DFL__PUSH(&l->alloc, &l->jobs, job)) l->status = DFL_E_NOMEM;
    return l->status == DFL_OK;
}

/* A newline inside a substitution is not the one after the line around it. */
int dfl__lex_bodies(dfl__lex *l) {
    for (uint32_t i = l->pending_from; i < l->pending.count; i++) {
        const dfl__heredoc *heredoc = &l->pending.items[i];
        dfl_range *body = &l->bodies.items[heredoc->number];
        dfl_str text;
        body->start = l->at;
        if (!read_body(l, heredoc, &text) || !queue(l, heredoc, text)) return 0;
        body->end = l->at;
    }
    l->pending.count = l->pending_from;
    return 1;
}
