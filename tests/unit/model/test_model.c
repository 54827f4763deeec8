/* test_model.c -- stages, scopes and graph of whole documents.
 * Relies on cmocka and model/model.h.
 * Never looks at a document's tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dockerfile/dockerfile.h"
#include "model/model.h"

static dfl_model *model_with(const char *text, const dfl_binding *args, uint32_t count) {
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_model *model = NULL;
    dfl_doc *doc = NULL;
    options.args = args;
    options.args_count = count;
    assert_int_equal(dfl_parse(text, strlen(text), NULL, &doc), DFL_OK);
    assert_int_equal(dfl_model_new(doc, &options, &model), DFL_OK);
    dfl_doc_unref(doc); /* the model keeps its own reference */
    return model;
}

static dfl_model *model_of(const char *text) {
    return model_with(text, NULL, 0);
}

static dfl_stage stage_of(const dfl_model *model, size_t index) {
    dfl_stage stage = {.size = sizeof stage};
    assert_int_equal(dfl_model_stage(model, index, &stage), DFL_OK);
    return stage;
}

static dfl_edge edge_of(const dfl_model *model, size_t index) {
    dfl_edge edge = {.size = sizeof edge};
    assert_int_equal(dfl_model_edge(model, index, &edge), DFL_OK);
    return edge;
}

#define assert_text(s, z) assert_true(dfl__eqz((s), (z)))

/* The base of the only stage of `text`, and whether it is known. */
static void check_base(const char *text, const dfl_binding *args, uint32_t count, const char *base,
                       int known) {
    dfl_model *model = model_with(text, args, count);
    dfl_stage stage = stage_of(model, 0);
    assert_text(stage.base, base);
    assert_int_equal(stage.base_known, known);
    dfl_model_free(model);
}

static void bases_expand_against_global_args(void **state) {
    const dfl_binding given[] = {{{"V", 1}, {"9", 1}}};
    (void)state;
    check_base("FROM a:1", NULL, 0, "a:1", 1);
    check_base("ARG V=1\nFROM a:$V", NULL, 0, "a:1", 1);
    check_base("ARG V=1\nARG W=${V}x\nFROM a:${W}", NULL, 0, "a:1x", 1);
    check_base("ARG V=1\nARG V\nFROM a:$V", NULL, 0, "a:1", 1);
    check_base("ARG V=1\nFROM a:$V", given, 1, "a:9", 1);
    check_base("ARG V\nFROM a:$V", given, 1, "a:9", 1);
    check_base("FROM a:$UNDECLARED", NULL, 0, "a:", 1);
    check_base("FROM a:${V:-2}", NULL, 0, "a:2", 1);
}

static void what_is_not_given_is_unknown(void **state) {
    (void)state;
    check_base("ARG V\nFROM a:$V", NULL, 0, "a:$V", 0);
    check_base("ARG V\nARG W=$V\nFROM a:${W}", NULL, 0, "a:${W}", 0);
    check_base("FROM a:$TARGETARCH", NULL, 0, "a:$TARGETARCH", 0);
    check_base("FROM a:${V", NULL, 0, "a:${V", 0);
}

static void stages_have_names_and_ranges(void **state) {
    (void)state;
    dfl_model *model = model_of("ARG X=1\nFROM a AS One\nRUN x\n\nFROM one AS two\nFROM Two\n");
    assert_int_equal(dfl_model_stage_count(model), 3);
    dfl_stage one = stage_of(model, 0), two = stage_of(model, 1), last = stage_of(model, 2);
    assert_text(one.name, "one");
    assert_int_equal(one.range.start, 8);
    assert_int_equal(one.range.end, 27);
    assert_int_equal(two.base_stage, 0);
    assert_int_equal(last.base_stage, DFL_NO_STAGE); /* FROM compares case-sensitively */
    assert_text(last.name, "");
    assert_int_equal(dfl_model_stage_find(model, DFL__LIT("TWO")), 1);
    assert_int_equal(dfl_model_stage_find(model, DFL__LIT("")), 2);
    assert_int_equal(dfl_model_stage_find(model, DFL__LIT("three")), DFL_NO_STAGE);
    assert_int_equal(dfl_model_stage_find(model, DFL__LIT("0")), DFL_NO_STAGE);
    dfl_model_free(model);
}

