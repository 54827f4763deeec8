/* test_compose.c -- composing two edit lists.
 * Relies on nothing but the lists: no document takes part.
 * Never trusts the composition: both ways are spliced and compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edit/compose.h"

#define MAX_EDITS 6u
#define MAX_TEXT 512u

typedef struct {
    char bytes[MAX_TEXT];
    uint32_t len;
} text;

static uint32_t random_state = 1;

static uint32_t pick(uint32_t below) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % below;
}

static dfl__owned_edit edit(uint32_t start, uint32_t end, const char *z, uint32_t owner) {
    dfl__owned_edit e = {{start, end}, {z, strlen(z)}, owner};
    return e;
}

static void apply(const text *in, const dfl__owned_edit *list, size_t count, text *out) {
    uint32_t at = 0;
    out->len = 0;
    for (size_t i = 0; i <= count; i++) {
        uint32_t to = i < count ? list[i].range.start : in->len;
        assert_true(at <= to && to <= in->len);
        memcpy(out->bytes + out->len, in->bytes + at, to - at);
        out->len += to - at;
        if (i == count) break;
        assert_true(out->len + list[i].text.len + in->len < MAX_TEXT);
        memcpy(out->bytes + out->len, list[i].text.ptr, list[i].text.len);
        out->len += (uint32_t)list[i].text.len;
        at = list[i].range.end;
    }
}

/* Random sorted disjoint edits; some touch, some share an offset, some change nothing. */
static size_t random_edits(uint32_t len, dfl__owned_edit *list, uint32_t owner) {
    static const char letters[] = "ABCDEFGHIJKLMNOP";
    uint32_t at = 0;
    size_t count = 0, want = pick(MAX_EDITS + 1);
    while (count < want && at <= len) {
        uint32_t start = at + pick(3);
        if (start > len) break;
        uint32_t end = start + pick(3) * pick(3);
        if (end > len) end = len;
        uint32_t from = pick(8), size = pick(5);
        dfl__owned_edit e = {{start, end}, {letters + from, size}, owner + pick(4)};
        if (count > 0 && list[count - 1].range.start == start && end < list[count - 1].range.end)
            continue;
        list[count++] = e;
        at = end;
    }
    return count;
}

static void check_order(const dfl__owned_edit *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert_true(list[i].range.start <= list[i].range.end);
        assert_true(list[i].range.start < list[i].range.end || list[i].text.len > 0);
        if (i > 0) assert_true(list[i - 1].range.end <= list[i].range.start);
    }
}

static void test_random(void **state) {
    (void)state;
    for (uint32_t round = 0; round < 200000; round++) {
        dfl__owned_edit a[MAX_EDITS], b[MAX_EDITS], *c = NULL;
        text old = {{0}, 0}, mid, two, one;
        dfl__arena arena;
        size_t count = 0;
        random_state = round * 2654435761u + 12345u;
        old.len = pick(14);
        for (uint32_t i = 0; i < old.len; i++)
            old.bytes[i] = (char)('a' + (int)i);
        size_t na = random_edits(old.len, a, 10);
        apply(&old, a, na, &mid);
        size_t nb = random_edits(mid.len, b, 20);
        apply(&mid, b, nb, &two);
        dfl__arena_init(&arena, NULL);
        assert_int_equal(dfl__edits_compose(a, na, b, nb, &arena, &c, &count), DFL_OK);
        check_order(c, count);
        apply(&old, c, count, &one);
        assert_int_equal(one.len, two.len);
        assert_memory_equal(one.bytes, two.bytes, one.len);
        dfl__arena_free(&arena);
    }
}

/* An expectation: the composed list of one case. */
static void expect(const dfl__owned_edit *a, size_t na, const dfl__owned_edit *b, size_t nb,
                   const dfl__owned_edit *want, size_t nwant) {
    dfl__arena arena;
    dfl__owned_edit *out = NULL;
    size_t count = 0;
    dfl__arena_init(&arena, NULL);
    assert_int_equal(dfl__edits_compose(a, na, b, nb, &arena, &out, &count), DFL_OK);
    assert_int_equal(count, nwant);
    for (size_t i = 0; i < nwant; i++) {
        assert_int_equal(out[i].range.start, want[i].range.start);
        assert_int_equal(out[i].range.end, want[i].range.end);
        assert_true(dfl__eq(out[i].text, want[i].text));
        assert_int_equal(out[i].owner, want[i].owner);
    }
    dfl__arena_free(&arena);
}

static void test_apart(void **state) {
    (void)state;
    const dfl__owned_edit a[] = {edit(2, 4, "xyz", 3)};
    const dfl__owned_edit b[] = {edit(0, 1, "q", 1), edit(8, 8, "w", 2)};
    const dfl__owned_edit want[] = {edit(0, 1, "q", 1), edit(2, 4, "xyz", 3), edit(7, 7, "w", 2)};
    expect(a, 1, b, 2, want, 3);
}

