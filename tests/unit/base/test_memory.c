/* test_memory.c -- allocators, arenas, growing arrays; with memory and without.
 * Relies on cmocka.
 * Never asks for more than a few megabytes: huge sizes are refused before they are asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "failing.h"

typedef DFL__VEC(uint64_t) numbers;

static void allocator_of(void **state) {
    failing f = {.good = NEVER};
    const dfl_alloc own = {failing_resize, &f}, none = {NULL, &f};
    (void)state;
    dfl_alloc got = dfl__alloc_of(&own);
    assert_true(got.resize == own.resize && got.ctx == own.ctx);
    assert_true(dfl__alloc_of(&none).resize == dfl__alloc_of(NULL).resize);
    got = dfl__alloc_of(NULL);
    char *ptr = dfl__alloc(&got, 10);
    assert_non_null(ptr);
    memset(ptr, 'x', 10);
    ptr = got.resize(got.ctx, ptr, 10, 100000);
    assert_non_null(ptr);
    assert_memory_equal(ptr, "xxxxxxxxxx", 10);
    dfl__free(&got, ptr, 100000);
}

static void blocks(void **state) {
    failing f = {.good = NEVER};
    const dfl_alloc alloc = {failing_resize, &f};
    static const char zeros[64];
    (void)state;
    assert_null(dfl__alloc(&alloc, 0));
    assert_null(dfl__calloc(&alloc, 0));
    dfl__free(&alloc, NULL, 0);
    assert_int_equal(f.calls, 0);
    void *dirty = dfl__alloc(&alloc, sizeof zeros);
    memset(dirty, 0xFF, sizeof zeros);
    dfl__free(&alloc, dirty, sizeof zeros);
    char *clean = dfl__calloc(&alloc, sizeof zeros);
    assert_memory_equal(clean, zeros, sizeof zeros);
    dfl__free(&alloc, clean, sizeof zeros);
    f.good = 0;
    assert_null(dfl__alloc(&alloc, 1));
    assert_null(dfl__calloc(&alloc, 1));
    assert_int_equal(f.live, 0);
}

static void arena_pieces(void **state) {
    failing f = {.good = NEVER};
    const dfl_alloc alloc = {failing_resize, &f};
    dfl__arena arena;
    unsigned char *pieces[2000];
    (void)state;
    dfl__arena_init(&arena, &alloc);
    assert_int_equal(f.calls, 0);
    for (size_t i = 0; i < COUNT(pieces); i++) {
        pieces[i] = dfl__arena_get(&arena, i);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        memset(pieces[i], (int)(i & 0xFF), i);
    }
    for (size_t i = 0; i < COUNT(pieces); i++) /* none overlaps another */
        for (size_t k = 0; k < i; k++)
            assert_int_equal(pieces[i][k], i & 0xFF);
    assert_true(f.calls < 20); /* blocks double */
    dfl__arena_free(&arena);
    assert_int_equal(f.live, 0);
    assert_null(arena.first);
    assert_non_null(dfl__arena_get(&arena, 1)); /* usable again */
    dfl__arena_free(&arena);
    dfl__arena_free(&arena);
    assert_int_equal(f.live, 0);
}

/* A block doubles up to a mebibyte; a large piece gets what it needs. */
static void arena_sizes(void **state) {
    static const size_t sizes[] = {1, 4096, 5000, 1 << 20, 1, 3 << 20, (3 << 20) + 1, 1 << 21};
    failing f = {.good = NEVER};
    const dfl_alloc alloc = {failing_resize, &f};
    dfl__arena arena;
    size_t asked = 0;
    (void)state;
    dfl__arena_init(&arena, &alloc);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char *piece = dfl__arena_get(&arena, sizes[i]);
        assert_non_null(piece);
        memset(piece, 1, sizes[i]);
        asked += sizes[i];
    }
    assert_true(f.live >= asked && f.live < asked + 65536);
    dfl__arena_free(&arena);
    assert_int_equal(f.live, 0);
}

static void arena_fills_a_block(void **state) {
    failing f = {.good = NEVER};
    const dfl_alloc alloc = {failing_resize, &f};
    dfl__arena arena;
    (void)state;
    dfl__arena_init(&arena, &alloc);
    while (f.calls < 2)
        assert_non_null(dfl__arena_get(&arena, 1));
    assert_true(f.live > 4096 && arena.used == sizeof(max_align_t));
    dfl__arena_free(&arena);
}

static void arena_without_memory(void **state) {
    failing f = {.good = 0};
    const dfl_alloc alloc = {failing_resize, &f};
    dfl__arena arena;
    (void)state;
    dfl__arena_init(&arena, &alloc);
    assert_null(dfl__arena_get(&arena, 1));
    assert_null(dfl__arena_copy(&arena, "x", 1));
    f.good = 1;
    char *first = dfl__arena_copy(&arena, "abc", 3);
    assert_string_equal(first, "abc");
    assert_null(dfl__arena_get(&arena, 1 << 20));
    assert_non_null(dfl__arena_get(&arena, 1)); /* the first block still has room */
    assert_string_equal(first, "abc");
    dfl__arena_free(&arena);
    assert_int_equal(f.live, 0);
}

static void arena_sizes_that_wrap(void **state) {
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - sizeof(max_align_t),
                                   SIZE_MAX / 2, SIZE_MAX / 2 + 1};
    failing f = {.good = NEVER};
    const dfl_alloc alloc = {failing_resize, &f};
    dfl__arena arena;
    (void)state;
    dfl__arena_init(&arena, &alloc);
    for (int used = 0; used < 2; used++) {
        for (size_t i = 0; i < COUNT(sizes); i++) {
            assert_null(dfl__arena_get(&arena, sizes[i]));
            assert_null(dfl__arena_copy(&arena, "", sizes[i]));
        }
        assert_int_equal(f.calls, (size_t)used);
        assert_non_null(dfl__arena_get(&arena, 1));
    }
    dfl__arena_free(&arena);
}

