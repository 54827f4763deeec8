/* test_graph.c -- what stages need: numbers, cycles, order, levels, contexts, what may be.
 * Relies on cmocka and the public graph.h.
 * Never asks BuildKit itself: that is tests/conformance. */
#include <stdio.h>

#include "model/models.h"

static dfl_edge edge_of(const dfl_model *model, size_t index) {
    dfl_edge edge = {.size = sizeof edge};
    assert_int_equal(dfl_model_edge(model, index, &edge), DFL_OK);
    return edge;
}

/* Edges as "stage>target" or "stage>image", with the letter of their kind before. */
static void check_edges(const dfl_model *model, const char *want) {
    static const char kinds[] = "?fcm";
    dfl__buf got;
    dfl__buf_init(&got, NULL, 0);
    for (size_t i = 0; i < dfl_model_edge_count(model); i++) {
        dfl_edge e = edge_of(model, i);
        dfl__buf_fmt(&got, "%c%u>", kinds[e.kind], e.stage);
        if (e.target == DFL_NO_STAGE)
            dfl__buf_add(&got, e.image);
        else
            dfl__buf_addu(&got, e.target);
        dfl__buf_addc(&got, ' ');
    }
    assert_text(dfl__buf_str(&got), want);
    dfl__buf_free(&got);
}

static void check_verdict(const dfl_model *model, const char *name) {
    dfl_diag diag = {.size = sizeof diag};
    size_t index = 0;
    assert_int_equal(dfl_model_verdict(model, DFL_NO_STAGE, &index), DFL_OK);
    if (index != SIZE_MAX) assert_int_equal(dfl_model_diag(model, index, &diag), DFL_OK);
    assert_string_equal(index == SIZE_MAX ? "" : diag.name, name);
}

/* COPY --from=NUMBER counts what BuildKit has listed so far: stages, then each source that is none.
 */
static void numbers_count_pseudo_stages(void **state) {
    (void)state;
    dfl_model *model =
        model_of("FROM a\nRUN --mount=type=cache,target=/x y\nCOPY --from=img /a /b\n"
                 "COPY --from=1 /a /b\nCOPY --from=2 /a /b\nCOPY --from=+00 /a /b\n");
    check_edges(model, "f0>a c0>img c0>img c0>0 ");
    check_verdict(model, "cycle"); /* the last one is the stage itself */
    dfl_model_free(model);
    model = model_of("FROM a\nCOPY --from=1 /a /b\nRUN --mount=type=cache,target=/x y\n");
    check_verdict(model, "stage-index");
    dfl_model_free(model);
    model = model_of("FROM a\nCOPY --from=99999999999999999999 /a /b\n"); /* too large: a name */
    check_edges(model, "f0>a c0>99999999999999999999 ");
    dfl_model_free(model);
}

static void a_mount_without_source_means_scratch(void **state) {
    (void)state;
    dfl_model *model = model_of("FROM a AS scratch\nFROM b\nRUN --mount=type=cache,target=/x y\n");
    check_edges(model, "f0>a f1>b m1>0 ");
    assert_int_equal(edge_of(model, 2).flags, DFL_EDGE_F_IMPLICIT);
    dfl_model_free(model);
}

static void cycles_are_found_with_their_edges(void **state) {
    uint32_t edges[8];
    size_t count = 0;
    (void)state;
    dfl_model *model =
        model_of("FROM a AS x\nCOPY --from=y /a /b\nFROM a AS y\nCOPY --from=z /a /b\n"
                 "FROM a AS z\nCOPY --from=y /a /b\nCOPY --from=x /a /b\n"
                 "FROM a AS w\nRUN --mount=from=w,target=/t x\n");
    assert_int_equal(dfl_model_cycle_count(model), 2);
    assert_int_equal(dfl_model_cycle(model, 0, edges, COUNT(edges), &count), DFL_OK);
    assert_int_equal(count, 3); /* x needs y needs z needs x */
    for (size_t i = 0; i < count; i++) {
        dfl_edge edge = edge_of(model, edges[i]), next = edge_of(model, edges[(i + 1) % count]);
        assert_int_equal(edge.target, next.stage);
        assert_true((edge.flags & DFL_EDGE_F_CYCLE) != 0);
    }
    assert_int_equal(edge_of(model, edges[0]).stage, 0);
    assert_int_equal(dfl_model_cycle(model, 1, edges, 0, &count), DFL_OK);
    assert_int_equal(count, 1);
    assert_int_equal(dfl_model_cycle(model, 2, edges, 0, &count), DFL_E_ARG);
    check_verdict(model, "cycle");
    dfl_model_free(model);
}