/* Edits that touch stay apart, so that each keeps its owner. */
static void test_adjacent(void **state) {
    (void)state;
    const dfl__owned_edit a[] = {edit(2, 4, "xyz", 3)};
    const dfl__owned_edit b[] = {edit(1, 2, "p", 1), edit(2, 2, "i", 4), edit(5, 5, "j", 5),
                                 edit(5, 6, "n", 2)};
    const dfl__owned_edit want[] = {edit(1, 2, "p", 1), edit(2, 2, "i", 4), edit(2, 4, "xyz", 3),
                                    edit(4, 4, "j", 5), edit(4, 5, "n", 2)};
    expect(a, 1, b, 4, want, 5);
}

static void test_overlap(void **state) {
    (void)state;
    const dfl__owned_edit a[] = {edit(2, 4, "xyz", 3), edit(6, 6, "uvw", 5)};
    const dfl__owned_edit b[] = {edit(3, 4, "", 7), edit(4, 8, "K", 1)};
    const dfl__owned_edit want[] = {edit(2, 6, "xKvw", 1)};
    expect(a, 2, b, 2, want, 1);
}

static void test_taken_back(void **state) {
    (void)state;
    const dfl__owned_edit a[] = {edit(2, 2, "xyz", 3)};
    const dfl__owned_edit b[] = {edit(2, 5, "", 7)};
    expect(a, 1, b, 1, NULL, 0);
    const dfl__owned_edit wider[] = {edit(1, 6, "", 7)};
    const dfl__owned_edit want[] = {edit(1, 3, "", 3)};
    expect(a, 1, wider, 1, want, 1);
}

/* A deletion inside what the second list replaces widens the old range. */
static void test_deletion_inside(void **state) {
    (void)state;
    const dfl__owned_edit a[] = {edit(2, 5, "", 9)};
    const dfl__owned_edit b[] = {edit(1, 3, "Q", 4)};
    const dfl__owned_edit want[] = {edit(1, 6, "Q", 4)};
    expect(a, 1, b, 1, want, 1);
    const dfl__owned_edit at_it[] = {edit(2, 3, "Q", 4)};
    const dfl__owned_edit apart[] = {edit(2, 5, "", 9), edit(5, 6, "Q", 4)};
    expect(a, 1, at_it, 1, apart, 2);
}

static void test_insertion_splits_text(void **state) {
    (void)state;
    const dfl__owned_edit a[] = {edit(1, 1, "ab", 2)};
    const dfl__owned_edit b[] = {edit(2, 2, "-", 8)};
    const dfl__owned_edit want[] = {edit(1, 1, "a-b", 2)};
    expect(a, 1, b, 1, want, 1);
}

static void test_empty_lists(void **state) {
    (void)state;
    const dfl__owned_edit a[] = {edit(1, 1, "ab", 2)};
    expect(NULL, 0, NULL, 0, NULL, 0);
    expect(a, 1, NULL, 0, a, 1);
    expect(NULL, 0, a, 1, a, 1);
}

/* An allocator that fails from the k-th call on. */
typedef struct {
    unsigned left;
} failing;

static void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    failing *f = ctx;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    if (f->left == 0) return NULL;
    f->left--;
    return realloc(ptr, new_size);
}

static void test_no_memory(void **state) {
    (void)state;
    static char long_text[5000];
    memset(long_text, 'x', sizeof long_text);
    const dfl__owned_edit a[] = {{{2, 4}, {long_text, sizeof long_text}, 1}};
    const dfl__owned_edit b[] = {{{3, 3}, {long_text, sizeof long_text}, 2}};
    dfl_status status = DFL_E_NOMEM;
    for (unsigned k = 0; k < 50 && status != DFL_OK; k++) {
        failing f = {k};
        dfl_alloc alloc = {failing_resize, &f};
        dfl__arena arena;
        dfl__owned_edit *out = NULL;
        size_t count = 77;
        dfl__arena_init(&arena, &alloc);
        status = dfl__edits_compose(a, 1, b, 1, &arena, &out, &count);
        if (status != DFL_OK) {
            assert_int_equal(status, DFL_E_NOMEM);
            assert_null(out);
            assert_int_equal(count, 77);
        }
        dfl__arena_free(&arena);
    }
    assert_int_equal(status, DFL_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),      cmocka_unit_test(test_apart),
        cmocka_unit_test(test_adjacent),    cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_taken_back),  cmocka_unit_test(test_deletion_inside),
        cmocka_unit_test(test_empty_lists), cmocka_unit_test(test_insertion_splits_text),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
