/* expand.c -- the text of a node with its variables put in, and where each piece comes from.
 * Relies on model.h and syntax/origin.h. Public face in dockerfile/scope.h (specification 2.1, 3,
 * 4). Never follows a value further than the budget of the model allows. */
#include <string.h>

#include "model/expand.h"

#include "syntax/csv.h"

/* --- what BuildKit does with a node */

static uint16_t kind_of(const dfl_doc *doc, uint32_t node) {
    return doc->nodes.items[node].kind;
}

static int is_flag_of(const dfl_doc *doc, uint32_t flag, const char *name) {
    uint32_t node = dfl__node_child(doc, flag, DFL_NODE_NAME);
    return node != 0 && dfl__eqz(dfl__node_value(doc, node), name);
}

static uint32_t flag_mode(const dfl_doc *doc, uint32_t flag, uint16_t instruction) {
    int add = instruction == DFL_NODE_ADD;
    if (instruction == DFL_NODE_FROM)
        return is_flag_of(doc, flag, "platform") ? DFL_EXPAND_WORD : DFL_EXPAND_NONE;
    if (instruction == DFL_NODE_RUN)
        return is_flag_of(doc, flag, "mount") ? DFL_EXPAND_FIELDS : DFL_EXPAND_NONE;
    if (!add && instruction != DFL_NODE_COPY) return DFL_EXPAND_NONE;
    int expands = is_flag_of(doc, flag, "chown") || is_flag_of(doc, flag, "chmod") ||
                  (add && is_flag_of(doc, flag, "checksum"));
    return expands ? DFL_EXPAND_WORD : DFL_EXPAND_NONE;
}

static uint32_t pair_mode(const dfl_doc *doc, uint32_t part, uint16_t instruction) {
    int name = kind_of(doc, part) == DFL_NODE_NAME;
    if (instruction == DFL_NODE_ARG) return name ? DFL_EXPAND_NONE : DFL_EXPAND_WORD;
    return DFL_EXPAND_WORD; /* ENV, LABEL */
}

/* `argument` is a word of the instruction, or a string of its JSON form. */
static uint32_t argument_mode(const dfl_doc *doc, uint32_t argument, uint32_t instruction) {
    switch (kind_of(doc, instruction)) {
    case DFL_NODE_ADD:
    case DFL_NODE_COPY:
    case DFL_NODE_STOPSIGNAL:
    case DFL_NODE_USER:
    case DFL_NODE_VOLUME:
    case DFL_NODE_WORKDIR: return DFL_EXPAND_WORD;
    case DFL_NODE_EXPOSE: return DFL_EXPAND_WORDS;
    case DFL_NODE_FROM:
        return argument == dfl__next_argument(doc, instruction, 0) ? DFL_EXPAND_WORD
                                                                   : DFL_EXPAND_NONE;
    default: return DFL_EXPAND_NONE;
    }
}

static uint32_t instruction_of(const dfl_doc *doc, uint32_t node) {
    while (node != 0 && !dfl__kind_is_instruction(kind_of(doc, node)))
        node = doc->nodes.items[node].parent;
    return node;
}

/* DFL_E_UNSUPPORTED where there is no text to expand. */
static dfl_status mode_of(const dfl_doc *doc, uint32_t node, uint32_t *mode) {
    uint32_t instruction = instruction_of(doc, node), parent = doc->nodes.items[node].parent;
    uint16_t kind = kind_of(doc, node), owner = kind_of(doc, instruction);
    int takes = owner == DFL_NODE_ADD || owner == DFL_NODE_COPY;
    *mode = DFL_EXPAND_NONE;
    if (instruction == 0) return DFL_E_UNSUPPORTED;
    int nested = (doc->nodes.items[instruction].flags & DFL_NODE_F_NESTED) != 0;
    switch (kind) {
    case DFL_NODE_NAME:
    case DFL_NODE_VALUE:
        if (kind_of(doc, parent) == DFL_NODE_PAIR)
            *mode = pair_mode(doc, node, owner);
        else if (kind == DFL_NODE_VALUE)
            *mode = flag_mode(doc, parent, owner);
        break;
    case DFL_NODE_WORD:
    case DFL_NODE_SHELL_FORM:
    case DFL_NODE_JSON_STRING: *mode = argument_mode(doc, node, instruction); break;
    case DFL_NODE_HEREDOC_BODY:
        if (takes && (doc->nodes.items[parent].flags & DFL_NODE_F_EXPAND) != 0)
            *mode = DFL_EXPAND_HEREDOC;
        break;
    default: return DFL_E_UNSUPPORTED;
    }
    if (nested) *mode = DFL_EXPAND_NONE; /* the stage that takes it over expands it */
    return DFL_OK;
}

/* --- collecting */