/* Stages that need one another are told of once, by the shortest cycle of the first one. */
static void a_group_has_one_cycle(void **state) {
    uint32_t edges[4];
    size_t count = 0;
    (void)state;
    dfl_model *model = model_of("FROM a AS w\nCOPY --from=x / /\nFROM a AS x\nCOPY --from=w / /\n"
                                "COPY --from=y / /\nFROM a AS y\nCOPY --from=z / /\n"
                                "FROM a AS z\nCOPY --from=y / /\nCOPY --from=w / /\n");
    assert_int_equal(dfl_model_cycle_count(model), 1);
    assert_int_equal(dfl_model_cycle(model, 0, edges, COUNT(edges), &count), DFL_OK);
    assert_int_equal(count, 2);
    dfl_model_free(model);
}

/* Edges that triggers add stand before those of the cycle. */
static void cycles_beside_triggers(void **state) {
    uint32_t edge = 0;
    size_t count = 0;
    (void)state;
    dfl_model *model = model_of("FROM a AS s\nONBUILD COPY --from=img /x /y\n"
                                "FROM s AS t\nCOPY --from=t / /\n");
    check_edges(model, "f0>a f1>0 c1>img c1>1 ");
    assert_int_equal(dfl_model_cycle(model, 0, &edge, 1, &count), DFL_OK);
    assert_int_equal(count, 1);
    assert_int_equal(edge, 3);
    dfl_model_free(model);
}

/* Where very many references are not known, each may mean any earlier stage with a name. */
static void too_many_unknown_bases(void **state) {
    enum { OTHERS = 300, MOST = 400 };
    static const struct {
        uint32_t unknown;
        uint8_t need;
    } cases[] = {{4, DFL_NEED_NO}, {MOST, DFL_NEED_PERHAPS}};
    uint8_t needs[OTHERS + MOST + 1];
    (void)state;
    for (size_t c = 0; c < COUNT(cases); c++) {
        dfl__buf text;
        dfl__buf_init(&text, NULL, 0);
        dfl__buf_addz(&text, "ARG X\n");
        for (uint32_t i = 0; i < OTHERS; i++)
            dfl__buf_fmt(&text, "FROM a AS q%u\n", i);
        for (uint32_t i = 0; i < cases[c].unknown; i++)
            dfl__buf_fmt(&text, "FROM z$X AS s%u\n", i);
        dfl__buf_addz(&text, "FROM a\n");
        for (uint32_t i = 0; i < cases[c].unknown; i++)
            dfl__buf_fmt(&text, "COPY --from=s%u / /\n", i);
        dfl__buf_addc(&text, '\0');
        dfl_model *model = model_of(text.ptr);
        uint32_t count = OTHERS + cases[c].unknown + 1;
        assert_int_equal(dfl_model_needs(model, count - 1, needs, count), DFL_OK);
        for (uint32_t i = 0; i < OTHERS; i++)
            assert_int_equal(needs[i], cases[c].need);
        assert_int_equal(needs[OTHERS], DFL_NEED_YES);
        dfl_model_free(model);
        dfl__buf_free(&text);
    }
}

/* A loop through FROM is no cycle for BuildKit: a stage is used before it is defined. */
static void a_loop_through_from_is_wrong_order(void **state) {
    (void)state;
    dfl_model *model = model_of("FROM s AS a\nCOPY --from=b /x /y\nFROM a AS b\n");
    assert_int_equal(dfl_model_cycle_count(model), 0);
    assert_int_equal(edge_of(model, 1).flags, DFL_EDGE_F_FORWARD);
    check_verdict(model, "stage-order");
    dfl_model_free(model);
    model = model_of("FROM s AS a\nCOPY --from=c /x /y\nFROM t AS b\nFROM t AS c\n");
    check_verdict(model, ""); /* the last stage does not need it */
    dfl_model_free(model);
}

