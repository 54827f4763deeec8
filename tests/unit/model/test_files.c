/* test_files.c -- the paths of a context as a tree, and links.
 * Relies on cmocka.
 * Never touches a file system. */
#include "model/files.h"

#include "model/models.h"

static dfl_context_path file(const char *path) {
    return (dfl_context_path){dfl__str(path), {"", 0}, DFL_PATH_ANY, 0};
}

static dfl_context_path link_to(const char *path, const char *target) {
    return (dfl_context_path){dfl__str(path), dfl__str(target), DFL_PATH_LINK, 0};
}

static dfl_context_path of_kind(const char *path, uint32_t kind) {
    return (dfl_context_path){dfl__str(path), {"", 0}, kind, 0};
}

static void order(void **state) {
    (void)state;
    const dfl_context_path paths[] = {file("b"),     file("a.b"),   file("/a/z/"),
                                      file("./a/y"), file("../a/"), file("a"),
                                      file("a/y/x"), file("b"),     file(".")};
    static const struct {
        const char *path;
        uint32_t kind, end, level, given;
    } want[] = {
        {"", DFL_PATH_DIRECTORY, 7, 0, DFL_NO_PATH},
        {"a", DFL_PATH_DIRECTORY, 5, 0, 4},
        {"a/y", DFL_PATH_DIRECTORY, 4, 1, 3},
        {"a/y/x", DFL_PATH_FILE, 4, 2, 6},
        {"a/z", DFL_PATH_DIRECTORY, 5, 1, 2},
        {"a.b", DFL_PATH_FILE, 6, 0, 1},
        {"b", DFL_PATH_FILE, 7, 0, 0},
    };
    dfl__files files;
    assert_int_equal(dfl__files_make(&files, NULL, paths, COUNT(paths)), DFL_OK);
    assert_int_equal(files.items.count, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        const dfl__file *f = &files.items.items[i];
        assert_text(f->path, want[i].path);
        assert_int_equal(f->kind, want[i].kind);
        assert_int_equal(f->end, want[i].end);
        assert_int_equal(f->level, want[i].level);
        assert_int_equal(f->given, want[i].given);
    }
    dfl__files_free(&files);
}

static void refused(void **state) {
    (void)state;
    const dfl_context_path below_file[] = {of_kind("a", DFL_PATH_FILE), file("a/b")};
    const dfl_context_path below_link[] = {link_to("a", "b"), file("a/b")};
    const dfl_context_path no_kind[] = {of_kind("a", 4)};
    static const struct {
        size_t depth;
        dfl_status status;
    } depths[] = {{1024, DFL_OK}, {1025, DFL_E_LIMIT}};
    dfl__files files;
    assert_int_equal(dfl__files_make(&files, NULL, below_file, 2), DFL_E_ARG);
    dfl__files_free(&files);
    assert_int_equal(dfl__files_make(&files, NULL, below_link, 2), DFL_E_ARG);
    dfl__files_free(&files);
    assert_int_equal(dfl__files_make(&files, NULL, no_kind, 1), DFL_E_ARG);
    dfl__files_free(&files);
    for (size_t i = 0; i < COUNT(depths); i++) {
        char text[2 * 1025];
        for (size_t k = 0; k < depths[i].depth; k++)
            memcpy(text + 2 * k, "a/", 2);
        dfl_context_path deep = {{text, 2 * depths[i].depth}, {"", 0}, DFL_PATH_ANY, 0};
        assert_int_equal(dfl__files_make(&files, NULL, &deep, 1), depths[i].status);
        dfl__files_free(&files);
    }
}

static void length(void **state) {
    (void)state;
    static char text[65536];
    memset(text, 'a', sizeof text);
    for (size_t len = 65535; len <= 65536; len++) {
        dfl_context_path path = {{text, len}, {"", 0}, DFL_PATH_ANY, 0};
        dfl__files files;
        assert_int_equal(dfl__files_make(&files, NULL, &path, 1),
                         len == 65535 ? DFL_OK : DFL_E_LIMIT);
        dfl__files_free(&files);
    }
}

static const struct {
    const char *path, *found;
    dfl__resolved how;
} linked_paths[] = {
    {"", "", DFL__RESOLVED},
    {"d/f", "d/f", DFL__RESOLVED},
    {"l/f", "d/f", DFL__RESOLVED},
    {"l/up/l/up", "", DFL__RESOLVED},
    {"abs", "d/f", DFL__RESOLVED},
    {"x", "d/f", DFL__RESOLVED},
    {"away/f", "d/f", DFL__RESOLVED},
    {"no", NULL, DFL__RESOLVE_MISSING},
    {"d/f/x", NULL, DFL__RESOLVE_MISSING},
    {"o", NULL, DFL__RESOLVE_LINKS},
};

static void links(void **state) {
    (void)state;
    const dfl_context_path paths[] = {
        file("d/f"),
        link_to("l", "d"),
        link_to("d/up", ".."),
        link_to("abs", "/d/f"),
        link_to("x", "y"),
        link_to("y", "l/f"),
        link_to("o", "o"),
        link_to("away", "../../d"),
        link_to("no", "nowhere"),
    };
    dfl__files files;
    assert_int_equal(dfl__files_make(&files, NULL, paths, COUNT(paths)), DFL_OK);
    dfl__view view = {&files, 1, NULL, NULL};
    for (size_t i = 0; i < COUNT(linked_paths); i++) {
        uint32_t found;
        dfl__resolved how;
        assert_int_equal(dfl__files_resolve(view, dfl__str(linked_paths[i].path), &found, &how),
                         DFL_OK);
        assert_int_equal(how, linked_paths[i].how);
        if (linked_paths[i].found != NULL)
            assert_text(files.items.items[found].path, linked_paths[i].found);
    }
    view.all = 0; /* nothing is sent yet */
    assert_int_equal(dfl__files_find(view, dfl__str("d")), DFL__NO_FILE);
    assert_int_equal(dfl__files_find(view, dfl__str("")), 0);
    dfl__files_free(&files);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order),
        cmocka_unit_test(refused),
        cmocka_unit_test(length),
        cmocka_unit_test(links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