/* Where the word at hand stands: its bytes are [base, ...) of the node's value. */
typedef struct {
    dfl_expansion *e;
    dfl_str word;
    size_t base; /* of the word in the value */
    dfl_status failed;
} collector;

static int push_piece(dfl_expansion *e, dfl_piece piece) {
    piece.size = sizeof piece;
    return DFL__PUSH(&e->arena.alloc, &e->pieces, piece);
}

/* Where [from, to) of the value stands. */
static dfl_range source_of(const dfl_expansion *e, size_t from, size_t to) {
    return dfl__origins_range(&e->origins, (uint32_t)from, (uint32_t)to);
}

/* A literal run of the text. */
static int push_literal(dfl_expansion *e, size_t at, size_t len, size_t from, size_t to) {
    dfl_piece piece = {
        0,      0, (uint32_t)at, (uint32_t)(at + len), source_of(e, from, to), DFL_NO_DEFINITION,
        e->node};
    dfl_str source = dfl__sub(e->doc->source, piece.source.start, piece.source.end);
    dfl_str text = dfl__sub(dfl__buf_str(&e->text), at, at + len);
    if (dfl__eq(source, text)) piece.flags |= DFL_PIECE_F_EXACT;
    return push_piece(e, piece);
}

static int push_variable(collector *c, const dfl__word_piece *p) {
    dfl_expansion *e = c->e;
    size_t at = p->at;
    const dfl__binding *binding = dfl__env_find(&e->env, p->name);
    dfl_str value = {"", 0};
    dfl_piece piece = {0,
                       0,
                       (uint32_t)at,
                       (uint32_t)(at + p->len),
                       source_of(e, c->base + p->from, c->base + p->to),
                       binding != NULL ? binding->definition : DFL_NO_DEFINITION,
                       e->node};
    if (dfl__env_get(&e->env, p->name, &value) == DFL__VAR_UNKNOWN)
        piece.flags |= DFL_PIECE_F_UNKNOWN;
    else if (!dfl__eq(value, dfl__sub(dfl__buf_str(&e->text), at, at + p->len)))
        piece.flags |= DFL_PIECE_F_CHANGED;
    return push_piece(e, piece);
}

static void take_piece(void *ctx, const dfl__word_piece *p) {
    collector *c = ctx;
    int done = p->name.ptr != NULL
                   ? push_variable(c, p)
                   : push_literal(c->e, p->at, p->len, c->base + p->from, c->base + p->to);
    if (!done) c->failed = DFL_E_NOMEM;
}

/* A suggestion looks at every variable: it is made for so many names only. */
#define SUGGESTIONS 64u

/* Each name once; `missing` holds them. */
static void note_missing(collector *c, dfl_str name) {
    dfl_expansion *e = c->e;
    if (c->failed != DFL_OK || dfl__env_find(&e->missing, name) != NULL) return;
    size_t at = (size_t)(name.ptr - c->word.ptr), brace = at >= 2 && c->word.ptr[at - 1] == '{';
    size_t end = at + name.len;
    if (brace && end < c->word.len && c->word.ptr[end] == '}') end++;
    int failed = 0;
    dfl_str copy = dfl__copy_text(&e->arena, name, &failed);
    const dfl__binding *declared = dfl__env_find(&e->env, name);
    dfl_undefined u = {sizeof u, declared != NULL, copy, dfl__str(""),
                       source_of(e, c->base + at - 1 - brace, c->base + end)};
    if (e->undefined.count < SUGGESTIONS)
        u.suggestion = dfl__copy_text(&e->arena, dfl__env_nearest(&e->env, name), &failed);
    dfl__binding binding = {copy, {"", 0}, DFL__VAR_SET, 0, 0, 0, 0};
    if (failed || !dfl__env_put(&e->missing, DFL__LAYER_ENV, &binding) ||
        !DFL__PUSH(&e->arena.alloc, &e->undefined, u))
        c->failed = DFL_E_NOMEM;
}

static dfl__var look_up(void *ctx, dfl_str name, dfl_str *value) {
    collector *c = ctx;
    dfl__var found = dfl__env_get(&c->e->env, name, value);
    if (found == DFL__VAR_UNSET) note_missing(c, name);
    return found;
}

/* --- expanding */

static void fail(dfl_expansion *e, const dfl__word_result *result) {
    e->error = dfl__word_code(result->error);
    e->known = 0;
    e->text.len = 0;
    e->pieces.count = 0;
}

