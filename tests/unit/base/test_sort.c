/* test_sort.c -- elements of every size, beside the C library's sort.
 * Relies on cmocka.
 * Never asks in which order equal elements come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/sort.h"

/* The first bytes of an element are its key; the others must stay with it. */
static uint32_t key_of(const void *element) {
    uint32_t key;
    memcpy(&key, element, sizeof key);
    return key;
}

static int before(const void *ctx, const void *a, const void *b) {
    size_t *calls = *(size_t *const *)ctx;
    ++*calls;
    return key_of(a) < key_of(b);
}

static int compare(const void *a, const void *b) {
    uint32_t x = key_of(a), y = key_of(b);
    return x < y ? -1 : x > y;
}

static uint32_t next(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void check(uint32_t count, size_t size, uint32_t range) {
    char items[600 * DFL__SORT_SIZE], want[600 * DFL__SORT_SIZE];
    uint32_t seed = count * 31 + range;
    size_t calls = 0, *counter = &calls;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t key = range == 0 ? i : range == 1 ? count - i : next(&seed) % range;
        memset(items + i * size, (int)(key & 0x7F), size);
        memcpy(items + i * size, &key, sizeof key);
    }
    memcpy(want, items, count * size);
    qsort(want, count, size, compare);
    dfl__sort(items, count, size, before, &counter);
    assert_memory_equal(items, want, count * size);
    assert_true(calls <= 22 * (size_t)count); /* 2 log2 of 600, and the heap */
}

static void elements_are_sorted(void **state) {
    static const size_t sizes[] = {4, 8, 12, 16};
    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (uint32_t count = 1; count < 40; count++)
            for (uint32_t range = 0; range < 12; range++)
                check(count, sizes[s], range);
        check(600, sizes[s], 0);
        check(600, sizes[s], 1);
        check(600, sizes[s], 1u << 20);
    }
    dfl__sort(NULL, 0, 4, before, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(elements_are_sorted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
