/* source.c -- from where in a source each byte of a text came: through continuations, comments,
 * quotes of a shell and escapes of JSON.
 * Relies on answer.h.
 * Never trusts a reading of quotes that does not give the very value: the whole is the place then.
 */
#include <assert.h>
#include <string.h>

#include "shell/answer.h"

int dfl__origins_add(dfl__origins *o, uint32_t len, dfl_range from, int exact) {
    dfl__stretch *last = o->items.count > 0 ? &o->items.items[o->items.count - 1] : NULL;
    dfl__stretch next = {last != NULL ? last->at + last->len : 0, len, from.start, from.end, exact};
    assert(!exact || len == from.end - from.start);
    if (len == 0) return 1;
    if (last == NULL || !last->exact || !exact || last->end != from.start)
        return DFL__PUSH(&o->alloc, &o->items, next);
    last->len += len;
    last->end = from.end;
    return 1;
}

void dfl__origins_free(dfl__origins *o) {
    DFL__VEC_FREE(&o->alloc, &o->items);
}

/* The last stretch that begins at or before `at`. */
static const dfl__stretch *stretch_of(const dfl__origins *o, uint32_t at) {
    uint32_t low = 0, high = o->items.count;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (o->items.items[mid].at <= at) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return &o->items.items[low];
}

dfl_range dfl__origins_range(const dfl__origins *o, uint32_t start, uint32_t end) {
    dfl_range range = {0, 0};
    if (o->items.count == 0) return range;
    const dfl__stretch *s = stretch_of(o, start);
    if (start >= s->at + s->len)
        range.start = s->end;
    else
        range.start = s->exact ? s->start + (start - s->at) : s->start;
    range.end = range.start;
    if (end <= start) return range;
    s = stretch_of(o, end - 1);
    range.end = s->exact ? s->start + (end - s->at) : s->end;
    return range;
}

/* --- reading quotes */

/* The next bytes of a written text: how many they are, and how many bytes of the value they make.
 * `plain`: they are these. */
typedef struct {
    uint32_t read, made;
    int plain;
} piece;

/* 0 when it is not understood; `*state` is the reader's own, 0 at first. */
typedef int reader(dfl_str text, size_t at, char *state, piece *out);

static const piece one_byte = {1, 1, 1};

