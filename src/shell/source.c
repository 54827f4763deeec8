/* source.c -- from where in a source each byte of a text came: through the quotes of a shell, and
 * into those that make a shell's word of a JSON string.
 * Relies on answer.h, and on syntax/origin.h for nodes.
 * Never trusts a reading of quotes that does not give the very value: the whole is the place then.
 */
#include <string.h>

#include "shell/answer.h"

/* --- reading quotes */

/* The next bytes of a written text: how many they are, and how many bytes of the value they make.
 * `plain`: they are these. */
typedef struct {
    uint32_t read, made;
    int plain;
} piece;

static const piece one_byte = {1, 1, 1};

/* 0 when it is not understood; `*quote` is the one that is open, 0 at first. */
static int read_piece(dfl_str text, size_t at, char *quote, piece *out) {
    char c = text.ptr[at], next = at + 1 < text.len ? text.ptr[at + 1] : '\0';
    *out = one_byte;
    if (*quote == '\'' || (*quote == '"' && c != '"' && c != '\\')) {
        if (c != *quote) return 1;
    } else if (c == '\\') {
        if (*quote == '"' && strchr("$`\"\\\n", next) == NULL) return 1;
        *out = (piece){2, next != '\n', 0};
        return at + 1 < text.len;
    } else if (c == '$' && (next == '\'' || next == '"')) {
        return 0; /* bash's quotes */
    } else if (c != '\'' && c != '"') {
        return 1;
    }
    *quote = *quote == c ? '\0' : c;
    *out = (piece){1, 0, 0};
    return 1;
}

/* Whether reading `text` gives `value`, as far as plain bytes and lengths tell. */
static int reads_as(dfl_str text, dfl_str value) {
    size_t made = 0;
    char quote = '\0';
    piece p;
    for (size_t at = 0; at < text.len; at += p.read) {
        if (!read_piece(text, at, &quote, &p)) return 0;
        if (p.made > value.len - made) return 0;
        if (p.plain && text.ptr[at] != value.ptr[made]) return 0;
        made += p.made;
    }
    return made == value.len;
}

dfl_status dfl__origins_of_word(const dfl__origins *outer, dfl_str text, const dfl__sh_word *word,
                                dfl__origins *out) {
    dfl_str written = dfl__sub(text, word->start, word->end);
    char quote = '\0';
    piece p;
    if (!reads_as(written, word->value)) {
        dfl_range whole = dfl__origins_range(outer, word->start, word->end);
        return dfl__origins_add(out, (uint32_t)word->value.len, whole, 0) ? DFL_OK : DFL_E_NOMEM;
    }
    for (uint32_t at = word->start; at < word->end; at += p.read) {
        (void)read_piece(written, at - word->start, &quote, &p);
        dfl_range from = dfl__origins_range(outer, at, at + p.read);
        if (!dfl__origins_add(out, p.made, from, p.plain && from.end - from.start == 1))
            return DFL_E_NOMEM;
    }
    return DFL_OK;
}

/* A byte of the value as it stands between single quotes. */
static int add_byte(char c, dfl_range from, dfl__buf *text, dfl__origins *origins) {
    size_t before = text->len;
    if (c == '\'')
        dfl__buf_addz(text, "'\\''");
    else
        dfl__buf_addc(text, c);
    uint32_t added = (uint32_t)(text->len - before);
    return origins == NULL ||
           dfl__origins_add(origins, added, from, added == from.end - from.start);
}

/* One string: `inner` has where its value came from. */
static dfl_status quote(dfl_str value, dfl_range range, const dfl__origins *inner, dfl__buf *text,
                        dfl__origins *origins) {
    dfl_range open = {range.start, range.start + 1}, close = {range.end - 1, range.end};
    dfl_range blank = {range.start, range.start}, from = blank;
    size_t begin = text->len;
    if (begin > 0) {
        dfl__buf_addc(text, ' ');
        if (origins != NULL && !dfl__origins_add(origins, 1, blank, 0)) return DFL_E_NOMEM;
    }
    dfl__buf_addc(text, '\'');
    if (origins != NULL && !dfl__origins_add(origins, 1, open, 1)) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < value.len; i++) {
        if (origins != NULL) from = dfl__origins_range(inner, i, i + 1);
        if (!add_byte(value.ptr[i], from, text, origins)) return DFL_E_NOMEM;
    }
    dfl__buf_addc(text, '\'');
    if (origins != NULL && !dfl__origins_add(origins, 1, close, 1)) return DFL_E_NOMEM;
    return text->failed;
}

dfl_status dfl__exec_text(const dfl_doc *doc, uint32_t instruction, dfl__buf *text,
                          dfl__origins *origins) {
    uint32_t form = dfl__node_child(doc, instruction, DFL_NODE_JSON_FORM);
    dfl_status status = text->failed;
    for (uint32_t a = form != 0 ? dfl__node_first(doc, form) : 0; a != 0 && status == DFL_OK;
         a = doc->nodes.items[a].next) {
        dfl__origins inner = {text->alloc, {NULL, 0, 0}};
        if (doc->nodes.items[a].kind != DFL_NODE_JSON_STRING) continue;
        if (origins != NULL) status = dfl__origins_of_node(doc, a, &inner);
        if (status == DFL_OK)
            status = quote(dfl__node_value(doc, a), dfl__node_range(doc, a), &inner, text, origins);
        dfl__origins_free(&inner);
    }
    return status;
}
