/* test_pool.c -- dfl_pool: an allocator over a buffer, at any alignment, to its last byte.
 * Relies on cmocka.
 * Never writes outside of the buffer: the bytes around it are looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dockerfile/base.h"

_Static_assert(sizeof(dfl_pool) == sizeof(dfl_alloc) + 4 * sizeof(void *) &&
                   offsetof(dfl_pool, base) == 0,
               "frozen");

enum { ALIGN = _Alignof(max_align_t) };

static void *again(dfl_pool *pool, void *ptr, size_t old_size, size_t new_size) {
    return pool->base.resize(pool->base.ctx, ptr, old_size, new_size);
}

static void arguments(void **state) {
    char buffer[1];
    dfl_pool pool;
    (void)state;
    assert_int_equal(dfl_pool_init(NULL, buffer, 1), DFL_E_ARG);
    assert_int_equal(dfl_pool_init(&pool, NULL, 1), DFL_E_ARG);
    assert_int_equal(dfl_pool_init(&pool, NULL, 0), DFL_OK);
    assert_null(again(&pool, NULL, 0, 1));
    assert_int_equal(dfl_pool_init(&pool, buffer, 0), DFL_OK);
    assert_null(again(&pool, NULL, 0, 1));
}

/* Whole units of alignment are given, wherever the buffer begins and ends. */
static void gives_all_of_the_buffer(void **state) {
    _Alignas(max_align_t) char around[20 * ALIGN];
    dfl_pool pool;
    (void)state;
    for (size_t skip = 0; skip < ALIGN; skip++) {
        for (size_t size = 0; size < 18 * ALIGN; size++) {
            size_t lost = skip == 0 ? 0 : ALIGN - skip, units = 0;
            size_t expected = size < lost ? 0 : (size - lost) / ALIGN;
            memset(around, 'x', sizeof around);
            assert_int_equal(dfl_pool_init(&pool, around + skip, size), DFL_OK);
            for (char *got; (got = again(&pool, NULL, 0, 1 + units % ALIGN)) != NULL; units++) {
                assert_int_equal((uintptr_t)got % ALIGN, 0);
                assert_true(got >= around + skip && got + ALIGN <= around + skip + size);
                memset(got, 'y', ALIGN);
            }
            assert_int_equal(units, expected);
        }
    }
}

static void last_block_in_place(void **state) {
    _Alignas(max_align_t) char buffer[10 * ALIGN];
    dfl_pool pool;
    (void)state;
    assert_int_equal(dfl_pool_init(&pool, buffer, sizeof buffer), DFL_OK);
    char *first = again(&pool, NULL, 0, ALIGN);
    char *last = again(&pool, NULL, 0, 3);
    memcpy(last, "abc", 3);
    assert_ptr_equal(again(&pool, last, 3, 9 * ALIGN), last); /* to the end */
    assert_memory_equal(last, "abc", 3);
    assert_null(again(&pool, last, 9 * ALIGN, 9 * ALIGN + 1));
    assert_null(again(&pool, NULL, 0, 1));
    assert_memory_equal(last, "abc", 3);
    assert_ptr_equal(again(&pool, last, 9 * ALIGN, 3), last);
    char *other = again(&pool, NULL, 0, 8 * ALIGN);
    assert_non_null(other);
    assert_null(again(&pool, other, 8 * ALIGN, 0));
    assert_null(again(&pool, last, 3, 0));
    assert_null(again(&pool, first, ALIGN, 0));
    assert_ptr_equal(again(&pool, NULL, 0, sizeof buffer), buffer); /* all came back */
}

static void other_blocks_move(void **state) {
    _Alignas(max_align_t) char buffer[10 * ALIGN];
    dfl_pool pool;
    (void)state;
    assert_int_equal(dfl_pool_init(&pool, buffer, sizeof buffer), DFL_OK);
    char *first = again(&pool, NULL, 0, 2 * ALIGN);
    char *second = again(&pool, NULL, 0, ALIGN);
    memset(first, 'a', 2 * ALIGN);
    memset(second, 'b', ALIGN);
    assert_ptr_equal(again(&pool, first, 2 * ALIGN, ALIGN), first); /* shrinks in place */
    assert_null(again(&pool, first, ALIGN, 8 * ALIGN));             /* has no room to move to */
    char *moved = again(&pool, first, ALIGN, 4 * ALIGN);
    assert_ptr_equal(moved, buffer + 3 * ALIGN);
    for (int i = 0; i < ALIGN; i++)
        assert_true(moved[i] == 'a' && second[i] == 'b');
    assert_null(again(&pool, second, ALIGN, 0)); /* lost */
    assert_null(again(&pool, NULL, 0, 4 * ALIGN));
    assert_non_null(again(&pool, NULL, 0, 3 * ALIGN));
}

static void sizes_that_wrap(void **state) {
    _Alignas(max_align_t) char buffer[4 * ALIGN];
    dfl_pool pool;
    (void)state;
    assert_int_equal(dfl_pool_init(&pool, buffer, sizeof buffer), DFL_OK);
    char *block = again(&pool, NULL, 0, 1);
    for (size_t less = 0; less < 2 * ALIGN; less++) {
        assert_null(again(&pool, NULL, 0, SIZE_MAX - less));
        assert_null(again(&pool, block, 1, SIZE_MAX - less));
    }
    assert_ptr_equal(again(&pool, block, 1, 4 * ALIGN), block);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments),           cmocka_unit_test(gives_all_of_the_buffer),
        cmocka_unit_test(last_block_in_place), cmocka_unit_test(other_blocks_move),
        cmocka_unit_test(sizes_that_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
