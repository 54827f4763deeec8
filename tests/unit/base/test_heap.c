/* test_heap.c -- pieces of a heap: sizes, reuse, growth, lack of memory, and the bound of it all.
 * Relies on cmocka.
 * Never looks at how a heap is built. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/heap.h"
#include "failing.h"

static void *again(const dfl_alloc *alloc, void *ptr, size_t old_size, size_t new_size) {
    return alloc->resize(alloc->ctx, ptr, old_size, new_size);
}

static void pieces(void **state) {
    static const size_t cases[][2] = {{0, 16},  {1, 16},      {16, 16},     {17, 32},  {32, 32},
                                      {33, 64}, {4096, 4096}, {4097, 8192}, {65, 128}, {127, 128}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(dfl__heap_piece(cases[i][0]), cases[i][1]);
}

static void cuts_the_first_block(void **state) {
    failing f = {.good = NEVER};
    const dfl_alloc own = {failing_resize, &f};
    dfl__heap heap;
    char *got[8];
    (void)state;
    assert_true(dfl__heap_init(&heap, &own, 8 * 64));
    const dfl_alloc alloc = dfl__heap_alloc(&heap);
    for (size_t i = 0; i < COUNT(got); i++) {
        got[i] = dfl__alloc(&alloc, 64 - i);
        assert_int_equal((uintptr_t)got[i] % _Alignof(max_align_t), 0);
        memset(got[i], (int)i, 64 - i);
    }
    assert_int_equal(f.calls, 1);
    for (size_t i = 0; i < COUNT(got); i++)
        for (size_t k = 0; k < 64 - i; k++)
            assert_int_equal(got[i][k], i);
    assert_non_null(dfl__alloc(&alloc, 1)); /* a block of its own */
    assert_int_equal(f.calls, 2);
    dfl__heap_free(&heap);
    dfl__heap_free(&heap);
    assert_int_equal(f.live, 0);
}

static void pieces_come_back(void **state) {
    failing f = {.good = NEVER};
    const dfl_alloc own = {failing_resize, &f};
    dfl__heap heap;
    (void)state;
    assert_true(dfl__heap_init(&heap, &own, 0));
    const dfl_alloc alloc = dfl__heap_alloc(&heap);
    void *first = dfl__alloc(&alloc, 100), *second = dfl__alloc(&alloc, 128);
    assert_ptr_not_equal(first, second);
    dfl__free(&alloc, first, 100);
    dfl__free(&alloc, second, 128);
    assert_ptr_equal(dfl__alloc(&alloc, 65), second);
    assert_ptr_equal(dfl__alloc(&alloc, 128), first);
    assert_int_equal(f.calls, 3);
    dfl__heap_free(&heap);
    assert_int_equal(f.live, 0);
}

static void grows_and_shrinks(void **state) {
    failing f = {.good = NEVER};
    const dfl_alloc own = {failing_resize, &f};
    dfl__heap heap;
    (void)state;
    assert_true(dfl__heap_init(&heap, &own, 4096));
    const dfl_alloc alloc = dfl__heap_alloc(&heap);
    char *text = dfl__alloc(&alloc, 10);
    memcpy(text, "0123456789", 10);
    assert_ptr_equal(again(&alloc, text, 10, 16), text); /* it has the room already */
    char *longer = again(&alloc, text, 16, 1000);
    assert_memory_equal(longer, "0123456789", 10);
    assert_ptr_equal(dfl__alloc(&alloc, 16), text);
    char *shorter = again(&alloc, longer, 1000, 5);
    assert_memory_equal(shorter, "01234", 5);
    assert_null(again(&alloc, shorter, 5, 0));
    assert_ptr_equal(dfl__alloc(&alloc, 7), shorter);
    assert_ptr_equal(dfl__alloc(&alloc, 1024), longer);
    dfl__heap_free(&heap);
    assert_int_equal(f.live, 0);
}

static void without_memory(void **state) {
    failing f = {.good = 0};
    const dfl_alloc own = {failing_resize, &f};
    dfl__heap heap;
    (void)state;
    assert_false(dfl__heap_init(&heap, &own, 64));
    dfl__heap_free(&heap);
    f.good = 1;
    assert_true(dfl__heap_init(&heap, &own, 64));
    const dfl_alloc alloc = dfl__heap_alloc(&heap);
    char *text = dfl__alloc(&alloc, 64);
    memset(text, 'x', 64);
    assert_null(again(&alloc, text, 64, 65));
    assert_null(dfl__alloc(&alloc, 1));
    for (int i = 0; i < 64; i++)
        assert_int_equal(text[i], 'x');
    assert_null(dfl__alloc(&alloc, SIZE_MAX));
    assert_null(dfl__alloc(&alloc, SIZE_MAX / 2 + 2));
    assert_int_equal(f.calls, 4);
    dfl__heap_free(&heap);
    assert_int_equal(f.live, 0);
}

/* Things that grow, shrink, go and come again ask for no more than the bound of each together. */
static void stays_below_its_bound(void **state) {
    enum { THINGS = 5, MOST = 3000 };
    (void)state;
    for (uint32_t seed = 1; seed < 200; seed++) {
        failing f = {.good = NEVER};
        const dfl_alloc own = {failing_resize, &f};
        dfl__heap heap;
        void *thing[THINGS] = {NULL};
        size_t size[THINGS] = {0};
        uint64_t number = seed, bound = dfl__heap_bound(1024);
        assert_true(dfl__heap_init(&heap, &own, 1024));
        const dfl_alloc alloc = dfl__heap_alloc(&heap);
        for (int i = 0; i < THINGS; i++)
            bound += dfl__heap_bound_of(MOST);
        for (int i = 0; i < 1000; i++) {
            number = number * 6364136223846793005u + 1442695040888963407u;
            size_t which = (number >> 33) % THINGS, wants = (number >> 40) % (MOST + 1);
            if ((number >> 60) < 4) wants = 0;
            void *got = again(&alloc, thing[which], size[which], wants);
            assert_true((got == NULL) == (wants == 0));
            if (got != NULL) memset(got, (int)which, wants);
            thing[which] = got;
            size[which] = wants;
        }
        assert_true(f.live <= bound);
        dfl__heap_free(&heap);
        assert_int_equal(f.live, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces),           cmocka_unit_test(cuts_the_first_block),
        cmocka_unit_test(pieces_come_back), cmocka_unit_test(grows_and_shrinks),
        cmocka_unit_test(without_memory),   cmocka_unit_test(stays_below_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