static void edges_say_what_a_stage_needs(void **state) {
    (void)state;
    dfl_model *model = model_of("FROM a AS x\nFROM x AS y\nCOPY --from=0 /a /b\n"
                                "COPY --from=X /a /b\nCOPY --from=img:1 /a /b\n"
                                "RUN --mount=type=bind,from=x,target=/t --mount=from=0 cmd\n");
    const uint32_t kinds[] = {DFL_EDGE_FROM, DFL_EDGE_FROM,  DFL_EDGE_COPY, DFL_EDGE_COPY,
                              DFL_EDGE_COPY, DFL_EDGE_MOUNT, DFL_EDGE_MOUNT};
    const uint32_t targets[] = {DFL_NO_STAGE, 0, 0, 0, DFL_NO_STAGE, 0, DFL_NO_STAGE};
    assert_int_equal(dfl_model_edge_count(model), 7);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(edge_of(model, i).kind, kinds[i]);
        assert_int_equal(edge_of(model, i).target, targets[i]);
    }
    assert_text(edge_of(model, 0).image, "a");
    assert_text(edge_of(model, 4).image, "img:1");
    assert_text(edge_of(model, 6).image, "0"); /* a mount knows no numbers */
    dfl_model_free(model);
}

/* The range of a reference is the bytes of the reference. */
static void edges_point_at_the_reference(void **state) {
    const char *text = "FROM a AS x\nFROM b\nRUN --mount=type=bind,\\\nfrom=x,target=/t y\n";
    (void)state;
    dfl_model *model = model_of(text);
    dfl_range range = edge_of(model, 2).range;
    assert_int_equal(range.end - range.start, 1);
    assert_memory_equal(text + range.start - 5, "from=x", 6);
    dfl_model_free(model);
}

static void no_edge_where_nothing_is_named(void **state) {
    (void)state;
    dfl_model *model = model_of("FROM scratch\nCOPY --from=7 /a /b\nCOPY --from=-1 /a /b\n"
                                "COPY --from= /a /b\nRUN --mount=type=cache,target=/x y\n");
    assert_int_equal(dfl_model_edge_count(model), 0);
    dfl_model_free(model);
}

static void a_forward_or_own_reference_is_cyclic(void **state) {
    (void)state;
    dfl_model *model = model_of("FROM a AS x\nCOPY --from=y /a /b\nCOPY --from=x /a /b\n"
                                "FROM a AS y\nCOPY --from=x /a /b\n");
    const int cyclic[] = {0, 1, 1, 0, 0};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(edge_of(model, i).cyclic, cyclic[i]);
    dfl_model_free(model);
}

static void reachable_stages_are_those_a_target_needs(void **state) {
    uint8_t seen[4];
    (void)state;
    dfl_model *model = model_of("FROM a AS w\nFROM a AS x\nFROM x AS y\nFROM a AS z\n"
                                "COPY --from=y /a /b\n");
    assert_int_equal(dfl_model_reachable(model, 3, seen, 4), DFL_OK);
    assert_memory_equal(seen, "\0\1\1\1", 4);
    assert_int_equal(dfl_model_reachable(model, 0, seen, 4), DFL_OK);
    assert_memory_equal(seen, "\1\0\0\0", 4);
    assert_int_equal(dfl_model_reachable(model, 4, seen, 4), DFL_E_ARG);
    assert_int_equal(dfl_model_reachable(model, 0, seen, 3), DFL_E_ARG);
    dfl_model_free(model);
}