static void check_order(const dfl_model *model, uint32_t target, const char *order,
                        const char *levels) {
    uint32_t list[16], level[16];
    size_t count = 0, stages = dfl_model_stage_count(model);
    dfl__buf got;
    assert_in_range(stages, 1, COUNT(list));
    dfl__buf_init(&got, NULL, 0);
    assert_int_equal(dfl_model_order(model, target, list, &count), DFL_OK);
    for (size_t i = 0; i < count; i++)
        dfl__buf_addu(&got, list[i]);
    assert_text(dfl__buf_str(&got), order);
    got.len = 0;
    assert_int_equal(dfl_model_levels(model, target, level, stages), DFL_OK);
    for (size_t i = 0; i < stages; i++)
        if (level[i] == DFL_NO_LEVEL)
            dfl__buf_addc(&got, '-');
        else
            dfl__buf_addu(&got, level[i]);
    assert_text(dfl__buf_str(&got), levels);
    dfl__buf_free(&got);
}

static void order_and_levels(void **state) {
    uint32_t list[2];
    size_t count;
    (void)state;
    dfl_model *model = model_of("FROM a AS base\nFROM base AS x\nFROM a AS y\nFROM a AS unused\n"
                                "FROM base AS z\nCOPY --from=x /a /b\nCOPY --from=y /a /b\n");
    check_order(model, 4,
                "01"
                "2"
                "4",
                "010-2");
    check_order(model, 3, "3", "---0-");
    assert_int_equal(dfl_model_order(model, 5, list, &count), DFL_E_ARG);
    dfl_model_free(model);
    /* a forward edge: the stage it leads to comes first; those on a cycle are left out */
    model =
        model_of("FROM a AS x\nCOPY --from=y /a /b\nFROM a AS y\nFROM a AS p\nCOPY --from=q / /\n"
                 "FROM a AS q\nCOPY --from=p / /\nFROM x\nCOPY --from=q / /\n");
    check_order(model, 0, "10", "10---");
    check_order(model, 4, "10", "10---");
    dfl_model_free(model);
}

/* --- what is not given */

static void check_targets(const dfl_model *model, size_t edge, const char *want, int image) {
    uint32_t stages[8];
    size_t count = 0;
    int32_t may_be_image = -1;
    dfl__buf got;
    dfl__buf_init(&got, NULL, 0);
    assert_int_equal(
        dfl_model_edge_targets(model, edge, stages, COUNT(stages), &count, &may_be_image), DFL_OK);
    for (size_t i = 0; i < count; i++)
        dfl__buf_addu(&got, stages[i]);
    assert_text(dfl__buf_str(&got), want);
    assert_int_equal(may_be_image, image);
    dfl__buf_free(&got);
}

static void unknown_bases_have_candidates(void **state) {
    uint8_t needs[7];
    (void)state;
    dfl_model *model =
        model_of("ARG V\nARG W\nFROM a AS base-dev\nFROM a AS base-prod\nFROM a AS other\n"
                 "FROM base-$V AS x\nFROM $W AS y\nFROM a AS z\nFROM base-${V:-dev}x\n"
                 "COPY --from=y / /\n");
    check_targets(model, 0, "", 1);
    check_targets(model, 3, "10", 1);
    check_targets(model, 4, "3210", 1);
    check_targets(model, 6, "", 1);
    check_targets(model, 7, "4", 0);
    assert_int_equal(dfl_model_needs(model, 6, needs, 7), DFL_OK);
    assert_memory_equal(needs, "\2\2\2\2\1\0\1", 7);
    assert_int_equal(dfl_model_reachable(model, 6, needs, 7), DFL_OK);
    assert_memory_equal(needs, "\0\0\0\0\1\0\1", 7);
    dfl_model_free(model);
}

/* --- named contexts */

static void contexts_replace_stages_and_images(void **state) {
    const dfl_binding contexts[] = {{{"dev", 3}, {"docker-image://ctx", 18}},
                                    {{"alpine", 6}, {"local:x", 7}},
                                    {{"img::linux/arm64", 16}, {"local:y", 7}}};
    dfl_model_options options = closed();
    (void)state;
    options.contexts = contexts;
    options.contexts_count = COUNT(contexts);
    dfl_model *model = model_under("FROM a AS dev\nRUN --mount=type=nosuch x\nFROM alpine:latest\n"
                                   "COPY --from=dev / /\nFROM --platform=linux/arm64 img\n"
                                   "COPY --from=img / /\nCOPY --from=alpine:3 / /\n",
                                   &options);
    assert_int_equal(edge_of(model, 0).flags, DFL_EDGE_F_CONTEXT);
    assert_int_equal(edge_of(model, 1).flags, DFL_EDGE_F_CONTEXT);
    assert_int_equal(edge_of(model, 2).flags, 0);
    assert_int_equal(edge_of(model, 3).flags, DFL_EDGE_F_CONTEXT);
    assert_int_equal(edge_of(model, 4).flags, 0); /* for linux/amd64 */
    assert_int_equal(edge_of(model, 5).flags, 0);
    assert_int_equal(dfl_model_diag_count(model), 0); /* the instructions of dev do not run */
    dfl_model_free(model);
}

