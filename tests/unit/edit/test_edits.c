/* test_edits.c -- the edit set: order, conflicts, offsets.
 * Relies on support.h.
 * Never applies: that is test_apply.c. */
#include "edit/support.h"

#include "edit/edits.h"

#define ABC "FROM abcdefghij\n"

static void add(dfl_edits *edits, uint32_t start, uint32_t end, const char *text, int32_t want) {
    assert_int_equal(dfl_edits_replace(edits, range(start, end), str(text)), want);
}

static void assert_edit(const dfl_edits *edits, size_t index, uint32_t start, uint32_t end,
                        const char *text) {
    dfl_edit edit;
    assert_int_equal(dfl_edits_get(edits, index, &edit), DFL_OK);
    assert_int_equal(edit.range.start, start);
    assert_int_equal(edit.range.end, end);
    assert_str(edit.text, text);
}

static void test_sorted(void **state) {
    (void)state;
    dfl_edits *edits = edits_of(ABC);
    add(edits, 12, 13, "c", DFL_OK);
    add(edits, 5, 6, "a", DFL_OK);
    add(edits, 8, 10, "b", DFL_OK);
    assert_int_equal(dfl_edits_count(edits), 3);
    assert_edit(edits, 0, 5, 6, "a");
    assert_edit(edits, 1, 8, 10, "b");
    assert_edit(edits, 2, 12, 13, "c");
    dfl_edit edit;
    assert_int_equal(dfl_edits_get(edits, 3, &edit), DFL_E_ARG);
    dfl_edits_free(edits);
}

static void test_overlap(void **state) {
    (void)state;
    static const dfl_range bad[] = {{7, 9}, {8, 9}, {9, 12}, {10, 11}, {8, 10}, {5, 15}, {9, 10}};
    dfl_edits *edits = edits_of(ABC);
    add(edits, 8, 11, "xyz", DFL_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        add(edits, bad[i].start, bad[i].end, "q", DFL_E_CONFLICT);
        dfl_edit earlier = dfl_edits_conflict(edits);
        assert_int_equal(earlier.range.start, 8);
        assert_int_equal(earlier.range.end, 11);
        assert_str(earlier.text, "xyz");
    }
    add(edits, 8, 11, "other", DFL_E_CONFLICT);
    assert_int_equal(dfl_edits_count(edits), 1);
    dfl_edits_free(edits);
}

static void test_adjacent(void **state) {
    (void)state;
    dfl_edits *edits = edits_of(ABC);
    add(edits, 8, 11, "X", DFL_OK);
    add(edits, 11, 12, "Y", DFL_OK);
    add(edits, 7, 8, "Z", DFL_OK);
    add(edits, 8, 8, "<", DFL_OK);
    add(edits, 12, 12, ">", DFL_OK);
    assert_edit(edits, 0, 7, 8, "Z");
    assert_edit(edits, 1, 8, 8, "<");
    assert_edit(edits, 2, 8, 11, "X");
    assert_edit(edits, 3, 11, 12, "Y");
    assert_edit(edits, 4, 12, 12, ">");
    assert_applied(edits, "FROM abZ<XY>hij\n");
    dfl_edits_free(edits);
}

static void test_identical(void **state) {
    (void)state;
    dfl_edits *edits = edits_of(ABC);
    add(edits, 8, 11, "X", DFL_OK);
    add(edits, 8, 11, "X", DFL_OK);
    add(edits, 5, 5, "I", DFL_OK);
    add(edits, 5, 5, "I", DFL_OK);
    assert_int_equal(dfl_edits_count(edits), 2);
    dfl_edits_free(edits);
}

