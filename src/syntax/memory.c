/* memory.c -- the memory of a parse: what it starts with, and what stays.
 * Relies on base/heap.h and parser.h.
 * Never leaves a document with room it does not use. */
#include <string.h>

#include "syntax/parser.h"

/* What the arrays of an ordinary file come to: bytes for sixteen bytes of source, and for none. */
enum { TOKENS, NODES, VALUE_INDEX, LINES, SEGMENTS, VALUES, JOINED, MESSAGES, STARTS };
static const struct {
    uint32_t sixteen, fixed;
} starts[STARTS] = {
    [TOKENS] = {16, 256}, [NODES] = {20, 512}, [VALUE_INDEX] = {4, 64}, [LINES] = {4, 32},
    [SEGMENTS] = {1, 64}, [VALUES] = {12, 64}, [JOINED] = {6, 64},      [MESSAGES] = {0, 256},
};

/* The size of each, and of all with something for diagnostics and heredocs. */
static size_t start_sizes(size_t len, size_t sizes[STARTS]) {
    size_t sum = len / 128 * 16 + 768;
    for (unsigned i = 0; i < STARTS; i++) {
        sizes[i] = dfl__heap_piece(len / 16 * starts[i].sixteen + starts[i].fixed);
        sum += sizes[i];
    }
    return sum;
}

#define START(v, size) DFL__RESERVE(&doc->alloc, (v), (uint32_t)((size) / sizeof *(v)->items))

int dfl__parser_init(dfl__parser *p, const dfl_alloc *alloc) {
    dfl_doc *doc = p->doc;
    size_t sizes[STARTS];
    if (!dfl__heap_init(&p->heap, alloc, start_sizes(p->src.len, sizes))) return 0;
    doc->alloc = dfl__heap_alloc(&p->heap);
    dfl__buf_init(&doc->values, &doc->alloc, UINT32_MAX);
    dfl__buf_init(&doc->messages, &doc->alloc, UINT32_MAX);
    dfl__buf_init(&p->joined, &doc->alloc, 0);
    dfl__buf_init(&p->scratch, &doc->alloc, 0);
    return START(&doc->tokens, sizes[TOKENS]) && START(&doc->nodes, sizes[NODES]) &&
           START(&doc->value_index, sizes[VALUE_INDEX]) && START(&doc->lines, sizes[LINES]) &&
           START(&p->segs, sizes[SEGMENTS]) && dfl__buf_reserve(&doc->values, sizes[VALUES]) &&
           dfl__buf_reserve(&p->joined, sizes[JOINED]) &&
           dfl__buf_reserve(&doc->messages, sizes[MESSAGES]);
}

void dfl__parser_free(dfl__parser *p) {
    dfl__heap_free(&p->heap);
}

/* --- what stays */

#define BYTES(v) ((v)->count * sizeof *(v)->items)

/* No overflow: all this is in memory now, with more around it. */
static size_t sealed_size(const dfl_doc *d) {
    return sizeof *d + BYTES(&d->tokens) + BYTES(&d->nodes) + BYTES(&d->value_index) +
           BYTES(&d->diags) + BYTES(&d->diag_messages) + BYTES(&d->lines) + d->source.len +
           d->values.len + d->messages.len;
}

/* Copy to `*at`, which moves on; NULL for nothing. */
static void *put(char **at, const void *from, size_t size) {
    if (size == 0) return NULL;
    void *to = memcpy(*at, from, size);
    *at += size;
    return to;
}

#define PUT(at, v) ((v)->items = put((at), (v)->items, BYTES(v)), (v)->cap = (v)->count)

static void put_text(char **at, dfl__buf *buf, const dfl_alloc *alloc) {
    buf->ptr = put(at, buf->ptr, buf->len);
    buf->cap = buf->len;
    buf->alloc = *alloc;
}

/* The records are first: they are words of 32 bits, text may stand anywhere. */
dfl_doc *dfl__doc_seal(const dfl_doc *draft, const dfl_alloc *alloc) {
    size_t size = sealed_size(draft);
    dfl_doc *doc = dfl__alloc(alloc, size);
    if (doc == NULL) return NULL;
    char *at = (char *)(doc + 1);
    memcpy(doc, draft, sizeof *doc);
    atomic_init(&doc->refs, 1);
    doc->size = size;
    doc->alloc = *alloc;
    PUT(&at, &doc->tokens);
    PUT(&at, &doc->nodes);
    PUT(&at, &doc->value_index);
    PUT(&at, &doc->diags);
    PUT(&at, &doc->diag_messages);
    PUT(&at, &doc->lines);
    if (doc->source.len > 0) doc->source.ptr = put(&at, doc->source.ptr, doc->source.len);
    put_text(&at, &doc->values, alloc);
    put_text(&at, &doc->messages, alloc);
    return doc;
}
