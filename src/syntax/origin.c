/* origin.c -- see origin.h: through continuations, comments, and the quotes and escapes of flags
 * and of JSON.
 * Relies on the tokens of a node: those of its text, without continuations and comments, joined.
 * Never keeps a reading that does not give a value of the right length. */
#include "syntax/origin.h"

#include <assert.h>

#include "syntax/parser.h"

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

/* --- how each kind of text becomes a value */

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

/* A value as it is rebuilt from the joined text. */
typedef struct {
    dfl_str text;
    const dfl__origins *joined; /* of the text */
    dfl_str value;              /* to be met */
    uint32_t made;              /* bytes of it */
    dfl__origins *out;
    dfl_status status;
} builder;

/* [from, to) of the text gives `len` bytes of the value. */
static void give(builder *b, uint32_t from, uint32_t to, unsigned len) {
    dfl_range range = dfl__origins_range(b->joined, from, to);
    if (!dfl__origins_add(b->out, len, range, 0)) b->status = DFL_E_NOMEM;
    b->made += len;
}

/* [from, to) of the text stands in the value as it is. */
static void give_same(builder *b, uint32_t from, uint32_t to) {
    for (; from < to; from++, b->made++) {
        dfl_range range = dfl__origins_range(b->joined, from, from + 1);
        if (!dfl__origins_add(b->out, 1, range, 1)) b->status = DFL_E_NOMEM;
    }
}

/* The name of a flag, or its value. Of each byte from 0x80 two are made. */
static void read_flag(builder *b, unsigned char escape, int is_name) {
    dfl__flag_reader reader = {b->text, 0, escape, 0};
    uint32_t from, count = 0;
    int behind = 0; /* the `=` */
    char c;
    for (; dfl__flag_byte(&reader, &from, &c); count++) {
        int is_equals = c == '=' && !behind;
        int wanted = is_name ? count >= sizeof "--" - 1 && !behind : behind;
        if (is_equals) behind = 1;
        if (!wanted || is_equals) continue;
        if ((unsigned char)c >= 0x80)
            give(b, from, reader.at, 2);
        else if (reader.at - from > 1)
            give(b, from, reader.at, 1);
        else
            give_same(b, from, reader.at);
    }
}

static unsigned rune_bytes(uint32_t rune) {
    char bytes[4];
    return dfl__rune_encode(rune, bytes);
}

/* A string literal. */
static void read_json(builder *b) {
    for (uint32_t at = 1; at + 1 < b->text.len;) {
        uint32_t from = at, rune = dfl__json_rune(b->text, &at);
        unsigned len = rune_bytes(rune);
        if (b->text.ptr[from] != '\\' && at - from == len)
            give_same(b, from, at);
        else
            give(b, from, at, len);
    }
}

/* Words of ENV, LABEL and ARG: bytes that are not UTF-8 become U+FFFD. Where the value has them as
 * they are, as the others keep them, they are left. */
static void read_word(builder *b) {
    unsigned width;
    for (uint32_t at = 0; at < b->text.len && b->made < b->value.len; at += width) {
        uint32_t rune = dfl__rune(b->text, at, &width);
        if (rune == DFL__RUNE_ERROR && width == 1 && b->value.ptr[b->made] != b->text.ptr[at])
            give(b, at, at + 1, rune_bytes(rune));
        else
            give_same(b, at, at + width);
    }
}

/* --- the whole */

static uint16_t kind_of(const dfl_doc *doc, uint32_t node) {
    return doc->nodes.items[node].kind;
}

/* A part of a flag is read with the whole of it: quotes may begin before the part. */
static uint32_t written_in(const dfl_doc *doc, uint32_t node) {
    uint32_t parent = doc->nodes.items[node].parent;
    return kind_of(doc, parent) == DFL_NODE_FLAG ? parent : node;
}

static dfl_status rebuild(const dfl_doc *doc, uint32_t node, builder *b) {
    if (written_in(doc, node) != node)
        read_flag(b, doc->escape, kind_of(doc, node) == DFL_NODE_NAME);
    else if (kind_of(doc, node) == DFL_NODE_JSON_STRING)
        read_json(b);
    else
        read_word(b);
    if (b->status != DFL_OK || b->made == b->value.len) return b->status;
    b->out->items.count = 0;
    return dfl__origins_add(b->out, (uint32_t)b->value.len, dfl__node_range(doc, node), 0)
               ? DFL_OK
               : DFL_E_NOMEM;
}

dfl_status dfl__origins_of_node(const dfl_doc *doc, uint32_t node, dfl__origins *out) {
    dfl_str value = dfl__node_value(doc, node);
    dfl__origins joined = {out->alloc, {NULL, 0, 0}};
    dfl__buf text;
    assert(out->items.count == 0);
    if ((doc->nodes.items[node].flags & DFL_NODE_F_VALUE) == 0)
        return dfl__origins_add(out, (uint32_t)value.len, dfl__node_range(doc, node), 1)
                   ? DFL_OK
                   : DFL_E_NOMEM;
    dfl__buf_init(&text, &out->alloc, 0);
    dfl_status status = join(doc, written_in(doc, node), &text, &joined);
    builder b = {dfl__buf_str(&text), &joined, value, 0, out, status};
    if (status == DFL_OK && dfl__eq(b.text, value)) {
        dfl__origins_free(out);
        *out = joined;
    } else {
        if (status == DFL_OK) status = rebuild(doc, node, &b);
        dfl__origins_free(&joined);
    }
    dfl__buf_free(&text);
    return status;
}

dfl_status dfl__chomped_body(const dfl_doc *doc, uint32_t body, dfl__buf *text,
                             dfl__origins *origins) {
    dfl_str value = dfl__node_value(doc, body);
    uint32_t start = dfl__node_range(doc, body).start, len = (uint32_t)value.len, end;
    for (uint32_t at = 0; at < len; at = end) {
        end = (uint32_t)dfl__find(value, '\n', at);
        if (end < len) end++;
        while (at < end && value.ptr[at] == '\t')
            at++;
        dfl_range from = {start + at, start + end};
        dfl__buf_add(text, dfl__sub(value, at, end));
        if (origins != NULL && !dfl__origins_add(origins, end - at, from, 1)) return DFL_E_NOMEM;
    }
    return text->failed;
}

dfl_status dfl__part_range(const dfl_doc *doc, uint32_t node, dfl_range part,
                           const dfl_alloc *alloc, dfl_range *out) {
    dfl__origins origins = {*alloc, {NULL, 0, 0}};
    dfl_status status = dfl__origins_of_node(doc, node, &origins);
    if (status == DFL_OK) *out = dfl__origins_range(&origins, part.start, part.end);
    dfl__origins_free(&origins);
    return status;
}