static void arena_copies(void **state) {
    dfl__arena arena;
    (void)state;
    dfl__arena_init(&arena, NULL);
    assert_string_equal(dfl__arena_copy(&arena, NULL, 0), "");
    assert_string_equal(dfl__arena_copy(&arena, "abcdef", 3), "abc");
    assert_memory_equal(dfl__arena_copy(&arena, "a\0b", 3), "a\0b\0", 4);
    dfl__arena_free(&arena);
}

static void pushes(void **state) {
    failing f = {.good = NEVER};
    const dfl_alloc alloc = {failing_resize, &f};
    numbers v = {NULL, 0, 0};
    (void)state;
    for (uint32_t i = 0; i < 10000; i++)
        assert_true(DFL__PUSH(&alloc, &v, i * 3u));
    assert_int_equal(v.count, 10000);
    for (uint32_t i = 0; i < v.count; i++)
        assert_int_equal(v.items[i], i * 3u);
    assert_true(f.calls <= 12); /* 8, 16 ... 16384 */
    DFL__VEC_FREE(&alloc, &v);
    assert_int_equal(f.live, 0);
    assert_true(v.items == NULL && v.count == 0 && v.cap == 0);
    DFL__VEC_FREE(&alloc, &v);
}

static void reserves(void **state) {
    static const struct {
        uint32_t extra, cap;
    } cases[] = {{0, 0}, {1, 8}, {8, 8}, {9, 16}, {16, 16}, {1000, 1000}, {1001, 2000}};
    failing f = {.good = NEVER};
    const dfl_alloc alloc = {failing_resize, &f};
    numbers v = {NULL, 0, 0};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(DFL__RESERVE(&alloc, &v, cases[i].extra));
        assert_int_equal(v.cap, cases[i].cap);
    }
    DFL__VEC_FREE(&alloc, &v);
}

static void push_without_memory(void **state) {
    failing f = {.good = 1};
    const dfl_alloc alloc = {failing_resize, &f};
    numbers v = {NULL, 0, 0};
    (void)state;
    for (uint32_t i = 0; i < 8; i++)
        assert_true(DFL__PUSH(&alloc, &v, i));
    const uint64_t *before = v.items;
    int pushed = DFL__PUSH(&alloc, &v, 8);
    assert_false(pushed);
    assert_true(v.items == before && v.count == 8 && v.cap == 8 && v.items[7] == 7);
    f.good = 1;
    assert_true(DFL__PUSH(&alloc, &v, 8));
    assert_true(v.count == 9 && v.items[8] == 8 && v.items[0] == 0);
    DFL__VEC_FREE(&alloc, &v);
    assert_int_equal(f.live, 0);
}

/* Sizes that no array can have are refused, and the doubling stops at the largest number. */
static void arrays_at_the_limit(void **state) {
    failing f = {.good = 0};
    const dfl_alloc alloc = {failing_resize, &f};
    char byte = 0, *items = &byte;
    uint32_t cap = UINT32_MAX;
    (void)state;
    assert_false(dfl__grow(&alloc, (void *)&items, UINT32_MAX, &cap, 1, 1));
    assert_false(dfl__grow(&alloc, (void *)&items, UINT32_MAX - 1, &cap, 1, 2));
    assert_true(dfl__grow(&alloc, (void *)&items, UINT32_MAX - 1, &cap, 1, 1));
    cap = 10;
    assert_false(dfl__grow(&alloc, (void *)&items, 10, &cap, SIZE_MAX / 16, 1));
    assert_int_equal(f.calls, 0);
    assert_true(cap == 10 && items == &byte);
}

typedef struct {
    size_t old_size, new_size;
} request;

static void *note_request(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    (void)ptr;
    *(request *)ctx = (request){old_size, new_size};
    return NULL;
}

static void doubling_at_the_limit(void **state) {
    static const struct {
        uint32_t cap, extra, want;
    } cases[] = {{UINT32_MAX / 2, 1, UINT32_MAX - 1},
                 {UINT32_MAX / 2 + 1, 1, UINT32_MAX},
                 {UINT32_MAX - 1, 1, UINT32_MAX},
                 {100, UINT32_MAX - 100, UINT32_MAX}};
    request asked = {0, 0};
    const dfl_alloc alloc = {note_request, &asked};
    char byte = 0, *items = &byte;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t cap = cases[i].cap;
        assert_false(dfl__grow(&alloc, (void *)&items, cap, &cap, 1, cases[i].extra));
        assert_int_equal(asked.old_size, cases[i].cap);
        assert_int_equal(asked.new_size, cases[i].want);
        assert_int_equal(cap, cases[i].cap);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocator_of),
        cmocka_unit_test(blocks),
        cmocka_unit_test(arena_pieces),
        cmocka_unit_test(arena_sizes),
        cmocka_unit_test(arena_fills_a_block),
        cmocka_unit_test(arena_without_memory),
        cmocka_unit_test(arena_sizes_that_wrap),
        cmocka_unit_test(arena_copies),
        cmocka_unit_test(pushes),
        cmocka_unit_test(reserves),
        cmocka_unit_test(push_without_memory),
        cmocka_unit_test(arrays_at_the_limit),
        cmocka_unit_test(doubling_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
