/* yaml.c -- see yaml.h.
 * Relies on libfyaml (no other file includes it) and on the guard having passed the text.
 * Never uses libfyaml's documents, paths or emitter, and lets it print nothing. */
#include "io/yaml.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t node;
    uint32_t last; /* child so far; 0 = none */
} open_node;

typedef struct {
    const dfl__yaml_options *options;
    dfl_io_error *error;
    dfl_alloc alloc;
    dfl_str text;
    DFL__VEC(uint32_t) lines; /* offset of each line's first byte */
    dfl__buf scratch;         /* the text of the token at hand */
    dfl__yaml yaml;
    open_node open[DFL__YAML_MAX_DEPTH];
    uint32_t depth;
    uint32_t documents;
    int done;
} reader;

static dfl_status nomem(const reader *r) {
    return dfl__io_nomem(r->error, r->options->path);
}

static dfl_status index_lines(reader *r) {
    if (!DFL__PUSH(&r->alloc, &r->lines, 0)) return nomem(r);
    for (size_t at = dfl__find(r->text, '\n', 0); at < r->text.len;
         at = dfl__find(r->text, '\n', at + 1)) {
        if (!DFL__PUSH(&r->alloc, &r->lines, (uint32_t)at + 1)) return nomem(r);
    }
    return DFL_OK;
}

static dfl__place place_of(const reader *r, size_t offset) {
    uint32_t low = 0, high = r->lines.count;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (r->lines.items[mid] <= offset) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return (dfl__place){r->options->path, low + 1, (uint32_t)offset - r->lines.items[low] + 1};
}

static dfl__place place_of_node(const reader *r, const dfl__yaml_node *node) {
    return (dfl__place){r->options->path, node->line, node->column};
}

/* libfyaml's mark of a quoted text or an alias comes after its first byte, that of a block text at
 * the start of its first line. */
static size_t first_byte(const reader *r, const struct fy_event *event, size_t offset) {
    enum fy_scalar_style style = FYSS_ANY;
    if (event->type == FYET_SCALAR) style = fy_token_scalar_style(event->scalar.value);
    if (style == FYSS_LITERAL || style == FYSS_FOLDED) {
        while (offset < r->text.len && r->text.ptr[offset] == ' ')
            offset++;
    }
    int marked = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
    if ((marked || event->type == FYET_ALIAS) && offset > 0) offset--;
    return offset;
}

/* Where an event begins. A value that is left out has no token: it stands where its key does. */
static dfl__place place_of_event(const reader *r, struct fy_event *event) {
    const struct fy_mark *mark = fy_event_start_mark(event);
    if (mark != NULL) return place_of(r, first_byte(r, event, mark->input_pos));
    if (r->yaml.count > 0) return place_of_node(r, &r->yaml.nodes[r->yaml.count - 1]);
    return (dfl__place){r->options->path, 1, 1};
}

/* Append a node to the container that is open. */
static dfl_status add_node(reader *r, struct fy_event *event, dfl__yaml_node node) {
    dfl__yaml *yaml = &r->yaml;
    dfl__place place = place_of_event(r, event);
    node.line = place.line;
    node.column = place.column;
    if (!dfl__grow(&r->alloc, (void *)&yaml->nodes, yaml->count, &yaml->cap, sizeof node, 1))
        return nomem(r);
    if (r->depth > 0) {
        open_node *parent = &r->open[r->depth - 1];
        dfl__yaml_node *above = &yaml->nodes[parent->node];
        if (above->kind == DFL__YAML_MAP && above->count % 2 == 0 && node.kind != DFL__YAML_TEXT)
            return dfl__io_fail(r->error, DFL_E_FORMAT, place, "a key must be a single text");
        above->count++;
        if (parent->last != 0) yaml->nodes[parent->last].next = yaml->count;
        parent->last = yaml->count;
    }
    yaml->nodes[yaml->count++] = node;
    return DFL_OK;
}

/* Gather the text of a token in `out`. Chunk by chunk, because fy_token_get_text leaks memory on a
 * text with many doubled quotes, and fy_token_iter_read mixes chunks up. */
static dfl_status token_text(const reader *r, struct fy_event *event, struct fy_token *token,
                             dfl__buf *out) {
    struct fy_token_iter *iterator = fy_token_iter_create(token);
    if (iterator == NULL) return nomem(r);
    int failed = 0;
    const struct fy_iter_chunk *chunk = NULL;
    while ((chunk = fy_token_iter_chunk_next(iterator, chunk, &failed)) != NULL)
        dfl__buf_add(out, (dfl_str){chunk->str, chunk->len});
    fy_token_iter_destroy(iterator);
    if (out->failed != DFL_OK) return nomem(r);
    if (failed == 0) return DFL_OK;
    return dfl__io_fail(r->error, DFL_E_FORMAT, place_of_event(r, event), "not a readable text");
}

