/* test_graph.c -- the stage graph in its forms.
 * Relies on cmocka and the model.
 * Never checks how references resolve: that is the model's test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "print/print_support.h"

static void expect_graph(const char *source, const char *target, uint32_t format,
                         const char *want) {
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf);
    dfl_doc *doc = doc_of(source, strlen(source));
    dfl_model *model = model_of(doc);
    uint32_t stage = dfl_model_stage_find(model, dfl__str(target));
    assert_int_equal(dfl_print_graph(model, stage, format, &sink), DFL_OK);
    expect_text(&buf, want);
    dfl__buf_free(&buf);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

static const char stages[] = "ARG BASE=alpine\n"
                             "FROM golang:1.22 AS build\n"
                             "RUN --mount=type=bind,from=tools,target=/t true\n"
                             "FROM build AS test\n"
                             "FROM ${BASE}:3.20\n"
                             "COPY --from=build /a /a\n"
                             "COPY --from=build /b /b\n"
                             "COPY --from=golang:1.22 /c /c\n";

static void as_json(void **state) {
    (void)state;
    expect_graph(stages, "", DFL_GRAPH_JSON,
                 "{\"schema_version\":1,\"stages\":["
                 "{\"name\":\"build\",\"index\":0,\"base\":\"golang:1.22\",\"reachable\":true,"
                 "\"needed\":\"yes\",\"base_known\":true,\"base_stage\":null,\"context\":false,"
                 "\"level\":0,\"range\":{\"start\":16,\"end\":89},\"line\":2},"
                 "{\"name\":\"test\",\"index\":1,\"base\":\"build\",\"reachable\":false,"
                 "\"needed\":\"no\",\"base_known\":true,\"base_stage\":0,\"context\":false,"
                 "\"level\":null,\"range\":{\"start\":90,\"end\":108},\"line\":4},"
                 "{\"name\":null,\"index\":2,\"base\":\"alpine:3.20\",\"reachable\":true,"
                 "\"needed\":\"yes\",\"base_known\":true,\"base_stage\":null,\"context\":false,"
                 "\"level\":1,\"range\":{\"start\":109,\"end\":204},\"line\":5}"
                 "],\"edges\":["
                 "{\"from\":\"golang:1.22\",\"to\":0,\"kind\":\"from\",\"known\":true,"
                 "\"possible\":[],\"cyclic\":false,\"flags\":[],\"range\":{\"start\":21,"
                 "\"end\":32},\"line\":2},"
                 "{\"from\":\"tools\",\"to\":0,\"kind\":\"mount\",\"known\":true,\"possible\":[],"
                 "\"cyclic\":false,\"flags\":[],\"range\":{\"start\":69,\"end\":74},\"line\":3},"
                 "{\"from\":0,\"to\":1,\"kind\":\"from\",\"known\":true,\"possible\":[0],"
                 "\"cyclic\":false,\"flags\":[],\"range\":{\"start\":95,\"end\":100},\"line\":4},"
                 "{\"from\":\"alpine:3.20\",\"to\":2,\"kind\":\"from\",\"known\":true,"
                 "\"possible\":[],\"cyclic\":false,\"flags\":[],\"range\":{\"start\":114,"
                 "\"end\":126},\"line\":5},"
                 "{\"from\":0,\"to\":2,\"kind\":\"copy\",\"known\":true,\"possible\":[0],"
                 "\"cyclic\":false,\"flags\":[],\"range\":{\"start\":139,\"end\":144},\"line\":6},"
                 "{\"from\":0,\"to\":2,\"kind\":\"copy\",\"known\":true,\"possible\":[0],"
                 "\"cyclic\":false,\"flags\":[],\"range\":{\"start\":163,\"end\":168},\"line\":7},"
                 "{\"from\":\"golang:1.22\",\"to\":2,\"kind\":\"copy\",\"known\":true,"
                 "\"possible\":[],\"cyclic\":false,\"flags\":[],\"range\":{\"start\":187,"
                 "\"end\":198},\"line\":8}"
                 "],\"target\":2,\"order\":[0,2],\"cycles\":[]}\n");
}

static void as_text(void **state) {
    (void)state;
    expect_graph(stages, "", DFL_GRAPH_TEXT,
                 "stage 2 (target)\n"
                 "├─ from   alpine:3.20\n"
                 "├─ copy   stage 0 \"build\"\n"
                 "│  ├─ from   golang:1.22\n"
                 "│  └─ mount  tools\n"
                 "└─ copy   golang:1.22\n"
                 "\n"
                 "stage 1 \"test\" (unreachable)\n"
                 "└─ from   stage 0 \"build\" (above)\n");
    expect_graph(stages, "test", DFL_GRAPH_TEXT,
                 "stage 1 \"test\" (target)\n"
                 "└─ from   stage 0 \"build\"\n"
                 "   ├─ from   golang:1.22\n"
                 "   └─ mount  tools\n"
                 "\n"
                 "stage 2 (unreachable)\n"
                 "├─ from   alpine:3.20\n"
                 "├─ copy   stage 0 \"build\" (above)\n"
                 "└─ copy   golang:1.22\n");
}

static void as_dot(void **state) {
    (void)state;
    expect_graph(stages, "", DFL_GRAPH_DOT,
                 "digraph dockerfile {\n"
                 "    rankdir=LR;\n"
                 "    node [shape=box];\n"
                 "    s0 [label=\"build\"];\n"
                 "    s1 [label=\"test (unreachable)\", color=gray, fontcolor=gray];\n"
                 "    s2 [label=\"stage 2\", penwidth=2];\n"
                 "    i0 [label=\"alpine:3.20\", style=dashed];\n"
                 "    i1 [label=\"golang:1.22\", style=dashed];\n"
                 "    i2 [label=\"tools\", style=dashed];\n"
                 "    i1 -> s0;\n"
                 "    i2 -> s0 [label=mount, style=dotted];\n"
                 "    s0 -> s1;\n"
                 "    i0 -> s2;\n"
                 "    s0 -> s2 [label=copy, style=dashed];\n"
                 "    i1 -> s2 [label=copy, style=dashed];\n"
                 "}\n");
}

static void as_mermaid(void **state) {
    (void)state;
    expect_graph(stages, "", DFL_GRAPH_MERMAID,
                 "flowchart LR\n"
                 "    s0[\"build\"]\n"
                 "    s1[\"test (unreachable)\"]:::unreachable\n"
                 "    s2[\"stage 2\"]:::target\n"
                 "    i0([\"alpine:3.20\"]):::image\n"
                 "    i1([\"golang:1.22\"]):::image\n"
                 "    i2([\"tools\"]):::image\n"
                 "    i1 --> s0\n"
                 "    i2 -. mount .-> s0\n"
                 "    s0 --> s1\n"
                 "    i0 --> s2\n"
                 "    s0 -. copy .-> s2\n"
                 "    i1 -. copy .-> s2\n"
                 "    classDef target stroke-width:3px\n"
                 "    classDef unreachable color:#888,stroke:#bbb\n"
                 "    classDef image stroke-dasharray:5 5\n");
}

static void no_name_ends_a_string(void **state) {
    (void)state;
    static const char odd[] = "FROM a\"b\nRUN --mount=from=\\\\q#`<&>\x01\xff,target=/z x\n";
    expect_graph(odd, "", DFL_GRAPH_DOT,
                 "digraph dockerfile {\n"
                 "    rankdir=LR;\n"
                 "    node [shape=box];\n"
                 "    s0 [label=\"stage 0\", penwidth=2];\n"
                 "    i0 [label=\"\\\\q#`<&>\xEF\xBF\xBD\xC3\xBF\", style=dashed];\n"
                 "    i1 [label=\"a\\\"b\", style=dashed];\n"
                 "    i1 -> s0;\n"
                 "    i0 -> s0 [label=mount, style=dotted];\n"
                 "}\n");
    expect_graph(odd, "", DFL_GRAPH_MERMAID,
                 "flowchart LR\n"
                 "    s0[\"stage 0\"]:::target\n"
                 "    i0([\"#92;q#35;#96;#lt;#amp;#gt;\xEF\xBF\xBD\xC3\xBF\"]):::image\n"
                 "    i1([\"a#quot;b\"]):::image\n"
                 "    i1 --> s0\n"
                 "    i0 -. mount .-> s0\n"
                 "    classDef target stroke-width:3px\n"
                 "    classDef unreachable color:#888,stroke:#bbb\n"
                 "    classDef image stroke-dasharray:5 5\n");
    expect_graph(odd, "", DFL_GRAPH_TEXT,
                 "stage 0 (target)\n"
                 "├─ from   a\"b (unknown)\n"
                 "└─ mount  \\q#`<&>\\x01\xC3\xBF\n");
}

static void what_cannot_be_built_is_marked(void **state) {
    (void)state;
    static const char cyclic[] = "FROM a AS one\n"
                                 "COPY --from=two /x /x\n"
                                 "COPY --from=one /x /x\n"
                                 "FROM b AS two\n"
                                 "COPY --from=one /y /y\n";
    expect_graph(cyclic, "", DFL_GRAPH_TEXT,
                 "stage 1 \"two\" (target)\n"
                 "├─ from   b\n"
                 "└─ copy   stage 0 \"one\"\n"
                 "   ├─ from   a\n"
                 "   ├─ copy   stage 1 \"two\" (defined later)\n"
                 "   └─ copy   stage 0 \"one\" (itself)\n");
    expect_graph(cyclic, "one", DFL_GRAPH_TEXT,
                 "stage 0 \"one\" (target)\n"
                 "├─ from   a\n"
                 "├─ copy   stage 1 \"two\" (defined later)\n"
                 "└─ copy   stage 0 \"one\" (itself)\n"
                 "\n"
                 "stage 1 \"two\"\n"
                 "├─ from   b\n"
                 "└─ copy   stage 0 \"one\" (above)\n");
    expect_graph("FROM a AS x\nCOPY --from=x a b\n", "", DFL_GRAPH_DOT,
                 "digraph dockerfile {\n"
                 "    rankdir=LR;\n"
                 "    node [shape=box];\n"
                 "    s0 [label=\"x\", penwidth=2];\n"
                 "    i0 [label=\"a\", style=dashed];\n"
                 "    i0 -> s0;\n"
                 "    s0 -> s0 [label=invalid, color=red];\n"
                 "}\n");
}

static void a_file_without_stages(void **state) {
    (void)state;
    expect_graph("# nothing\n", "", DFL_GRAPH_TEXT, "no stages\n");
    expect_graph("ARG A\n", "", DFL_GRAPH_JSON,
                 "{\"schema_version\":1,\"stages\":[],\"edges\":[],\"target\":null,\"order\":[],"
                 "\"cycles\":[]}\n");
}

/* What thousands of unknown references may mean is not listed: all may be needed. */
static void too_much_is_possible(void **state) {
    (void)state;
    enum { STAGES = 4000 };
    dfl__buf source, buf;
    dfl__buf_init(&source, NULL, 0);
    dfl__buf_addz(&source, "ARG X\nFROM a AS s0\n");
    for (uint32_t i = 1; i < STAGES; i++)
        dfl__buf_fmt(&source, "FROM ${X} AS s%u\n", i);
    dfl_sink sink = capture_to(&buf);
    dfl_doc *doc = doc_of(source.ptr, source.len);
    dfl_model *model = model_of(doc);
    assert_int_equal(dfl_print_graph(model, 1, DFL_GRAPH_JSON, &sink), DFL_OK);
    dfl_str text = dfl__buf_str(&buf);
    assert_int_equal(dfl__find_str(text, "\"needed\":\"no\""), text.len);
    assert_true(dfl__find_str(text, "\"needed\":\"perhaps\"") < text.len);
    assert_true(dfl__find_str(text, "\"known\":false,\"possible\":null") < text.len);
    assert_true(dfl__find_str(text, "\"known\":true,\"possible\":[]") < text.len);
    dfl__buf_free(&buf);
    dfl__buf_free(&source);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

static void named_contexts_are_shown(void **state) {
    (void)state;
    const dfl_binding contexts[] = {{DFL__LIT("a"), DFL__LIT("./a")},
                                    {DFL__LIT("tools"), DFL__LIT("./tools")}};
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_model *model = NULL;
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf);
    static const char source[] = "FROM alpine AS a\nFROM a\nCOPY --from=tools / /\n";
    dfl_doc *doc = doc_of(source, sizeof source - 1);
    options.contexts = contexts;
    options.contexts_count = COUNT(contexts);
    assert_int_equal(dfl_model_new(doc, &options, &model), DFL_OK);
    assert_int_equal(dfl_print_graph(model, 1, DFL_GRAPH_TEXT, &sink), DFL_OK);
    expect_text(&buf, "stage 1 (target)\n"
                      "├─ from   stage 0 \"a\" (named context)\n"
                      "│  └─ from   alpine\n"
                      "└─ copy   tools (named context)\n");
    dfl__buf_free(&buf);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

/* A chain is deeper than one tree may be: it goes on in the next one, and output stays linear. */
static void a_long_chain_is_drawn_whole(void **state) {
    (void)state;
    enum { STAGES = 9000 };
    dfl__buf source, buf;
    dfl__buf_init(&source, NULL, 0);
    dfl__buf_addz(&source, "FROM a AS s0\n");
    for (uint32_t i = 1; i < STAGES; i++)
        dfl__buf_fmt(&source, "FROM s%u AS s%u\n", i - 1, i);
    dfl_sink sink = capture_to(&buf);
    dfl_doc *doc = doc_of(source.ptr, source.len);
    dfl_model *model = model_of(doc);
    assert_int_equal(dfl_print_graph(model, STAGES - 1, DFL_GRAPH_TEXT, &sink), DFL_OK);
    size_t lines = 0, below = 0;
    for (size_t i = 0; i < buf.len; i++) {
        lines += buf.ptr[i] == '\n';
        below += buf.len - i > 7 && memcmp(buf.ptr + i, "(below)", 7) == 0;
    }
    assert_true(below > 0);
    assert_int_equal(lines,
                     STAGES + 1 + 2 * below); /* its image; a blank line and a root a piece */
    assert_true(buf.len < (size_t)STAGES * 256);
    dfl__buf_free(&buf);
    dfl__buf_free(&source);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

static void many_images_are_told_apart(void **state) {
    (void)state;
    dfl__buf source, buf;
    dfl__buf_init(&source, NULL, 0);
    dfl__buf_addz(&source, "FROM scratch\n");
    for (uint32_t i = 0; i < 700; i++)
        dfl__buf_fmt(&source, "COPY --from=image%u /a /b\n", i * 7919 % 100);
    dfl_sink sink = capture_to(&buf);
    dfl_doc *doc = doc_of(source.ptr, source.len);
    dfl_model *model = model_of(doc);
    assert_int_equal(dfl_print_graph(model, 0, DFL_GRAPH_DOT, &sink), DFL_OK);
    size_t images = 0, edges = 0;
    for (size_t i = 0; i + 12 < buf.len; i++) {
        images += memcmp(buf.ptr + i, "[label=\"imag", 12) == 0;
        edges += memcmp(buf.ptr + i, " -> s0 [labe", 12) == 0;
    }
    assert_int_equal(images, 100);
    assert_int_equal(edges, 100);
    dfl__buf_free(&buf);
    dfl__buf_free(&source);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

/* The C library's memory, of which the n-th piece is refused. */
typedef struct {
    unsigned left;
    size_t held;
} scarce;

static void *scarce_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    scarce *s = ctx;
    if (new_size > old_size) {
        if (s->left == 0) return NULL;
        s->left--;
    }
    s->held += new_size - old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

static void without_memory(void **state) {
    (void)state;
    scarce memory = {UINT32_MAX, 0};
    dfl_alloc alloc = {scarce_resize, &memory};
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    options.alloc = &alloc;
    dfl_doc *doc = doc_of(stages, sizeof stages - 1);
    dfl_model *model = NULL;
    assert_int_equal(dfl_model_new(doc, &options, &model), DFL_OK);
    size_t held = memory.held;
    for (uint32_t format = DFL_GRAPH_TEXT; format <= DFL_GRAPH_SVG; format++) {
        dfl_status status = DFL_E_NOMEM;
        for (unsigned n = 0; status == DFL_E_NOMEM; n++) {
            dfl__buf buf;
            dfl_sink sink = capture_to(&buf);
            memory.left = n;
            status = dfl_print_graph(model, 0, format, &sink);
            assert_int_equal(memory.held, held);
            assert_true(n < 100);
            if (n == 0) assert_int_equal(status, DFL_E_NOMEM);
            if (status != DFL_OK) assert_int_equal(buf.len, 0);
            dfl__buf_free(&buf);
        }
        assert_int_equal(status, DFL_OK);
    }
    dfl_model_free(model);
    assert_int_equal(memory.held, 0);
    dfl_doc_unref(doc);
}

static void bad_arguments(void **state) {
    (void)state;
    dfl__buf buf;
    dfl_sink sink = capture_to(&buf), broken = {refuse, NULL};
    dfl_doc *doc = doc_of("FROM a\n", 7);
    dfl_model *model = model_of(doc);
    assert_int_equal(dfl_print_graph(NULL, 0, DFL_GRAPH_TEXT, &sink), DFL_E_ARG);
    assert_int_equal(dfl_print_graph(model, 0, DFL_GRAPH_TEXT, NULL), DFL_E_ARG);
    assert_int_equal(dfl_print_graph(model, 0, 0, &sink), DFL_E_ARG);
    assert_int_equal(dfl_print_graph(model, 0, 6, &sink), DFL_E_ARG);
    assert_int_equal(dfl_print_graph(model, 1, DFL_GRAPH_TEXT, &sink), DFL_E_ARG);
    assert_int_equal(buf.len, 0);
    for (uint32_t format = DFL_GRAPH_TEXT; format <= DFL_GRAPH_SVG; format++)
        assert_int_equal(dfl_print_graph(model, 0, format, &broken), DFL_E_IO);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_json),
        cmocka_unit_test(as_text),
        cmocka_unit_test(as_dot),
        cmocka_unit_test(as_mermaid),
        cmocka_unit_test(no_name_ends_a_string),
        cmocka_unit_test(what_cannot_be_built_is_marked),
        cmocka_unit_test(a_file_without_stages),
        cmocka_unit_test(too_much_is_possible),
        cmocka_unit_test(named_contexts_are_shown),
        cmocka_unit_test(a_long_chain_is_drawn_whole),
        cmocka_unit_test(many_images_are_told_apart),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(bad_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
