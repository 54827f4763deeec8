/* test_tree.c -- the paths of a directory.
 * Relies on fixture.h.
 * Never relies on the order in which a file system lists. */
#include "io/fixture.h"

static const dfl_context_path *find(const dfl_io_tree *tree, const char *name) {
    size_t count;
    const dfl_context_path *paths = dfl_io_tree_paths(tree, &count);
    for (size_t i = 0; i < count; i++)
        if (dfl__eqz(paths[i].path, name)) return &paths[i];
    fail_msg("%s is not listed", name);
    return NULL;
}

static void lists_what_lies_in_it(void **state) {
    fixture *f = *state;
    dfl_io_tree *tree = NULL;
    size_t count;
    put(f, "d e/deep/a.c", "");
    put(f, "\xC3\xBC", "");
    assert_int_equal(symlink("d e", at(f, "link")), 0);
    assert_int_equal(symlink("/nowhere", at(f, "d e/dangling")), 0);
    assert_int_equal(dfl_io_tree_read(f->root, &tree, NULL), DFL_OK);
    (void)dfl_io_tree_paths(tree, &count);
    assert_int_equal(count, 6);
    assert_int_equal(find(tree, "d e")->kind, DFL_PATH_DIRECTORY);
    assert_int_equal(find(tree, "d e/deep")->kind, DFL_PATH_DIRECTORY);
    assert_int_equal(find(tree, "d e/deep/a.c")->kind, DFL_PATH_FILE);
    assert_int_equal(find(tree, "\xC3\xBC")->kind, DFL_PATH_FILE);
    assert_int_equal(find(tree, "link")->kind, DFL_PATH_LINK);
    assert_true(dfl__eqz(find(tree, "link")->link, "d e"));
    assert_true(dfl__eqz(find(tree, "d e/dangling")->link, "/nowhere"));
    assert_int_equal(dfl_io_tree_unread(tree, 0, &count, NULL), DFL_E_ARG);
    dfl_io_tree_free(tree);
    dfl_io_tree_free(NULL);
}

static void an_empty_one_has_no_paths(void **state) {
    fixture *f = *state;
    dfl_io_tree *tree = NULL;
    size_t count = 1;
    assert_int_equal(dfl_io_tree_read(f->root, &tree, NULL), DFL_OK);
    assert_non_null(dfl_io_tree_paths(tree, &count)); /* known to be empty, not unknown */
    assert_int_equal(count, 0);
    dfl_io_tree_free(tree);
}

static void tells_what_it_cannot_list(void **state) {
    fixture *f = *state;
    dfl_io_tree *tree = NULL;
    dfl_io_error error = {0};
    size_t path = 0, count;
    assert_int_equal(dfl_io_tree_read(at(f, "none"), &tree, &error), DFL_E_IO);
    assert_non_null(strstr(error.message, "no such directory"));
    put(f, "file", "");
    assert_int_equal(dfl_io_tree_read(at(f, "file"), &tree, &error), DFL_E_IO);
    assert_non_null(strstr(error.message, "not a directory"));
    assert_null(tree);
    assert_int_equal(dfl_io_tree_read(NULL, &tree, &error), DFL_E_ARG);
    put(f, "closed/x", "");
    assert_int_equal(chmod(at(f, "closed"), 0), 0);
    assert_int_equal(dfl_io_tree_read(f->root, &tree, &error), DFL_OK);
    if (geteuid() != 0) { /* nothing is closed to root */
        assert_int_equal(dfl_io_tree_unread(tree, 0, &path, &error), DFL_OK);
        assert_true(dfl__eqz(dfl_io_tree_paths(tree, &count)[path].path, "closed"));
        assert_non_null(strstr(error.message, "permission denied"));
    }
    assert_int_equal(chmod(at(f, "closed"), 0700), 0);
    dfl_io_tree_free(tree);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, fixture_make, fixture_drop)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(lists_what_lies_in_it),
        TEST(an_empty_one_has_no_paths),
        TEST(tells_what_it_cannot_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