static dfl_status on_text(reader *r, struct fy_event *event) {
    struct fy_token *token = fy_event_get_token(event);
    dfl__yaml_node node = {.kind = DFL__YAML_TEXT, .plain = 1};
    r->scratch.len = 0;
    if (token != NULL) {
        node.plain = fy_token_scalar_style(token) == FYSS_PLAIN;
        dfl_status status = token_text(r, event, token, &r->scratch);
        if (status != DFL_OK) return status;
    }
    dfl_str text = dfl__buf_str(&r->scratch);
    char *copy = dfl__arena_copy(&r->yaml.arena, text.ptr, text.len);
    if (copy == NULL) return nomem(r);
    node.text = (dfl_str){copy, text.len};
    return add_node(r, event, node);
}

static dfl_status on_open(reader *r, struct fy_event *event) {
    if (r->depth == DFL__YAML_MAX_DEPTH)
        return dfl__io_fail(r->error, DFL_E_FORMAT, place_of_event(r, event),
                            "nested deeper than %u levels; flatten it", DFL__YAML_MAX_DEPTH);
    dfl__yaml_node node = {.kind =
                               event->type == FYET_MAPPING_START ? DFL__YAML_MAP : DFL__YAML_LIST};
    dfl_status status = add_node(r, event, node);
    if (status == DFL_OK) r->open[r->depth++] = (open_node){r->yaml.count - 1, 0};
    return status;
}

typedef struct {
    dfl_str text;
    uint32_t node;
} map_key;

static int compare_keys(const void *a, const void *b) {
    const map_key *left = a, *right = b;
    int order = dfl__compare(left->text, right->text);
    if (order != 0) return order;
    return left->node < right->node ? -1 : 1;
}

/* Find the first key of `map` that stands in it before; 0 = none. */
static dfl_status find_repeated(const reader *r, uint32_t map, uint32_t *found) {
    const dfl__yaml_node *nodes = r->yaml.nodes;
    uint32_t count = nodes[map].count / 2;
    *found = 0;
    if (count < 2) return DFL_OK;
    map_key *keys = dfl__alloc(&r->alloc, count * sizeof *keys);
    if (keys == NULL) return nomem(r);
    for (uint32_t i = 0, key = map + 1; i < count; i++) {
        keys[i] = (map_key){nodes[key].text, key};
        key = nodes[nodes[key].next].next;
    }
    qsort(keys, count, sizeof *keys, compare_keys);
    for (uint32_t i = 1; i < count; i++) {
        if (!dfl__eq(keys[i - 1].text, keys[i].text)) continue;
        if (*found == 0 || keys[i].node < *found) *found = keys[i].node;
    }
    dfl__free(&r->alloc, keys, count * sizeof *keys);
    return DFL_OK;
}

static dfl_status on_close(reader *r) {
    uint32_t node = r->open[--r->depth].node, again;
    if (r->yaml.nodes[node].kind != DFL__YAML_MAP) return DFL_OK;
    dfl_status status = find_repeated(r, node, &again);
    if (status != DFL_OK || again == 0) return status;
    const dfl__yaml_node *key = &r->yaml.nodes[again];
    return dfl__io_fail(r->error, DFL_E_FORMAT, place_of_node(r, key),
                        "key `%s` is given twice; keep one", key->text.ptr);
}

static dfl_status on_document(reader *r, struct fy_event *event) {
    if (r->documents++ == 0) return DFL_OK;
    return dfl__io_fail(r->error, DFL_E_FORMAT, place_of_event(r, event),
                        "a second document; keep one a file");
}

static dfl_status on_event(reader *r, struct fy_event *event) {
    if (event->type == FYET_ALIAS || fy_event_get_anchor_token(event) != NULL ||
        fy_event_get_tag_token(event) != NULL)
        return dfl__io_fail(r->error, DFL_E_FORMAT, place_of_event(r, event),
                            "anchors, aliases and tags are not supported; write the value out");
    switch (event->type) {
    case FYET_SCALAR: return on_text(r, event);
    case FYET_SEQUENCE_START:
    case FYET_MAPPING_START: return on_open(r, event);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END: return on_close(r);
    case FYET_DOCUMENT_START: return on_document(r, event);
    case FYET_STREAM_END: r->done = 1; return DFL_OK;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_DOCUMENT_END:
    case FYET_ALIAS: return DFL_OK;
    }
    return DFL_OK;
}