static void a_node_knows_its_stage(void **state) {
    (void)state;
    dfl_model *model = model_of("ARG A\nFROM a\nRUN x\nFROM b\nRUN y\n");
    const dfl_doc *doc = dfl_model_doc(model);
    uint32_t expected[] = {DFL_NO_STAGE, 0, 0, 1, 1};
    size_t i = 0;
    for (dfl_node n = dfl_node_first(dfl_doc_root(doc)); !dfl_node_is_null(n); n = dfl_node_next(n))
        assert_int_equal(dfl_model_stage_of(model, n), expected[i++]);
    assert_int_equal(i, 5);
    assert_int_equal(dfl_model_stage_of(model, dfl_doc_node(doc, 9999)), DFL_NO_STAGE);
    dfl_model_free(model);
}

/* The scope behind the last instruction of the only stage. */
static void walk(const char *text, dfl__arena *arena, dfl_model **model, dfl__scope *scope) {
    *model = model_of(text);
    dfl__arena_init(arena, NULL);
    dfl__scope_init(scope, *model, arena);
    for (uint32_t i = (*model)->stages.items[0].first; i < (*model)->instrs.count; i++)
        assert_int_equal(dfl__scope_apply(scope, &(*model)->instrs.items[i]), DFL_OK);
}

static void check_variable(const char *text, const char *name, dfl__var state, const char *value) {
    dfl__arena arena;
    dfl_model *model;
    dfl__scope scope;
    dfl_str found = {"", 0};
    walk(text, &arena, &model, &scope);
    assert_int_equal(dfl__env_get(&scope.env, dfl__str(name), &found), state);
    if (state == DFL__VAR_SET) assert_text(found, value);
    dfl__arena_free(&arena);
    dfl_model_free(model);
}

static void variables_follow_the_order_of_the_file(void **state) {
    (void)state;
    check_variable("FROM a\nENV A=1 B=$A\nENV C=$A", "B", DFL__VAR_SET, "");
    check_variable("FROM a\nENV A=1 B=$A\nENV C=$A", "C", DFL__VAR_SET, "1");
    check_variable("FROM a\nENV A=1\nARG A=2", "A", DFL__VAR_SET, "2");
    check_variable("FROM a\nENV A=1\nARG A", "A", DFL__VAR_SET, "1");
    check_variable("ARG G=g\nFROM a\nARG G", "G", DFL__VAR_SET, "g");
    check_variable("ARG G=g\nFROM a\nARG G=s", "G", DFL__VAR_SET, "s");
    check_variable("ARG G=g\nFROM a", "G", DFL__VAR_UNSET, "");
    check_variable("FROM a\nARG N", "N", DFL__VAR_UNKNOWN, "");
    check_variable("FROM a\nARG N\nENV M=x$N", "M", DFL__VAR_UNKNOWN, "");
    check_variable("FROM a\nENV \"k\"='v w'", "k", DFL__VAR_SET, "v w");
}

static void check_workdir(const char *text, const char *path, int known) {
    dfl__arena arena;
    dfl_model *model;
    dfl__scope scope;
    walk(text, &arena, &model, &scope);
    assert_int_equal(scope.workdir_known, known);
    if (known) assert_text(scope.workdir, path);
    dfl__arena_free(&arena);
    dfl_model_free(model);
}

static void workdirs_join(void **state) {
    (void)state;
    check_workdir("FROM a", "/", 1);
    check_workdir("FROM a\nWORKDIR a", "/a", 1);
    check_workdir("FROM a\nWORKDIR /b\nWORKDIR ../c/./d/", "/c/d", 1);
    check_workdir("FROM a\nWORKDIR /x//y/../z", "/x//y/../z", 1); /* taken as it stands */
    check_workdir("FROM a\nWORKDIR /x//y/../z\nWORKDIR .", "/x/z", 1);
    check_workdir("FROM a\nENV D=q\nWORKDIR /$D", "/q", 1);
    check_workdir("FROM a\nARG D\nWORKDIR /$D", "", 0);
    check_workdir("FROM a\nARG D\nWORKDIR $D\nWORKDIR x", "", 0);
    check_workdir("FROM a\nARG D\nWORKDIR $D\nWORKDIR /x", "/x", 1);
    check_workdir("FROM a\nWORKDIR ../../..", "/", 1);
}

