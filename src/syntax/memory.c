/* memory.c -- the memory of a parse: what it starts with, the most it can take, and what stays.
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

/* --- the most it can take */

/* What a parse has at one time: the most bytes for two bytes of source and for none, what its
 * pieces may hold of that, in eighths, and whether the document keeps it. An array grows by one
 * record when it is full, so a piece that holds all is the last; 9 of 8 make up for records that do
 * not fill one. A text takes twice what it has, or what it needs at once. */
static const struct {
    uint8_t two, fixed, eighths, kept;
} things[] = {
    {16, 255, 9, 1}, /* tokens: each has a byte of its own */
    {60, 255, 9, 1}, /* nodes: three for two bytes, as in `ENV = = =`, pair, name and value of each;
                        less for an instruction and its keyword (`A`, LF), for a word and the three
                        of its heredoc (` <<E`), for the three of a flag (` --=`) */
    {24, 64, 9, 1},  /* places of values: a node that has one has a byte of its own */
    {14, 64, 16, 1}, /* their text: its line, three bytes for one of an argument (bad UTF-8, as
                        U+FFFD), three for one of the name of a heredoc */
    {8, 32, 9, 1},   /* lines */
    {2, 64, 16, 0},  /* a joined line */
    {8, 64, 9, 0},   /* its segments, of two bytes or more */
    {8, 64, 9, 0},   /* lines that may end a heredoc, */
    {8, 64, 9, 0},   /* and those without leading tabs */
    {6, 64, 16, 0},  /* words that may open heredocs, */
    {4, 32, 9, 0},   /* their ends, */
    {6, 64, 16, 0},  /* the name of one, */
    {6, 64, 16, 0},  /* the same with its quotes, */
    {4, 32, 9, 0},   /* the ends of its words, */
    {6, 64, 16, 0},  /* and what stands in a group or in quotes on the way */
    {4, 64, 16, 0},  /* a field of a mount or device, of the value of a flag */
};

typedef struct {
    uint64_t heap, kept;
} bound;

static void add(bound *b, uint64_t most, uint64_t eighths, int kept) {
    b->heap += dfl__heap_bound_of(most / 8 * eighths + eighths);
    if (kept) b->kept += most;
}

/* One for two bytes, as in `A`, LF, `A`, LF, and those of the whole file. The text it is about has
 * at most three bytes for one of the source, once by the parser and once by the checks. */
static void add_diags(bound *b, uint64_t len, uint64_t max_diags) {
    uint64_t count = len / 2 + 4;
    if (count > max_diags) count = max_diags;
    uint64_t details = count * DFL__DETAIL_MAX;
    if (details > 6 * len) details = 6 * len;
    add(b, count * sizeof(dfl_diag_rec) + 128, 9, 1);
    add(b, count * sizeof(dfl__message) + 64, 9, 1);
    add(b, count * DFL__MESSAGE_MAX + details + 256, 9, 1);
}

/* Groups of three bytes, such as `${+`, as deep as they may be, and quotes between them. */
static void add_frames(bound *b, uint64_t len, uint64_t max_depth) {
    uint64_t frames = 2 * (max_depth > DFL__NAME_DEPTH ? max_depth : DFL__NAME_DEPTH) + 1;
    if (frames > len / 2 + 1) frames = len / 2 + 1;
    add(b, (frames + 8) * DFL__WORD_FRAME, 16, 0);
}

size_t dfl_parse_bound(size_t len, const dfl_parse_options *opt) {
    dfl_limits limits;
    size_t sizes[STARTS];
    if (dfl__text_limits("", len, opt, &limits) != DFL_OK) return SIZE_MAX;
    bound b = {dfl__heap_bound(start_sizes(len, sizes)), sizeof(dfl_doc) + len};
    for (size_t i = 0; i < sizeof things / sizeof *things; i++) {
        uint64_t most = (uint64_t)len * things[i].two / 2 + things[i].fixed;
        add(&b, most, things[i].eighths, things[i].kept);
    }
    add_diags(&b, len, limits.max_diags);
    add_frames(&b, len, limits.max_depth);
    uint64_t sum = b.heap + b.kept + 2 * sizeof(max_align_t); /* of a buffer and of the document */
    return sum < SIZE_MAX ? (size_t)sum : SIZE_MAX;
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