static void test_insertions(void **state) {
    (void)state;
    dfl_edits *edits = edits_of(ABC);
    add(edits, 6, 6, "one", DFL_OK);
    add(edits, 6, 6, "two", DFL_E_CONFLICT);
    assert_str(dfl_edits_conflict(edits).text, "one");
    assert_int_equal(dfl_edits_insert(edits, 6, str("two")), DFL_OK);
    assert_int_equal(dfl_edits_insert(edits, 6, str("one")), DFL_OK);
    add(edits, 6, 7, "R", DFL_OK);
    assert_int_equal(dfl_edits_insert(edits, 6, str("three")), DFL_OK);
    assert_int_equal(dfl_edits_insert(edits, 7, str("!")), DFL_OK);
    assert_applied(edits, "FROM aonetwoonethreeR!cdefghij\n");
    add(edits, 9, 12, "S", DFL_OK);
    assert_int_equal(dfl_edits_insert(edits, 10, str("no")), DFL_E_CONFLICT);
    assert_int_equal(dfl_edits_conflict(edits).range.start, 9);
    dfl_edits_free(edits);
}

static void test_nothing(void **state) {
    (void)state;
    dfl_edits *edits = edits_of(ABC);
    add(edits, 6, 6, "", DFL_OK);
    assert_int_equal(dfl_edits_insert(edits, 6, str("")), DFL_OK);
    assert_int_equal(dfl_edits_count(edits), 0);
    assert_applied(edits, ABC);
    dfl_edits_free(edits);
}

static void test_pairs_and_sequences(void **state) {
    (void)state;
    dfl_edits *edits = edits_of("FROM a\r\n# \xC3\xA9\xF0\x9F\x98\x80 \xC3\n");
    add(edits, 7, 7, "x", DFL_E_CONFLICT); /* between CR and LF */
    dfl_edit none = dfl_edits_conflict(edits);
    assert_int_equal(none.range.start, none.range.end);
    assert_int_equal(none.text.len, 0);
    assert_int_equal(dfl_edits_insert(edits, 7, str("x")), DFL_E_CONFLICT);
    add(edits, 11, 11, "x", DFL_E_CONFLICT); /* inside e acute */
    for (uint32_t at = 13; at <= 15; at++)
        add(edits, at, at, "x", DFL_E_CONFLICT);
    add(edits, 12, 14, "x", DFL_E_CONFLICT);
    add(edits, 12, 12, "x", DFL_OK);
    add(edits, 17, 17, "x", DFL_OK);
    add(edits, 18, 18, "x", DFL_OK); /* behind a byte that is no sequence */
    add(edits, 6, 7, "", DFL_OK);    /* CRLF to LF */
    assert_applied(edits, "FROM a\n# \xC3\xA9x\xF0\x9F\x98\x80 x\xC3x\n");
    dfl_edits_free(edits);
}

static void test_arguments(void **state) {
    (void)state;
    dfl_edits *edits = edits_of(ABC), *same = edits;
    const dfl_str null_text = {NULL, 3};
    add(edits, 5, 4, "x", DFL_E_ARG);
    add(edits, 5, 17, "x", DFL_E_ARG);
    add(edits, 16, 16, "", DFL_OK);
    assert_int_equal(dfl_edits_replace(edits, range(0, 1), null_text), DFL_E_ARG);
    assert_int_equal(dfl_edits_replace(NULL, range(0, 1), str("x")), DFL_E_ARG);
    assert_int_equal(dfl_edits_insert(edits, 17, str("x")), DFL_E_ARG);
    assert_int_equal(dfl_edits_new(NULL, &edits), DFL_E_ARG);
    assert_ptr_equal(edits, same);
    assert_int_equal(dfl_edits_count(NULL), 0);
    assert_int_equal(dfl_edits_reason(NULL).len, 0);
    dfl_edits_free(edits);
    dfl_edits_free(NULL);
}

static void test_map(void **state) {
    (void)state;
    dfl_edits *edits = edits_of(ABC);
    add(edits, 5, 5, "++", DFL_OK);
    add(edits, 7, 10, "C", DFL_OK);
    add(edits, 12, 13, "HHHH", DFL_OK);
    static const struct {
        uint32_t offset, before, after;
    } want[] = {{0, 0, 0},    {4, 4, 4},    {5, 7, 7},    {6, 8, 8},    {7, 9, 10},  {9, 9, 10},
                {10, 10, 10}, {11, 11, 11}, {12, 12, 16}, {13, 16, 16}, {16, 19, 19}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(dfl_edits_map(edits, want[i].offset, 0), want[i].before);
        assert_int_equal(dfl_edits_map(edits, want[i].offset, 1), want[i].after);
    }
    assert_int_equal(dfl_edits_map(edits, 99, 0), 19); /* past the end: the end */
    assert_int_equal(dfl_edits_map(NULL, 5, 0), 5);
    dfl_edits_free(edits);
}

