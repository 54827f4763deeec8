/* origin.c -- see origin.h.
 * Relies on the tokens of a node: those of its text, without continuations and comments, joined. */
#include "model/origin.h"

#include <string.h>

#include "syntax/parser.h"

/* The joined text of a node, and where each of its bytes stands. */
typedef struct {
    char *text;
    uint32_t *offsets;
    uint32_t len;
} joined;

/* Values as they are rebuilt. */
typedef struct {
    dfl_range *places;
    uint32_t count, cap;
    dfl_str value; /* to be met */
    int exact;
} builder;

static dfl_status join(const dfl_doc *doc, uint32_t node, dfl__arena *arena, joined *out) {
    const dfl_node_rec *rec = &doc->nodes.items[node];
    dfl_range range = dfl__node_range(doc, node);
    size_t room = range.end - range.start;
    out->len = 0;
    out->text = dfl__arena_get(arena, room + 1);
    out->offsets = dfl__arena_get(arena, (room + 1) * sizeof *out->offsets);
    if (out->text == NULL || out->offsets == NULL) return DFL_E_NOMEM;
    for (uint32_t i = rec->first_token; i < rec->end_token; i++) {
        uint32_t end = dfl__token_end(doc, i);
        int body = doc->tokens.items[i].kind == DFL_TOKEN_HEREDOC_BODY;
        if (!body && !dfl__token_is_of_value(doc, i)) continue;
        for (uint32_t at = doc->tokens.items[i].start; at < end; at++) {
            out->text[out->len] = doc->source.ptr[at];
            out->offsets[out->len++] = at;
        }
    }
    return DFL_OK;
}

/* `len` bytes of the value stand at [from, to) of the joined text. */
static void place(builder *b, const joined *j, uint32_t from, uint32_t to, unsigned len) {
    dfl_range range = {j->offsets[from], j->offsets[to - 1] + 1};
    for (unsigned i = 0; i < len && b->count < b->cap; i++)
        b->places[b->count++] = range;
}

/* A byte of the value that is that of the text. */
static void same(builder *b, const joined *j, uint32_t at) {
    place(b, j, at, at + 1, 1);
}

/* --- how each kind of text becomes a value */

/* Flags: of each byte from 0x80 two are made. */
static void lex_flag(builder *b, const joined *j, unsigned char escape, uint32_t *equals) {
    dfl__flag_reader reader = {{j->text, j->len}, 0, escape, 0};
    uint32_t from;
    int found = 0;
    char c;
    while (dfl__flag_byte(&reader, &from, &c)) {
        if (c == '=' && !found) {
            found = 1;
            *equals = b->count;
        }
        place(b, j, from, reader.at, (unsigned char)c < 0x80 ? 1 : 2);
    }
}

static uint32_t hex_unit(const joined *j, uint32_t at) {
    uint32_t unit = 0;
    for (uint32_t i = at; i < at + 4 && i < j->len; i++)
        unit = unit * 16 + (uint32_t)dfl__hex_value((unsigned char)j->text[i]);
    return unit;
}

static unsigned rune_bytes(uint32_t rune) {
    char bytes[4];
    return dfl__rune_encode(rune, bytes);
}

/* A `\u` escape at `at`, two of them for a rune beyond the first plane; its end. */
static uint32_t json_unicode(builder *b, const joined *j, uint32_t at) {
    uint32_t unit = hex_unit(j, at + 2), end = at + 6;
    int low = end + 6 <= j->len && j->text[end] == '\\' && j->text[end + 1] == 'u';
    uint32_t next = low ? hex_unit(j, end + 2) : 0;
    if (end > j->len) end = j->len;
    if (unit >= 0xD800 && unit < 0xDC00 && next >= 0xDC00 && next < 0xE000) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00);
        end += 6;
    }
    place(b, j, at, end, rune_bytes(unit));
    return end;
}

static void lex_json(builder *b, const joined *j) {
    dfl_str text = {j->text, j->len};
    for (uint32_t at = 1; at + 1 < j->len;) {
        unsigned width;
        if (text.ptr[at] == '\\' && text.ptr[at + 1] == 'u') {
            at = json_unicode(b, j, at);
        } else if (text.ptr[at] == '\\') {
            place(b, j, at, at + 2, 1);
            at += 2;
        } else {
            uint32_t rune = dfl__rune(text, at, &width);
            if (rune == DFL__RUNE_ERROR && width == 1)
                place(b, j, at, at + 1, 3);
            else
                for (unsigned i = 0; i < width; i++)
                    same(b, j, at + i);
            at += width;
        }
    }
}