static void triggers_add_edges(void **state) {
    dfl_edge edge;
    (void)state;
    dfl_model *model = model_of("FROM a AS src\nFROM b AS p\nONBUILD COPY --from=src / /\n"
                                "FROM p AS q\nFROM q\n");
    check_edges(model, "f0>a f1>b f2>1 c2>0 f3>2 ");
    edge = edge_of(model, 3);
    assert_int_equal(edge.flags, DFL_EDGE_F_TRIGGER);
    assert_text(source_of(model, edge.range), "FROM p AS q");
    dfl_model_free(model);
}

/* BuildKit builds what the triggers of an image name, though it never runs them. */
static void images_copied_from_have_triggers(void **state) {
    const dfl_str trigger = {"COPY --from=s / /", 17};
    const dfl_image_config config = {.onbuild = &trigger, .onbuild_count = 1};
    const dfl_base_image base = {{"img", 3}, &config};
    dfl_model_options options = closed();
    uint8_t reachable[2];
    (void)state;
    options.bases = &base;
    options.bases_count = 1;
    dfl_model *model = model_under("FROM a AS s\nFROM scratch\nCOPY --from=img /a /b\n", &options);
    check_edges(model, "f0>a c1>0 c1>img ");
    dfl_edge edge = edge_of(model, 1);
    assert_int_equal(edge.flags, DFL_EDGE_F_INDIRECT | DFL_EDGE_F_AT_ONCE);
    assert_text(source_of(model, edge.range), "img");
    assert_int_equal(dfl_model_reachable(model, 1, reachable, 2), DFL_OK);
    assert_int_equal(reachable[0], 1);
    dfl_model_free(model);
}

static void targets_are_named(void **state) {
    dfl_model_options options = closed();
    dfl_diag diag = {.size = sizeof diag};
    (void)state;
    options.target = dfl__str("BUIDL");
    dfl_model *model = model_under("FROM a AS base\nFROM a AS build\n", &options);
    check_verdict(model, "target-unknown");
    assert_int_equal(dfl_model_diag(model, 0, &diag), DFL_OK);
    assert_text(diag.message, "there is no stage \"BUIDL\"");
    dfl_model_free(model);
    options.target = dfl__str("biuld");
    model = model_under("FROM a AS base\nFROM a AS build\n", &options);
    assert_int_equal(dfl_model_diag(model, 0, &diag), DFL_OK);
    assert_text(diag.message, "there is no stage \"biuld\" (did you mean build?)");
    dfl_model_free(model);
    options.target = dfl__str("BASE");
    model = model_under("FROM a AS base\nFROM Bad AS build\nRUN --mount=type=x y\n", &options);
    check_verdict(model, "ref-bad"); /* references are read in all stages */
    dfl_model_free(model);
}

/* Options and results of programs that were built before members were added. */
static void older_callers_are_served(void **state) {
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_edge edge = {.size = offsetof(dfl_edge, flags), .flags = 77};
    (void)state;
    options.size = offsetof(dfl_model_options, flags);
    options.flags = 99; /* not read */
    dfl_model *model = model_under("FROM a\n", &options);
    assert_int_equal(dfl_model_edge(model, 0, &edge), DFL_OK);
    assert_int_equal(edge.flags, 77);
    edge.size = 3;
    assert_int_equal(dfl_model_edge(model, 0, &edge), DFL_E_ABI);
    dfl_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_count_pseudo_stages),
        cmocka_unit_test(a_mount_without_source_means_scratch),
        cmocka_unit_test(cycles_are_found_with_their_edges),
        cmocka_unit_test(a_group_has_one_cycle),
        cmocka_unit_test(cycles_beside_triggers),
        cmocka_unit_test(too_many_unknown_bases),
        cmocka_unit_test(a_loop_through_from_is_wrong_order),
        cmocka_unit_test(order_and_levels),
        cmocka_unit_test(unknown_bases_have_candidates),
        cmocka_unit_test(contexts_replace_stages_and_images),
        cmocka_unit_test(triggers_add_edges),
        cmocka_unit_test(images_copied_from_have_triggers),
        cmocka_unit_test(targets_are_named),
        cmocka_unit_test(older_callers_are_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