/* libfyaml counts columns in characters: move them on to bytes. */
static uint32_t byte_column(const reader *r, uint32_t line, uint32_t column) {
    if (line == 0 || line > r->lines.count) return column;
    size_t at = r->lines.items[line - 1], start = at;
    for (uint32_t i = 1; i < column && at < r->text.len; i++) {
        unsigned width;
        dfl__rune(r->text, at, &width);
        at += width;
    }
    return (uint32_t)(at - start) + 1;
}

/* What the parser said when it gave up. */
static dfl_status parse_error(const reader *r, struct fy_diag *diag) {
    void *iterator = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(diag, &iterator);
    const char *what = r->options->json ? "JSON" : "YAML";
    if (first == NULL || first->msg == NULL)
        return dfl__io_fail(r->error, DFL_E_FORMAT, (dfl__place){r->options->path, 0, 0},
                            "not valid %s", what);
    uint32_t line = first->line > 0 ? (uint32_t)first->line : 1;
    uint32_t column = first->column > 0 ? (uint32_t)first->column : 1;
    dfl__place place = {r->options->path, line, byte_column(r, line, column)};
    return dfl__io_fail(r->error, DFL_E_FORMAT, place, "not valid %s: %s", what, first->msg);
}

static dfl_status read_events(reader *r, struct fy_parser *parser, struct fy_diag *diag) {
    dfl_status status = DFL_OK;
    while (status == DFL_OK && !r->done) {
        struct fy_event *event = fy_parser_parse(parser);
        if (event == NULL) return parse_error(r, diag);
        status = on_event(r, event);
        fy_parser_event_free(parser, event);
    }
    return status;
}

static dfl_status run_parser(reader *r) {
    struct fy_diag_cfg silent = {.level = FYET_ERROR, .module_mask = ~0u};
    struct fy_diag *diag = fy_diag_create(&silent);
    if (diag == NULL) return nomem(r);
    fy_diag_set_collect_errors(diag, true);
    /* sloppy: a closing bracket may stand under its key, as other YAML parsers have it */
    struct fy_parse_cfg config = {.diag = diag,
                                  .flags = r->options->json
                                               ? FYPCF_JSON_FORCE
                                               : FYPCF_JSON_NONE | FYPCF_SLOPPY_FLOW_INDENTATION};
    struct fy_parser *parser = fy_parser_create(&config);
    dfl_status status =
        parser != NULL && fy_parser_set_string(parser, r->text.ptr, r->text.len) == 0
            ? read_events(r, parser, diag)
            : nomem(r);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return status;
}

dfl_status dfl__yaml_read(dfl_str bytes, const dfl__yaml_options *options, const dfl_alloc *alloc,
                          dfl__yaml *out, dfl_io_error *error) {
    reader r = {.options = options, .error = error, .alloc = dfl__alloc_of(alloc)};
    dfl_status status = dfl__yaml_guard(bytes, options, &r.text, error);
    if (status != DFL_OK) return status;
    dfl__arena_init(&r.yaml.arena, alloc);
    dfl__buf_init(&r.scratch, alloc, 0);
    status = index_lines(&r);
    if (status == DFL_OK && r.text.len > 0) status = run_parser(&r);
    if (status == DFL_OK) {
        *out = r.yaml;
    } else {
        dfl__yaml_free(&r.yaml);
    }
    DFL__VEC_FREE(&r.alloc, &r.lines);
    dfl__buf_free(&r.scratch);
    return status;
}

void dfl__yaml_free(dfl__yaml *yaml) {
    dfl__free(&yaml->arena.alloc, yaml->nodes, yaml->cap * sizeof *yaml->nodes);
    yaml->nodes = NULL;
    yaml->count = yaml->cap = 0;
    dfl__arena_free(&yaml->arena);
}

uint32_t dfl__yaml_get(const dfl__yaml *yaml, uint32_t map, const char *key) {
    const dfl__yaml_node *nodes = yaml->nodes;
    if (map >= yaml->count || nodes[map].kind != DFL__YAML_MAP) return 0;
    for (uint32_t at = nodes[map].count > 0 ? map + 1 : 0; at != 0;
         at = nodes[nodes[at].next].next) {
        if (dfl__eqz(nodes[at].text, key)) return nodes[at].next;
    }
    return 0;
}

int dfl__yaml_is_null(const dfl__yaml_node *node) {
    return node->kind == DFL__YAML_TEXT && node->plain &&
           (node->text.len == 0 || dfl__eqz(node->text, "~") || dfl__ieqz(node->text, "null"));
}