static void assert_new_range(const dfl_edits *edits, uint32_t start, uint32_t end,
                             uint32_t new_start, uint32_t new_end) {
    dfl_range at = dfl__edits_new_range(edits, range(start, end));
    assert_int_equal(at.start, new_start);
    assert_int_equal(at.end, new_end);
}

static void test_new_range(void **state) {
    (void)state;
    dfl_edits *edits = edits_of(ABC);
    add(edits, 5, 5, "++", DFL_OK);
    add(edits, 7, 10, "C", DFL_OK);
    add(edits, 12, 13, "", DFL_OK);
    assert_new_range(edits, 7, 10, 9, 10);   /* replaced as a whole */
    assert_new_range(edits, 6, 11, 8, 11);   /* replaced inside */
    assert_new_range(edits, 11, 13, 11, 12); /* its last byte deleted */
    assert_new_range(edits, 5, 5, 5, 7);     /* an insertion is its own range */
    assert_new_range(edits, 14, 15, 13, 14);
    assert_new_range(edits, 14, 14, 13, 13);
    dfl_edits_free(edits);
}

/* The list stays sorted and disjoint and its shifts right, whatever is asked of it. */
static void check_list(const dfl_edits *edits) {
    size_t count;
    int64_t shift = 0;
    const dfl__owned_edit *list = dfl__edits_list(edits, &count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(edits->shifts.items[i], shift);
        shift += (int64_t)list[i].text.len - (int64_t)(list[i].range.end - list[i].range.start);
        if (i == 0) continue;
        assert_true(list[i - 1].range.end <= list[i].range.start);
        assert_true(list[i - 1].range.start < list[i].range.start ||
                    list[i - 1].range.end <= list[i].range.end);
    }
}

/* Whether two ranges may stand in one set, by the table of rules alone. */
static int compatible(dfl_range a, dfl_range b) {
    if (a.start == a.end && b.start == b.end) return a.start != b.start;
    if (a.start == a.end) return a.start <= b.start || a.start >= b.end;
    if (b.start == b.end) return b.start <= a.start || b.start >= a.end;
    return a.end <= b.start || b.end <= a.start;
}

static void test_random(void **state) {
    (void)state;
    static const char source[] = "FROM abcdefghijklmnopqrstuvwxyz\n";
    uint32_t seed = 7;
    for (unsigned round = 0; round < 2000; round++) {
        dfl_edits *edits = edits_of(source);
        dfl_range kept[40];
        unsigned count = 0;
        for (unsigned i = 0; i < 40; i++) {
            seed = seed * 1664525u + 1013904223u;
            uint32_t start = (seed >> 8) % 32, length = (seed >> 16) % 4;
            dfl_range r = range(start, start + length > 32 ? 32 : start + length);
            char text[2] = {(char)('A' + (int)(i % 26)), 0};
            int fits = 1;
            for (unsigned k = 0; k < count; k++)
                fits &= compatible(kept[k], r);
            dfl_status status = dfl_edits_replace(edits, r, str(text));
            if (status == DFL_OK && !fits) /* only the identical edit is taken again */
                assert_int_equal(dfl_edits_count(edits), count);
            else
                assert_int_equal(status, fits ? DFL_OK : DFL_E_CONFLICT);
            if (fits) kept[count++] = r;
            assert_int_equal(dfl_edits_count(edits), count);
        }
        check_list(edits);
        dfl_edits_free(edits);
    }
}

