/* test_env.c -- variables by name: layers, snapshots, order.
 * Relies on cmocka and model/env.h.
 * Never parses a file. */
#include <stdio.h>

#include "model/env.h"
#include "model/models.h"

static void set(dfl__env *env, dfl__layer layer, const char *name, const char *value) {
    dfl__binding binding = {dfl__str(name), dfl__str(value), DFL__VAR_SET, 0, 0, 0, 0};
    assert_true(dfl__env_put(env, layer, &binding));
}

static const char *get(const dfl__env *env, const char *name) {
    static char text[64];
    dfl_str value = {"", 0};
    if (dfl__env_get(env, dfl__str(name), &value) == DFL__VAR_UNSET) return "(unset)";
    snprintf(text, sizeof text, "%.*s", (int)value.len, value.ptr);
    return text;
}

static void the_last_write_wins(void **state) {
    dfl__arena arena;
    dfl__env env;
    (void)state;
    dfl__arena_init(&arena, NULL);
    dfl__env_init(&env, &arena);
    assert_string_equal(get(&env, "A"), "(unset)");
    set(&env, DFL__LAYER_ENV, "A", "1");
    set(&env, DFL__LAYER_ARG, "A", "2");
    assert_string_equal(get(&env, "A"), "2");
    set(&env, DFL__LAYER_ENV, "A", "3");
    assert_string_equal(get(&env, "A"), "3");
    set(&env, DFL__LAYER_ENV, "", "empty name");
    assert_string_equal(get(&env, ""), "empty name");
    dfl__arena_free(&arena);
}

/* What ARG wrote gives way to ENV when the next stage begins, and is kept where there is no ENV. */
static void a_new_stage_prefers_env(void **state) {
    dfl__arena arena;
    dfl__env env;
    (void)state;
    dfl__arena_init(&arena, NULL);
    dfl__env_init(&env, &arena);
    set(&env, DFL__LAYER_ENV, "A", "env");
    set(&env, DFL__LAYER_ARG, "A", "arg");
    set(&env, DFL__LAYER_ARG, "B", "arg");
    env.stage = 1;
    assert_string_equal(get(&env, "A"), "env");
    assert_string_equal(get(&env, "B"), "arg");
    set(&env, DFL__LAYER_ARG, "A", "own");
    assert_string_equal(get(&env, "A"), "own");
    env.stage = 2;
    assert_string_equal(get(&env, "A"), "env");
    dfl__arena_free(&arena);
}

static void a_copy_is_a_snapshot(void **state) {
    dfl__arena arena;
    dfl__env env, before;
    (void)state;
    dfl__arena_init(&arena, NULL);
    dfl__env_init(&env, &arena);
    set(&env, DFL__LAYER_ENV, "A", "1");
    before = env;
    set(&env, DFL__LAYER_ENV, "A", "2");
    set(&env, DFL__LAYER_ENV, "B", "2");
    assert_string_equal(get(&before, "A"), "1");
    assert_string_equal(get(&before, "B"), "(unset)");
    assert_string_equal(get(&env, "A"), "2");
    dfl__arena_free(&arena);
}

static void names_that_are_not_bound_may_be_open(void **state) {
    dfl__arena arena;
    dfl__env env;
    dfl_str value = {"", 0};
    (void)state;
    dfl__arena_init(&arena, NULL);
    dfl__env_init(&env, &arena);
    set(&env, DFL__LAYER_ARG, "A", "1");
    env.open = 1;
    assert_int_equal(dfl__env_get(&env, DFL__LIT("B"), &value), DFL__VAR_UNKNOWN);
    assert_int_equal(dfl__env_get(&env, DFL__LIT("A"), &value), DFL__VAR_SET);
    env.stage = 1; /* the image may have an ENV of that name */
    assert_int_equal(dfl__env_get(&env, DFL__LIT("A"), &value), DFL__VAR_UNKNOWN);
    dfl__arena_free(&arena);
}

/* Many names in bad orders: all are found, listed in order, and the tree stays low. */
static void names_are_listed_in_order(void **state) {
    enum { MANY = 5000 };
    (void)state;
    for (int how = 0; how < 3; how++) {
        dfl__arena arena;
        dfl__env env;
        char name[16], last[16] = "";
        dfl__env_walk walk = {{NULL}, 0, 0};
        dfl__env_entry entry;
        uint32_t count = 0, deepest = 0;
        dfl__arena_init(&arena, NULL);
        dfl__env_init(&env, &arena);
        for (uint32_t i = 0; i < MANY; i++) {
            uint32_t number = how == 0 ? i : how == 1 ? MANY - 1 - i : i * 2654435761u % MANY;
            snprintf(name, sizeof name, "%08u", (unsigned)number);
            assert_true(dfl__env_set(&env, dfl__str(name), dfl__str(name), DFL__VAR_SET));
        }
        while (dfl__env_next(&env, &walk, &entry)) {
            if (walk.depth > deepest) deepest = walk.depth;
            assert_true(count == 0 || strncmp(last, entry.name.ptr, entry.name.len) < 0);
            snprintf(last, sizeof last, "%.*s", (int)entry.name.len, entry.name.ptr);
            assert_true(dfl__eq(entry.binding->value, entry.name));
            count++;
        }
        assert_true(how == 2 ? count > MANY / 2 : count == MANY);
        assert_in_range(deepest, 1, 18);
        dfl__arena_free(&arena);
    }
}

static void names_are_found_in_lower_case(void **state) {
    dfl__arena arena;
    dfl__env env;
    (void)state;
    dfl__arena_init(&arena, NULL);
    dfl__env_init(&env, &arena);
    set(&env, DFL__LAYER_ENV, "build", "1");
    set(&env, DFL__LAYER_ENV, "k", "2");
    set(&env, DFL__LAYER_ENV, "b", "3");
    assert_non_null(dfl__env_find_lower(&env, DFL__LIT("BuilD")));
    assert_non_null(dfl__env_find_lower(&env, DFL__LIT("\xE2\x84\xAA"))); /* the sign for kelvin */
    assert_null(dfl__env_find_lower(&env, DFL__LIT("BUIL")));
    assert_null(dfl__env_find_lower(&env, DFL__LIT("BUILDS")));
    assert_null(dfl__env_find(&env, DFL__LIT("BUILD")));
    dfl__arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_write_wins),
        cmocka_unit_test(a_new_stage_prefers_env),
        cmocka_unit_test(a_copy_is_a_snapshot),
        cmocka_unit_test(names_that_are_not_bound_may_be_open),
        cmocka_unit_test(names_are_listed_in_order),
        cmocka_unit_test(names_are_found_in_lower_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