/* Expand [from, to) of the value, append the result to the text. */
static dfl_status expand_slice(dfl_expansion *e, size_t from, size_t to) {
    collector c = {e, dfl__sub(e->value, from, to), from, DFL_OK};
    dfl__word_options options = dfl__expand_options(e->model, &e->env);
    options.lookup = look_up;
    options.piece = take_piece;
    options.ctx = &c;
    if (e->mode == DFL_EXPAND_HEREDOC) {
        options.escape = '\\';
        options.skip_quotes = 1;
    }
    dfl__word_result result = dfl__word_expand(c.word, &options, &e->text);
    if (result.error == DFL__WORD_NOMEM || c.failed != DFL_OK) return DFL_E_NOMEM;
    if (result.error != DFL__WORD_OK) fail(e, &result);
    if (result.unknown) e->known = 0;
    return DFL_OK;
}

static dfl_status take_literal(dfl_expansion *e, size_t from, size_t to) {
    size_t at = e->text.len;
    if (from == to) return DFL_OK;
    dfl__buf_add(&e->text, dfl__sub(e->value, from, to));
    if (e->text.failed != DFL_OK) return DFL_E_NOMEM;
    return push_literal(e, at, to - from, from, to) ? DFL_OK : DFL_E_NOMEM;
}

/* Words, blank-separated in the text; all of it is one piece. */
static dfl_status expand_words(dfl_expansion *e) {
    collector c = {e, e->value, 0, DFL_OK};
    dfl__word_options options = dfl__expand_options(e->model, &e->env);
    options.lookup = look_up;
    options.ctx = &c;
    dfl__word_result result = dfl__word_split(e->value, &options, &e->text, &e->words);
    if (result.error == DFL__WORD_NOMEM || c.failed != DFL_OK) return DFL_E_NOMEM;
    if (result.error != DFL__WORD_OK) fail(e, &result);
    if (result.unknown) e->known = 0;
    if (e->text.len == 0) return DFL_OK;
    e->text.len--; /* each word is followed by a NUL */
    for (uint32_t i = 0; i + 1 < e->words.count; i++)
        e->text.ptr[e->words.items[i]] = ' ';
    dfl_piece piece = {
        0,      0, 0, (uint32_t)e->text.len, dfl__node_range(e->doc, e->node), DFL_NO_DEFINITION,
        e->node};
    dfl_str source = dfl__sub(e->doc->source, piece.source.start, piece.source.end);
    if (dfl__eq(source, dfl__buf_str(&e->text)))
        piece.flags |= DFL_PIECE_F_EXACT;
    else
        piece.flags |= DFL_PIECE_F_CHANGED;
    return push_piece(e, piece) ? DFL_OK : DFL_E_NOMEM;
}

/* A field that is quoted is read without its quotes, and loses its place byte for byte. */
static dfl_status expand_quoted(dfl_expansion *e, const dfl__buf *field, size_t from, size_t to) {
    dfl__origins origins = e->origins;
    dfl_str value = e->value, text = dfl__buf_str(field);
    size_t equals = dfl__find(text, '=', 0);
    dfl_range written = source_of(e, from, to);
    e->origins = (dfl__origins){origins.alloc, {NULL, 0, 0}};
    e->value = text;
    dfl_status status =
        dfl__origins_add(&e->origins, (uint32_t)text.len, written, 0) ? DFL_OK : DFL_E_NOMEM;
    size_t name = equals < text.len ? equals + 1 : text.len;
    if (status == DFL_OK) status = take_literal(e, 0, name);
    if (status == DFL_OK && e->error == 0) status = expand_slice(e, name, text.len);
    dfl__origins_free(&e->origins);
    e->origins = origins;
    e->value = value;
    return status;
}

static dfl_status expand_field(dfl_expansion *e, const dfl__buf *field, size_t from, size_t to) {
    size_t equals = from + dfl__find(dfl__sub(e->value, from, to), '=', 0);
    if (field->len != to - from) return expand_quoted(e, field, from, to);
    size_t name = equals < to ? equals + 1 : to;
    dfl_status status = take_literal(e, from, name);
    return status == DFL_OK ? expand_slice(e, name, to) : status;
}

static dfl_status expand_fields(dfl_expansion *e) {
    size_t at = 0, before = 0;
    dfl_status status = DFL_OK;
    dfl__buf field;
    dfl__buf_init(&field, &e->arena.alloc, 0);
    while (status == DFL_OK && e->error == 0 && dfl__csv_next(e->value, &at, &field) > 0) {
        if (field.failed != DFL_OK) status = DFL_E_NOMEM;
        if (status == DFL_OK && before > 0) status = take_literal(e, before - 1, before);
        if (status == DFL_OK) status = expand_field(e, &field, before, at - 1);
        before = at;
    }
    dfl__buf_free(&field);
    return status;
}

