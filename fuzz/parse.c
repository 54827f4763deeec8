/* parse.c -- any bytes: a lossless, sound tree within the memory foretold, a model, every printer.
 * Relies on fuzz.h, and on tree.h for what a document keeps.
 * Never expects a file to be valid. */
#include <stdlib.h>
#include <string.h>

#include "diag/codes.h"
#include "fuzz.h"
#include "syntax/tree.h"

enum { MAX_POSITIONS = 512 };

static void check_nodes(const dfl_doc *doc) {
    size_t count = 0, len = dfl_doc_source(doc).len;
    dfl_doc_nodes(doc, &count);
    REQUIRE(count > 0 && dfl_node_kind(dfl_doc_root(doc)) == DFL_NODE_FILE);
    for (uint32_t i = 0; i < count; i++) {
        dfl_node node = dfl_doc_node(doc, i);
        dfl_range range = dfl_node_range(node);
        dfl_str value = dfl_node_value(node), text = dfl_node_text(node);
        REQUIRE(range.start <= range.end && range.end <= len);
        REQUIRE(text.len == range.end - range.start && value.ptr != NULL);
        for (uint32_t at = 0; at <= value.len; at += 1 + (uint32_t)value.len / 8) {
            uint32_t offset = dfl_node_source_offset(node, at);
            REQUIRE(offset >= range.start && offset <= range.end);
        }
        REQUIRE(dfl_node_kind_name(dfl_node_kind(node))[0] != '\0');
    }
    REQUIRE(dfl_node_is_null(dfl_doc_node(doc, (uint32_t)count)));
}

/* Every start of a code point comes back from its position, in each unit. */
static void check_positions(const dfl_doc *doc) {
    dfl_str source = dfl_doc_source(doc);
    unsigned width = 1;
    for (size_t i = 0; i < source.len && i < MAX_POSITIONS; i += width) {
        uint32_t at = (uint32_t)i;
        dfl_pos pos = dfl_doc_pos(doc, at);
        REQUIRE(dfl_doc_offset(doc, pos.line, pos.byte, 1) == at);
        REQUIRE(dfl_doc_offset(doc, pos.line, pos.utf8, 2) == at);
        REQUIRE(dfl_doc_offset(doc, pos.line, pos.utf16, 3) == at);
        REQUIRE(!dfl_node_is_null(dfl_doc_node_at(doc, at)));
        dfl__rune(source, i, &width);
    }
}

static void check_diags(const dfl_doc *doc) {
    size_t errors = 0;
    for (size_t i = 0; i < dfl_doc_diag_count(doc); i++) {
        dfl_diag d = {.size = sizeof(d)};
        REQUIRE(dfl_doc_diag(doc, i, &d) == DFL_OK);
        REQUIRE(d.range.start <= d.range.end && d.range.end <= dfl_doc_source(doc).len);
        REQUIRE(d.message.len > 0 && strcmp(d.name, dfl_diag_name(d.code)) == 0);
        errors += d.severity == DFL_SEVERITY_ERROR;
    }
    REQUIRE(errors <= dfl_doc_error_count(doc));
}

/* What dfl_parse_bound adds up: so much for a byte of source, whatever the bytes are. */
static void check_ceilings(const dfl_doc *doc) {
    size_t len = doc->source.len, diags = doc->diags.count;
    REQUIRE(doc->tokens.count <= len);
    REQUIRE(2 * (size_t)doc->nodes.count <= 3 * len + 4);
    REQUIRE(doc->value_index.count <= len + 1);
    REQUIRE(doc->values.len <= 7 * len);
    REQUIRE(doc->lines.count <= len + 1);
    REQUIRE(diags <= len / 2 + 4);
    REQUIRE(doc->messages.len <= diags * DFL__MESSAGE_MAX + 6 * len);
}

typedef struct {
    dfl_pool pool;
    size_t asked;
} counting;

static void *count_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    counting *c = ctx;
    c->asked += new_size;
    return c->pool.base.resize(&c->pool, ptr, old_size, new_size);
}

/* A pool of dfl_parse_bound bytes is enough, even if nothing came back to it. */
static void check_bound(dfl_str source) {
    counting c = {.asked = 0};
    const dfl_alloc alloc = {count_resize, &c};
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *doc = NULL;
    size_t bound = dfl_parse_bound(source.len, NULL);
    void *buffer = malloc(bound);
    REQUIRE(buffer != NULL && dfl_pool_init(&c.pool, buffer, bound) == DFL_OK);
    options.alloc = &alloc;
    REQUIRE(dfl_parse(source.ptr, source.len, &options, &doc) == DFL_OK);
    REQUIRE(c.asked <= bound);
    check_ceilings(doc);
    dfl_doc_unref(doc);
    free(buffer);
}

static void check_model(const dfl_doc *doc) {
    dfl_model *model = NULL;
    size_t printed = 0;
    dfl_sink sink = {fuzz_count, &printed};
    REQUIRE(dfl_model_new(doc, NULL, &model) == DFL_OK);
    REQUIRE(dfl_print_sexp(doc, &sink) == DFL_OK && printed > 0);
    REQUIRE(dfl_print_json(model, &sink) == DFL_OK);
    uint32_t target = dfl_model_stage_find(model, (dfl_str){"", 0});
    for (uint32_t format = DFL_GRAPH_TEXT; format <= DFL_GRAPH_SVG; format++)
        REQUIRE(dfl_print_graph(model, target, format, &sink) == DFL_OK);
    dfl_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dfl_doc *doc = fuzz_parse((dfl_str){(const char *)data, size});
    check_nodes(doc);
    check_positions(doc);
    check_diags(doc);
    check_model(doc);
    check_bound(dfl_doc_source(doc));
    dfl_doc_unref(doc);
    return 0;
}