static void test_owner(void **state) {
    (void)state;
    dfl_edits *edits = edits_of(ABC);
    size_t count;
    dfl__edits_set_owner(edits, 5);
    add(edits, 8, 9, "x", DFL_OK);
    add(edits, 12, 12, "y", DFL_OK);
    dfl__edits_set_owner(edits, 2);
    add(edits, 8, 9, "x", DFL_OK);
    dfl__edits_set_owner(edits, 9);
    add(edits, 12, 12, "y", DFL_OK);
    const dfl__owned_edit *list = dfl__edits_list(edits, &count);
    assert_int_equal(count, 2);
    assert_int_equal(list[0].owner, 2);
    assert_int_equal(list[1].owner, 5);
    dfl_edits_free(edits);
}

static void test_load(void **state) {
    (void)state;
    dfl_edits *edits = edits_of(ABC);
    const dfl__owned_edit good[] = {
        {{5, 5}, {"a", 1}, 3}, {{5, 5}, {"b", 1}, 4}, {{5, 7}, {"", 0}, 1}};
    const dfl__owned_edit bad[] = {{{5, 8}, {"a", 1}, 3}, {{7, 9}, {"b", 1}, 4}};
    const dfl__owned_edit outside[] = {{{5, 80}, {"a", 1}, 3}};
    size_t count;
    assert_int_equal(dfl__edits_load(edits, bad, 2), DFL_E_CONFLICT);
    assert_int_equal(dfl_edits_count(edits), 0);
    assert_int_equal(dfl__edits_load(edits, outside, 1), DFL_E_ARG);
    assert_int_equal(dfl__edits_load(edits, good, 3), DFL_OK);
    assert_int_equal(dfl__edits_list(edits, &count)[1].owner, 4);
    check_list(edits);
    assert_applied(edits, "FROM abcdefghij\n");
    assert_int_equal(dfl__edits_load(edits, good, 3), DFL_E_ARG);
    dfl_edits_free(edits);
}

static void test_limit(void **state) {
    (void)state;
    static char text[1 << 20];
    memset(text, 'a', sizeof text);
    dfl_edits *edits = edits_of("FROM a\n# comment that is long enough to hold many insertions"
                                " at offsets of their own, one for each mebibyte of text\n");
    const dfl_str big = {text, sizeof text};
    dfl_doc *result = NULL;
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(dfl_edits_insert(edits, 10 + i, big), DFL_OK);
    assert_int_equal(dfl_edits_apply(edits, &result), DFL_E_LIMIT); /* 4 MiB of source */
    assert_null(result);
    dfl_edits_free(edits);
}

static void test_no_memory(void **state) {
    (void)state;
    for (unsigned at = 0, done = 0; !done; at++) {
        failing f = {at, 0, 0, 0, 0};
        dfl_alloc alloc = {failing_resize, &f};
        dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
        options.alloc = &alloc;
        dfl_doc *doc = NULL;
        dfl_edits *edits = NULL;
        dfl_status status = dfl_parse(ABC, strlen(ABC), &options, &doc);
        if (status == DFL_OK) status = dfl_edits_new(doc, &edits);
        for (uint32_t i = 0; i < 10 && status == DFL_OK; i++) {
            size_t before = dfl_edits_count(edits);
            status = dfl_edits_replace(edits, range(14 - i, 15 - i), str("text"));
            if (status != DFL_OK) assert_int_equal(dfl_edits_count(edits), before);
            check_list(edits);
        }
        assert_int_equal(status, f.failed ? DFL_E_NOMEM : DFL_OK);
        done = !f.failed;
        dfl_edits_free(edits);
        dfl_doc_unref(doc);
        assert_int_equal(f.live, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorted),     cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_adjacent),   cmocka_unit_test(test_identical),
        cmocka_unit_test(test_insertions), cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_arguments),  cmocka_unit_test(test_pairs_and_sequences),
        cmocka_unit_test(test_map),        cmocka_unit_test(test_new_range),
        cmocka_unit_test(test_random),     cmocka_unit_test(test_owner),
        cmocka_unit_test(test_load),       cmocka_unit_test(test_limit),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