/* The text that BuildKit expands: of a body with `<<-`, without its leading tabs. */
static dfl_status prepare(dfl_expansion *e) {
    uint32_t parent = e->doc->nodes.items[e->node].parent;
    int chomp = e->mode == DFL_EXPAND_HEREDOC &&
                (e->doc->nodes.items[parent].flags & DFL_NODE_F_CHOMP) != 0;
    e->value = dfl__node_value(e->doc, e->node);
    if (!chomp) return dfl__origins_of_node(e->doc, e->node, &e->origins);
    dfl_status status = dfl__chomped_body(e->doc, e->node, &e->chomped, &e->origins);
    e->value = dfl__buf_str(&e->chomped);
    return status;
}

static dfl_status expand(dfl_expansion *e) {
    dfl_status status = mode_of(e->doc, e->node, &e->mode);
    if (status == DFL_OK) status = prepare(e);
    dfl__env_at(e->model, e->node, &e->arena, &e->env);
    if (status != DFL_OK) return status;
    switch (e->mode) {
    case DFL_EXPAND_WORDS: return expand_words(e);
    case DFL_EXPAND_FIELDS: return expand_fields(e);
    case DFL_EXPAND_WORD:
    case DFL_EXPAND_HEREDOC: return expand_slice(e, 0, e->value.len);
    default: return take_literal(e, 0, e->value.len);
    }
}

dfl_status dfl__expansion_new(const dfl_model *model, uint32_t node, dfl_expansion **out) {
    const dfl_doc *doc = model->doc;
    dfl_expansion *e = dfl__calloc(&model->arena.alloc, sizeof *e);
    if (e == NULL) return DFL_E_NOMEM;
    if (kind_of(doc, node) == DFL_NODE_PAIR) {
        uint32_t value = dfl__node_child(doc, node, DFL_NODE_VALUE);
        if (value != 0) node = value;
    }
    e->model = model;
    e->doc = doc;
    e->node = node;
    e->known = 1;
    dfl__arena_init(&e->arena, &model->arena.alloc);
    dfl__env_init(&e->missing, &e->arena);
    dfl__buf_init(&e->text, &model->arena.alloc, 0);
    dfl__buf_init(&e->chomped, &model->arena.alloc, 0);
    e->origins.alloc = model->arena.alloc;
    dfl_status status = expand(e);
    if (status == DFL_OK)
        *out = e;
    else
        dfl_expansion_free(e);
    return status;
}

dfl_status dfl_model_expand(const dfl_model *model, dfl_node node, uint32_t flags,
                            dfl_expansion **out) {
    dfl_expansion *e = NULL;
    if (model == NULL || out == NULL || dfl_node_is_null(node)) return DFL_E_ARG;
    dfl__budget budget = {dfl__budget_of(model)};
    if ((flags & ~(uint32_t)DFL_EXPAND_F_TRACE) != 0) return DFL_E_ARG;
    if (node.doc != model->doc) return DFL_E_STALE;
    dfl_status status = dfl__expansion_new(model, node.id, &e);
    if (status == DFL_OK && (flags & DFL_EXPAND_F_TRACE) != 0)
        status = dfl__expansion_trace(e, &budget);
    if (status == DFL_OK)
        *out = e;
    else
        dfl_expansion_free(e);
    return status;
}

void dfl_expansion_free(dfl_expansion *e) {
    if (e == NULL) return;
    dfl_alloc alloc = e->arena.alloc;
    dfl__buf_free(&e->text);
    dfl__buf_free(&e->chomped);
    dfl__origins_free(&e->origins);
    DFL__VEC_FREE(&alloc, &e->pieces);
    DFL__VEC_FREE(&alloc, &e->undefined);
    DFL__VEC_FREE(&alloc, &e->words);
    dfl__arena_free(&e->arena);
    dfl__free(&alloc, e, sizeof *e);
}

/* --- answers */

dfl_status dfl_expansion_get(const dfl_expansion *e, dfl_expanded *out) {
    if (e == NULL || out == NULL) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    out->mode = e->mode;
    out->error = e->error;
    out->known = e->known;
    out->text = dfl__buf_str(&e->text);
    out->pieces = e->pieces.count;
    out->undefined = e->undefined.count;
    out->words = e->words.count;
    return DFL_OK;
}

dfl_status dfl_expansion_piece(const dfl_expansion *e, size_t index, dfl_piece *out) {
    if (e == NULL || out == NULL || index >= e->pieces.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    *out = e->pieces.items[index];
    return DFL_OK;
}

dfl_str dfl_expansion_word(const dfl_expansion *e, size_t index) {
    if (e == NULL || index >= e->words.count) return dfl__str("");
    size_t start = index > 0 ? e->words.items[index - 1] + 1 : 0;
    return dfl__sub(dfl__buf_str(&e->text), start, e->words.items[index]);
}

dfl_status dfl_expansion_undefined(const dfl_expansion *e, size_t index, dfl_undefined *out) {
    if (e == NULL || out == NULL || index >= e->undefined.count) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    *out = e->undefined.items[index];
    return DFL_OK;
}