/* Each line doubles the last: the values stop growing, and what would be longer is not known. */
static void doubling_stays_within_the_budget(void **state) {
    dfl__buf text;
    (void)state;
    dfl__buf_init(&text, NULL, 0);
    dfl__buf_addz(&text, "ARG A0=0123456789abcdef\n");
    for (uint32_t i = 1; i < 60; i++)
        dfl__buf_fmt(&text, "ARG A%u=${A%u}${A%u}\n", i, i - 1, i - 1);
    for (uint32_t i = 0; i < 2000; i++)
        dfl__buf_fmt(&text, "ARG B%u=$A15\n", i);
    dfl__buf_addz(&text, "FROM x:$A59\n");
    dfl__buf_addc(&text, '\0');
    dfl_model *model = model_of(text.ptr);
    dfl_str value;
    assert_int_equal(dfl__env_get(&model->globals, DFL__LIT("A10"), &value), DFL__VAR_SET);
    assert_int_equal(value.len, 16u << 10);
    assert_int_equal(dfl__env_get(&model->globals, DFL__LIT("A40"), &value), DFL__VAR_UNKNOWN);
    assert_int_equal(dfl__env_get(&model->globals, DFL__LIT("B1999"), &value), DFL__VAR_UNKNOWN);
    assert_false(stage_of(model, 0).base_known);
    assert_true(model->exhausted);
    dfl_model_free(model);
    dfl__buf_free(&text);
}

static void bad_arguments_are_told(void **state) {
    dfl_model_options options = DFL_MODEL_OPTIONS_INIT;
    dfl_stage stage = {.size = 3};
    dfl_model *model = (dfl_model *)&stage;
    dfl_doc *doc;
    (void)state;
    assert_int_equal(dfl_parse("FROM a", 6, NULL, &doc), DFL_OK);
    assert_int_equal(dfl_model_new(NULL, NULL, &model), DFL_E_ARG);
    assert_int_equal(dfl_model_new(doc, NULL, NULL), DFL_E_ARG);
    options.size = 1;
    assert_int_equal(dfl_model_new(doc, &options, &model), DFL_E_ABI);
    options.size = sizeof options;
    options.args_count = 1;
    assert_int_equal(dfl_model_new(doc, &options, &model), DFL_E_ARG);
    assert_ptr_equal(model, &stage); /* outputs are untouched */
    assert_int_equal(dfl_model_new(doc, NULL, &model), DFL_OK);
    assert_int_equal(dfl_model_stage(model, 0, &stage), DFL_E_ABI);
    stage.size = sizeof stage;
    assert_int_equal(dfl_model_stage(model, 1, &stage), DFL_E_ARG);
    dfl_model_free(model);
    dfl_model_free(NULL);
    dfl_doc_unref(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bases_expand_against_global_args),
        cmocka_unit_test(what_is_not_given_is_unknown),
        cmocka_unit_test(stages_have_names_and_ranges),
        cmocka_unit_test(edges_say_what_a_stage_needs),
        cmocka_unit_test(edges_point_at_the_reference),
        cmocka_unit_test(no_edge_where_nothing_is_named),
        cmocka_unit_test(a_forward_or_own_reference_is_cyclic),
        cmocka_unit_test(reachable_stages_are_those_a_target_needs),
        cmocka_unit_test(a_node_knows_its_stage),
        cmocka_unit_test(variables_follow_the_order_of_the_file),
        cmocka_unit_test(workdirs_join),
        cmocka_unit_test(doubling_stays_within_the_budget),
        cmocka_unit_test(bad_arguments_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