/* Words of ENV, LABEL and ARG: bytes that are not UTF-8 become U+FFFD. Where the value has them as
 * they are, as the others keep them, they are left. */
static void lex_word(builder *b, const joined *j) {
    dfl_str text = {j->text, j->len};
    unsigned width;
    for (uint32_t at = 0; at < j->len && b->count < b->value.len; at += width) {
        uint32_t rune = dfl__rune(text, at, &width);
        int replaced =
            rune == DFL__RUNE_ERROR && width == 1 && b->value.ptr[b->count] != text.ptr[at];
        if (replaced)
            place(b, j, at, at + 1, 3);
        else
            for (unsigned i = 0; i < width; i++)
                same(b, j, at + i);
    }
}

/* `<<-` takes the leading tabs of each line off. */
static void lex_chomped(builder *b, const joined *j) {
    int start = 1;
    for (uint32_t at = 0; at < j->len; at++) {
        if (start && j->text[at] == '\t') continue;
        start = j->text[at] == '\n';
        same(b, j, at);
    }
}

/* --- the whole */

static uint16_t kind_of(const dfl_doc *doc, uint32_t node) {
    return doc->nodes.items[node].kind;
}

/* A part of a flag is lexed with the whole of it: quotes may begin before the part. */
static dfl_status build_flag(const dfl_doc *doc, uint32_t node, dfl__arena *arena, builder *b) {
    uint32_t flag = doc->nodes.items[node].parent, equals = 0;
    joined j;
    dfl_str whole = dfl__node_value(doc, flag);
    dfl_range *places = dfl__arena_get(arena, whole.len * sizeof *places);
    dfl_status status = join(doc, flag, arena, &j);
    if (status != DFL_OK || places == NULL) return DFL_E_NOMEM;
    builder all = {places, 0, (uint32_t)whole.len, whole, 0};
    lex_flag(&all, &j, doc->escape, &equals);
    uint32_t skip = kind_of(doc, node) == DFL_NODE_NAME ? 2 : equals + 1;
    if (all.count != whole.len || skip + b->value.len > whole.len) return DFL_OK;
    memcpy(b->places, places + skip, b->value.len * sizeof *places);
    b->count = (uint32_t)b->value.len;
    return DFL_OK;
}

static dfl_status build(const dfl_doc *doc, uint32_t node, int chomp, dfl__arena *arena,
                        builder *b) {
    joined j;
    uint16_t parent = kind_of(doc, doc->nodes.items[node].parent);
    if (parent == DFL_NODE_FLAG) return build_flag(doc, node, arena, b);
    dfl_status status = join(doc, node, arena, &j);
    if (status != DFL_OK) return status;
    if (chomp)
        lex_chomped(b, &j);
    else if (kind_of(doc, node) == DFL_NODE_JSON_STRING)
        lex_json(b, &j);
    else
        lex_word(b, &j);
    return DFL_OK;
}

dfl_status dfl__origin_of(const dfl_doc *doc, uint32_t node, int chomp, dfl__arena *arena,
                          dfl__origin *out) {
    dfl_str value = dfl__node_value(doc, node);
    dfl__origin origin = {dfl__node_range(doc, node), (uint32_t)value.len, NULL, 1};
    *out = origin;
    if ((doc->nodes.items[node].flags & DFL_NODE_F_VALUE) == 0 && !chomp) return DFL_OK;
    dfl_range *places = dfl__arena_get(arena, value.len * sizeof *places);
    if (places == NULL) return DFL_E_NOMEM;
    builder b = {places, 0, (uint32_t)value.len, value, 0};
    dfl_status status = build(doc, node, chomp, arena, &b);
    out->exact = chomp ? 1 : b.count == value.len;
    if (chomp) out->len = b.count;
    for (; b.count < value.len && !chomp; b.count++)
        places[b.count] = origin.range;
    out->places = places;
    return status;
}

dfl_range dfl__origin_range(const dfl__origin *origin, size_t from, size_t to) {
    dfl_range range = origin->range;
    if (origin->places == NULL) {
        range.end = range.start + (uint32_t)to;
        range.start += (uint32_t)from;
    } else if (!origin->exact) {
        return range;
    } else if (from < to) {
        range.start = origin->places[from].start;
        range.end = origin->places[to - 1].end;
    } else if (from < origin->len) {
        range.start = range.end = origin->places[from].start;
    } else if (origin->len > 0) {
        range.start = range.end = origin->places[origin->len - 1].end;
    }
    return range;
}