static int read_shell(dfl_str text, size_t at, char *quote, piece *out) {
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

static int hex_of(dfl_str text, size_t at, uint32_t *number) {
    *number = 0;
    if (text.len < 4 || at > text.len - 4) return 0;
    for (size_t i = at; i < at + 4; i++) {
        int digit = dfl__hex_value((unsigned char)text.ptr[i]);
        if (digit < 0) return 0;
        *number = *number * 16 + (uint32_t)digit;
    }
    return 1;
}

/* What stands between the quotes of a JSON string. */
static int read_json(dfl_str text, size_t at, char *state, piece *out) {
    uint32_t rune, low;
    char bytes[4];
    (void)state;
    *out = one_byte;
    if (text.ptr[at] != '\\') return 1;
    *out = (piece){2, 1, 0};
    if (at + 1 == text.len) return 0;
    if (text.ptr[at + 1] != 'u') return 1;
    if (!hex_of(text, at + 2, &rune)) return 0;
    *out = (piece){6, dfl__rune_encode(rune, bytes), 0};
    if (rune < 0xD800 || rune > 0xDBFF || !dfl__starts(dfl__sub(text, at + 6, text.len), "\\u"))
        return 1;
    if (!hex_of(text, at + 8, &low) || low < 0xDC00 || low > 0xDFFF) return 1;
    *out = (piece){12, 4, 0};
    return 1;
}

/* Whether reading `text` gives `value`, as far as plain bytes and lengths tell. */
static int reads_as(dfl_str text, dfl_str value, reader *read) {
    size_t made = 0;
    char state = '\0';
    piece p;
    for (size_t at = 0; at < text.len; at += p.read) {
        if (!read(text, at, &state, &p)) return 0;
        if (p.made > value.len - made) return 0;
        if (p.plain && text.ptr[at] != value.ptr[made]) return 0;
        made += p.made;
    }
    return made == value.len;
}

/* Where `value` came from, written as `text`, which begins at `start` of the text of `outer`. */
static dfl_status derive(const dfl__origins *outer, uint32_t start, dfl_str text, dfl_str value,
                         reader *read, dfl__origins *out) {
    char state = '\0';
    piece p;
    if (!reads_as(text, value, read)) {
        dfl_range whole = dfl__origins_range(outer, start, start + (uint32_t)text.len);
        return dfl__origins_add(out, (uint32_t)value.len, whole, 0) ? DFL_OK : DFL_E_NOMEM;
    }
    for (uint32_t at = 0; at < text.len; at += p.read) {
        (void)read(text, at, &state, &p);
        dfl_range from = dfl__origins_range(outer, start + at, start + at + p.read);
        if (!dfl__origins_add(out, p.made, from, p.plain && from.end - from.start == 1))
            return DFL_E_NOMEM;
    }
    return DFL_OK;
}

dfl_status dfl__origins_of_word(const dfl__origins *outer, dfl_str text, const dfl__sh_word *word,
                                dfl__origins *out) {
    return derive(outer, word->start, dfl__sub(text, word->start, word->end), word->value,
                  read_shell, out);
}

/* --- nodes */

/* The bytes of a node without continuations and comments. */
static dfl_status join(const dfl_doc *doc, uint32_t node, dfl__buf *text, dfl__origins *out) {
    const dfl_node_rec *rec = &doc->nodes.items[node];
    for (uint32_t i = rec->first_token; i < rec->end_token; i++) {
        dfl_range token = {doc->tokens.items[i].start, dfl__token_end(doc, i)};
        if (!dfl__token_is_of_value(doc, i)) continue;
        dfl__buf_add(text, dfl__sub(doc->source, token.start, token.end));
        if (!dfl__origins_add(out, token.end - token.start, token, 1)) return DFL_E_NOMEM;
    }
    return text->failed;
}

dfl_status dfl__origins_of_node(const dfl_doc *doc, uint32_t node, dfl__origins *out) {
    dfl_range range = dfl__node_range(doc, node);
    dfl_str value = dfl__node_value(doc, node);
    dfl__buf text;
    if ((doc->nodes.items[node].flags & DFL_NODE_F_VALUE) == 0)
        return dfl__origins_add(out, (uint32_t)value.len, range, 1) ? DFL_OK : DFL_E_NOMEM;
    dfl__buf_init(&text, &out->alloc, 0);
    dfl_status status = join(doc, node, &text, out);
    if (status == DFL_OK && !dfl__eq(dfl__buf_str(&text), value)) {
        out->items.count = 0;
        if (!dfl__origins_add(out, (uint32_t)value.len, range, 0)) status = DFL_E_NOMEM;
    }
    dfl__buf_free(&text);
    return status;
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

/* Where the value of a JSON string came from, its quotes left out. */
static dfl_status origins_of_string(const dfl_doc *doc, uint32_t node, dfl__origins *out) {
    dfl__origins joined = {out->alloc, {NULL, 0, 0}};
    dfl__buf text;
    dfl__buf_init(&text, &out->alloc, 0);
    dfl_status status = join(doc, node, &text, &joined);
    dfl_str written = dfl__buf_str(&text);
    if (status == DFL_OK && written.len >= 2)
        status = derive(&joined, 1, dfl__sub(written, 1, written.len - 1),
                        dfl__node_value(doc, node), read_json, out);
    dfl__buf_free(&text);
    dfl__origins_free(&joined);
    return status;
}

dfl_status dfl__exec_text(const dfl_doc *doc, uint32_t instruction, dfl__buf *text,
                          dfl__origins *origins) {
    uint32_t form = dfl__node_child(doc, instruction, DFL_NODE_JSON_FORM);
    dfl_status status = text->failed;
    for (uint32_t a = form != 0 ? dfl__node_first(doc, form) : 0; a != 0 && status == DFL_OK;
         a = doc->nodes.items[a].next) {
        dfl__origins inner = {text->alloc, {NULL, 0, 0}};
        if (doc->nodes.items[a].kind != DFL_NODE_JSON_STRING) continue;
        if (origins != NULL) status = origins_of_string(doc, a, &inner);
        if (status == DFL_OK)
            status = quote(dfl__node_value(doc, a), dfl__node_range(doc, a), &inner, text, origins);
        dfl__origins_free(&inner);
    }
    return status;
}
